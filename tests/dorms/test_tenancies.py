"""From the notarised contract to handing back: in time, item by item, renewed, deducted by the day."""

from datetime import date, timedelta

import pytest

from common import reservations
from common.errors import Forbidden, Invalid, NotFound
from common.period import taipei, today
from dorms import deductions, dues, hand_backs, inventory, occupancy, offers, payroll, rounds, stays, tenancies
from dorms.models import nights
from tests.dorms.conftest import told

BED = {"name": "單人床架", "quantity": 1, "condition": "good", "remark": ""}
KEYS = {"name": "房門鑰匙", "quantity": 2, "condition": "good", "remark": ""}


@pytest.fixture
def agreed(session, people, apply, house, close):
    """`staff` has taken the only room, `staff2` waits; returns the stay and the instant."""
    house("201")
    first = apply("staff", grade=9)
    apply("staff2", grade=6)
    at = close()
    return offers.accept(session, people["staff"], at, first.offer.id), at


def sign(session, people, row, at, **known):
    told_of = {"number": "115北院民公0123", "notary": "臺北地院公證處", "notarised_on": today(at)}
    return tenancies.record_contract(session, people["dorms"], at, row.id, **{**told_of, **known})


@pytest.fixture
def living(session, people, agreed):
    """`staff` has signed and lives there since the day after taking the room."""
    row, at = agreed
    sign(session, people, row, at)
    later = at + timedelta(days=1)
    tenancies.move_in(session, people["dorms"], later, row.id, moved_in_on=today(later), items=[BED, KEYS])
    return row, later


def test_taking_a_room_gives_time_to_sign_until_the_deadline_of_the_offer(agreed):
    row, _ = agreed
    assert (row.state, row.sign_by) == (stays.TO_SIGN, row.offer.accept_by)
    assert [step.kind for step in row.story] == ["agreed"]
    assert [terms.grade for terms in row.pay_terms] == [9]


def test_without_a_contract_in_time_the_room_passes_to_the_next(session, people, agreed, round_):
    row, _ = agreed
    room = row.room
    assert tenancies.forfeit_due(session, row.sign_by - timedelta(seconds=1)) == 0
    assert tenancies.forfeit_due(session, row.sign_by) == 1
    assert tenancies.forfeit_due(session, row.sign_by) == 0
    assert (row.state, row.offer.state, row.offer.application.state) == (stays.FORFEITED, "lapsed", "lapsed")
    following = next(each for each in round_.standing if each.person_id == people["staff2"].id)
    assert (following.state, following.offer.room) == ("offered", room)
    assert room.state == "to_let"
    assert told(session, "tenancy_forfeited") == 1
    assert rounds.verify(session, people["auditor"], round_) == []


def test_a_contract_in_time_keeps_the_room(session, people, agreed):
    row, at = agreed
    contract = sign(session, people, row, row.sign_by - timedelta(seconds=1), notarised_on=today(at))
    assert (contract.paid_by, row.state) == ("borrower", stays.TO_MOVE_IN)
    assert tenancies.forfeit_due(session, row.sign_by) == 0
    assert told(session, "tenancy_signed") == 1
    with pytest.raises(tenancies.DoneAlready):
        sign(session, people, row, at)


def test_the_deadline_itself_is_too_late_to_sign(session, people, agreed):
    row, at = agreed
    with pytest.raises(tenancies.TooLateToSign):
        sign(session, people, row, row.sign_by, notarised_on=today(at))


def test_more_time_to_sign_is_approved_beforehand(session, people, agreed):
    row, at = agreed
    first = row.sign_by
    until = today(first) + timedelta(days=7)
    with pytest.raises(tenancies.TooLateToSign):
        tenancies.extend_signing(session, people["dorms"], first, row.id, until=until, reason="住院")
    tenancies.extend_signing(session, people["dorms"], at, row.id, until=until, reason="住院")
    assert tenancies.forfeit_due(session, first) == 0
    assert row.sign_by == taipei(until, "17:00")


