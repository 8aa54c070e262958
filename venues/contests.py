"""Several applications for the same slots: collected until a deadline, then decided by class and by lot (S-30).

An applicant may enter (`bookings.apply` with `may_contest`) while those who came before are not decided on and their
deadline has not passed. From then on the contest holds, in its own name, everything any of them asks for, so nobody else
gets in between. After the deadline the classes are served in order; where two of one class clash, the list of tickets and
its hash are published first, and a public value that nobody can know yet gives the order (common.draw).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.draw import draw, tickets_sha256
from common.errors import Forbidden, NotFound
from common.identity import Person
from common.period import Period, local, merged, taipei, today
from common.roc import day_words
from common.words import Words
from venues import availability, messages, setup_holds
from venues.holding import SlotTaken, hold, hold_pieces, periods_of, place_wants
from venues.models import DECIDES, Booking, Contest, ContestEntry
from venues.models.contest import DECIDED, LISTED, LOST, OPEN, OUT, VOID, WON
from venues.precedence import Contender, draw_needed, served
from venues.refusals import NotNow
from venues.vocabulary import CLASSES, CONTESTED, SUBMITTED, SUPPLEMENT_NEEDED, UNDECIDED

CLOSES = "17:00"
SEED_KNOWN = "15:00"
TRIES = 4
RANKS = {code: rank for rank, code in enumerate(CLASSES)}


class AlreadyYours(SlotTaken):
    """A body has one application for a time: a second would only be a second lot."""

    words = Words("貴單位已經申請了這個時段。", "Your body has applied for this time already.")


def find(session: Session, contest_id: int) -> Contest:
    """A contest; anybody may look at its list, which names nobody. Raises NotFound."""
    contest = session.get(Contest, contest_id)
    if contest is None:
        raise NotFound
    return contest


def entry_of(session: Session, booking: Booking) -> ContestEntry | None:
    """The booking's place in a contest, if it is or was in one."""
    return session.scalars(select(ContestEntry).where(ContestEntry.booking_id == booking.id)).first()


def deadline(booking: Booking) -> datetime:
    """Until when others may enter against a booking that is not decided on: 17:00, so many days after it was sent."""
    last = local(booking.submitted_at).date() + timedelta(days=booking.venue.contest_days)
    return min(taipei(last, CLOSES), booking.starts_at) if booking.venue.contest_days else booking.submitted_at


def rivals(
    session: Session, wants: list[reservations.Want], now: datetime, *, mine: str = "", lock: bool = False
) -> list[Booking | Contest] | None:
    """Whom an application for `wants` would enter against; None when something stands in the way that cannot be contested.

    `mine` is the holder that does not stand in its own way.
    """
    found: list[Booking | Contest] = []
    for holder in _holders(session, wants, now, mine):
        kind, _, number = holder.partition(":")
        row: Booking | Contest | None = None
        open_ = False
        if kind == "booking":
            row = session.get(Booking, int(number), with_for_update=lock or None, populate_existing=lock)
            open_ = row is not None and row.status in UNDECIDED and now < deadline(row)
        elif kind == "contest":
            row = session.get(Contest, int(number), with_for_update=lock or None, populate_existing=lock)
            open_ = row is not None and row.state == OPEN and now < row.closes_at
        if row is None or not open_:
            return None
        found.append(row)
    return found


def join(session: Session, booking: Booking, now: datetime) -> bool:
    """Enter a new application against those that stand in its way; False when they cannot be contested (any more).

    Posts BookingContested for each that was not contested before. Raises AlreadyYours.
    """
    wants = _wants(booking)
    for _ in range(TRIES):
        before = _holders(session, wants, now, booking.holder)
        against = rivals(session, wants, now, mine=booking.holder, lock=True)
        if before != _holders(session, wants, now, booking.holder):
            continue  # while this one waited for its rivals' rows, they entered a contest or left
        if against is None:
            return False
        hold_pieces(session, booking, now)
        if not against:
            hold(session, booking, now, with_pieces=False)
            return True
        _enter_all(session, booking, against, now)
        return True
    return False


def leave(session: Session, bookings: Iterable[Booking], now: datetime) -> None:
    """Take bookings that end out of their contests, all at once; whoever is left alone goes back to the officer's queue."""
    ids = {booking.id for booking in bookings}
    theirs = select(ContestEntry.contest_id).where(ContestEntry.booking_id.in_(ids), ContestEntry.result.is_(None))
    for number in session.scalars(theirs.distinct().order_by(ContestEntry.contest_id)).all():
        contest = _locked(session, number)
        for entry in contest.running:
            if entry.booking_id in ids:
                entry.result = OUT
        _without_them(session, contest, now)


