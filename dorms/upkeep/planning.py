"""The year's plan of checks and visits, and the routes of its days (D-40, D-43, D-44).

A plan can be made again: what is missing is added, nothing is doubled. Rooms count while somebody has them; legacy houses
while they are looked after, and are visited where somebody stays.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from common import audit
from common.db import for_update, insert_all_or_none
from common.errors import Invalid
from common.identity import Person
from common.messages import post
from common.period import add_months, today
from common.words import Words
from dorms.models import CheckPlan, HouseCheck, LegacyHouse, Room
from dorms.occupancy import may_keep_stock
from dorms.upkeep import rows, terms
from dorms.upkeep.districts import DISTRICTS
from dorms.upkeep.messages import CheckAppointed, CheckCalledOff

FREQUENCY = {
    terms.INSPECTION: rows.INSPECTIONS_A_YEAR,
    terms.FURNITURE: rows.FURNITURE_A_YEAR,
    terms.VISIT: rows.VISITS_A_YEAR,
}
MOST_A_DAY = 40


def hold_year(session: Session, person: Person, now: datetime, year: int) -> CheckPlan:
    """The plan of a year, made when there was none, held against other planners until the end of the transaction."""
    row = {"year": year, "made_at": now, "made_by_id": person.id}
    insert_all_or_none(session, CheckPlan.__table__, [row], guard="check_plan")  # type: ignore[arg-type]
    return session.get_one(CheckPlan, year, **for_update(session))


def make_plan(session: Session, person: Person, now: datetime, year: int) -> int:
    """Plan what the year still lacks; returns how many checks were added. Raises Forbidden, Invalid for another time."""
    may_keep_stock(person)
    this_year = today(now).year
    if not this_year <= year <= this_year + 1:
        raise Invalid(Words("只能排今年或明年", "Only this year or the next can be planned"), field="year")
    hold_year(session, person, now, year)
    there = {(row.kind, row.place_key, row.turn) for row in of_year(session, year)}
    first = date(year, 1, 1)
    added = 0
    for place, kinds in _places(session, today(now)):
        key = f"room/{place.id}" if isinstance(place, Room) else f"house/{place.id}"
        for kind in kinds:
            times = rows.days(session, FREQUENCY[kind], first)
            for turn in range(1, times + 1):
                if (kind, key, turn) in there:
                    continue
                due_on = add_months(first, 12 * turn // times) - timedelta(days=1)
                if due_on < today(now):
                    continue
                session.add(_new(year, kind, turn, due_on, place))
                added += 1
    session.flush()
    audit.record(session, person, "dorms.checks_planned", f"year/{year}", now, after={"added": added})
    return added


def add_visit(session: Session, person: Person, now: datetime, near: HouseCheck, due_on: date) -> HouseCheck:
    """One more visit to the place of `near`, unless one is still to come; returns it."""
    year = today(now).year
    hold_year(session, person, now, year)
    same = near_by(near).where(HouseCheck.kind == terms.VISIT)
    coming = session.scalars(same.where(HouseCheck.state.in_((terms.PLANNED, terms.APPOINTED)))).first()
    if coming is not None:
        coming.due_on = min(coming.due_on, due_on)
        return coming
    return again(session, near, year, due_on)


def again(session: Session, near: HouseCheck, year: int, due_on: date) -> HouseCheck:
    """The same kind of check of the same place once more. The year is held by the caller."""
    same = near_by(near).where(HouseCheck.kind == near.kind, HouseCheck.year == year)
    turn = max((row.turn for row in session.scalars(same)), default=0) + 1
    row = HouseCheck(year=year, kind=near.kind, turn=turn, due_on=due_on, room=near.room, house=near.house)
    session.add(row)
    session.flush()
    return row


def near_by(check: HouseCheck) -> Select[HouseCheck]:
    """All checks of the same place."""
    if check.room_id is not None:
        return select(HouseCheck).where(HouseCheck.room_id == check.room_id)
    return select(HouseCheck).where(HouseCheck.house_id == check.house_id)


def of_year(session: Session, year: int) -> list[HouseCheck]:
    """A year's checks."""
    return list(session.scalars(select(HouseCheck).where(HouseCheck.year == year).order_by(HouseCheck.id)))


