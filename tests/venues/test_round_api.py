"""The operations of rounds that outsiders rely on (contract.md), from the window to a withdrawal."""

import pytest

from tests.venues.rounds_desk import CLOSES, KNOWN, firm, seller
from venues.rounds import check_draw

ROUND = {
    "kind": "stall",
    "classes": [{"code": "food", "places": 1}, {"code": "cloth", "places": 1}],
    "registration": {"from": "2026-11-23T08:00:00+08:00", "until": "2026-11-28T17:00:00+08:00"},
    "term": {"from": "2027-01-01", "until": "2027-07-01"},
}


@pytest.fixture
def officer(client):
    return client(as_="venues")


def ok(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def test_from_the_window_to_a_withdrawal(client, officer, clock):
    group = client(as_="group")
    row = ok(officer.api("POST", "/rounds", ROUND), 201)
    assert (row["status"], row["rent"], row["sample"], row["tickets_sha256"]) == ("open", 300, True, None)
    assert row["registration"]["until"] == "2026-11-28T17:00:00+08:00" and row["term"]["from"] == "2027-01-01"
    base = f"/rounds/{row['id']}"
    told = {"class_code": "food", "firm_number": firm(1), "seller_id": seller(1)}
    mine = ok(group.api("POST", f"{base}/registrations", told, idempotency_key="k"), 201)
    assert (mine["status"], mine["firm_name"], mine["ticket"]) == ("submitted", "青田文化協會", "F-00001")
    assert ok(group.api("POST", f"{base}/registrations", told, idempotency_key="k"), 201) == mine
    assert group.api("POST", f"{base}/registrations", told).status_code == 409
    for n in (2, 3, 4):
        on_paper = {
            "class_code": ("food", "cloth")[n % 2],
            "firm_number": firm(n),
            "seller_id": seller(n),
            "firm_name": f"第{n}家",
        }
        ok(officer.api("POST", f"{base}/registrations", on_paper), 201)
    assert [each["id"] for each in ok(group.api("GET", "/registrations"))["items"]] == [mine["id"]]
    clock.now = CLOSES
    officer, group = client(as_="venues"), client(as_="group")
    assert ok(officer.api("POST", f"{base}/closing", {}))["status"] == "checking"
    for each in ok(officer.api("GET", f"/registrations?round_id={row['id']}"))["items"]:
        ok(officer.api("POST", f"/registrations/{each['id']}/eligible", {"rev": each["rev"]}))
    draw = ok(
        officer.api("POST", f"{base}/list", {"seed_known_at": "2026-12-08T14:00:00+08:00", "seed_source": "大樂透"})
    )
    assert (draw["order"], draw["seed"], len(draw["tickets"])) == ([], "", 4)
    assert officer.api("POST", f"{base}/draw", {"seed": "7 12 30"}).status_code == 409, "not known yet"
    clock.now = KNOWN
    officer, second, group = client(as_="venues"), client(as_="admin"), client(as_="group")
    assert ok(officer.api("POST", f"{base}/draw", {"seed": "7 12 30"}))["status"] == "seed_named"
    drawn = ok(second.api("POST", f"{base}/draw", {"seed": "7 12 30"}))
    assert drawn["tickets_sha256"] == draw["tickets_sha256"] and sorted(drawn["order"]) == drawn["tickets"]
    assert (len(drawn["selected"]), len(drawn["waiting"])) == (2, 2)
    assert check_draw.faults(ok(client().api("GET", f"{base}/draw"))) == []
    assert ok(client().api("GET", f"{base}/draw/verification"))["ok"] is True
    left = ok(group.api("POST", f"/registrations/{mine['id']}/withdrawal", {}))
    assert left["status"] in ("declined", "withdrawn")
    after = ok(client().api("GET", f"{base}/draw"))
    assert [each["ticket"] for each in after["log"]] == ["F-00001"] and check_draw.faults(after) == []


def test_dates_and_instants_are_both_understood(officer):
    pairs = {
        "registration": ["2026-11-23", "2026-12-01T00:00:00+08:00"],
        "term": ["2027-01-01T00:00:00+08:00", "2027-07-01"],
    }
    row = ok(officer.api("POST", "/rounds", {**ROUND, **pairs}), 201)
    assert row["registration"] == {"from": "2026-11-23T00:00:00+08:00", "until": "2026-12-01T00:00:00+08:00"}
    assert row["term"] == {"from": "2027-01-01", "until": "2027-07-01"}


def test_an_unknown_class_and_a_wrong_number_are_named_by_their_fields(client, officer):
    row = ok(officer.api("POST", "/rounds", ROUND), 201)
    told = {"class_code": "fish", "firm_number": "12345678", "seller_id": "A123456780"}
    refused = client(as_="group").api("POST", f"/rounds/{row['id']}/registrations", told)
    assert refused.status_code == 422
    assert {each["field"] for each in refused.get_json()["errors"]} == {"class_code", "firm_number", "seller_id"}


def test_only_the_desk_opens_publishes_and_draws(client, officer):
    row = ok(officer.api("POST", "/rounds", ROUND), 201)
    for name in ("group", "officer", "auditor"):
        other = client(as_=name)
        assert other.api("POST", "/rounds", ROUND).status_code == 403
        for path, body in (("closing", {}), ("list", {}), ("draw", {"seed": "1"}), ("cancellation", {"reason": "x"})):
            assert other.api("POST", f"/rounds/{row['id']}/{path}", body).status_code == 403
