"""What the board shows: rows, bars and their states, conflicts, low charge, counts, the revision; and the drivers' side."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event

from common import reservations
from common.period import Period, taipei
from fleet import board, leave, moving, pool, roster
from fleet.electric import charging
from fleet.lanes import Line
from fleet.models import Charger, Driver, Policy
from tests.fleet.conftest import DAY, car

LINE = Line(DAY)


def read(desk, line=LINE, of=board):
    return of.read(desk.session, desk.people["dispatcher"], desk.now, line)


def row(shown, unit):
    return next(each for each in shown.rows if each.unit is unit)


def bar(shown, trip):
    return next(each for each in shown.bars if each.trip is trip)


def test_cars_stand_by_kind_with_how_much_of_the_day_they_are_used(desk):
    desk.assigned("08:00", "12:00")
    shown = read(desk)
    assert [group.words.en for group in shown.groups] == ["Sedan", "7-seater", "9-seat van", "Electric"]
    assert [[each.unit for each in group.rows] for group in shown.groups] == [
        [desk.sedan], [desk.seven], [desk.van], [desk.electric],
    ]  # fmt: skip
    assert [group.use for group in shown.groups] == [25, 0, 0, 0]


@pytest.mark.parametrize(
    ("state", "look"),
    [("assigned", "wait"), ("accepted", "ok"), ("under_way", "run"), ("finished", "back")],
)
def test_a_bar_looks_like_its_state_and_only_what_has_not_left_can_move(desk, state, look):
    trip = getattr(desk, state)()
    shown = bar(read(desk), trip)
    assert (shown.kind, shown.movable) == (look, state in ("assigned", "accepted"))
    assert shown.place[:2] == ((180, 235) if state == "finished" else (180, 240))


def test_charging_repair_and_what_else_holds_a_car_is_shown(desk):
    desk.session.add(away := car("TST-0009", state="repair"))
    desk.session.flush()
    post = desk.session.query(Charger).filter_by(code="C01").one()
    slot = {"starts_at": taipei(DAY, "18:00"), "ends_at": taipei(DAY, "20:00"), "target_percent": 90}
    charging.book(
        desk.session, desk.people["dispatcher"], desk.now, charger_id=post.id, vehicle_id=desk.electric.id, **slot
    )
    claimed = [(desk.van.resource, Period(taipei(DAY, "08:00"), taipei(DAY, "12:00")))]
    reservations.claim(desk.session, "recall:1", claimed, now=desk.now)
    shown = read(desk)
    assert [(each.kind, each.title.en) for each in row(shown, desk.electric).bars] == [("charge", "Charging C01")]
    assert [(each.kind, each.title.en) for each in row(shown, desk.van).bars] == [("off", "recalled by its agency")]
    assert [each.title.en for each in row(shown, away).bars] == ["In repair"] and row(shown, away).off


def test_a_trip_that_is_late_runs_on_into_the_next_one(desk):
    late = desk.under_way("09:00", "10:00")
    after = desk.assigned("10:00", "11:00", urgent_reason="急", driver=desk.driver2)
    desk.now = taipei(DAY, "09:59")
    assert not row(read(desk), desk.sedan).clash
    desk.now = taipei(DAY, "10:20")
    shown = read(desk)
    assert bar(shown, late).late and bar(shown, late).clash and bar(shown, after).clash
    assert (bar(shown, late).lane, bar(shown, after).lane, row(shown, desk.sedan).lanes) == (0, 1, 2)
    assert shown.clashes_of(after) == [(late, 20)]
    assert shown.counts["clash"] == 1


def test_a_flagged_trip_is_a_conflict_with_the_one_it_overlaps(desk):
    first = desk.assigned("13:00", "16:00")
    trip = desk.approved(starts="15:00", ends="17:30")
    moving.place(desk.session, desk.people["dispatcher"], desk.now, trip, vehicle_id=desk.sedan.id, anyway=True)
    shown = read(desk)
    assert shown.clashes_of(trip) == [(first, 60)] and shown.clashes_of(first) == [(trip, 60)]


def test_low_charge_on_return_is_what_the_pool_expects(desk):
    """V-76: 80 % at 60 kWh go 282 km; the second trip's way does not fit any more."""
    desk.now = taipei(DAY, "07:00")
    trips = [
        desk.assigned(starts, ends, vehicle=desk.electric, destination=place, urgent_reason="急")
        for starts, ends, place in (("08:00", "10:00", "市議會"), ("11:00", "15:00", "新竹高鐵站"))
    ]
    desk.electric.charge_percent = 60
    shown = read(desk)
    for trip in trips:
        told = bar(shown, trip)
        (ready,) = pool.cars_for(
            desk.session, board.trips.ask_of(trip), desk.now, among=[desk.electric], except_holder=trip.holder
        )
        assert told.left_percent == ready.charge_after(trip.distance_km)
    assert [bar(shown, trip).low for trip in trips] == [False, True]
    assert shown.counts["low"] == 1


