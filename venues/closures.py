"""Closures (V10, S-18, S-37): venues closed for a period, with what that touches shown before, and withdrawn again.

The request only records the closure; from then on nothing new is taken (`hindrances`). A worker carries it out in slices
(suspending.py): so 10,000 bookings need no longer request than one. Closing a venue closes its parts, and with a part
the whole cannot be had either: the reservation ledger knows who has what.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, String, and_, cast, exists, func, literal, or_, select
from sqlalchemy.orm import Session, selectinload

from common import audit, reservations
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import Period
from common.reservations import Reservation
from common.words import Words
from venues import availability, messages, money, vocabulary
from venues.holding import periods_of, place_wants
from venues.models import (
    DECIDES,
    SEES_ALL,
    Booking,
    ClosedPlace,
    Closure,
    ClosureLine,
    ContestEntry,
    Meeting,
    MoneyEntry,
    Venue,
)
from venues.models.closures import CARRIED_OUT, RECORDED, REOPENING

SHOWN = 100
"""How many bookings and meetings a preview names one by one."""
MOST_DAYS = 1100
A_DAY = timedelta(days=1)
"""Longer than any time a venue keeps around a booking."""


class ClosureChanged(Conflict):
    """What the closure touches is no longer what was shown."""


@dataclass(frozen=True)
class Preview:
    """What a closure would do: how many bookings and meetings, what they get back, who has to be told."""

    venues: Sequence[Venue]
    period: Period
    booking_ids: Sequence[int]
    meeting_ids: Sequence[int]
    others: Sequence[str]
    refund: int
    applicants: int
    bookings: Sequence[Booking]
    meetings: Sequence[Meeting]
    paid: dict[int, int]

    @property
    def touched(self) -> int:
        """Bookings and meetings together: what the officer is asked to confirm."""
        return len(self.booking_ids) + len(self.meeting_ids)


def chosen(session: Session, venue_ids: Iterable[int]) -> list[Venue]:
    """The venues meant by a scope; none named means all. Raises Invalid for one that is not there."""
    everything = availability.venues(session)
    wanted = set(venue_ids)
    if not wanted:
        return [venue for venue in everything if venue.whole_id is None]
    found = [venue for venue in everything if venue.id in wanted]
    if len(found) != len(wanted):
        raise Invalid(Words("找不到其中一個場地", "One of the venues is not there"), field="venue_ids")
    return found


def preview(session: Session, now: datetime, *, venue_ids: Sequence[int], period: Period) -> Preview:
    """Which bookings and meetings a closure would touch and what it would return; changes nothing. Raises Invalid."""
    venues = chosen(session, venue_ids)
    _check(period, now)
    resources = _resources(venues)
    ahead = Period(max(period.starts_at, now), period.ends_at)
    booking_ids, meeting_ids, others = _touched(session, venues, resources, ahead, now)
    paid = _paid(session, booking_ids)
    return Preview(
        venues, period, booking_ids, meeting_ids, others, sum(paid.values()), _applicants(session, booking_ids),
        _named(session, booking_ids), _meetings(session, meeting_ids), paid,
    )  # fmt: skip


def close(
    session: Session,
    person: Person,
    now: datetime,
    *,
    venue_ids: Sequence[int],
    period: Period,
    reason: str,
    ground: str,
    shown: int | None = None,
) -> Closure:
    """Close venues for a period (none named: all). Records it and posts VenueClosed; the worker does the rest.

    `shown` is how many bookings and meetings the officer saw; another number by now raises ClosureChanged. Raises
    Forbidden, Invalid.
    """
    if not person.has(*DECIDES):
        raise Forbidden
    found = preview(session, now, venue_ids=venue_ids, period=period)
    if shown is not None and shown != found.touched:
        words = Words("現在受影響的是 {n} 件，請再確認一次。", "{n} are touched by now. Please check again.")
        raise ClosureChanged(words.fill(n=found.touched), field="shown")
    closure = Closure(
        state=RECORDED, everything=not venue_ids, starts_at=period.starts_at, ends_at=period.ends_at, reason=reason,
        ground=ground, expected=found.touched, done=0, refunded=0, made_at=now, by_id=person.id,
    )  # fmt: skip
    closure.places = [ClosedPlace(venue=venue) for venue in found.venues]
    session.add(closure)
    messages.tell_closure(session, messages.VenueClosed, closure, now)
    after = {
        "venues": [venue.code for venue in found.venues], "starts_at": period.starts_at, "ends_at": period.ends_at,
        "ground": ground, "touched": found.touched, "refund": found.refund,
    }  # fmt: skip
    audit.record(session, person, "venue_closed", f"closure/{closure.id}", now, after=after, reason=reason)
    return closure


def reopen(
    session: Session,
    person: Person,
    now: datetime,
    closure_id: int,
    *,
    reason: str,
    restore: bool = False,
    rev: int | None = None,
) -> Closure:
    """Withdraw a closure: its time can be had again, and posts VenueReopened; the worker frees the ledger.

    With `restore` the worker gives suspended bookings back whose time is free, whose applicants asked for it and who have
    not been paid back yet; all others stay refunded. Raises Forbidden, NotFound, Conflict, Stale.
    """
    if not person.has(*DECIDES):
        raise Forbidden
    closure = find(session, person, closure_id)
    closure.expect(rev)
    if closure.state != CARRIED_OUT:
        words = (
            Words("停止使用還在辦理中，辦畢才能重新開放。", "It is still being carried out; wait until it is done.")
            if closure.state == RECORDED
            else Words("已經重新開放。", "It was withdrawn already.")
        )
        raise Conflict(words)
    closure.state, closure.reopened_at, closure.reopened_by_id = REOPENING, now, person.id
    closure.reopened_reason, closure.restores = reason, restore
    messages.tell_closure(session, messages.VenueReopened, closure, now)
    after = {"restore": restore}
    audit.record(session, person, "venue_reopened", f"closure/{closure.id}", now, after=after, reason=reason)
    return closure


def want_back(session: Session, person: Person, now: datetime, booking_id: int, *, wanted: bool) -> ClosureLine:
    """The applicant's answer: whether a suspended booking shall stand again if its closure is withdrawn.

    Raises NotFound, Forbidden, Conflict.
    """
    line = line_of(session, booking_id)
    if line is None or line.booking is None or not line.booking.can_see(person):
        raise NotFound
    if not line.booking.is_of(person):
        raise Forbidden
    if line.outcome != "suspended" or not line.closure.stands:
        raise Conflict(Words("這一件已經不能再表示意願。", "It is too late to answer for this booking."))
    line.wants_back = wanted
    after = {"wants_back": wanted}
    audit.record(session, person, "restoring_answered", f"booking/{booking_id}", now, after=after)
    return line


def find(session: Session, person: Person, closure_id: int) -> Closure:
    """A closure, for those who oversee venues. Raises NotFound."""
    closure = session.get(Closure, closure_id)
    if closure is None or not person.has(*SEES_ALL):
        raise NotFound
    return closure


def every() -> Select[Closure]:
    """All closures, with their venues, as a statement to page through."""
    places = selectinload(Closure.places).selectinload(ClosedPlace.venue)
    return select(Closure).options(places.selectinload(Venue.whole), places.selectinload(Venue.parts))


def lines(closure: Closure) -> Select[ClosureLine]:
    """What a closure did, one line for each booking and meeting, as a statement to page through."""
    found = select(ClosureLine).where(ClosureLine.closure_id == closure.id)
    return found.options(selectinload(ClosureLine.booking), selectinload(ClosureLine.meeting))


def wanting(session: Session, closure: Closure) -> int:
    """How many applicants want their suspended bookings back."""
    found = select(func.count()).select_from(ClosureLine)
    wanted = found.where(ClosureLine.closure_id == closure.id, ClosureLine.wants_back.is_(True))
    return session.scalar(wanted) or 0


def line_of(session: Session, booking_id: int) -> ClosureLine | None:
    """What the last closure in a booking's way did to it."""
    found = select(ClosureLine).where(ClosureLine.booking_id == booking_id)
    return session.scalars(found.order_by(ClosureLine.id.desc()).limit(1)).first()


