"""What an applicant does: ask what it costs, apply, send papers. (The officer's part: decisions.py; ends: cancellations.py.)

From the application on the slots are `held` in the ledger, first come, first served; whoever comes second is told who
was first. A rejection, a cancellation or a lapse gives them back in the same transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, selectinload

from common import audit, reservations
from common.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import Period, today
from common.roc import day_words
from common.words import Words
from venues import availability, equipment, messages, vocabulary
from venues.models import APPLIES, OWN_BODY, SEES_ALL, Booking, BookingEquipment, BookingSlot, TariffRow, Venue
from venues.slots import Chosen, reserved, runs
from venues.tariff import Quote, quote
from venues.vocabulary import (
    CITY_AGENCY,
    MANAGING_AGENCY,
    SUBMITTED,
)

TRIES = 8


class SlotTaken(Conflict):
    """Somebody has one of the slots; says which."""


class NotEligible(Forbidden):
    """Individuals cannot apply (S-12)."""

    words = Words("個人不能申請；請由立案團體申請。", "Individuals cannot apply; a registered body can.")


class NotNow(Conflict):
    """The booking is in another state than this step needs."""


class Wish(NamedTuple):
    """What somebody would like to have, and its price."""

    venue: Venue
    chosen: tuple[Chosen, ...]
    periods: list[Period]
    applicant_class: str
    tariff: TariffRow
    quote: Quote
    equipment: dict[str, int]
    overtime_minutes: int


def find(session: Session, person: Person, booking_id: int) -> Booking:
    """The booking, if this person may know of it. Raises NotFound."""
    booking = session.get(Booking, booking_id)
    if booking is None or not booking.can_see(person):
        raise NotFound
    return booking


def visible(person: Person) -> Select[Booking]:
    """The bookings this person may see: all, or those of the own body, or only the own ones."""
    found = select(Booking).options(selectinload(Booking.venue).selectinload(Venue.whole), selectinload(Booking.slots))
    if person.has(*SEES_ALL):
        return found
    if person.has(*OWN_BODY):
        return found.where(or_(Booking.agency_id == person.agency_id, Booking.applicant_id == person.id))
    return found.where(Booking.applicant_id == person.id)


def wish(
    session: Session,
    person: Person | None,
    now: datetime,
    *,
    venue_id: int,
    slots: Iterable[Chosen],
    applicant_class: str | None = None,
    overtime_minutes: int = 0,
    equipment: Mapping[str, int] | None = None,
    what_if: bool = False,
) -> Wish:
    """What these slots would cost this person's body, without taking anything; with `what_if`, any class may be asked for.

    Raises Invalid for slots, overtime or equipment that cannot be had here at all; whether they are free is another
    question (`in_the_way`).
    """
    place = availability.venue(session, venue_id, by_slots=True)
    kind = _what_if(place, person, applicant_class) if what_if else _class_for(place, person, applicant_class)
    chosen = tuple(sorted(set(slots)))
    _check_days(place, chosen)
    _check_extras(session, place, overtime_minutes, equipment or {})
    row = availability.tariff_row(session, place, today(now))
    price = quote(row.tariff, place.plan, chosen, kind, overtime_minutes, equipment)
    periods = reserved(place.plan, chosen, overtime_minutes)
    return Wish(
        place,
        chosen,
        periods,
        kind,
        row,
        price,
        {code: n for code, n in (equipment or {}).items() if n},
        overtime_minutes,
    )


def check_free(session: Session, wanted: Wish, now: datetime) -> None:
    """The courteous look before applying; the ledger decides. Raises SlotTaken or NotEnough."""
    if any(availability.busy(session, wanted.venue, each, now) for each in wanted.periods):
        raise _taken_words(session, wanted, now)
    equipment.pick(session, wanted.equipment, wanted.periods, now)


def available(session: Session, wanted: Wish, now: datetime) -> bool:
    """Whether a wish could be applied for and had at this moment."""
    try:
        availability.check_window(wanted.venue, {each.date for each in wanted.chosen}, now)
        check_free(session, wanted, now)
    except (Invalid, Conflict):
        return False
    return True


def apply(
    session: Session,
    person: Person,
    now: datetime,
    *,
    venue_id: int,
    slots: Sequence[Chosen],
    event_name: str,
    event_kind: str,
    attendees: int,
    applicant_class: str | None = None,
    equipment: Mapping[str, int] | None = None,
    overtime_minutes: int = 0,
    event_plan: str = "",
) -> Booking:
    """Apply for slots of a venue: they are held until the decision, and the quote is frozen.

    Posts BookingSubmitted. Raises Forbidden (S-12), Invalid (window S-10, uses and limits S-09), SlotTaken, NotEnough.
    """
    if not person.has(*APPLIES):
        raise NotEligible
    wanted = wish(
        session, person, now, venue_id=venue_id, slots=slots, applicant_class=applicant_class,
        overtime_minutes=overtime_minutes, equipment=equipment,
    )  # fmt: skip
    check_event(wanted.venue, event_kind, attendees)
    availability.check_window(wanted.venue, {each.date for each in wanted.chosen}, now)
    booking = Booking(
        status=SUBMITTED,
        venue=wanted.venue,
        applicant_id=person.id,
        agency_id=person.agency_id,
        applicant_class=wanted.applicant_class,
        event_name=event_name,
        event_kind=event_kind,
        attendees=attendees,
        event_plan=event_plan,
        overtime_minutes=overtime_minutes,
        starts_at=wanted.periods[0].starts_at,
        ends_at=wanted.periods[-1].ends_at,
        tariff_row=wanted.tariff,
        lines=[line.to_data() for line in wanted.quote.lines],
        fee=wanted.quote.fee,
        deposit=wanted.quote.deposit,
        submitted_at=now,
        changed_at=now,
    )
    plan = {slot.code: slot for slot in wanted.venue.plan}
    for each in wanted.chosen:
        period = plan[each.slot].on(each.date)
        row = BookingSlot(day=each.date, slot=each.slot, starts_at=period.starts_at, ends_at=period.ends_at)
        booking.slots.append(row)
    for kind, quantity in sorted((equipment or {}).items()):
        if quantity:
            booking.equipment.append(BookingEquipment(kind=kind, quantity=quantity))
    booking.moves_to(SUBMITTED, now, person)
    session.add(booking)
    session.flush()
    _claim(session, booking, wanted, now)
    messages.tell(session, messages.BookingSubmitted, booking, now)
    after = {"status": SUBMITTED, "venue": wanted.venue.code, "total": booking.total, "tariff": wanted.tariff.version}
    audit.record(session, person, "booking_submitted", f"booking/{booking.id}", now, after=after)
    return booking


def supplement(
    session: Session, person: Person, now: datetime, booking_id: int, *, event_plan: str, rev: int | None = None
) -> Booking:
    """Send in the papers asked for: back to the officer's queue. Raises Forbidden, NotNow, Stale."""
    booking = find(session, person, booking_id)
    booking.expect(rev)
    if not booking.is_of(person):
        raise Forbidden
    if not booking.can_supplement(person):
        raise NotNow(Words("這一件現在不需要補件。", "No papers are asked for at the moment."))
    booking.event_plan = event_plan
    booking.supplement, booking.supplement_by = "", None
    booking.moves_to(SUBMITTED, now, person)
    messages.tell(session, messages.BookingChanged, booking, now)
    audit.record(session, person, "booking_supplemented", f"booking/{booking.id}", now, after={"status": SUBMITTED})
    return booking


