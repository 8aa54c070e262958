"""The two tongues of OCPP: what a post of 1.6 or 2.0.1 says, as reports to `fleet.posts`, and how it is told things."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from ocpp.exceptions import OCPPError
from ocpp.routing import on
from ocpp.v16 import ChargePoint as Post16
from ocpp.v16 import call as call16
from ocpp.v16 import call_result as answer16
from ocpp.v201 import ChargePoint as Post201
from ocpp.v201 import call as call201
from ocpp.v201 import call_result as answer201
from sqlalchemy.orm import Session

from common import log
from common.db import Database
from fleet.electric import posts
from fleet.models import ChargingSession
from services.charge_orders import Order

T = TypeVar("T")
ANSWER_SECONDS = 10
HEARTBEAT_SECONDS = 60
ENERGY, LEVEL = "Energy.Active.Import.Register", "SoC"


class House:
    """Where reports go and what is told comes from: fleet's database, and word that something `changed`."""

    def __init__(self, database: Database, clock: Callable[[], datetime] | None = None):
        self.database = database
        self.now = clock or (lambda: datetime.now(UTC))
        self.changed = asyncio.Event()

    async def do(self, work: Callable[..., T], *given: Any, **named: Any) -> T:
        """`work(session, now, …)` in one write transaction, outside the event loop."""
        return await asyncio.to_thread(
            self.database.transact, lambda session: work(session, self.now(), *given, **named)
        )

    async def see(self, work: Callable[..., T]) -> T:
        """`work(session, now)` in one reading transaction."""

        def read() -> T:
            with self.database.reading() as session:
                return work(session, self.now())

        return await asyncio.to_thread(read)


class Speaker:
    """What both tongues share. `house` runs the reports and the loop that tells posts things."""

    id: str
    house: House
    _connection: Any

    async def hang_up(self) -> None:
        """End this connection: the post has opened another."""
        with contextlib.suppress(Exception):
            await self._connection.close(1000, "replaced")

    async def ask(self, message: Any) -> Any:
        """Send a call and wait for its answer; None when none came in time or it was an error."""
        try:
            return await self.call(message)  # type: ignore[attr-defined]
        except (TimeoutError, OCPPError, OSError) as failed:
            log.say("charge point gave no answer", level=30, code=self.id, why=str(failed)[:200])
            return None

    async def reserve(self, slot_id: int, plate: str, until: datetime) -> bool | None:
        """ReserveNow: whether it was accepted; None without an answer."""
        raise NotImplementedError

    async def cancel(self, slot_id: int) -> None:
        """CancelReservation."""
        raise NotImplementedError

    async def limit(self, order: Order) -> bool:
        """SetChargingProfile for a running session: whether it was accepted."""
        raise NotImplementedError

    async def start(self) -> None:
        """Listen until the connection ends."""
        raise NotImplementedError


def instant(text: str) -> datetime:
    """A timestamp as posts send it; without a zone it is UTC, as OCPP says."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def stamp(moment: datetime) -> str:
    """An instant as posts read it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def readings(meter_value: list[dict[str, Any]]) -> list[tuple[datetime, int | None, int | None]]:
    """(when, meter in Wh, battery in percent) of each sample that tells one of them. What cannot be read is passed over."""
    out = []
    for group in meter_value:
        wh = percent = None
        for sample in group.get("sampled_value", []):
            with contextlib.suppress(ValueError, TypeError):
                value = float(sample.get("value"))
                measured = sample.get("measurand") or ENERGY
                unit = sample.get("unit") or (sample.get("unit_of_measure") or {}).get("unit") or "Wh"
                if measured == ENERGY and not sample.get("phase"):
                    wh = round(value * (1000 if unit == "kWh" else 1))
                elif measured == LEVEL:
                    percent = round(value)
        if wh is not None or percent is not None:
            out.append((instant(group["timestamp"]), wh, percent))
    return out


def take_readings(
    session: Session, now: datetime, row: ChargingSession | None, found: list[tuple[datetime, int | None, int | None]]
) -> None:
    """Write readings down with their session; those of no known session are lost, as the post has none to name."""
    for when, wh, percent in found:
        if row is not None:
            posts.metered(session, now, row, meter_wh=wh, percent=percent, at_=when)