def close_due(session: Session, now: datetime) -> int:
    """Close what is due: decided by class, or its list published for a draw. Returns how many. Run by the worker."""
    due = select(Contest).where(Contest.state == OPEN, Contest.closes_at <= now).order_by(Contest.id).limit(50)
    closing = list(session.scalars(due.with_for_update()))
    for contest in closing:
        _close(session, contest, now)
    return len(closing)


def draw_tie(
    session: Session, person: Person, now: datetime, contest_id: int, *, seed: str, rev: int | None = None
) -> Contest:
    """Draw the published list with the public seed, and give the slots to those whom it serves first.

    Raises Forbidden, NotFound, NotNow (nothing to draw, or the seed cannot be known yet), Invalid (field `seed`), Stale.
    """
    if not person.has(*DECIDES):
        raise Forbidden
    find(session, contest_id)
    contest = _locked(session, contest_id)
    contest.expect(rev)
    if contest.state != LISTED or contest.seed_at is None:
        raise NotNow(Words("這一組現在沒有要抽的籤。", "There is nothing to draw here now."))
    if now < contest.seed_at:
        words = Words(
            "種子值 {day} {clock} 才公開，還不能抽籤。", "The seed will be known on {day} at {clock}, not before."
        )
        when = local(contest.seed_at)
        raise NotNow(words.fill(day=day_words(when.date()), clock=f"{when:%H:%M}"))
    drawn = draw(contest.tickets, seed, seed_source=contest.seed_source)
    contest.seed, contest.order = drawn.seed, list(drawn.order)
    _decide(session, contest, now, person)
    after = {"seed": contest.seed, "tickets_sha256": contest.tickets_sha256, "order": contest.order}
    audit.record(session, person, "contest_drawn", f"contest/{contest.id}", now, after=after)
    return contest


def _locked(session: Session, contest_id: int) -> Contest:
    """The contest as it is now, held until the end of the transaction: who enters, leaves or draws waits for the others."""
    contest = session.get_one(Contest, contest_id, with_for_update=True, populate_existing=True)
    session.refresh(contest, ["entries"])
    return contest


def _without_them(session: Session, contest: Contest, now: datetime) -> None:
    """Go on with those who are left, if that is still a contest."""
    running = contest.running
    if contest.state == LISTED and running and not draw_needed(_contenders(running)):
        _decide(session, contest, now, None)
    elif len(running) < 2:
        _end_alone(session, contest, running, now)
    else:
        _hold_everything(session, contest, now)


def _holders(session: Session, wants: list[reservations.Want], now: datetime, mine: str) -> list[str]:
    return sorted({by.holder for by in reservations.in_the_way(session, wants, now)} - {mine})


def _enter_all(session: Session, booking: Booking, against: list[Booking | Contest], now: datetime) -> None:
    running = sorted((row for row in against if isinstance(row, Contest)), key=lambda row: row.id)
    waiting = sorted((row for row in against if isinstance(row, Booking)), key=lambda row: row.id)
    everybody = [*waiting, *(entry.booking for contest in running for entry in contest.running)]
    mine = _contender("", booking)
    if any(each.agency_id == booking.agency_id and mine.clashes(_contender("", each)) for each in everybody):
        raise AlreadyYours(field="slots")
    closes_at = max([*(contest.closes_at for contest in running), *(deadline(each) for each in waiting)])
    if running:
        contest = running[0]
    else:
        contest = Contest(state=OPEN, opened_at=now, closes_at=closes_at)
        session.add(contest)
        session.flush()
    contest.closes_at = closes_at
    for other in running[1:]:
        for entry in other.running:
            entry.contest = contest
        other.state = VOID
        reservations.release(session, other.holder)
    for each in [*waiting, booking]:
        _enter(session, contest, each, now)
    session.flush()
    session.refresh(contest, ["entries"])
    _hold_everything(session, contest, now)


def _enter(session: Session, contest: Contest, booking: Booking, now: datetime) -> None:
    entry = entry_of(session, booking) or ContestEntry(booking=booking)
    entry.contest, entry.joined_at, entry.ticket, entry.result = contest, now, None, None
    session.add(entry)
    closes = local(contest.closes_at)
    words = Words(
        "同一時段有多件申請，{day} {clock} 截止後依順位，同順位抽籤。",
        "Several applied for this time. After {day}, {clock}: by class, then by lot.",
    ).fill(day=day_words(closes.date()), clock=f"{closes:%H:%M}")
    booking.moves_to(CONTESTED, now, None, words.zh)
    messages.tell(session, messages.BookingContested, booking, now, reason=words.zh)