def _what_if(place: Venue, person: Person | None, asked: str | None) -> str:
    return asked or (person and place.class_of(person)) or vocabulary.REGISTERED_BODY


def _class_for(place: Venue, person: Person | None, asked: str | None) -> str:
    """The class the person's body belongs to; the server decides, a claim to another one is refused (S-30)."""
    actual = place.class_of(person) if person else None
    if actual is None:
        raise NotEligible
    if asked in (None, actual) or (asked == CITY_AGENCY and actual == MANAGING_AGENCY):
        return actual
    words = Words("貴單位的身分是「{actual}」", "Your body’s class is “{actual}”").fill(
        actual=vocabulary.CLASSES[actual]
    )
    raise Invalid(words, field="applicant_class")


def _check_days(place: Venue, chosen: Sequence[Chosen]) -> None:
    runs(place.plan, chosen)  # raises Invalid for none, or for a slot this venue does not have
    days = (chosen[-1].date - chosen[0].date).days + 1
    if days > place.max_days:
        words = Words("{venue}一次最多 {n} 天", "{venue}: {n} day(s) at most per event")
        raise Invalid(words.fill(venue=place.label, n=place.max_days), field="slots")


def _check_extras(session: Session, place: Venue, overtime_minutes: int, wanted: Mapping[str, int]) -> None:
    if not 0 <= overtime_minutes <= place.max_overtime:
        words = Words("逾時最多 {n} 分鐘", "Overtime may be {n} minutes at most").fill(n=place.max_overtime)
        raise Invalid(words, field="overtime_minutes")
    if wanted and not place.lends_equipment:
        raise Invalid(Words("這個場地不出借設備", "No equipment is lent here"), field="equipment")
    equipment.check(session, wanted)


