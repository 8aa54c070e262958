"""Several want the same slots: collected until the deadline, decided by class, drawn within a class (S-30)."""

from datetime import timedelta

import pytest

from common import draw, reservations
from common.errors import Forbidden
from common.identity import Agency, Person
from common.period import Period, local, taipei
from tests.venues.conftest import DAY, slots
from venues import availability, cancellations, closures, contests, decisions, reductions, second_choice
from venues.hindrances import Closed
from venues.holding import SlotTaken
from venues.models import Contest
from venues.models.contest import DECIDED, LISTED, OPEN, VOID
from venues.refusals import NotNow

SEED = "27614.32"


@pytest.fixture
def enter(desk):
    """Somebody applies, entering against whoever was first."""
    return lambda who, *codes, **more: desk.apply(who, chosen=slots(*codes), may_contest=True, **more)


@pytest.fixture
def bodies(session, people):
    """Three more registered bodies and their people."""
    for number, name in enumerate(("choir", "dance", "scouts"), start=21):
        session.add(Agency(id=number, code=name, name=name, name_en=name, kind="outside", active=True))
        session.flush()
        person = Person(
            id=number, username=name, name=name, name_en=name, agency_id=number, roles=["group"], unit="",
            mail=f"{name}@example.org", phone="", lang="zh", active=True,
        )  # fmt: skip
        session.add(person)
        session.flush()
        people[name] = person
    return people


def the_contest(session):
    return session.query(Contest).one()


def after_the_deadline(contest):
    return contest.closes_at + timedelta(minutes=1)


def holders(session, booking, now):
    wants = [(resource, booking.period) for resource in booking.venue.resources]
    return {by.holder for by in reservations.in_the_way(session, wants, now)}


def test_without_the_wish_to_enter_the_second_is_refused_as_ever(desk):
    desk.apply("group", chosen=slots("morning"))
    with pytest.raises(SlotTaken):
        desk.apply("officer", chosen=slots("morning"))


def test_who_enters_makes_both_contested_and_nobody_gets_in_between(desk, enter, session, now):
    first = desk.apply("group", chosen=slots("morning"))
    second = enter("officer", "morning", "afternoon")
    contest = the_contest(session)
    assert (first.status, second.status, contest.state) == ("contested", "contested", OPEN)
    assert local(contest.closes_at) == taipei(local(now).date() + timedelta(days=3), "17:00")
    assert holders(session, second, now) == {contest.holder}
    with pytest.raises(SlotTaken):
        desk.apply("officer2", chosen=slots("afternoon"))
    with pytest.raises(NotNow):
        desk.approve(first)


def test_after_the_deadline_the_earlier_class_has_it_and_the_loser_chooses_again(desk, enter, session, now, people):
    first = desk.apply("group", chosen=slots("morning"), equipment={"stage": 1})
    second = enter("officer", "morning")
    contest = the_contest(session)
    assert contests.close_due(session, contest.closes_at - timedelta(seconds=1)) == 0
    then = after_the_deadline(contest)
    assert contests.close_due(session, then) == 1
    assert (contest.state, second.status, first.status) == (DECIDED, "submitted", "contested")
    assert desk.approve(second, then).status == "confirmed"
    until = second_choice.may_choose(session, first, then)
    assert until and until > then
    assert not [row for row in reservations.held_by(session, first.holder)]

    with pytest.raises(Forbidden):
        second_choice.choose(session, people["venues"], then, first.id, slots=slots("evening"))
    with pytest.raises(SlotTaken):
        second_choice.choose(session, people["group"], then, first.id, slots=slots("morning"))
    again = second_choice.choose(session, people["group"], then, first.id, slots=slots("evening"))
    assert (again.status, again.fee, [each.slot for each in again.chosen]) == ("submitted", 8000, ["evening"])
    assert again.starts_at == taipei(DAY, "18:00")
    assert desk.approve(again, then).status == "awaiting_insurance"


def test_who_chooses_nothing_lapses(desk, enter, session):
    first = desk.apply("group", chosen=slots("morning"))
    enter("officer", "morning")
    contest = the_contest(session)
    contests.close_due(session, after_the_deadline(contest))
    due = second_choice.may_choose(session, first, after_the_deadline(contest))
    assert cancellations.lapse_due(session, due - timedelta(seconds=1)) == 0
    assert cancellations.lapse_due(session, due) == 1
    assert first.status == "lapsed"


def drawn(desk, enter, session):
    """Two of one class, listed."""
    bookings = [desk.apply("group", chosen=slots("morning")), enter("choir", "morning")]
    contest = the_contest(session)
    contests.close_due(session, after_the_deadline(contest))
    return contest, bookings


def test_a_tie_is_listed_before_its_seed_can_be_known_and_drawn_so_that_all_can_check(
    desk, enter, session, people, bodies
):
    contest, bookings = drawn(desk, enter, session)
    assert contest.state == LISTED
    assert contest.tickets_sha256 == draw.tickets_sha256(contest.tickets)
    assert contest.seed_at > after_the_deadline(contest)
    act = (session, people["venues"], contest.seed_at, contest.id)
    with pytest.raises(NotNow):
        contests.draw_tie(session, people["venues"], contest.seed_at - timedelta(seconds=1), contest.id, seed=SEED)
    with pytest.raises(Forbidden):
        contests.draw_tie(session, people["officer"], contest.seed_at, contest.id, seed=SEED)
    contests.draw_tie(*act, seed=SEED)
    again = draw.draw(contest.tickets, SEED)
    assert (contest.order, draw.faults(contest.published)) == (list(again.order), [])
    winner = next(entry.booking for entry in contest.entries if entry.ticket == again.order[0])
    loser = next(each for each in bookings if each is not winner)
    assert (winner.status, loser.status) == ("submitted", "contested")
    assert holders(session, winner, contest.seed_at) == {winner.holder}
    with pytest.raises(NotNow):
        contests.draw_tie(*act, seed="another")


