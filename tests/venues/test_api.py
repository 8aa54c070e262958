"""The operations outsiders rely on (contract.md), from a quote to a refund."""

import pytest

from venues import suspending

SLOTS = [{"date": "2026-12-12", "slot": "morning"}, {"date": "2026-12-12", "slot": "afternoon"}]
EVENT = {"event_name": "冬季合唱音樂會", "event_kind": "文化", "attendees": 150, "event_plan": "演出 90 分鐘"}


@pytest.fixture
def body(ids):
    return {"venue_id": str(ids["atrium"]), "slots": SLOTS, **EVENT, "overtime_minutes": 130}


@pytest.fixture
def group(client):
    return client(as_="group")


@pytest.fixture
def officer(client):
    return client(as_="venues")


def problem(answer, status):
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.get_data(as_text=True)
    return answer.get_json()


def test_the_golden_quote(group, ids):
    asked = {
        "venue_id": str(ids["atrium"]),
        "slots": SLOTS,
        "overtime_minutes": 130,
        "applicant_class": "registered_body",
    }
    told = group.api("POST", "/quotes", asked).get_json()
    assert (told["fee"], told["deposit"], told["total"], told["tariff_version"]) == (13750, 20000, 33750, "112-11-09")
    assert [(line["amount"], line["rule"]) for line in told["lines"]] == [
        (5000, "S-04"), (0, "S-07"), (5000, "S-04"), (3750, "S-06"), (20000, "S-04"),
    ]  # fmt: skip
    assert told["available"] is True
    free = group.api("POST", "/quotes", {**asked, "applicant_class": "city_agency"}).get_json()
    assert (free["total"], free["lines"][-1]["rule"]) == (0, "S-13")


def test_from_application_to_confirmation_and_refund(group, officer, body):
    made = group.api("POST", "/bookings", body)
    assert made.status_code == 201
    booking = made.get_json()
    assert (booking["status"], booking["rev"], booking["applicant_class"]) == ("submitted", 1, "registered_body")
    assert booking["starts_at"] == "2026-12-12T08:30:00+08:00"
    assert booking["ends_at"] == "2026-12-12T19:40:00+08:00"
    path = f"/bookings/{booking['id']}"
    approved = officer.api("POST", f"{path}/approve", {"rev": booking["rev"], "note": "文件後補"}).get_json()
    assert approved["status"] == "awaiting_insurance"
    assert approved["pay_by"] == "2026-11-26T17:00:00+08:00"
    insured = officer.api("POST", f"{path}/insurance", {"policy_number": "PL-1", "rev": approved["rev"]}).get_json()
    assert insured["status"] == "awaiting_payment"
    paid = officer.api("POST", f"{path}/payment", {"receipt_number": "R-1", "amount": 33750}).get_json()
    assert (paid["status"], paid["receipt"], paid["insurance_policy"]) == ("confirmed", "R-1", "PL-1")
    refund = group.api("GET", f"{path}/refund").get_json()
    assert (refund["fee"], refund["deposit"], refund["total"], refund["days_before"]) == (13750, 20000, 33750, 19)
    gone = group.api("POST", f"{path}/cancel", {"shown": refund["total"], "reason": "延期"}).get_json()
    assert gone["status"] == "cancelled"
    assert group.api("GET", path).get_json()["rev"] == gone["rev"] > paid["rev"]


def test_a_city_agency_is_confirmed_at_once_and_owes_nothing(client, officer, body):
    booking = client(as_="officer2").api("POST", "/bookings", body).get_json()
    assert (booking["applicant_class"], booking["total"]) == ("city_agency", 0)
    assert officer.api("POST", f"/bookings/{booking['id']}/approve", {}).get_json()["status"] == "confirmed"


def test_the_same_key_gives_the_same_answer_once(group, body, database):
    first = group.api("POST", "/bookings", body, idempotency_key="k-1")
    again = group.api("POST", "/bookings", body, idempotency_key="k-1")
    assert first.status_code == again.status_code == 201
    assert first.get_json() == again.get_json()
    assert len(group.api("GET", "/bookings").get_json()["items"]) == 1
    problem(group.api("POST", "/bookings", {**body, "attendees": 20}, idempotency_key="k-1"), 422)


def test_a_taken_slot_is_a_conflict_with_the_field(group, client, body):
    assert group.api("POST", "/bookings", body).status_code == 201
    told = problem(client(as_="officer2").api("POST", "/bookings", {**body, "overtime_minutes": 0}), 409)
    assert told["errors"][0]["field"] == "slots"
    assert told["type"].endswith(":conflict")