def notices(session: Session, now: datetime) -> list[Closure]:
    """Closures that stand and are not over yet, soonest first: for everyone to read."""
    standing = every().where(Closure.state.in_((RECORDED, CARRIED_OUT)), Closure.ends_at > now)
    return list(session.scalars(standing.order_by(Closure.starts_at, Closure.id)))


# ── What a closure touches ────────────────────────────────────────────────────


def in_ledger(resources: Sequence[str], period: Period, now: datetime) -> Select[str]:
    """Who has anything of these resources within the period, as the ledger knows it; run-out holds left out."""
    return (
        select(Reservation.holder)
        .where(
            Reservation.resource.in_(resources),
            reservations.is_active(),
            Reservation.starts_at < period.ends_at,
            Reservation.ends_at > period.starts_at,
            (Reservation.expires_at.is_(None)) | (Reservation.expires_at > now),
        )
        .distinct()
    )


def without_hold(session: Session, venues: Sequence[Venue], period: Period) -> list[int]:
    """Undecided applications for these venues, their parts and wholes that do not hold them in the ledger themselves.

    Those are the ones that contend for a slot: their contest holds it; what they may hold is their pieces of equipment.
    What counts is all they contend for: their runs of slots whole, with overtime and the time kept around them.
    """
    around = {one for venue in venues for one in (venue.id, *_part_ids(venue), *_whole_ids(venue))}
    held = exists().where(
        Reservation.holder == literal("booking:") + cast(Booking.id, String), reservations.is_active()
    )
    running = exists().where(ContestEntry.booking_id == Booking.id, ContestEntry.result.is_(None))
    contested = and_(Booking.status == vocabulary.CONTESTED, running)
    waiting = or_(contested, and_(Booking.status.in_(vocabulary.UNDECIDED), ~held))
    near = select(Booking).where(
        waiting, Booking.venue_id.in_(sorted(around)),
        Booking.starts_at < period.ends_at + A_DAY, Booking.ends_at > period.starts_at - A_DAY,
    )  # fmt: skip
    found = session.scalars(near.options(selectinload(Booking.slots)).order_by(Booking.id))
    closed = set(_resources(venues))
    return [
        booking.id
        for booking in found
        if any(
            resource in closed and wanted.overlaps(period)
            for resource, wanted in place_wants(booking.venue, periods_of(booking))
        )
    ]