def test_over_many_seeds_each_of_two_wins_about_half(desk, enter, session, bodies):
    contest, _ = drawn(desk, enter, session)
    first = sum(draw.draw(contest.tickets, f"seed {n}").order[0] == contest.tickets[0] for n in range(400))
    assert 140 < first < 260  # outside with probability < 1e-8 when both have the same chance


@pytest.mark.parametrize("end", ["cancel", "reject"])
@pytest.mark.parametrize("who", [0, 1])
def test_who_is_left_alone_goes_back_to_the_queue(desk, enter, session, people, now, end, who):
    both = [desk.apply("group", chosen=slots("morning")), enter("officer", "morning")]
    gone, stays = both[who], both[1 - who]
    if end == "cancel":
        cancellations.cancel(session, people[("group", "officer")[who]], now, gone.id)
    else:
        decisions.reject(session, people["venues"], now, gone.id, reason="資格不符")
    assert (the_contest(session).state, stays.status) == (VOID, "submitted")
    assert holders(session, stays, now) == {stays.holder}
    assert desk.approve(stays).status in ("confirmed", "awaiting_insurance")


def test_who_was_left_alone_may_be_contested_again(desk, enter, session, people, now):
    first, second = desk.apply("group", chosen=slots("morning")), enter("officer", "morning")
    cancellations.cancel(session, people["officer"], now, second.id)
    third = enter("officer2", "morning")
    assert {first.status, third.status} == {"contested"}
    assert session.query(Contest).filter_by(state=OPEN).count() == 1


def test_two_contests_that_a_further_application_touches_become_one(desk, enter, session, bodies, now):
    desk.apply("group", chosen=slots("morning"))
    enter("choir", "morning")
    later = desk.now = now + timedelta(days=1)
    desk.apply("dance", chosen=slots("evening"))
    enter("scouts", "evening")
    assert session.query(Contest).filter_by(state=OPEN).count() == 2
    enter("officer", "morning", "afternoon", "evening")
    contest = session.query(Contest).filter_by(state=OPEN).one()
    assert len(contest.running) == 5
    assert local(contest.closes_at) == taipei(local(later).date() + timedelta(days=3), "17:00")
    contests.close_due(session, after_the_deadline(contest))
    assert [entry.booking.agency_id for entry in contest.entries if entry.result == "won"] == [1]


def test_a_body_has_one_lot_for_one_time(desk, enter):
    desk.apply("group", chosen=slots("morning"))
    with pytest.raises(contests.AlreadyYours):
        enter("group", "morning")


def test_an_approved_booking_or_a_passed_deadline_cannot_be_contested(desk, enter, session, now):
    desk.approve(desk.apply("group", chosen=slots("morning")))
    with pytest.raises(SlotTaken):
        enter("officer", "morning")
    desk.apply("group", chosen=slots("evening"))
    desk.now = now + timedelta(days=4)
    with pytest.raises(SlotTaken):
        enter("officer", "evening")


def test_leaving_after_the_list_is_published_changes_nothing_on_it(desk, enter, session, people, bodies):
    contest, bookings = drawn(desk, enter, session)
    listed = list(contest.tickets)
    cancellations.cancel(session, people["group"], after_the_deadline(contest), bookings[0].id)
    assert (contest.tickets, contest.state, bookings[1].status) == (listed, DECIDED, "submitted")
    states = availability.slot_states(session, bookings[1].venue, DAY, DAY, after_the_deadline(contest))
    assert [each.state for each in states][:1] == ["held"]


def test_another_time_keeps_what_was_granted(desk, enter, session, people, now):
    desk_officer, admin = people["venues"], people["admin"]
    booking = desk.apply("group", chosen=slots("afternoon"))
    told = {"part": "fee", "percent": 50, "amount": 0, "rule": "S-13", "reason": "公益活動"}
    asked = reductions.propose(session, desk_officer, now, booking.id, **told)
    reductions.grant(session, admin, now, asked.id)
    assert booking.fee == 2500
    enter("officer", "afternoon")
    late = after_the_deadline(the_contest(session))
    contests.close_due(session, late)
    second_choice.choose(session, people["group"], late, booking.id, slots=slots("evening"))
    assert (booking.fee, sum(line.amount for line in booking.quote_lines if line.kind == "fee")) == (2500, 2500)
    assert booking.quote_lines[-1].label.zh == "專案減收場地費 50%"


def test_another_time_does_not_lie_in_a_closure(desk, enter, session, people, halls, now):
    booking = desk.apply("group", chosen=slots("afternoon"))
    enter("officer", "afternoon")
    late = after_the_deadline(the_contest(session))
    contests.close_due(session, late)
    day = Period(taipei(DAY, "18:00"), taipei(DAY, "22:00"))
    told = {"venue_ids": [halls["atrium"].id], "period": day, "reason": "整修", "ground": "renovation"}
    closures.close(session, people["venues"], late, **told)
    with pytest.raises(Closed):
        second_choice.choose(session, people["group"], late, booking.id, slots=slots("evening"))