def test_a_stale_revision_is_refused(group, officer, body):
    booking = group.api("POST", "/bookings", body).get_json()
    path = f"/bookings/{booking['id']}"
    asked = officer.api("POST", f"{path}/supplement-request", {"missing": "企劃書", "rev": booking["rev"]}).get_json()
    assert asked["status"] == "supplement_needed"
    told = problem(officer.api("POST", f"{path}/approve", {"rev": booking["rev"]}), 409)
    assert told["type"].endswith(":stale") and told["current"] == officer.api("GET", path).get_json()
    sent = group.api("POST", f"{path}/supplement", {"event_plan": "補上", "rev": asked["rev"]}).get_json()
    assert (sent["status"], sent["event_plan"]) == ("submitted", "補上")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"slots": []}, {"slots"}),
        ({"slots": [{"date": "2026-13-01", "slot": "noon"}]}, {"slots.0.date", "slots.0.slot"}),
        ({"attendees": 0}, {"attendees"}),
        ({"event_kind": "演唱會"}, {"event_kind"}),
        ({"venue_id": 1}, {"venue_id"}),
        ({"surprise": True}, {"surprise"}),
        ({"equipment": [{"kind": "stage", "quantity": 0}]}, {"equipment.0.quantity"}),
        ({"slots": [{"date": "2027-06-01", "slot": "morning"}]}, {"slots"}),
    ],
)
def test_bad_input_is_refused_at_its_fields(group, body, change, fields):
    told = problem(group.api("POST", "/bookings", {**body, **change}), 422)
    assert {error["field"] for error in told["errors"]} == fields


def test_unknown_ids_and_other_peoples_bookings_are_not_there(group, client, body):
    booking = group.api("POST", "/bookings", body).get_json()
    for path in (f"/bookings/{booking['id']}", f"/bookings/{booking['id']}/refund"):
        problem(client(as_="officer").api("GET", path), 404)
    problem(group.api("GET", f"/bookings/{2**61}"), 404)
    problem(group.api("POST", "/bookings", {**body, "venue_id": "999999999999999999"}), 404)
    problem(client().api("GET", "/bookings"), 401)
    problem(client(as_="staff").api("POST", "/bookings", body), 403)


def test_lists_come_in_pages(client, group, ids):
    for day in range(14, 19):
        slots = [{"date": f"2026-12-{day}", "slot": "evening"}]
        assert (
            group.api("POST", "/bookings", {"venue_id": str(ids["atrium"]), "slots": slots, **EVENT}).status_code == 201
        )
    first = group.api("GET", "/bookings?limit=3").get_json()
    rest = group.api("GET", f"/bookings?limit=3&cursor={first['next']}").get_json()
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [3, 2, None]
    assert client(as_="officer2").api("GET", "/bookings").get_json()["items"] == []
    assert len(client(as_="auditor").api("GET", "/bookings?status=submitted").get_json()["items"]) == 5


def test_free_slots_leave_out_what_is_taken_and_what_is_outside_the_window(group, ids, body):
    asked = f"/free-slots?venue_id={ids['atrium']}&from=2026-12-01&until=2026-12-12"
    before = group.api("GET", asked).get_json()["items"]
    assert len(before) == 3 * 10
    assert before[0] == {
        "date": "2026-12-03", "slot": "morning", "starts_at": "2026-12-03T08:30:00+08:00", "ends_at": "2026-12-03T12:30:00+08:00",
    }  # fmt: skip
    group.api("POST", "/bookings", body)
    after = group.api("GET", asked).get_json()["items"]
    assert len(before) - len(after) == 3
    problem(group.api("GET", f"/free-slots?venue_id={ids['atrium']}&from=2026-12-02&until=2026-12-01"), 422)
    problem(group.api("GET", f"/free-slots?venue_id={ids['n206']}&from=2026-12-02&until=2026-12-03"), 404)


def test_venues_tell_their_slots_parts_tariff_and_window(group, ids):
    listed = {venue["code"]: venue for venue in group.api("GET", "/venues").get_json()["items"]}
    assert len(group.api("GET", "/venues?kind=room").get_json()["items"]) == 39
    plaza = listed["civic-plaza"]
    assert set(plaza["part_ids"]) == {listed[f"civic-plaza-{part}"]["id"] for part in ("renai", "fountain")}
    atrium = group.api("GET", f"/venues/{ids['atrium']}").get_json()
    assert [(slot["starts"], slot["ends"]) for slot in atrium["slots"]] == [
        ("08:30", "12:30"), ("13:30", "17:30"), ("18:00", "22:00"),
    ]  # fmt: skip
    assert (atrium["max_people"], atrium["first_day"], atrium["last_day"]) == (200, "2026-12-03", "2027-02-23")
    slot = next(rate for rate in atrium["rates"] if rate["kind"] == "slot")
    assert [slot[name] for name in ("of", "amount", "rule", "sample", "days")] == ["", 5000, "S-04", False, []]


