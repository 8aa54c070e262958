"""Named operators who book rooms for an agency (M-09), and what is eaten at a meeting (M-11)."""

from html import unescape

import pytest

from common.audit import AuditEntry
from common.errors import Forbidden, Invalid, NotFound, Stale
from tests.venues.rooms_helpers import TUESDAY, span
from venues import meeting_changes, meeting_rooms, operators, room_rules
from venues.models import Venue
from venues.operators import NotAnOperator


def name(meet, *who, by="supervisor", agency=None, **told):
    people = [meet.people[each].id for each in who]
    where = agency or meet.people["officer"].agency_id
    return operators.set_for(meet.session, meet.people[by], meet.now, where, person_ids=people, **told)


def test_while_nobody_is_named_every_colleague_books_and_then_only_the_named_ones(meet):
    assert meet.book("staff", room="0301").agency_id == meet.people["officer"].agency_id
    name(meet, "officer", "supervisor")
    assert meet.book("officer").status == "booked"
    with pytest.raises(NotAnOperator, match="M-09") as refused:
        meet.book("staff", room="0402", period=span("14:00", "15:00"))
    for operator in ("officer", "supervisor"):
        assert meet.people[operator].name in refused.value.words.zh
        assert meet.people[operator].name_en in refused.value.words.en
    assert meet.book("officer2", period=span("11:00", "12:00")).status == "booked", "another agency's list is its own"
    name(meet, rev=1)
    assert meet.book("staff", room="0402", period=span("14:00", "15:00")).status == "booked"


def test_whoever_is_not_named_moves_no_meeting_either_but_may_still_correct_its_title(meet):
    meeting = meet.book("staff")
    name(meet, "officer", "supervisor")
    act = (meet.session, meet.people["staff"], meet.now, meeting.id)
    same = {"room_id": meeting.room_id, "attendees": 10}
    with pytest.raises(NotAnOperator):
        meeting_changes.change(*act, period=span("14:00", "15:00"), title="協調會", **same)
    assert meeting_changes.change(*act, period=meeting.period, title="改過的名稱", **same).title == "改過的名稱"
    meeting_rooms.release(*act)


def test_two_or_three_are_named_of_the_own_agency_by_its_supervisor_or_the_desk(meet):
    for wrong in (("officer",), ("officer", "officer2")):
        with pytest.raises(Invalid) as refused:
            name(meet, *wrong)
        assert refused.value.errors[0].field == "person_ids"
    for stranger in ("officer", "supervisor2", "group"):
        with pytest.raises(Forbidden):
            name(meet, "officer", "supervisor", by=stranger)
    with pytest.raises(Forbidden):
        name(meet, "officer", "supervisor", agency=meet.people["officer2"].agency_id)
    with pytest.raises(NotFound):
        name(meet, by="venues", agency=meet.people["group"].agency_id)
    row = name(meet, "officer", "supervisor", "staff", by="venues")
    with pytest.raises(Stale):
        name(meet, rev=row.rev + 1)
    key = {"key": "room.operators_least", "value": 1, "valid_from": meet.now.date()}
    room_rules.set_value(meet.session, meet.people["venues"], meet.now, **key)
    name(meet, "staff", rev=row.rev)
    assert [one.username for one in operators.named(meet.session, row.agency_id)] == ["staff"]
    entries = meet.session.query(AuditEntry).filter_by(action="room_operators_set").order_by(AuditEntry.id).all()
    assert [len(each.after["person_ids"]) for each in entries] == [3, 1] and len(entries[1].before["person_ids"]) == 3


@pytest.fixture
def rooms(database, ids):
    """Rooms' ids by code; none keeps a day for its agency."""

    def unreserve(session):
        for room in session.query(Venue).filter_by(kind="room"):
            room.reserved_weekday = None

    database.transact(unreserve)
    return ids


def text(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return unescape(answer.get_data(as_text=True))


def test_the_desk_names_them_on_the_page_and_the_rooms_page_tells_the_others(client, rooms, people):
    desk, officer, own = client(as_="venues"), client(as_="officer"), people["officer"].agency_id
    colleague = people["staff"]
    page = f"/rooms/operators?agency_id={own}"
    assert "沒有指定，同仁都可登記" in text(desk.get(page))
    assert "沒有指定" in text(client(as_="supervisor").get("/rooms/operators"))
    few = {"agency_id": str(own), "person_ids": [str(colleague.id)]}
    assert "請選 2 到 3 位" in text(desk.submit("/rooms/operators", few), 422)
    least = {"key": "room.operators_least", "value": "1", "valid_from": "2026-11-23"}
    assert desk.submit("/rooms/parameters", least).status_code == 303
    assert desk.submit("/rooms/operators", few).status_code == 303
    assert colleague.name in text(officer.get(f"/rooms/{rooms['n206']}"))
    told = text(officer.get("/meetings?lang=en"))
    assert "M-09" in told and colleague.name_en in told
    assert officer.get("/rooms/operators").status_code == 403
    assert desk.get(f"/rooms/operators?agency_id={people['group'].agency_id}").status_code == 404


def test_programs_name_them_and_read_who_they_are(client, people):
    own = people["officer"].agency_id
    path = f"/agencies/{own}/room-operators"
    assert client(as_="officer").api("GET", path).get_json() == {"agency_id": str(own), "person_ids": [], "rev": None}
    assert client(as_="officer").api("POST", path, {"person_ids": []}).status_code == 403
    kept = client(as_="venues").api("POST", path, {"person_ids": []})
    assert kept.get_json()["rev"] == 1, kept.get_data(as_text=True)
    assert client(as_="group").api("GET", path).status_code == 404


def test_refreshments_are_told_with_the_meeting_and_stay_where_a_program_tells_none(client, rooms):
    officer = client(as_="officer")
    day = {"day": str(TUESDAY), "starts": "09:00", "ends": "10:30", "title": "協調會", "attendees": "12"}
    sent = officer.submit(f"/rooms/{rooms['n206']}/book", {**day, "refreshments": "便當 12 份（素 2）"})
    assert sent.status_code == 303, text(sent, 303)
    page = sent.headers["Location"].removeprefix("/venues")
    assert "便當 12 份（素 2）" in text(officer.get(page))
    told = officer.api("GET", page).get_json()
    assert told["refreshments"] == "便當 12 份（素 2）"
    again = {name: told[name] for name in ("venue_id", "title", "attendees", "starts_at", "ends_at")}
    assert officer.api("PATCH", page, again | {"title": "新名稱"}).get_json()["refreshments"] == "便當 12 份（素 2）"
    assert officer.api("PATCH", page, again | {"refreshments": ""}).get_json()["refreshments"] == ""