@pytest.mark.parametrize(("days", "field"), [(1, "notarised_on"), (-1, "notarised_on")])
def test_a_contract_is_notarised_between_taking_the_room_and_today(session, people, agreed, days, field):
    row, at = agreed
    with pytest.raises(Invalid) as refused:
        sign(session, people, row, at, notarised_on=today(at) + timedelta(days=days))
    assert [error.field for error in refused.value.errors] == [field]


def test_nobody_moves_in_before_the_contract_is_notarised(session, people, agreed):
    row, at = agreed
    with pytest.raises(tenancies.NotSigned):
        tenancies.move_in(session, people["dorms"], at, row.id, moved_in_on=today(at))
    sign(session, people, row, at)
    with pytest.raises(Invalid):
        early = today(at) - timedelta(days=1)
        tenancies.move_in(session, people["dorms"], at, row.id, moved_in_on=early)


def test_only_the_officer_records_and_strangers_do_not_learn_of_it(session, people, agreed):
    row, at = agreed
    for name in ("staff", "officer", "auditor"):
        with pytest.raises(Forbidden):
            tenancies.move_in(session, people[name], at, row.id, moved_in_on=today(at))
    with pytest.raises(NotFound):
        tenancies.find(session, people["staff2"], row.id)


def test_the_borrower_confirms_the_list_once(session, people, living):
    row, at = living
    with pytest.raises(NotFound):
        inventory.agree(session, people["staff2"], at, row.id)
    with pytest.raises(Forbidden):
        inventory.agree(session, people["dorms"], at, row.id)
    inventory.agree(session, people["staff"], at, row.id, remark="鑰匙 1 把不順")
    assert inventory.agreed(row)
    with pytest.raises(tenancies.DoneAlready):
        inventory.agree(session, people["staff"], at, row.id)


def test_a_renewal_takes_the_nights_after_the_term_and_is_limited(session, people, living):
    row, at = living
    until = row.stay_until
    told_of = {"number": "120北院民公0456", "notary": "臺北地院公證處", "notarised_on": today(at)}
    tenancies.renew(session, people["dorms"], at, row.id, **told_of)
    assert row.stay_until == until.replace(year=until.year + 5)
    night = nights(until, until + timedelta(days=1))
    assert [by.holder for by in reservations.taken(session, [row.bed.resource], night, at)] == [row.holder]
    with pytest.raises(tenancies.NoFurtherTerm) as refused:
        tenancies.renew(session, people["dorms"], at, row.id, **told_of)
    assert "D-20" in refused.value.words.zh


# ── Handing back ──────────────────────────────────────────────────────────────


def back(row, **changes):
    """Every line as it was handed over; `changes` by name."""
    same = [{"item_id": item.id, "quantity": item.quantity, "condition": item.condition} for item in row.items]
    return [{**line, **changes.get(item.name, {})} for line, item in zip(same, row.items, strict=True)]


def test_handing_back_frees_the_bed_from_that_day(session, people, living):
    row, at = living
    later = at + timedelta(days=30)
    items = back(row, 房門鑰匙={"quantity": 1, "remark": "遺失 1 把"})
    built = [{"name": "系統櫃", "quantity": 1}]
    day = today(later)
    known = {"handed_back_on": day, "room_state": "awaiting_repair", "items": items, "self_built": built}
    hand_backs.hand_back(session, people["dorms"], later, row.id, **known)
    assert (row.state, row.ended_on, row.room.state) == (stays.HANDED_BACK, day, "awaiting_repair")
    assert [item.name for item in inventory.differences(row)] == ["房門鑰匙"]
    assert [item.name for item in row.items if item.self_built] == ["系統櫃"]
    for first, taken in ((day - timedelta(days=1), 1), (day, 0)):
        night = nights(first, first + timedelta(days=1))
        assert len(reservations.taken(session, [row.bed.resource], night, later)) == taken
    assert occupancy.current_stay(session, people["staff"].id) is None
    assert told(session, "tenancy_handed_back") == 1
    with pytest.raises(tenancies.TenancyOver):
        hand_backs.hand_back(session, people["dorms"], later, row.id, **known)


