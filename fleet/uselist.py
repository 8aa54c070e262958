"""The monthly list of use 使用清冊 (V-24): every trip that came back in a month, of one agency or all, to print and submit."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from common.errors import Forbidden
from common.identity import Agency, Person
from common.period import Period, add_months, local, taipei
from common.words import Words
from fleet.models import Trip

LISTED = ("finished", "signed_off")
WIDE = ("dispatcher", "admin", "auditor")
READERS = ("officer", "supervisor", *WIDE)
SAME_DAY = Words("當日", "same day")
NOT_FILED = Words("未簽證", "not signed")


@dataclass(frozen=True)
class Line:
    """One trip of the list. `km` and odometer stand on the order whose car it was; who rode along has 0."""

    trip: Trip

    @property
    def km(self) -> int:
        return self.trip.distance_driven or 0

    @property
    def same_day(self) -> bool:
        """Whether the user filed the record on the day the car came back, as V-24 asks."""
        trip = self.trip
        return bool(
            trip.signed_off_at
            and trip.finished_at
            and local(trip.signed_off_at).date() == local(trip.finished_at).date()
        )

    @property
    def filed(self) -> Words:
        """When the user filed it, in words."""
        trip = self.trip
        if trip.signed_off_at is None or trip.finished_at is None:
            return NOT_FILED
        days = (local(trip.signed_off_at).date() - local(trip.finished_at).date()).days
        return Words("遲 {n} 日", "{n} d late").fill(n=days) if days > 0 else SAME_DAY


@dataclass(frozen=True)
class UseList:
    """The list of `month` (its first day): lines by return, and their sums. `agency` None: all agencies."""

    month: date
    agency: Agency | None
    lines: tuple[Line, ...]

    @property
    def km(self) -> int:
        return sum(line.km for line in self.lines)

    @property
    def people(self) -> int:
        return sum(line.trip.passengers for line in self.lines)

    @property
    def same_day(self) -> int:
        """How many were filed on the day of return."""
        return sum(line.same_day for line in self.lines)


def of_month(session: Session, person: Person, month: date, agency_id: int | None = None) -> UseList:
    """The list of the Taipei month that begins on `month`. Officers and supervisors read their agency's, whatever is asked.

    Raises Forbidden.
    """
    if not person.has(*READERS):
        raise Forbidden
    if not person.has(*WIDE):
        agency_id = person.agency_id
    period = Period(taipei(month, "00:00"), taipei(add_months(month, 1), "00:00"))
    rows = select(Trip).where(
        Trip.status.in_(LISTED), Trip.finished_at >= period.starts_at, Trip.finished_at < period.ends_at
    )
    if agency_id is not None:
        rows = rows.where(Trip.agency_id == agency_id)
    loaded = rows.options(
        joinedload(Trip.vehicle), joinedload(Trip.driver), joinedload(Trip.agency), joinedload(Trip.requester),
        joinedload(Trip.merged_into).joinedload(Trip.vehicle), joinedload(Trip.merged_into).joinedload(Trip.driver),
    )  # fmt: skip
    found = session.scalars(loaded.order_by(Trip.finished_at, Trip.id)).unique()
    agency = session.get(Agency, agency_id) if agency_id is not None else None
    return UseList(month, agency, tuple(Line(trip) for trip in found))


def agencies(session: Session, person: Person) -> list[Agency]:
    """Whose lists this person may read, of those that have used a car, by code of the row."""
    if not person.has(*WIDE):
        return []
    used = select(func.distinct(Trip.agency_id)).where(Trip.status.in_(LISTED))
    return list(session.scalars(select(Agency).where(Agency.id.in_(used)).order_by(Agency.id)))


def cells(line: Line) -> list[Any]:
    """The line as the file's row, texts in Chinese, clock times of Taipei."""
    trip, ride = line.trip, line.trip.carried_by
    out, back = trip.started_at or trip.starts_at, trip.finished_at or trip.ends_at
    driver, asked = (ride.driver.name.zh if ride.driver else "自行駕駛"), trip.requester.name if trip.requester else ""
    return [
        local(back).date(), trip.number, ride.vehicle.plate if ride.vehicle else "", driver,
        trip.agency.name if trip.agency else "", asked, trip.purpose, f"{trip.origin}→{trip.destination}", trip.passengers,
        f"{local(out):%m/%d %H:%M}", f"{local(back):%m/%d %H:%M}", trip.odometer_out, trip.odometer_in, line.km,
        line.filed.zh, f"併 {ride.number}" if trip.merged_into else "",
    ]  # fmt: skip
