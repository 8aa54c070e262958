"""Charging posts played by clients of the same OCPP library: they boot, take reservations, charge, break and lose the line."""

import asyncio
import base64
from datetime import UTC, datetime
from typing import Any

from ocpp.routing import on
from ocpp.v16 import ChargePoint as Post16
from ocpp.v16 import call as call16
from ocpp.v16 import call_result as answer16
from ocpp.v201 import ChargePoint as Post201
from ocpp.v201 import call as call201
from ocpp.v201 import call_result as answer201
from websockets.asyncio.client import connect


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def basic(code: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{code}:{secret}".encode()).decode()}


class Acting:
    """One post: what it was told, and how it answers reservations (`answers`)."""

    protocol = ""

    def __init__(self, code: str, url: str, secret: str):
        self.code, self.url, self.secret = code, url, secret
        self.reserved: list[tuple[int, str]] = []
        self.cancelled: list[int] = []
        self.profiles: list[Any] = []
        self.answers = "Accepted"
        self.line: Any = None
        self.post: Any = None
        self.listening: Any = None

    async def come(self) -> "Acting":
        self.line = await connect(
            f"{self.url}/{self.code}", subprotocols=[self.protocol], additional_headers=basic(self.code, self.secret)
        )
        self.post = self.made()
        self.listening = asyncio.create_task(self.post.start())
        await self.boot()
        return self

    async def go(self) -> None:
        await self.line.close()
        self.listening.cancel()

    def made(self) -> Any:
        raise NotImplementedError

    async def boot(self) -> Any:
        raise NotImplementedError


class Acting16(Acting):
    protocol = "ocpp1.6"

    def made(self) -> Any:
        me = self

        class Post(Post16):
            @on("ReserveNow")
            async def reserve(self, reservation_id: int, id_tag: str, **_told: Any) -> Any:
                me.reserved.append((reservation_id, id_tag))
                return answer16.ReserveNow(me.answers)

            @on("CancelReservation")
            async def cancel(self, reservation_id: int) -> Any:
                me.cancelled.append(reservation_id)
                return answer16.CancelReservation("Accepted")

            @on("SetChargingProfile")
            async def profile(self, connector_id: int, cs_charging_profiles: Any) -> Any:
                me.profiles.append(cs_charging_profiles["charging_schedule"]["charging_schedule_period"])
                return answer16.SetChargingProfile("Accepted")

        return Post(self.code, self.line)

    async def boot(self) -> Any:
        return await self.post.call(call16.BootNotification("M", "V"))

    async def beat(self) -> Any:
        return await self.post.call(call16.Heartbeat())

    async def status(self, status: str, error: str = "NoError") -> Any:
        return await self.post.call(call16.StatusNotification(1, error, status))

    async def authorize(self, tag: str) -> str:
        return (await self.post.call(call16.Authorize(tag))).id_tag_info["status"]

    async def begin(self, tag: str, wh: int, at: datetime) -> Any:
        answer = await self.post.call(call16.StartTransaction(1, tag, wh, stamp(at)))
        return answer.transaction_id

    async def meter(self, number: Any, wh: int, percent: int, at: datetime) -> Any:
        samples = [{"value": str(wh)}, {"value": str(percent), "measurand": "SoC", "unit": "Percent"}]
        return await self.post.call(call16.MeterValues(1, [{"timestamp": stamp(at), "sampledValue": samples}], number))

    async def end(self, number: Any, wh: int, at: datetime) -> Any:
        return await self.post.call(call16.StopTransaction(wh, stamp(at), number))


class Acting201(Acting):
    protocol = "ocpp2.0.1"

    def made(self) -> Any:
        me = self

        class Post(Post201):
            @on("ReserveNow")
            async def reserve(self, id: int, id_token: Any, **_told: Any) -> Any:  # noqa: A002 - OCPP's own name
                me.reserved.append((id, id_token["id_token"]))
                return answer201.ReserveNow(me.answers)

            @on("CancelReservation")
            async def cancel(self, reservation_id: int) -> Any:
                me.cancelled.append(reservation_id)
                return answer201.CancelReservation("Accepted")

            @on("SetChargingProfile")
            async def profile(self, evse_id: int, charging_profile: Any) -> Any:
                me.profiles.append(charging_profile["charging_schedule"][0]["charging_schedule_period"])
                return answer201.SetChargingProfile("Accepted")

        return Post(self.code, self.line)

    async def boot(self) -> Any:
        return await self.post.call(call201.BootNotification({"model": "M", "vendor_name": "V"}, "PowerUp"))

    async def beat(self) -> Any:
        return await self.post.call(call201.Heartbeat())

    async def status(self, status: str, error: str = "") -> Any:
        return await self.post.call(call201.StatusNotification(stamp(datetime.now(UTC)), status, 1, 1))

    async def authorize(self, tag: str) -> str:
        return (await self.post.call(call201.Authorize({"id_token": tag, "type": "Local"}))).id_token_info["status"]

    async def begin(self, tag: str, wh: int, at: datetime) -> Any:
        number = f"tx-{self.code}-{int(at.timestamp())}"
        await self.event("Started", number, wh, None, at, tag)
        return number

    async def meter(self, number: Any, wh: int, percent: int, at: datetime) -> Any:
        return await self.event("Updated", number, wh, percent, at)

    async def end(self, number: Any, wh: int, at: datetime) -> Any:
        return await self.event("Ended", number, wh, None, at)

    async def event(
        self, kind: str, number: str, wh: int, percent: int | None, at: datetime, tag: str | None = None
    ) -> Any:
        samples: list[Any] = [{"value": float(wh), "measurand": "Energy.Active.Import.Register"}]
        if percent is not None:
            samples.append({"value": float(percent), "measurand": "SoC"})
        token: Any = {"id_token": tag, "type": "Local"} if tag else None
        return await self.post.call(
            call201.TransactionEvent(
                kind, stamp(at), "Authorized", 0, {"transaction_id": number}, evse={"id": 1}, id_token=token,
                meter_value=[{"timestamp": stamp(at), "sampled_value": samples}],
            )
        )  # fmt: skip
