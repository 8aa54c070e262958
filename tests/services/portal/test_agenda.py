"""The home page as the facts of the other services tell it, and the "my" feed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select

import dorms.messages
import fleet.messages
import fleet.terms
import venues.messages
import venues.vocabulary
from common import inbox
from common.identity import Person
from common.messages import Fact
from common.period import today
from services.portal import agenda
from services.portal.listeners import BOOKING_FACTS, TRIP_FACTS, listeners
from services.portal.models import AgendaItem, WaitingItem
from tests.services.portal.helpers import cookie

OWNERS = {"fleet": fleet.messages.FACTS, "venues": venues.messages.FACTS, "dorms": dorms.messages.FACTS}


@pytest.fixture
def tell(database: Any, residents: Any, now: datetime) -> Any:
    """`tell("fleet.trip_assigned.v1", subject, **body)`: that fact arrives, as the inbox hands it over."""

    def arrive(kind: str, at: datetime | None = None, **body: Any) -> None:
        envelope = {
            "id": "x", "source": kind.split(".")[0], "type": kind, "subject": "", "seq": 1, "epoch": 1,
            "time": (at or now).isoformat(), "data": body,
        }  # fmt: skip
        database.transact(lambda session: inbox.handle(session, listeners, envelope))

    return arrive


def trip(now: datetime, residents: Any, **changes: Any) -> dict[str, Any]:
    body = {
        "trip_id": "31", "status": "submitted", "rev": 1, "requester_id": str(residents["officer"].id), "agency_id": "1",
        "driver_person_id": None, "vehicle_label": None, "starts_at": (now + timedelta(hours=5)).isoformat(),
        "ends_at": (now + timedelta(hours=8)).isoformat(), "origin": "市政大樓", "destination": "市議會",
    }  # fmt: skip
    return {**body, **changes}


def booking(now: datetime, residents: Any, **changes: Any) -> dict[str, Any]:
    body = {
        "booking_id": "8", "status": "submitted", "rev": 1, "applicant_id": str(residents["group"].id), "venue": "中庭",
        "venue_en": "Atrium", "event_name": "春季音樂會", "starts_at": (now + timedelta(days=20)).isoformat(),
        "ends_at": (now + timedelta(days=20, hours=4)).isoformat(),
    }  # fmt: skip
    return {**body, **changes}


def items(database: Any, person: Person, now: datetime) -> list[tuple[str, str, int]]:
    with database.reading() as session:
        return [(item.title, item.status, item.sequence) for item in agenda.upcoming(session, person, now)]


def tasks(database: Any, person: Person) -> list[str]:
    with database.reading() as session:
        return [task.words.en for task, _ in agenda.waiting(session, session.get(Person, person.id))]


def test_every_fact_read_here_is_told_by_its_owner_with_the_fields_read() -> None:
    for kind, heard in listeners.by_type.items():
        facts: dict[str, type[Fact]] = {fact.type: fact for fact in OWNERS[kind.split(".")[0]]}
        assert kind in facts, f"nobody tells {kind}"
        for listener in heard:
            for name, read in listener.part().fields.items():
                told = facts[kind]().fields.get(name)
                assert told is not None, f"{kind} has no {name}"
                assert not read.required or told.required, f"{kind}.{name} may be absent"


def test_every_state_of_the_owners_has_words_here() -> None:
    assert set(fleet.terms.STATUSES) <= set(agenda.STATES["fleet"])
    assert set(venues.vocabulary.STATUSES) <= set(agenda.STATES["venues"])


def test_a_requested_car_stands_on_my_agenda_and_waits_for_the_supervisors_of_my_agency(
    tell: Any, database: Any, residents: Any, now: datetime
) -> None:
    tell("fleet.trip_requested.v1", **trip(now, residents))
    assert items(database, residents["officer"], now) == [("用車：市議會", "submitted", 1)]
    assert tasks(database, residents["supervisor"]) == ["Trips for you to approve"]
    assert tasks(database, residents["supervisor2"]) == []
    assert tasks(database, residents["officer"]) == []


def test_what_waits_moves_on_with_the_trip(tell: Any, database: Any, residents: Any, now: datetime) -> None:
    driver = str(residents["driver"].id)
    tell("fleet.trip_requested.v1", **trip(now, residents))
    tell("fleet.trip_approved.v1", **trip(now, residents, status="approved", rev=2))
    assert tasks(database, residents["supervisor"]) == []
    assert tasks(database, residents["dispatcher"]) == ["Trips to assign"]
    tell(
        "fleet.trip_assigned.v1",
        **trip(now, residents, status="assigned", rev=3, driver_person_id=driver, vehicle_label="EAA-1075"),
    )
    assert tasks(database, residents["dispatcher"]) == []
    assert tasks(database, residents["driver"]) == ["Jobs to accept"]
    assert items(database, residents["driver"], now) == [("出車：市議會", "assigned", 3)]
    tell("fleet.trip_finished.v1", **trip(now, residents, status="finished", rev=6, driver_person_id=driver))
    assert tasks(database, residents["officer"]) == ["Trips for you to sign off"]
    tell("fleet.trip_signed_off.v1", **trip(now, residents, status="signed_off", rev=7, driver_person_id=driver))
    assert tasks(database, residents["officer"]) == []


def test_a_driver_who_lost_the_job_has_it_cancelled_and_the_new_one_gets_it(
    tell: Any, database: Any, residents: Any, now: datetime
) -> None:
    first, second = residents["driver"], residents["driver2"]
    tell("fleet.trip_assigned.v1", **trip(now, residents, status="assigned", rev=3, driver_person_id=str(first.id)))
    tell("fleet.trip_assigned.v1", **trip(now, residents, status="assigned", rev=4, driver_person_id=str(second.id)))
    assert items(database, first, now) == []
    assert items(database, second, now) == [("出車：市議會", "assigned", 4)]
    with database.reading() as session:
        lost = session.scalars(select(AgendaItem).where(AgendaItem.person_id == first.id)).one()
    assert (lost.cancelled, lost.sequence) == (True, 4)


def test_a_cancelled_trip_leaves_the_agenda_and_nobody_waits(
    tell: Any, database: Any, residents: Any, now: datetime
) -> None:
    driver = str(residents["driver"].id)
    tell("fleet.trip_assigned.v1", **trip(now, residents, status="assigned", rev=3, driver_person_id=driver))
    tell("fleet.trip_cancelled.v1", **trip(now, residents, status="cancelled", rev=4, driver_person_id=driver))
    assert items(database, residents["officer"], now) == items(database, residents["driver"], now) == []
    with database.reading() as session:
        assert session.scalars(select(WaitingItem)).all() == []
        assert [item.sequence for item in agenda.lately(session, residents["officer"], now)] == [4]


def test_a_venue_application_waits_for_the_venue_officer_then_for_the_applicant(
    tell: Any, database: Any, residents: Any, now: datetime
) -> None:
    tell("venues.booking_submitted.v1", **booking(now, residents))
    assert tasks(database, residents["venues"]) == ["Venue applications to decide"]
    tell("venues.booking_approved.v1", **booking(now, residents, status="awaiting_insurance", rev=2))
    assert tasks(database, residents["group"]) == ["Insurance to take out"]
    tell("venues.booking_changed.v1", **booking(now, residents, status="awaiting_payment", rev=3))
    assert tasks(database, residents["group"]) == ["Fees to pay"]
    tell("venues.booking_lapsed.v1", **booking(now, residents, status="lapsed", rev=4))
    assert tasks(database, residents["group"]) == []
    assert items(database, residents["group"], now) == []


def test_a_meeting_given_back_in_its_midst_has_ended_and_before_it_is_cancelled(
    tell: Any, database: Any, residents: Any, now: datetime
) -> None:
    body = {
        "meeting_id": "5", "rev": 1, "booked_by_id": str(residents["officer"].id), "room": "N206", "room_en": "N206", "title": "小組會議",
        "starts_at": (now + timedelta(hours=1)).isoformat(), "ends_at": (now + timedelta(hours=3)).isoformat(),
    }  # fmt: skip
    tell("venues.meeting_booked.v1", **body)
    tell("venues.meeting_released.v1", at=now + timedelta(hours=2), **{**body, "rev": 2})
    with database.reading() as session:
        item = session.scalars(select(AgendaItem)).one()
        assert (item.cancelled, item.ends_at) == (False, now + timedelta(hours=2))
    tell("venues.meeting_booked.v1", **{**body, "meeting_id": "6"})
    tell("venues.meeting_released.v1", **{**body, "meeting_id": "6", "rev": 2})
    with database.reading() as session:
        assert session.scalars(select(AgendaItem.cancelled).where(AgendaItem.subject == "meeting/6")).one()


def test_a_room_offer_waits_for_its_receiver_and_becomes_the_day_of_moving_in(
    tell: Any, database: Any, residents: Any, now: datetime
) -> None:
    offer = {"offer_id": "2", "person_id": str(residents["staff"].id), "room": "西園 305", "room_en": "Xiyuan 305"}
    tell("dorms.offer_made.v1", accept_by=(now + timedelta(days=15)).isoformat(), **offer)
    assert tasks(database, residents["staff"]) == ["A room for you to accept"]
    tell("dorms.offer_accepted.v1", stay_from="2026-12-15", **offer)
    assert tasks(database, residents["staff"]) == []
    assert items(database, residents["staff"], now) == [("遷入宿舍：西園 305", "accepted", 1)]
    tell("dorms.offer_made.v1", accept_by=(now + timedelta(days=15)).isoformat(), **{**offer, "offer_id": "3"})
    tell("dorms.offer_lapsed.v1", **{**offer, "offer_id": "3"})
    assert tasks(database, residents["staff"]) == []


def test_the_day_to_move_out_stands_on_the_agenda_until_the_room_came_back(
    tell: Any, database: Any, residents: Any, now: datetime
) -> None:
    stay = {"tenancy_id": "4", "offer_id": "2", "person_id": str(residents["staff"].id), "room": "西園 305"}
    stay |= {"room_en": "Xiyuan 305", "leave_by": "2026-12-23"}
    tell("dorms.tenancy_leaving.v1", **stay)
    tell("dorms.tenancy_leaving_extended.v1", **{**stay, "leave_by": "2026-12-30"})
    with database.reading() as session:
        item = session.scalars(select(AgendaItem).where(AgendaItem.subject == "tenancy/4")).one()
        assert (item.title, item.status, today(item.starts_at).day) == ("遷出並點交宿舍：西園 305", "leaving", 30)
    tell("dorms.tenancy_handed_back.v1", **stay)
    with database.reading() as session:
        item = session.scalars(select(AgendaItem).where(AgendaItem.subject == "tenancy/4")).one()
        assert (item.cancelled, item.status) == (True, "handed_back")


def test_a_place_drawn_or_passed_on_waits_for_its_firms_answer(
    tell: Any, database: Any, residents: Any, now: datetime
) -> None:
    firm = residents["officer"]
    body = {
        "registration_id": "7", "round_id": "3", "round_title": "115年1月起臨時攤位", "round_title_en": "Stalls",
        "person_id": str(firm.id), "status": "selected",
    }  # fmt: skip
    tell("venues.registration_selected.v1", **body)
    assert tasks(database, firm) == ["A place for you to accept"]
    tell("venues.registration_accepted.v1", **{**body, "status": "holding"})  # without rent the place is had at once
    assert tasks(database, firm) == []
    for number in ("8", "9"):
        tell("venues.registration_moved_up.v1", **{**body, "registration_id": number, "round_id": number})
    tell("venues.registration_withdrawn.v1", **{**body, "registration_id": "8", "round_id": "8", "status": "lapsed"})
    with database.reading() as session:
        assert [row.url for row in session.scalars(select(WaitingItem))] == ["/venues/registrations/9"]
    tell("venues.round_cancelled.v1", round_id="9")
    assert tasks(database, firm) == []


def test_papers_asked_for_and_rent_due_wait_for_the_firm_until_they_are_done(
    tell: Any, database: Any, residents: Any, now: datetime
) -> None:
    firm = residents["officer"]

    def told(event: str, status: str) -> list[str]:
        tell(
            f"venues.registration_{event}.v1", registration_id="7", round_id="3", round_title="115年1月起臨時攤位",
            round_title_en="Stalls", person_id=str(firm.id), status=status,
        )  # fmt: skip
        return tasks(database, firm)

    assert told("supplement_needed", "supplement_needed") == ["Papers to add for a round"]
    assert told("papers_sent", "submitted") == []
    assert told("supplement_needed", "supplement_needed") == ["Papers to add for a round"]
    assert told("decided", "ineligible") == []  # it lapsed
    assert told("selected", "selected") == ["A place for you to accept"]
    assert told("accepted", "accepted") == ["Rent of a place to pay"]
    assert told("settled", "holding") == []
    assert told("accepted", "accepted") == ["Rent of a place to pay"]
    assert told("finished", "finished") == []


def test_the_same_fact_twice_changes_nothing(tell: Any, database: Any, residents: Any, now: datetime) -> None:
    for _ in range(2):
        tell("fleet.trip_requested.v1", **trip(now, residents))
    with database.reading() as session:
        assert len(session.scalars(select(AgendaItem)).all()) == 1
        assert len(session.scalars(select(WaitingItem)).all()) == 1


def test_a_car_back_at_ten_is_no_longer_ahead_at_ten(tell: Any, database: Any, residents: Any, now: datetime) -> None:
    tell(
        "fleet.trip_requested.v1",
        **trip(now, residents, starts_at=(now - timedelta(hours=1)).isoformat(), ends_at=now.isoformat()),
    )
    assert items(database, residents["officer"], now) == []
    assert len(items(database, residents["officer"], now - timedelta(microseconds=1))) == 1


def test_the_home_page_shows_the_agenda_and_what_waits_in_both_languages(
    tell: Any, browser: Any, residents: Any, now: datetime
) -> None:
    tell("fleet.trip_requested.v1", **trip(now, residents))
    tell("venues.booking_submitted.v1", **booking(now, residents, applicant_id=str(residents["officer"].id)))
    page = browser("officer").get("/?lang=zh").text
    assert page.index("用車：市議會") < page.index("春季音樂會")
    assert "待主管核可" in page
    assert "Awaiting approval" in browser("officer").get("/?lang=en").text
    waiting = browser("supervisor").get("/").text
    assert "待你核可的用車" in waiting
    assert "/fleet/trips/31" in waiting


def test_a_stranger_sees_what_can_be_done_and_nobodys_bookings(
    tell: Any, browser: Any, residents: Any, now: datetime
) -> None:
    tell("fleet.trip_requested.v1", **trip(now, residents))
    page = browser().get("/").text
    assert "市議會" not in page
    assert "/sign-in" in page


def feed(browser: Any, username: str) -> Any:
    mine = browser(username)
    mine.token = cookie(mine, "citykeys_token")
    path = mine.api("POST", "/feeds", {"kind": "my"}).json["url"].removeprefix("http://localhost")
    return lambda **headers: browser().get(path, headers=headers)


def test_my_feed_has_my_bookings_and_nobody_elses(tell: Any, browser: Any, residents: Any, now: datetime) -> None:
    tell("fleet.trip_requested.v1", **trip(now, residents))
    tell("venues.booking_submitted.v1", **booking(now, residents))
    events = Calendar.from_ical(feed(browser, "officer")().data).walk("VEVENT")
    assert [(str(event["UID"]), str(event["SUMMARY"]), event["SEQUENCE"]) for event in events] == [
        ("fleet-trip-31@citykeys", "用車：市議會", 1)
    ]


def test_a_change_raises_the_sequence_and_a_cancelled_booking_stays_thirty_days(
    tell: Any, browser: Any, residents: Any, now: datetime, clock: Any
) -> None:
    tell("fleet.trip_requested.v1", **trip(now, residents))
    read = feed(browser, "officer")
    before = read()
    assert read(**{"If-None-Match": before.headers["ETag"]}).status_code == 304
    tell("fleet.trip_cancelled.v1", **trip(now, residents, status="cancelled", rev=2))
    after = read(**{"If-None-Match": before.headers["ETag"]})
    event = Calendar.from_ical(after.data).walk("VEVENT")[0]
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 2)
    assert "已取消" in str(event["SUMMARY"])
    clock.tick(days=29)
    assert len(Calendar.from_ical(read().data).walk("VEVENT")) == 1
    clock.tick(days=2)
    assert Calendar.from_ical(read().data).walk("VEVENT") == []


def test_who_drives_their_own_trip_sees_it_once(tell: Any, browser: Any, residents: Any, now: datetime) -> None:
    mine = str(residents["driver"].id)
    tell("fleet.trip_assigned.v1", **trip(now, residents, status="assigned", requester_id=mine, driver_person_id=mine))
    assert len(Calendar.from_ical(feed(browser, "driver")().data).walk("VEVENT")) == 1


def test_every_kind_of_fact_about_a_trip_or_booking_is_heard() -> None:
    only_about_the_driver = {f"fleet.trip_{event}.v1" for event in ("reminded", "seen", "escalated")}
    assert (
        set(TRIP_FACTS)
        == {fact.type for fact in fleet.messages.FACTS if fact.type.startswith("fleet.trip_")} - only_about_the_driver
    )
    assert set(BOOKING_FACTS) == {
        fact.type for fact in venues.messages.FACTS if fact.type.startswith("venues.booking_")
    }
