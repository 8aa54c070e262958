"""How long files are kept 保存期限 (C-23, C-25, C-26): what is due is anonymised in slices by the worker; flat rows stay.

Two classes, each with its years as a dated number (samples until the city's own are known):
- an application without a contract: from the day its list lost its validity (or registration ended, where no list was made);
- a contract: from the day of return.
The facts of the application go, its papers and their files, its corrections, and whose they were. A round keeps its public
record, which holds codes, until its last application is anonymised; then that goes too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from common import audit
from common.db import Database, for_update
from common.errors import Forbidden
from common.identity import Person
from common.period import local, taipei, today
from common.uploads import Store
from common.words import Words
from dorms import drafts, erasing, rulebook, stays
from dorms import vocabulary as say
from dorms.models import (
    Application,
    ApplicationPaper,
    Bar,
    Correction,
    Draft,
    Offer,
    ReplacedRanking,
    Round,
    Statistic,
    Supplement,
    Tenancy,
)

SLICE = 50
APPLICATION, CONTRACT = "application", "contract"
CLASSES = {
    APPLICATION: (
        Words("沒有訂約的申請", "Applications without a contract"),
        Words("候補名冊失效（沒有名冊的，登記截止）之後", "after the list lost its validity, or registration ended without one"),
        rulebook.KEEP_APPLICATION_YEARS,
    ),
    CONTRACT: (
        Words("借用契約與其申請", "Contracts, with their applications"),
        Words("返還宿舍之後", "after the room was handed back"),
        rulebook.KEEP_CONTRACT_YEARS,
    ),
}  # fmt: skip
OUTCOMES = {**stays.STATES, **say.APPLICATION_STATES, "returned": Words("已返還", "Handed back")}


@dataclass(frozen=True)
class Due:
    """One class of files: its name, when its time begins, its years, and how many are due until a day."""

    key: str
    years: rulebook.Number
    count: int

    @property
    def words(self) -> Words:
        return CLASSES[self.key][0]

    @property
    def after(self) -> Words:
        return CLASSES[self.key][1]


def may_read(person: Person | None) -> None:
    """Raises Forbidden unless this is a dormitory officer or the auditor."""
    if person is None or not person.has("dorm_officer", "auditor"):
        raise Forbidden


def due(session: Session, person: Person, until: date) -> list[Due]:
    """What is to be anonymised until a day, by class, by the years in force on that day."""
    may_read(person)
    out = []
    for key, (_, _, years_key) in CLASSES.items():
        years = rulebook.number(session, years_key, until)
        ids = _due_ids(key, years_before(until, years.value), until).subquery()
        out.append(Due(key, years, session.scalar(select(func.count()).select_from(ids)) or 0))
    return out


def done(session: Session, person: Person) -> list[tuple[int, str, int]]:
    """What was anonymised: year, class and how many, the newest year first."""
    may_read(person)
    rows = session.execute(
        select(Statistic.anonymised_on, Statistic.what, func.count()).group_by(Statistic.anonymised_on, Statistic.what)
    )
    years: dict[tuple[int, str], int] = {}
    for day, what, count in rows:
        years[day.year, what] = years.get((day.year, what), 0) + count
    return [(year, what, count) for (year, what), count in sorted(years.items(), reverse=True)]


def statistics(session: Session, person: Person) -> list[Statistic]:
    """The flat rows, oldest first."""
    may_read(person)
    return list(session.scalars(select(Statistic).order_by(Statistic.id)))


def years_before(day: date, years: int) -> date:
    """The last day that lies so many whole years back."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return date(day.year - years, 2, 28)


