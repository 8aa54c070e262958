"""The dispatcher's desk: the board of cars or of drivers, the queue, and for the one chosen what can be done with it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Response, g, json, request, url_for
from flask import session as cookie
from sqlalchemy.orm import Session

from common import reservations
from common.identity import Person
from common.period import Period, local, taipei, today
from common.web import now, render
from common.web.pages import fragment
from common.words import Words
from fleet import assigning, board, carpool, helping, leave, moving, roster, trips
from fleet.board import Board
from fleet.lanes import Line
from fleet.models import Driver, Trip, TripMove, Vehicle
from fleet.models.trip import HOLDING
from fleet.pages.door import dispatchers, pages
from fleet.plans.dispatch import Ranking
from fleet.plans.sharing import Proposal
from fleet.terms import KINDS, LEAVE_REASONS, LEGS, LICENCE_CLASSES, REACHED_BY, WAYS, WHOLE

SHOWN = (*HOLDING, "finished", "signed_off", "fully_booked", "cancelled")
STATES = {  # of the list
    "all": (Words("全部", "All"), SHOWN),
    "running": (Words("行駛中", "On the road"), ("under_way",)),
    "waiting": (Words("待駕駛接單", "Awaiting driver"), ("assigned", "assigned_one_way")),
    "ready": (Words("已派車", "Confirmed"), ("accepted",)),
    "back": (Words("已回場", "Returned"), ("finished", "signed_off")),
    "cancelled": (Words("已取消", "Cancelled"), ("cancelled",)),
}
VIEWS = {"day": Words("日", "Day"), "week": Words("週", "Week"), "list": Words("清單", "List")}
MESSAGE_STATES = {
    "queued": Words("排隊中", "queued"), "sending": Words("寄送中", "being sent"), "sent": Words("未讀", "unread"),
    "read": Words("已讀", "read"), "failed": Words("沒送到", "failed"), "expired": Words("已收回或過時", "taken back or out of date"),
}  # fmt: skip
CHANNELS = {
    "inbox": Words("站內", "in-app"),
    "mail": Words("郵件", "mail"),
    "push": Words("推播", "push"),
    "line": Words.same("LINE"),
}
BEST = 3
Show = Callable[..., Any]


@dataclass(frozen=True)
class Offer:
    """One row of a ranking with the row it stands for."""

    row: Any
    reasons: tuple[Words, ...]
    best: bool


@pages.get("/dispatch", allows=dispatchers)
def show_dispatch(session: Session, person: Person, trip_id: int | None = None) -> Any:
    """The board of cars, as a day, a week or a list."""
    return _show(session, person, trip_id, drivers=False)


@pages.get("/dispatch/drivers", allows=dispatchers)
def show_roster(session: Session, person: Person, trip_id: int | None = None) -> Any:
    """The board of drivers, and their leave."""
    return _show(session, person, trip_id, drivers=True)


@pages.get("/dispatch/live", allows=dispatchers)
def show_news(session: Session, person: Person) -> Response:
    """Whether the board changed since the page was read; 304 when not."""
    day = _day(None)
    line = board.line_for(day, request.args.get("view", "day"))
    revision = board.revision(session, line)
    answer = Response(content_type="application/json")
    answer.set_etag(revision)
    if not request.if_none_match.contains(revision):
        changes = board.changes_since(session, line, _since())
        answer.set_data(json.dumps({"revision": revision, "changes": max(1, changes)}))
    answer.make_conditional(request)
    return answer


def after(session: Session, person: Person, *, trip_id: int | None = None) -> Any:
    """What follows an act on the board: the board itself for the script, else the way back to it."""
    if request.headers.get("X-Partial"):
        return _show(session, person, trip_id, drivers=by_drivers(), only_board=True)
    return Response(status=303, headers={"Location": here()})


def by_drivers() -> bool:
    """Whether the person came from the drivers' board."""
    return request.args.get("by") == "drivers"


def here(**more: Any) -> str:
    """The address of the board as it is looked at: which rows, day, view and filter."""
    kept = {name: request.args[name] for name in ("date", "view", "show") if request.args.get(name)}
    return url_for(".show_roster" if by_drivers() else ".show_dispatch", **{**kept, **more})


def show_again(session: Session, person: Person, trip_id: int | None = None, **_: Any) -> Any:
    """The board after a refusal, with the same trip chosen and everything typed."""
    return _show(session, person, trip_id, drivers=by_drivers(), only_board=bool(request.headers.get("X-Partial")))


