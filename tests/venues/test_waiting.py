"""Waiting for a slot that is full: offered in order, held to a deadline, passed on; and series of dates."""

from datetime import date, timedelta

import pytest

from common import reservations
from common.errors import Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import taipei
from tests.venues.conftest import DAY, EVENT, slots
from tests.venues.test_rivals import at_once, no_two_share
from venues import booking_series, bookings, breaches, cancellations, decisions, waiting
from venues.hindrances import Barred
from venues.holding import SlotTaken
from venues.models import Booking, WaitingEntry
from venues.refusals import NotNow


@pytest.fixture
def wait(session, people, halls, desk):
    def waiting_for(who, *codes, venue="atrium", **more):
        told = {**EVENT, "slots": slots(*codes), **more}
        return waiting.join(session, people[who], desk.now, venue_id=halls[venue].id, **told)

    return waiting_for


def test_what_is_free_is_not_waited_for(wait, desk):
    with pytest.raises(waiting.FreeAlready):
        wait("group", "morning")
    with pytest.raises(Forbidden):
        wait("staff", "morning")
    with pytest.raises(Invalid):
        wait("group", "morning", attendees=900)


def test_what_becomes_free_is_offered_at_once_and_becomes_the_application_that_waited(wait, desk, session, people, now):
    first = desk.confirmed(chosen=slots("morning"))
    entry, behind = wait("officer", "morning", equipment={"stage": 1}), wait("officer2", "morning")
    assert (waiting.place_in_line(session, entry), waiting.place_in_line(session, behind)) == (1, 2)
    with pytest.raises(waiting.WaitsAlready):
        wait("officer", "morning", "afternoon")
    cancellations.cancel(session, people["group"], now, first.id)
    assert (entry.state, behind.state) == ("offered", "waiting")
    assert entry.offered_until == taipei(date(2026, 11, 25), "17:00")
    with pytest.raises(SlotTaken):
        desk.apply("group", chosen=slots("morning"))
    with pytest.raises(NotFound):
        waiting.accept(session, people["officer2"], now, entry.id)
    booking = waiting.accept(session, people["officer"], now, entry.id, undertakes=True)
    assert (booking.status, booking.agency_id, booking.equipment[0].kind) == ("submitted", 1, "stage")
    assert {row.holder for row in reservations.held_by(session, booking.holder)} == {booking.holder}
    assert not reservations.held_by(session, entry.holder)
    with pytest.raises(NotNow):
        waiting.accept(session, people["officer"], now, entry.id)


def test_who_takes_an_offer_up_undertakes_the_limits_or_did_so_when_getting_in_line(wait, desk, session, people, now):
    first = desk.confirmed(chosen=slots("morning"))
    silent = wait("officer", "morning")
    promised = wait("officer2", "morning", undertakes=True)
    cancellations.cancel(session, people["group"], now, first.id)
    with pytest.raises(Invalid) as refused:
        waiting.accept(session, people["officer"], now, silent.id)
    assert refused.value.errors[0].field == "undertakes"
    assert silent.state == "offered" and reservations.held_by(session, silent.holder)
    taken_up = waiting.accept(session, people["officer"], now, silent.id, undertakes=True)
    assert taken_up.undertaken_at == now
    later = now + timedelta(hours=2)
    cancellations.cancel(session, people["officer"], later, taken_up.id)
    assert waiting.accept(session, people["officer2"], later, promised.id).undertaken_at == now == promised.since


def test_an_offer_nobody_takes_up_goes_to_the_next(wait, desk, session, people, now):
    first = desk.apply("group", chosen=slots("morning"))
    entry, behind = wait("officer", "morning"), wait("officer2", "morning")
    decisions.reject(session, people["venues"], now, first.id, reason="資格不符")
    assert waiting.offers_due(session, entry.offered_until - timedelta(seconds=1)) == 0
    late = entry.offered_until
    waiting.offers_due(session, late)
    assert (entry.state, behind.state) == ("passed_by", "offered")
    with pytest.raises(NotNow):
        waiting.accept(session, people["officer"], late, entry.id)
    waiting.withdraw(session, people["officer2"], late, behind.id)
    assert (behind.state, bool(reservations.held_by(session, behind.holder))) == ("withdrawn", False)
    assert desk.apply("group", chosen=slots("morning")).status == "submitted"


