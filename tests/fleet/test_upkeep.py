"""Upkeep: what falls due and when, cars that leave the pool by themselves and come back, accidents, plates, retirement."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import reservations
from common.errors import Conflict, Forbidden, Invalid, Stale
from common.period import Period, add_months, taipei
from fleet import assigning, pool, upkeep, workshop
from fleet.due import due_items
from fleet.models import Policy, VehicleCard
from fleet.models.upkeep import OutOfStep
from fleet.schedule import Life, Limits, ground_of, inspection_days, next_inspection, retirement
from fleet.trips import ask_of
from tests.fleet.conftest import DAY

RULE = {"window_days": 30, "exempt_years": 5, "twice_from_years": 10}


def card(desk, vehicle=None, registered_on=date(2024, 1, 10), **more):
    found = VehicleCard(vehicle_id=(vehicle or desk.sedan).id, registered_on=registered_on, **more)
    desk.session.add(found)
    desk.session.flush()
    return found


def record(desk, kind, done_on, vehicle=None, who="dispatcher", **more):
    person = desk.people[who]
    return upkeep.record(
        desk.session, person, desk.now, vehicle_id=(vehicle or desk.sedan).id, kind=kind, done_on=done_on, **more
    )


def due_of(desk, kind, vehicle=None):
    return next(each for each in due_items(desk.session, desk.now, [vehicle or desk.sedan]) if each.kind == kind)


# ── dates ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_car_is_exempt_for_five_years_then_inspected_yearly_and_from_ten_twice_a_year():
    days = inspection_days(date(2015, 3, 31), 5, 10)
    assert [next(days) for _ in range(9)] == [
        date(2020, 3, 31), date(2021, 3, 31), date(2022, 3, 31), date(2023, 3, 31), date(2024, 3, 31),
        date(2025, 3, 31), date(2025, 9, 30), date(2026, 3, 31), date(2026, 9, 30),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("done", "following"),
    [
        (None, date(2020, 3, 31)),
        (date(2020, 2, 29), date(2020, 3, 31)),
        (date(2020, 3, 1), date(2021, 3, 31)),
        (date(2020, 4, 20), date(2021, 3, 31)),
    ],
)
def test_an_inspection_within_a_month_before_the_set_day_covers_it(done, following):
    assert next_inspection(date(2015, 3, 31), done, **RULE) == following


@given(st.dates(date(2000, 1, 1), date(2020, 1, 1)), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_the_next_inspection_lies_after_the_window_of_the_last_and_is_a_set_day(registered, done):
    day = next_inspection(registered, done, **RULE)
    assert day - timedelta(days=30) > done or day == add_months(registered, 60)
    assert day >= add_months(registered, 60)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(-240, 240))
def test_months_are_added_within_the_calendar(day, months):
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months and moved.day <= day.day


# ── cars that may not leave ────────────────────────────────────────────────────────────────────────────────────────


def test_an_overdue_car_leaves_the_pool_by_itself_and_comes_back_once_the_inspection_is_recorded(desk):
    card(desk, registered_on=date(2021, 10, 15))  # due 15 October 2026, until 14 November
    trip = desk.approved()
    refusals = {each.label: each.words.zh for each in pool.free_cars(desk.session, ask_of(trip), desk.now).refusals}
    assert "定期檢驗10月15日（週四）到期" in refusals["TST-0001"]
    with pytest.raises(assigning.NotSuitable, match="Periodic inspection due"):
        desk.assign(trip, desk.sedan, desk.driver)
    record(desk, "inspection", desk.now.date(), passed=False)
    with pytest.raises(assigning.NotSuitable):
        desk.assign(trip, desk.sedan, desk.driver)
    record(desk, "inspection", desk.now.date())
    assert desk.assign(trip, desk.sedan, desk.driver).status == "assigned"


def test_a_car_may_go_on_the_last_day_and_not_on_the_day_after(desk):
    card(desk, insured_from=DAY - timedelta(days=365), insured_until=DAY)
    assert desk.assigned("09:00", "10:00").vehicle is desk.sedan
    other = desk.approved(starts="11:00", ends="12:00")
    with pytest.raises(assigning.NotSuitable, match="Insurance due"):
        desk.assign(
            desk.approved(starts_at=taipei(DAY, "20:00"), ends_at=taipei(DAY + timedelta(days=1), "01:00")),
            desk.sedan,
            desk.driver2,
        )
    assert desk.assign(other, desk.sedan, desk.driver).vehicle is desk.sedan


def test_trips_assigned_beyond_the_day_are_listed_for_dispatch(desk):
    trip = desk.assigned()
    assert upkeep.stranded(desk.session, desk.now) == []
    card(desk, insured_until=DAY - timedelta(days=1))
    ((found, words),) = upkeep.stranded(desk.session, desk.now)
    assert found is trip and words.zh == "保險11月29日（週日）到期"
    record(desk, "insurance", desk.now.date(), valid_until=DAY + timedelta(days=300), workshop="臺灣產險")
    assert upkeep.stranded(desk.session, desk.now) == []


def test_what_blocks_is_data(desk):
    card(desk, insured_until=DAY - timedelta(days=1))
    desk.session.add(
        Policy(
            key="upkeep.insurance_blocks", value=0, unit="yes/no", rule="V-50", sample=True, valid_from=date(2026, 1, 1)
        )
    )
    assert desk.assigned().vehicle is desk.sedan


def test_service_is_due_by_km_or_by_months_whichever_comes_first(desk):
    card(desk)
    record(desk, "service", date(2026, 11, 1), odometer=9_000)
    due = due_of(desk, "service")
    assert (due.due_on, due.due_km, due.overdue(desk.now.date())) == (date(2027, 5, 1), 14_000, False)
    desk.sedan.read_odometer(14_000)
    assert due_of(desk, "service").overdue(desk.now.date())


def test_nothing_is_claimed_of_a_car_without_papers(desk):
    assert due_items(desk.session, desk.now, [desk.sedan]) == []


# ── telling ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_everyone_concerned_is_told_once_when_it_is_near_and_once_when_it_is_overdue(desk, facts):
    card(desk, insured_until=desk.now.date() + timedelta(days=20))

    def told():
        return [
            (body["label"], body["kind"], body["status"])
            for kind, body in facts()
            if kind == "upkeep_due" and body["kind"] == "insurance"
        ]

    for _ in range(2):
        upkeep.tell_due(desk.session, desk.now)
    assert told() == [("TST-0001", "insurance", "soon")]
    for _ in range(2):
        upkeep.tell_due(desk.session, desk.now + timedelta(days=21))
    assert told() == [("TST-0001", "insurance", "soon"), ("TST-0001", "insurance", "overdue")]


def test_a_licence_that_runs_out_is_told_too(desk, facts):
    desk.driver.licence_expires_on = desk.now.date() + timedelta(days=3)
    upkeep.tell_due(desk.session, desk.now)
    assert [body["label"] for kind, body in facts() if kind == "upkeep_due"] == ["周行路"]


# ── recording ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_insurance_without_its_end_and_a_day_ahead_are_refused_at_their_fields(desk):
    with pytest.raises(Invalid) as refused:
        record(desk, "insurance", desk.now.date() + timedelta(days=1))
    assert {each.field for each in refused.value.errors} == {"done_on", "valid_until"}
    with pytest.raises(Forbidden):
        record(desk, "service", desk.now.date(), who="officer")


def test_a_repaired_car_is_back_in_service_when_the_record_says_so(desk):
    desk.sedan.state = "repair"
    record(desk, "repair", desk.now.date(), cost=8_000)
    assert desk.sedan.state == "repair"
    record(desk, "repair", desk.now.date(), cost=500, back_in_service=True)
    assert desk.sedan.state == "in_service"


# ── workshop ───────────────────────────────────────────────────────────────────────────────────────────────────────


def booked(desk, starts="09:00", ends="12:00", vehicle=None):
    return workshop.book(
        desk.session, desk.people["dispatcher"], desk.now, vehicle_id=(vehicle or desk.sedan).id, kind="service",
        starts_at=taipei(DAY, starts), ends_at=taipei(DAY, ends), workshop="市府修車廠",
    )  # fmt: skip


def test_workshop_time_is_taken_on_the_ledger_and_stands_against_trips_both_ways(desk):
    row = booked(desk)
    assert [each.resource for each in reservations.held_by(desk.session, f"upkeep:{row.id}")] == [desk.sedan.resource]
    with pytest.raises(assigning.AlreadyTaken):
        desk.assigned("11:30", "13:00")
    desk.assigned("12:00", "13:00")  # out of the workshop at twelve, on the road at twelve
    with pytest.raises(workshop.CarTaken, match="TST-0001"):
        booked(desk, "12:30", "14:00")


def test_a_car_back_early_from_the_workshop_is_free_for_the_rest(desk):
    row = booked(desk)
    desk.now = taipei(DAY, "10:00")
    workshop.close(desk.session, desk.people["dispatcher"], desk.now, row.id, done=True, rev=row.rev)
    period = Period(taipei(DAY, "10:00"), taipei(DAY, "12:00"))
    assert reservations.free(desk.session, [desk.sedan.resource], period, desk.now) == [desk.sedan.resource]
    with pytest.raises(OutOfStep):
        workshop.close(desk.session, desk.people["dispatcher"], desk.now, row.id, done=False)


# ── accidents ──────────────────────────────────────────────────────────────────────────────────────────────────────


def crash(desk, who="driver", **more):
    return workshop.report(
        desk.session, desk.people[who], desk.now, vehicle_id=desk.sedan.id, happened_at=desk.now - timedelta(minutes=10),
        place="基隆路口", what="後車追撞", **more,
    )  # fmt: skip


def test_an_accident_is_told_at_once_and_goes_through_its_steps_in_order(desk, facts):
    row = crash(desk)
    assert [kind for kind, _ in facts() if kind == "accident_reported"] and row.driver is desk.driver
    desk.session.refresh(row)
    for step in ("scene", "insurer", "settled", "closed"):
        assert row.next_step == step
        workshop.advance(desk.session, desk.people["dispatcher"], desk.now, row.id, note="已辦", rev=row.rev)
    with pytest.raises(OutOfStep):
        workshop.advance(desk.session, desk.people["dispatcher"], desk.now, row.id, note="再辦")
    assert [each.step for each in row.steps] == ["reported", "scene", "insurer", "settled", "closed"]


def test_a_heavily_damaged_car_is_out_of_service_and_needs_an_extra_inspection_after_repair(desk):
    crash(desk, heavy=True)
    assert desk.sedan.state == "repair"
    record(desk, "repair", desk.now.date(), cost=60_000, back_in_service=True)
    with pytest.raises(assigning.NotSuitable, match="Extra inspection due"):
        desk.assigned()
    record(desk, "extra", desk.now.date())
    assert desk.assigned("11:00", "12:00").status == "assigned"


def test_a_person_who_may_not_see_a_trip_cannot_tie_an_accident_to_it(desk):
    trip = desk.assigned()
    with pytest.raises(Invalid):
        crash(desk, who="officer2", trip_id=trip.id)


# ── plates handed in ───────────────────────────────────────────────────────────────────────────────────────────────


def suspended(desk, days, until=None):
    first = desk.now.date() - timedelta(days=days)
    return workshop.suspend(
        desk.session,
        desk.people["dispatcher"],
        desk.now,
        desk.sedan.id,
        from_day=first,
        until_day=until or add_months(first, 12),
        reason="待料",
    )


def test_plates_are_handed_in_for_a_year_at_most(desk):
    with pytest.raises(Invalid) as refused:
        suspended(desk, 1, until=add_months(desk.now.date(), 13))
    assert refused.value.errors[0].field == "until_day" and "12" in refused.value.errors[0].words.zh


@pytest.mark.parametrize(("days", "inspected_first"), [(60, False), (100, True)])
def test_after_three_months_of_suspension_a_car_is_inspected_before_it_goes(desk, days, inspected_first):
    suspended(desk, days)
    with pytest.raises(OutOfStep):
        suspended(desk, 1)
    workshop.resume(desk.session, desk.people["dispatcher"], desk.now, desk.sedan.id)
    assert desk.sedan.state == "in_service"
    owed = [each.kind for each in due_items(desk.session, desk.now, [desk.sedan])]
    assert ("extra" in owed) is inspected_first


def test_a_stale_page_cannot_suspend(desk):
    rev = desk.sedan.rev
    desk.sedan.colour = "黑"
    desk.session.flush()
    with pytest.raises(Stale):
        workshop.suspend(
            desk.session, desk.people["dispatcher"], desk.now, desk.sedan.id, from_day=desk.now.date(),
            until_day=DAY, reason="x", rev=rev,
        )  # fmt: skip


# ── retirement ─────────────────────────────────────────────────────────────────────────────────────────────────────

LIMITS = Limits(years=10, km=125_000, overhaul_percent=10, fuel_over_percent=40, repair_percent=20)


def life(**more):
    told = {
        "age_years": Decimal("11"),
        "km": 130_000,
        "new_price": 800_000,
        "overhaul": 0,
        "repairs": 0,
        "repair_years": 3,
        "maker": None,
        "actual": None,
    }
    return Life(**(told | more))


@pytest.mark.parametrize(
    ("figures", "unfit", "ground"),
    [
        ({}, False, None),
        ({}, True, "unfit"),
        ({"km": 124_999}, True, None),
        ({"overhaul": 80_000}, False, "beyond_repair"),
        ({"overhaul": 79_990}, False, None),
        ({"maker": Decimal("14"), "actual": Decimal("10")}, False, None),
        ({"maker": Decimal("14.01"), "actual": Decimal("10")}, False, "beyond_repair"),
        ({"repairs": 480_000}, False, None),
        ({"repairs": 480_300}, False, "beyond_repair"),
        ({"new_price": None, "overhaul": 999_999}, False, None),
    ],
)
def test_a_car_may_be_retired_when_old_and_unfit_or_beyond_repair(figures, unfit, ground):
    assert ground_of(retirement(life(**figures), LIMITS), unfit) == ground


def test_every_cars_tests_are_told_with_figures(desk):
    card(desk, registered_on=date(2014, 11, 23), new_price=700_000)
    record(desk, "overhaul", date(2026, 1, 5), cost=91_000)
    first = upkeep.retirements(desk.session, desk.now)[0]
    figures = {each.code: each.figure for each in first.grounds}
    assert first.vehicle is desk.sedan and first.ground == "beyond_repair"
    assert (figures["age"], figures["overhaul"], figures["repairs"]) == (
        Decimal("12.0"),
        Decimal("13.00"),
        Decimal("4.33"),
    )


def test_two_cannot_close_the_same_appointment(desk):
    row = booked(desk)
    with pytest.raises(Conflict):
        workshop.close(desk.session, desk.people["dispatcher"], desk.now, row.id, done=True, rev=row.rev + 1)
