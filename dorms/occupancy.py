"""Stock 房舍: houses, rooms and beds, their states with a dated history, and how many are let on any day (D-47)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from common import reservations
from common.db import for_update
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.messages import post
from common.period import Period, today
from common.words import Words
from dorms import vocabulary as say
from dorms.messages import OccupancyChanged
from dorms.models import Bed, Building, PayTerms, Room, RoomState, Tenancy, nights

FOR_EVER = date(2199, 1, 1)


class NotVacant(Conflict):
    """Somebody has the room, or it cannot be lived in."""

    words = Words("這間房目前不能配借。", "This room cannot be let now.")


@dataclass(frozen=True)
class Count:
    """How many rooms there were of each state on a day. Percentages to one decimal; None without rooms."""

    on: date
    states: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def lendable(self) -> int:
        """Let, or could be let."""
        return sum(self.states.get(state, 0) for state in say.LENDABLE)

    @property
    def lendable_percent(self) -> Decimal | None:
        return share(self.lendable, self.total)

    @property
    def let_percent(self) -> Decimal | None:
        return share(self.states.get(say.LET, 0), self.total)

    def of(self, state: str) -> int:
        return self.states.get(state, 0)


def share(part: int, whole: int) -> Decimal | None:
    """A part in percent, one decimal, half up: 106 of 118 is 89.8."""
    return (Decimal(part * 100) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else None


def may_keep_stock(person: Person | None) -> None:
    """Raises Forbidden unless this is a dormitory officer."""
    if person is None or not person.has("dorm_officer"):
        raise Forbidden


def add_building(
    session: Session, person: Person, building_id: str, name: Words, place: Words, *, women_first: bool = False
) -> Building:
    """Put a house on the register. Its id must be a word, so that no room's id is ever the same."""
    may_keep_stock(person)
    if not building_id.isalpha():
        raise Invalid(Words("代號要是英文字母", "The code must be letters"), field="id")
    count = session.scalar(select(func.count()).select_from(Building)) or 0
    building = Building(
        id=building_id,
        name=name.zh,
        name_en=name.en,
        place=place.zh,
        place_en=place.en,
        place_in_list=count + 1,
        women_first=women_first,
    )
    session.add(building)
    session.flush()
    return building


def add_room(
    session: Session,
    person: Person,
    now: datetime,
    building: Building,
    number: str,
    *,
    kind: str = say.SINGLE,
    floor: int,
    since: date,
    state: str = say.TO_LET,
    accessible: bool = False,
) -> Room:
    """Put a room with one bed on the register, in a state from a day on."""
    may_keep_stock(person)
    room = Room(building=building, number=number, kind=kind, floor=floor, accessible=accessible)
    room.beds = [Bed(label="A")]
    session.add(room)
    session.flush()
    enter_state(session, now, room, state, since)
    return room


def change_state(
    session: Session, person: Person, now: datetime, room: Room, state: str, since: date, reason: str = ""
) -> None:
    """Take a room out of the stock or back into it. Raises NotVacant while somebody has it, Invalid for a day ahead."""
    may_keep_stock(person)
    hold(session, room)
    if since > today(now):
        raise Invalid(Words("日期不能晚於今天", "The day cannot lie ahead"), field="since")
    if state == say.LET or room.state == say.LET:
        raise NotVacant(Words("借用中的房間由配借與點交改變狀態。", "A let room changes with its tenancy."))
    if reservations.taken(session, [bed.resource for bed in room.beds], nights(since, FOR_EVER), now):
        raise NotVacant(Words("這間房已通知配借，等待同意中。", "This room is held for somebody who was offered it."))
    enter_state(session, now, room, state, since, reason)


def enter_state(session: Session, now: datetime, room: Room, state: str, since: date, reason: str = "") -> None:
    """Write the room's next state and tell the house. Raises Invalid when it would begin before the present one."""
    before = room.states[-1] if room.states else None
    if before and since < before.since:
        raise Invalid(Words("日期不能早於目前狀態的起日", "The day lies before the present state began"), field="since")
    if before and before.state == state:
        return
    room.states.append(RoomState(state=state, since=since, reason=reason))
    session.flush()
    body = _told(room, before.state if before else None)
    post(session, OccupancyChanged, subject=f"room/{room.id}", now=now, **body)


def lived_in(session: Session, room: Room) -> bool:
    """Whether somebody has a bed of the room: the stay has begun or was agreed, and has not ended."""
    session.flush()
    running = select(Tenancy.id).where(Tenancy.room_id == room.id, Tenancy.ended_on.is_(None))
    return session.scalars(running.limit(1)).first() is not None


def count(session: Session, on: date, building_id: str | None = None) -> Count:
    """The rooms of each state on a day, of one house or all. Rooms count from their first state on."""
    latest = (
        select(
            RoomState.room_id,
            RoomState.state,
            func.row_number()
            .over(partition_by=RoomState.room_id, order_by=(RoomState.since.desc(), RoomState.id.desc()))
            .label("place"),
        )
        .join(Room, Room.id == RoomState.room_id)
        .where(RoomState.since <= on)
    )
    if building_id is not None:
        latest = latest.where(Room.building_id == building_id)
    rows = latest.subquery()
    counted = select(rows.c.state, func.count()).where(rows.c.place == 1).group_by(rows.c.state)
    return Count(on, {row[0]: row[1] for row in session.execute(counted)})


