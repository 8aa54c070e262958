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
from dorms import moves, objections, occupancy, rounds, rulebook, working_days
from dorms import vocabulary as say
from dorms.allocation import allot, next_in_line
from dorms.messages import OfferAccepted, OfferDeclined, OfferLapsed, OfferMade, OfferWithdrawn
from dorms.models import Application, Bar, Offer, PayTerms, Room, Round, Tenancy, TenancyStep, nights

OFFICE_CLOSES = "17:00"


class OfferOver(Conflict):
    """The offer was answered, or its deadline has passed."""


def allot_rooms(session: Session, person: Person, now: datetime, round_id: int, *, rev: int | None = None) -> Round:
    """Give the vacant rooms of the round's kind to its applicants by rank, and hold each for its person.

    Everyone else waits on the list. Raises NotYet before publication, Unanswered while objections stand, DoneAlready,
    Forbidden, Taken.
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
    objections.must_be_settled(session, row, now)
    day = today(now)
    homes = {}
    for application in row.standing:
        tenancy = moves.tenancy_left_by(session, application)
        if tenancy is None:
            application.lives_in_id = None
        else:
            homes[tenancy.room_id] = application.code
    lived_in = [room for room in occupancy.all_rooms(session, kind=row.kind) if room.id in homes]
    rooms = [*occupancy.vacant_rooms(session, row.kind, stay_from(session, day), now), *lived_in]
    by_id = {str(room.id): room for room in rooms}
    for room_id in sorted(room.id for room in rooms):
        occupancy.hold(session, by_id[str(room_id)])
    by_code = {application.code: application for application in row.standing}
    outcomes = allot([application.wish for application in row.standing], [row.given_out(room) for room in rooms])
    row.allotted_at = now
    row.record = {
        **row.record,
        "rooms": [_published_room(row, room, homes.get(room.id)) for room in rooms],
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
    made: dict[str, Offer] = {}
    for outcome in outcomes:
        application = by_code[outcome.code]
        if outcome.room is None or outcome.stays:
            application.state = say.WAITING
        else:
            room = by_id[outcome.room]
            made[outcome.code] = make_offer(session, now, application, room, hold=not outcome.after)
    for outcome in outcomes:
        if outcome.after:
            made[outcome.code].awaits_id = made[outcome.after].id
    session.flush()
    given = {outcome.code: outcome.room for outcome in outcomes if outcome.code in made}
    audit.record(session, person, "dorms.allot", f"round/{row.id}", now, after={"given": given})
    return row


def _published_room(row: Round, room: Room, tenant: str | None) -> dict[str, Any]:
    known = row.given_out(room)
    told = {"id": known.id, "building": known.building, "room": room.words.zh, "room_en": room.words.en}
    return {**told, "accessible": known.accessible, "first_for": list(known.first_for), "tenant": tenant}


def stay_from(session: Session, day: date) -> Period:
    """The nights of a stay that begins on `day` and lasts the usual term (D-20)."""
    return nights(day, rulebook.whole_years_later(day, rulebook.number(session, rulebook.TERM_YEARS, day).value))


def last_day(day: date, days: int) -> date:
    """So many days from notice; a day off moves it to the next working day (as D-17 has it for notices)."""
    return working_days.moved(day + timedelta(days=days))


def make_offer(
    session: Session,
    now: datetime,
    application: Application,
    room: Room,
    follows: Offer | None = None,
    *,
    hold: bool = True,
) -> Offer:
    """Hold the room's bed for the applicant until the deadline (17:00 on its last day, D-18) and tell them.

    Without `hold` the room is still a tenant's who is to move. Raises Taken when somebody else has the bed in that time,
    NotVacant when the room left the stock meanwhile.
    """
    day = today(now)
    occupancy.hold(session, room)
    if not occupancy.in_stock(room):
        raise occupancy.NotVacant
    years = rulebook.number(session, rulebook.TERM_YEARS, day).value
    offer = Offer(
        application=application,
        person_id=application.person_id,
        room=room,
        bed=room.beds[0],
        follows_id=follows.id if follows else None,
        made_at=now,
        accept_by=_answer_by(session, day),
        stay_from=day,
        stay_until=rulebook.whole_years_later(day, years),
    )
    application.state = say.OFFERED
    session.add(offer)
    session.flush()
    if hold:
        _hold(session, now, offer)
    post(session, OfferMade, subject=f"offer/{offer.id}", now=now, accept_by=offer.accept_by, **_told(offer))
    return offer


def find(session: Session, person: Person, offer_id: int, *, lock: bool = False) -> Offer:
    """An offer its reader may see. Raises NotFound for others."""
    offer = session.get(Offer, offer_id, **(for_update(session) if lock else {}))
    if offer is None or not offer.can_see(person):
        raise NotFound
    return offer


def _hold(session: Session, now: datetime, offer: Offer) -> None:
    """Raises Taken when others have every bed of the room in that time."""
    offer.bed = occupancy.free_bed(session, offer.room, offer.stay, now)
    want = (offer.bed.resource, offer.stay)
    reservations.claim(session, offer.holder, [want], now=now, state="held", expires_at=offer.accept_by)


def accept(session: Session, person: Person, now: datetime, offer_id: int, *, rev: int | None = None) -> Tenancy | None:
    """Take the room: the hold becomes a stay, the room is let, other applications of this person end; a tenant's old
    room is free from that day. None while the room waits for its tenant to agree to move: then the yes is kept.

    Raises OfferOver after the deadline or a second time, Stale, NotFound for others' offers.
    """
    offer = _own(session, person, now, offer_id, rev)
    audit.record(session, person, "dorms.accept", f"offer/{offer.id}", now)
    taken = moves.taking_effect(session, offer)
    if not taken:
        offer.agreed_at = now
        session.flush()
    left = {one.id: moves.leave_room(session, now, one) for one in taken}
    stays = {one.id: _move_in(session, now, one) for one in taken}
    for one in taken:
        _pass_old_room(session, now, one, left[one.id])
    for one in taken:
        leave_lists(session, now, one.person_id)
    return stays.get(offer.id)


def _answer_by(session: Session, day: date) -> datetime:
    """Until when what is told on `day` is to be answered, signed and notarised (D-18)."""
    return taipei(last_day(day, rulebook.number(session, rulebook.ACCEPT_DAYS, day).value), OFFICE_CLOSES)


def _move_in(session: Session, now: datetime, offer: Offer) -> Tenancy:
    """The stay begins. Who waited for a tenant to move has the whole time to sign from now on (D-18)."""
    sign_by = offer.accept_by if offer.awaits is None else _answer_by(session, today(now))
    if offer.awaits is None or reservations.held_by(session, offer.holder):
        reservations.confirm(session, offer.holder, now=now)
    else:
        offer.stay_from = today(now)
        offer.bed = occupancy.free_bed(session, offer.room, offer.stay, now)
        reservations.claim(session, offer.holder, [(offer.bed.resource, offer.stay)], now=now)
    offer.end(say.ACCEPTED, now)
    offer.application.state = say.ACCEPTED
    tenancy = Tenancy(
        offer_id=offer.id,
        person_id=offer.person_id,
        room=offer.room,
        bed=offer.bed,
        stay_from=offer.stay_from,
        stay_until=offer.stay_until,
        move_in_by=today(sign_by),
        agreed_at=now,
        sign_by=sign_by,
        pay_terms=[PayTerms(since=offer.stay_from, grade=offer.application.grade)],
        story=[TenancyStep(kind="agreed", at=now, by_id=offer.person_id)],
    )
    session.add(tenancy)
    session.flush()
    occupancy.enter_state(session, now, offer.room, say.LET, today(now))
    stay = {"stay_from": offer.stay_from, "stay_until": offer.stay_until}
    post(session, OfferAccepted, subject=f"offer/{offer.id}", now=now, **stay, **_told(offer))
    return tenancy


def _pass_old_room(session: Session, now: datetime, offer: Offer, room: Room | None) -> None:
    """A tenant has moved out: hold the old room for whoever was promised it, else it goes to the next on the list. The
    room of somebody who applied anew for another kind (D-21) was never this round's to give."""
    if room is None or occupancy.lived_in(session, room):
        return
    occupancy.enter_state(session, now, room, say.TO_LET, today(now), "換住遷出")
    if offer.application.lives_in_id != room.id:
        return
    promised = moves.waiting_for(session, offer)
    for one in promised:
        _hold(session, now, one)
    if not promised:
        _offer_to_next(session, now, offer, room)


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
    due = select(Offer).where(Offer.state == say.MADE, Offer.accept_by <= now, Offer.agreed_at.is_(None))
    offers = list(session.scalars(due.order_by(Offer.accept_by, Offer.id)))
    for round_id in sorted({offer.application.round_id for offer in offers}):
        session.get(Round, round_id, **for_update(session))
    lapsed = [offer for offer in offers if _still_due(session, offer)]
    for offer in lapsed:
        offer.end(say.LAPSED, now)
        offer.application.state = say.LAPSED
        audit.record(session, None, "dorms.lapse", f"offer/{offer.id}", now)
        post(session, OfferLapsed, subject=f"offer/{offer.id}", now=now, **_told(offer))
    for offer in lapsed:
        pass_on(session, now, offer)
    return len(lapsed)