def test_equipment_is_counted_over_time(group, body):
    group.api("POST", "/bookings", {**body, "equipment": [{"kind": "stage", "quantity": 2}]})
    window = "starts_at=2026-12-12T10:00:00%2B08:00&ends_at=2026-12-12T11:00:00%2B08:00"
    free = {row["kind"]: row["free"] for row in group.api("GET", f"/equipment?{window}").get_json()["items"]}
    assert free == {"stage": 4, "sound_set": 4, "light_set": 4}
    assert {row["kind"]: row["free"] for row in group.api("GET", "/equipment").get_json()["items"]}["stage"] == 6


def test_a_meeting_room_is_taken_and_given_back(client, ids):
    officer = client(as_="officer")
    meeting = {
        "venue_id": str(ids["n206"]), "starts_at": "2026-11-24T09:00:00+08:00", "ends_at": "2026-11-24T10:30:00+08:00",
        "title": "跨局處協調會", "attendees": 30,
    }  # fmt: skip
    booked = officer.api("POST", "/meetings", meeting)
    assert booked.status_code == 201
    later = {**meeting, "starts_at": "2026-11-24T10:30:00+08:00", "ends_at": "2026-11-24T11:00:00+08:00"}
    assert client(as_="officer2").api("POST", "/meetings", later).status_code == 201
    told = problem(client(as_="officer2").api("POST", "/meetings", meeting), 409)
    assert "09:00–10:30" in told["detail"]
    path = f"/meetings/{booked.get_json()['id']}/release"
    problem(client(as_="officer2").api("POST", path, {}), 404)
    assert officer.api("POST", path, {"rev": 1}).get_json()["released_at"]
    assert client(as_="officer2").api("POST", "/meetings", meeting).status_code == 201
    problem(client(as_="group").api("POST", "/meetings", meeting), 403)
    problem(officer.api("POST", "/meetings", {**meeting, "attendees": 121}), 422)
    problem(
        officer.api(
            "POST",
            "/meetings",
            {**meeting, "starts_at": "2027-03-01T09:00:00+08:00", "ends_at": "2027-03-01T10:00:00+08:00"},
        ),
        422,
    )


def test_every_operation_of_the_contract_is_documented(group):
    document = group.get("/api/v1/openapi.json").get_json()
    named = {
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
        if "operationId" in operation
    }
    assert named >= {
        "listVenues", "getVenue", "findFreeSlots", "quoteBooking", "applyForBooking", "getBooking", "listBookings",
        "askForSupplement", "approveBooking", "rejectBooking", "recordInsurance", "recordPayment", "cancelBooking",
        "quoteRefund", "listEquipment", "bookMeetingRoom", "releaseMeetingRoom",
    }  # fmt: skip


def test_a_closure_is_shown_made_followed_and_withdrawn(group, officer, body, ids, database, now):
    booked = group.api("POST", "/bookings", body).get_json()
    closed = {
        "venue_ids": [str(ids["atrium"])], "starts_at": "2026-12-12T00:00:00+08:00", "ends_at": "2026-12-13T00:00:00+08:00",
    }  # fmt: skip
    problem(group.api("POST", "/closures/preview", closed), 403)
    shown = officer.api("POST", "/closures/preview", closed).get_json()
    assert ([each["booking_id"] for each in shown["items"]], shown["touched"]) == ([booked["id"]], 1)
    reason = {"reason": "屋頂整修", "ground": "renovation"}
    problem(officer.api("POST", "/closures", {**closed, **reason, "shown": 0}), 409)
    made = officer.api("POST", "/closures", {**closed, **reason, "shown": shown["touched"]})
    assert (made.status_code, made.get_json()["state"]) == (201, "recorded")
    path = f"/closures/{made.get_json()['id']}"
    assert officer.api("GET", path).get_json()["venue_ids"] == [str(ids["atrium"])]
    assert officer.api("GET", f"{path}/lines").get_json()["items"] == []
    problem(group.api("POST", "/bookings", {**body, "slots": [{"date": "2026-12-12", "slot": "evening"}]}), 409)
    problem(officer.api("POST", f"{path}/reopen", {"reason": "工程延期"}), 409)  # the worker has not been there yet
    while database.transact(lambda session: suspending.step(session, now)):
        pass
    assert [each["outcome"] for each in officer.api("GET", f"{path}/lines").get_json()["items"]] == ["suspended"]
    assert officer.api("POST", f"{path}/reopen", {"reason": "工程延期"}).status_code == 200
    problem(officer.api("POST", "/closures/preview", {**closed, "ends_at": closed["starts_at"]}), 422)
