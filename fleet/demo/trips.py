"""A believable pool and several weeks of its life, placed through the same functions that people use.

Deterministic for one `now`: the dice are seeded.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.errors import Conflict
from common.identity import Agency, Person, with_role
from common.period import local, taipei, today
from fleet import assigning, driving, trips
from fleet.demo import city
from fleet.demo.charging import Posts, limits_of
from fleet.demo.city import ERRANDS, ErrandEntry
from fleet.models import Charger, Driver, Place, Trip, Vehicle
from fleet.trips import ask_of

SEED = 1150302
WEEKS_BACK, DAYS_AHEAD = 4, 12
STARTS = ("07:30", "08:00", "08:30", "09:00", "09:30", "10:00", "13:00", "13:30", "14:00", "14:30", "15:30", "18:00")
ORIGIN = "市政大樓 東側車道"
THROWS = 8


class City:
    """The demonstration being built: its dice and the rows it made."""

    def __init__(self, session: Session, now: datetime):
        self.session, self.now = session, now
        self.dice = random.Random(SEED)
        self.named = {person.username: person for person in session.scalars(select(Person))}
        self.dispatcher = self.named["dispatcher"]
        self.officers = [
            p for p in with_role(session, "officer") if not p.has("supervisor") and p.agency.kind == "city"
        ]
        self.supervisor = {p.agency_id: p for p in reversed(with_role(session, "supervisor"))}

    def build(self) -> None:
        """Cars, posts, drivers; then weeks past, today, days ahead."""
        self._pool()
        for day in self._workdays(-7 * WEEKS_BACK, 0):
            for _ in range(self.dice.randint(3, 5)):
                self._past_trip(day)
        self._for_the_demo_people()
        self._today()
        for day in self._workdays(1, DAYS_AHEAD):
            for _ in range(self.dice.randint(2, 5)):
                self._coming_trip(day)
        Posts(self.session, self.now, self.dispatcher).build()

    # --- the pool -----------------------------------------------------------------------------------------------

    def _pool(self) -> None:
        owners = {agency.code: agency.id for agency in self.session.scalars(select(Agency))}
        somewhere = min(owners.values())
        for n, car in enumerate(city.CARS, 1):
            age = local(self.now).year - car.year
            self.session.add(
                Vehicle(
                    plate=car.plate, kind=car.kind, seats=car.seats, powertrain=car.powertrain,
                    owner_agency_id=owners.get(car.owner, somewhere), asset_number=f"5010105-02-{n:04d}", bay=f"B2-{n:02d}",
                    brand=car.brand, year=car.year, colour=car.colour, battery_kwh=car.battery_kwh,
                    charge_percent=self.dice.randint(45, 95) if car.battery_kwh else None, **limits_of(car.brand),
                    odometer_km=4_000 + age * self.dice.randint(7_000, 12_000),
                    state="repair" if car.plate == "RCY-8780" else "in_service",
                )
            )  # fmt: skip
        for n, power in enumerate(city.CHARGERS, 1):
            self.session.add(
                Charger(code=f"C{n:02d}", power_kw=power, supply="dc" if power >= 40 else "ac", bay=f"B3-{n:02d}")
            )
        self.session.add_all(Place(**place._asdict()) for place in city.PLACES)
        for n, person in enumerate(with_role(self.session, "driver")):
            expires = today(self.now) + timedelta(days=self.dice.randint(90, 1600) if n != 7 else -12)
            self.session.add(
                Driver(
                    person_id=person.id,
                    licence_class=self.dice.choice(("small_pro", "small_pro", "large_pro", "small")),
                    licence_expires_on=expires,
                )
            )
        self.session.flush()
        self.drivers = {driver.person_id: driver for driver in self.session.scalars(select(Driver))}
        self.plates = {vehicle.plate: vehicle for vehicle in self.session.scalars(select(Vehicle))}
        kept = {self.named["driver"].id, self.named["driver2"].id}  # for their own jobs
        self.others = [
            driver for person_id, driver in self.drivers.items() if person_id not in kept and driver.on_roster
        ]

    # --- trips --------------------------------------------------------------------------------------------------

    def _past_trip(self, day: date) -> None:
        trip = self._asked(self.dice.choice(self.officers), day, self.dice.choice(STARTS), self.dice.choice(ERRANDS))
        fate = self.dice.random()
        if fate < 0.05:
            self._cancel(trip, trip.starts_at - timedelta(days=1), "會議改期")
            return
        self._approve(trip, trip.requested_at + timedelta(hours=self.dice.randint(1, 6)))
        if fate < 0.09:
            self._cancel(trip, trip.starts_at - timedelta(hours=self.dice.randint(1, 20)), "改用視訊會議")
            return
        if self._assign(trip, trip.requested_at + timedelta(hours=self.dice.randint(7, 12))):
            self._drive(trip, signed=fate < 0.96)

    def _coming_trip(self, day: date) -> None:
        trip = self._asked(self.dice.choice(self.officers), day, self.dice.choice(STARTS), self.dice.choice(ERRANDS))
        fate = self.dice.random()
        if fate < 0.2:
            return
        self._approve(trip, self._before_now(5))
        if fate > 0.45 and self._assign(trip, self._before_now(3)) and fate > 0.6:
            self._accept(trip, self._before_now(2))

    def _for_the_demo_people(self) -> None:
        """Something to see in every state for `officer`, `supervisor`, `dispatcher`, `driver` and `driver2`."""
        officer, officer2, driver, driver2 = (self.named[name] for name in ("officer", "officer2", "driver", "driver2"))
        ahead = list(self._workdays(1, DAYS_AHEAD))
        behind = list(self._workdays(-14, 0))

        done = self._asked(officer, behind[-1], "13:30", ERRANDS[3])
        self._approve(done, done.requested_at + timedelta(hours=2))
        if self._assign(done, done.requested_at + timedelta(hours=5), driver=driver):
            self._drive(done, signed=False)
        back = self._asked(officer, ahead[4], "09:00", ERRANDS[15])
        self._return(back, self._before_now(20), "用車事由不詳，請補上會議名稱與公文字號")
        self._asked(officer, ahead[3], "14:00", ERRANDS[5])
        queued = self._asked(officer, ahead[2], "13:30", ERRANDS[0])
        self._approve(queued, self._before_now(1))
        for day, clock, errand, who, accepted in (
            (ahead[0], "09:30", ERRANDS[4], driver, False),
            (ahead[1], "13:00", ERRANDS[10], driver, True),
            (ahead[0], "14:00", ERRANDS[12], driver2, True),
        ):
            trip = self._asked(officer if who is driver else officer2, day, clock, errand)
            self._approve(trip, self._before_now(9))
            if self._assign(trip, self._before_now(6), driver=who) and accepted:
                self._accept(trip, self._before_now(4))
        own = self._asked(officer2, ahead[2], "10:00", ERRANDS[6], needs_driver=False)
        self._approve(own, self._before_now(8))
        self._assign(own, self._before_now(2))

    def _today(self) -> None:
        """Today around the present hour: some back, some on the road, some about to leave, two new in the queue."""
        driver, driver2 = self.named["driver"], self.named["driver2"]
        on_road = self._around(-75, ERRANDS[10], self.named["officer2"], 3)
        if on_road and self._assign(on_road, on_road.requested_at + timedelta(hours=3), driver=driver2):
            self._accept(on_road, on_road.requested_at + timedelta(hours=4))
            self._start(on_road, on_road.starts_at)
        soon = self._around(100, ERRANDS[3], self.named["officer"], 3)
        if soon:
            self._assign(soon, self._before_now(1), driver=driver)
        for minutes, n in ((-240, 6), (-200, 8), (-150, 2), (-110, 14), (-90, 12), (-60, 4), (-45, 1)):
            trip = self._around(minutes, ERRANDS[n], self.dice.choice(self.officers))
            if trip and self._assign(trip, trip.requested_at + timedelta(hours=3)):
                self._drive(trip, signed=False) if trip.ends_at < self.now else self._leave(trip)
        for minutes, n in ((60, 9), (120, 1), (150, 13), (180, 6)):
            trip = self._around(minutes, ERRANDS[n], self.dice.choice(self.officers))
            if trip and self._assign(trip, self._before_now(2)) and n != 9:
                self._accept(trip, self._before_now(1))
        self._around(210, ERRANDS[4], self.dice.choice(self.officers))
        urgent = self._asked(
            self.dice.choice(self.officers),
            *self._clock(240),
            ERRANDS[11],
            asked_at=self._before_now(1),
            urgent_reason="臨時通報邊坡落石，需即刻會勘",
        )
        self._approve(urgent, self._before_now(0.5))

    # --- one step each, at an earlier instant -------------------------------------------------------------------

    def _asked(
        self,
        who: Person,
        day: date,
        clock: str,
        errand: ErrandEntry,
        *,
        needs_driver: bool = True,
        asked_at: datetime | None = None,
        urgent_reason: str | None = None,
    ) -> Trip:
        starts_at = taipei(day, clock)
        asked_at = asked_at or min(
            starts_at - timedelta(days=self.dice.randint(4, 9), hours=self.dice.randint(0, 5)), self._before_now(30)
        )
        return trips.request(
            self.session, who, asked_at, purpose_code=errand.purpose_code, purpose=errand.purpose, origin=ORIGIN,
            destination=errand.place, passengers=errand.passengers if needs_driver else min(errand.passengers, 4), starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=errand.hours), round_trip=True, needs_driver=needs_driver, vehicle_kind=None,
            may_share=self.dice.random() < 0.4, urgent_reason=urgent_reason,
        )  # fmt: skip

    def _around(self, minutes: int, errand: ErrandEntry, who: Person, hours: float | None = None) -> Trip:
        """A trip that leaves `minutes` from now on the quarter hour, asked for days ago and approved."""
        errand = errand._replace(hours=hours or errand.hours)
        trip = self._asked(who, *self._clock(minutes), errand)
        self._approve(trip, trip.requested_at + timedelta(hours=2))
        return trip

    def _approve(self, trip: Trip, at: datetime) -> None:
        trips.approve(self.session, self.supervisor[trip.agency_id], min(at, self.now), trip)

    def _return(self, trip: Trip, at: datetime, reason: str) -> None:
        trips.return_(self.session, self.supervisor[trip.agency_id], at, trip, reason=reason)

    def _cancel(self, trip: Trip, at: datetime, reason: str) -> None:
        who = self.session.get(Person, trip.requester_id)
        assert who is not None  # noqa: S101 - asked for by someone of this database
        trips.cancel(self.session, who, min(at, self.now), trip, reason=reason)

    def _assign(self, trip: Trip, at: datetime, driver: Person | None = None, leg: str | None = None) -> bool:
        """A car that fits, and a driver, by the dice as a busy desk would; False where none of the throws can be given."""
        fit = [each for each in self.plates.values() if each.state == "in_service" and ask_of(trip).fits(each.seats)]
        who = [self.drivers[driver.id]] if driver else self.others
        for _ in range(THROWS if fit else 0):
            driving_it = self.dice.choice(who).id if trip.needs_driver else None
            try:
                with self.session.begin_nested():
                    assigning.assign(
                        self.session, self.dispatcher, min(at, self.now), trip,
                        vehicle_id=self.dice.choice(fit).id, driver_id=driving_it, leg=leg,
                    )  # fmt: skip
            except Conflict:
                continue
            return True
        return False

    def _accept(self, trip: Trip, at: datetime) -> None:
        if trip.driver and trip.driver.person:
            driving.accept(self.session, trip.driver.person, min(at, self.now), trip)

    def _start(self, trip: Trip, at: datetime) -> None:
        assert trip.driver and trip.driver.person and trip.vehicle  # noqa: S101 - it was assigned
        driving.start(self.session, trip.driver.person, at, trip, odometer_out=trip.vehicle.odometer_km)

    def _leave(self, trip: Trip) -> None:
        self._accept(trip, (trip.assigned_at or self.now) + timedelta(hours=1))
        self._start(trip, trip.starts_at)

    def _drive(self, trip: Trip, *, signed: bool) -> None:
        self._leave(trip)
        assert trip.driver and trip.driver.person and trip.odometer_out is not None  # noqa: S101 - it was started
        back = trip.ends_at - timedelta(minutes=self.dice.randint(0, 40))
        charge = self.dice.randint(42, 90) if trip.vehicle and trip.vehicle.electric else None
        driven = max(3, trip.distance_km + self.dice.randint(-3, 6))
        driving.finish(
            self.session, trip.driver.person, back, trip, odometer_in=trip.odometer_out + driven, charge_percent=charge
        )
        if signed:
            who = self.session.get(Person, trip.requester_id)
            assert who is not None  # noqa: S101 - asked for by someone of this database
            trips.sign_off(self.session, who, min(back + timedelta(hours=self.dice.randint(1, 20)), self.now), trip)

    def _before_now(self, hours: float) -> datetime:
        return self.now - timedelta(hours=hours)

    def _clock(self, minutes: int) -> tuple[date, str]:
        """The local day and quarter hour `minutes` from now."""
        moment = local(self.now + timedelta(minutes=minutes))
        return moment.date(), f"{moment.hour:02d}:{moment.minute // 15 * 15:02d}"

    def _workdays(self, first: int, last: int) -> Iterator[date]:
        """Weekdays from `first` days from today until `last`, the last not included."""
        for n in range(first, last):
            day = today(self.now) + timedelta(days=n)
            if day.weekday() < 5:
                yield day