def test_the_time_of_a_permit_withdrawn_after_a_breach_is_offered_at_once(wait, desk, session, people, now):
    first = desk.confirmed(chosen=slots("morning"))
    entry = wait("officer", "morning")
    breaches.record(session, people["venues"], now, first.id, kind="transfer", what="轉讓他人")
    assert entry.state == "offered"


def test_half_of_what_one_waits_for_is_no_offer(wait, desk, session, people, now):
    morning, afternoon = desk.apply("group", chosen=slots("morning")), desk.apply("officer2", chosen=slots("afternoon"))
    entry = wait("officer", "morning", "afternoon")
    cancellations.cancel(session, people["group"], now, morning.id)
    assert entry.state == "waiting"
    cancellations.cancel(session, people["officer2"], now, afternoon.id)
    assert entry.state == "offered"


def test_a_freed_part_is_offered_to_who_waits_for_the_whole(wait, desk, session, people, halls, now):
    day = date(2026, 12, 26)
    part = desk.apply("group", venue="civic-plaza-renai", chosen=slots("evening", day=day))
    told = {**EVENT, "slots": slots("evening", day=day)}
    entry = waiting.join(session, people["officer"], now, venue_id=halls["civic-plaza"].id, **told)
    cancellations.cancel(session, people["group"], now, part.id)
    assert entry.state == "offered"


@pytest.mark.parametrize("rivals", [2, 8, 32])
def test_a_slot_that_is_freed_never_goes_to_somebody_else_than_the_first_who_waits(database, people, ids, now, rivals):
    def applied(session, who, chosen):
        told = {**EVENT, "slots": chosen}
        return bookings.apply(session, session.get(Person, people[who].id), now, venue_id=ids["atrium"], **told).id

    first = database.transact(lambda session: applied(session, "group", slots("morning")))
    told = {**EVENT, "slots": slots("morning")}
    entry = database.transact(
        lambda session: (
            waiting.join(session, session.get(Person, people["officer"].id), now, venue_id=ids["atrium"], **told).id
        )
    )
    cancel = lambda: database.transact(  # noqa: E731 - one of many at once
        lambda session: cancellations.cancel(session, session.get(Person, people["group"].id), now, first).id
    )
    rush = [lambda: database.transact(lambda session: applied(session, "officer2", slots("morning")))] * (rivals - 1)
    got = at_once([cancel, *rush])
    assert got[0] == first and set(got[1:]) == {"refused"}
    with database.reading() as session:
        assert session.get(WaitingEntry, entry).state == "offered"
        assert session.query(Booking).count() == 1
    no_two_share(database)
    take = lambda: database.transact(  # noqa: E731
        lambda session: (
            waiting.accept(session, session.get(Person, people["officer"].id), now, entry, undertakes=True).id
        )
    )
    assert sum(each != "refused" for each in at_once([take] * min(rivals, 8))) == 1
    no_two_share(database)


# ── series ────────────────────────────────────────────────────────────────────


def weekly(count, first=DAY):
    return [first + timedelta(weeks=step) for step in range(count)]


