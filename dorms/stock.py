"""Keeping the stock 房舍管理: houses, rooms and beds put on the register and changed; a room closed, in repair, and back;
how it stood over the years (D-47)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Conflict, Invalid, NotFound
from common.identity import Person
from common.period import today
from common.words import Words
from dorms import occupancy
from dorms import vocabulary as say
from dorms.models import Bed, Building, Offer, Room, RoomState, Tenancy, nights

LABELS = "ABCDEFGH"
HALF_YEARS = ((6, 30), (12, 31))
CHANGEABLE = (say.TO_LET, say.AWAITING_REPAIR, say.IN_REPAIR, say.CLOSED)


class InUse(Conflict):
    """The bed was given to somebody, now or once."""

    words = Words("這張床有人用過或已核配，紀錄要留著。", "This bed was given to somebody; its record stays.")


@dataclass(frozen=True)
class Chapter:
    """One state in a room's story: from a day up to, not including, the next; None while it lasts."""

    state: str
    since: date
    until: date | None
    reason: str

    @property
    def days(self) -> int | None:
        return None if self.until is None else (self.until - self.since).days


def add_building(
    session: Session, person: Person, now: datetime, *, id: str, name: str, name_en: str, place: str = "",
    place_en: str = "",
) -> Building:  # fmt: skip
    """Put a house on the register. Raises Forbidden, Invalid (field `id`)."""
    occupancy.may_keep_stock(person)
    if session.get(Building, id) is not None:
        raise Invalid(Words("這個代號已經用過", "This code is taken"), field="id")
    row = occupancy.add_building(session, person, id, Words(name, name_en), Words(place, place_en))
    audit.record(session, person, "dorms.add_building", f"building/{row.id}", now, after=_building(row))
    return row


def change_building(
    session: Session, person: Person, now: datetime, building_id: str, *, name: str, name_en: str, place: str = "",
    place_en: str = "",
) -> Building:  # fmt: skip
    """Change a house's name or place."""
    occupancy.may_keep_stock(person)
    row = find_building(session, building_id)
    before = _building(row)
    row.name, row.name_en, row.place, row.place_en = name, name_en, place, place_en
    session.flush()
    audit.record(
        session, person, "dorms.change_building", f"building/{row.id}", now, before=before, after=_building(row)
    )
    return row


def find_building(session: Session, building_id: str) -> Building:
    """Raises NotFound."""
    row = session.get(Building, building_id)
    if row is None:
        raise NotFound
    return row


def add_room(
    session: Session, person: Person, now: datetime, *, building_id: str, number: str, kind: str, floor: int,
    since: date, state: str = say.TO_LET, accessible: bool = False, beds: int = 1,
) -> Room:  # fmt: skip
    """Put a room with its beds on the register, in a state from a day on. Raises Invalid (fields `number`, `since`)."""
    occupancy.may_keep_stock(person)
    building = session.get(Building, building_id)
    if building is None:
        raise Invalid(Words("沒有這棟宿舍", "There is no such house"), field="building_id")
    if since > today(now):
        raise Invalid(Words("日期不能晚於今天", "The day cannot lie ahead"), field="since")
    _number_is_free(session, building_id, number)
    room = occupancy.add_room(
        session, person, now, building, number, kind=kind, floor=floor, since=since, state=state, accessible=accessible
    )
    room.beds += [Bed(label=label) for label in LABELS[1:beds]]
    session.flush()
    audit.record(
        session, person, "dorms.add_room", f"room/{room.id}", now,
        after={**_room(room), "state": state, "since": since.isoformat(), "beds": beds},
    )  # fmt: skip
    return room


def change_room(
    session: Session, person: Person, now: datetime, room_id: int, *, number: str, kind: str, floor: int,
    accessible: bool = False,
) -> Room:  # fmt: skip
    """Change what is known of a room. Raises Invalid (field `number`), NotVacant for another kind while it is let."""
    occupancy.may_keep_stock(person)
    room = occupancy.find_room(session, room_id)
    occupancy.hold(session, room)
    before = _room(room)
    if number != room.number:
        _number_is_free(session, room.building_id, number)
    if kind != room.kind and (room.state == say.LET or _claimed(session, room.beds, now)):
        raise occupancy.NotVacant(
            Words("借用中或已通知配借，不能改種類。", "It is let or offered: its kind cannot change now.")
        )
    room.number, room.kind, room.floor, room.accessible = number, kind, floor, accessible
    session.flush()
    audit.record(session, person, "dorms.change_room", f"room/{room.id}", now, before=before, after=_room(room))
    return room


