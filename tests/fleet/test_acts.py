"""What the driver's phone tells later: once each, at the time of the tap, and in words where it no longer fits."""

import itertools
import threading
from datetime import timedelta

import pytest

from common import reservations
from common.errors import Invalid
from common.schemas import load_form
from fleet import acts, assigning, driving, signing, trips
from fleet.models import DriverAct, Trip, TripSignature
from fleet.schemas.phone import DATA
from tests.fleet.conftest import Desk

KEYS = itertools.count()


class Phone:
    """The driver's phone: taps at one time, sends at another. `clock_error`: how wrong its clock is."""

    def __init__(self, desk, trip, who="driver", clock_error=timedelta()):
        self.desk, self.trip, self.who, self.error = desk, trip, who, clock_error
        self.car, self.starts_at = trip.vehicle_id, trip.starts_at

    def tap(self, what, *, at=None, key=None, **data):
        now = self.desk.now
        return acts.take(
            self.desk.session, self.desk.people[self.who], now, key=key or f"key-{next(KEYS):04d}",
            trip_id=self.trip.id, what=what, told_at=(at or now) + self.error, sent_at=now + self.error,
            vehicle_id=self.car, starts_at=self.starts_at, data=data, read=lambda typed: load_form(DATA[what], typed),
        )  # fmt: skip


def test_a_day_without_a_network_arrives_in_order_and_at_its_own_times(desk, facts):
    trip = desk.assigned("09:00", "12:00")
    phone = Phone(desk, trip)
    left, back = trip.starts_at, trip.ends_at - timedelta(minutes=50)
    desk.now = trip.ends_at
    assert phone.tap("accept", at=left - timedelta(minutes=30))["outcome"] == "done"
    assert phone.tap("start", at=left, odometer_out="10,000")["outcome"] == "done"
    assert phone.tap("finish", at=back, odometer_in="10,008")["outcome"] == "done"
    assert phone.tap("sign", at=back + timedelta(minutes=1), name="林小禾", drawing="M1 2L30 40")["outcome"] == "done"
    assert (trip.status, trip.started_at, trip.finished_at) == ("signed_off", left, back)
    assert trip.accepted_at == left - timedelta(minutes=30)
    noted = {event.what: event for event in trip.events}
    assert noted["started"].at == left and "離線登錄，11/30 12:00 收到" in noted["started"].note
    assert [kind for kind, _ in facts()][-4:] == ["trip_accepted", "trip_started", "trip_finished", "trip_signed_off"]
    assert {act.received_at for act in desk.session.query(DriverAct)} == {desk.now}
    (car, _) = sorted(
        (row for row in desk.session.query(reservations.Reservation) if row.holder == trip.holder and row.state == "confirmed"),
        key=lambda row: row.resource, reverse=True,
    )  # fmt: skip
    assert car.ends_at == back  # free since it came back, not since it was told


def test_the_same_tap_sent_again_is_answered_as_before_and_done_once(desk):
    trip = desk.assigned()
    phone = Phone(desk, trip)
    first = phone.tap("accept", key="key-one-two")
    again = phone.tap("accept", key="key-one-two")
    assert first == {**again, "again": False} and again["again"] is True
    assert [event.what for event in trip.events].count("accepted") == 1
    with pytest.raises(Invalid):
        phone.tap("decline", key="key-one-two", reason_code="unwell")


@pytest.mark.parametrize("error", [timedelta(hours=-9), timedelta(days=400)])
def test_a_phone_whose_clock_is_wrong_still_tells_how_long_ago_it_was(desk, error):
    trip = desk.assigned("09:00", "12:00")
    phone = Phone(desk, trip, clock_error=error)
    desk.now = trip.starts_at
    phone.tap("accept", at=desk.now - timedelta(minutes=20))
    assert trip.accepted_at == desk.now - timedelta(minutes=20)
    assert desk.session.query(DriverAct).one().plausible


