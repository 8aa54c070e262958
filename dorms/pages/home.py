"""The dormitory home, and the houses with their rooms on any day."""

from datetime import date
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import today
from common.web import now, render, signed_in
from dorms import applications, deadlines, drafts, occupancy, offers, point_tables, rounds
from dorms import vocabulary as say
from dorms.models import Room, Round
from dorms.pages.door import STAFF, pages


@pages.get("/", allows=signed_in)
def show_home(session: Session, person: Person) -> Any:
    """My offer, room and applications; rounds that take applications; the houses in short; the officer's work."""
    day = today(now())
    recent = rounds.latest(session)
    mine = applications.mine(session, person)
    officer = person.has("dorm_officer")
    return render(
        "dorms/home.html",
        say=say,
        may_apply=person.has(*STAFF),
        officer=officer,
        keeps_tables=officer or person.has(*point_tables.KEEPERS),
        open_rounds=applications.open_rounds(session, now()),
        rounds=recent,
        applications=mine,
        drafts=[draft for draft in drafts.mine(session, person) if draft.round.stage(now()) == say.OPEN],
        applied={row.round_id: row for row in mine},
        offers=[offer for offer in offers.mine(session, person) if offer.is_open(now())],
        tenancy=occupancy.current_stay(session, person.id),
        bar=applications.bar_of(session, person, now()),
        count=occupancy.count(session, day),
        work=[row for row in recent if _needs_officer(row)] if officer else [],
        deadlines=deadlines.of(session, person, now()) if officer else [],
    )


@pages.get("/rooms", allows=signed_in)
def show_rooms(session: Session, person: Person) -> Any:
    """Every room by house and floor, with its state on a day, and the figures of that day (D-47)."""
    day = _day(today(now()))
    houses = []
    for building in occupancy.buildings(session):
        rooms = occupancy.all_rooms(session, building.id)
        held = occupancy.held_rooms(session, rooms, now()) if day == today(now()) else set()
        houses.append((building, occupancy.count(session, day, building.id), _floors(rooms, day, held)))
    return render("dorms/rooms.html", say=say, day=day, count=occupancy.count(session, day), houses=houses)


def _needs_officer(row: Round) -> bool:
    """Whether the dormitory officer has the next step to take."""
    return row.stage(now()) in (say.CLOSED_ROUND, say.RANKED, say.PUBLISHED)


def _floors(rooms: list[Room], day: date, held: set[int]) -> list[tuple[int, list[tuple[Room, str, bool]]]]:
    """The rooms of each floor, top floor first, with their state that day; rooms not built yet are left out."""
    floors: dict[int, list[tuple[Room, str, bool]]] = {}
    for room in rooms:
        state = room.state_on(day)
        if state is not None:
            floors.setdefault(room.floor, []).append((room, state, room.id in held))
    return sorted(floors.items(), reverse=True)


def _day(usual: date) -> date:
    try:
        return date.fromisoformat(request.args.get("date", ""))
    except ValueError:
        return usual
