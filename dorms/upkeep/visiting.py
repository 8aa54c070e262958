"""Recording what a check or a visit found, once; following it up; and the visitor's phone, which may tell it hours later.

The phone sends a key it made with the record, when it was tapped and when it is sent (both by its own clock). A record
that came before is answered as before, so nothing is recorded twice however often it is sent.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit
from common.db import insert_all_or_none
from common.errors import Busy, Conflict, FieldError, Invalid, NotFound, Problem
from common.identity import Person
from common.messages import post
from common.period import taipei, today
from common.words import Words
from dorms.models import HouseCheck, ResidenceCase, VisitAct
from dorms.models.upkeep import ResidenceStep
from dorms.occupancy import may_keep_stock
from dorms.upkeep import planning, rows, terms
from dorms.upkeep.messages import CheckFollowedUp, CheckRecorded

SLACK = timedelta(minutes=2)
"""How far a phone's clock may be off without its record being taken as told now."""


class RecordedAlready(Conflict):
    """The check has its result."""

    words = Words("這一件已經登錄過結果。", "Its result was recorded already.")


def record(
    session: Session,
    person: Person,
    now: datetime,
    check_id: int,
    *,
    result: str,
    note: str = "",
    follow_up_by: date | None = None,
    at: datetime | None = None,
    rev: int | None = None,
) -> HouseCheck:
    """Write down what was found, once; what has to be put right gets a deadline, an inspection that met nobody is planned
    again, and a visit goes into the open case of its place. Raises Invalid, RecordedAlready, NotNow, Stale, Forbidden."""
    may_keep_stock(person)
    year = session.scalar(select(HouseCheck.year).where(HouseCheck.id == check_id))
    if year is None:
        raise NotFound
    planning.hold_year(session, person, now, max(year, today(now).year))
    row = rows.hold(session, HouseCheck, person, check_id)
    if row.state == terms.DONE:
        raise RecordedAlready
    row.expect(rev)
    if row.state != terms.APPOINTED or row.day is None:
        raise rows.NotNow(Words("排定日期後才能登錄結果。", "Its result is recorded once it has a day."))
    if today(now) < row.day:
        raise rows.NotNow(Words("還沒到排定的日期。", "Its day has not come yet."))
    if result not in terms.RESULTS_OF[row.kind]:
        raise Invalid(Words("請選擇結果", "Choose the result"), field="result")
    if result == terms.FAULTS and not note:
        raise Invalid(Words("請寫明要改善什麼", "Say what has to be put right"), field="note")
    if follow_up_by is not None and follow_up_by < today(now):
        raise Invalid(Words("改善期限不能早於今天", "The deadline lies in the past"), field="follow_up_by")
    row.state, row.result, row.note = terms.DONE, result, note
    row.told_at = rows.not_before(at or now, taipei(row.day, "00:00"), now)
    row.recorded_at, row.recorded_by_id = now, person.id
    if result == terms.FAULTS:
        after = today(now) + timedelta(days=rows.days(session, rows.FOLLOW_UP_DAYS, today(now)))
        row.follow_up_by = follow_up_by or after
    session.flush()
    if result == terms.NOT_MET and row.kind != terms.VISIT:
        year = max(row.year, today(now).year)
        planning.again(session, row, year, max(row.due_on, today(now) + timedelta(days=30)))
    if row.kind == terms.VISIT:
        _into_the_case(session, person, row)
    told = {"status": result, "follow_up_by": row.follow_up_by}
    _tell(session, now, row, CheckRecorded, **told)
    after_words = {"result": result, "day": row.day, "follow_up_by": row.follow_up_by, "told_at": row.told_at}
    audit.record(session, person, "dorms.check_recorded", f"check/{row.id}", now, after=after_words, reason=note)
    return row


def follow_up(
    session: Session, person: Person, now: datetime, check_id: int, *, note: str, rev: int | None = None
) -> HouseCheck:
    """What was found is put right, as the officer saw. Raises NotNow, Stale, Forbidden."""
    may_keep_stock(person)
    row = rows.hold(session, HouseCheck, person, check_id, rev)
    if not row.open_follow_up:
        raise rows.NotNow
    row.followed_up_at, row.follow_up_note = now, note
    session.flush()
    _tell(session, now, row, CheckFollowedUp)
    audit.record(session, person, "dorms.check_followed_up", f"check/{row.id}", now, reason=note)
    return row