def test_an_impossible_time_is_moved_into_the_possible_and_doubted(desk):
    trip = desk.assigned()
    given = trip.assigned_at
    phone = Phone(desk, trip)
    desk.now += timedelta(minutes=30)
    phone.tap("accept", at=given - timedelta(hours=3))
    assert trip.accepted_at == given
    phone.tap("start", at=desk.now + timedelta(hours=1), odometer_out="10000")
    assert trip.started_at == desk.now
    assert [act.plausible for act in desk.session.query(DriverAct).order_by(DriverAct.id)] == [False, False]


def test_a_reading_that_runs_back_can_be_set_right(desk):
    trip = desk.under_way()
    phone = Phone(desk, trip)
    low = phone.tap("finish", odometer_in="9,999")
    assert low["outcome"] == "refused" and low["errors"][0]["field"] == "odometer_in"
    assert low["errors"][0]["words"][0] == "里程比出車時少，請再看一次。" and trip.status == "under_way"
    assert phone.tap("finish", odometer_in="")["outcome"] == "refused"
    assert phone.tap("finish", odometer_in="10010")["outcome"] == "done"
    assert [act.outcome for act in desk.session.query(DriverAct).order_by(DriverAct.id)] == [
        "refused",
        "refused",
        "done",
    ]


def test_far_over_the_estimate_needs_a_reason(desk):
    trip = desk.under_way()
    phone = Phone(desk, trip)
    far = phone.tap("finish", odometer_in=str(10_000 + trip.distance_km + 61))
    assert far["errors"][0]["field"] == "note" and "比預估多 61 公里，請補充原因" in far["errors"][0]["words"][0]
    assert phone.tap("finish", odometer_in=str(10_000 + trip.distance_km + 61), note="繞路")["outcome"] == "done"


def test_what_dispatch_changed_meanwhile_is_told_in_words(desk):
    trip = desk.accepted("09:00", "12:00")
    phone = Phone(desk, trip)
    assigning.assign(
        desk.session, desk.people["dispatcher"], desk.now, trip, vehicle_id=desk.seven.id, driver_id=desk.driver.id
    )
    gone = phone.tap("start", odometer_out="10000")
    assert gone["outcome"] == "gone" and gone["words"][0] == "調度已改派 TST-0002，請以新車為準。"
    assert [event.what for event in trip.events][-1] == "not_taken" and "10000" in trip.events[-1].note
    phone.car = desk.seven.id
    assert phone.tap("start", odometer_out="10000")["outcome"] == "done"


def test_a_job_that_went_to_somebody_else_is_not_this_drivers_any_more(desk):
    trip = desk.assigned()
    phone = Phone(desk, trip)
    desk.assign(trip, desk.sedan, desk.driver2)
    gone = phone.tap("accept")
    assert (gone["outcome"], gone["words"][0]) == ("gone", "這趟已改派他人，不用出車。")
    assert trip.status == "assigned"
    trips.cancel(desk.session, desk.people["officer"], desk.now, trip)
    assert Phone(desk, trip, "driver2").tap("accept")["words"][0] == "這趟已取消，不用出車。"


def test_a_stranger_learns_and_writes_nothing(desk):
    trip = desk.assigned()
    before = len(trip.events)
    told = Phone(desk, trip, "driver2").tap("finish", odometer_in="5")
    missing = Phone(desk, trip, "driver2")
    missing.trip = Trip(id=999, vehicle_id=1, starts_at=trip.starts_at)
    assert told["words"] == missing.tap("finish", odometer_in="5")["words"]
    desk.session.refresh(trip)
    assert len(trip.events) == before


def test_reading_the_job_is_told_once(desk, facts):
    trip = desk.assigned()
    phone = Phone(desk, trip)
    phone.tap("seen")
    phone.tap("seen")
    assert [kind for kind, _ in facts()].count("trip_seen") == 1
    desk.now += timedelta(minutes=1)
    desk.assign(trip, desk.seven, desk.driver)
    phone.car = desk.seven.id
    phone.tap("seen")
    assert [kind for kind, _ in facts()].count("trip_seen") == 2


