"""A small pool to test with: three cars of different kinds, an electric one, two drivers, a few known places."""

from datetime import date, timedelta
from typing import Any

import pytest

from common.messages import Outbox
from common.period import taipei
from fleet import assigning, driving, trips
from fleet.models import Charger, Consumption, Driver, Place, Trip, Vehicle

DAY = date(2026, 11, 30)  # a Monday, seven days after NOW


def car(plate: str, kind: str = "sedan", seats: int = 5, **more: Any) -> Vehicle:
    """A plain car of agency 1."""
    told = {
        "powertrain": "petrol", "owner_agency_id": 1, "asset_number": plate, "bay": "B2-01", "brand": "Test", "year": 2022,
        "colour": "白", "odometer_km": 10_000, "state": "in_service",
    }  # fmt: skip
    return Vehicle(plate=plate, kind=kind, seats=seats, **(told | more))


def consumes(season: str, wh_per_km: int, model: str = "Test") -> Consumption:
    """What that model draws in a season."""
    since = date(2015, 1, 1)
    return Consumption(model=model, season=season, wh_per_km=wh_per_km, rule="V-76", sample=True, valid_from=since)


class Desk:
    """The pool and everyone's hands, for tests that need a trip in some state. `now` may be moved."""

    def __init__(self, session: Any, people: dict[str, Any], now: Any):
        self.session, self.people, self.now = session, people, now
        self.sedan, self.seven = car("TST-0001"), car("TST-0002", "seven_seater", 7)
        self.van = car("TST-0003", "van9", 9)
        self.electric = car("TST-0004", powertrain="electric", battery_kwh=60, charge_percent=80)
        self.driver = Driver(
            person_id=people["driver"].id, licence_class="small_pro", licence_expires_on=date(2030, 1, 1)
        )
        self.driver2 = Driver(
            person_id=people["driver2"].id, licence_class="small_pro", licence_expires_on=date(2030, 1, 1)
        )
        session.add_all([self.sedan, self.seven, self.van, self.electric, self.driver, self.driver2])
        session.add_all(
            [Charger(code="C01", power_kw=7, bay="B3-01"), Charger(code="C02", power_kw=7, bay="B3-02", state="faulty")]
        )
        session.add_all(
            [
                Place(name="市議會", name_en="City Council", km=2),
                Place(name="新竹高鐵站", name_en="Hsinchu HSR Station", km=78),
            ]
        )
        session.flush()

    def asked(self, who: str = "officer", starts: str = "09:00", ends: str = "10:00", **more: Any) -> Trip:
        told: dict[str, Any] = {
            "purpose_code": "meeting", "purpose": "協調會", "origin": "市政大樓", "destination": "市議會", "passengers": 3,
            "starts_at": taipei(DAY, starts), "ends_at": taipei(DAY, ends), "round_trip": True, "needs_driver": True,
            "vehicle_kind": None, "may_share": False, "urgent_reason": None,
        }  # fmt: skip
        return trips.request(self.session, self.people[who], self.now, **(told | more))

    def approved(self, who: str = "officer", starts: str = "09:00", ends: str = "10:00", **more: Any) -> Trip:
        trip = self.asked(who, starts, ends, **more)
        supervisor = self.people["supervisor" if who in ("officer", "staff") else "supervisor2"]
        return trips.approve(self.session, supervisor, self.now, trip)

    def assigned(
        self, starts: str = "09:00", ends: str = "10:00", vehicle: Any = None, driver: Any = None, **more: Any
    ) -> Trip:
        trip = self.approved(starts=starts, ends=ends, **more)
        return self.assign(trip, vehicle or self.sedan, driver or self.driver)

    def assign(self, trip: Trip, vehicle: Vehicle, driver: Driver | None) -> Trip:
        return assigning.assign(
            self.session,
            self.people["dispatcher"],
            self.now,
            trip,
            vehicle_id=vehicle.id,
            driver_id=driver.id if driver else None,
        )

    def accepted(self, starts: str = "09:00", ends: str = "10:00", **more: Any) -> Trip:
        trip = self.assigned(starts, ends, **more)
        return driving.accept(self.session, self.people["driver"], self.now, trip)

    def under_way(self, starts: str = "09:00", ends: str = "10:00", **more: Any) -> Trip:
        trip = self.accepted(starts, ends, **more)
        self.now = trip.starts_at
        return driving.start(self.session, self.people["driver"], self.now, trip, odometer_out=trip.vehicle.odometer_km)

    def finished(self, starts: str = "09:00", ends: str = "10:00", **more: Any) -> Trip:
        trip = self.under_way(starts, ends, **more)
        self.now = trip.ends_at - timedelta(minutes=5)
        return driving.finish(self.session, self.people["driver"], self.now, trip, odometer_in=trip.odometer_out + 8)


@pytest.fixture
def desk(session: Any, people: dict[str, Any], now: Any) -> Desk:
    return Desk(session, people, now)


@pytest.fixture
def facts(session: Any) -> Any:
    """The facts written so far, oldest first: (type without prefix, body)."""

    def read() -> list[tuple[str, dict[str, Any]]]:
        session.flush()
        rows = session.query(Outbox).order_by(Outbox.id)
        return [(row.type.removeprefix("fleet.").removesuffix(".v1"), row.data) for row in rows]

    return read