class Speaker16(Speaker, Post16):
    """OCPP 1.6."""

    def __init__(self, code: str, connection: Any, house: House):
        Post16.__init__(self, code, connection, response_timeout=ANSWER_SECONDS)
        self.house = house

    async def start(self) -> None:
        await Post16.start(self)

    @on("BootNotification")
    async def booted(self, **_told: Any) -> Any:
        await self.house.do(posts.heard, self.id)
        return answer16.BootNotification(stamp(self.house.now()), HEARTBEAT_SECONDS, "Accepted")

    @on("Heartbeat")
    async def beat(self) -> Any:
        await self.house.do(posts.heard, self.id)
        return answer16.Heartbeat(stamp(self.house.now()))

    @on("StatusNotification")
    async def status(self, connector_id: int, error_code: str, status: str, **told: Any) -> Any:
        if connector_id != 0 or status == "Faulted":
            await self.house.do(_status, self.id, status, told.get("info") or error_code)
            self.house.changed.set()
        return answer16.StatusNotification()

    @on("Authorize")
    async def authorize(self, id_tag: str) -> Any:
        car = await self.house.see(lambda session, _now: posts.tag_known(session, id_tag))
        return answer16.Authorize({"status": "Accepted" if car else "Invalid"})

    @on("StartTransaction")
    async def began(self, connector_id: int, id_tag: str, meter_start: int, timestamp: str, **_told: Any) -> Any:
        at = instant(timestamp)
        row = await self.house.do(
            posts.started, self.id, reference=None, tag=id_tag, meter_wh=meter_start, started_at=at
        )
        self.house.changed.set()
        return answer16.StartTransaction(row.id, {"status": "Accepted" if row.vehicle_id else "Invalid"})

    @on("MeterValues")
    async def measured(
        self, connector_id: int, meter_value: list[Any], transaction_id: int | None = None, **_told: Any
    ) -> Any:
        found = readings(meter_value)

        def note(session: Session, now: datetime) -> None:
            take_readings(session, now, posts.of(session, self.id, str(transaction_id)), found)

        await self.house.do(note)
        return answer16.MeterValues()

    @on("StopTransaction")
    async def stopped(
        self, meter_stop: int, timestamp: str, transaction_id: int, transaction_data: Any = None, **_told: Any
    ) -> Any:
        at, found = instant(timestamp), readings(transaction_data or [])

        def end(session: Session, now: datetime) -> None:
            if row := posts.of(session, self.id, str(transaction_id)):
                take_readings(session, now, row, found)
                posts.ended(session, now, row, meter_wh=meter_stop, ended_at=at)

        await self.house.do(end)
        self.house.changed.set()
        return answer16.StopTransaction()

    async def reserve(self, slot_id: int, plate: str, until: datetime) -> bool | None:
        answer = await self.ask(
            call16.ReserveNow(connector_id=1, expiry_date=stamp(until), id_tag=plate, reservation_id=slot_id)
        )
        return None if answer is None else answer.status == "Accepted"

    async def cancel(self, slot_id: int) -> None:
        await self.ask(call16.CancelReservation(reservation_id=slot_id))

    async def limit(self, order: Order) -> bool:
        profile = {
            "charging_profile_id": order.session_id, "transaction_id": order.session_id, "stack_level": 0,
            "charging_profile_purpose": "TxProfile", "charging_profile_kind": "Absolute",
            "charging_schedule": {
                "charging_rate_unit": "W", "start_schedule": stamp(order.starts_at),
                "charging_schedule_period": [{"start_period": at, "limit": watts} for at, watts in order.periods()],
            },
        }  # fmt: skip
        answer = await self.ask(call16.SetChargingProfile(connector_id=1, cs_charging_profiles=profile))
        return answer is not None and answer.status == "Accepted"


