"""A trip from request to sign-off: its states (V-31), who may do what, and what happened to it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, JsonValue, Revised
from common.errors import Conflict, Forbidden, NotFound
from common.identity import Agency, Person
from common.period import Period, local
from common.words import Words
from fleet.models.assets import Driver, Vehicle
from fleet.models.base import Base, one_of
from fleet.models.series import Series
from fleet.terms import LEGS, PURPOSES, REACHED_BY, STATUSES

HOLDING = ("assigned", "assigned_one_way", "accepted", "under_way")
"""States in which the ledger holds a car for the trip."""

BEFORE_LEAVING = ("submitted", "approved", "returned", "fully_booked", "assigned", "assigned_one_way", "accepted")

REQUESTING_ROLES = ("officer", "supervisor", "dispatcher", "venue_officer", "dorm_officer", "staff", "admin")
"""Who may ask for a car: people in a city agency's service (V-12). Outside bodies may not."""

STEPS: dict[str, tuple[Words, tuple[str, ...]]] = {  # what may be done, and from which states
    "approve": (Words("核可", "be approved"), ("submitted",)),
    "return": (Words("退回", "be sent back"), ("submitted",)),
    "assign": (Words("派車", "be assigned"), ("approved", "fully_booked", "assigned", "assigned_one_way", "accepted")),
    "answer_full": (Words("答覆已派滿", "be answered as fully booked"), ("approved",)),
    "reopen": (Words("恢復派車", "be put back into the queue"), ("fully_booked",)),
    "merge": (Words("併單", "be merged"), ("approved", "fully_booked", "assigned", "assigned_one_way", "accepted")),
    "unmerge": (Words("拆單", "be taken apart"), ("merged",)),
    "no_show": (Words("登記使用人未到", "be noted as a no-show"), ("assigned", "assigned_one_way", "accepted")),
    "change": (Words("異動", "be changed"), BEFORE_LEAVING),
    "cancel": (Words("取消", "be cancelled"), (*BEFORE_LEAVING, "merged")),
    "accept": (Words("接單", "be accepted"), ("assigned", "assigned_one_way")),
    "decline": (Words("回覆無法出車", "be declined"), ("assigned", "assigned_one_way", "accepted")),
    "start": (Words("出車", "start"), ("accepted",)),
    "finish": (Words("回報完成", "be finished"), ("under_way",)),
    "sign_off": (Words("簽證", "be signed off"), ("finished",)),
}


class WrongState(Conflict):
    """The trip stands in a state from which this step does not lead."""