def look_after(database: Database, settings: Any, now: datetime) -> int:
    """Anonymise what is due, slice by slice, each in a transaction of its own; returns how many rows. Run by the worker."""
    store, gone = Store(settings.uploads_dir), 0
    with database.reading() as session:
        late = session.scalar(
            select(func.count()).select_from(Draft).join(Round).where(Round.registration_until <= now)
        )
        waits = any(
            session.scalars(_due_ids(key, _cutoff(session, key, now), today(now)).limit(1)).first() for key in CLASSES
        )
        waits = waits or bool(session.scalars(_lone_corrections(_cutoff(session, APPLICATION, now)).limit(1)).first())
    if late:
        database.transact(lambda session: drafts.forget_late(session, now))
    while waits:
        count = database.transact(lambda session: forget_slice(session, store, now))
        gone, waits = gone + count, count > 0
    return gone


def forget_slice(session: Session, store: Store, now: datetime, most: int = SLICE) -> int:
    """Anonymise up to `most` files that are due; returns how many. Files go when this transaction is committed."""
    counted: dict[str, int] = {}
    rounds: set[int] = set()
    left = most
    for key in CLASSES:
        ids = session.scalars(_due_ids(key, _cutoff(session, key, now), today(now)).limit(left)).all()
        for row_id in sorted(ids):
            touched = (_end_application if key == APPLICATION else _end_contract)(session, store, now, row_id)
            rounds |= {touched} if touched else set()
        counted[key] = len(ids)
        left -= len(ids)
    if left:
        counted["corrections"] = _end_lone_corrections(session, store, _cutoff(session, APPLICATION, now), left)
        left -= counted["corrections"]
    session.flush()
    erased = [number for number in (_erase_record(session, round_id) for round_id in sorted(rounds)) if number]
    if most != left:
        audit.record(
            session, None, "dorms.anonymise", f"retention/{today(now).isoformat()}", now,
            after={**counted, "rounds": erased},
        )  # fmt: skip
    return most - left


def _cutoff(session: Session, key: str, now: datetime) -> date:
    day = today(now)
    return years_before(day, rulebook.number(session, CLASSES[key][2], day).value)


def _due_ids(key: str, cutoff: date, day: date) -> Select[Any]:
    """The rows of a class whose time began on `cutoff` or earlier, in order; not of whoever is still barred on `day`."""
    if key == CONTRACT:
        over = (Tenancy.anonymised_at.is_(None), Tenancy.ended_on <= cutoff)
        return select(Tenancy.id).where(*over).order_by(Tenancy.id)
    has_contract = (
        select(Tenancy.id).join(Offer, Offer.id == Tenancy.offer_id).where(Offer.application_id == Application.id)
    )
    barred = (
        select(Bar.id)
        .join(Offer, Offer.id == Bar.offer_id)
        .where(Offer.application_id == Application.id, Bar.person_id > 0, Bar.until > day)
    )
    return (
        select(Application.id)
        .join(Round)
        .where(Application.anonymised_at.is_(None), Application.state != say.OFFERED, _list_over(cutoff))
        .where(~has_contract.exists(), ~barred.exists())
        .order_by(Application.id)
    )


def _list_over(cutoff: date) -> ColumnElement[bool]:
    day_after = taipei(date.fromordinal(cutoff.toordinal() + 1), "00:00")
    never_listed = and_(Round.list_valid_until.is_(None), Round.registration_until < day_after)
    return or_(Round.list_valid_until <= cutoff, never_listed)


def _end_contract(session: Session, store: Store, now: datetime, tenancy_id: int) -> int | None:
    row = session.get(Tenancy, tenancy_id, **for_update(session, Tenancy))
    if row is None or row.anonymised_at or row.ended_on is None:
        return None
    outcome = row.ending if row.ending in (stays.FORFEITED, stays.WITHDRAWN) else "returned"
    offer = session.get(Offer, row.offer_id) if row.offer_id else None
    application = offer.application if offer else None
    session.add(
        Statistic(
            what=CONTRACT, round_number=application.round.number if application else "", room_kind=row.room.kind,
            points=None, outcome=outcome, began=_month(row.stay_from), ended=_month(row.ended_on), anonymised_on=today(now),
        )
    )  # fmt: skip
    erasing.erase_stay(session, store, row)
    row.person_id, row.anonymised_at = -row.id, now
    if application is None:
        return None
    return _end_application(session, store, now, application.id)


