"""The use report and the cost ledger: what the pool did, what it cost, who owes whom, what it saves (F5)."""

from datetime import date
from typing import Any

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from common.identity import Person
from common.period import Period, add_months, taipei, today
from common.roc import rounded
from common.web import flash, form_data, has_role, now, redirect_to, render
from common.web.tables import table_file
from common.words import Words
from fleet import cards, rules, use
from fleet.models import Trip, Vehicle
from fleet.pages.door import dispatchers, pages
from fleet.schemas.cards import TripCostForm
from fleet.schemas.use import BY
from fleet.terms import TRIP_COSTS

readers = has_role("dispatcher", "admin", "auditor")
HEADS = (
    Words("車輛或機關", "Car or agency"), Words("趟次", "Trips"), Words("公里", "km"), Words("小時", "Hours"), Words("公升", "Litres"),
    Words("度", "kWh"), Words("費用（元）", "Cost (NT$)"), Words("使用率（%）", "Use rate (%)"),
)  # fmt: skip
SAMPLED = (
    "energy.petrol_cents",
    "energy.electricity_cents",
    "cost.driver_hour",
    "cost.own_car_month",
    "cost.own_km_per_l",
)


@pages.get("/report", allows=readers)
def show_report(session: Session, person: Person) -> Any:
    """The month's (or half-year's) use by car or agency."""
    by, month, months, period = _asked()
    found = [use.as_told(each) for each in _found(session, by, period)]
    whole = use.as_told(use.total_of(_found(session, by, period)))
    return render(
        "fleet/report.html", by=by, groupings=BY, month=month, months=months, found=found, whole=whole, heads=HEADS,
        before=add_months(month, -1), after=add_months(month, 1),
    )  # fmt: skip


@pages.get("/report.<any(csv,ods):form>", allows=readers)
def download_report(session: Session, person: Person, form: str) -> Any:
    """The same as a file."""
    by, month, _, period = _asked()
    found = _found(session, by, period)
    rows = []
    for each in [*found, use.total_of(found)]:
        told = use.as_told(each)
        names = ("trips", "km", "hours", "litres", "kwh", "cost", "rate_percent")
        rows.append([each.words.zh, *(told[name] for name in names)])
    return table_file(form, f"use-{by}-{month:%Y-%m}", Words("使用月報", "Use report"), HEADS, rows)


@pages.get("/costs", allows=readers)
def show_costs(session: Session, person: Person) -> Any:
    """Costs by car, lend and borrow by agency, savings with their formulas; every figure leads to its slips."""
    _, month, months, period = _asked()
    entries = use.ledger(session, period)
    cars = {car.id: car for car in session.scalars(select(Vehicle).options(joinedload(Vehicle.owner)))}
    lines = sorted(
        ((cars[key], entry) for key, entry in entries.items() if key in cars), key=lambda line: -line[1].total
    )
    rule = rules.in_force(session, now())
    return render(
        "fleet/costs.html", month=month, months=months, lines=lines, balances=use.balances(session, period),
        savings=use.savings(session, period, now()), whole=sum((entry.total for entry in entries.values()), start=rounded(0)),
        before=add_months(month, -1), after=add_months(month, 1), rounded=rounded, trip_costs=list(TRIP_COSTS.items()),
        keeper=person.has("dispatcher", "admin"), day=today(now()),
        parameters=[rule.rows[key] for key in SAMPLED],
    )  # fmt: skip


@pages.post("/costs/trip", allows=dispatchers, again=show_costs)
def add_trip_cost(session: Session, person: Person) -> Any:
    """Enter a receipt of a trip."""
    row = cards.add_trip_cost(session, person, now(), **form_data(TripCostForm))
    flash(Words("已登記 {n} 元。", "NT${n} entered.").fill(n=f"{row.amount:,}"))
    return redirect_to(".show_costs", month=row.spent_on.strftime("%Y-%m"))


@pages.get("/costs/slips", allows=readers)
def show_slips(session: Session, person: Person) -> Any:
    """The trips behind one figure."""
    _, month, months, period = _asked()
    what, agency = request.args.get("what", ""), request.args.get("agency", "")
    ids: list[int] = []
    if what in ("lent", "used"):
        ids = next(
            (getattr(each, f"{what}_trips") for each in use.balances(session, period) if str(each.agency_id) == agency),
            [],
        )
    elif what == "vehicle":
        ids = [trip.id for trip in use.driven(session, period) if str(trip.vehicle_id) == agency]
    else:
        ids = next((each.trips for each in use.savings(session, period, now()) if each.code == what), [])
    rows = select(Trip).where(Trip.id.in_(ids)).options(joinedload(Trip.agency), joinedload(Trip.vehicle))
    found = list(session.scalars(rows.order_by(Trip.starts_at)).unique())
    return render("fleet/cost_slips.html", found=found, month=month, months=months, what=what)


def _asked() -> tuple[str, date, int, Period]:
    """By what, from which month, for how many months (1 or 6)."""
    by = request.args.get("by", "vehicle")
    try:
        month = date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        month = today(now()).replace(day=1)
    month = month if 1991 <= month.year <= 2190 else today(now()).replace(day=1)
    months = 6 if request.args.get("months") == "6" else 1
    period = Period(taipei(month, "00:00"), taipei(add_months(month, months), "00:00"))
    return by if by in BY else "vehicle", month, months, period


def _found(session: Session, by: str, period: Period) -> list[use.Use]:
    return use.by_vehicle(session, period) if by == "vehicle" else use.by_agency(session, period)