def test_one_tap_from_two_places_at_once_happens_once(database, people, now):
    """The page flushes in two tabs: the same key arrives twice at the same moment."""
    from_desk = database.transact(lambda session: _assigned(session, people, now))
    answers = []

    def send():
        def work(session):
            person = session.get(type(people["driver"]), people["driver"].id)
            return acts.take(
                session, person, now, key="the-same-key", trip_id=from_desk[0], what="accept", told_at=now, sent_at=now,
                vehicle_id=from_desk[1], starts_at=None, data={}, read=lambda typed: {},
            )  # fmt: skip

        answers.append(database.transact(work))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer["again"] for answer in answers) == [False] + [True] * 5
    assert {answer["outcome"] for answer in answers} == {"done"}
    with database.reading() as session:
        trip = session.query(Trip).one()
        assert [event.what for event in trip.events].count("accepted") == 1


def _assigned(session, people, now):
    from_ = Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, now)
    trip = from_.assigned()
    return trip.id, trip.vehicle_id


# ── The passenger's signature ─────────────────────────────────────────────────


def test_the_passenger_signs_on_the_drivers_phone_and_the_requester_is_told(desk, facts):
    trip = desk.finished()
    signing.sign_on_phone(desk.session, desk.people["driver"], desk.now, trip, name="許議員", drawing="M0 0L9 9")
    signature = signing.signature_of(desk.session, trip)
    assert (signature.name, signature.how, signature.driver_person_id) == ("許議員", "phone", desk.people["driver"].id)
    kind, body = facts()[-1]
    assert kind == "trip_signed_off" and body["reason"] == "在駕駛的手機上簽名：許議員（駕駛 周行路）"
    with pytest.raises(signing.LinkUsed):
        signing.sign_on_phone(desk.session, desk.people["driver"], desk.now, trip, name="許議員")


@pytest.mark.parametrize("name", ["周行路", "周 行路", "chou xing-lu"])
def test_the_driver_does_not_sign_for_the_passenger(desk, name):
    trip = desk.finished()
    with pytest.raises(Invalid):
        signing.sign_on_phone(desk.session, desk.people["driver"], desk.now, trip, name=name)


@pytest.mark.parametrize("drawing", ['M0 0"/><script>', "M0 0C1 1 2 2 3 3", "L0 0", "M0 0L" + "9" * 5, "M1 1" * 4000])
def test_only_lines_are_kept_of_a_drawing(desk, drawing):
    trip = desk.finished()
    with pytest.raises(Invalid):
        signing.sign_on_phone(desk.session, desk.people["driver"], desk.now, trip, name="許議員", drawing=drawing)


def test_a_link_signs_once_and_not_for_ever(desk):
    trip = desk.finished()
    old, _ = signing.make_link(desk.session, desk.people["driver"], desk.now, trip)
    desk.now += timedelta(seconds=1)
    token, until = signing.make_link(desk.session, desk.people["driver"], desk.now, trip)
    with pytest.raises(signing.LinkExpired):
        signing.trip_of_link(desk.session, desk.now, old)
    with pytest.raises(signing.LinkExpired):
        signing.trip_of_link(desk.session, until, token)
    signing.sign_by_link(desk.session, desk.now, token, name="許議員")
    assert trip.status == "signed_off" and desk.session.query(TripSignature).one().how == "link"
    with pytest.raises(signing.LinkUsed):
        signing.sign_by_link(desk.session, desk.now, token, name="許議員")


def test_a_trip_that_is_not_back_has_nothing_to_sign(desk):
    trip = desk.under_way()
    answer = Phone(desk, trip).tap("sign", name="許議員")
    assert answer["outcome"] == "refused" and answer["words"][0] == "回報完成後才能簽名。"
    driving.finish(desk.session, desk.people["driver"], desk.now, trip, odometer_in=10_008)
    assert Phone(desk, trip).tap("sign", name="許議員")["outcome"] == "done"