def buildings(session: Session) -> list[Building]:
    """The houses in their usual order."""
    return list(session.scalars(select(Building).order_by(Building.place_in_list)))


def all_rooms(session: Session, building_id: str | None = None, kind: str | None = None) -> list[Room]:
    """The rooms with their histories, by house and number."""
    rows = (
        select(Room)
        .join(Building)
        .options(selectinload(Room.states), selectinload(Room.beds))
        .order_by(Building.place_in_list, Room.number)
    )
    if building_id is not None:
        rows = rows.where(Room.building_id == building_id)
    if kind is not None:
        rows = rows.where(Room.kind == kind)
    return list(session.scalars(rows))


def held_rooms(session: Session, rooms: Iterable[Room], now: datetime) -> set[int]:
    """Which of these rooms are held for somebody who was offered them, though still to let."""
    by_bed = {bed.resource: room.id for room in rooms for bed in room.beds if room.state == say.TO_LET}
    day = today(now)
    tonight = nights(day, date.fromordinal(day.toordinal() + 1))
    return {by_bed[resource] for resource in reservations.busy(session, by_bed, tonight, now)}


def vacant_rooms(session: Session, kind: str, stay: Period, now: datetime) -> list[Room]:
    """The rooms of a kind with a bed free for the whole stay, by house and number: those to let, and shared ones."""
    rooms = [room for room in all_rooms(session, kind=kind) if may_be_let(room, today(now))]
    free = set(reservations.free(session, [bed.resource for room in rooms for bed in room.beds], stay, now))
    return [room for room in rooms if any(bed.resource in free for bed in room.beds)]


def may_be_let(room: Room, day: date) -> bool:
    """Whether a bed of the room may be given: it is to let, or let and shared. Which bed is free the ledger knows."""
    state = room.state_on(day)
    return state == say.TO_LET or (state == say.LET and len(room.beds) > 1)


def in_stock(room: Room) -> bool:
    """Whether people live in the room or could: it is let or to let, not in repair, nor closed."""
    return room.state in say.LENDABLE


def hold(session: Session, room: Room) -> None:
    """Lock a room while a bed of it is given or its state changes, and read its history anew."""
    session.get(Room, room.id, **for_update(session, Room))
    session.expire(room, ["states"])


def free_bed(session: Session, room: Room, stay: Period, now: datetime) -> Bed:
    """The first bed free for the whole stay; the first of all when none is, so that the ledger says who has it."""
    free = set(reservations.free(session, [bed.resource for bed in room.beds], stay, now))
    return next((bed for bed in room.beds if bed.resource in free), room.beds[0])


def wish_words(session: Session, wishes: Iterable[str]) -> list[Words]:
    """Wishes as people say them: a house (any room there), or a room."""
    houses = {building.id: building.words for building in buildings(session)}
    out = []
    for wish in wishes:
        room = None if wish in houses else session.get(Room, int(wish))
        any_there = Words("{house}任一間", "any room in {house}").fill(house=houses.get(wish, ""))
        out.append(room.words if room else any_there)
    return out


def find_room(session: Session, room_id: int) -> Room:
    """Raises NotFound."""
    room = session.get(Room, room_id)
    if room is None:
        raise NotFound
    return room


def current_stay(session: Session, person_id: int) -> Tenancy | None:
    """The stay somebody has agreed to or lives in, however late it is."""
    rows = select(Tenancy).where(Tenancy.person_id == person_id, Tenancy.ended_on.is_(None))
    return session.scalars(rows.order_by(Tenancy.id.desc()).limit(1)).first()


def record_tenancy(
    session: Session,
    person: Person,
    now: datetime,
    room: Room,
    tenant_id: int,
    stay_from: date,
    stay_until: date,
    *,
    grade: int | None = None,
) -> Tenancy:
    """Enter a stay agreed and begun before this register was kept: claims the bed and lets the room. Without a grade
    the allowance cannot be counted until it is entered. Raises NotVacant, Taken."""
    may_keep_stock(person)
    hold(session, room)
    if not may_be_let(room, FOR_EVER):
        raise NotVacant
    tenancy = Tenancy(
        person_id=tenant_id,
        room=room,
        bed=free_bed(session, room, nights(stay_from, stay_until), now),
        stay_from=stay_from,
        stay_until=stay_until,
        agreed_at=now,
        moved_in_on=stay_from,
        pay_terms=[PayTerms(since=stay_from, grade=grade)],
    )
    session.add(tenancy)
    session.flush()
    reservations.claim(session, tenancy.holder, [(tenancy.bed.resource, nights(stay_from, stay_until))], now=now)
    enter_state(session, now, room, say.LET, stay_from)
    return tenancy


def snapshot(session: Session) -> list[tuple[type[OccupancyChanged], str, dict[str, Any]]]:
    """The present state of every room as facts, for a reader that lost its place in the log."""
    return [
        (OccupancyChanged, f"room/{room.id}", _told(room, room.states[-2].state if room.states[1:] else None))
        for room in all_rooms(session)
        if room.states
    ]


def _told(room: Room, before: str | None) -> dict[str, Any]:
    last = room.states[-1]
    return {
        "room_id": str(room.id),
        "building_id": room.building_id,
        "before": before,
        "state": last.state,
        "since": last.since,
    }