def open_follow_ups(session: Session, person: Person) -> list[HouseCheck]:
    """What has still to be put right: one's own; everybody's for the dormitory officer."""
    found = select(HouseCheck).where(HouseCheck.follow_up_by.is_not(None), HouseCheck.followed_up_at.is_(None))
    if not person.has("dorm_officer"):
        found = found.where(HouseCheck.person_id == person.id)
    return list(session.scalars(found.order_by(HouseCheck.follow_up_by, HouseCheck.id)))


def mine(session: Session, person: Person) -> list[HouseCheck]:
    """The checks of one's own home that one may know of, newest first."""
    found = select(HouseCheck).where(HouseCheck.person_id == person.id, HouseCheck.day.is_not(None))
    return [row for row in session.scalars(found.order_by(HouseCheck.day.desc(), HouseCheck.id)) if row.announced]


# ── From the phone ────────────────────────────────────────────────────────────


def take(
    session: Session,
    person: Person,
    now: datetime,
    *,
    key: str,
    check_id: int,
    told_at: datetime,
    sent_at: datetime,
    data: dict[str, Any],
    read: Callable[[dict[str, Any]], dict[str, Any]],
) -> dict[str, Any]:
    """Take one record from the phone, once. `read` checks `data` and raises Invalid.

    Returns the answer: `outcome` (done, refused where the visitor can set it right, gone where somebody else recorded it or
    it was called off), `words` and `errors` by field, `again` where this key was answered before. Raises Invalid when a
    key comes again with other content, Busy.
    """
    digest = hashlib.sha256(json.dumps([check_id, data], sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    told = now - max(sent_at - told_at, timedelta()) if sent_at - told_at >= -SLACK else now
    act = {
        "person_id": person.id,
        "key": key,
        "sha256": digest,
        "check_id": check_id,
        "data": data,
        "told_at": told,
        "received_at": now,
        "answer": {},
    }
    mine = select(VisitAct).where(VisitAct.person_id == person.id, VisitAct.key == key)
    if not insert_all_or_none(session, VisitAct.__table__, [act], guard="visit_act_once"):  # type: ignore[arg-type]
        earlier = session.scalars(mine).one()
        if earlier.sha256 != digest:
            raise Invalid(Words("這個識別碼已經用在別的紀錄上。", "This key was used for another record."), field="key")
        return {**earlier.answer, "again": True}
    row = session.scalars(mine).one()
    try:
        with session.begin_nested():
            record(session, person, now, check_id, at=told, **read(data))
            session.flush()
        row.answer = {"outcome": "done", "words": None, "errors": []}
    except Busy:
        raise
    except Problem as problem:
        over = isinstance(problem, RecordedAlready | NotFound | rows.NotNow)
        errors = problem.errors or [FieldError("result", problem.words)]
        row.answer = {
            "outcome": "gone" if over else "refused",
            "words": list(problem.words),
            "errors": [{"field": each.field, "words": list(each.words)} for each in errors],
        }
    return {**row.answer, "again": False}


def _into_the_case(session: Session, person: Person, check: HouseCheck) -> None:
    """The second visit of an open case is this one, whatever it found."""
    open_at = select(ResidenceCase).where(ResidenceCase.open_at == check.place_key)
    case = session.scalars(open_at).first()
    if case is not None and case.next_step == terms.SECOND:
        words = terms.RESULTS[check.result or terms.NOT_MET]
        case.steps.append(
            ResidenceStep(step=terms.SECOND, at=check.seen_at, by_id=person.id, check_id=check.id, note=words.zh)
        )
        session.flush()


def _tell(
    session: Session, now: datetime, row: HouseCheck, fact: type[CheckRecorded] | type[CheckFollowedUp], **more: Any
) -> None:
    if row.person_id is None:
        return
    kind = terms.CHECK_KINDS[row.kind]
    body = rows.told(
        row, row.person_id, row.number, row.rev, check_id=str(row.id), kind=kind.zh, kind_en=kind.en, **more
    )
    post(session, fact, subject=f"check/{row.id}", now=now, **body)
