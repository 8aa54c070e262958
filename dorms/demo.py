"""A believable dormitory: 123 rooms with ten years of history; rounds that are over, allotted, to rank and to apply in.

Everything goes through the use cases with earlier instants as `now`; people come from the read copies. Deterministic.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import local, taipei, today
from common.words import Words
from dorms import applications, demo_files, demo_upkeep, occupancy, offers, rounds
from dorms import demo_stays as stays
from dorms import vocabulary as say
from dorms.models import Application, Building, Room, Round, Tenancy

SEED = 1150201

NAMED = frozenset(
    [
        "officer",
        "supervisor",
        "officer2",
        "dispatcher",
        "driver",
        "driver2",
        "venues",
        "dorms",
        "staff",
        "staff2",
        "auditor",
        "admin",
    ]
)
"""The demo sign-ins, who are not given a room beforehand."""

OFFERED = "sports-officer"
"""Who holds an offer and has not answered it."""

TENANT = "metro-officer"
"""Who lives in a room and can see it as their own."""

BEGINNING = date(2014, 1, 1)
FIRST_LET = date(2014, 3, 1)
REPAIRED = date(2016, 9, 1)
EXTENDED = date(2018, 7, 1)
BUSY = date(2020, 12, 1)

APPLY_NOTICE = "西園、信義單房間職務宿舍。名次依積點排序，同分者先比到職日，再以公開種子抽籤。"


@dataclass
class City:
    """What the demo is made from: the officer, staff not yet housed, and one set of dice."""

    officer: Person
    people: dict[str, Person]
    crowd: list[Person]
    dice: random.Random

    def next_person(self) -> Person:
        return self.crowd.pop(0)


def load(session: Session, now: datetime) -> None:
    """Fill an empty database. Without people in the read copies there is nothing to show, and nothing is done."""
    people = {person.username: person for person in session.scalars(select(Person).where(Person.active))}
    if not {"dorms", "staff", "staff2"} <= set(people):
        return
    crowd = [person for name, person in sorted(people.items()) if person.has("staff") and name not in NAMED]
    dice = random.Random(SEED)
    dice.shuffle(crowd)
    crowd = [person for person in crowd if person.username != OFFERED]
    crowd.sort(key=lambda person: person.username != TENANT)
    city = City(people["dorms"], people, crowd, dice)
    rooms = _build(session, city)
    tenants, leaving, given, broken = rooms[:107], rooms[107:113], rooms[113:118], rooms[118:]
    begun = today(now) - timedelta(days=200)
    _early_years(session, rooms, to_let=tenants[:4])
    _tenants(session, city, tenants, begun)
    _repairs(session, city, broken, begun)
    _past_round(session, city, given, begun)
    _leave(session, city, leaving, now)
    stays.tell(session, city.officer, now)
    _round_to_answer(session, city, now)
    _round_to_rank(session, city, now)
    _open_round(session, city, now)
    demo_upkeep.load(session, city.officer, now)
    demo_files.load(session, now, city.officer, city.people, city.next_person())


def _at(day: date, clock: str = "10:00") -> datetime:
    return taipei(day, clock)


def _build(session: Session, city: City) -> list[Room]:
    """118 rooms in two houses, five more later (D-47); in an order that mixes the houses."""
    xiyuan = occupancy.add_building(
        session,
        city.officer,
        "xiyuan",
        Words("西園", "Xiyuan"),
        Words("臺北市萬華區西園路", "Xiyuan Road, Wanhua District"),
    )
    xinyi = occupancy.add_building(
        session,
        city.officer,
        "xinyi",
        Words("信義", "Xinyi"),
        Words("臺北市信義區信義路", "Xinyi Road, Xinyi District"),
        women_first=True,
    )
    plan = [*_doors(xiyuan, 2, 6, 12), *_doors(xinyi, 2, 3, 12), *_doors(xinyi, 5, 1, 10)]
    added = _at(BEGINNING)
    rooms = []
    for number, (building, floor, door) in enumerate(plan):
        state = say.AWAITING_REPAIR if number % 10 == 7 else say.TO_LET
        rooms.append(_room(session, city, added, building, floor, door, BEGINNING, state))
    later = [_room(session, city, _at(EXTENDED), xinyi, 6, door, EXTENDED, say.TO_LET) for door in range(1, 6)]
    city.dice.shuffle(rooms)
    return later + rooms


def _doors(building: Building, first: int, floors: int, doors: int) -> Iterator[tuple[Building, int, int]]:
    for floor in range(first, first + floors):
        for door in range(1, doors + 1):
            yield building, floor, door


def _room(
    session: Session, city: City, at: datetime, building: Building, floor: int, door: int, since: date, state: str
) -> Room:
    return occupancy.add_room(
        session,
        city.officer,
        at,
        building,
        f"{floor}{door:02d}",
        floor=floor,
        since=since,
        state=state,
        accessible=floor == 2 and door <= 2,
    )


def _early_years(session: Session, rooms: list[Room], to_let: list[Room]) -> None:
    """What the half-year reports count: 104.6.30 had 106 lendable and 12 awaiting repair; 110.6.30 119 let and 4 not."""
    sound = [room for room in rooms if room.state == say.TO_LET and room.states[0].since == BEGINNING]
    for room in [room for room in sound if room not in to_let][:100]:
        occupancy.enter_state(session, _at(FIRST_LET), room, say.LET, FIRST_LET)
    for room in rooms:
        if room.state == say.AWAITING_REPAIR:
            occupancy.enter_state(session, _at(REPAIRED), room, say.TO_LET, REPAIRED)
    for room in rooms:
        if room.state == say.TO_LET and room not in to_let:
            occupancy.enter_state(session, _at(BUSY), room, say.LET, BUSY)


def _tenants(session: Session, city: City, rooms: list[Room], before: date) -> None:
    """Stays agreed before this register was kept, begun some time in the last four and a half years."""
    for room in rooms:
        started = before - timedelta(days=city.dice.randint(40, 4 * 365))
        _vacate(session, room, started - timedelta(days=city.dice.randint(5, 25)))
        person = city.next_person()
        until = started.replace(year=started.year + 5, day=1)
        grade = 5 + person.id % 6
        occupancy.record_tenancy(session, city.officer, _at(started), room, person.id, started, until, grade=grade)


def _vacate(session: Session, room: Room, day: date) -> None:
    if room.state == say.LET:
        occupancy.enter_state(session, _at(day, "15:00"), room, say.TO_LET, day, "點交返還")


def _repairs(session: Session, city: City, rooms: list[Room], before: date) -> None:
    """Three rooms wait for repair, in two the work is under way."""
    reasons = ("浴室漏水", "管線老舊", "地板受潮", "重新配電", "浴室更新")
    for number, (room, reason) in enumerate(zip(rooms, reasons, strict=True)):
        day = before - timedelta(days=30 * (number + 1))
        _vacate(session, room, day)
        occupancy.change_state(session, city.officer, _at(day), room, say.AWAITING_REPAIR, day, reason)
        if number >= 3:
            began = before + timedelta(days=120)
            occupancy.change_state(session, city.officer, _at(began), room, say.IN_REPAIR, began, reason)


def _leave(session: Session, city: City, rooms: list[Room], now: datetime) -> None:
    """Six rooms were handed back in the last months and are to let."""
    for number, room in enumerate(rooms):
        _vacate(session, room, today(now) - timedelta(days=20 + 17 * number))


# ── Rounds ────────────────────────────────────────────────────────────────────


def _announce(session: Session, city: City, opened_at: datetime, first: date, last: date) -> Round:
    return rounds.open_round(
        session,
        city.officer,
        opened_at,
        kind=say.SINGLE,
        registration_from=_at(first, "09:00"),
        registration_until=_at(last, "17:00"),
        notice=APPLY_NOTICE,
    )


def _apply(session: Session, city: City, round_: Round, person: Person, at: datetime, **known: Any) -> Application:
    """One application with invented but consistent facts; `known` replaces some of them."""
    dice = city.dice
    years = Decimal(dice.randint(1, 26)) / 2
    elsewhere = Decimal(dice.choice((0, 0, 0, 1, 2, 3, 5)))
    facts: dict[str, Any] = {
        "grade": dice.choice((5, 5, 6, 6, 7, 7, 7, 8, 8, 9)),
        "years_of_service": years,
        "years_elsewhere": elsewhere,
        "started_on": today(at) - timedelta(days=int(years * Decimal("365.25")) + dice.randint(5, 60)),
        "appraisals": [dice.choice("AAAB") for _ in range(3)],
        "home_status": dice.choice(("none", "none", "none", "elsewhere", "here")),
        "home_km": _way_to_work(years),
        "preferences": dice.choice(([], ["xiyuan"], ["xinyi"], ["xinyi", "xiyuan"])),
        "others_ok": dice.random() < 0.8,
        "on_establishment": True,
        "lives_alone": True,
        "had_home_loan": False,
        "bought_quarters": False,
        "spouse_housed": False,
    }
    return applications.apply_for_room(session, person, at, round_id=round_.id, **{**facts, **known})


def _way_to_work(years: Decimal) -> int:
    """A believable way to work, without throwing the dice once more."""
    return 3 + int(years * 7) % 45


def _past_round(session: Session, city: City, rooms: list[Room], begun: date) -> None:
    """A round that is over: five rooms; one applicant gave up, one let the deadline pass, and the next two moved up."""
    for room in rooms:
        _vacate(session, room, begun - timedelta(days=60))
    first, last = begun - timedelta(days=30), begun - timedelta(days=8)
    round_ = _announce(session, city, _at(first - timedelta(days=2)), first, last)
    for number in range(12):
        _apply(session, city, round_, city.next_person(), _at(first + timedelta(days=1 + number), "11:20"))
    rounds.rank_applicants(session, city.officer, _at(begun - timedelta(days=6)), round_.id, seed="21536.78")
    rounds.publish_ranking(session, city.officer, _at(begun - timedelta(days=6), "14:00"), round_.id)
    offers.allot_rooms(session, city.officer, _at(begun), round_.id)
    by_rank = {application.rank: application for application in round_.standing}
    for rank, days in ((1, 1), (2, 2), (4, 2)):
        _answer(session, by_rank[rank], _at(begun + timedelta(days=days)), offers.accept)
    _answer(session, by_rank[3], _at(begun + timedelta(days=4)), offers.decline)
    _answer(session, by_rank[6], _at(begun + timedelta(days=6)), offers.accept)
    offers.lapse_due(session, _at(begun + timedelta(days=15), "17:00"))
    _answer(session, by_rank[7], _at(begun + timedelta(days=18)), offers.accept)
    for application in round_.standing:
        if application.state == say.ACCEPTED:
            stays.settle_in(session, city.officer, application)
    again = [application.person for application in round_.standing if application.state == say.WAITING]
    city.crowd[:0] = [person for person in again if person is not None]


def _round_to_answer(session: Session, city: City, now: datetime) -> None:
    """Allotted four days ago to its two applicants, OFFERED first; neither has answered."""
    day = today(now) - timedelta(days=4)
    first, last = day - timedelta(days=30), day - timedelta(days=12)
    round_ = _announce(session, city, _at(first - timedelta(days=2)), first, last)
    for person in (city.people.get(OFFERED), city.next_person()):
        if person is not None:
            _apply(session, city, round_, person, _at(first + timedelta(days=3), "13:10"))
    rounds.rank_applicants(session, city.officer, _at(day - timedelta(days=6)), round_.id, seed="23105.51")
    rounds.publish_ranking(session, city.officer, _at(day - timedelta(days=6), "14:00"), round_.id)
    offers.allot_rooms(session, city.officer, _at(day), round_.id)


def _answer(session: Session, application: Application, at: datetime, verb: Any) -> None:
    offer = application.offer
    if offer is not None and application.person is not None:
        verb(session, application.person, at, offer.id)


def _round_to_rank(session: Session, city: City, now: datetime) -> None:
    """Registration ended three days ago with 25 applicants, `staff` and `staff2` among them; to be ranked."""
    day = today(now)
    first, last = day - timedelta(days=25), day - timedelta(days=3)
    round_ = _announce(session, city, _at(first - timedelta(days=2)), first, last)
    shared = {"grade": 8, "years_of_service": Decimal(7), "years_elsewhere": Decimal(0), "appraisals": ["A", "A", "B"]}
    shared |= {"home_status": "none"}
    started = {"started_on": day - timedelta(days=2600)}
    staff = {"grade": 9, "years_of_service": Decimal("6.5"), "years_elsewhere": Decimal(1), "home_status": "none"}
    staff |= {"appraisals": ["A", "A", "A"], "preferences": ["xinyi"], "others_ok": True}
    _apply(session, city, round_, city.people["staff"], _at(first + timedelta(days=2), "12:40"), **staff)
    _apply(session, city, round_, city.people["staff2"], _at(first + timedelta(days=3), "09:15"), **shared, **started)
    tied = [shared | started, shared | {"started_on": day - timedelta(days=2900)}]
    for number in range(23):
        at = _at(first + timedelta(days=number % 20), f"{9 + number % 8:02d}:{(number * 7) % 60:02d}")
        _apply(session, city, round_, city.next_person(), at, **(tied[number] if number < 2 else {}))


def _open_round(session: Session, city: City, now: datetime) -> None:
    """A further round takes applications for another three weeks; four people have applied, and a tenant who asks to move."""
    day = today(now)
    round_ = _announce(session, city, _at(day - timedelta(days=4)), day - timedelta(days=2), day + timedelta(days=19))
    for number in range(4):
        at = local(now - timedelta(hours=5 + 7 * number))
        _apply(session, city, round_, city.next_person(), at, grade=6, others_ok=True)
    tenancy = session.scalars(select(Tenancy).order_by(Tenancy.id)).first()
    tenant = session.get(Person, tenancy.person_id) if tenancy else None
    if tenancy is not None and tenant is not None:
        wish = "xinyi" if tenancy.room.building_id == "xiyuan" else "xiyuan"
        at = local(now - timedelta(hours=3))
        _apply(session, city, round_, tenant, at, move=True, preferences=[wish])
