"""My next things and what waits for me: a read model of the facts of fleet, venues and dorms.

A fact about a trip or booking tells its whole state, so each one overwrites what was known; the portal decides nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from common.identity import Person
from common.words import Words
from services.portal.models import AgendaItem, WaitingItem

PAST_SHOWN = timedelta(days=14)
KEEP_ITEMS = timedelta(days=400)
AS_DRIVER = "/driver"  # the same trip, seen by who drives it

# What a state is called on the home page, and its tone.
STATES: dict[str, dict[str, tuple[Words, str]]] = {
    "fleet": {  # V-31
        "submitted": (Words("待主管核可", "Awaiting approval"), "wait"),
        "approved": (Words("待派車", "To be assigned"), "wait"),
        "returned": (Words("已退回", "Sent back"), "bad"),
        "assigned": (Words("待駕駛接單", "Awaiting driver"), "wait"),
        "assigned_one_way": (Words("已派單程", "One way assigned"), "wait"),
        "merged": (Words("已併單", "Merged"), "ok"),
        "fully_booked": (Words("已派滿", "Fully booked"), "bad"),
        "accepted": (Words("已派車", "Confirmed"), "ok"),
        "under_way": (Words("行駛中", "On the road"), "run"),
        "finished": (Words("待簽證", "To be signed off"), "info"),
        "signed_off": (Words("已簽證", "Signed off"), "mute"),
        "cancelled": (Words("已取消", "Cancelled"), "mute"),
    },
    "venues": {
        "submitted": (Words("已送件", "Submitted"), "wait"),
        "supplement_needed": (Words("待補正", "More papers needed"), "warn"),
        "contested": (Words("同時段多件", "Contested"), "wait"),
        "approved": (Words("已核准", "Approved"), "info"),
        "awaiting_insurance": (Words("待投保", "Awaiting insurance"), "wait"),
        "awaiting_payment": (Words("待繳費", "Awaiting payment"), "wait"),
        "confirmed": (Words("已確認", "Confirmed"), "ok"),
        "in_use": (Words("使用中", "In use"), "run"),
        "inspection": (Words("場復檢查", "Inspection"), "info"),
        "closed": (Words("結案", "Closed"), "mute"),
        "rejected": (Words("已駁回", "Rejected"), "bad"),
        "lapsed": (Words("逾期失效", "Lapsed"), "mute"),
        "cancelled": (Words("已取消", "Cancelled"), "mute"),
        "suspended": (Words("停止使用", "Suspended"), "bad"),
        "released": (Words("已退借", "Given back"), "mute"),
        "held": (Words("等管理機關同意", "Waiting for agreement"), "wait"),
    },
    "dorms": {
        "offered": (Words("待你決定", "For you to decide"), "warn"),
        "accepted": (Words("已接受", "Accepted"), "ok"),
        "declined": (Words("已放棄", "Given up"), "mute"),
        "lapsed": (Words("逾期失效", "Lapsed"), "mute"),
        "leaving": (Words("待遷出", "To move out"), "warn"),
        "handed_back": (Words("已點交返還", "Handed back"), "mute"),
        "appointed": (Words("已排定", "Scheduled"), "info"),
        "called_off": (Words("不辦了", "Called off"), "mute"),
        "done": (Words("已完成", "Done"), "ok"),
    },
}
ICONS = {"fleet": "car-front", "venues": "landmark", "dorms": "bed-single"}


@dataclass(frozen=True)
class Task:
    """A kind of thing that waits: its heading, an icon, and the page where all of them are handled."""

    words: Words
    icon: str
    url: str


TASKS = {
    "approve": Task(Words("待你核可的用車", "Trips for you to approve"), "stamp", "/fleet/approvals"),
    "assign": Task(Words("待派的車", "Trips to assign"), "route", "/fleet/dispatch"),
    "accept": Task(Words("待你接的單", "Jobs to accept"), "steering-wheel", "/fleet/driver"),
    "revise": Task(Words("退回給你的申請", "Requests sent back to you"), "undo-2", "/fleet/trips"),
    "sign_off": Task(Words("待你簽證的行程", "Trips for you to sign off"), "signature", "/fleet/trips"),
    "decide": Task(Words("待審的場地申請", "Venue applications to decide"), "inbox", "/venues/desk"),
    "supplement": Task(Words("待你補件", "Papers for you to add"), "file-plus", "/venues/bookings"),
    "insure": Task(Words("待你投保", "Insurance to take out"), "shield", "/venues/bookings"),
    "pay": Task(Words("待你繳費", "Fees to pay"), "banknote", "/venues/bookings"),
    "agree": Task(
        Words("別的機關想用你們的保留日", "Others ask for your reserved day"), "handshake", "/venues/rooms/agreements"
    ),
    "take_place": Task(Words("待你回覆的正取位子", "A place for you to accept"), "store", "/venues/rounds"),
    "round_papers": Task(Words("待你補件的檔期登記", "Papers to add for a round"), "file-plus", "/venues/rounds"),
    "pay_rent": Task(Words("待你繳的檔期租金", "Rent of a place to pay"), "banknote", "/venues/rounds"),
    "dorm_papers": Task(Words("待你補件的宿舍申請", "Papers to add for a room"), "file-plus", "/dorms/"),
    "correct": Task(Words("待決定的資格更正", "Corrections to decide"), "file-pen", "/dorms/corrections"),
    "answer": Task(Words("待你回覆的宿舍", "A room for you to accept"), "key-round", "/dorms/"),
    "explain": Task(Words("待你說明的居住情形", "An explanation asked of you"), "message-square", "/dorms/cases"),
    "put_right": Task(Words("宿舍檢查後待改善", "To put right after a check"), "wrench", "/dorms/"),
    "residence": Task(Words("待處理的居住說明", "Explanations to put on record"), "message-square", "/dorms/cases"),
    "repair": Task(Words("待核定的宿舍修繕", "Dormitory repairs to decide"), "hammer", "/dorms/repairs"),
}


def put(session: Session, source: str, subject: str, person_id: int, **values: Any) -> AgendaItem:
    """Add or overwrite one person's item. `title` and `place` are Words; the rest as in the row."""
    title: Words = values.pop("title")
    place: Words = values.pop("place", Words("", ""))
    row = _item(session, source, subject, person_id)
    if row is None:
        row = AgendaItem(source=source, subject=subject, person_id=person_id)
        session.add(row)
    values |= {"title": title.zh[:200], "title_en": title.en[:200], "place": place.zh[:200], "place_en": place.en[:200]}
    for name, value in values.items():
        setattr(row, name, value)
    return row