class Trip(Revised, Base):
    """One dispatch order 派車單 (V-30). Times are the approved ones; the actual ones are in `started_at`, `finished_at`."""

    __tablename__ = "trip"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("passengers BETWEEN 1 AND 99", name="passengers_counted"),
        CheckConstraint("odometer_in IS NULL OR odometer_in >= odometer_out", name="odometer_never_runs_back"),
        CheckConstraint(one_of("status", STATUSES), name="status_known"),
        CheckConstraint(one_of("purpose_code", PURPOSES), name="purpose_known"),
        CheckConstraint(f"vehicle_id IS NOT NULL OR status NOT IN {HOLDING}", name="a_car_from_assignment_on"),
        CheckConstraint("merged_into_id IS NOT NULL OR status <> 'merged'", name="merged_into_another"),
        CheckConstraint(one_of("leg", LEGS), name="leg_known"),
        CheckConstraint(one_of("reached_by", REACHED_BY), name="reached_by_known"),
        CheckConstraint("(car_starts_at IS NULL) = (car_ends_at IS NULL)", name="car_time_whole"),
        CheckConstraint("car_starts_at < car_ends_at", name="car_time_runs_forward"),
        Index("ix_trip_status_starts_at", "status", "starts_at"),
        Index("ix_trip_agency_id_starts_at", "agency_id", "starts_at"),
        Index("ix_trip_requester_id_starts_at", "requester_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(20), default="submitted")
    requester_id: Mapped[int] = mapped_column(BigId)
    agency_id: Mapped[int] = mapped_column(BigId)
    purpose_code: Mapped[str] = mapped_column(String(16))
    purpose: Mapped[str] = mapped_column(String(100))
    origin: Mapped[str] = mapped_column(String(100))
    destination: Mapped[str] = mapped_column(String(100))
    passengers: Mapped[int]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime] = mapped_column(index=True)
    round_trip: Mapped[bool] = mapped_column(Boolean, default=True)
    needs_driver: Mapped[bool] = mapped_column(Boolean, default=True)
    vehicle_kind: Mapped[str | None] = mapped_column(String(16))
    may_share: Mapped[bool] = mapped_column(Boolean, default=False)
    urgent_reason: Mapped[str | None] = mapped_column(String(200))
    recorded_late: Mapped[bool] = mapped_column(Boolean, default=False)
    distance_km: Mapped[int]

    approver_id: Mapped[int | None] = mapped_column(BigId)
    dispatcher_id: Mapped[int | None] = mapped_column(BigId)
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id"), index=True)
    driver_id: Mapped[int | None] = mapped_column(ForeignKey("driver.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("trip.id"), index=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("trip_series.id"), index=True)
    beside_id: Mapped[int | None] = mapped_column(ForeignKey("trip.id"))
    capacity_held: Mapped[bool] = mapped_column(Boolean, default=False)
    leg: Mapped[str | None] = mapped_column(String(4))
    car_starts_at: Mapped[datetime | None]
    car_ends_at: Mapped[datetime | None]
    km_saved: Mapped[int | None]
    no_show: Mapped[bool] = mapped_column(Boolean, default=False)
    reached_at: Mapped[datetime | None]
    reached_by: Mapped[str | None] = mapped_column(String(12))
    reasons: Mapped[list[Any]] = mapped_column(JsonValue, default=list)
    answer: Mapped[str | None] = mapped_column(Text)
    late_cancel: Mapped[bool] = mapped_column(Boolean, default=False)
    odometer_out: Mapped[int | None]
    odometer_in: Mapped[int | None]

    requested_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    assigned_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    signed_off_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    flagged_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]

    requester: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Trip.requester_id) == Person.id, viewonly=True
    )
    agency: Mapped[Agency | None] = relationship(
        Agency, primaryjoin=lambda: foreign(Trip.agency_id) == Agency.id, viewonly=True
    )
    vehicle: Mapped[Vehicle | None] = relationship()
    driver: Mapped[Driver | None] = relationship()
    merged_into: Mapped["Trip | None"] = relationship(
        foreign_keys=[merged_into_id], remote_side=[id], back_populates="riders"
    )
    riders: Mapped[list["Trip"]] = relationship(
        foreign_keys=[merged_into_id], back_populates="merged_into", order_by=lambda: Trip.starts_at
    )
    series: Mapped[Series | None] = relationship(back_populates="trips")
    events: Mapped[list["TripEvent"]] = relationship(order_by="TripEvent.id", back_populates="trip")
    deliveries: Mapped[list["TripDelivery"]] = relationship(order_by="TripDelivery.changed_at", viewonly=True)

    # --- questions ---------------------------------------------------------------------------------------------

    @property
    def holder(self) -> str:
        """The trip's name in the reservation ledger."""
        return f"trip:{self.id}"

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)

    @property
    def car_period(self) -> Period:
        """When car and driver are needed: the approved time, one leg of it (V-31), or longer for those who ride along (V-20)."""
        return Period(self.car_starts_at or self.starts_at, self.car_ends_at or self.ends_at)

    @property
    def aboard(self) -> int:
        """Everyone in the car at its fullest but its driver: the own party and those who ride along."""
        legs = [sum(rider.passengers for rider in self.riders if rider.leg in (None, leg)) for leg in LEGS]
        return self.passengers + max(legs)

    @property
    def can_go_one_way(self) -> bool:
        """Whether a car may serve one way of it alone (V-31): a round trip with a driver and nobody riding along."""
        return self.needs_driver and self.round_trip and not self.riders

    @property
    def carried_by(self) -> "Trip":
        """The trip whose car and driver serve this one: itself, or the one it was merged into."""
        return self.merged_into or self

    @property
    def status_words(self) -> Words:
        if self.leg and self.status in ("assigned", "assigned_one_way", "accepted", "merged"):
            return Words("{state}·{leg}", "{state}, {leg}").fill(
                state=STATUSES["merged" if self.status == "merged" else self.status].words, leg=LEGS[self.leg]
            )
        if self.status == "assigned" and not self.needs_driver:
            return Words("已派車", "Confirmed")
        return STATUSES[self.status].words

    @property
    def tone(self) -> str:
        if self.status == "assigned" and not self.needs_driver:
            return "ok"
        return STATUSES[self.status].tone

    @property
    def purpose_words(self) -> Words:
        return PURPOSES[self.purpose_code]

    @property
    def holds_car(self) -> bool:
        """Whether the ledger holds a car for it."""
        return self.status in HOLDING

    @property
    def over(self) -> bool:
        return self.status in ("signed_off", "cancelled")

    @property
    def distance_driven(self) -> int | None:
        """Kilometres on the odometer between leaving and coming back."""
        if self.odometer_out is None or self.odometer_in is None:
            return None
        return self.odometer_in - self.odometer_out

    def can_see(self, person: Person) -> bool:
        """Dispatch and audit see all; officers and supervisors their agency's; a driver the own jobs and who rides along in
        them; outside bodies none."""
        if person.has("dispatcher", "admin", "auditor") or person.id == self.requester_id:
            return True
        if person.has("officer", "supervisor") and person.agency_id == self.agency_id:
            return True
        driver = self.carried_by.driver
        return driver is not None and driver.person_id == person.id

    @classmethod
    def visible_to(cls, person: Person) -> ColumnElement[bool]:
        """`can_see` as a condition for queries."""
        if person.has("dispatcher", "admin", "auditor"):
            return true()
        mine = [cls.requester_id == person.id]
        if person.has("officer", "supervisor"):
            mine.append(cls.agency_id == person.agency_id)
        if person.has("driver"):
            own = select(Driver.id).where(Driver.person_id == person.id)
            carrying = Trip.__table__.alias()
            mine.append(cls.driver_id.in_(own))
            mine.append(cls.merged_into_id.in_(select(carrying.c.id).where(carrying.c.driver_id.in_(own))))
        return or_(false(), *mine)

    def may(self, step: str, person: Person) -> bool:
        """Whether this person, by who they are, may do `step` (whatever the trip's state)."""
        desk = person.has("dispatcher", "admin")
        mine = person.id == self.requester_id
        drives = (self.driver is not None and self.driver.person_id == person.id) if self.needs_driver else mine
        if step in ("approve", "return"):  # V-12: the own unit's supervisor, never the own request
            return person.has("supervisor") and person.agency_id == self.agency_id and not mine
        if step in ("assign", "answer_full", "reopen", "merge", "unmerge", "no_show"):
            return desk
        if step in ("change", "sign_off"):
            return mine
        if step == "cancel":
            return mine or desk or (person.has("supervisor") and person.agency_id == self.agency_id)
        if step in ("accept", "decline"):
            return drives and self.needs_driver
        return drives or desk  # start, finish: the manager may register what a driver reports by phone (V-13)

    def stands_for(self, step: str) -> bool:
        """Whether the trip's state allows `step`."""
        if self.status == "merged" and self.carried_by.status not in BEFORE_LEAVING:
            return False  # the shared car has left: only signing off remains, and that comes with its return
        if step == "start" and not self.needs_driver and self.status == "assigned":
            return True  # the requester drives, nobody has to accept
        if step == "finish" and self.recorded_late and self.status in HOLDING:
            return True  # 補單: it was driven before it was written down
        return self.status in STEPS[step][1]

    def can(self, step: str, person: Person) -> bool:
        """Whether to offer `step` to this person now."""
        return self.may(step, person) and self.stands_for(step)

    def require(self, step: str, person: Person) -> None:
        """Raises NotFound, Forbidden or WrongState unless this person can do `step` now."""
        if not self.can_see(person):
            raise NotFound
        if not self.may(step, person):
            raise Forbidden
        if not self.stands_for(step):
            raise WrongState(
                Words("這趟目前是「{status}」，不能{step}。", "This trip is “{status}” and cannot {step}.").fill(
                    status=self.status_words, step=STEPS[step][0]
                )
            )

    def shows_driver(self, person: Person, now: datetime) -> bool:
        """Whether the driver's name and phone are shown: from assignment until the day after (ux.md §5.2); to dispatch always."""
        driver = self.carried_by.driver
        if driver is None:
            return False
        if person.has("dispatcher", "admin") or driver.person_id == person.id:
            return True
        until = local(self.ends_at).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
        return self.can_see(person) and not person.has("auditor") and self.status != "cancelled" and now < until

    # --- changes of its own state ------------------------------------------------------------------------------

    def approve(self, approver: Person, now: datetime) -> None:
        self.status, self.approver_id, self.approved_at, self.answer = "approved", approver.id, now, None

    def send_back(self, approver: Person, reason: str) -> None:
        self.status, self.approver_id, self.answer = "returned", approver.id, reason

    def give(
        self, vehicle: Vehicle, driver: Driver | None, dispatcher: Person, reasons: list[Words], now: datetime
    ) -> None:
        """A car, and a driver where one is needed; a new driver has to accept anew."""
        if self.status != "accepted" or driver is not self.driver:
            self.status, self.accepted_at = "assigned_one_way" if self.leg else "assigned", None
        self.vehicle, self.driver, self.dispatcher_id, self.assigned_at = vehicle, driver, dispatcher.id, now
        self.reasons = [{"zh": reason.zh, "en": reason.en} for reason in reasons]
        self.answer = self.reminded_at = self.flagged_at = None
        self.capacity_held = False

    def give_back(self) -> None:
        """Without car and driver, back in the dispatcher's queue, for the whole way."""
        self.status, self.vehicle, self.driver, self.reasons = "approved", None, None, []
        self.assigned_at = self.accepted_at = self.reminded_at = self.flagged_at = None
        self.need_car(None)

    def need_car(self, leg: str | None, period: Period | None = None) -> None:
        """Car and driver are needed for one `leg` or (None) all of it, in `period` where that is not the approved time."""
        self.leg = leg
        differs = period is not None and period != self.period
        self.car_starts_at, self.car_ends_at = (
            (period.starts_at, period.ends_at) if differs and period else (None, None)
        )

    def merge_into(self, keeper: "Trip", leg: str | None, reason: str, km_saved: int) -> None:
        """Rides along in `keeper`'s car from now on, both ways or one `leg`; the own car is gone (V-20, V-31)."""
        self.give_back()
        self.status, self.merged_into, self.answer = "merged", keeper, reason
        self.leg, self.km_saved, self.capacity_held = leg, km_saved, False

    def leave_merge(self) -> None:
        """Its own trip again, waiting for a car."""
        self.give_back()
        self.merged_into, self.km_saved, self.answer = None, None, None

    def answer_full(self, dispatcher: Person, reason: str) -> None:
        self.status, self.dispatcher_id, self.answer = "fully_booked", dispatcher.id, reason

    def cancel(self, reason: str | None, *, late: bool, now: datetime) -> None:
        self.status, self.answer, self.late_cancel, self.cancelled_at = "cancelled", reason, late, now

    def accept(self, now: datetime) -> None:
        self.status, self.accepted_at = "accepted", now

    def start(self, odometer_out: int, now: datetime) -> None:
        self.status, self.odometer_out, self.started_at = "under_way", odometer_out, now

    def finish(self, odometer_out: int, odometer_in: int, now: datetime) -> None:
        self.status, self.odometer_out, self.odometer_in, self.finished_at = "finished", odometer_out, odometer_in, now

    def sign_off(self, now: datetime) -> None:
        self.status, self.signed_off_at = "signed_off", now


class TripEvent(Base):
    """What happened to a trip: what, by whom (None: the house itself), when, in whose words. Never changed."""

    __tablename__ = "trip_event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"), index=True)
    what: Mapped[str] = mapped_column(String(20))
    who_id: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[datetime]
    note: Mapped[str | None] = mapped_column(Text)
    trip: Mapped[Trip] = relationship(back_populates="events")
    who: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(TripEvent.who_id) == Person.id, viewonly=True
    )


class TripDelivery(Base):
    """How far messenger got with telling one person about a trip, as it reports it."""

    __tablename__ = "trip_delivery"
    __table_args__ = (UniqueConstraint("trip_id", "person_id", "channel"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"), index=True)
    person_id: Mapped[int] = mapped_column(BigId)
    channel: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    changed_at: Mapped[datetime]