def _show(
    session: Session, person: Person, trip_id: int | None, *, drivers: bool, only_board: bool | None = None
) -> Any:
    chosen = trip_id or _number(request.args.get("trip", ""))
    trip = trips.get(session, person, chosen) if chosen else None
    day, moment = _day(trip), now()
    view = request.args.get("view", "day")
    view = view if view in VIEWS and not (drivers and view == "list") else "day"
    line = board.line_for(day, view)
    shown = (roster if drivers else board).read(session, person, moment, line)
    which = request.args.get("show", "")
    kept: dict[str, Any] = {"date": day, "view": view if view != "day" else None, "show": which or None}
    endpoint = ".show_roster" if drivers else ".show_dispatch"
    context: dict[str, Any] = {
        "board": shown, "trip": trip, "view": view, "views": VIEWS, "which": which, "filters": board.FILTERS, "day": day,
        "today": today(moment), "before": day - _step(view), "after": day + _step(view), "kinds": KINDS, "drivers": drivers,
        "endpoint": endpoint, "kept": kept, "address": url_for(endpoint, **kept), "licences": LICENCE_CLASSES,
        "sent_with": kept | {"by": "drivers" if drivers else None}, "channels": CHANNELS, "message_states": MESSAGE_STATES,
        "days": [line.first + timedelta(days=n) for n in range(line.days)], "undo": _undo(session, person, moment),
        "clock_now": f"{local(moment):%H:%M}", "reached_ways": list(REACHED_BY.items()),
        "since": int(moment.timestamp() * 1000), "serving": sum(1 for row in shown.rows if row.off is None),
        "proposals": [] if trip else _proposals(session, moment, line),
        **_inspected(session, person, trip, shown), **_listed(session, person, line, view, which),
    }  # fmt: skip
    if drivers:
        context |= {"leave_reasons": LEAVE_REASONS, "on_leave": leave.within(session, line.period)}
    if only_board or (only_board is None and request.headers.get("X-Partial")):
        context["said"] = [Words(zh, en) for _tone, zh, en in cookie.pop("notices", [])]
        return fragment("fleet/_board.html", **context)
    return render("fleet/dispatch.html", **context)


def _proposals(session: Session, moment: datetime, line: Line) -> list[tuple[Proposal, Trip, Trip]]:
    """Who could share a car on the days shown, the most kilometres saved first (V-20)."""
    days = (line.first + timedelta(days=n) for n in range(line.days))
    found = [each for day in days if day >= today(moment) for each in carpool.of_day(session, moment, day)]
    return sorted(found, key=lambda each: -each[0].km_saved)


def _step(view: str) -> timedelta:
    return timedelta(days=7 if view == "week" else 1)


def _inspected(session: Session, person: Person, trip: Trip | None, shown: Board) -> dict[str, Any]:
    """Offers for the chosen trip: rows with reasons, best first, why the rest will not do, and what it clashes with."""
    none: dict[str, Any] = {
        "cars_offered": [], "drivers_offered": [], "why_not": [], "why_no_driver": [], "pads": {}, "pad_at": None,
        "clashing": [], "low_bar": None, "anyway": False,
        "changes": (), "swaps": {}, "ways": [], "way": None, "leg_minutes": None,
    }  # fmt: skip
    if trip is None:
        return none
    bar = next((bar for bar in shown.bars if bar.trip is trip and bar.low), None)
    told = none | {"clashing": shown.clashes_of(trip), "low_bar": bar}
    if not trip.can("assign", person):
        return told
    way, minutes = _way(trip)
    found = assigning.suggest(session, person, now(), trip, way=way, leg_minutes=minutes)
    needed = assigning.way_period(session, trip, way, minutes, now())
    cars = _offers(session, Vehicle, found.cars, None if trip.flagged_at else trip.vehicle_id)
    drivers = _offers(session, Driver, found.drivers, trip.driver_id) if found.drivers else []
    offered = drivers if shown.field == "driver_id" else cars
    return told | {
        "cars_offered": cars, "drivers_offered": drivers, "why_not": found.cars.tally(),
        "why_no_driver": found.drivers.tally() if found.drivers else [],
        "pads": {each.row.id: each.best for each in offered},
        "pad_at": shown.line.place(needed), "needed": needed, "anyway": _taken_by_others(session, trip),
        "changes": found.changes, "swaps": helping.swaps(session, trip, found.changes),
        "ways": list(WAYS.items()) if trip.can_go_one_way else [], "way": way,
        "way_words": WAYS.get(way or ""), "present_way": trip.leg or WHOLE,
        "leg_minutes": int(needed.duration / timedelta(minutes=1)) if way in LEGS else None,
    }  # fmt: skip


def _way(trip: Trip) -> tuple[str | None, int | None]:
    """Which way cars are looked for, and for how many minutes (V-31): as typed, else as asked for, else as it stands."""
    form = g.get("form")
    given = form.value if form and form.value("way") else request.args.get
    way, minutes = given("way", "") or trip.leg, _number(given("leg_minutes", "") or "")
    if way not in WAYS or not trip.can_go_one_way:
        return None, None
    if minutes is None and way == trip.leg:
        minutes = int(trip.car_period.duration / timedelta(minutes=1))
    return way, minutes if minutes and 15 <= minutes <= 1440 else None