def progress(checks: list[HouseCheck]) -> list[tuple[str, str, dict[str, int]]]:
    """By district and kind, how many checks are in each state."""
    counted: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(terms.CHECK_STATES, 0))
    for row in checks:
        counted[row.district, row.kind][row.state] += 1
    return [
        (district, kind, counted[district, kind])
        for district in DISTRICTS
        for kind in terms.CHECK_KINDS
        if (district, kind) in counted
    ]


def route(session: Session, day: date, visitor_id: int | None = None) -> list[HouseCheck]:
    """A day's checks in the order of the way, of one visitor or of all."""
    found = select(HouseCheck).where(
        HouseCheck.day == day, HouseCheck.state.in_((terms.APPOINTED, terms.DONE)), HouseCheck.half.is_not(None)
    )
    if visitor_id is not None:
        found = found.where(HouseCheck.visitor_id == visitor_id)
    halves = list(terms.HALVES)
    return sorted(session.scalars(found), key=lambda row: (halves.index(row.half), *row.on_the_way, row.id))


def days_ahead(session: Session, now: datetime, visitor_id: int | None = None) -> list[tuple[date, int]]:
    """The days that have a route from today on, and how many checks are still to do on each."""
    found = select(HouseCheck.day).where(HouseCheck.state == terms.APPOINTED, HouseCheck.day >= today(now))
    if visitor_id is not None:
        found = found.where(HouseCheck.visitor_id == visitor_id)
    counted: dict[date, int] = defaultdict(int)
    for day in session.scalars(found):
        if day is not None:
            counted[day] += 1
    return sorted(counted.items())


def appoint(
    session: Session,
    person: Person,
    now: datetime,
    *,
    year: int,
    district: str,
    errand: str,
    day: date,
    half: str,
    visitor_id: int,
    places: int = 10,
) -> list[HouseCheck]:
    """Put the next `places` of a district on a day's route, the most pressing first, and tell the residents (D-40).

    Checks need notice; visits are not announced (D-43). A place nobody lives in any more is left off the plan.
    Raises Forbidden, Invalid (fields `day`, `visitor_id`, `district`).
    """
    may_keep_stock(person)
    _check_day(session, now, errand, day, year)
    visitor = session.get(Person, visitor_id)
    if visitor is None or not visitor.active or not visitor.has("dorm_officer"):
        raise Invalid(Words("請選擇宿舍承辦人", "Choose a dormitory officer"), field="visitor_id")
    hold_year(session, person, now, year)
    chosen: list[HouseCheck] = []
    living = rows.residents(session, day)
    taken = 0
    for checks in _next_places(session, year, district, errand, day):
        if taken == places:
            break
        resident = living.get(checks[0].room_id) if checks[0].room_id else None
        if checks[0].room_id and resident is None:
            for row in checks:
                row.state = terms.CALLED_OFF
            continue
        taken += 1
        for row in checks:
            row.state, row.day, row.half = terms.APPOINTED, day, half
            row.visitor_id, row.appointed_at = visitor_id, now
            row.person_id = resident.person_id if resident else None
        session.flush()
        _tell(session, now, checks, CheckAppointed)
        chosen += checks
    if not chosen:
        raise Invalid(Words("這一區沒有待排定的", "Nothing is left to schedule in this district"), field="district")
    after = {"day": day, "half": half, "district": district, "checks": [row.id for row in chosen]}
    audit.record(session, person, "dorms.checks_appointed", f"year/{year}", now, after=after)
    return chosen


def call_off(
    session: Session, person: Person, now: datetime, check_id: int, *, reason: str, rev: int | None = None
) -> HouseCheck:
    """Take a stop off its day's route; its checks wait for another day, and a resident who was told is told again.

    Raises NotNow unless it is scheduled, Stale, Forbidden.
    """
    may_keep_stock(person)
    row = rows.hold(session, HouseCheck, person, check_id, rev)
    if row.state != terms.APPOINTED:
        raise rows.NotNow
    errand = next(kinds for kinds in terms.KINDS_OF.values() if row.kind in kinds)
    stop = near_by(row).where(HouseCheck.day == row.day, HouseCheck.kind.in_(errand), HouseCheck.id != row.id)
    ids = session.scalars(stop.with_only_columns(HouseCheck.id).order_by(HouseCheck.id)).all()
    others = [rows.hold(session, HouseCheck, person, each) for each in ids]
    checks = [row, *(each for each in others if each.state == terms.APPOINTED)]
    before = {"day": row.day, "half": row.half}
    _tell(session, now, checks, CheckCalledOff)
    for each in checks:
        each.state, each.day, each.visitor_id, each.appointed_at = terms.PLANNED, None, None, None
    session.flush()
    audit.record(session, person, "dorms.check_called_off", f"check/{row.id}", now, before=before, reason=reason)
    return row


