"""Eighteen posts talk to the house, nine of OCPP 1.6 and nine of 2.0.1: they charge, break, repeat themselves, lose the line."""

import asyncio
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from websockets.asyncio.server import serve
from websockets.exceptions import InvalidStatus

from fleet.electric import charging, posts
from fleet.models import Charger, ChargingSession, ChargingSlot, Vehicle
from services.charge_points import ChargePoints
from services.charge_speech import PROTOCOLS
from tests.services.charging.posts_acting import Acting, Acting16, Acting201

SECRET = "a post's long password"


@pytest.fixture
def service_name() -> str:
    return "fleet"


@pytest.fixture
def stock(database: Any, people: Any) -> dict[str, int]:
    """Eighteen posts with their passwords, and as many electric cars."""
    with database.writing() as session:
        for n in range(1, 19):
            session.add(
                Charger(
                    code=f"C{n:02d}", power_kw=60 if n > 16 else 7, supply="dc" if n > 16 else "ac", bay=f"B3-{n:02d}"
                )
            )
            session.add(
                Vehicle(
                    plate=f"EAA-{n:04d}", kind="sedan", seats=5, powertrain="electric", owner_agency_id=1, asset_number=str(n), bay="B2",
                    brand="Nissan Leaf", year=2024, colour="白", battery_kwh=40, charge_percent=30, odometer_km=100, ac_kw=7, dc_kw=50,
                )
            )  # fmt: skip
        session.flush()
        now = datetime.now(UTC)
        dispatcher = session.merge(people["dispatcher"])
        for charger in session.scalars(select(Charger)):
            posts.renew_secret(session, dispatcher, now, charger.id, secret=SECRET)
        return {vehicle.plate: vehicle.id for vehicle in session.scalars(select(Vehicle))}


class House:
    """The endpoint under test, and the posts that talk to it."""

    def __init__(self, database: Any, people: Any):
        self.database, self.people = database, people
        self.points = ChargePoints(database, tick=0.1)
        self.url = ""
        self.acting: dict[str, Acting] = {}

    async def all_come(self, count: int = 18) -> None:
        for n in range(1, count + 1):
            kind = Acting16 if n % 2 else Acting201
            self.acting[f"C{n:02d}"] = await kind(f"C{n:02d}", self.url, SECRET).come()

    def read(self, work: Callable[[Any], Any]) -> Any:
        with self.database.reading() as session:
            return work(session)

    def post(self, code: str) -> Charger:
        return self.read(lambda session: session.scalars(select(Charger).where(Charger.code == code)).one())

    def sessions(self, code: str) -> list[ChargingSession]:
        query = (
            select(ChargingSession).join(Charger, Charger.id == ChargingSession.charger_id).where(Charger.code == code)
        )
        return self.read(lambda session: list(session.scalars(query.order_by(ChargingSession.id)).unique()))

    def book(
        self, code: str, vehicle_id: int, *, ahead: timedelta = timedelta(), hours: float = 1, by: str = "dispatcher"
    ) -> int:
        def work(session: Any) -> int:
            now = datetime.now(UTC)
            start = charging.quarter(now + ahead)
            slot = charging.book(
                session, session.merge(self.people[by]), now, charger_id=self.post(code).id, vehicle_id=vehicle_id,
                starts_at=start, ends_at=charging.quarter(start + timedelta(hours=hours)), target_percent=80,
            )  # fmt: skip
            return slot.id

        return self.database.transact(work)

    def slot(self, slot_id: int) -> ChargingSlot:
        return self.read(lambda session: session.get(ChargingSlot, slot_id))


def talk(database: Any, people: Any, scene: Callable[[House], Any], *, orders: bool = True) -> None:
    """Run `scene` against a listening endpoint; afterwards everybody hangs up."""

    async def run() -> None:
        house = House(database, people)
        admit = {"subprotocols": list(PROTOCOLS), "process_request": house.points.admit}
        async with serve(house.points.serve_post, "127.0.0.1", 0, **admit) as server:
            house.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ocpp"
            telling = asyncio.create_task(house.points.keep_telling()) if orders else None
            try:
                await asyncio.wait_for(scene(house), 90)
            finally:
                if telling:
                    telling.cancel()
                for post in house.acting.values():
                    await post.go()

    with ThreadPoolExecutor(1) as apart:  # this thread may have the browser's loop
        apart.submit(asyncio.run, run()).result()


