"""Allotment and offers 核配: rooms to the ranked, each held until a deadline (D-18), taken, given up or passed on (D-19)."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.db import for_update
from common.errors import Conflict, Forbidden, NotFound
from common.identity import Person
from common.messages import post
from common.period import Period, local, taipei, today
from common.roc import when_words
from common.words import Words
from dorms import occupancy, rounds, rulebook
from dorms import vocabulary as say
from dorms.allocation import allot, next_in_line
from dorms.messages import OfferAccepted, OfferDeclined, OfferLapsed, OfferMade
from dorms.models import Application, Bar, Offer, Room, Round, Tenancy, nights

OFFICE_CLOSES = "17:00"
SATURDAY = 5


class OfferOver(Conflict):
    """The offer was answered, or its deadline has passed."""


def allot_rooms(session: Session, person: Person, now: datetime, round_id: int, *, rev: int | None = None) -> Round:
    """Give the vacant rooms of the round's kind to its applicants by rank, and hold each for its person.

    Everyone else waits on the list. Raises NotYet before publication, DoneAlready, Forbidden, Taken.
    """
    if not person.has("dorm_officer"):
        raise Forbidden
    row = session.get(Round, round_id, **for_update(session))
    if row is None:
        raise NotFound
    row.expect(rev)
    if row.published_at is None or row.record is None:
        raise rounds.NotYet(Words("名次公布後才能核配。", "Rooms are allotted after the ranking is published."))
    if row.allotted_at:
        raise rounds.DoneAlready(Words("這一期已經核配過。", "Rooms were allotted in this round already."))
    rooms = occupancy.vacant_rooms(session, row.kind, stay_from(session, today(now)), now)
    by_id = {str(room.id): room for room in rooms}
    for room_id in sorted(room.id for room in rooms):
        occupancy.hold(session, by_id[str(room_id)])
    by_code = {application.code: application for application in row.standing}
    outcomes = allot([application.wish for application in row.standing], [room.vacant for room in rooms])
    row.allotted_at = now
    row.record = {
        **row.record,
        "rooms": [
            {"id": str(room.id), "building": room.building_id, "room": room.words.zh, "room_en": room.words.en}
            for room in rooms
        ],
        "allotment": [
            {
                "code": outcome.code,
                "rank": outcome.rank,
                "room_id": outcome.room,
                "choice": outcome.choice,
                "explanation": outcome.explanation.zh,
                "explanation_en": outcome.explanation.en,
            }
            for outcome in outcomes
        ],
    }
    for outcome in outcomes:
        application = by_code[outcome.code]
        if outcome.room is None:
            application.state = say.WAITING
        else:
            make_offer(session, now, application, by_id[outcome.room])
    session.flush()
    given = {outcome.code: outcome.room for outcome in outcomes if outcome.room}
    audit.record(session, person, "dorms.allot", f"round/{row.id}", now, after={"given": given})
    return row


def stay_from(session: Session, day: date) -> Period:
    """The nights of a stay that begins on `day` and lasts the usual term (D-20)."""
    return nights(day, rulebook.whole_years_later(day, rulebook.number(session, rulebook.TERM_YEARS, day).value))


def last_day(day: date, days: int) -> date:
    """So many days from notice; a weekend moves it to Monday (as D-17 has it for notices)."""
    end = day + timedelta(days=days)
    return end + timedelta(days=7 - end.weekday()) if end.weekday() >= SATURDAY else end


def make_offer(
    session: Session, now: datetime, application: Application, room: Room, follows: Offer | None = None
) -> Offer:
    """Hold the room's bed for the applicant until the deadline (17:00 on its last day, D-18) and tell them.

    Raises Taken when somebody else has the bed in that time, NotVacant when the room left the stock meanwhile.
    """
    day = today(now)
    occupancy.hold(session, room)
    if not occupancy.in_stock(room):
        raise occupancy.NotVacant
    days = rulebook.number(session, rulebook.ACCEPT_DAYS, day).value
    years = rulebook.number(session, rulebook.TERM_YEARS, day).value
    offer = Offer(
        application=application,
        person_id=application.person_id,
        room=room,
        bed=occupancy.free_bed(session, room, nights(day, rulebook.whole_years_later(day, years)), now),
        follows_id=follows.id if follows else None,
        made_at=now,
        accept_by=taipei(last_day(day, days), OFFICE_CLOSES),
        stay_from=day,
        stay_until=rulebook.whole_years_later(day, years),
    )
    application.state = say.OFFERED
    session.add(offer)
    session.flush()
    reservations.claim(
        session, offer.holder, [(offer.bed.resource, offer.stay)], now=now, state="held", expires_at=offer.accept_by
    )
    post(session, OfferMade, subject=f"offer/{offer.id}", now=now, accept_by=offer.accept_by, **_told(offer))
    return offer


def find(session: Session, person: Person, offer_id: int, *, lock: bool = False) -> Offer:
    """An offer its reader may see. Raises NotFound for others."""
    offer = session.get(Offer, offer_id, **(for_update(session) if lock else {}))
    if offer is None or not offer.can_see(person):
        raise NotFound
    return offer


def accept(session: Session, person: Person, now: datetime, offer_id: int, *, rev: int | None = None) -> Tenancy:
    """Take the room: the hold becomes a stay, the room is let, other applications of this person end.

    Raises OfferOver after the deadline or a second time, Stale, NotFound for others' offers.
    """
    offer = _own(session, person, now, offer_id, rev)
    reservations.confirm(session, offer.holder, now=now)
    offer.end(say.ACCEPTED, now)
    offer.application.state = say.ACCEPTED
    tenancy = Tenancy(
        offer_id=offer.id,
        person_id=offer.person_id,
        room=offer.room,
        bed=offer.bed,
        stay_from=offer.stay_from,
        stay_until=offer.stay_until,
        move_in_by=today(offer.accept_by),
        agreed_at=now,
    )
    session.add(tenancy)
    session.flush()
    occupancy.enter_state(session, now, offer.room, say.LET, today(now))
    audit.record(session, person, "dorms.accept", f"offer/{offer.id}", now)
    stay = {"stay_from": offer.stay_from, "stay_until": offer.stay_until}
    post(session, OfferAccepted, subject=f"offer/{offer.id}", now=now, **stay, **_told(offer))
    leave_lists(session, now, offer.person_id)
    return tenancy


def decline(session: Session, person: Person, now: datetime, offer_id: int, *, rev: int | None = None) -> Offer:
    """Give the room up: no new application for some years (D-19), and the next on the list gets the room."""
    offer = _own(session, person, now, offer_id, rev)
    offer.end(say.DECLINED, now)
    offer.application.state = say.DECLINED
    day = today(now)
    years = rulebook.number(session, rulebook.BAR_YEARS, day)
    until = rulebook.whole_years_later(day, years.value)
    session.add(Bar(person_id=offer.person_id, offer_id=offer.id, since=day, until=until, rule=years.rule))
    audit.record(session, person, "dorms.decline", f"offer/{offer.id}", now, after={"barred_until": until.isoformat()})
    post(session, OfferDeclined, subject=f"offer/{offer.id}", now=now, barred_until=until, **_told(offer))
    pass_on(session, now, offer)
    return offer


def lapse_due(session: Session, now: datetime) -> int:
    """End the offers nobody answered in time and pass their rooms on; returns how many. No bar follows (D-18)."""
    due = select(Offer).where(Offer.state == say.MADE, Offer.accept_by <= now).order_by(Offer.accept_by, Offer.id)
    offers = list(session.scalars(due))
    for offer in offers:
        offer.end(say.LAPSED, now)
        offer.application.state = say.LAPSED
        audit.record(session, None, "dorms.lapse", f"offer/{offer.id}", now)
        post(session, OfferLapsed, subject=f"offer/{offer.id}", now=now, **_told(offer))
        pass_on(session, now, offer)
    return len(offers)


def leave_lists(session: Session, now: datetime, person_id: int) -> None:
    """Take a person off every list and take open offers back: they have a room, or have left the city's service."""
    alive = select(Application).where(Application.person_id == person_id, Application.state.in_(say.ALIVE))
    for application in session.scalars(alive.order_by(Application.id)):
        offer = application.offer
        application.withdraw(now)
        if offer is not None and offer.state == say.MADE:
            offer.end(say.WITHDRAWN, now)
            pass_on(session, now, offer)


