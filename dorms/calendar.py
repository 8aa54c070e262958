"""What dorms' feeds hold: my deadlines, and the dormitory officer's. No names and no family data."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, selectinload

from common.calendar import CANCELLED, Entry
from common.identity import Feed, Person
from common.period import taipei
from common.words import Words
from dorms import vocabulary as say
from dorms.models import Offer, Tenancy
from dorms.offers import OFFICE_CLOSES
from dorms.upkeep import coming

BACK = timedelta(days=30)
AHEAD = timedelta(days=180)
LENGTH = timedelta(minutes=30)
DAY_BEFORE = 24 * 60

ANSWER = Words("宿舍核配回覆期限：{room}", "Room offer to answer: {room}")
MOVE_IN = Words("宿舍簽約遷入期限：{room}", "Sign and move in: {room}")
MOVE_OUT = Words("宿舍遷出點交期限：{room}", "Move out and hand back: {room}")
TERM_ENDS = Words("宿舍借用期滿：{room}", "The term of the room ends: {room}")
DORMS = Words("宿舍", "Dormitory")


def my_name(session: Session, feed: Feed, person: Person) -> str:
    """The feed's name."""
    return Words("我的宿舍期限", "My dormitory deadlines").in_(person.lang)


def all_name(session: Session, feed: Feed, person: Person) -> str:
    """The feed's name."""
    return Words("宿舍管理期限", "Dormitory deadlines").in_(person.lang)


def all_may(session: Session, feed: Feed, person: Person) -> bool:
    """Only the dormitory officer may follow everybody's deadlines."""
    return person.has("dorm_officer")


def my_version(session: Session, feed: Feed, person: Person) -> tuple[Any, ...]:
    """Changes whenever an entry of mine does."""
    mine = _version(session, Offer.person_id == person.id, Tenancy.person_id == person.id)
    return mine + coming.version(session, person, everybody=False)


def all_version(session: Session, feed: Feed, person: Person) -> tuple[Any, ...]:
    """Changes whenever any entry does."""
    return _version(session, true(), true()) + coming.version(session, person, everybody=True)


def my_entries(session: Session, feed: Feed, person: Person, now: datetime) -> Iterable[Entry]:
    """My offers to answer, the day to have moved in by, and the checks I was told of."""
    yield from _entries(session, Offer.person_id == person.id, Tenancy.person_id == person.id, person, now)
    yield from coming.entries(session, person, now, everybody=False)


def all_entries(session: Session, feed: Feed, person: Person, now: datetime) -> Iterable[Entry]:
    """Everybody's, by room, and the routes of checks and visits."""
    yield from _entries(session, true(), true(), person, now)
    yield from coming.entries(session, person, now, everybody=True)


Which = ColumnElement[bool]


def _version(session: Session, of_offers: Which, of_stays: Which) -> tuple[Any, ...]:
    offered = select(func.count(), func.max(Offer.made_at), func.max(Offer.answered_at), func.sum(Offer.rev))
    stayed = select(func.count(), func.max(Tenancy.agreed_at), func.sum(Tenancy.rev))
    counts = (*session.execute(offered.where(of_offers)).one(), *session.execute(stayed.where(of_stays)).one())
    return tuple(each if isinstance(each, datetime) or each is None else int(each) for each in counts)


def _entries(session: Session, of_offers: Which, of_stays: Which, person: Person, now: datetime) -> Iterable[Entry]:
    window = (Offer.accept_by > now - BACK) & (Offer.accept_by < now + AHEAD)
    for offer in session.scalars(select(Offer).where(of_offers, window)):
        yield _entry(
            person,
            uid=f"dorms-offer-{offer.id}",
            changed_at=offer.answered_at or offer.made_at,
            sequence=offer.rev - 1,
            due_at=offer.accept_by,
            words=ANSWER.fill(room=offer.room.words),
            url=f"/offers/{offer.id}",
            over=offer.state != say.MADE,
        )
    for stay in session.scalars(select(Tenancy).where(of_stays).options(selectinload(Tenancy.story))):
        yield from _stay_entries(stay, person, now)


def _stay_entries(stay: Tenancy, person: Person, now: datetime) -> Iterator[Entry]:
    """The day to have moved in by, until somebody has; the day to have handed back by, when a clock runs or the term
    comes to its end; struck through once it is over."""
    days = [(MOVE_IN, f"dorm-move-in-{stay.id}", stay.move_in_by, stay.moved_in_on is not None)]
    words = MOVE_OUT if stay.leaving else TERM_ENDS
    days.append((words, f"dorm-move-out-{stay.id}", stay.due_on if stay.moved_in_on else None, False))
    for title, uid, day, done in days:
        due_at = taipei(day, OFFICE_CLOSES) if day else None
        if due_at is not None and now - BACK < due_at < now + AHEAD:
            yield _entry(
                person,
                uid=uid,
                changed_at=max([stay.agreed_at, *(step.at for step in stay.story)]),
                sequence=stay.rev - 1,
                due_at=due_at,
                words=title.fill(room=stay.room.words),
                url=f"/tenancies/{stay.id}",
                over=done or stay.ended_on is not None,
            )


def _entry(
    person: Person,
    *,
    uid: str,
    changed_at: datetime,
    sequence: int,
    due_at: datetime,
    words: Words,
    url: str,
    over: bool,
) -> Entry:
    """The half hour before something is due; struck through once it no longer is."""
    return Entry(
        uid=f"{uid}@citykeys",
        sequence=sequence,
        changed_at=changed_at,
        starts_at=due_at - LENGTH,
        ends_at=due_at,
        summary=words.in_(person.lang),
        url=url,
        cancelled=over,
        category=DORMS.in_(person.lang),
        alarm_minutes=DAY_BEFORE,
        cancelled_mark=CANCELLED.in_(person.lang),
    )
