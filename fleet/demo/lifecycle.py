"""The rest of a request's life in the demonstration: shared cars, one way, a weekly duty, all taken, a car recalled for the floods."""

from datetime import date, timedelta
from typing import Any

from common.errors import Conflict, Invalid
from common.period import local, taipei, today
from fleet import assigning, discipline, driving, merging, recalls, series, trips
from fleet.demo.city import ERRANDS
from fleet.demo.trips import ORIGIN, City
from fleet.models import PoolMembership, Trip

RECALLED = "RCZ-9306"
JOINED = (date(2021, 1, 4), date(2022, 7, 1), date(2024, 3, 1))


def load(city: City) -> None:
    """Adds to a city that is built already, through the use cases."""
    session, now = city.session, city.now
    for n, vehicle in enumerate(city.plates.values()):
        joined = max(JOINED[n % 3], date(vehicle.year, 12, 1)) if vehicle.year < today(now).year else JOINED[0]
        session.add(PoolMembership(vehicle_id=vehicle.id, joined_on=joined))
    session.flush()
    days = list(city._workdays(1, 12))
    _shared(city, days[2])
    _one_way(city, days[1])
    _weekly(city, days[3])
    _all_taken(city, days[5])
    _recall(city)
    _no_show(city)


def _ask(city: City, who: str, day: date, clock: str, hours: float, **more: Any) -> Trip:
    errand, starts_at = ERRANDS[6], taipei(day, clock)
    told: dict[str, Any] = {
        "purpose_code": errand.purpose_code, "purpose": errand.purpose, "origin": ORIGIN, "destination": errand.place, "passengers": 2,
        "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=hours), "round_trip": True, "needs_driver": True,
        "vehicle_kind": None, "may_share": False, "urgent_reason": None,
    }  # fmt: skip
    return trips.request(city.session, city.named[who], city._before_now(40), **(told | more))


def _shared(city: City, day: date) -> None:
    """Two agencies to the same place, in one car; two more who might."""
    place = ERRANDS[3].place
    more = {"destination": place, "may_share": True}
    keeper = _ask(city, "officer", day, "10:00", 3, purpose="跨機關協調會", **more)
    other = _ask(city, "officer2", day, "10:15", 3, purpose="協調會（環保議題）", **more)
    for trip in (keeper, other):
        city._approve(trip, city._before_now(30))
    if city._assign(keeper, city._before_now(20), driver=city.named["driver2"]):
        city._accept(keeper, city._before_now(18))
        merging.merge(
            city.session, city.dispatcher, city._before_now(10), keeper, others=[other], reason=f"同日同往{place}"
        )
    for who, clock in (("officer", "14:00"), ("officer2", "14:15")):
        city._approve(_ask(city, who, day, clock, 2, purpose="場勘", **more), city._before_now(9))


def _one_way(city: City, day: date) -> None:
    trip = _ask(city, "officer", day, "13:30", 4, purpose="專題研習", passengers=3)
    city._approve(trip, city._before_now(28))
    city._assign(trip, city._before_now(6), leg="out")


def _weekly(city: City, day: date) -> None:
    """The council's weekly session, three times."""
    asked = {
        "purpose_code": "meeting", "purpose": "市政會議", "origin": ORIGIN, "destination": "市議會", "passengers": 3,
        "starts_at": taipei(day, "08:30"), "ends_at": taipei(day, "11:30"), "round_trip": True, "needs_driver": True,
        "vehicle_kind": None, "may_share": False, "urgent_reason": None,
    }  # fmt: skip
    dates = [{"date": day + timedelta(days=7 * n)} for n in range(3)]
    try:
        with city.session.begin_nested():
            series.send(
                city.session, city.named["officer"], city._before_now(26), weekdays=[day.weekday()], last_on=dates[-1]["date"],
                dates=dates, **asked,
            )  # fmt: skip
    except (Conflict, Invalid):
        return  # no car on one of the days


def _all_taken(city: City, day: date) -> None:
    trip = _ask(city, "officer2", day, "09:00", 8, purpose="里長參訪", passengers=8)
    city._approve(trip, city._before_now(25))
    assigning.answer_full(city.session, city.dispatcher, city._before_now(5), trip)


def _recall(city: City) -> None:
    vehicle = city.plates[RECALLED]
    starts_at = city._before_now(20)
    try:
        with city.session.begin_nested():
            recalls.recall(
                city.session, city.dispatcher, starts_at, vehicle_id=vehicle.id, starts_at=starts_at,
                ends_at=taipei(local(city.now).date() + timedelta(days=5), "18:00"), reason_code="flood", reason="汛期抽水站巡查",
            )  # fmt: skip
    except Conflict:
        return  # on the road just then


def _no_show(city: City) -> None:
    """Yesterday or before a car came and nobody did."""
    day = list(city._workdays(-6, 0))[-1]
    asked_at = taipei(day, "08:00") - timedelta(days=5)
    trip = city._asked(city.named["officer2"], day, "16:00", ERRANDS[4], asked_at=asked_at)
    city._approve(trip, asked_at + timedelta(hours=1))
    if city._assign(trip, asked_at + timedelta(hours=2)) and trip.driver and trip.driver.person:
        driving.accept(city.session, trip.driver.person, asked_at + timedelta(hours=3), trip)
        discipline.no_show(city.session, city.dispatcher, trip.starts_at + timedelta(minutes=30), trip)