def test_every_date_is_shown_with_what_is_free_instead_before_anything_is_sent(desk, session, people, halls, now):
    desk.apply("officer", chosen=slots("morning", day=DAY + timedelta(weeks=1)))
    asked = {"venue_id": halls["atrium"].id, "days": weekly(3), "slot_codes": ["morning"]}
    shown = booking_series.preview(session, people["group"], now, **asked)
    assert [each.free for each in shown] == [True, False, True]
    assert shown[1].why_not and "剛被別人申請走了" in shown[1].why_not.zh
    assert shown[1].instead == (date(2026, 12, 18), date(2026, 12, 20), date(2026, 12, 17))
    with pytest.raises(booking_series.Collides) as refused, session.begin_nested():
        booking_series.apply(session, people["group"], now, **asked, **EVENT)
    assert refused.value.days == [date(2026, 12, 19)]
    made = booking_series.apply(session, people["group"], now, **asked, **EVENT, free_only=True)
    assert ([booking.starts_at.date() for booking in made.bookings], made.left_out) == (
        [date(2026, 12, 12), date(2026, 12, 26)],
        ["2026-12-19"],
    )
    gone = booking_series.cancel(session, people["group"], now, made.id, reason="延期")
    assert [booking.status for booking in gone] == ["cancelled", "cancelled"]


def test_all_or_none_leaves_nothing_behind(database, people, ids, now):
    def send(session):
        person = session.get(Person, people["group"].id)
        days = [*weekly(2), date(2027, 6, 1)]  # too far ahead (S-10)
        booking_series.apply(session, person, now, venue_id=ids["atrium"], days=days, slot_codes=["morning"], **EVENT)

    with pytest.raises(booking_series.Collides):
        database.transact(send)
    with database.reading() as session:
        assert (session.query(Booking).count(), session.query(reservations.Reservation).count()) == (0, 0)


def test_what_is_wrong_with_the_event_itself_refuses_the_whole_series(session, people, halls, now):
    asked = {"venue_id": halls["atrium"].id, "days": weekly(2), "slot_codes": ["morning"], "free_only": True}
    with pytest.raises(Invalid) as refused:
        booking_series.apply(session, people["group"], now, **asked, **{**EVENT, "attendees": 900})
    assert refused.value.errors[0].field == "attendees"


def test_a_pattern_is_every_so_many_weeks_up_to_a_day():
    assert booking_series.repeated(DAY, 2, date(2027, 1, 9)) == [DAY, date(2026, 12, 26), date(2027, 1, 9)]
    with pytest.raises(Invalid):
        booking_series.repeated(DAY, 1, DAY - timedelta(days=1))
    with pytest.raises(Invalid):
        booking_series.repeated(DAY, 1, DAY + timedelta(weeks=70))


@pytest.mark.parametrize("rivals", [2, 8])
def test_two_series_at_once_never_share_a_date(database, people, ids, now, rivals):
    def send(who):
        def work(session):
            person = session.get(Person, people[who].id)
            made = booking_series.apply(
                session, person, now, venue_id=ids["atrium"], days=weekly(3), slot_codes=["evening"], **EVENT
            )
            return made.id

        return lambda: database.transact(work)

    names = ("group", "officer", "officer2")
    got = at_once([send(names[n % 3]) for n in range(rivals)])
    assert sum(each != "refused" for each in got) == 1
    assert len(no_two_share(database)) == 3


def test_a_venue_out_of_use_does_not_stop_the_others(wait, desk, session, halls, people, now):
    desk.confirmed(chosen=slots("morning"))
    for_hall = wait("officer", "morning")
    plaza = desk.apply(venue="east-gate-plaza", chosen=slots("morning", day=DAY + timedelta(days=10)))
    for_plaza = wait("officer", venue="east-gate-plaza", slots=slots("morning", day=DAY + timedelta(days=10)))
    halls["atrium"].active = False
    reservations.release(session, plaza.holder)
    assert waiting.offers_due(session, now) == 1
    assert (for_hall.state, for_plaza.state) == ("waiting", "offered")


def test_a_barred_body_does_not_wait(wait, desk, session, people, now):
    used = desk.confirmed(chosen=slots("morning"))
    breaches.record(session, people["venues"], now, used.id, kind="transfer", what="轉讓")
    desk.apply("officer", chosen=slots("evening"))
    with pytest.raises(Barred):
        wait("group", "evening")