class Speaker201(Speaker, Post201):
    """OCPP 2.0.1."""

    def __init__(self, code: str, connection: Any, house: House):
        Post201.__init__(self, code, connection, response_timeout=ANSWER_SECONDS)
        self.house = house

    async def start(self) -> None:
        await Post201.start(self)

    @on("BootNotification")
    async def booted(self, **_told: Any) -> Any:
        await self.house.do(posts.heard, self.id)
        return answer201.BootNotification(stamp(self.house.now()), HEARTBEAT_SECONDS, "Accepted")

    @on("Heartbeat")
    async def beat(self, **_told: Any) -> Any:
        await self.house.do(posts.heard, self.id)
        return answer201.Heartbeat(stamp(self.house.now()))

    @on("StatusNotification")
    async def status(self, connector_status: str, **_told: Any) -> Any:
        await self.house.do(_status, self.id, connector_status, None)
        self.house.changed.set()
        return answer201.StatusNotification()

    @on("Authorize")
    async def authorize(self, id_token: dict[str, Any], **_told: Any) -> Any:
        car = await self.house.see(lambda session, _now: posts.tag_known(session, id_token["id_token"]))
        return answer201.Authorize({"status": "Accepted" if car else "Invalid"})

    @on("TransactionEvent")
    async def transaction(
        self, event_type: str, timestamp: str, transaction_info: dict[str, Any], id_token: dict[str, Any] | None = None,
        meter_value: list[Any] | None = None, **_told: Any,
    ) -> Any:  # fmt: skip
        at, number, found = instant(timestamp), transaction_info["transaction_id"], readings(meter_value or [])
        meters = [wh for _, wh, _ in found if wh is not None]
        tag = (id_token or {}).get("id_token", "")

        def note(session: Session, now: datetime) -> bool | None:
            row = posts.of(session, self.id, number)
            if row is None and event_type == "Started":
                row = posts.started(
                    session, now, self.id, reference=number, tag=tag, meter_wh=meters[0] if meters else 0, started_at=at
                )
            if row is None:
                return None
            take_readings(session, now, row, found)
            if transaction_info.get("charging_state") == "SuspendedEV":
                posts.suspended(session, now, self.id)
            if event_type == "Ended":
                posts.ended(session, now, row, meter_wh=meters[-1] if meters else None, ended_at=at)
            return row.vehicle_id is not None

        known = await self.house.do(note)
        if event_type != "Updated":
            self.house.changed.set()
        told = {"status": "Accepted" if known else "Invalid"} if id_token else None
        return answer201.TransactionEvent(id_token_info=told)

    @on("MeterValues")
    async def measured(self, evse_id: int, meter_value: list[Any], **_told: Any) -> Any:
        found = readings(meter_value)

        def note(session: Session, now: datetime) -> None:
            open_ = posts.open_at(session, posts.at(session, self.id))
            take_readings(session, now, open_[-1] if open_ else None, found)

        await self.house.do(note)
        return answer201.MeterValues()

    async def reserve(self, slot_id: int, plate: str, until: datetime) -> bool | None:
        token: Any = {"id_token": plate, "type": "Local"}
        answer = await self.ask(
            call201.ReserveNow(id=slot_id, expiry_date_time=stamp(until), id_token=token, evse_id=1)
        )
        return None if answer is None else answer.status == "Accepted"

    async def cancel(self, slot_id: int) -> None:
        await self.ask(call201.CancelReservation(reservation_id=slot_id))

    async def limit(self, order: Order) -> bool:
        profile: Any = {
            "id": order.session_id, "transaction_id": order.reference, "stack_level": 0,
            "charging_profile_purpose": "TxProfile", "charging_profile_kind": "Absolute",
            "charging_schedule": [{
                "id": order.session_id, "charging_rate_unit": "W", "start_schedule": stamp(order.starts_at),
                "charging_schedule_period": [{"start_period": at, "limit": watts} for at, watts in order.periods()],
            }],
        }  # fmt: skip
        answer = await self.ask(call201.SetChargingProfile(evse_id=1, charging_profile=profile))
        return answer is not None and answer.status == "Accepted"


def _status(session: Session, now: datetime, code: str, status: str, fault: str | None) -> None:
    posts.status(session, now, code, status, fault)
    if status == "SuspendedEV":
        posts.suspended(session, now, code)


PROTOCOLS: dict[str, Any] = {"ocpp2.0.1": Speaker201, "ocpp1.6": Speaker16}
