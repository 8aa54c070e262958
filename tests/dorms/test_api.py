"""Operations: the path of the contract, problem+json with fields, idempotency, revisions; and the calendar feeds."""

import hashlib
from datetime import date

import icalendar
import pytest

from common.identity import Feed
from common.words import Words
from dorms import occupancy

JSON = {
    "room_kind": "single",
    "grade": 7,
    "years_of_service": 5.5,
    "appraisals": ["甲", "A", "乙"],
    "dependants": 0,
    "home_status": "none",
    "preferences": ["xiyuan"],
}


# ── The API ───────────────────────────────────────────────────────────────────


def test_from_announcement_to_a_let_room_through_the_api(client, opened, clock):
    staff, officer = client(as_="staff"), client(as_="dorms")
    sent = staff.api("POST", "/applications", JSON)
    assert sent.status_code == 201, sent.json
    assert sent.json["appraisals"] == ["A", "A", "B"]
    points = staff.api("GET", f"/applications/{sent.json['id']}/points").json
    assert points["total"] == 28 + 30 + 5 + 10
    assert {"item", "basis", "value", "points", "rule"} <= set(points["lines"][0])
    clock.tick(days=1)
    staff, officer = client(as_="staff"), client(as_="dorms")
    early = officer.api("POST", f"/rounds/{opened}/ranking", {"seed": "23117.42"})
    assert (early.status_code, early.json["errors"][0]["field"]) == (409, "close_early_reason")
    ranked = officer.api(
        "POST", f"/rounds/{opened}/ranking", {"seed": "23117.42", "close_early_reason": "已無其他申請"}
    )
    assert ranked.status_code == 200, ranked.json
    assert {"tickets", "tickets_sha256", "seed", "seed_source", "algorithm", "order"} <= set(ranked.json["draw"])
    allotment = officer.api("POST", f"/rounds/{opened}/allotment", {})
    assert allotment.status_code == 201
    assert allotment.json["allotment"][0]["room_id"]
    assert staff.api("GET", f"/rounds/{opened}/allotment").json["allotment"] == allotment.json["allotment"]
    assert staff.api("GET", f"/rounds/{opened}/allotment/verification").json == {"ok": True, "faults": []}
    offer = staff.api("GET", "/offers").json["items"][0]
    assert staff.api("GET", "/deadlines").json["items"][0]["subject"] == f"offer/{offer['id']}"
    taken = staff.api("POST", f"/offers/{offer['id']}/accept", {"rev": offer["rev"]})
    assert taken.status_code == 200, taken.json
    now_let = staff.api("GET", "/occupancy").json
    assert (now_let["let"], now_let["to_let"], now_let["total"]) == (1, 3, 4)
    assert staff.api("GET", "/rooms?state=let").json["items"][0]["id"] == offer["room"]["id"]


def test_refusals_are_problem_json_with_the_field(client, opened):
    staff = client(as_="staff")
    answer = staff.api("POST", "/applications", {**JSON, "had_home_loan": True})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["errors"][0]["field"] == "had_home_loan"
    assert "D-04" in answer.json["errors"][0]["message"]
    answer = staff.api("POST", "/applications", {**JSON, "grade": 99, "appraisals": ["優"], "home_status": "castle"})
    assert {error["field"] for error in answer.json["errors"]} == {"grade", "appraisals.0", "home_status"}
    assert staff.api("POST", "/applications", {**JSON, "room_kind": "family"}).status_code == 409
    assert client().api("POST", "/applications", JSON).status_code == 401
    assert client(as_="group").api("POST", "/applications", JSON).status_code == 403