async def soon(what: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Wait until `what` is true; fails when it never is."""
    for _ in range(int(seconds / 0.1)):
        if found := await asyncio.to_thread(what):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("it never came about")


def test_all_eighteen_posts_come_in_boot_and_are_seen(database, people, stock):
    async def scene(house: House) -> None:
        await house.all_come()
        for post in house.acting.values():
            await post.beat()
            await post.status("Available")
        found = house.read(lambda session: list(session.scalars(select(Charger))))
        assert all(post.connected and post.seen_at and post.reported == "Available" for post in found)
        assert sorted(post.protocol for post in found) == ["ocpp1.6"] * 9 + ["ocpp2.0.1"] * 9
        health = house.url.replace("ws://", "http://").replace("/ocpp", "/healthz")
        assert (await asyncio.to_thread(lambda: urllib.request.urlopen(health).status)) == 200

    talk(database, people, scene, orders=False)


def test_a_wrong_password_or_an_unknown_post_does_not_come_in(database, people, stock):
    async def scene(house: House) -> None:
        for code, secret in (("C01", "wrong"), ("C99", SECRET), ("C02", "")):
            with pytest.raises(InvalidStatus) as refused:
                await Acting16(code, house.url, secret).come()
            assert refused.value.response.status_code == 401
        assert not house.post("C01").connected

    talk(database, people, scene, orders=False)


@pytest.mark.parametrize("code", ["C01", "C02"], ids=["1.6", "2.0.1"])
def test_a_car_charges_and_its_energy_is_kept(database, people, stock, code):
    async def scene(house: House) -> None:
        await house.all_come(2)
        post, plate, at = house.acting[code], "EAA-0005", datetime.now(UTC) - timedelta(minutes=40)
        assert (await post.authorize(plate), await post.authorize("STRANGER")) == ("Accepted", "Invalid")
        await post.status("Charging" if code == "C01" else "Occupied")
        number = await post.begin(plate, 5_000, at)
        await post.meter(number, 7_500, 36, at + timedelta(minutes=20))
        await post.meter(
            number, 6_000, 33, at + timedelta(minutes=10)
        )  # one that was stuck on the way: older, changes nothing
        await post.end(number, 9_600, at + timedelta(minutes=39))
        await post.end(number, 9_600, at + timedelta(minutes=39))  # told twice
        (row,) = house.sessions(code)
        assert (row.kwh, row.percent, row.ended_at is not None, row.unplugged_at) == (4.6, 36, True, None)
        car = house.read(lambda session: session.get(Vehicle, row.vehicle_id))
        assert (car.plate, car.charge_percent, car.charge_source) == (plate, 36, "post")
        await post.status("Available")
        assert house.sessions(code)[0].unplugged_at is not None

    talk(database, people, scene, orders=False)


@pytest.mark.parametrize("code", ["C01", "C02"], ids=["1.6", "2.0.1"])
def test_a_start_that_is_told_twice_is_one_session(database, people, stock, code):
    async def scene(house: House) -> None:
        await house.all_come(2)
        at = datetime.now(UTC).replace(microsecond=0)
        first = await house.acting[code].begin("EAA-0003", 100, at)
        again = await house.acting[code].begin("EAA-0003", 100, at)
        assert first == again and len(house.sessions(code)) == 1

    talk(database, people, scene, orders=False)


def test_a_fault_takes_the_post_out_and_its_own_word_brings_it_back(database, people, stock):
    async def scene(house: House) -> None:
        await house.all_come(2)
        for code in ("C01", "C02"):
            await house.acting[code].status("Faulted", "GroundFailure")
            assert house.post(code).state == "faulty"
            await house.acting[code].status("Available")
            assert (house.post(code).state, house.post(code).fault) == ("in_service", None)

    talk(database, people, scene, orders=False)


def test_a_slot_that_begins_soon_is_reserved_at_its_post_and_taken_back_when_cancelled(database, people, stock):
    async def scene(house: House) -> None:
        await house.all_come(4)
        soon_, later = (
            house.book("C01", stock["EAA-0001"]),
            house.book("C02", stock["EAA-0002"], ahead=timedelta(hours=3)),
        )
        assert await soon(lambda: house.acting["C01"].reserved) == [(soon_, "EAA-0001")]
        await soon(lambda: house.slot(soon_).reserve == "accepted")
        assert house.acting["C02"].reserved == [] and house.slot(later).reserve == ""

        def cancel(session: Any) -> None:
            charging.cancel(session, session.merge(people["dispatcher"]), datetime.now(UTC), soon_)

        await asyncio.to_thread(database.transact, cancel)
        assert await soon(lambda: house.acting["C01"].cancelled) == [soon_]

    talk(database, people, scene)


def test_a_slot_that_its_post_refuses_moves_to_another_post(database, people, stock):
    async def scene(house: House) -> None:
        await house.all_come(3)
        house.acting["C01"].answers = "Occupied"
        slot_id = house.book("C01", stock["EAA-0001"])
        await soon(lambda: house.slot(slot_id).charger.code != "C01")
        moved = house.slot(slot_id)
        await soon(lambda: (slot_id, "EAA-0001") in house.acting[moved.charger.code].reserved)

    talk(database, people, scene)


def test_running_sessions_are_told_their_power_and_the_sum_stays_under_the_limit(database, people, stock):
    async def scene(house: House) -> None:
        await house.all_come()
        at = datetime.now(UTC)
        codes = list(house.acting)
        for n, code in enumerate(codes, 1):
            house.book(code, stock[f"EAA-{n:04d}"], hours=3)
        for n, code in enumerate(codes, 1):
            await house.acting[code].begin(f"EAA-{n:04d}", 0, at)
        await soon(lambda: all(post.profiles for post in house.acting.values()), 60)

        def planned() -> list[ChargingSlot]:
            """Every booked slot, once all have their power; a post may get its first profile before the last has come."""
            slots = house.read(
                lambda session: [slot for slot in session.scalars(select(ChargingSlot)) if slot.state == "booked"]
            )
            return slots if len(slots) == 18 and all(slot.plan is not None for slot in slots) else []

        slots = await soon(planned, 60)
        start = charging.quarter(at)
        for n in range(12):  # 16 × 7 + 2 × 50 kW would be 212; by day the contract is 120, by night 160
            assert sum(slot.kw_at(start + timedelta(minutes=15 * n)) for slot in slots) <= 160.05

    talk(database, people, scene)


def test_a_post_that_lost_the_line_is_offline_and_what_it_charged_meanwhile_comes_later(database, people, stock):
    async def scene(house: House) -> None:
        await house.all_come(2)
        at = datetime.now(UTC) - timedelta(hours=1)
        post = house.acting["C02"]
        number = await post.begin("EAA-0002", 0, at)
        await post.go()
        await soon(lambda: not house.post("C02").connected)
        found = house.read(lambda session: posts.conditions(session, [house.post("C02")], datetime.now(UTC)))
        assert found[house.post("C02").id].code == "offline"
        await post.come()
        await post.meter(number, 4_000, 50, at + timedelta(minutes=30))
        await post.end(number, 5_500, at + timedelta(minutes=50))
        (row,) = house.sessions("C02")
        assert house.post("C02").connected and (row.kwh, row.percent) == (5.5, 50)
        assert abs(row.ended_at - (at + timedelta(minutes=50))) < timedelta(seconds=1)

    talk(database, people, scene, orders=False)


def test_a_full_car_that_stays_is_an_overstay_and_its_keeper_is_told(database, people, stock):
    async def scene(house: House) -> None:
        await house.all_come(1)
        at = datetime.now(UTC) - timedelta(hours=2)
        slot_id = house.book("C01", stock["EAA-0001"], ahead=timedelta(minutes=-30), by="driver")
        number = await house.acting["C01"].begin("EAA-0001", 0, at + timedelta(hours=1, minutes=20))
        await house.acting["C01"].meter(number, 9_000, 100, at + timedelta(hours=1, minutes=30))
        stays = house.read(lambda session: posts.overstaying(session, datetime.now(UTC)))
        assert [(row.slot_id, row.vehicle.plate) for row in stays] == [(slot_id, "EAA-0001")]

        def tell(session: Any) -> Any:
            return posts.tell_driver(
                session, session.merge(people["dispatcher"]), datetime.now(UTC), stays[0].id
            ).told_at

        assert await asyncio.to_thread(database.transact, tell) is not None
        await house.acting["C01"].end(number, 9_000, datetime.now(UTC))
        await house.acting["C01"].status("Available")
        assert house.read(lambda session: posts.overstaying(session, datetime.now(UTC))) == []

    talk(database, people, scene, orders=False)


def test_a_new_process_knows_all_that_the_old_one_was_told(database, people, stock):
    at = datetime.now(UTC) - timedelta(minutes=20)
    numbers: dict[str, Any] = {}

    async def before(house: House) -> None:
        await house.all_come()
        for n, (code, post) in enumerate(house.acting.items(), 1):
            numbers[code] = await post.begin(f"EAA-{n:04d}", 1_000, at)

    async def after(house: House) -> None:
        await house.points.do(lambda session, _now: posts.all_gone(session))
        await house.all_come()
        for code, post in house.acting.items():
            await post.meter(numbers[code], 2_000, 40, at + timedelta(minutes=10))
            await post.end(numbers[code], 3_000, at + timedelta(minutes=19))
        rows = house.read(lambda session: list(session.scalars(select(ChargingSession))))
        assert len(rows) == 18 and {(row.kwh, row.percent) for row in rows} == {(2.0, 40)}
        assert all(row.ended_at and row.slot_id for row in rows)

    talk(database, people, before, orders=False)
    talk(database, people, after, orders=False)
