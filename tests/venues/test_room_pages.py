"""The pages of rooms without a script: booking, changing, series, the door, checking in, the venue officer's desk."""

from html import unescape

import pytest

from tests.venues.rooms_helpers import TUESDAY, at, span
from tests.venues.test_pages import gathered, read
from venues import check_ins, meeting_rooms
from venues.models import Meeting, Venue

MEETING = {
    "day": "2026-11-24", "starts": "09:00", "ends": "10:30", "title": "跨局處協調會", "attendees": "12",
}  # fmt: skip


@pytest.fixture
def rooms(database, ids):
    """Rooms' ids by code; none keeps a day for its agency."""

    def unreserve(session):
        for room in session.query(Venue).filter_by(kind="room"):
            room.reserved_weekday = None

    database.transact(unreserve)
    return ids


@pytest.fixture
def officer(client):
    return client(as_="officer")


def booked(person, rooms, room="n206", **told):
    sent = person.submit(f"/rooms/{rooms[room]}/book", {**MEETING, **told})
    assert sent.status_code == 303, unescape(sent.get_data(as_text=True))[:3000]
    return sent.headers["Location"].removeprefix("/venues")


def text(answer, status=200):
    assert answer.status_code == status
    return unescape(answer.get_data(as_text=True))


def test_a_meeting_is_booked_changed_on_its_page_and_nothing_typed_is_lost(officer, client, rooms):
    page = booked(officer, rooms)
    form = read(officer.get(page)).form("/change")
    typed = {name: values[0] for name, values in gathered(form["fields"]).items()}
    assert (typed["title"], typed["starts"], typed["rev"]) == ("跨局處協調會", "09:00", "1")
    booked(client(as_="officer2"), rooms, starts="11:00", ends="12:00")
    wrong = officer.submit(f"{page}/change", {**typed, "starts": "11:00", "ends": "11:30", "title": "打過的字"})
    assert "打過的字" in text(wrong, 409) and "已有會議（11:00–12:00）" in text(wrong, 409)
    assert officer.submit(f"{page}/change", {**typed, "starts": "13:00", "ends": "14:00"}).status_code == 303
    assert "13:00–14:00" in text(officer.get(page))
    assert client(as_="officer2").get(page).status_code == 404


def test_a_series_shows_every_date_and_books_what_is_chosen(officer, client, rooms):
    booked(client(as_="officer2"), rooms, day="2026-12-01")
    asked = "&".join(f"{name}={value}" for name, value in MEETING.items())
    path = f"/rooms/{rooms['n206']}/series"
    page = read(officer.get(f"{path}?{asked}&every=1&until=2026-12-15&show=1"))
    fields = gathered(page.form("/series")["fields"]) if len(page.forms) == 1 else gathered(page.forms[-2]["fields"])
    fields = next(
        gathered(form["fields"]) for form in page.forms if form["method"] == "post" and "title" in dict(form["fields"])
    )
    assert [fields[f"on-{day}"][0] for day in ("2026-11-24", "2026-12-01", "2026-12-08")] == ["book", "skip", "book"]
    refused = officer.submit(path, {**fields, "on-2026-12-01": "book"})
    assert "12月1日" in text(refused, 409)
    sent = officer.submit(path, fields)
    assert sent.status_code == 303
    series = sent.headers["Location"].removeprefix("/venues")
    assert text(officer.get(series)).count("N206 會議室 ·") == 3
    assert officer.submit(f"{series}/cancel", {"from": "2026-12-08"}).status_code == 303
    assert text(officer.get(series)).count("已釋出") >= 2