def cancel(
    session: Session, source: str, subject: str, person_id: int, *, sequence: int, status: str, now: datetime
) -> None:
    """Keep an item as cancelled, so that calendars take it away."""
    row = _item(session, source, subject, person_id)
    if row is not None:
        row.cancelled, row.status, row.sequence, row.changed_at = True, status, max(row.sequence, sequence), now


def holders(session: Session, source: str, subject: str) -> list[AgendaItem]:
    """Everybody's items about one subject."""
    return list(session.scalars(select(AgendaItem).where(AgendaItem.source == source, AgendaItem.subject == subject)))


def wait(
    session: Session, source: str, subject: str, kind: str, *, title: Words, url: str, now: datetime, person_id: int | None = None,
    role: str | None = None, agency_id: int | None = None,
) -> None:  # fmt: skip
    """Note that `subject` waits for a person, or for everyone with `role` (of one agency); it waits for one thing at a time."""
    row = session.scalars(
        select(WaitingItem).where(WaitingItem.source == source, WaitingItem.subject == subject)
    ).first()
    if row is None:
        row = WaitingItem(source=source, subject=subject, since=now)
        session.add(row)
    elif row.kind != kind:
        row.since = now
    row.kind, row.person_id, row.role, row.agency_id = kind, person_id, role, agency_id
    row.title, row.title_en, row.url = title.zh[:200], title.en[:200], url


def settle(session: Session, source: str, subject: str) -> None:
    """`subject` waits for nobody any more."""
    session.execute(delete(WaitingItem).where(WaitingItem.source == source, WaitingItem.subject == subject))


def settle_all(session: Session, source: str, beginning: str) -> None:
    """No subject that begins so waits for anybody any more."""
    begins = WaitingItem.subject.startswith(beginning, autoescape=True)
    session.execute(delete(WaitingItem).where(WaitingItem.source == source, begins))


def upcoming(session: Session, person: Person, now: datetime, limit: int = 30) -> list[AgendaItem]:
    """What a person has before them, soonest first; what was cancelled is left out."""
    return list(
        session.scalars(
            select(AgendaItem)
            .where(AgendaItem.person_id == person.id, AgendaItem.ends_at > now, AgendaItem.cancelled.is_(False))
            .order_by(AgendaItem.starts_at, AgendaItem.id)
            .limit(limit)
        )
    )


def lately(session: Session, person: Person, now: datetime, limit: int = 10) -> list[AgendaItem]:
    """What ended in the last two weeks, and what was cancelled but not yet due; latest first."""
    rows = select(AgendaItem).where(
        AgendaItem.person_id == person.id,
        AgendaItem.ends_at > now - PAST_SHOWN,
        (AgendaItem.ends_at <= now) | AgendaItem.cancelled.is_(True),
    )
    return list(session.scalars(rows.order_by(AgendaItem.starts_at.desc(), AgendaItem.id).limit(limit)))


def waiting(session: Session, person: Person) -> list[tuple[Task, list[WaitingItem]]]:
    """What waits for this person, grouped by what has to be done, longest waiting first."""
    by_kind: dict[str, list[WaitingItem]] = {}
    for item in session.scalars(select(WaitingItem).order_by(WaitingItem.since, WaitingItem.id)):
        if item.is_for(person):
            by_kind.setdefault(item.kind, []).append(item)
    return [(TASKS[kind], by_kind[kind]) for kind in TASKS if kind in by_kind]


def between(session: Session, person_id: int, first: datetime, last: datetime) -> Iterable[AgendaItem]:
    """A person's items that touch a stretch of time; cancelled ones too, after the others."""
    return session.scalars(
        select(AgendaItem)
        .where(AgendaItem.person_id == person_id, AgendaItem.ends_at > first, AgendaItem.starts_at < last)
        .order_by(AgendaItem.cancelled, AgendaItem.starts_at, AgendaItem.id)
    )


def state_of(item: AgendaItem) -> tuple[Words, str]:
    """An item's state in words, and its tone."""
    return STATES.get(item.source, {}).get(item.status, (Words.same(item.status), "mute"))


def forget(session: Session, now: datetime) -> int:
    """Drop items more than a year old; returns how many. The services keep the records themselves."""
    return int(session.execute(delete(AgendaItem).where(AgendaItem.ends_at < now - KEEP_ITEMS)).rowcount)  # type: ignore[attr-defined]


def _item(session: Session, source: str, subject: str, person_id: int) -> AgendaItem | None:
    return session.scalars(
        select(AgendaItem).where(
            AgendaItem.source == source, AgendaItem.subject == subject, AgendaItem.person_id == person_id
        )
    ).first()