def check_event(place: Venue, event_kind: str, attendees: int) -> None:
    """Raises Invalid for a use or a number of people the venue does not take (S-09)."""
    errors = []
    if event_kind not in vocabulary.EVENT_KINDS:
        words = Words(
            "活動性質限政令宣導、公益、文化、社教",
            "Only policy information, public benefit, culture or social education",
        )
        errors.append(FieldError("event_kind", words))
    if place.max_people and attendees > place.max_people:
        words = Words("{venue}最多 {n} 人", "{venue} takes {n} people at most").fill(
            venue=place.label, n=place.max_people
        )
        errors.append(FieldError("attendees", words))
    if errors:
        raise Invalid.many(errors)


def _claim(session: Session, booking: Booking, wanted: Wish, now: datetime) -> None:
    """Hold the venue, its parts and numbered pieces of equipment, all of it or none.

    Two rivals may pick the same piece while others are free: then only pieces stand in the way, and others are picked.
    """
    place = [(resource, period) for resource in wanted.venue.resources for period in wanted.periods]
    lent = {row.kind: row.quantity for row in booking.equipment}
    for attempt in range(1, TRIES + 1):
        pieces = equipment.pick(session, lent, wanted.periods, now) if lent else []
        wants = [*place, *((piece, period) for piece in pieces for period in wanted.periods)]
        try:
            reservations.claim(session, booking.holder, wants, now=now, state="held")
            return
        except reservations.Taken as taken:
            only_pieces = all(by.resource in pieces for by in taken.by)
            if not only_pieces or attempt == TRIES:
                raise _taken_words(session, wanted, now) from taken


def _taken_words(session: Session, wanted: Wish, now: datetime) -> SlotTaken:
    plan = {slot.code: slot for slot in wanted.venue.plan}
    occupied = [each for run in wanted.periods for each in availability.busy(session, wanted.venue, run, now)]
    lost = [each for each in wanted.chosen if any(plan[each.slot].on(each.date).overlaps(other) for other in occupied)]
    if not lost:
        words = Words(
            "逾時的時間已有人使用，請縮短或改選時段。", "Somebody has the overtime; shorten it or choose another slot."
        )
        return SlotTaken(words, field="slots")
    names = [(day_words(each.date), plan[each.slot].label) for each in lost]
    zh = "、".join(f"{day.zh}{slot.zh}" for day, slot in names)
    en = ", ".join(f"{day.en} {slot.en.lower()}" for day, slot in names)
    said = Words(
        "這個時段剛被別人申請走了：{what}。請改選其他時段。",
        "Somebody has just taken {what}. Please choose another slot.",
    )
    return SlotTaken(said.fill(what=Words(zh, en)), field="slots")