def _check_day(session: Session, now: datetime, errand: str, day: date, year: int) -> None:
    notice = rows.days(session, rows.CHECK_NOTICE_DAYS, today(now)) if errand == terms.INSPECTIONS else 0
    first = today(now) + timedelta(days=notice)
    if day < first:
        words = Words(
            "要在 {n} 天前通知借用人，請選晚一點的日期", "The resident needs {n} days’ notice: choose a later day"
        )
        raise Invalid(
            words.fill(n=notice) if notice else Words("日期已經過了", "That day has passed"),
            field="day",
        )
    if day.year != year:
        raise Invalid(Words("日期要在計畫的那一年", "The day must lie in the year of the plan"), field="day")


def _next_places(session: Session, year: int, district: str, errand: str, day: date) -> Iterator[list[HouseCheck]]:
    """The planned checks of each place of a district, one of each kind, the earliest due first and then by the way."""
    waiting: dict[str, list[HouseCheck]] = defaultdict(list)
    out_there: set[str] = set()
    for row in of_year(session, year):
        if row.kind not in terms.KINDS_OF[errand] or row.district != district:
            continue
        if row.state == terms.PLANNED:
            waiting[row.place_key].append(row)
        elif row.state == terms.APPOINTED and errand == terms.VISITS:
            out_there.add(row.place_key)
    by_place = []
    for key, checks in waiting.items():
        if key in out_there:
            continue
        first = {kind: [row for row in checks if row.kind == kind] for kind in terms.KINDS_OF[errand]}
        picked = [min(found, key=lambda row: row.turn) for found in first.values() if found]
        by_place.append((min(row.due_on for row in picked), picked[0].on_the_way, picked))
    yield from (picked for _, _, picked in sorted(by_place, key=lambda each: each[:2]))


def _places(session: Session, day: date) -> Iterator[tuple[Room | LegacyHouse, tuple[str, ...]]]:
    living = rows.residents(session, day)
    for room in session.scalars(select(Room).where(Room.id.in_(living)).order_by(Room.id)):
        yield room, tuple(terms.CHECK_KINDS)
    for house in session.scalars(select(LegacyHouse).order_by(LegacyHouse.id)):
        if house.state in terms.KEPT and house.kind == terms.HOUSE:
            yield house, (terms.INSPECTION, terms.VISIT) if house.state in terms.LIVED_IN else (terms.INSPECTION,)
        elif house.state in terms.KEPT:
            yield house, (terms.INSPECTION,)


def _new(year: int, kind: str, turn: int, due_on: date, place: Room | LegacyHouse) -> HouseCheck:
    room, house = (place, None) if isinstance(place, Room) else (None, place)
    return HouseCheck(year=year, kind=kind, turn=turn, due_on=due_on, room=room, house=house)


def _tell(
    session: Session, now: datetime, checks: list[HouseCheck], fact: type[CheckAppointed] | type[CheckCalledOff]
) -> None:
    """One letter for all that is checked at a place; none for visits, nor where no account lives."""
    told = [row for row in checks if row.kind != terms.VISIT]
    if not told or told[0].person_id is None or told[0].period is None:
        return
    row, period = told[0], told[0].period
    kinds = [terms.CHECK_KINDS[each.kind] for each in told]
    body = rows.told(
        row,
        told[0].person_id,
        row.number,
        row.rev,
        check_id=str(row.id),
        kind="、".join(words.zh for words in kinds),
        kind_en=", ".join(words.en for words in kinds),
        starts_at=period.starts_at,
        ends_at=period.ends_at,
    )
    post(session, fact, subject=f"check/{row.id}", now=now, **body)
