"""Moving out 遷出: the clock that a cause starts (D-45, D-04, D-21, D-46), reminders, more time, and stopping it."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import reservations
from common.errors import Conflict, Invalid
from common.identity import Person
from common.messages import post
from common.period import add_months, today
from common.roc import day_words
from common.words import Words
from dorms import occupancy, rulebook, stays, tenancies
from dorms import vocabulary as say
from dorms.models import Tenancy
from dorms.tenancy_messages import MoveOutDue, MoveOutExtended, MoveOutStarted, MoveOutStopped

DEATH = "death"
CLOCK_REMINDERS = (30, 7, -1)
TERM_REMINDERS = (90, 30, 7, -1)
"""Days left at which a reminder goes out; the last one once it is overdue."""

TERM_ENDS = Words("借用期滿", "The term ends")


class LeavingAlready(Conflict):
    """A clock of moving out runs already."""


class NotLeaving(Conflict):
    """No clock of moving out runs."""

    words = Words("目前沒有遷出期限。", "No clock of moving out runs.")


def start(
    session: Session,
    person: Person,
    now: datetime,
    tenancy_id: int,
    *,
    cause: str,
    since: date,
    leave_by: date | None = None,
    reason: str = "",
    rev: int | None = None,
) -> Tenancy:
    """The officer starts the clock. For the endings of D-46, which name no term, the officer gives the day and why.

    Raises LeavingAlready, NotLeaving before moving in, Invalid, TenancyOver, Stale, Forbidden, NotFound.
    """
    row = tenancies.held_for(session, person, tenancy_id, rev)
    if row.moved_in_on is None:
        raise NotLeaving(
            Words("還沒有遷入，逾期未簽約會自動失效。", "Nobody has moved in; unsigned, it ends by itself.")
        )
    if row.leaving is not None:
        raise LeavingAlready(
            Words("遷出期限已在進行（{why}），請先終止。", "A clock runs already ({why}); stop it first.").fill(
                why=stays.CAUSES[row.leaving].words
            )
        )
    if since < row.stay_from:
        raise Invalid(Words("生效日不能早於借用起日", "Not before the stay began"), field="since")
    term = stays.CAUSES[cause].term
    if term == stays.GIVEN:
        _given(leave_by, reason, now)
    elif leave_by is not None:
        raise Invalid(Words("這個原因的期限由規則定", "The rules give the time for this cause"), field="leave_by")
    if term == stays.FAMILY_GONE and row.room.kind != say.FAMILY:
        raise Invalid(Words("只有多房間職務宿舍適用", "Only for family quarters"), field="cause")
    _run(session, person, now, row, cause, since, leave_by, reason)
    return row


def start_by_fact(session: Session, now: datetime, person_id: int, kind: str, left_on: date) -> Tenancy | None:
    """Somebody left the city's service: the clock starts by itself. A stay nobody moved into ends at once.

    A clock that runs already stays as it is unless the new one is shorter, or it is now the family that moves out.
    """
    found = occupancy.current_stay(session, person_id)
    if found is None:
        return None
    row = tenancies.hold(session, found.id)
    if row.ended_on is not None:
        return None
    if row.moved_in_on is None:
        tenancies.fall_through(session, None, now, row, stays.WITHDRAWN)
        return row
    cause = kind if kind in stays.TOLD_BY_THE_PORTAL else "resignation"
    bereaved = cause == DEATH and row.leaving != DEATH
    if row.leaving is None or bereaved or last_day(session, now, row, cause, left_on) < row.due_on:
        _run(session, None, now, row, cause, left_on, None, "")
    return row


def last_day(session: Session, now: datetime, row: Tenancy, cause: str, since: date) -> date:
    """The day by which a cause has its person out: so many months by the rules of today (D-45), never after the term
    but for a family."""
    months = rulebook.number(session, f"dorm.moveOut.{stays.CAUSES[cause].term}", today(now)).value
    day = add_months(since, months)
    return day if cause == DEATH else min(day, row.stay_until)


def stop(
    session: Session, person: Person, now: datetime, tenancy_id: int, *, reason: str, rev: int | None = None
) -> Tenancy:
    """Nobody has to leave any more, for a reason. Raises NotLeaving, TenancyOver, Stale, Forbidden, NotFound."""
    row = tenancies.held_for(session, person, tenancy_id, rev)
    if row.leaving is None or row.leave_by is None:
        raise NotLeaving
    post(session, MoveOutStopped, subject=f"tenancy/{row.id}", now=now, **_told(row, row.leave_by))
    row.leaving = row.leave_from = row.leave_by = row.reminded = None
    tenancies.note(session, person, now, row, "leave_stopped", text=reason)
    return row


def extend(
    session: Session,
    person: Person,
    now: datetime,
    tenancy_id: int,
    *,
    leave_by: date,
    approval: str,
    reason: str,
    rev: int | None = None,
) -> Tenancy:
    """More time, by an approval and for a reason; the bed is taken for it too. Raises NotLeaving, Taken, Invalid."""
    row = tenancies.held_for(session, person, tenancy_id, rev)
    if row.leaving is None or row.leave_by is None:
        raise NotLeaving
    if leave_by <= row.leave_by or leave_by < today(now):
        raise Invalid(
            Words("新期限要晚於今天與原期限", "The new day must be later than today and the present one"),
            field="leave_by",
        )
    if leave_by > add_months(row.leave_by, 24):
        raise Invalid(Words("一次最多延長 2 年", "Two years more at most"), field="leave_by")
    if leave_by > row.stay_until:
        tenancies.prolong(session, now, row, leave_by)
    row.leave_by, row.reminded = leave_by, None
    tenancies.note(session, person, now, row, "leave_extended", leave_by, text=f"{reason}（{approval}）")
    post(session, MoveOutExtended, subject=f"tenancy/{row.id}", now=now, **_told(row, leave_by))
    return row


def remind_due(session: Session, now: datetime) -> int:
    """Tell those whose day to hand back comes near or has passed, once for each mark; returns how many."""
    day, count = today(now), 0
    living = select(Tenancy.id).where(Tenancy.ended_on.is_(None), Tenancy.moved_in_on.is_not(None))
    near = (Tenancy.leave_by <= add_months(day, 1)) | (
        Tenancy.leave_by.is_(None) & (Tenancy.stay_until <= add_months(day, 3))
    )
    for tenancy_id in session.scalars(living.where(near).order_by(Tenancy.id)).all():
        row = tenancies.hold(session, tenancy_id)
        left = (row.due_on - day).days
        marks = CLOCK_REMINDERS if row.leaving else TERM_REMINDERS
        mark = min((mark for mark in marks if left <= mark), default=None)
        if row.ended_on is not None or mark is None or (row.reminded is not None and mark >= row.reminded):
            continue
        row.reminded = mark
        tenancies.note(session, None, now, row, "reminded", row.due_on)
        body = {**_told(row, row.due_on), "days_left": left, "overdue": left < 0}
        post(session, MoveOutDue, subject=f"tenancy/{row.id}", now=now, **body)
        count += 1
    return count


def _run(
    session: Session,
    person: Person | None,
    now: datetime,
    row: Tenancy,
    cause: str,
    since: date,
    leave_by: date | None,
    reason: str,
) -> None:
    """Set the clock, or note that nobody has to leave."""
    if stays.CAUSES[cause].term == stays.STAYS:
        tenancies.note(session, person, now, row, "stays", since, cause=cause, text=reason)
        return
    day = leave_by or last_day(session, now, row, cause, since)
    if day > row.stay_until:
        try:
            tenancies.prolong(session, now, row, day)
        except reservations.Taken:
            if person is not None:
                raise
            day = row.stay_until  # a fact cannot be refused: the officer sees the day and who comes next
    row.leaving, row.leave_from, row.leave_by, row.reminded = cause, since, day, None
    tenancies.note(session, person, now, row, "leave", day, cause=cause, text=reason)
    post(session, MoveOutStarted, subject=f"tenancy/{row.id}", now=now, **_told(row, day))


def _given(leave_by: date | None, reason: str, now: datetime) -> None:
    if leave_by is None or leave_by < today(now):
        raise Invalid(
            Words("請填遷出期限，不早於 {day}", "Give the last day, not before {day}").fill(day=day_words(today(now))),
            field="leave_by",
        )
    if not reason:
        raise Invalid(Words("請填查證經過與理由", "Say what was found and how"), field="reason")


def _told(row: Tenancy, leave_by: date) -> dict[str, object]:
    why = stays.CAUSES[row.leaving].words if row.leaving else TERM_ENDS
    status = "family" if row.leaving == DEATH else "own"
    return {**tenancies.told(row), "kind": why.zh, "kind_en": why.en, "status": status, "leave_by": leave_by}
