"""Entering against others, following the contest, drawing it and choosing again: pages without a script, and operations."""

from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest

from tests.venues.test_pages import TYPED, applied, gathered, read
from venues import contests
from venues.models import Venue

MORNING = [("date", "2026-12-12"), ("slot", "morning")]
SEED = "27614.32"


@pytest.fixture
def atrium(ids):
    return f"/{ids['atrium']}"


@pytest.fixture
def city_only(database, ids):
    """No managing agency, so that both officers are of one class."""

    def change(session):
        session.get(Venue, ids["atrium"]).manager_id = None

    database.transact(change)


class AtWork:
    """Whoever is named, freshly signed in: days pass in these tests."""

    def __init__(self, client):
        self._client = client

    def __getitem__(self, name):
        return self._client(as_=name)


@pytest.fixture
def people_at_work(client):
    return AtWork(client)


def text(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return unescape(answer.get_data(as_text=True))


def entered(person, atrium, chosen=MORNING):
    """Step 1 tells of the rivals and offers to enter; then as ever."""
    assert "已有 1 件申請" in text(person.get(f"{atrium}/quote?{urlencode(chosen)}"))
    assert person.get(f"{atrium}/apply?{urlencode(chosen)}").status_code == 409
    details = read(person.get(f"{atrium}/apply?{urlencode([*chosen, ('may_contest', '1')])}")).form("/check")
    fields = [(name, value) for name, value in details["fields"] if name not in TYPED] + list(TYPED.items())
    page = person.get(f"{atrium}/check?{urlencode(fields)}")
    assert "沒抽中可以改選" in text(page)
    sent = person.submit(f"{atrium}/apply", gathered(read(page).form("/apply")["fields"]))
    assert sent.status_code == 303, sent.get_data(as_text=True)[:3000]
    return sent.headers["Location"]


def run_chores(database, at):
    database.transact(lambda session: contests.close_due(session, at))


def test_from_entering_to_the_draw_and_another_choice(people_at_work, atrium, city_only, database, clock):
    at = people_at_work
    one, two = applied(at["officer"], atrium, MORNING), entered(at["officer2"], atrium)
    for name, path in (("officer", one), ("officer2", two)):
        assert "同時段有 2 件申請" in text(at[name].get(path))
    desk = at["venues"]
    assert "核准" not in text(desk.get(one)).split("駁回")[0].split("<main")[1]
    listed = text(desk.get("/contests"))
    assert "2 件申請" in listed
    assert text(people_at_work["group"].get("/contests"), 403)
    told = desk.api("GET", "/contests").get_json()["items"][0]
    assert (told["state"], told["applications"], told["tickets"]) == ("open", 2, [])
    page = f"/contests/{told['id']}"
    assert "冬季合唱音樂會" in text(desk.get(page))
    assert "冬季合唱音樂會" not in text(people_at_work["group"].get(page))

    clock.tick(days=4)
    run_chores(database, clock.now)
    desk = at["venues"]
    told = desk.api("GET", page).get_json()
    assert (told["state"], len(told["tickets"]), told["seed"], told["order"]) == ("listed", 2, "", [])
    assert told["tickets_sha256"] in text(people_at_work["group"].get(page))
    early = desk.api("POST", f"{page}/draw", {"seed": SEED})
    assert (early.status_code, early.get_json()["status"]) == (409, 409)
    clock.tick(days=4)
    desk = at["venues"]
    empty = desk.submit(f"{page}/draw", {"seed": " ", "rev": told["rev"]})
    assert "請填寫" in text(empty, 422)
    assert desk.submit(f"{page}/draw", {"seed": SEED, "rev": told["rev"]}).status_code == 303
    told = desk.api("GET", page).get_json()
    assert (told["state"], told["right"], len(told["selected"]), len(told["waiting"])) == ("decided", True, 1, 1)
    shown = text(people_at_work["group"].get(page))
    assert SEED in shown and "順序相同" in shown

    lost, name = (one, "officer") if desk.api("GET", one).get_json()["status"] == "contested" else (two, "officer2")
    person = at[name]
    choose = read(person.get(f"{lost}/slots")).form("/slots")
    kept = gathered(choose["fields"])
    taken = person.submit(f"{lost}/slots", {**kept, "date": "2026-12-12", "slot": ["morning"]})
    assert "剛被別人申請走了" in text(taken, 409)
    done = person.submit(f"{lost}/slots", {**kept, "date": "2026-12-15", "slot": ["evening"]})
    assert done.status_code == 303
    assert person.api("GET", lost).get_json()["status"] == "submitted"


def test_the_operation_enters_only_when_asked_to(people_at_work, ids):
    body = {
        "venue_id": str(ids["atrium"]), "slots": [{"date": "2026-12-12", "slot": "morning"}], "event_name": "展",
        "event_kind": "文化", "attendees": 20,
    }  # fmt: skip
    assert people_at_work["group"].api("POST", "/bookings", body).status_code == 201
    assert people_at_work["officer"].api("POST", "/bookings", body).status_code == 409
    entered = people_at_work["officer"].api("POST", "/bookings", {**body, "may_contest": True})
    assert (entered.status_code, entered.get_json()["status"]) == (201, "contested")
    again = people_at_work["officer"].api("POST", "/bookings", {**body, "may_contest": True})
    assert again.status_code == 409
    number = entered.get_json()["id"]
    early = people_at_work["officer"].api("POST", f"/bookings/{number}/slots", {"slots": body["slots"]})
    assert early.status_code == 409
    assert people_at_work["group"].api("POST", "/contests/1/draw", {"seed": "x"}).status_code == 403
    assert people_at_work["group"].api("GET", "/contests/99").status_code == 404


def test_who_lost_has_until_the_deadline_shown(people_at_work, atrium, database, clock):
    lost = applied(people_at_work["group"], atrium, MORNING)
    entered(people_at_work["officer"], atrium)
    clock.tick(days=4)
    run_chores(database, clock.now)
    assert "改選時段" in text(people_at_work["group"].get(lost))
    clock.now += timedelta(days=8)
    assert people_at_work["group"].get(f"{lost}/slots").status_code == 303