def test_every_filter_shows_as_many_rows_as_its_count_says(desk):
    desk.under_way("09:00", "10:00")
    desk.now = taipei(DAY, "10:20")
    shown = read(desk)
    for which, count in shown.counts.items():
        assert sum(len(group.rows) for group in shown.narrowed(which)) == count
    assert shown.counts == {"running": 1, "clash": 0, "low": 0, "idle": 3}
    assert len(shown.narrowed("")) == 4


def test_the_queue_has_urgent_business_first(desk):
    plain = desk.approved(starts="09:00", ends="10:00")
    urgent = desk.approved(starts="13:00", ends="14:00", urgent_reason="落石")
    assert read(desk).queue == (urgent, plain)


def test_a_trip_of_several_days_is_on_each_of_them(desk):
    trip = desk.assigned(ends_at=taipei(DAY + timedelta(days=2), "15:00"))
    for n, place in enumerate([(180, 960, False, True), (0, 960, True, True), (0, 540, True, False)]):
        assert tuple(bar(read(desk, Line(DAY + timedelta(days=n))), trip).place) == place
    assert read(desk, Line(DAY + timedelta(days=3))).total == 0


def test_the_board_takes_a_handful_of_queries_however_many_trips(desk):
    def count():
        seen = []
        bound = desk.session.get_bind()
        listen = lambda *args: seen.append(args[2])  # noqa: E731
        desk.session.expire_all()
        event.listen(bound, "before_cursor_execute", listen)
        read(desk)
        event.remove(bound, "before_cursor_execute", listen)
        return len(seen)

    desk.assigned("08:00", "09:00")
    few = count()
    for hour in range(9, 18):
        desk.assign(
            desk.approved(starts=f"{hour:02d}:00", ends=f"{hour + 1:02d}:00", needs_driver=False), desk.sedan, None
        )
    assert count() <= few + 2


# ── What changed ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_revision_changes_with_what_is_shown_and_with_nothing_else(desk):
    trip = desk.approved()
    before = board.revision(desk.session, LINE)
    assert board.revision(desk.session, LINE) == before
    desk.asked(starts_at=taipei(DAY + timedelta(days=3), "09:00"), ends_at=taipei(DAY + timedelta(days=3), "10:00"))
    assert board.revision(desk.session, LINE) == before
    since = desk.now
    desk.now += timedelta(seconds=1)
    desk.assign(trip, desk.sedan, desk.driver)
    assert board.revision(desk.session, LINE) != before
    assert board.changes_since(desk.session, LINE, since) == 1


# ── Drivers ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_drivers_board_tells_hours_rest_and_licences(desk):
    desk.driver2.licence_expires_on = DAY + timedelta(days=9)
    desk.now = taipei(DAY, "06:00")
    trip = desk.assigned("08:00", "11:30", urgent_reason="急")
    shown = read(desk, of=roster)
    first, second = row(shown, desk.driver), row(shown, desk.driver2)
    assert [each.trip for each in first.bars] == [trip]
    assert [words.en for words in first.facts] == ["day 3.5/12", "week 3.5/50 h"]
    assert [words.en for words in second.warnings] == ["Licence expires 12/9"]
    assert shown.field == "driver_id"


def test_too_little_rest_and_too_many_hours_stand_out(desk):
    evening = DAY - timedelta(days=1)
    desk.assigned(starts_at=taipei(evening, "18:00"), ends_at=taipei(evening, "20:00"))
    desk.assigned("08:00", "11:30")
    desk.assigned("13:00", "16:30")
    for key, value in (("driver.max_hours_a_day", 6), ("driver.min_rest_hours", 14)):  # stricter since
        desk.session.add(
            Policy(key=key, value=value, unit="hours", rule="V-50", sample=True, valid_from=date(2026, 11, 1))
        )
    desk.session.flush()
    desk.session.info.pop("fleet.rules")
    (told,) = [each for each in read(desk, of=roster).rows if each.unit is desk.driver]
    assert [words.en for words in told.warnings] == ["Over the day’s hours", "Only 12 h of rest"]


def test_leave_is_a_hatched_bar_and_who_left_is_shown_only_with_a_job(desk):
    away = {"driver_id": desk.driver2.id, "starts_at": taipei(DAY, "08:00"), "ends_at": taipei(DAY, "18:00")}
    leave.enter(desk.session, desk.people["dispatcher"], desk.now, reason_code="sick", **away)
    shown = read(desk, of=roster)
    assert [(each.kind, each.title.en) for each in row(shown, desk.driver2).bars] == [("off", "Sick leave")]
    desk.session.add(gone := Driver(person_id=99, licence_class="small", licence_expires_on=date(2030, 1, 1)))
    desk.session.flush()
    assert gone not in [each.unit for each in read(desk, of=roster).rows]