def test_the_door_names_what_may_be_named_and_never_a_person(officer, client, rooms, clock):
    stranger, door = client(), f"/rooms/{rooms['n206']}/door"
    booked(officer, rooms, chair="王科長")
    private = booked(officer, rooms, starts="10:30", ends="11:00", title="人事案", private="1")
    clock.now = at(TUESDAY, "08:50")
    free = text(stranger.get(door))
    assert "空著" in free and "到 09:00" in free and "跨局處協調會" in free and "<svg" in free
    clock.now = at(TUESDAY, "09:05")
    busy = text(stranger.get(f"{door}?lang=en"))
    assert "In use" in busy and "09:00–10:30" in busy and "Nobody has checked in yet" in busy and "Secretariat" in busy
    for hidden in ("王科長", "林小禾", "人事案", "http-equiv"):
        assert hidden not in busy
    assert 'data-renew="30"' in busy and private
    renewed = text(stranger.get(door, headers={"X-Partial": "1"}))
    assert "使用中" in renewed and "<style" not in renewed and "<svg" not in renewed


def test_the_code_on_the_door_leads_to_checking_in(officer, client, rooms, clock, database):
    page = booked(officer, rooms)
    clock.now = at(TUESDAY, "08:50")
    here = f"/rooms/{rooms['n206']}/here"
    form = read(client(as_="staff").get(here)).form("/here")
    assert client(as_="staff").submit(here, gathered(form["fields"])).status_code == 303
    assert "已報到 08:50" in text(client(as_="officer").get(here))
    assert "現在在這間沒有會議" in text(client(as_="officer2").get(here))
    with database.reading() as session:
        assert session.get(Meeting, int(page.rsplit("/", 1)[1])).checked_in_at == clock.now


def test_the_week_is_read_in_one_query_and_shows_every_room(officer, client, rooms, database):
    booked(officer, rooms)
    for visitor in (client(), officer):
        page = text(visitor.get("/rooms/week?day=2026-11-24"))
        assert page.count('<th scope="row">') == 39 and "09:00–10:30" in page
    assert "跨局處協調會" in page
    assert "跨局處協調會" not in text(client(as_="officer2").get("/rooms/week?day=2026-11-24"))
    assert text(client().get("/rooms/week?floor=2")).count('<th scope="row">') == 6


def test_the_desk_shows_today_and_takes_a_room_over(officer, client, rooms, clock):
    desk = client(as_="venues")
    booked(officer, rooms, day="2026-11-23", starts="14:00", ends="15:00")
    assert "稍後" in text(desk.get("/rooms/today"))
    booked(officer, rooms)
    asked = f"venue_id={rooms['n206']}&day=2026-11-24&starts=09:00&ends=10:00"
    assert "移到" in text(desk.get(f"/rooms/take-over?{asked}"))
    typed = {
        "venue_id": rooms["n206"], "day": "2026-11-24", "starts": "09:00", "ends": "10:00", "title": "市政會議",
        "chair": "mayor", "attendees": "10", "reason": "市長召開",
    }  # fmt: skip
    assert officer.submit("/rooms/take-over", typed).status_code == 403
    assert "請填" in text(desk.submit("/rooms/take-over", {**typed, "reason": ""}), 422)
    assert desk.submit("/rooms/take-over", typed).status_code == 303


def test_the_desk_closes_for_duty_sets_parameters_and_a_rooms_card(officer, client, rooms, database):
    desk = client(as_="venues")
    booked(officer, rooms, room="0204")
    span_ = {"starts_on": "2026-11-24", "starts": "06:00", "ends_on": "2026-11-24", "ends": "22:00"}
    shown = "&".join(f"{name}={value}" for name, value in span_.items())
    assert "跨局處協調會" in text(desk.get(f"/rooms/duties?{shown}"))
    assert desk.submit("/rooms/duties", {**span_, "reason": "颱風", "move": "1"}).status_code == 303
    assert "移走 1 場" in text(desk.get("/rooms/duties"))
    told = {"key": "room.grace_minutes", "value": "20", "valid_from": "2026-12-01"}
    assert desk.submit("/rooms/parameters", told).status_code == 303
    assert "12月1日" in text(desk.get("/rooms/parameters"))
    assert officer.submit("/rooms/parameters", told).status_code == 403
    card = {"max_people": "30", "reserved_weekday": "3", "features": ["mic", "projector"]}
    assert desk.submit(f"/rooms/{rooms['0301']}/card", card).status_code == 303
    with database.reading() as session:
        room = session.get(Venue, rooms["0301"])
        assert (room.max_people, room.reserved_weekday, room.features, room.duty_room) == (
            30,
            3,
            ["mic", "projector"],
            False,
        )


