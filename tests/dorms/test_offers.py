"""Offers: by rank, held until a deadline, taken, given up, lapsed, passed on."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from common import reservations
from common.errors import Forbidden, NotFound
from common.period import today
from common.reservations import Taken
from dorms import applications, deadlines, occupancy, offers, rounds, rulebook
from dorms.applications import Barred, HousedAlready
from dorms.models import Bar
from dorms.occupancy import NotVacant
from dorms.offers import OfferOver
from tests.dorms.conftest import told


def test_the_best_ranked_gets_the_room_and_everyone_is_told_why(session, round_, people, apply, house, close):
    house("201")
    first, second = apply("staff", grade=9), apply("staff2", grade=6)
    at = close()
    assert (first.rank, first.state, second.rank, second.state) == (1, "offered", 2, "waiting")
    assert applications.given(second)["explanation"] == "第 2 名，前面 1 人，本期 1 間。空房已由第 1 名分完。"
    assert first.offer.accept_by == offers.taipei(offers.last_day(today(at), 15), "17:00")
    assert told(session, "offer_made") == 1
    assert occupancy.held_rooms(session, occupancy.all_rooms(session), at) == {first.offer.room_id}


@pytest.mark.parametrize(
    ("day", "last"), [(date(2026, 11, 23), date(2026, 12, 8)), (date(2026, 11, 21), date(2026, 12, 7))]
)
def test_fifteen_days_to_accept_and_a_weekend_moves_to_monday(day, last):
    assert offers.last_day(day, 15) == last


def test_accepting_lets_the_room(session, round_, people, apply, house, close, now):
    (room,) = house("201")
    row = apply("staff")
    at = close()
    before = occupancy.count(session, today(at))
    tenancy = offers.accept(session, people["staff"], at, row.offer.id, rev=row.offer.rev)
    assert (before.of("to_let"), before.of("let")) == (1, 0)
    after = occupancy.count(session, today(at))
    assert (after.of("to_let"), after.of("let"), room.state) == (0, 1, "let")
    assert [held.state for held in reservations.held_by(session, row.offer.holder)] == ["confirmed"]
    assert tenancy.runs_on(today(at))
    assert row.state == "accepted"
    assert told(session, "offer_accepted") == 1
    assert told(session, "occupancy_changed") == 2
    with pytest.raises(HousedAlready):
        applications.may_apply(session, people["staff"], at)


def test_a_second_answer_is_refused_with_the_present_state(session, people, apply, house, close):
    house("201")
    row = apply("staff")
    at = close()
    offers.accept(session, people["staff"], at, row.offer.id)
    with pytest.raises(OfferOver) as refused:
        offers.decline(session, people["staff"], at, row.offer.id)
    assert "已同意" in refused.value.words.zh


def test_the_deadline_itself_is_too_late(session, people, apply, house, close):
    house("201")
    row = apply("staff")
    close()
    with pytest.raises(OfferOver):
        offers.accept(session, people["staff"], row.offer.accept_by, row.offer.id)
    just_in_time = row.offer.accept_by - timedelta(microseconds=1)
    assert offers.accept(session, people["staff"], just_in_time, row.offer.id)


def test_declining_bars_for_a_year_and_passes_the_room_to_the_next(session, round_, people, apply, house, close):
    (room,) = house("201")
    first, second = apply("staff", grade=9), apply("staff2")
    at = close()
    offers.decline(session, people["staff"], at, first.offer.id)
    assert first.state == "declined"
    assert (second.state, second.offer.room, second.offer.follows_id) == ("offered", room, first.offer.id)
    bar = session.scalars(select(Bar)).one()
    assert (bar.person_id, bar.rule) == (people["staff"].id, "D-19")
    assert bar.until == rulebook.whole_years_later(today(at), 1)
    with pytest.raises(Barred):
        applications.may_apply(session, people["staff"], at)
    free_again = at + timedelta(days=367)
    applications.may_apply(session, people["staff"], free_again)
    assert rounds.verify(session, people["auditor"], round_) == []


def test_an_offer_nobody_answers_lapses_frees_the_bed_and_bars_nobody(session, round_, people, apply, house, close):
    (room,) = house("201")
    first, second = apply("staff", grade=9), apply("staff2")
    close()
    late = first.offer.accept_by
    assert offers.lapse_due(session, late - timedelta(seconds=1)) == 0
    assert offers.lapse_due(session, late) == 1
    assert (first.state, second.state, second.offer.room) == ("lapsed", "offered", room)
    assert reservations.held_by(session, first.offer.holder) == []
    assert session.scalars(select(Bar)).all() == []
    assert told(session, "offer_lapsed") == 1
    assert rounds.verify(session, people["auditor"], round_) == []


def test_even_before_the_chore_runs_an_expired_hold_keeps_nobody_out(session, people, apply, house, close):
    (room,) = house("201")
    first, second = apply("staff", grade=9), apply("staff2")
    close()
    late = first.offer.accept_by
    assert offers.make_offer(session, late, second, room).room is room


def test_two_offers_of_one_bed_are_impossible(session, people, apply, house, close):
    (room,) = house("201")
    apply("staff", grade=9)
    second = apply("staff2")
    at = close()
    with pytest.raises(Taken):
        offers.make_offer(session, at, second, room)


def test_others_can_neither_see_nor_answer_an_offer(session, people, apply, house, close):
    house("201")
    row = apply("staff")
    at = close()
    for name, refusal in (("staff2", NotFound), ("dorms", Forbidden)):
        with pytest.raises(refusal):
            offers.accept(session, people[name], at, row.offer.id)


def test_whoever_takes_a_room_leaves_every_other_list(session, people, apply, house, close, now):
    house("201")
    row = apply("staff", grade=9)
    other = rounds.open_round(
        session,
        people["dorms"],
        now,
        kind="single",
        registration_from=now,
        registration_until=now + timedelta(days=60),
    )
    waiting = applications.apply_for_room(
        session,
        people["staff"],
        now,
        round_id=other.id,
        grade=7,
        years_of_service=Decimal(5),
        home_status="none",
    )
    at = close()
    offers.accept(session, people["staff"], at, row.offer.id)
    assert waiting.state == "withdrawn"
    assert other.standing == []


def test_whoever_leaves_the_city_leaves_the_lists_and_the_room_goes_on(session, round_, people, apply, house, close):
    house("201")
    first, second, third = apply("staff", grade=9), apply("staff2", grade=8), apply("officer")
    at = close()
    offers.leave_lists(session, at, second.person_id)
    offers.leave_lists(session, at + timedelta(minutes=1), first.person_id)
    assert (first.state, second.state, third.state) == ("withdrawn", "withdrawn", "offered")
    assert rounds.verify(session, people["auditor"], round_) == []


def test_after_the_list_has_run_out_a_room_given_back_is_passed_to_nobody(session, round_, people, apply, house, close):
    house("201")
    first, second = apply("staff", grade=9), apply("staff2")
    close()
    round_.list_valid_until = today(first.offer.made_at)
    offers.lapse_due(session, first.offer.accept_by)
    assert second.state == "waiting"
    assert rounds.verify(session, people["auditor"], round_) == []


def test_rooms_out_of_stock_are_not_allotted(session, people, apply, house, close, now):
    room, other = house("201", "202")
    occupancy.change_state(session, people["dorms"], now, room, "awaiting_repair", today(now), "浴室漏水")
    row = apply("staff")
    at = close()
    assert row.offer.room is other
    with pytest.raises(NotVacant):
        occupancy.change_state(session, people["dorms"], at, other, "closed", today(at))


def test_deadlines_are_ones_own_and_all_of_them_for_the_officer(session, people, apply, house, close):
    house("201", "202")
    first = apply("staff", grade=9)
    apply("staff2")
    at = close()
    assert [each.subject for each in deadlines.of(session, people["staff"], at)] == [f"offer/{first.offer.id}"]
    assert len(deadlines.of(session, people["dorms"], at)) == 2
    offers.accept(session, people["staff"], at, first.offer.id)
    assert [each.what for each in deadlines.of(session, people["staff"], at)] == ["sign"]