def test_every_line_is_checked_and_none_twice(session, people, living):
    row, at = living
    day = today(at)
    for items in (back(row)[:1], back(row) + back(row)[:1], []):
        with pytest.raises(Invalid) as refused:
            known = {"handed_back_on": day, "room_state": "to_let", "items": items}
            hand_backs.hand_back(session, people["dorms"], at, row.id, **known)
        assert refused.value.errors[0].field.startswith("items")


@pytest.mark.parametrize("days", [-2, 1])
def test_a_room_comes_back_between_moving_in_and_today(session, people, living, days):
    row, at = living
    with pytest.raises(Invalid) as refused:
        day = today(at) + timedelta(days=days)
        hand_backs.hand_back(
            session, people["dorms"], at, row.id, handed_back_on=day, room_state="to_let", items=back(row)
        )
    assert refused.value.errors[0].field == "handed_back_on"


# ── What is deducted ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("monthly", "days", "month", "due"),
    [(600, 30, 30, 600), (600, 31, 31, 600), (600, 1, 31, 19), (700, 15, 30, 350), (500, 14, 28, 250), (300, 1, 8, 38)],
)
def test_a_whole_month_in_full_and_a_part_by_the_day(monthly, days, month, due):
    assert dues.prorated([monthly] * days, month) == due


def test_two_rates_in_one_month_are_added_before_rounding():
    assert dues.prorated([500] * 10 + [700] * 20, 30) == 633


@pytest.mark.parametrize(
    ("grade", "rank"), [(1, "junior"), (5, "junior"), (6, "associate"), (9, "associate"), (10, "senior")]
)
def test_the_allowance_goes_by_rank(grade, rank):
    assert dues.rank_of(grade) == rank


def test_the_month_counts_from_moving_in_to_handing_back(session, people, living):
    row, at = living  # moved in on 14 December 2026
    first = today(at).replace(day=1)
    line = payroll.of_tenancy(session, row, first)
    assert (line.first, line.last.day, line.days) == (date(2026, 12, 14), 31, 18)
    assert (line.allowance, line.fee) == (348, 174)  # 600 × 18/31, 300 × 18/31
    back_on = taipei(date(2027, 1, 10), "10:00")
    known = {"handed_back_on": date(2027, 1, 10), "room_state": "to_let", "items": back(row)}
    hand_backs.hand_back(session, people["dorms"], back_on, row.id, **known)
    january = payroll.month(session, date(2027, 1, 1))
    assert [(each.days, each.allowance, each.fee) for each in january.lines] == [(10, 194, 97)]
    assert payroll.month(session, date(2027, 2, 1)).lines == []
    assert payroll.month(session, date(2026, 11, 1)).lines == []


def test_with_the_heads_approval_nothing_is_deducted_from_that_day_on(session, people, living):
    row, at = living
    with pytest.raises(Invalid) as refused:
        deductions.set_pay(session, people["dorms"], at, row.id, since=date(2027, 1, 1), grade=9, deducted=False)
    assert refused.value.errors[0].field == "reason"
    known = {"since": date(2027, 1, 16), "grade": 9, "deducted": False, "reason": "首長核准"}
    deductions.set_pay(session, people["dorms"], at, row.id, **known)
    january = payroll.of_tenancy(session, row, date(2027, 1, 1))
    assert (january.allowance, january.fee) == (290, 300)  # 600 × 15/31; the fee is for all of it
    february = payroll.of_tenancy(session, row, date(2027, 2, 1))
    assert (february.exempt, february.allowance) == (True, 0)


def test_an_older_stay_without_a_grade_is_shown_as_lacking(session, people, house, now):
    (room,) = house("201")
    row = occupancy.record_tenancy(
        session, people["dorms"], now, room, people["staff"].id, date(2026, 1, 1), date(2031, 1, 1)
    )
    found = payroll.month(session, date(2026, 11, 1))
    assert (found.lacking, found.lines[0].allowance, found.lines[0].fee) == (1, None, 300)
    deductions.set_pay(session, people["dorms"], now, row.id, since=date(2026, 1, 1), grade=5, deducted=True)
    assert payroll.month(session, date(2026, 11, 1)).lines[0].allowance == 500