def set_state(
    session: Session, person: Person, now: datetime, room_id: int, *, state: str, since: date, reason: str
) -> Room:
    """Close a room, put it in repair, or back, from a day on, for a reason. Raises NotVacant while somebody has it."""
    room = occupancy.find_room(session, room_id)
    before = room.state
    occupancy.change_state(session, person, now, room, state, since, reason)
    if room.state != before:
        after = {"state": state, "since": since.isoformat()}
        audit.record(
            session, person, "dorms.room_state", f"room/{room.id}", now, before={"state": before}, after=after,
            reason=reason,
        )  # fmt: skip
    return room


def add_bed(session: Session, person: Person, now: datetime, room_id: int) -> Bed:
    """One more bed in a room that is shared. Raises Conflict when there are as many as letters."""
    occupancy.may_keep_stock(person)
    room = occupancy.find_room(session, room_id)
    occupancy.hold(session, room)
    session.expire(room, ["beds"])
    used = {bed.label for bed in room.beds}
    label = next((each for each in LABELS if each not in used), None)
    if label is None:
        raise Conflict(Words("一間最多 {n} 床", "{n} beds at most in a room").fill(n=len(LABELS)))
    bed = Bed(label=label)
    room.beds.append(bed)
    session.flush()
    audit.record(session, person, "dorms.add_bed", f"room/{room.id}", now, after={"bed": label})
    return bed


def remove_bed(session: Session, person: Person, now: datetime, room_id: int, bed_id: int) -> Room:
    """Take away a bed that nobody ever had. Raises InUse, NotFound; the last bed stays."""
    occupancy.may_keep_stock(person)
    room = occupancy.find_room(session, room_id)
    occupancy.hold(session, room)
    session.expire(room, ["beds"])
    bed = next((each for each in room.beds if each.id == bed_id), None)
    if bed is None:
        raise NotFound
    if len(room.beds) == 1:
        raise Conflict(Words("一間至少要有一床", "A room has one bed at least"))
    given = select(Offer.id).where(Offer.bed_id == bed.id)
    stayed = select(Tenancy.id).where(Tenancy.bed_id == bed.id)
    if session.scalar(given.limit(1)) or session.scalar(stayed.limit(1)) or _claimed(session, [bed], now):
        raise InUse
    label = bed.label
    room.beds.remove(bed)
    session.delete(bed)
    session.flush()
    audit.record(session, person, "dorms.remove_bed", f"room/{room.id}", now, before={"bed": label})
    return room


def beds_tonight(session: Session, room: Room, now: datetime) -> list[tuple[Bed, bool]]:
    """Every bed of a room, and whether somebody has it tonight."""
    day = today(now)
    tonight = nights(day, date.fromordinal(day.toordinal() + 1))
    busy = reservations.busy(session, [bed.resource for bed in room.beds], tonight, now)
    return [(bed, bed.resource in busy) for bed in room.beds]


def story(room: Room) -> list[Chapter]:
    """A room's states, the latest first, each with its reason and how long it lasted."""
    ends: list[date | None] = [*(row.since for row in room.states[1:]), None]
    chapters = [Chapter(row.state, row.since, until, row.reason) for row, until in zip(room.states, ends, strict=True)]
    return chapters[::-1]


def over_time(session: Session, now: datetime, building_id: str | None = None) -> list[occupancy.Count]:
    """The figures at 30 June and 31 December of every year since the first room, and today; the latest first."""
    first, day = session.scalar(select(func.min(RoomState.since))), today(now)
    if first is None:
        return []
    ends = [date(year, month, last) for year in range(first.year, day.year + 1) for month, last in HALF_YEARS]
    days = [end for end in ends if first <= end < day]
    return [occupancy.count(session, each, building_id) for each in reversed([*days, day])]


def _claimed(session: Session, beds: Iterable[Bed], now: datetime) -> bool:
    ever = nights(today(now), occupancy.FOR_EVER)
    return bool(reservations.busy(session, [bed.resource for bed in beds], ever, now))


def _number_is_free(session: Session, building_id: str, number: str) -> None:
    found = select(Room.id).where(Room.building_id == building_id, Room.number == number)
    if session.scalar(found):
        raise Invalid(Words("這棟已經有這個房號", "This house has a room of that number"), field="number")


def _building(row: Building) -> dict[str, str]:
    return {"name": row.name, "name_en": row.name_en, "place": row.place, "place_en": row.place_en}


def _room(row: Room) -> dict[str, object]:
    return {"number": row.number, "kind": row.kind, "floor": row.floor, "accessible": row.accessible}