def ids_of(kind: str, holders: Iterable[str]) -> list[int]:
    """The numbers of the holders of one kind ("booking", "meeting"), in order."""
    return sorted(int(holder.split(":", 1)[1]) for holder in holders if holder.startswith(f"{kind}:"))


def _touched(
    session: Session, venues: Sequence[Venue], resources: Sequence[str], period: Period, now: datetime
) -> tuple[list[int], list[int], list[str]]:
    holders = list(session.scalars(in_ledger(resources, period, now)))
    booking_ids = sorted({*ids_of("booking", holders), *without_hold(session, venues, period)})
    others = sorted(each for each in holders if not each.startswith(("booking:", "meeting:", "closure:")))
    return booking_ids, ids_of("meeting", holders), others


def _resources(venues: Sequence[Venue]) -> list[str]:
    return sorted({resource for venue in venues for resource in venue.resources})


def _part_ids(venue: Venue) -> list[int]:
    return [one for part in venue.parts for one in (part.id, *_part_ids(part))]


def _whole_ids(venue: Venue) -> list[int]:
    return [venue.whole.id, *_whole_ids(venue.whole)] if venue.whole else []


def _paid(session: Session, booking_ids: Sequence[int]) -> dict[int, int]:
    """What was paid for each booking: all of it comes back (S-18, S-37)."""
    out: dict[int, int] = {}
    for some in _chunks(booking_ids):
        paid = select(MoneyEntry.booking_id, func.sum(MoneyEntry.amount)).where(
            MoneyEntry.booking_id.in_(some), MoneyEntry.kind == money.PAYMENT
        )
        for booking_id, amount in session.execute(paid.group_by(MoneyEntry.booking_id)):
            out[booking_id] = int(amount)
    return out


def _applicants(session: Session, booking_ids: Sequence[int]) -> int:
    people: set[int] = set()
    for some in _chunks(booking_ids):
        people.update(session.scalars(select(Booking.applicant_id).where(Booking.id.in_(some)).distinct()))
    return len(people)


def _named(session: Session, booking_ids: Sequence[int]) -> list[Booking]:
    found = select(Booking).where(Booking.id.in_(booking_ids[:SHOWN])).order_by(Booking.starts_at, Booking.id)
    options = (selectinload(Booking.venue).selectinload(Venue.whole), selectinload(Booking.agency))
    return list(session.scalars(found.options(*options)))


def _meetings(session: Session, meeting_ids: Sequence[int]) -> list[Meeting]:
    found = select(Meeting).where(Meeting.id.in_(meeting_ids[:SHOWN])).order_by(Meeting.starts_at, Meeting.id)
    return list(session.scalars(found.options(selectinload(Meeting.room), selectinload(Meeting.agency))))


def _chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + 500] for start in range(0, len(ids), 500))


def _check(period: Period, now: datetime) -> None:
    if period.ends_at <= now:
        raise Invalid(Words("這段時間已經過去了", "That time has passed"), field="ends_at")
    if period.duration.days > MOST_DAYS:
        words = Words("一次最多停止使用 {n} 天", "{n} days at most at one time").fill(n=MOST_DAYS)
        raise Invalid(words, field="ends_at")