def _end_application(session: Session, store: Store, now: datetime, application_id: int) -> int | None:
    row = session.get(Application, application_id, **for_update(session, Application))
    if row is None or row.anonymised_at:
        return None
    round_ = row.round
    ended = round_.list_valid_until or today(round_.registration_until)
    points = row.points if row.points is not None else row.score.total
    session.add(
        Statistic(
            what=APPLICATION, round_number=round_.number, room_kind=round_.kind, points=points, outcome=row.state,
            began=_month(local(row.submitted_at).date()), ended=_month(ended), anonymised_on=today(now),
        )
    )  # fmt: skip
    person_id = row.person_id
    for paper in _papers(session, row, person_id):
        if paper.deleted_at is None:
            store.drop_with(session, paper.stored)
        session.delete(paper)
    session.flush()
    for other in _belonging(session, row, person_id):
        session.delete(other)
    erasing.erase_objections(session, row)
    for offer in row.offers:
        offer.person_id = -offer.id
        for bar in session.scalars(select(Bar).where(Bar.offer_id == offer.id)):
            bar.person_id = -bar.id
    _blank(row, now)
    session.flush()
    return round_.id


def _lone_corrections(cutoff: date) -> Select[Any]:
    """Corrections of people who did not apply after all, in rounds whose time is over."""
    applied = select(Application.id).where(
        Application.round_id == Correction.round_id, Application.person_id == Correction.person_id
    )
    rows = select(Correction).join(Round).where(_list_over(cutoff), ~applied.exists())
    return rows.order_by(Correction.id)


def _end_lone_corrections(session: Session, store: Store, cutoff: date, most: int) -> int:
    rows = session.scalars(_lone_corrections(cutoff).limit(most)).all()
    for row in rows:
        for paper in row.papers:
            store.drop_with(session, paper.stored)
            session.delete(paper)
        session.flush()
        session.delete(row)
    return len(rows)


def _papers(session: Session, row: Application, person_id: int) -> Sequence[ApplicationPaper]:
    corrections = select(Correction.id).where(Correction.round_id == row.round_id, Correction.person_id == person_id)
    found = select(ApplicationPaper).where(
        or_(ApplicationPaper.application_id == row.id, ApplicationPaper.correction_id.in_(corrections))
    )
    return session.scalars(found.order_by(ApplicationPaper.id)).all()


def _belonging(session: Session, row: Application, person_id: int) -> list[Correction | Supplement]:
    asked = select(Supplement).where(Supplement.application_id == row.id)
    corrected = select(Correction).where(Correction.round_id == row.round_id, Correction.person_id == person_id)
    return [*session.scalars(asked), *session.scalars(corrected)]


def _blank(row: Application, now: datetime) -> None:
    """Whose it was and what it said goes; state, points and rank stay as long as the round's record is public."""
    row.person_id, row.anonymised_at = -row.id, now
    row.grade, row.started_on, row.dependants, row.home_status = 1, date(1900, 1, 1), 0, "here"
    row.years_of_service = row.years_elsewhere = Decimal(0)
    row.appraisals, row.declarations, row.preferences, row.others_ok = [], {}, [], True
    row.home_km, row.disabled, row.needs_accessible, row.woman, row.lives_in_id = 0, False, False, False, None


def _erase_record(session: Session, round_id: int) -> str | None:
    """Take a round's record, with its codes, away once nobody of it is known any more; its number, or None."""
    left = select(func.count()).where(Application.round_id == round_id, Application.anonymised_at.is_(None))
    row = session.get(Round, round_id, **for_update(session, Round))
    if row is None or row.record is None or session.scalar(left):
        return None
    row.record = None
    session.execute(delete(ReplacedRanking).where(ReplacedRanking.round_id == round_id))
    for application in row.applications:
        application.points = application.rank = None
        application.code = f"x{application.id}"
    return row.number


def _month(day: date) -> date:
    return day.replace(day=1)