def _offers(session: Session, model: Any, ranking: Ranking, present: int | None) -> list[Offer]:
    """The ranked ones with their rows, but for the one it has."""
    others = [each for each in ranking.candidates if each.id != present]
    return [Offer(session.get(model, each.id), each.reasons, n == 0) for n, each in enumerate(others)]


def _taken_by_others(session: Session, trip: Trip) -> bool:
    """Whether the car that was asked for in the refused form is taken: only then it can be given all the same."""
    form = g.get("form")
    number = _number(form.value("vehicle_id", "")) if form else None
    vehicle = session.get(Vehicle, number) if number else None
    if vehicle is None or form.error("vehicle_id") is None:
        return False
    shift = timedelta(minutes=_signed(form.value("shift", "0")))
    wanted = typed_period(form.value) or trip.period
    wanted = Period(wanted.starts_at + shift, wanted.ends_at + shift)
    taken = reservations.taken(session, [vehicle.resource], wanted, now())
    return any(by.holder != trip.holder for by in taken)


def typed_period(value: Callable[[str, str], str]) -> Period | None:
    """The period of a form's day and clock times; None where they do not make one."""
    try:
        first = date.fromisoformat(value("date", ""))
        last = date.fromisoformat(value("until", "") or value("date", ""))
        return Period(taipei(first, value("leave", "")), taipei(last, value("back", "")))
    except ValueError:
        return None


def _undo(session: Session, person: Person, moment: datetime) -> tuple[TripMove, Words, int] | None:
    """The move that can still be taken back, what to say of it, and for how many seconds."""
    move = moving.last_move(session, person, moment)
    if move is None or move.trip.vehicle is None:
        return None
    trip, car = move.trip, move.trip.vehicle
    new = move.before["vehicle_id"] is None
    said = (
        Words("{purpose} 已派 {car}", "{purpose}: {car} assigned") if new else Words("已改派到 {car}", "Moved to {car}")
    )
    if not new and move.before["vehicle_id"] == trip.vehicle_id:
        said = Words("{purpose} 已更動", "{purpose} changed")
    said = said.fill(purpose=trip.purpose, car=car.plate)
    if move.before["starts_at"] != trip.starts_at.isoformat() or move.before["ends_at"] != trip.ends_at.isoformat():
        times = f"{local(trip.starts_at):%H:%M}–{local(trip.ends_at):%H:%M}"
        said = Words("{said}，{times}", "{said}, {times}").fill(said=said, times=times)
    if trip.driver and move.before["driver_id"] != trip.driver_id:
        said = Words("{said}，{driver}駕駛", "{said}, {driver} drives").fill(said=said, driver=trip.driver.name)
    if trip.flagged_at:
        said = Words("{said}，已標示衝突", "{said}, flagged as a conflict").fill(said=said)
    left = max(1, int((move.undo_until - moment).total_seconds()))
    return move, Words("{said}。", "{said}.").fill(said=said), left


def _listed(session: Session, person: Person, line: Line, view: str, which: str) -> dict[str, Any]:
    """The list of a day's trips in any state, narrowed by `which`."""
    if view != "list":
        return {"found": [], "chips": []}
    rows = trips.visible(person).where(Trip.status.in_(SHOWN), board.touching(line, now()))
    found = list(session.scalars(rows.options(*board.WITH).order_by(Trip.starts_at, Trip.id)).unique())
    counts = Counter(_shown_as(each) for each in found)
    which = which if which in STATES else "all"
    chips = [(key, words, sum(counts[status] for status in states)) for key, (words, states) in STATES.items()]
    kept = [each for each in found if which == "all" or _shown_as(each) in STATES[which][1]]
    return {"found": kept, "chips": chips}


def _shown_as(trip: Trip) -> str:
    """The state it is counted under: a self-driven trip waits for no driver."""
    return "accepted" if trip.status == "assigned" and not trip.needs_driver else trip.status


def _day(trip: Trip | None) -> date:
    """The day asked for; else the chosen trip's; else today."""
    usual = local(trip.starts_at).date() if trip else today(now())
    try:
        day = date.fromisoformat(request.args.get("date", ""))
    except ValueError:
        return usual
    return day if 1991 <= day.year <= 2190 else usual


def _since() -> datetime:
    """When the asking page was read; the beginning of time where it does not say."""
    number = _number(request.args.get("since", "")) or 0
    return datetime.fromtimestamp(min(number / 1000, 4e9), UTC)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


def _signed(text: str) -> int:
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 6 else 0
