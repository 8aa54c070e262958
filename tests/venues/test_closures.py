"""Closures: shown first, carried out in slices, told to everyone, and withdrawn again."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from common import reservations
from common.errors import Conflict, Forbidden, Invalid
from common.messages import Outbox
from common.period import Period, taipei
from common.reservations import Reservation
from tests.venues.conftest import DAY, EVENT, LATER, slots
from venues import (
    aftercare,
    cancellations,
    closures,
    contests,
    decisions,
    income,
    meeting_rooms,
    money,
    suspending,
    waiting,
)
from venues.hindrances import Closed
from venues.models import Closure, ClosureLine, Contest
from venues.models.contest import VOID

WEEK = Period(taipei(DAY, "00:00"), taipei(DAY + timedelta(days=7), "00:00"))
ROOF = {"reason": "屋頂整修", "ground": "renovation"}
LIVE = select(Reservation).where(Reservation.state.in_(reservations.ACTIVE))


@pytest.fixture
def close(session, people, halls, now):
    def closing(*codes, period=WEEK, **told):
        ids = [halls[code].id for code in codes]
        return closures.close(session, people["venues"], now, venue_ids=ids, period=period, **{**ROOF, **told})

    return closing


@pytest.fixture
def carry_out(session, now):
    def carrying(at=None):
        slices = 0
        while suspending.step(session, at or now):
            slices += 1
            assert slices < 100
        return slices

    return carrying


def told(session, kind):
    return [row.data for row in session.scalars(select(Outbox).where(Outbox.type == f"venues.{kind}.v1"))]


def wholly_closed(session, closure, now):
    """Every instant of every closed resource belongs to the closure."""
    rows = session.scalars(select(Reservation).where(Reservation.state.in_(reservations.ACTIVE)))
    mine = [row for row in rows if row.holder == closure.holder]
    for resource in closure.resources:
        seconds = sum((row.ends_at - row.starts_at).total_seconds() for row in mine if row.resource == resource)
        assert seconds == closure.period.duration.total_seconds(), resource


def test_a_closure_shows_first_what_it_touches_and_returns(desk, session, halls, close, now):
    paid, asked = desk.confirmed(), desk.apply("officer2", chosen=slots("evening"))
    desk.apply("officer2", venue="east-gate-plaza", chosen=slots("morning", day=DAY + timedelta(days=10)))
    found = closures.preview(session, now, venue_ids=[halls["atrium"].id], period=WEEK)
    assert (list(found.booking_ids), found.refund, found.applicants) == ([paid.id, asked.id], 30000, 2)
    assert found.paid == {paid.id: 30000}
    with pytest.raises(Conflict):
        close("atrium", shown=1)
    assert close("atrium", shown=2).expected == 2
    assert session.get(Closure, 1).state == "recorded"


def test_everything_paid_comes_back_and_everyone_is_told(desk, session, close, carry_out, now):
    paid = desk.confirmed(equipment={"stage": 1})
    unpaid, asked = desk.approve(desk.apply("group", chosen=slots("evening"))), desk.apply(
        "officer", chosen=slots("morning", day=DAY + timedelta(days=2))
    )  # fmt: skip
    made = close("atrium", ground="government_need", reason="防疫")
    carry_out()
    assert {each.status for each in (paid, unpaid, asked)} == {"suspended"}
    assert (made.state, made.done, made.refunded) == ("carried_out", 3, paid.total)
    assert (money.to_return(paid), money.owed(unpaid), money.to_return(unpaid)) == (paid.total, 0, 0)
    assert sum(account.balance for account in income.trial_balance(session)) == 0
    suspended = {each["booking_id"]: each["refund"] for each in told(session, "booking_suspended")}
    assert suspended == {str(paid.id): paid.total, str(unpaid.id): 0, str(asked.id): 0}
    assert told(session, "venue_closed")[0]["venue"] == "1樓中庭"
    assert reservations.held_by(session, paid.holder) == []
    wholly_closed(session, made, now)


def test_nothing_new_is_taken_from_the_moment_it_is_recorded(desk, session, people, halls, close, carry_out, now):
    made = close("atrium", "n206")
    with pytest.raises(Closed) as refused:
        desk.apply()
    assert "屋頂整修" in refused.value.words.zh
    room = Period(taipei(DAY, "09:00"), taipei(DAY, "10:00"))
    with pytest.raises(Closed):
        meeting_rooms.book(
            session, people["officer"], now, room_id=halls["n206"].id, period=room, title="會議", attendees=5
        )
    carry_out()
    assert (made.done, made.state) == (0, "carried_out")
    wholly_closed(session, made, now)


def test_a_part_closes_the_whole_but_not_its_sister(desk, session, close, carry_out):
    far = date(2026, 12, 20)
    period = Period(taipei(far, "00:00"), taipei(far + timedelta(days=3), "00:00"))
    whole = desk.apply(venue="civic-plaza", chosen=slots("morning", day=far))
    sister = desk.apply("officer2", venue="civic-plaza-renai", chosen=slots("evening", day=far))
    close("civic-plaza-fountain", period=period)
    carry_out()
    assert (whole.status, sister.status) == ("suspended", "submitted")
    with pytest.raises(Closed):
        desk.apply(venue="civic-plaza", chosen=slots("afternoon", day=far))
    assert desk.apply(venue="civic-plaza-renai", chosen=slots("afternoon", day=far)).status == "submitted"


def test_meetings_lose_their_rooms_and_other_uses_stay(session, people, halls, close, carry_out, now):
    day = date(2026, 11, 24)
    period = Period(taipei(day, "00:00"), taipei(day, "24:00"))
    meeting = meeting_rooms.book(
        session, people["officer"], now, room_id=halls["n206"].id, period=Period.of_local(day, "09:00", "10:00"),
        title="協調會", attendees=8,
    )  # fmt: skip
    contract = Period.of_local(day, "12:00", "13:00")
    reservations.claim(session, "contract:1", [(halls["n206"].resource, contract)], now=now)
    found = closures.preview(session, now, venue_ids=[], period=period)
    assert (list(found.meeting_ids), list(found.others)) == ([meeting.id], ["contract:1"])
    made = close(period=period)
    carry_out()
    assert made.everything and meeting.released_at is not None
    assert told(session, "meeting_suspended")[0]["reason"] == "屋頂整修"
    assert [row.holder for row in reservations.held_by(session, "contract:1")] == ["contract:1"]


def test_a_closure_goes_on_in_slices_of_so_many(desk, session, close, carry_out, monkeypatch):
    monkeypatch.setattr(suspending, "A_SLICE", 2)
    monkeypatch.setattr(suspending, "GAPS_AT_ONCE", 2)
    mine = [desk.apply("officer", chosen=slots("morning", day=DAY + timedelta(days=n))) for n in range(5)]
    made = close("atrium")
    assert suspending.step(session, desk.now)
    assert (made.done, made.state) == (2, "recorded")
    carry_out()
    assert (made.done, made.state) == (5, "carried_out")
    assert {each.status for each in mine} == {"suspended"}
    wholly_closed(session, made, desk.now)


def test_withdrawn_it_gives_back_what_applicants_want_and_can_have(desk, session, people, halls, close, carry_out, now):
    officer, group = people["venues"], people["group"]
    wanted, unwanted, paid_back, lost = (
        desk.confirmed(chosen=slots("morning", day=DAY + timedelta(days=n))) for n in range(4)
    )
    made = close("atrium")
    carry_out()
    with pytest.raises(Forbidden):
        closures.want_back(session, officer, now, wanted.id, wanted=True)
    for each, yes in ((wanted, True), (unwanted, False), (paid_back, True), (lost, True)):
        closures.want_back(session, group, now, each.id, wanted=yes)
    aftercare.pay_refund(session, officer, now, paid_back.id)
    closures.reopen(session, officer, now, made.id, reason="提前完工", restore=True)
    reservations.release(session, made.holder)
    rival = desk.apply("officer2", chosen=slots("morning", day=DAY + timedelta(days=3)))
    carry_out()
    assert [each.status for each in (wanted, unwanted, paid_back, lost)] == ["confirmed"] + ["suspended"] * 3
    assert rival.status == "submitted" and made.state == "reopened"
    assert (money.to_return(wanted), money.held(wanted), money.to_return(unwanted)) == (0, 20000, 25000)
    outcomes = {line.booking_id: line.outcome for line in session.scalars(select(ClosureLine))}
    assert outcomes == {wanted.id: "restored", unwanted.id: "kept", paid_back.id: "kept", lost.id: "kept"}
    assert told(session, "booking_restored")[0]["status"] == "confirmed"
    assert sum(account.balance for account in income.trial_balance(session)) == 0
    desk.apply("officer2", chosen=slots("evening"))


def test_without_restoring_all_stays_refunded_and_an_unpaid_one_comes_back_to_be_decided(
    desk, session, people, close, carry_out, now
):
    officer = people["venues"]
    asked, paid = desk.approve(desk.apply()), desk.confirmed(chosen=slots("evening"))
    first = close("atrium")
    carry_out()
    closures.want_back(session, people["group"], now, asked.id, wanted=True)
    closures.want_back(session, people["group"], now, paid.id, wanted=True)
    closures.reopen(session, officer, now, first.id, reason="提前", restore=True)
    carry_out()
    assert (asked.status, paid.status) == ("submitted", "confirmed")
    decisions.approve(session, officer, now, asked.id, note=LATER)
    assert money.owed(asked) == 30000
    second = close("atrium")
    carry_out()
    assert (money.owed(asked), money.to_return(paid)) == (0, 25000)
    closures.reopen(session, officer, now, second.id, reason="取消")
    carry_out()
    assert {asked.status, paid.status} == {"suspended"}
    with pytest.raises(Conflict):
        closures.reopen(session, officer, now, second.id, reason="再一次")


def test_only_the_officer_closes_and_only_what_lies_ahead(session, people, halls, close, now):
    past = Period(now - timedelta(days=3), now - timedelta(days=1))
    with pytest.raises(Invalid):
        close("atrium", period=past)
    with pytest.raises(Forbidden):
        closures.close(session, people["group"], now, venue_ids=[], period=WEEK, **ROOF)
    with pytest.raises(Invalid):
        closures.preview(session, now, venue_ids=[999999], period=WEEK)


def test_a_booking_under_way_is_stopped_and_what_is_over_is_left_alone(desk, session, people, close, carry_out):
    over = desk.confirmed(chosen=slots("morning"))
    running = desk.confirmed(chosen=slots("afternoon"))
    at = taipei(DAY, "14:00")
    aftercare.turn(session, at)
    desk.now = at
    made = closures.close(
        session,
        people["venues"],
        at,
        venue_ids=[over.venue_id],
        period=Period(taipei(DAY, "00:00"), taipei(DAY, "24:00")),
        **ROOF,
    )
    carry_out(at)
    assert (over.status, running.status, made.done) == ("inspection", "suspended", 1)
    assert running.reason == "屋頂整修"


def test_the_worker_carries_on_until_nothing_waits(database, people, ids, now):
    def close(session):
        officer = session.merge(people["venues"], load=False)
        return closures.close(session, officer, now, venue_ids=[ids["atrium"]], period=WEEK, **ROOF).id

    assert suspending.carry_on(database, None, now) == 0
    closure_id = database.transact(close)
    assert suspending.carry_on(database, None, now) == 1
    assert suspending.carry_on(database, None, now) == 0
    with database.reading() as session:
        assert session.get(Closure, closure_id).state == "carried_out"


def test_a_contest_in_closed_time_ends_and_who_wants_other_time_goes_on(desk, session, close, carry_out, now):
    gone = [
        desk.apply(who, chosen=slots("morning", "afternoon"), may_contest=True, equipment={"stage": 1})
        for who in ("group", "officer")
    ]
    stays = desk.apply("officer2", chosen=slots("afternoon"), may_contest=True)
    contest = session.query(Contest).one()
    made = close("atrium", period=Period(taipei(DAY, "08:00"), taipei(DAY, "13:00")))
    carry_out()
    assert contest.state == VOID
    assert [each.status for each in (*gone, stays)] == ["suspended", "suspended", "submitted"]
    wholly_closed(session, made, now)
    assert {row.holder for row in session.scalars(LIVE)} == {made.holder, stays.holder}, "a stage is kept for nobody"
    assert contests.close_due(session, contest.closes_at) == 0
    assert [each.status for each in gone] == ["suspended", "suspended"]


def test_what_was_offered_to_who_waits_is_called_back_when_it_is_closed(
    desk, session, people, halls, close, carry_out, now
):
    first = desk.apply("group", chosen=slots("morning"))
    asked = {**EVENT, "venue_id": halls["atrium"].id, "slots": slots("morning")}
    entry = waiting.join(session, people["officer"], now, **asked)
    cancellations.cancel(session, people["group"], now, first.id)
    assert entry.state == "offered"
    made = close("atrium")
    carry_out()
    assert (entry.state, entry.offered_until) == ("waiting", None)
    wholly_closed(session, made, now)
    closures.reopen(session, people["venues"], now, made.id, reason="提前完工")
    carry_out()
    assert (waiting.offers_due(session, now), entry.state) == (1, "offered")


@pytest.mark.parametrize(("code", "overtime", "buffer"), [("evening", 60, 0), ("morning", 0, 60)])
def test_who_contends_with_overtime_or_the_time_kept_around_alone_is_touched_too(
    desk, session, halls, close, carry_out, now, code, overtime, buffer
):
    halls["atrium"].setup_minutes = buffer
    contending = [
        desk.apply(who, chosen=slots(code), overtime_minutes=overtime, may_contest=True) for who in ("group", "officer")
    ]
    first = contending[0]
    half = timedelta(minutes=30)
    narrow = (
        Period(first.ends_at - half, first.ends_at) if overtime else Period(first.starts_at - half, first.starts_at)
    )
    found = closures.preview(session, now, venue_ids=[halls["atrium"].id], period=narrow)
    assert list(found.booking_ids) == [each.id for each in contending]
    made = close("atrium", period=narrow)
    carry_out()
    assert {each.status for each in contending} == {"suspended"}
    wholly_closed(session, made, now)


def test_a_day_between_the_days_contended_for_is_nobodys(desk, session, people, halls, now):
    halls["atrium"].max_days = 3
    days = [*slots("morning"), *slots("morning", day=DAY + timedelta(days=2))]
    for who in ("group", "officer"):
        assert desk.apply(who, chosen=days, may_contest=True)
    between = Period(taipei(DAY + timedelta(days=1), "00:00"), taipei(DAY + timedelta(days=1), "24:00"))
    assert not closures.preview(session, now, venue_ids=[halls["atrium"].id], period=between).booking_ids
