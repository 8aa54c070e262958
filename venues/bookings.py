"""What an applicant does: ask what it costs, apply, send papers. (The officer's part: decisions.py; ends: cancellations.py.)

From the application on the slots are `held` in the ledger, first come, first served; whoever comes second is told who
was first. A rejection, a cancellation or a lapse gives them back in the same transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, selectinload

from common import audit, reservations
from common.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import Period, today
from common.words import Words
from venues import availability, contests, day_limits, equipment, government_calendar, hindrances, messages, vocabulary
from venues.holding import SlotTaken, hold, place_wants, taken_words
from venues.models import APPLIES, OWN_BODY, SEES_ALL, Booking, BookingEquipment, TariffRow, Venue
from venues.refusals import NotNow
from venues.slots import Chosen, reserved, runs
from venues.tariffs import Quote, quote
from venues.vocabulary import (
    CITY_AGENCY,
    MANAGING_AGENCY,
    SUBMITTED,
)


class NotEligible(Forbidden):
    """Individuals cannot apply (S-12)."""

    words = Words("個人不能申請；請由立案團體申請。", "Individuals cannot apply; a registered body can.")


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


def overdue(now: datetime) -> ColumnElement[bool]:
    """What picks the applications whose last day to decide has passed (S-36)."""
    return Booking.decide_by < today(now)


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
    event_kind: str = "",
    attendees: int = 0,
    what_if: bool = False,
) -> Wish:
    """What these slots would cost this person's body, without taking anything; with `what_if`, any class may be asked for.

    Raises Invalid for slots, overtime or equipment that cannot be had here at all; whether they are free is another
    question (`in_the_way`).
    """
    place = availability.venue(session, venue_id, by_slots=True)
    kind = _what_if(place, person, applicant_class) if what_if else _class_for(place, person, applicant_class)
    chosen = tuple(sorted(set(slots)))
    check_days(place, chosen)
    _check_extras(session, place, overtime_minutes, equipment or {})
    row = availability.tariff_row(session, place, today(now))
    price = quote(
        row.tariff, place.plan, chosen, kind, overtime_minutes, equipment, event=event_kind, people=attendees, part=place.code,
        calendar=government_calendar.between(session, chosen[0].date, chosen[-1].date),
    )  # fmt: skip
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
    """The courteous look before applying; the ledger decides. Raises Closed (S-18), SlotTaken or NotEnough."""
    hindrances.check_open(session, wanted.venue, wanted.periods)
    if reservations.in_the_way(session, place_wants(wanted.venue, wanted.periods), now):
        raise taken_words(session, wanted.venue, wanted.chosen, wanted.periods, now)
    equipment.pick(session, wanted.equipment, wanted.periods, now)


def available(session: Session, wanted: Wish, now: datetime) -> bool:
    """Whether a wish could be applied for and had at this moment."""
    try:
        check_window(wanted, now)
        check_free(session, wanted, now)
    except (Invalid, Conflict):
        return False
    return True


def check_window(wanted: Wish, now: datetime, emergency: str = "") -> bool:
    """Whether the wish needs the emergency path (S-32). Raises Invalid (field `slots`) outside the window (S-10…S-35)."""
    rules, days = wanted.tariff.tariff.applying, {each.date for each in wanted.chosen}
    told = {"applicant_class": wanted.applicant_class, "emergency": emergency}
    return availability.check_window(wanted.venue, rules, days, now, **told)


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
    charity_sale: bool = False,
    undertakes: bool = False,
    may_contest: bool = False,
    emergency: str = "",
) -> Booking:
    """Apply for slots of a venue: they are held until the decision, and the quote is frozen.

    `undertakes`: the applicant read the limits of S-14 and S-15 and undertakes to keep them. With `may_contest`, slots that
    others applied for and that are not decided on yet are contested until a deadline (S-30) instead of refused.
    `emergency` states why it could not be foreseen, where the hall has such a path; it is kept only if it was needed (S-32).
    Posts BookingSubmitted. Raises Forbidden (S-12), Barred (S-39), Closed (S-18), Invalid (window S-10, S-31…S-35; days a
    month S-31; uses and limits S-09), SlotTaken, NotEnough.
    """
    if not person.has(*APPLIES):
        raise NotEligible
    hindrances.check_bar(session, person.agency_id, now)
    wanted = wish(
        session, person, now, venue_id=venue_id, slots=slots, applicant_class=applicant_class,
        overtime_minutes=overtime_minutes, equipment=equipment, event_kind=event_kind, attendees=attendees,
    )  # fmt: skip
    check_event(wanted.venue, event_kind, attendees)
    needs_emergency = check_window(wanted, now, emergency)
    rules, days = wanted.tariff.tariff.applying, {each.date for each in wanted.chosen}
    day_limits.check(session, wanted.venue, rules, person.agency_id, days)
    hindrances.check_open(session, wanted.venue, wanted.periods)
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
        charity_sale=charity_sale,
        emergency=emergency if needs_emergency else "",
        undertaken_at=now if undertakes else None,
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
    booking.ask_for(wanted.chosen)
    for kind, quantity in sorted((equipment or {}).items()):
        if quantity:
            booking.equipment.append(BookingEquipment(kind=kind, quantity=quantity))
    booking.moves_to(SUBMITTED, now, person)
    session.add(booking)
    session.flush()
    _hold(session, booking, now, may_contest)
    messages.tell(session, messages.BookingSubmitted, booking, now)
    after = {"status": SUBMITTED, "venue": wanted.venue.code, "total": booking.total, "tariff": wanted.tariff.version}
    audit.record(
        session, person, "booking_submitted", f"booking/{booking.id}", now, after=after, reason=booking.emergency
    )
    return booking


def _hold(session: Session, booking: Booking, now: datetime, may_contest: bool) -> None:
    try:
        hold(session, booking, now)
    except SlotTaken:
        if not may_contest or not contests.join(session, booking, now):
            raise


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
    if booking.supplement_by is not None and booking.supplement_by < today(now):
        raise NotNow(
            Words("補正期限已過，這一件就要失效。", "The day to send them by has passed; it is about to lapse.")
        )
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


def check_days(place: Venue, chosen: Sequence[Chosen]) -> None:
    """Raises Invalid (field `slots`) for no slot, one this venue does not have, or more days than one event may take."""
    runs(place.plan, chosen)
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