def pass_on(session: Session, now: datetime, offer: Offer) -> Offer | None:
    """Free the room of an offer that is over and offer it to the best ranked still waiting who wants it (D-19)."""
    session.flush()
    reservations.release(session, offer.holder)
    round_ = offer.application.round
    if round_.list_valid_until is None or today(now) > round_.list_valid_until:
        return None
    occupancy.hold(session, offer.room)
    if not occupancy.in_stock(offer.room):
        return None  # it left the stock between the deadline and this hour
    waiting = {row.code: row for row in round_.standing if row.state == say.WAITING}
    turn = next_in_line([row.wish for row in waiting.values()], offer.room.vacant)
    return make_offer(session, now, waiting[turn.code], offer.room, follows=offer) if turn else None


def mine(session: Session, person: Person) -> list[Offer]:
    """One's own offers, newest first."""
    return list(session.scalars(select(Offer).where(Offer.person_id == person.id).order_by(Offer.id.desc())))


def open_offers(session: Session, person: Person, now: datetime) -> list[Offer]:
    """The offers still to be answered: one's own; all of them for the dormitory officer."""
    rows = select(Offer).where(Offer.state == say.MADE, Offer.accept_by > now)
    if not person.has("dorm_officer"):
        rows = rows.where(Offer.person_id == person.id)
    return list(session.scalars(rows.order_by(Offer.accept_by, Offer.id)))


def _own(session: Session, person: Person, now: datetime, offer_id: int, rev: int | None) -> Offer:
    offer = find(session, person, offer_id, lock=True)
    if offer.person_id != person.id:
        raise Forbidden(Words("只有受配人本人能回覆。", "Only the person it was made to can answer."))
    offer.expect(rev)
    if offer.state != say.MADE:
        raise OfferOver(
            Words("這件核配已經是「{state}」，不能再改。", "This offer is already “{state}”.").fill(
                state=say.OFFER_STATES[offer.state]
            )
        )
    if not offer.is_open(now):
        raise OfferOver(
            Words("期限 {at} 已過，房間已釋出。", "The deadline, {at}, has passed; the room was released.").fill(
                at=when_words(local(offer.accept_by))
            )
        )
    return offer


def _told(offer: Offer) -> dict[str, Any]:
    return {
        "offer_id": str(offer.id),
        "application_id": str(offer.application_id),
        "round_id": str(offer.application.round_id),
        "person_id": str(offer.person_id),
        "room_id": str(offer.room_id),
        "room": offer.room.words.zh,
        "room_en": offer.room.words.en,
    }
