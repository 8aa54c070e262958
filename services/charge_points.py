"""What the charging posts talk to: OCPP 1.6 and 2.0.1 over WebSocket, in a process of its own.

A post connects to `/ocpp/<its code>` with basic authentication (code and the post's own password). Every report becomes
one transaction through the same functions as everything else (`fleet.posts`); nothing is kept here that a restart would
lose. Every few seconds the posts are told what follows from the database: reservations shortly before a slot, and the
power planned under the site's limit. `GET /healthz` says that it runs.
"""

import asyncio
import base64
import binascii
import contextlib
import os
import signal
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from common import log
from common.db import Database
from common.errors import Problem
from common.settings import Settings
from fleet.electric import charging_day, post_orders, posts
from fleet.models import ChargingSlot
from services import charge_orders
from services.charge_speech import PROTOCOLS, House, Speaker

TICK_SECONDS = 3.0
REPOWER_SECONDS = 60.0
PING_SECONDS = 20.0


class ChargePoints(House):
    """The endpoint: one `Speaker` for each connected post."""

    def __init__(self, database: Database, *, tick: float = TICK_SECONDS, clock: Callable[[], datetime] | None = None):
        super().__init__(database, clock)
        self.tick = tick
        self.speakers: dict[str, Speaker] = {}
        self.told: dict[int, str] = {}
        self.sent: dict[int, list[float]] = {}

    # --- who comes in -------------------------------------------------------------------------------------------

    async def admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Before the handshake: health, an unknown address, a wrong password. None lets the post in."""
        path = request.path.split("?")[0]
        if path in ("/healthz", "/readyz"):
            return connection.respond(HTTPStatus.OK, "ok\n")
        code = path.removeprefix("/ocpp/")
        if not path.startswith("/ocpp/") or not code or len(code) > 8:
            return connection.respond(HTTPStatus.NOT_FOUND, "no such post\n")
        user, secret = _basic(request.headers.get("Authorization", ""))
        known = await self.see(lambda session, _now: posts.known(session, code, secret))
        if user != code or not known:
            log.say("charge point refused", code=code)
            refused = connection.respond(HTTPStatus.UNAUTHORIZED, "who are you?\n")
            refused.headers["WWW-Authenticate"] = 'Basic realm="citykeys"'
            return refused
        return None

    async def serve_post(self, connection: ServerConnection) -> None:
        """One connection until it ends. A post that connects again takes the place of its old connection."""
        code = (connection.request.path if connection.request else "").split("?")[0].removeprefix("/ocpp/")
        kind = PROTOCOLS.get(connection.subprotocol or "")
        if kind is None:
            await connection.close(1002, "ocpp1.6 or ocpp2.0.1")
            return
        speaker = kind(code, connection, self)
        before = self.speakers.get(code)
        self.speakers[code] = speaker
        if before is not None:
            await before.hang_up()
        await self.do(posts.connected, code, connection.subprotocol)
        log.say("charge point connected", code=code, protocol=connection.subprotocol)
        self.changed.set()
        try:
            await speaker.start()
        except ConnectionClosed:
            pass
        finally:
            if self.speakers.get(code) is speaker:
                del self.speakers[code]
                with contextlib.suppress(Problem):
                    await self.do(posts.gone, code)
                log.say("charge point gone", code=code)

    # --- what the posts are told --------------------------------------------------------------------------------

    async def keep_telling(self) -> None:
        """Until cancelled: reservations that are due, those that are off, and the power of what is plugged in."""
        planned = 0.0
        loop = asyncio.get_running_loop()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.changed.wait(), self.tick)
            urgent = self.changed.is_set()
            self.changed.clear()
            try:
                await self.reserve_due()
                await self.cancel_off()
                if urgent or loop.time() - planned >= REPOWER_SECONDS:
                    await self.plan_power()
                    planned = loop.time()
                await self.send_power()
            except (Problem, OSError, TimeoutError) as passing:
                log.say("charge points: telling failed", level=30, why=str(passing))
            except Exception as bug:  # noqa: BLE001 - the posts must stay connected; the next tick tries again
                log.say("charge points: telling broke", level=40, why=repr(bug))

    async def reserve_due(self) -> None:
        """ReserveNow for every slot that is about to begin; one that is refused moves to another post."""
        for slot in await self.see(post_orders.due):
            speaker = self.speakers.get(slot.charger.code)
            if speaker is None:
                continue
            accepted = await speaker.reserve(slot.id, slot.vehicle.plate, slot.ends_at)
            if accepted is None:
                continue  # no answer: asked again at the next tick
            moved = await self.do(post_orders.reserved, slot.id, accepted)
            log.say("charge point asked to reserve", code=speaker.id, slot=slot.id, accepted=accepted)
            if accepted:
                self.told[slot.id] = speaker.id
            elif moved is not None and moved.charger.code != speaker.id:
                self.changed.set()

    async def cancel_off(self) -> None:
        """CancelReservation where the slot was cancelled, moved, or used."""
        for slot_id, code in list(self.told.items()):
            still = await self.see(lambda session, now, slot_id=slot_id: _still_reserved(session, now, slot_id))
            if still == code:
                continue
            speaker = self.speakers.get(code)
            if speaker is not None and still != "used":
                await speaker.cancel(slot_id)
            del self.told[slot_id]

    async def plan_power(self) -> None:
        """Power for all booked sessions anew; worked out beside the database, written in one short transaction."""
        powers = await self.see(charging_day.repower)
        if powers:
            await self.do(charging_day.set_power, powers)

    async def send_power(self) -> None:
        """SetChargingProfile where a running session's plan is another than the one its post has."""
        for order in await self.see(charge_orders.running):
            speaker = self.speakers.get(order.code)
            if speaker is None or self.sent.get(order.session_id) == order.kw:
                continue
            if await speaker.limit(order):
                self.sent[order.session_id] = order.kw


def _still_reserved(session: Any, now: datetime, slot_id: int) -> str:
    """The code of the post that keeps this slot's reservation; "used" once the car is plugged in, "" when it is off."""
    slot = session.get(ChargingSlot, slot_id)
    if slot is None or slot.state != "booked" or slot.ends_at <= now:
        return ""
    if any(row.slot_id == slot_id for row in posts.plugged(session)):
        return "used"
    return str(slot.charger.code)


def _basic(header: str) -> tuple[str, str]:
    kind, _, told = header.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        user, _, secret = base64.b64decode(told, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, secret


async def main(settings: Settings, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, or until the desk is gone."""
    database = Database(settings.database_url)
    points = ChargePoints(database)
    await points.do(lambda session, _now: posts.all_gone(session))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    ping = {"ping_interval": PING_SECONDS, "ping_timeout": PING_SECONDS}
    told: Any = {"subprotocols": list(PROTOCOLS), "process_request": points.admit, "max_size": 256 * 1024, **ping}
    async with serve(points.serve_post, host, port, **told):
        log.say("charge points listening", port=port)
        telling = asyncio.create_task(points.keep_telling())
        parent = os.getppid()
        while not stop.is_set() and os.getppid() == parent:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1.0)
        telling.cancel()
    database.dispose()


def run(settings: Settings) -> int:
    """The process: `python -m services fleet charge-points`."""
    asyncio.run(
        main(settings, os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("CHARGE_POINTS_PORT") or "8887"))
    )
    return 0
