"""Use, costs, lending and savings: every figure from the trips behind it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.period import Period, taipei
from fleet import cards, energy, use
from fleet.models import Policy, StandingCost, Trip
from tests.fleet.conftest import DAY, Desk, consumes

NOVEMBER = Period(taipei(date(2026, 11, 1), "00:00"), taipei(date(2026, 12, 1), "00:00"))


def price(desk, key, value, valid_from=date(2020, 1, 1)):
    desk.session.add(Policy(key=key, value=value, unit="x", rule="V-27", sample=True, valid_from=valid_from))


def back(desk, trip, km=8, hours=1):
    """A trip as it stands once the car is back."""
    trip.status, trip.odometer_out, trip.odometer_in = "finished", 10_000, 10_000 + km
    trip.started_at, trip.finished_at = trip.starts_at, trip.starts_at + timedelta(hours=hours)
    desk.session.flush()
    return trip


def lent(desk, **more):
    """A car of agency 1 with a trip of agency 2."""
    return back(desk, desk.assign(desk.approved("officer2", **more), desk.sedan, desk.driver))


def test_lending_is_charged_by_km_price_of_a_litre_driver_hours_and_receipts(desk):
    price(desk, "energy.petrol_cents", 3_155, valid_from=date(2026, 11, 1))
    price(desk, "cost.driver_hour", 300, valid_from=date(2026, 11, 1))
    trip = lent(desk)
    cards.add_trip_cost(
        desk.session, desk.people["dispatcher"], desk.now, number=trip.number, kind="toll", amount=40, spent_on=DAY
    )
    owner, user = use.balances(desk.session, NOVEMBER)
    assert (owner.agency_id, owner.lent_km, owner.net) == (1, 8, 592)  # 8 × 31.55 + 300 + 40 = 592.40
    assert (user.agency_id, user.used_km, user.net) == (2, 8, -592)
    assert owner.lent_trips == user.used_trips == [trip.id]


def test_a_trip_in_the_own_car_is_not_lent(desk):
    back(desk, desk.assigned())
    assert use.balances(desk.session, NOVEMBER) == []


def test_the_price_is_that_of_the_day(desk):
    price(desk, "energy.petrol_cents", 9_900, valid_from=DAY + timedelta(days=1))
    trip = lent(desk)
    assert use.Prices(desk.session).charge(trip, 0) == 8 * Decimal("30.40") + 260


def test_standing_costs_count_by_the_day_and_by_version(desk):
    for monthly, since in ((3_650, date(2020, 1, 1)), (7_300, date(2026, 11, 16))):
        desk.session.add(StandingCost(vehicle_id=desk.sedan.id, kind="lease", monthly=monthly, valid_from=since))
    desk.session.flush()
    assert use.ledger(desk.session, NOVEMBER)[desk.sedan.id].standing == 15 * 120 + 15 * 240


def test_use_is_told_by_car_and_by_agency_and_the_totals_agree(desk):
    lent(desk)
    back(desk, desk.assigned("13:00", "15:00", vehicle=desk.seven, driver=desk.driver2), km=20, hours=2)
    energy.record(
        desk.session, desk.people["dispatcher"], desk.now, vehicle_id=desk.sedan.id, kind="petrol", quantity=Decimal("12.34"), cost=400,
        recorded_on=date(2026, 11, 3),
    )  # fmt: skip
    by_car, by_agency = use.by_vehicle(desk.session, NOVEMBER), use.by_agency(desk.session, NOVEMBER)
    for name in ("trips", "km", "hours"):
        assert getattr(use.total_of(by_car), name) == getattr(use.total_of(by_agency), name)
    sedan = next(each for each in by_car if each.words.zh == "TST-0001")
    assert (sedan.trips, sedan.km, sedan.litres, sedan.cost) == (1, 8, Decimal("12.34"), 400 + 260)
    assert sedan.rate_percent == Decimal("0.60")  # one hour of 21 weekdays × 8


def test_what_all_lent_is_what_all_used(desk):
    lent(desk)
    lent(desk, starts="13:00", ends="14:00")
    assert sum(each.net for each in use.balances(desk.session, NOVEMBER)) == 0


def test_savings_follow_their_formulas_and_lead_to_their_slips(desk):
    electric = back(desk, desk.assigned(vehicle=desk.electric), km=100)
    lent(desk, starts="13:00", ends="14:00")
    shared = desk.asked(starts="15:00", ends="16:00")
    shared.status, shared.merged_into_id, shared.distance_km = "merged", electric.id, 10
    desk.session.flush()
    merged, first, fewer = use.savings(desk.session, NOVEMBER, desk.now)
    assert (merged.amount, merged.trips) == (Decimal("30.40"), [shared.id])  # 10 km × 30.40 ÷ 10
    assert (first.amount, first.trips) == (100 * (Decimal("3.04") - Decimal("0.714")), [electric.id])
    assert fewer.detail.zh == "2 － 1 ＝ 1 輛" and round(fewer.amount) == round(18_000 * 30 * 12 / 365)


def test_an_electric_km_costs_what_the_model_draws_in_the_season(desk):
    desk.session.add_all([consumes("mild", 200), consumes("cold", 400)])
    back(desk, desk.assigned(vehicle=desk.electric), km=100)
    electric = use.savings(desk.session, NOVEMBER, desk.now)[1]
    assert electric.amount == 100 * (Decimal("3.04") - Decimal("0.84"))  # 0.2 kWh × 4.20


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=20))
def test_the_most_at_once_is_what_counting_every_instant_finds(spans):
    start = taipei(DAY, "00:00")
    periods = [Period(start + timedelta(hours=a), start + timedelta(hours=a + length)) for a, length in spans]
    counted = max((sum(a <= hour < a + length for a, length in spans) for hour in range(50)), default=0)
    assert use.most_at_once(periods) == counted


# ── doors ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def pool(database, people, now):
    def fill(session):
        desk = Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, now)
        return lent(desk).id

    return database.transact(fill)


def test_the_report_is_given_as_an_operation_a_page_and_files(client, pool):
    auditor = client(as_="auditor")
    answer = auditor.api("GET", "/use?from=2026-11-01&until=2026-12-01&by=agency").get_json()
    assert (answer["total"]["trips"], answer["items"][0]["km"], answer["items"][0]["key"]) == (1, 8, "2")
    assert auditor.api("GET", "/use?from=2026-11-02&until=2026-11-01").status_code == 422
    for by in ("vehicle", "agency"):
        assert "115年11月 出車 1 趟、8 公里" in auditor.get(f"/report?month=2026-11&by={by}").get_data(as_text=True)
    assert auditor.get("/report.ods?month=2026-11").data[:2] == b"PK"
    assert client(as_="officer").get("/report").status_code == 403


def test_every_figure_leads_to_its_slips(client, pool, database):
    dispatcher = client(as_="dispatcher")
    assert "1 張派車單" in dispatcher.get("/costs?month=2026-11").get_data(as_text=True)
    with database.reading() as session:
        number = session.get(Trip, pool).number
    page = dispatcher.get("/costs/slips?month=2026-11&what=lent&agency=1").get_data(as_text=True)
    assert "1 張派車單" in page and number in page
    told = {"number": number, "kind": "toll", "amount": "80", "spent_on": "2026-11-20"}
    assert dispatcher.submit("/costs/trip", told).status_code == 303
    wrong = dispatcher.submit("/costs/trip", told | {"number": "115-99-1"})
    assert wrong.status_code == 422 and "找不到這張派車單" in wrong.get_data(as_text=True)