def _hold_everything(session: Session, contest: Contest, now: datetime) -> None:
    """Have the contest hold what any of those in it asks for, and nothing else; pieces stay with their applications."""
    reservations.release(session, contest.holder)
    wanted: dict[str, list[Period]] = {}
    for entry in contest.running:
        reservations.release(session, entry.booking.holder, entry.booking.venue.resources)
        for resource, period in _wants(entry.booking):
            wanted.setdefault(resource, []).append(period)
    wants = [(resource, period) for resource, periods in wanted.items() for period in merged(periods)]
    try:
        reservations.claim(session, contest.holder, wants, now=now, state="held")
    except reservations.Taken as taken:
        raise SlotTaken(field="slots") from taken


def _close(session: Session, contest: Contest, now: datetime) -> None:
    running = contest.running
    if len(running) < 2:
        _end_alone(session, contest, running, now)
        return
    for number, entry in enumerate(running, start=1):
        entry.ticket = f"{contest.id:04d}-{number:02d}"
    if not draw_needed(_contenders(running)):
        _decide(session, contest, now, None)
        return
    venue = running[0].booking.venue
    known = availability.working_day(session, today(now), 1)  # nobody can know it when the list is published
    contest.state, contest.listed_at = LISTED, now
    contest.tickets_sha256 = tickets_sha256(contest.tickets)
    contest.seed_at = taipei(known, SEED_KNOWN)
    contest.seed_source = venue.contest_seed
    for entry in running:
        words = Words(
            "同順位要抽籤：你的籤號 {ticket}；名單與雜湊值已公布，{day}以「{source}」為種子抽籤。",
            "A draw decides: your ticket is {ticket}. The list and its hash are published; drawn on {day} from {source}.",
        ).fill(ticket=entry.ticket, day=day_words(local(contest.seed_at).date()), source=contest.seed_source)
        messages.tell(session, messages.BookingToBeDrawn, entry.booking, now, reason=words.zh)


def _decide(session: Session, contest: Contest, now: datetime, by: Person | None) -> None:
    running = contest.running
    got = served(_contenders(running), contest.order)
    reservations.release(session, contest.holder)
    contest.state, contest.decided_at, contest.decided_by_id = DECIDED, now, by.id if by else None
    for entry in sorted(running, key=lambda one: got.index(one.ticket) if one.ticket in got else len(got)):
        if entry.ticket in got:
            entry.result = WON
            hold(session, entry.booking, now, with_pieces=False)
            _back_to_the_queue(entry.booking, now)
            messages.tell(session, messages.BookingContestWon, entry.booking, now)
        else:
            _lose(session, entry, now)
    for entry in running:  # after everybody's own time: what is around one may be the time of another
        if entry.result == WON:
            setup_holds.hold_again(session, entry.booking, now)


def _lose(session: Session, entry: ContestEntry, now: datetime) -> None:
    booking = entry.booking
    entry.result = LOST
    entry.choose_by = min(taipei(today(now) + timedelta(days=booking.venue.supplement_days), CLOSES), booking.starts_at)
    reservations.release(session, booking.holder)
    until = local(entry.choose_by)
    words = Words(
        "這個時段由順位在前或先抽中的申請取得。{day} {clock} 前可以改選其他時段，不必重新申請。",
        "An earlier class or an earlier lot has this time. Until {day}, {clock} you may choose another without applying anew.",
    ).fill(day=day_words(until.date()), clock=f"{until:%H:%M}")
    booking.moves_to(CONTESTED, now, None, words.zh)
    messages.tell(session, messages.BookingContestLost, booking, now, reason=words.zh)
    setup_holds.drop(session, booking, now)


def _end_alone(session: Session, contest: Contest, running: Iterable[ContestEntry], now: datetime) -> None:
    contest.state = VOID
    reservations.release(session, contest.holder)
    for entry in running:
        hold(session, entry.booking, now, with_pieces=False)
        _back_to_the_queue(entry.booking, now)
        messages.tell(session, messages.BookingContestWon, entry.booking, now)
        entry.result = WON
        setup_holds.hold_again(session, entry.booking, now)


def _back_to_the_queue(booking: Booking, now: datetime) -> None:
    if not booking.supplement:
        booking.moves_to(SUBMITTED, now, None)
        return
    day_before = local(booking.starts_at).date() - timedelta(days=1)
    booking.supplement_by = min(today(now) + timedelta(days=booking.venue.supplement_days), day_before)
    booking.moves_to(SUPPLEMENT_NEEDED, now, None, booking.supplement)


def _contenders(entries: Iterable[ContestEntry]) -> list[Contender]:
    return [_contender(entry.ticket or "", entry.booking) for entry in entries]


def _contender(ticket: str, booking: Booking) -> Contender:
    return Contender(ticket, RANKS[booking.applicant_class], tuple(_wants(booking)))


def _wants(booking: Booking) -> list[reservations.Want]:
    return place_wants(booking.venue, periods_of(booking))
