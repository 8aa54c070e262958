"""Rooms, rounds, applications, offers and deadlines as JSON."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import today
from common.schemas import PageQuery, page_of
from common.web import database, now, paged, signed_in
from dorms import applications, deadlines, occupancy, offers, rounds, schemas
from dorms import vocabulary as say
from dorms.api.door import OFFICER, STAFF, api, cut
from dorms.models import Application, Offer, Room, Round

# ── Rooms ─────────────────────────────────────────────────────────────────────


@api.get("/rooms", "listRooms", query=schemas.RoomQuery, gives=page_of(schemas.RoomOut), allows=signed_in)
def list_rooms(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """Rooms with their state on a day (today unless said), by house and number (D-47). Who lives there is not told."""
    day = query["date"] or today(now())
    rooms = occupancy.all_rooms(session, query["building_id"], query["kind"])
    held = occupancy.held_rooms(session, rooms, now()) if day == today(now()) else set()
    listed = [_room(room, day, room.id in held) for room in rooms if room.state_on(day)]
    if query["state"]:
        listed = [room for room in listed if room["state"] == query["state"]]
    return cut(listed, query)


@api.get("/occupancy", "getOccupancy", query=schemas.OccupancyQuery, gives=schemas.OccupancyOut, allows=signed_in)
def get_occupancy(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """How many rooms were let, to let, awaiting repair, in repair or closed on a day, in all and by house (D-47)."""
    day = query["date"] or today(now())
    houses = [_count(occupancy.count(session, day, house.id), house.id) for house in occupancy.buildings(session)]
    return {**_count(occupancy.count(session, day), None), "buildings": houses}


# ── Rounds ────────────────────────────────────────────────────────────────────


@api.post("/rounds", "openRound", takes=schemas.OpenRound, gives=schemas.RoundOut, status=201, allows=OFFICER)
def open_round(session: Session, person: Person, data: dict[str, Any]) -> dict[str, Any]:
    """Announce a round of single or family rooms. The point table in force today stays its own (D-15, D-17)."""
    span = data.pop("registration")
    row = rounds.open_round(
        session, person, now(), registration_from=span["from_"], registration_until=span["until"], **data
    )
    return _round(row)


@api.get("/rounds", "listRounds", query=PageQuery, gives=page_of(schemas.RoundOut), allows=signed_in)
def list_rounds(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """The rounds, newest first."""
    page = paged(session, select(Round), query, Round.id)
    return {**page, "items": [_round(row) for row in page["items"]]}


@api.get("/rounds/<int:round_id>", "getRound", gives=schemas.RoundOut, allows=signed_in)
def get_round(session: Session, person: Person, round_id: int) -> dict[str, Any]:
    """One round and how far it has come."""
    return _round(rounds.find(session, person, round_id))


@api.post(
    "/rounds/<int:round_id>/ranking",
    "rankApplicants",
    takes=schemas.RankApplicants,
    gives=schemas.RankingOut,
    allows=OFFICER,
)
def rank_applicants(session: Session, person: Person, round_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Rank by points, then earlier start date, then a draw with the public seed (D-16), once; publish by code unless
    `publish` is false. While registration is open a `close_early_reason` is needed."""
    publish = data.pop("publish")
    row = rounds.rank_applicants(session, person, now(), round_id, **data)
    if publish:
        rounds.publish_ranking(session, person, now(), round_id)
    return rounds.public_record(session, person, row)