def test_the_same_key_applies_once(client, opened):
    staff = client(as_="staff")
    first = staff.api("POST", "/applications", JSON, idempotency_key="k1")
    again = staff.api("POST", "/applications", JSON, idempotency_key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert staff.api("POST", "/applications", {**JSON, "grade": 8}, idempotency_key="k1").status_code == 422
    assert staff.api("POST", "/applications", JSON, idempotency_key="k2").status_code == 409


def test_a_stale_revision_is_refused(client, allotted):
    staff = client(as_="staff")
    assert staff.api("POST", f"/offers/{allotted[0]}/accept", {"rev": 99}).status_code == 409
    assert staff.api("POST", f"/offers/{allotted[0]}/decline", {"rev": 1}).status_code == 200


def test_others_offers_are_not_there(client, allotted):
    other = client(as_="staff2")
    for verb in ("accept", "decline"):
        assert other.api("POST", f"/offers/{allotted[0]}/{verb}", {}).status_code == 404
    assert [offer["id"] for offer in other.api("GET", "/offers").json["items"]] == [str(allotted[1])]


def test_a_round_may_be_announced_with_its_registration_as_a_pair_or_by_name(client):
    officer = client(as_="dorms")
    span = ["2026-12-01T09:00:00+08:00", "2026-12-22T17:00:00+08:00"]
    pair = officer.api("POST", "/rounds", {"kind": "single", "registration": span})
    named = officer.api("POST", "/rounds", {"kind": "family", "registration": {"from": span[0], "until": span[1]}})
    assert (pair.status_code, named.status_code) == (201, 201)
    assert pair.json["registration"] == {"from": span[0], "until": span[1]} == named.json["registration"]
    assert client(as_="staff").api("POST", "/rounds", {"kind": "single", "registration": span}).status_code == 403


def test_rooms_are_listed_in_pages(client, opened):
    staff = client(as_="staff")
    first = staff.api("GET", "/rooms?limit=3").json
    rest = staff.api("GET", f"/rooms?limit=3&cursor={first['next']}").json
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [3, 1, None]
    assert staff.api("GET", "/rooms?cursor=x").status_code == 422
    assert staff.api("GET", "/rooms?date=2019-12-31").json["items"] == []


def test_every_operation_of_the_contract_is_documented(client):
    paths = client().get("/api/v1/openapi.json").json["paths"]
    documented = {operation["operationId"] for methods in paths.values() for operation in methods.values()}
    assert {
        "listRooms", "getOccupancy", "openRound", "applyForRoom", "explainPoints", "rankApplicants", "allotRooms",
        "getAllotment", "verifyAllotment", "acceptOffer", "declineOffer", "listDeadlines",
    } <= documented  # fmt: skip


# ── Calendars ─────────────────────────────────────────────────────────────────


@pytest.fixture
def feed(database, people):
    def make(name, kind):
        token = f"{name}-{kind}-0123456789abcdef"
        hashed = hashlib.sha256(token.encode()).hexdigest()
        row = Feed(token_sha256=hashed, person_id=people[name].id, service="dorms", kind=kind, ref="")
        database.transact(lambda session: session.add(row))
        return f"/feeds/{token}.ics"

    return make


def test_my_feed_holds_my_deadlines_and_nobody_elses(client, allotted, feed):
    url = feed("staff", "dorm")
    entries = icalendar.Calendar.from_ical(client().get(url).get_data()).walk("VEVENT")
    assert [str(entry["UID"]) for entry in entries] == [f"dorms-offer-{allotted[0]}@citykeys"]
    assert "西園" in entries[0]["SUMMARY"]
    etag = client().get(url).headers["ETag"]
    assert client().get(url, headers={"If-None-Match": etag}).status_code == 304
    client(as_="staff").submit(f"/offers/{allotted[0]}/accept")
    answer = client().get(url, headers={"If-None-Match": etag})
    entries = {str(entry["UID"]): entry for entry in icalendar.Calendar.from_ical(answer.get_data()).walk("VEVENT")}
    assert entries[f"dorms-offer-{allotted[0]}@citykeys"]["STATUS"] == "CANCELLED"
    assert int(entries[f"dorms-offer-{allotted[0]}@citykeys"]["SEQUENCE"]) == 1
    assert any(uid.startswith("dorm-move-in") for uid in entries)


def test_the_officers_feed_holds_every_deadline_without_names_and_is_for_officers_only(client, allotted, feed, people):
    body = client().get(feed("dorms", "dorms")).get_data(as_text=True)
    assert body.count("BEGIN:VEVENT") == 2
    assert people["staff"].name not in body
    assert client().get(feed("staff2", "dorms")).status_code == 404


# ── Files and stock ───────────────────────────────────────────────────────────


def test_the_officer_changes_a_rooms_state_and_reads_its_story(client, opened):
    officer, body = client(as_="dorms"), {"state": "in_repair", "since": "2026-11-20", "reason": "配電"}
    changed = officer.api("POST", "/rooms/1/state", body)
    assert [row["state"] for row in changed.json["items"]] == ["in_repair", "to_let"]
    assert officer.api("GET", "/rooms/1/history").json["items"][0]["reason"] == "配電"
    assert client(as_="staff").api("POST", "/rooms/1/state", body).status_code == 403
    years = client(as_="staff").api("GET", "/occupancy/years").json["items"]
    assert (years[0]["date"], years[0]["in_repair"], years[-1]["date"]) == ("2026-11-23", 1, "2020-06-30")


def test_papers_are_listed_and_asked_for_and_each_look_is_read_by_the_person(client, people, applied):
    officer, address = client(as_="dorms"), f"/applications/{applied[0]}"
    listed = officer.api("GET", f"{address}/papers").json
    assert [row["kind"] for row in listed["items"] if row["needed"]] == ["service", "property"]
    asked = officer.api("POST", f"{address}/supplement", {"kinds": ["property"], "due_on": "2026-12-01"})
    assert (asked.status_code, asked.json["kinds"]) == (201, ["property"])
    staff = client(as_="staff")
    assert staff.api("GET", f"{address}/papers").json["due_on"] == "2026-12-01"
    (look,) = staff.api("GET", f"{address}/looks").json["items"]
    assert (look["by"], look["why_en"]) == (people["dorms"].name, "Checking points against papers")
    assert client(as_="staff2").api("GET", f"{address}/looks").status_code == 404
    assert len(staff.api("GET", "/my-data").json["applications"]) == 1
    assert officer.api("GET", "/corrections").json["items"] == []
    assert officer.api("POST", "/corrections/1/decision", {"granted": True, "reason": "x"}).status_code == 404


def test_the_golden_figures_of_the_half_year_reports_by_the_api(client, database, people, now):
    """104.6.30: 118 rooms, 106 lendable, 12 awaiting repair; 110.6.30: 123, 119 let, 4 to let (D-47)."""

    def work(session):
        house = occupancy.add_building(session, people["dorms"], "xiyuan", Words("西園", "Xiyuan"), Words("", ""))
        for number in range(123):
            since = date(2014, 1, 1) if number < 118 else date(2018, 7, 1)
            state = "awaiting_repair" if number < 12 else "to_let"
            room = occupancy.add_room(
                session, people["dorms"], now, house, f"{number}", floor=1, since=since, state=state
            )
            if number < 12:
                occupancy.enter_state(session, now, room, "to_let", date(2016, 9, 1), "修繕完成")
            if number >= 4:
                occupancy.enter_state(session, now, room, "let", date(2020, 12, 1))

    database.transact(work)
    early = client(as_="staff").api("GET", "/occupancy?date=2015-06-30").json
    assert (early["total"], early["lendable"], early["awaiting_repair"]) == (118, 106, 12)
    later = client(as_="staff").api("GET", "/occupancy?date=2021-06-30").json
    assert (later["total"], later["let"], later["to_let"], later["awaiting_repair"]) == (123, 119, 4, 0)