def test_the_managing_agency_answers_on_its_page(client, rooms, database, people, now):
    def ask(session):
        room = session.get(Venue, rooms["0301"])
        room.reserved_weekday, room.manager_id = TUESDAY.weekday(), people["officer"].agency_id
        session.flush()
        told = {"room_id": room.id, "period": span(), "title": "外機關會議", "attendees": 8}
        return meeting_rooms.book(session, session.merge(people["officer2"], load=False), now, **told).id

    database.transact(ask)
    officer = client(as_="officer")
    assert "等你同意" in text(officer.get("/meetings"))
    page = read(officer.get("/rooms/agreements"))
    form = page.form("/answer")
    assert client(as_="officer2").submit(form["action"].removeprefix("/venues"), {"agree": "1"}).status_code == 403
    fields = gathered(form["fields"])
    assert officer.submit(form["action"].removeprefix("/venues"), {**fields, "agree": "1"}).status_code == 303
    assert "同意" in text(client(as_="officer2").get("/rooms/agreements"))


def test_the_desk_judges_a_finding_and_the_person_reads_why(officer, client, rooms, database, clock):
    for day in ("2026-11-24", "2026-11-25", "2026-11-26"):
        booked(officer, rooms, day=day)
    for day in (24, 25, 26):
        moment = at(TUESDAY.replace(day=day), "09:15")
        database.transact(lambda session, moment=moment: check_ins.release_unused(session, moment))
    clock.now = at(TUESDAY.replace(day=27), "08:00")
    desk = client(as_="venues")
    fields = gathered(read(desk.get("/rooms/fairness")).form("/fairness")["fields"])
    sent = desk.submit("/rooms/fairness", {**fields, "decision": "confirmed", "reason": "三次未到"})
    assert sent.status_code == 303
    assert "停止登記中" in text(desk.get("/rooms/fairness"))
    officer = client(as_="officer")  # whose token of Monday is too old by now
    assert "暫停登記會議室" in text(officer.get("/meetings"))
    assert "第 1 次" in text(officer.submit(f"/rooms/{rooms['n206']}/book", {**MEETING, "day": "2026-11-30"}), 403)
    lift = read(desk.get("/rooms/fairness")).form("/lift")
    assert (
        desk.submit(lift["action"].removeprefix("/venues"), {**gathered(lift["fields"]), "reason": "改善"}).status_code
        == 303
    )
    booked(officer, rooms, day="2026-11-30")


def test_the_code_on_a_door_checks_in_to_that_rooms_meetings_only(client, rooms, clock):
    meeting = booked(client(as_="officer"), rooms)
    clock.now = at(TUESDAY, "08:55")
    officer = client(as_="officer")
    number = meeting.rpartition("/")[2]
    elsewhere = officer.submit(f"/rooms/{rooms['0301']}/here", {"meeting_id": number})
    assert elsewhere.status_code == 409 and "N206" in elsewhere.get_data(as_text=True)
    assert officer.submit(f"/rooms/{rooms['n206']}/here", {"meeting_id": number}).status_code == 303


def test_digits_of_other_scripts_are_no_numbers_and_no_error_of_ours(officer, rooms, client):
    for path in ("/rooms/week?floor=²", "/rooms?people=²", f"/rooms/{rooms['n206']}?people=²", "/rounds?cursor=²"):
        assert officer.get(path).status_code < 500, path
    assert officer.submit(f"/rooms/{rooms['n206']}/here", {"meeting_id": "²"}).status_code == 422
    for room in ("²", "9" * 30):
        sent = officer.submit(f"/rooms/{rooms['n206']}/series", {**MEETING, "on-2026-11-24": f"room {room}"})
        assert sent.status_code < 500, room
    assert officer.api("GET", "/meetings?cursor=²").status_code == 422
