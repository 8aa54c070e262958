"""What the upkeep's use cases share: finding rows, holding them while they are decided, and saying no."""

from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from common.db import get_held
from common.errors import Conflict, NotFound
from common.identity import Person
from common.words import Words
from dorms import rulebook
from dorms.models import HouseCheck, Repair, ResidenceCase, Tenancy
from dorms.models.upkeep import AtPlace

Row = TypeVar("Row", HouseCheck, ResidenceCase, Repair)

INSPECTIONS_A_YEAR = "dorm.inspectionsPerYear"
FURNITURE_A_YEAR = "dorm.furniturePerYear"
VISITS_A_YEAR = "dorm.visitsPerYear"
ABSENCE_DAYS = "dorm.absenceDays"
CHECK_NOTICE_DAYS = "dorm.checkNoticeDays"
FOLLOW_UP_DAYS = "dorm.followUpDays"
EXPLAIN_DAYS = "dorm.explainDays"


class NotNow(Conflict):
    """The row has gone on, or is not there yet."""

    words = Words("這一步現在不能做，請重新整理看看目前狀態。", "Not now: look at its present state again.")


def find(session: Session, kind: type[Row], person: Person, row_id: int) -> Row:
    """A row its reader may know of. Raises NotFound for others."""
    row = session.get(kind, row_id)
    if row is None or not row.can_see(person):
        raise NotFound
    return row


def hold(session: Session, kind: type[Row], person: Person, row_id: int, rev: int | None = None) -> Row:
    """The same, as it is now and held against rivals until the end of the transaction. Raises NotFound, Stale.

    A row that was read before is refused once a rival has changed it: hold it first, then look at it.
    """
    row = get_held(session, kind, row_id)
    if row is None or not row.can_see(person):
        raise NotFound
    row.expect(rev)
    return row


def days(session: Session, key: str, day: date) -> int:
    """A number of the rulebook in force on a day."""
    return rulebook.number(session, key, day).value


def residents(session: Session, day: date) -> dict[int, Tenancy]:
    """Who lives in which room on a day, by room."""
    rows = select(Tenancy).where(
        Tenancy.stay_from <= day, Tenancy.stay_until > day, or_(Tenancy.ended_on.is_(None), Tenancy.ended_on > day)
    )
    return {row.room_id: row for row in session.scalars(rows.order_by(Tenancy.id))}


def told(row: AtPlace, person_id: int, number: str, rev: int, **more: Any) -> dict[str, Any]:
    """What every fact about somebody's place says."""
    place = row.place
    return {"person_id": str(person_id), "number": number, "room": place.zh, "room_en": place.en, "rev": rev, **more}


def not_before(moment: datetime, earliest: datetime, latest: datetime) -> datetime:
    """A told instant, moved between the possible ones."""
    return min(max(moment, earliest), latest)
