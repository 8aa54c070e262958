"""Rooms looked at: the joint check after a meeting (M-06), and spot checks that count among the findings (M-07)."""

from html import unescape

import pytest

from common.audit import AuditEntry
from common.errors import Conflict, Forbidden, Invalid, NotFound
from tests.venues.rooms_helpers import TUESDAY, at, span
from venues import meeting_rooms, misuse, room_checks, room_rules
from venues.models import Venue

LATER = at(TUESDAY, "10:05")


def check(meet, meeting, who="venues", now=LATER, **told):
    wished = {"restored": True, "clean": True, **told}
    return room_checks.record_check(meet.session, meet.people[who], now, meeting.id, **wished)


def look(meet, meeting, found="empty", who="venues", now=None, **told):
    when = now or at(TUESDAY, "09:20")
    return room_checks.record_look(meet.session, meet.people[who], when, meeting.id, found=found, **told)


def test_the_rooms_manager_keeps_how_it_was_found_once_the_meeting_is_over(meet):
    meeting = meet.book()
    with pytest.raises(Conflict, match="once the meeting is over"):
        check(meet, meeting, now=at(TUESDAY, "09:59"))
    kept = check(meet, meeting, clean=False, damage="投影機燈泡", present="王科員")
    assert (kept.restored, kept.clean, kept.damage, kept.in_order, kept.at) == (True, False, "投影機燈泡", False, LATER)
    with pytest.raises(Conflict, match="already"), meet.session.begin_nested():
        check(meet, meeting)
    (entry,) = meet.session.query(AuditEntry).filter_by(action="room_checked")
    assert entry.after["damage"] == "投影機燈泡"


def test_an_officer_of_the_agency_that_manages_the_room_checks_it_too_and_nobody_else(meet):
    meeting = meet.book("officer")
    meeting.room.manager_id = meet.people["officer2"].agency_id
    assert check(meet, meeting, who="officer2").in_order
    other = meet.book("officer", room="0301")
    other.room.manager_id = meet.people["officer"].agency_id
    with pytest.raises(Forbidden):
        check(meet, other, who="officer")
    with pytest.raises(NotFound):
        check(meet, other, who="officer2")


def test_a_meeting_given_back_before_it_began_has_nothing_to_check(meet):
    early, short = meet.book(), meet.book(room="0301")
    meeting_rooms.release(meet.session, meet.people["officer"], meet.now, early.id)
    with pytest.raises(Conflict, match="never had its room"):
        check(meet, early)
    meeting_rooms.release(meet.session, meet.people["officer"], at(TUESDAY, "09:30"), short.id)
    assert check(meet, short, now=at(TUESDAY, "09:40")).in_order


def test_a_spot_check_says_who_looked_and_what_was_found(meet):
    meeting = meet.book()
    with pytest.raises(Conflict, match="has begun"):
        look(meet, meeting, now=at(TUESDAY, "08:59"))
    with pytest.raises(Invalid) as refused:
        look(meet, meeting, "other_use")
    assert refused.value.errors[0].field == "note"
    with pytest.raises(Forbidden):
        look(meet, meeting, who="officer")
    look(meet, meeting, "in_order")
    look(meet, meeting, "other_use", note="堆放紙箱", now=at(TUESDAY, "09:40"))
    kept = room_checks.spot_checks(meet.session, [meeting.id])
    assert [(one.found, one.note, one.by_id) for one in kept] == [
        ("in_order", "", meet.people["venues"].id),
        ("other_use", "堆放紙箱", meet.people["venues"].id),
    ]


def test_what_a_spot_check_found_is_a_finding_that_the_officer_judges_and_is_found_once(meet):
    fine, empty = meet.book(room="0301", title="甲"), meet.book(title="乙")
    look(meet, fine, "in_order")
    assert misuse.found(meet.session, LATER) == []
    look(meet, empty)
    (found,) = misuse.found(meet.session, LATER)
    assert (found.kind, found.meeting_ids, found.person_id) == ("spot_check", (empty.id,), meet.people["officer"].id)
    breach = misuse.decide(
        meet.session, meet.people["venues"], LATER, key=found.key, decision="confirmed", reason="抽查時無人"
    )
    assert (breach.kind, breach.number) == ("spot_check", 1)
    assert misuse.found(meet.session, LATER) == []


def test_how_many_spot_checks_are_looked_into_is_a_parameter(meet):
    first, second = meet.book(title="甲"), meet.book(room="0301", title="乙")
    room_rules.set_value(
        meet.session, meet.people["venues"], meet.now, key="room.spot_check_times", value=2, valid_from=meet.now.date()
    )
    look(meet, first)
    assert misuse.found(meet.session, LATER) == []
    look(meet, second)
    assert [one.kind for one in misuse.found(meet.session, LATER)] == ["spot_check"]


@pytest.fixture
def meeting(client, database, ids, clock):
    """A meeting of the officer's that has begun; its number."""

    def unreserve(session):
        for room in session.query(Venue).filter_by(kind="room"):
            room.reserved_weekday = None

    database.transact(unreserve)
    told = {
        "venue_id": str(ids["n206"]), "starts_at": span().starts_at.isoformat(), "ends_at": span().ends_at.isoformat(),
        "title": "協調會", "attendees": 8,
    }  # fmt: skip
    answer = client(as_="officer").api("POST", "/meetings", told)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    clock.now = at(TUESDAY, "09:20")
    return answer.get_json()["id"]


def text(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return unescape(answer.get_data(as_text=True))


def test_both_are_recorded_on_the_meetings_page_and_judged_at_fair_use(meeting, client, clock):
    desk, page = client(as_="venues"), f"/meetings/{meeting}"
    assert "存點檢紀錄" not in text(desk.get(page))
    assert "請寫明實際用途" in text(desk.submit(f"{page}/spot-checks", {"found": "other_use"}), 422)
    assert desk.submit(f"{page}/spot-checks", {"found": "other_use", "note": "放紙箱"}).status_code == 303
    assert client(as_="officer").submit(f"{page}/spot-checks", {"found": "empty"}).status_code == 403
    clock.now = LATER
    desk, officer = client(as_="venues"), client(as_="officer")
    typed = {"restored": "1", "damage": "桌腳鬆動", "present": "王科員"}
    assert desk.submit(f"{page}/check", typed).status_code == 303
    assert desk.submit(f"{page}/check", typed).status_code == 409
    told = text(officer.get(page))
    assert "桌腳鬆動" in told and "要處理" in told and "作其他用途" in told and "登錄抽查" not in told
    assert "Joint check" in text(officer.get(f"{page}?lang=en"))
    assert "放紙箱" in text(desk.get("/rooms/fairness"))


def test_programs_record_and_read_both(meeting, client, clock):
    desk, page = client(as_="venues"), f"/meetings/{meeting}"
    looked = desk.api("POST", f"{page}/spot-checks", {"found": "in_order"})
    assert looked.status_code == 201, looked.get_data(as_text=True)
    assert desk.api("GET", f"{page}/checks").get_json()["check"] is None
    clock.now = LATER
    desk = client(as_="venues")
    checked = desk.api("POST", f"{page}/check", {"restored": True, "clean": True, "present": "王科員"})
    assert checked.status_code == 201 and checked.get_json()["in_order"] is True
    told = client(as_="officer").api("GET", f"{page}/checks").get_json()
    assert told["check"]["present"] == "王科員" and [one["found"] for one in told["spot_checks"]] == ["in_order"]
    assert client(as_="group").api("GET", f"{page}/checks").status_code == 404