def _still_due(session: Session, offer: Offer) -> bool:
    """Whether nobody answered while we waited for the round."""
    session.refresh(offer)
    return offer.state == say.MADE and offer.agreed_at is None


def leave_lists(session: Session, now: datetime, person_id: int) -> None:
    """Take a person off every list and take open offers back: they have a room, or have left the city's service."""
    alive = select(Application).where(Application.person_id == person_id, Application.state.in_(say.ALIVE))
    for application in session.scalars(alive.order_by(Application.round_id, Application.id)):
        session.get(Round, application.round_id, **for_update(session))
        offer = application.offer
        application.withdraw(now)
        if offer is not None and offer.state == say.MADE:
            offer.end(say.WITHDRAWN, now)
            pass_on(session, now, offer)


def pass_on(session: Session, now: datetime, offer: Offer) -> Offer | None:
    """Free the room of an offer that is over and offer it to the best ranked still waiting who wants it (D-19).

    Its person stays where they live: offers of that room are taken back, and who had them waits again at their rank.
    """
    session.flush()
    reservations.release(session, offer.holder)
    for kept in moves.waiting_for(session, offer):
        kept.end(say.WITHDRAWN, now)
        kept.application.state = say.WAITING
        post(session, OfferWithdrawn, subject=f"offer/{kept.id}", now=now, **_told(kept))
        pass_on(session, now, kept)
    if offer.lived_in and offer.awaits is not None and offer.awaits.state != say.MADE:
        return None
    return _offer_to_next(session, now, offer, offer.room)


