"""Equipment on its way (V3): out, back, late, broken, changed; the charging posts always know what it draws."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from common import reservations
from common.messages import Outbox
from common.period import Period, taipei
from common.roc import HalfYear
from tests.venues.conftest import slots
from venues import equipment, equipment_changes, pieces, savings
from venues.models import Booking, BookingEquipment, BookingSlot
from venues.refusals import NotNow

DAY = date(2026, 12, 19)
LATER = DAY + timedelta(days=7)


def lent(session, booking):
    return sorted(pieces.held(session, booking))


def told(session, kind):
    session.flush()
    return [row.data for row in session.scalars(select(Outbox).where(Outbox.type == kind).order_by(Outbox.id))]


@pytest.fixture
def event(desk):
    """An event of a city agency, standing, with equipment."""

    def make(day=DAY, venue="civic-plaza-renai", slot="morning", **wanted):
        return desk.approve(
            desk.apply(who="officer", venue=venue, chosen=slots(slot, day=day), equipment=wanted or {"stage": 1})
        )

    return make


@pytest.fixture
def act(session, people):
    """Call a use case as the venue officer: `act(pieces.deliver, now, …)`."""
    return lambda work, now, *args, **told: work(session, people["venues"], now, *args, **told)


def test_a_piece_goes_out_and_comes_back(session, event, act):
    booking = event()
    piece = lent(session, booking)[0]
    row = act(pieces.deliver, taipei(DAY, "07:00"), booking.id, piece=piece, condition="完好")
    assert row.is_late(taipei(DAY, "13:00")) and not row.is_late(taipei(DAY, "12:00"))
    act(pieces.bring_back, taipei(DAY, "12:00"), row.id, condition="完好")
    assert not pieces.out(session)
    with pytest.raises(NotNow):
        act(pieces.bring_back, taipei(DAY, "12:01"), row.id)


def test_a_piece_that_is_late_cannot_go_to_the_next_event(session, event, act):
    first, second = event(), event(slot="afternoon", venue="civic-plaza-fountain")
    piece = lent(session, first)[0]
    assert lent(session, second) == [piece]  # the same piece, hours later
    late = act(pieces.deliver, taipei(DAY, "07:00"), first.id, piece=piece)
    with pytest.raises(pieces.StillOut) as refused:
        act(pieces.deliver, taipei(DAY, "13:00"), second.id, piece=piece)
    assert first.event_name in refused.value.words.zh
    assert [need.still_at for need in pieces.needs(session, Period.of_day(DAY)) if need.booking is second] == [late]
    act(pieces.bring_back, taipei(DAY, "13:10"), late.id)
    assert act(pieces.deliver, taipei(DAY, "13:15"), second.id, piece=piece)


def test_an_event_that_loses_a_piece_gets_another(session, event, act, now):
    booking = event()
    piece = lent(session, booking)[0]
    act(pieces.report_fault, now, piece=piece, note="支架彎曲")
    assert len(lent(session, booking)) == 1 and lent(session, booking) != [piece]
    assert told(session, "venues.equipment_short.v1") == [] and pieces.short(session, now) == []
    free = {each.kind.code: each.free for each in equipment.stock(session, [Period.of_day(LATER)], now)}
    assert free["stage"] == 5


def test_when_no_other_is_free_the_officer_is_told_and_the_posts_get_their_power_back(session, event, act, now):
    first = event(light_set=2)
    event(venue="civic-plaza-fountain", light_set=2)
    assert [each["kw"] for each in told(session, "venues.equipment_powered.v1")] == [
        3,
        3,
    ]  # 2 × 1.2 kW each, rounded up
    fault = act(pieces.report_fault, now, piece=lent(session, first)[0], note="燈管破裂")
    assert [each["thing_id"] for each in told(session, "venues.equipment_short.v1")] == [str(first.id)]
    assert [(each.booking.id, each.promised, each.has) for each in pieces.short(session, now)] == [(first.id, 2, 1)]
    assert [each["kw"] for each in told(session, "venues.equipment_powered.v1")] == [3, 3, 2]
    act(pieces.repair, now + timedelta(days=1), fault.id, note="已換燈管")
    assert pieces.short(session, now) == [] and len(lent(session, first)) == 2
    assert [each["kw"] for each in told(session, "venues.equipment_powered.v1")] == [3, 3, 2, 3]


def test_damage_at_the_return_takes_the_piece_out_of_stock(session, event, act):
    booking = event()
    piece = lent(session, booking)[0]
    row = act(pieces.deliver, taipei(DAY, "07:00"), booking.id, piece=piece)
    act(pieces.bring_back, taipei(DAY, "12:00"), row.id, condition="臺面破損", damaged=True)
    assert [fault.piece for fault in pieces.faults(session)] == [piece]
    with pytest.raises(NotNow):
        act(pieces.report_fault, taipei(DAY, "12:30"), piece=piece, note="again")


def test_another_wish_changes_hands_in_one_claim_and_the_power_is_told_anew(session, event, act, now):
    booking = event(stage=2, light_set=1)
    kept = [piece for piece in lent(session, booking) if piece.startswith("stage")][0]
    act(equipment_changes.change, now, booking.id, equipment_wanted={"stage": 1, "sound_set": 2}, rev=booking.rev)
    assert lent(session, booking)[-1] == kept and len(lent(session, booking)) == 3
    assert {row.kind: row.quantity for row in booking.equipment} == {"stage": 1, "sound_set": 2}
    assert [each["kw"] for each in told(session, "venues.equipment_powered.v1")] == [2, 2]  # 1,200 W, then 1,200 W
    act(equipment_changes.change, now, booking.id, equipment_wanted={})
    assert lent(session, booking) == [] and told(session, "venues.equipment_powered.v1")[-1]["kw"] == 0


def test_a_change_that_cannot_be_had_leaves_everything_as_it_was(session, database, event, act, now):
    event(venue="civic-plaza-fountain", sound_set=2), event(venue="east-gate-plaza", sound_set=2)
    booking = event(stage=1)
    before = lent(session, booking)
    with pytest.raises(equipment.NotEnough), session.begin_nested():
        act(equipment_changes.change, now, booking.id, equipment_wanted={"sound_set": 1})
    assert lent(session, booking) == before


def test_what_a_paying_body_was_charged_is_not_changed_by_the_way(session, desk, now):
    booking = desk.apply(equipment={"stage": 1})
    group = desk.people["group"]
    fee = booking.fee
    equipment_changes.change(session, group, now, booking.id, equipment_wanted={"stage": 2})
    assert booking.fee > fee and sum(line.amount for line in booking.quote_lines) == booking.total
    desk.approve(booking)
    with pytest.raises(NotNow):
        equipment_changes.change(session, group, now, booking.id, equipment_wanted={})


@pytest.fixture
def past(session, desk, halls):
    """Events of long ago, as rows."""

    def add(day: date, status: str = "closed", **wanted: int) -> Booking:
        starts, ends = taipei(day, "08:30"), taipei(day, "12:30")
        tariff = desk.apply(chosen=slots("evening", day=DAY + timedelta(days=len(made)))).tariff_row
        booking = Booking(
            status=status, venue=halls["civic-plaza"], applicant_id=1, agency_id=1, applicant_class="city_agency",
            event_name="活動", event_kind="公益", attendees=100, starts_at=starts, ends_at=ends, tariff_row=tariff,
            lines=[], fee=0, deposit=0, submitted_at=starts, changed_at=starts,
        )  # fmt: skip
        booking.slots = [BookingSlot(day=day, slot="morning", starts_at=starts, ends_at=ends)]
        booking.equipment = [BookingEquipment(kind=kind, quantity=n) for kind, n in wanted.items()]
        session.add(booking)
        session.flush()
        made.append(booking)
        return booking

    made: list[Booking] = []
    return add


@pytest.mark.parametrize(("period", "stages", "sets", "total"), [("104H1", 25, 17, 755_000), ("110H1", 9, 7, 285_000)])
def test_the_savings_of_the_reports_come_out(session, past, period, stages, sets, total):
    half = HalfYear.parse(period)
    for number in range(max(stages, sets)):
        wanted = {"stage": 1} if number < stages else {}
        wanted |= {"sound_set": 1} if number < sets else {}
        past(half.first_day + timedelta(days=number), **wanted)
    past(half.last_day, status="cancelled", stage=2, sound_set=2)
    past(half.next.first_day, stage=2)
    found = savings.of(session, half, datetime(2026, 1, 1, tzinfo=UTC))
    assert (found.counted("stage"), found.counted("sound_set"), found.total) == (stages, sets, total)
    assert found.total == sum(line.amount for line in found.lines) == 20_000 * stages + 15_000 * sets


def test_what_is_still_to_come_saves_nothing_yet(session, event, now):
    event(stage=2)
    assert savings.of(session, HalfYear.of(DAY), now).total == 0
    assert savings.of(session, HalfYear.of(DAY), taipei(DAY, "23:00")).total == 40_000


def test_everything_taken_is_taken_once(session, event, act, now):
    for day in (DAY, LATER):
        event(day=day, stage=2, sound_set=1), event(day=day, venue="civic-plaza-fountain", stage=2)
    act(pieces.report_fault, now, piece="stage:1", note="x")
    rows = session.scalars(select(reservations.Reservation).where(reservations.Reservation.state == "confirmed")).all()
    for one in rows:
        same = [row for row in rows if row.resource == one.resource and row is not one]
        assert not any(row.period.overlaps(one.period) for row in same)
