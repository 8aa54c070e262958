"""What of upkeep is due or coming, for the list of deadlines and the calendar feeds. Visits stand in the officers' only."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from common.calendar import CANCELLED, Entry
from common.identity import Person
from common.period import taipei, today
from common.words import Words
from dorms.models import HouseCheck, ResidenceCase, ResidenceStep
from dorms.upkeep import terms, visiting

CLOSES = "17:00"
BACK = timedelta(days=30)
DAY_BEFORE = 24 * 60
CHECK = Words("{kind}：{room}", "{kind}: {room}")
DORMS = Words("宿舍", "Dormitory")


def due(session: Session, person: Person, now: datetime) -> Iterator[dict[str, Any]]:
    """Deadlines as keyword arguments: what to put right, what to explain, announced checks; all of them for officers."""
    for row in visiting.open_follow_ups(session, person):
        if row.follow_up_by is not None:
            words = Words("檢查後改善", "Put right what a check found")
            yield _due(row, taipei(row.follow_up_by, CLOSES), "follow_up", words, f"check/{row.id}", "D-40")
    for row in _appointed(session, person, now):
        period = row.period
        if period is not None:
            words = terms.CHECK_KINDS[row.kind]
            yield _due(row, period.starts_at, "check", words, f"check/{row.id}", terms.CHECK_RULES[row.kind])
    for case, step in _asked(session, person):
        if step.answer_by is not None:
            words = Words("說明居住情形", "Explain where you live")
            yield _due(case, taipei(step.answer_by, CLOSES), "explain", words, f"case/{case.id}", "D-43")


def version(session: Session, person: Person, *, everybody: bool) -> tuple[Any, ...]:
    """Changes whenever an entry does."""
    mine = true() if everybody else HouseCheck.person_id == person.id
    told = select(
        func.count(), func.max(HouseCheck.appointed_at), func.max(HouseCheck.recorded_at), func.sum(HouseCheck.rev)
    )
    counts = session.execute(told.where(mine)).one()
    return tuple(each if isinstance(each, datetime) or each is None else int(each) for each in counts)


def entries(session: Session, person: Person, now: datetime, *, everybody: bool) -> Iterable[Entry]:
    """The checks of one's own home that were announced; for officers every stop of every route."""
    found = select(HouseCheck).where(
        HouseCheck.day >= today(now - BACK), HouseCheck.state.in_((terms.APPOINTED, terms.DONE))
    )
    if not everybody:
        found = found.where(HouseCheck.person_id == person.id, HouseCheck.kind != terms.VISIT)
    for row in session.scalars(found.order_by(HouseCheck.id)):
        if row.period is None:
            continue
        yield Entry(
            uid=f"dorm-check-{row.id}@citykeys",
            sequence=row.rev - 1,
            changed_at=row.recorded_at or row.appointed_at or now,
            starts_at=row.period.starts_at,
            ends_at=row.period.ends_at,
            summary=CHECK.fill(kind=terms.CHECK_KINDS[row.kind], room=row.place).in_(person.lang),
            url=f"/checks/{row.id}",
            cancelled=False,
            category=DORMS.in_(person.lang),
            alarm_minutes=DAY_BEFORE,
            cancelled_mark=CANCELLED.in_(person.lang),
        )


def _due(row: Any, due_at: datetime, what: str, words: Words, subject: str, rule: str) -> dict[str, Any]:
    return {
        "due_at": due_at,
        "what": what,
        "words": words,
        "room": row.place,
        "subject": subject,
        "person_id": row.person_id or 0,
        "rule": rule,
    }


def _appointed(session: Session, person: Person, now: datetime) -> list[HouseCheck]:
    found = select(HouseCheck).where(HouseCheck.state == terms.APPOINTED)
    if person.has("dorm_officer"):
        found = found.where(HouseCheck.visitor_id == person.id)
    else:
        found = found.where(HouseCheck.person_id == person.id, HouseCheck.kind != terms.VISIT)
    return list(session.scalars(found.where(HouseCheck.day >= today(now)).order_by(HouseCheck.day, HouseCheck.id)))


def _asked(session: Session, person: Person) -> Iterator[tuple[ResidenceCase, ResidenceStep]]:
    found = select(ResidenceCase).where(ResidenceCase.decision.is_(None))
    if not person.has("dorm_officer"):
        found = found.where(ResidenceCase.person_id == person.id)
    for case in session.scalars(found.order_by(ResidenceCase.id)):
        letter = case.step(terms.LETTER)
        if case.next_step == terms.HEARING and letter is not None:
            yield case, letter
