"""Electronic notice boards (V11, G-05): postings asked for, approved or rejected; each board shows so many a day in turn.

A posting holds a place on each of its boards for each of its days from the request on. Places are numbered in the ledger;
which number a posting has may change from day to day, so nothing is refused while a day has a place free.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, selectinload

from common import audit, reservations
from common.errors import Conflict, Forbidden, Invalid
from common.identity import Person
from common.period import Period, today
from common.roc import HalfYear, day_words
from common.words import Words
from venues import figures, messages
from venues.ground_rules import hold, must_apply, must_decide
from venues.lending import days_of
from venues.models import DECIDES, OWN_BODY, SEES_ALL, Board, Posting
from venues.refusals import NotNow

TRIES = 40


class BoardFull(Conflict):
    """A board has no place left on some day; says which and when."""


def boards(session: Session) -> list[Board]:
    """The boards in use, in order of the list."""
    return list(session.scalars(select(Board).where(Board.active).order_by(Board.place_in_list)))


def visible(person: Person) -> Select[Posting]:
    """The postings this person may see: all, or those of the own body, or only the own ones."""
    found = select(Posting).options(selectinload(Posting.boards))
    if person.has(*SEES_ALL):
        return found
    if person.has(*OWN_BODY):
        return found.where(or_(Posting.agency_id == person.agency_id, Posting.applicant_id == person.id))
    return found.where(Posting.applicant_id == person.id)


def showing(session: Session, board: Board, first: date, last: date) -> list[Posting]:
    """The approved postings on a board within a period, both ends included, in order."""
    rows = select(Posting).where(
        Posting.boards.any(Board.id == board.id), Posting.status == "approved", Posting.starts_on <= last,
        Posting.ends_on >= first,
    )  # fmt: skip
    return list(session.scalars(rows.options(selectinload(Posting.boards)).order_by(Posting.starts_on, Posting.id)))


def free_places(session: Session, board: Board, day: date, now: datetime) -> int:
    """How many places a board has left on a day."""
    return len(reservations.free(session, board.resources, Period.of_day(day), now))


def count(session: Session, period: HalfYear) -> int:
    """Approved postings that began in a half-year: the report's figure (G-05)."""
    began = (Posting.starts_on >= period.first_day) & (Posting.starts_on <= period.last_day)
    return session.scalar(select(func.count()).select_from(Posting).where(Posting.status == "approved", began)) or 0


def request(
    session: Session, person: Person, now: datetime, *, title: str, text: str, starts_on: date, ends_on: date,
    board_ids: Iterable[int],
) -> Posting:  # fmt: skip
    """Ask for a notice on some boards from one day to another, both included; the places are held until the decision.

    Raises Forbidden, Invalid (fields `starts_on`, `ends_on`, `board_ids`), BoardFull.
    """
    must_apply(person)
    known = {board.id: board for board in boards(session)}
    chosen = [known[each] for each in sorted(set(board_ids)) if each in known]
    if not chosen or len(chosen) != len(set(board_ids)):
        raise Invalid(Words("請選看板", "Choose the boards"), field="board_ids")
    _check_days(session, starts_on, ends_on, now)
    posting = Posting(
        status="requested", agency_id=person.agency_id, applicant_id=person.id, title=title, text=text,
        starts_on=starts_on, ends_on=ends_on, requested_at=now, boards=chosen,
    )  # fmt: skip
    session.add(posting)
    session.flush()
    _hold(session, posting, chosen, days_of(starts_on, ends_on), now)
    _record(session, person, "posting_requested", posting, now)
    return posting


def decide(
    session: Session, person: Person, now: datetime, posting_id: int, *, approve: bool, reason: str = "",
    rev: int | None = None,
) -> Posting:  # fmt: skip
    """Approve a posting, or reject it for a reason; posts PostingDecided. Raises Forbidden, NotNow, Invalid, Stale."""
    must_decide(person)
    posting = hold(session, Posting, posting_id)
    posting.expect(rev)
    if posting.status != "requested":
        raise NotNow
    if approve:
        reservations.confirm(session, posting.holder, now=now)
    else:
        if not reason:
            raise Invalid(Words("請寫原因", "Please give a reason"), field="reason")
        reservations.release(session, posting.holder)
    posting.status, posting.reason = "approved" if approve else "rejected", reason
    messages.tell_posting(session, posting, now)
    _record(session, person, "posting_approved" if approve else "posting_rejected", posting, now, reason)
    return posting


def withdraw(session: Session, person: Person, now: datetime, posting_id: int, *, rev: int | None = None) -> Posting:
    """Take a posting back; from this moment on its places are free. Raises NotFound, Forbidden, NotNow, Stale."""
    posting = hold(session, Posting, posting_id, person)
    posting.expect(rev)
    if not (posting.is_of(person) or person.has(*DECIDES)):
        raise Forbidden
    if not posting.alive or posting.ends_on < today(now):
        raise NotNow
    reservations.release(session, posting.holder, from_=now)
    posting.status = "withdrawn"
    _record(session, person, "posting_withdrawn", posting, now)
    return posting


def _hold(session: Session, posting: Posting, chosen: Sequence[Board], days: Sequence[date], now: datetime) -> None:
    """Two rivals may pick the same place while others are free: then others are picked."""
    for attempt in range(1, TRIES + 1):
        wants = [_place(session, board, day, now) for board in chosen for day in days]
        try:
            reservations.claim(session, posting.holder, wants, now=now, state="held")
            return
        except reservations.Taken:
            if attempt == TRIES:
                raise


def _place(session: Session, board: Board, day: date, now: datetime) -> reservations.Want:
    period = Period.of_day(day)
    place = next(iter(reservations.free(session, board.resources, period, now)), None)
    if place is None:
        words = Words("{board}在{day}已排滿 {n} 則", "{board} is full on {day} ({n} postings)")
        raise BoardFull(words.fill(board=board.label, day=day_words(day), n=board.places), field="board_ids")
    return place, period


def _check_days(session: Session, starts_on: date, ends_on: date, now: datetime) -> None:
    day = today(now)
    if starts_on < day:
        raise Invalid(Words("開始日已經過了", "The first day has passed"), field="starts_on")
    if starts_on > day + timedelta(days=366):
        raise Invalid(Words("最多提前一年", "A year ahead at most"), field="starts_on")
    if ends_on < starts_on:
        raise Invalid(Words("最後一天要在開始日之後", "The last day lies before the first"), field="ends_on")
    most = figures.value_on(session, "board.most_days", starts_on)
    if (ends_on - starts_on).days + 1 > most:
        raise Invalid(Words("一則最多刊登 {n} 天", "{n} days at most").fill(n=most), field="ends_on")


def _record(session: Session, person: Person, action: str, posting: Posting, now: datetime, reason: str = "") -> None:
    session.flush()
    after = {"status": posting.status, "boards": [board.code for board in posting.boards]}
    audit.record(session, person, action, f"posting/{posting.id}", now, after=after, reason=reason)
