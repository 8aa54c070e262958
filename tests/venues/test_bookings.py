"""The life of a booking: applying, deciding, money, cancelling, lapsing."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common import reservations
from common.errors import Forbidden, Invalid, NotFound, Stale
from common.messages import Outbox
from common.period import Period, taipei
from common.reservations import HoldExpired
from tests.venues.conftest import DAY, slots
from venues import availability, bookings, cancellations, decisions, money
from venues.bookings import NotEligible, SlotTaken
from venues.cancellations import RefundChanged
from venues.models import Booking, MoneyEntry
from venues.refunds import GOVERNMENT_NEED
from venues.refusals import NotNow
from venues.tariffs import NO_CONDITIONS


def told(session) -> list[str]:
    return [row.type for row in session.query(Outbox).order_by(Outbox.id)]


def held(session, booking):
    return [(row.resource, row.period, row.state) for row in reservations.held_by(session, booking.holder)]


# ── Applying ─────────────────────────────────────────────────────────────────


def test_an_application_holds_the_whole_run_and_freezes_its_quote(desk, session):
    booking = desk.apply(overtime_minutes=130)
    atrium = desk.halls["atrium"]
    assert booking.status == "submitted"
    assert held(session, booking) == [(atrium.resource, Period.of_local(DAY, "08:30", "19:40"), "held")]
    assert (booking.fee, booking.deposit, booking.total, booking.tariff_version) == (13750, 20000, 33750, "112-11-09")
    assert [line["rule"] for line in booking.lines] == ["S-04", "S-07", "S-04", "S-06", "S-04"]
    assert told(session) == ["venues.booking_submitted.v1"]


def test_a_change_of_tariff_leaves_a_booking_as_it_was_quoted(desk, session):
    booking = desk.apply()
    row = booking.tariff_row
    row.data = {**row.data, "rates": []}
    session.flush()
    session.refresh(booking)
    assert (booking.total, len(booking.quote_lines)) == (30000, 4)


def test_the_second_to_apply_for_a_slot_is_told_which_one_is_gone(desk):
    desk.apply(chosen=slots("afternoon"))
    with pytest.raises(SlotTaken) as refused:
        desk.apply("officer2", chosen=slots("morning", "afternoon"))
    assert "12月12日（週六）下午" in refused.value.words.zh
    assert refused.value.errors[0].field == "slots"


def test_overtime_that_runs_into_somebody_elses_slot_is_refused(desk):
    desk.apply("officer2", chosen=slots("evening"))
    assert desk.apply(chosen=slots("afternoon"), overtime_minutes=30).ends_at == taipei(DAY, "18:00")
    other = date(2026, 12, 13)
    desk.apply("officer2", chosen=slots("evening", day=other))
    with pytest.raises(SlotTaken):
        desk.apply(chosen=slots("afternoon", day=other), overtime_minutes=31)


def test_nobody_is_let_into_the_gap_or_the_overtime(desk):
    desk.apply(chosen=slots("afternoon"), overtime_minutes=60)
    with pytest.raises(SlotTaken):
        desk.apply("officer2", chosen=slots("evening"))


@pytest.mark.parametrize(
    ("day", "says"),
    [
        (date(2027, 3, 1), "12月1日（週二）起可申請 3月1日（週一）"),
        (date(2026, 12, 2), "12月2日（週三） 的申請已於 11月22日（週日）截止"),
    ],
)
def test_outside_the_window_the_refusal_names_the_day_it_opens_or_closed(desk, day, says):
    with pytest.raises(Invalid) as refused:
        desk.apply(chosen=slots("morning", day=day))
    assert says in refused.value.words.zh
    assert "3 個月至 10 天" in refused.value.words.zh
    assert refused.value.errors[0].field == "slots"


@pytest.mark.parametrize("day", [date(2026, 12, 3), date(2027, 2, 23)])
def test_the_edges_of_the_window_are_inside_it(desk, day):
    assert desk.apply(chosen=slots("morning", day=day)).status == "submitted"
    assert availability.window(desk.halls["atrium"], desk.now, NO_CONDITIONS) == (date(2026, 12, 3), date(2027, 2, 23))


def test_grounds_close_twenty_days_before(desk):
    with pytest.raises(Invalid):
        desk.apply(venue="east-gate-plaza", chosen=slots("morning", day=date(2026, 12, 12)))
    assert desk.apply(venue="east-gate-plaza", chosen=slots("morning", day=date(2026, 12, 13))).total == 24000


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"attendees": 201}, "attendees"),
        ({"event_kind": "演唱會"}, "event_kind"),
        ({"chosen": [*slots("morning"), *slots("morning", day=date(2026, 12, 13))]}, "slots"),
        ({"overtime_minutes": 241}, "overtime_minutes"),
        ({"equipment": {"stage": 3}}, "equipment"),
        ({"equipment": {"cannon": 1}}, "equipment"),
        ({"applicant_class": "city_agency"}, "applicant_class"),
    ],
)
def test_what_the_atrium_does_not_take_is_refused_at_its_field(desk, changes, field):
    with pytest.raises(Invalid) as refused:
        desk.apply(**changes)
    assert refused.value.errors[0].field == field


@pytest.mark.parametrize("who", ["staff", "driver", "auditor"])
def test_individuals_cannot_apply(desk, who):
    with pytest.raises(NotEligible) as refused:
        desk.apply(who)
    assert refused.value.words.zh == "個人不能申請；請由立案團體申請。"


def test_the_server_decides_the_class_of_applicant(desk):
    assert desk.apply("group", chosen=slots("morning")).applicant_class == "registered_body"
    assert desk.apply("officer2", chosen=slots("afternoon")).applicant_class == "city_agency"
    assert (
        desk.apply("officer", chosen=slots("evening"), applicant_class="city_agency").applicant_class
        == "managing_agency"
    )


# ── A hall and its parts, and what is lent ───────────────────────────────────


def test_the_whole_plaza_and_its_parts_block_each_other(desk):
    day = date(2026, 12, 19)
    desk.apply(venue="civic-plaza-fountain", chosen=slots("morning", day=day))
    with pytest.raises(SlotTaken):
        desk.apply("officer2", venue="civic-plaza", chosen=slots("morning", day=day))
    assert desk.apply("officer2", venue="civic-plaza-renai", chosen=slots("morning", day=day)).alive
    desk.apply("officer2", venue="civic-plaza", chosen=slots("evening", day=day))
    for part in ("civic-plaza-renai", "civic-plaza-fountain"):
        with pytest.raises(SlotTaken):
            desk.apply(venue=part, chosen=slots("evening", day=day))


def test_the_month_shows_free_held_taken_and_closed(desk, session):
    desk.apply(venue="civic-plaza-fountain", chosen=slots("morning", day=date(2026, 12, 19)))
    desk.confirmed(venue="civic-plaza-renai", chosen=slots("afternoon", day=date(2026, 12, 19)))
    plaza = desk.halls["civic-plaza"]
    states = availability.slot_states(session, plaza, date(2026, 12, 12), date(2026, 12, 19), desk.now)
    by_day = {day: [each.state for each in states if each.date == day] for day in (DAY, date(2026, 12, 19))}
    assert by_day == {DAY: ["closed"] * 3, date(2026, 12, 19): ["held", "taken", "free"]}


def test_equipment_is_lent_in_numbered_pieces_until_there_are_no_more(desk, session):
    for number in range(3):
        booking = desk.apply(
            chosen=slots("morning", day=DAY + timedelta(days=number)), equipment={"stage": 2, "light_set": 1}
        )
        assert [row[0] for row in held(session, booking)][:3] == ["light_set:1", "stage:1", "stage:2"]
    for venue, who in (("east-gate-plaza", "group"), ("street-dance-corner", "officer2")):
        day = date(2026, 12, 20)
        desk.apply(who, venue=venue, chosen=slots("morning", day=day), equipment={"sound_set": 2})
    with pytest.raises(Exception, match="Only 0 left"):
        desk.apply(venue="civic-plaza", chosen=slots("morning", day=date(2026, 12, 20)), equipment={"sound_set": 1})


# ── Deciding ─────────────────────────────────────────────────────────────────


def test_a_registered_body_is_approved_insures_pays_and_is_confirmed(desk, session):
    booking = desk.approve(desk.apply())
    assert booking.status == "awaiting_insurance"
    assert booking.pay_by == taipei(date(2026, 11, 26), "17:00")
    assert {row.expires_at for row in reservations.held_by(session, booking.holder)} == {booking.pay_by}
    assert desk.insure(booking).status == "awaiting_payment"
    assert desk.pay(booking).status == "confirmed"
    assert [row[2] for row in held(session, booking)] == ["confirmed"]
    assert [step.status for step in booking.steps] == [
        "submitted", "approved", "awaiting_insurance", "awaiting_payment", "confirmed",
    ]  # fmt: skip
    assert told(session) == [f"venues.booking_{what}.v1" for what in ("submitted", "approved", "changed", "confirmed")]


@pytest.mark.parametrize("who", ["officer", "officer2"])
def test_a_city_agency_pays_nothing_and_is_confirmed_by_the_approval(desk, session, who):
    booking = desk.approve(desk.apply(who, overtime_minutes=60, equipment={"stage": 1}))
    assert (booking.status, booking.total, booking.pay_by, booking.entries) == ("confirmed", 0, None, [])
    assert {row[2] for row in held(session, booking)} == {"confirmed"}


def test_the_payment_comes_after_the_insurance_and_is_exact(desk, session, people):
    booking = desk.approve(desk.apply())
    with pytest.raises(NotNow) as refused:
        desk.pay(booking)
    assert "S-12" in refused.value.words.zh
    desk.insure(booking)
    with pytest.raises(Invalid) as wrong:
        decisions.record_payment(session, people["venues"], desk.now, booking.id, receipt_number="R", amount=10000)
    assert wrong.value.errors[0].field == "amount"


def test_after_the_deadline_nothing_is_recorded_and_the_booking_lapses(desk, session):
    booking = desk.insure(desk.approve(desk.apply()))
    late = booking.pay_by
    with pytest.raises(HoldExpired):
        desk.pay(booking, late)
    assert cancellations.lapse_due(session, late - timedelta(seconds=1)) == 0
    assert cancellations.lapse_due(session, late) == 1
    assert (booking.status, booking.reason) == ("lapsed", "逾期未繳，檔期已釋出。")
    assert held(session, booking) == []
    assert set(money.balances(booking).values()) == {0}
    assert told(session)[-1] == "venues.booking_lapsed.v1"
    assert desk.apply("officer2").alive


def test_papers_can_be_asked_for_sent_and_asked_for_again(desk, session, people):
    booking = desk.apply()
    act = (session, people["venues"], desk.now, booking.id)
    decisions.ask_for_supplement(*act, missing="請附交通計畫")
    assert (booking.status, booking.supplement_by) == ("supplement_needed", date(2026, 11, 30))
    bookings.supplement(session, people["group"], desk.now, booking.id, event_plan="附交通計畫")
    assert (booking.status, booking.supplement, booking.event_plan) == ("submitted", "", "附交通計畫")
    assert told(session)[-2:] == ["venues.booking_supplement_needed.v1", "venues.booking_changed.v1"]
    decisions.ask_for_supplement(*act, missing="再附清潔計畫", due_on=date(2026, 11, 25))
    assert cancellations.lapse_due(session, taipei(date(2026, 11, 25), "23:59")) == 0
    assert cancellations.lapse_due(session, taipei(date(2026, 11, 26), "00:01")) == 1
    assert booking.status == "lapsed"


def test_a_rejection_frees_the_slots_at_once(desk, session, people):
    booking = desk.apply()
    decisions.reject(session, people["venues"], desk.now, booking.id, reason="活動性質不符（S-09）")
    assert (booking.status, booking.reason) == ("rejected", "活動性質不符（S-09）")
    assert desk.apply("officer2").alive
    with pytest.raises(NotNow):
        desk.approve(booking)


def test_a_stale_decision_is_refused(desk, session, people):
    booking = desk.apply()
    seen = booking.rev
    decisions.ask_for_supplement(session, people["venues"], desk.now, booking.id, missing="企劃書")
    with pytest.raises(Stale):
        decisions.approve(session, people["venues"], desk.now, booking.id, rev=seen)


@pytest.mark.parametrize("who", ["group", "officer", "auditor", "supervisor"])
def test_only_the_venue_officer_decides(desk, session, people, who):
    booking = desk.apply("officer" if who in ("officer", "supervisor") else "group")
    with pytest.raises(Forbidden):
        decisions.approve(session, people[who], desk.now, booking.id)


def test_a_booking_is_known_to_its_own_body_the_venue_officer_and_the_auditor_only(desk, session, people):
    booking = desk.apply("officer")
    for who in ("officer", "supervisor", "venues", "auditor", "admin"):
        assert bookings.find(session, people[who], booking.id) is booking
    for who in ("officer2", "group", "staff", "dispatcher"):
        with pytest.raises(NotFound):
            bookings.find(session, people[who], booking.id)
    seen = {who: session.scalars(bookings.visible(people[who])).all() for who in people}
    assert {who for who, found in seen.items() if found} == {"officer", "supervisor", "venues", "auditor", "admin"}


# ── Cancelling ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("day", "fee"),
    [(date(2026, 12, 2), 10000), (date(2026, 12, 3), 5000), (date(2026, 12, 9), 5000), (date(2026, 12, 10), 0)],
)
def test_what_is_refunded_is_what_was_shown(desk, session, people, day, fee):
    booking = desk.confirmed()
    then = taipei(day, "10:00")
    shown = cancellations.quote_refund(booking, then)
    assert (shown.fee, shown.deposit) == (fee, 20000)
    cancellations.cancel(session, people["group"], then, booking.id, shown=shown.total, reason="延期")
    assert booking.status == "cancelled"
    returned = sum(entry.amount for entry in booking.entries if entry.kind == "refund")
    assert returned == shown.total == -money.balances(booking)["to_return"]
    assert money.balances(booking) == {
        "owed": 0, "bank": 30000, "income": fee - 10000, "deposits": 0, "to_return": -shown.total,
    }  # fmt: skip
    assert sum(money.balances(booking).values()) == 0
    assert held(session, booking) == []
    assert session.query(Outbox).order_by(Outbox.id.desc()).first().data["refund"] == shown.total


def test_a_refund_that_changed_since_it_was_shown_is_not_done(desk, session, people):
    booking = desk.confirmed()
    evening, next_day = taipei(date(2026, 12, 2), "23:59"), taipei(date(2026, 12, 3), "00:01")
    shown = cancellations.quote_refund(booking, evening).total
    with pytest.raises(RefundChanged) as refused:
        cancellations.cancel(session, people["group"], next_day, booking.id, shown=shown)
    assert "25,000" in refused.value.words.zh
    assert booking.status == "confirmed"


def test_a_city_need_returns_everything_and_only_the_officer_may_say_so(desk, session, people):
    booking = desk.confirmed()
    late = taipei(date(2026, 12, 11), "10:00")
    with pytest.raises(Forbidden):
        cancellations.cancel(session, people["group"], late, booking.id, cause=GOVERNMENT_NEED)
    cancellations.cancel(session, people["venues"], late, booking.id, cause=GOVERNMENT_NEED, reason="市府典禮")
    assert -money.balances(booking)["to_return"] == 30000


def test_cancelling_before_paying_costs_nothing(desk, session, people):
    booking = desk.approve(desk.apply())
    cancellations.cancel(session, people["group"], desk.now, booking.id, shown=0)
    assert set(money.balances(booking).values()) == {0}
    assert booking.status == "cancelled"


def test_what_has_begun_cannot_be_cancelled(desk, session, people):
    booking = desk.confirmed()
    with pytest.raises(NotNow):
        cancellations.cancel(session, people["group"], booking.starts_at, booking.id)
    assert not booking.can_cancel(people["officer2"], desk.now)


def test_money_and_steps_can_only_be_added_to(desk, session):
    booking = desk.confirmed()
    for table in ("money_entry", "booking_step"):
        for statement in (f"UPDATE {table} SET booking_id = booking_id", f"DELETE FROM {table}"):
            with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
                session.execute(text(statement))
    assert session.query(MoneyEntry).filter_by(booking_id=booking.id).count() == len(booking.entries) > 0


def test_an_undecided_application_lapses_on_its_day(desk, session):
    booking = desk.apply()
    assert cancellations.lapse_due(session, booking.starts_at) == 1
    assert booking.status == "lapsed"


def test_facts_name_ids_and_never_people(desk, session):
    desk.confirmed()
    for row in session.query(Outbox):
        assert row.data["applicant_id"] == "9"
        assert "蘇青田" not in str(row.data)
        assert datetime.fromisoformat(row.data["starts_at"]) == taipei(DAY, "08:30")


def test_numbers_follow_the_republics_year(desk):
    booking = desk.apply()
    assert booking.number == f"115-V-{booking.id:05d}"
    assert isinstance(booking, Booking)


def test_papers_are_taken_until_the_last_moment_of_their_day(desk, session, people, now):
    booking = desk.apply()
    due = date(2026, 11, 25)
    decisions.ask_for_supplement(session, people["venues"], now, booking.id, missing="企劃", due_on=due)
    with pytest.raises(NotNow):
        bookings.supplement(session, people["group"], taipei(due, "24:00"), booking.id, event_plan="企劃")
    last = taipei(due, "24:00") - timedelta(microseconds=1)
    assert bookings.supplement(session, people["group"], last, booking.id, event_plan="企劃").status == "submitted"