@api.post(
    "/rounds/<int:round_id>/ranking/publish",
    "publishRanking",
    takes=schemas.WithRev,
    gives=schemas.RankingOut,
    allows=OFFICER,
)
def publish_ranking(session: Session, person: Person, round_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Let everybody read a ranking made with `publish` false, and tell each applicant."""
    row = rounds.publish_ranking(session, person, now(), round_id, **data)
    return rounds.public_record(session, person, row)


@api.get("/rounds/<int:round_id>/ranking", "getRanking", gives=schemas.RankingOut, allows=signed_in)
def get_ranking(session: Session, person: Person, round_id: int) -> dict[str, Any]:
    """The published ranking, by code; family and home only within a sum (C-27)."""
    return rounds.public_record(session, person, rounds.find(session, person, round_id))


@api.post(
    "/rounds/<int:round_id>/allotment",
    "allotRooms",
    takes=schemas.WithRev,
    gives=schemas.AllotmentOut,
    status=201,
    allows=OFFICER,
)
def allot_rooms(session: Session, person: Person, round_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Give the vacant rooms by rank and wishes, hold each until the deadline (D-18), explain every outcome."""
    row = offers.allot_rooms(session, person, now(), round_id, **data)
    return rounds.public_record(session, person, row)


@api.get("/rounds/<int:round_id>/allotment", "getAllotment", gives=schemas.AllotmentOut, allows=signed_in)
def get_allotment(session: Session, person: Person, round_id: int) -> dict[str, Any]:
    """The allotment as anybody can check it: draw, ranking, rooms, what each code got and why, what followed (D-19)."""
    return rounds.public_allotment(session, person, rounds.find(session, person, round_id))


@api.get(
    "/rounds/<int:round_id>/allotment/verification", "verifyAllotment", gives=schemas.VerificationOut, allows=signed_in
)
def verify_allotment(session: Session, person: Person, round_id: int) -> dict[str, Any]:
    """Draw, rank and allot again from what was published, and compare with the offers really made."""
    row = rounds.find(session, person, round_id)
    rounds.public_allotment(session, person, row)
    found = rounds.verify(session, person, row)
    return {"ok": not found, "faults": [{"message": words.zh, "message_en": words.en} for words in found]}


# ── Applications ──────────────────────────────────────────────────────────────


@api.post(
    "/applications", "applyForRoom", takes=schemas.ApplyForRoom, gives=schemas.ApplicationOut, status=201, allows=STAFF
)
def apply_for_room(session: Session, person: Person, data: dict[str, Any]) -> Application:
    """Apply in the open round of `room_kind`. An answer that ends the application is refused at its field with its rule
    (D-02 to D-05); answers left out are taken as the ones that allow it. Bars (D-19) and standing tenancies refuse."""
    return applications.apply_for_room(session, person, now(), **data)


@api.get(
    "/applications",
    "listApplications",
    query=PageQuery,
    gives=page_of(schemas.ApplicationOut),
    allows=signed_in,
)
def list_applications(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """One's own applications, newest first."""
    return paged(session, select(Application).where(Application.person_id == person.id), query, Application.id)


@api.get("/applications/<int:application_id>", "getApplication", gives=schemas.ApplicationOut, allows=signed_in)
def get_application(session: Session, person: Person, application_id: int) -> Application:
    """One application: for its owner, and for the dormitory officer, whose look is written down (C-27)."""
    return _looked_at(session, person, application_id)


@api.get("/applications/<int:application_id>/points", "explainPoints", gives=schemas.PointsOut, allows=signed_in)
def explain_points(session: Session, person: Person, application_id: int) -> dict[str, Any]:
    """Every point with its basis, value and rule (D-13 to D-15): for its owner, and for the dormitory officer, whose
    look is written down (C-27)."""
    row = _looked_at(session, person, application_id)
    score = row.score
    return {
        "application_id": row.id,
        "lines": [schemas.told_line(line) for line in score.lines],
        "total": score.total,
        "table_version": score.table_version,
        "rank": row.rank if row.round.public else None,
    }


# ── Offers ────────────────────────────────────────────────────────────────────


@api.get("/offers", "listOffers", query=PageQuery, gives=page_of(schemas.OfferOut), allows=signed_in)
def list_offers(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """One's own offers, newest first; the dormitory officer's are everybody's."""
    rows = select(Offer)
    if not person.has("dorm_officer"):
        rows = rows.where(Offer.person_id == person.id)
    return paged(session, rows, query, Offer.id)


@api.post(
    "/offers/<int:offer_id>/accept", "acceptOffer", takes=schemas.WithRev, gives=schemas.TenancyOut, allows=signed_in
)
def accept_offer(session: Session, person: Person, offer_id: int, data: dict[str, Any]) -> Any:
    """Take the room before its deadline (D-18): the room is let from then on."""
    return offers.accept(session, person, now(), offer_id, **data)


@api.post(
    "/offers/<int:offer_id>/decline", "declineOffer", takes=schemas.WithRev, gives=schemas.OfferOut, allows=signed_in
)
def decline_offer(session: Session, person: Person, offer_id: int, data: dict[str, Any]) -> Any:
    """Give the room up: barred from applying for a time (D-19); the next on the list is offered the room."""
    return offers.decline(session, person, now(), offer_id, **data)


@api.get(
    "/deadlines",
    "listDeadlines",
    query=PageQuery,
    gives=page_of(schemas.DeadlineOut),
    allows=signed_in,
)
def list_deadlines(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """What is due: one's own; for the dormitory officer, everybody's. The most pressing first."""
    due = [
        {
            "due_at": each.due_at,
            "what": each.what,
            "title": each.words.zh,
            "title_en": each.words.en,
            "room": each.room.zh,
            "subject": each.subject,
            "rule": each.rule,
        }
        for each in deadlines.of(session, person, now())
    ]
    return cut(due, query)


# ── Rows as shapes ────────────────────────────────────────────────────────────


def _looked_at(session: Session, person: Person, application_id: int) -> Application:
    """The application; a look by somebody else than its owner is written down in a transaction of its own."""
    row = applications.find(session, person, application_id)
    if not row.is_of(person):
        at = now()
        database().transact(
            lambda writing: applications.note_look(writing, person, at, f"application/{row.id}", "application")
        )
    return row


def _room(room: Room, day: date, held: bool) -> dict[str, Any]:
    return {
        "id": room.id,
        "number": room.number,
        "building": room.building,
        "kind": room.kind,
        "floor": room.floor,
        "accessible": room.accessible,
        "state": room.state_on(day),
        "held": held,
    }


def _count(counted: occupancy.Count, building_id: str | None) -> dict[str, Any]:
    return {
        "on": counted.on,
        "building_id": building_id,
        "total": counted.total,
        "lendable": counted.lendable,
        "lendable_percent": counted.lendable_percent,
        "let_percent": counted.let_percent,
        **{state: counted.of(state) for state in say.ROOM_STATES},
    }


def _round(row: Round) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "kind": row.kind,
        "status": row.stage(now()),
        "registration": {"from_": row.registration_from, "until": row.registration_until},
        "notice": row.notice,
        "notice_days": row.notice_days,
        "seed_source": row.seed_source,
        "table_version": row.point_table.version,
        "applicants": row.applicants,
        "list_valid_until": row.list_valid_until,
        "rev": row.rev,
    }