def _offer_to_next(session: Session, now: datetime, offer: Offer, room: Room) -> Offer | None:
    session.flush()
    round_ = offer.application.round
    if round_.list_valid_until is None or today(now) > round_.list_valid_until:
        return None
    occupancy.hold(session, room)
    if not occupancy.in_stock(room):
        return None  # it left the stock between the deadline and this hour
    waiting = {row.code: row for row in round_.standing if row.state == say.WAITING}
    turn = next_in_line([row.wish for row in waiting.values()], round_.given_out(room))
    if turn is None:
        return None
    awaited = offer.awaits if offer.room is room and offer.lived_in else None
    made = make_offer(session, now, waiting[turn.code], room, follows=offer, hold=awaited is None)
    made.awaits_id = awaited.id if awaited else None
    session.flush()
    return made


def mine(session: Session, person: Person) -> list[Offer]:
    """One's own offers, newest first."""
    return list(session.scalars(select(Offer).where(Offer.person_id == person.id).order_by(Offer.id.desc())))


def open_offers(session: Session, person: Person, now: datetime) -> list[Offer]:
    """The offers still to be answered: one's own; all of them for the dormitory officer."""
    rows = select(Offer).where(Offer.state == say.MADE, Offer.accept_by > now, Offer.agreed_at.is_(None))
    if not person.has("dorm_officer"):
        rows = rows.where(Offer.person_id == person.id)
    return list(session.scalars(rows.order_by(Offer.accept_by, Offer.id)))


def _own(session: Session, person: Person, now: datetime, offer_id: int, rev: int | None) -> Offer:
    moves.lock_rounds(session, find(session, person, offer_id))
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
    if offer.agreed_at is not None:
        raise OfferOver(
            Words(
                "你已經同意，等原借用人換住後生效。", "You have agreed; it takes effect once the present tenant moves."
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
