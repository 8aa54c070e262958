"""The pages and operations of equipment, loans, gallery, boards, contributed venues and contracts, as people use them."""

from datetime import date

import pytest

from venues import demo

PAGES = (
    "/equipment", "/equipment/day", "/equipment/savings", "/equipment/savings?period=104H1", "/figures", "/loans", "/loans/new",
    "/things", "/gallery", "/boards", "/postings/new", "/contributed", "/contracts",
)  # fmt: skip
ONE = (
    ("loan", "/loans/{}"), ("gallery_term", "/gallery/{}"), ("board", "/boards/{}"), ("posting", "/postings/{}"),
    ("contributed_survey", "/contributed/{}"), ("contract", "/contracts/{}"),
)  # fmt: skip


@pytest.fixture
def filled(database, people, now):
    """The demonstration rows: every state there is."""
    database.transact(lambda session: demo.load(session, now))


def rows(database, table):
    with database.reading() as session:
        return [row[0] for row in session.connection().exec_driver_sql(f"SELECT id FROM {table} ORDER BY id")]  # noqa: S608


def test_every_page_stands_in_both_languages_with_every_state_for_those_who_may_see_it(client, filled, database):
    officer, group, stranger = client(as_="venues"), client(as_="group"), client()
    wanted = [*PAGES, *(path.format(number) for table, path in ONE for number in rows(database, table))]
    for lang in ("zh", "en"):
        for path in wanted:
            answer = officer.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
            assert answer.status_code == 200, path
            assert "None" not in answer.text.replace("None yet", "").replace(">None<", ""), path
    for path in ("/contracts", "/equipment", "/contributed", "/things"):
        assert group.get(path).status_code == 403
    assert stranger.get("/gallery").status_code == 200 and stranger.get("/loans").status_code == 303
    mine = [n for n in rows(database, "loan") if group.get(f"/loans/{n}").status_code == 200]
    assert 0 < len(mine) < len(rows(database, "loan"))


def test_a_loan_from_the_form_to_the_return(client, ids):
    group, officer = client(as_="group"), client(as_="venues")
    typed = {"starts_on": "2026-11-23", "ends_on": "2026-11-24", "items.0.thing_id": "1", "items.0.quantity": "61"}
    refused = group.submit("/loans/new", {**typed, "purpose": "展覽"})
    assert refused.status_code == 422 and 'value="61"' in refused.text and 'value="展覽"' in refused.text
    sent = group.submit("/loans/new", {**typed, "items.0.quantity": "4", "purpose": "展覽"})
    assert sent.status_code == 303
    path = sent.headers["Location"].removeprefix("/venues")
    assert officer.submit(f"{path}/approve", {"rev": "1"}).status_code == 303
    assert officer.submit(f"{path}/approve", {"rev": "1"}).status_code == 409
    counts = {"items.0.thing_id": "1", "items.0.quantity": "4"}
    assert officer.submit(f"{path}/hand-out", counts).status_code == 303
    wrong = officer.submit(f"{path}/take-back", {"items.0.thing_id": "1", "items.0.good": "5"})
    assert wrong.status_code == 422
    assert officer.submit(f"{path}/take-back", {"items.0.thing_id": "1", "items.0.good": "4"}).status_code == 303
    assert "已歸還" in group.get(path).text


def test_a_posting_and_its_board(client, ids):
    officer, venues = client(as_="officer"), client(as_="venues")
    typed = {
        "title": "健檢日",
        "text": "9 時",
        "starts_on": "2026-11-24",
        "ends_on": "2026-11-25",
        "board_ids": ["1", "2"],
    }
    path = officer.submit("/postings/new", typed).headers["Location"].removeprefix("/venues")
    assert venues.submit(f"{path}/reject", {"rev": "1"}).status_code == 422
    assert venues.submit(f"{path}/approve", {"rev": "1"}).status_code == 303
    assert "健檢日" in officer.get("/boards/1?day=2026-11-24").text
    assert client(as_="staff2").get(path).status_code == 404


def test_a_contract_and_its_rent(client, ids):
    officer = client(as_="venues")
    typed = {
        "counter_id": "1",
        "party": "好味咖啡",
        "starts_on": "2026-10-01",
        "ends_on": "2027-09-30",
        "rent": "12,000",
    }
    path = officer.submit("/contracts", typed).headers["Location"].removeprefix("/venues")
    again = officer.submit("/contracts", typed)
    assert again.status_code == 409 and "好味咖啡" in again.text
    assert (
        officer.submit(f"{path}/rents", {"month": "2026-10-01", "amount": "12000", "receipt": "R-1"}).status_code == 303
    )
    assert "12,000" in officer.get(path).text
    for form in ("csv", "ods"):
        assert officer.get(f"/contracts.{form}").status_code == 200
    assert "R-1" not in officer.get("/contracts.csv").text and "好味咖啡" in officer.get("/contracts.csv").text


def test_wishes_and_an_allotment_on_the_page(client, ids, clock):
    venues = client(as_="venues")
    opened = venues.submit("/contributed", {"venue_id": "1", "half_year": "116H1", "closes_on": "2026-12-01"})
    path = opened.headers["Location"].removeprefix("/venues")
    for who in ("officer", "officer2"):
        wished = client(as_=who).submit(
            f"{path}/wishes", {"day_1": "2027-01-15", "day_2": "2027-01-16", "purpose": "市集"}
        )
        assert wished.status_code == 303
    assert client(as_="officer").submit(f"{path}/wishes", {"day_1": "2027-13-15"}).status_code == 422
    published = {"seed_from": "威力彩", "seed_known_at": "2026-12-03T14:00"}
    assert venues.submit(f"{path}/publish", published).status_code == 409
    assert "之後才能公布名單" in venues.get(path).text
    clock.tick(days=9)
    venues = client(as_="venues")
    assert venues.submit(f"{path}/publish", published).status_code == 303
    assert venues.submit(f"{path}/allot", {"seed": "1 2 3"}).status_code == 409
    clock.tick(days=2)
    venues = client(as_="venues")
    assert venues.submit(f"{path}/allot", {"seed": "1 2 3"}).status_code == 303
    assert "等另一位承辦" in venues.get(path).text
    assert client(as_="admin").submit(f"{path}/allot", {"seed": "1 2 3"}).status_code == 303
    page = client(as_="officer").get(path).text
    assert "剛剛重算過" in page and "抽序第 1 在前" in page
    told = client(as_="officer").api("GET", f"/contributed-surveys/{path.rpartition('/')[2]}/allotment").json
    assert told["faults"] == [] and len(told["answers"]) == 4


def test_equipment_is_changed_delivered_and_counted(client, ids, clock):
    officer, venues = client(as_="officer"), client(as_="venues")
    body = {
        "venue_id": str(ids["atrium"]), "slots": [{"date": "2026-12-12", "slot": "morning"}], "event_name": "宣導",
        "event_kind": "政令宣導", "attendees": 80, "event_plan": "宣導", "equipment": [{"kind": "stage", "quantity": 1}],
    }  # fmt: skip
    made = officer.api("POST", "/bookings", body).json
    venues.api("POST", f"/bookings/{made['id']}/approve", {})
    path = f"/bookings/{made['id']}/equipment"
    assert officer.get(path).status_code == 200
    assert officer.submit(path, {"stage": "2", "sound_set": "1"}).status_code == 303
    assert "活動式舞臺 × 2" in officer.get(f"/bookings/{made['id']}").text
    clock.tick(days=18, hours=22)
    officer, venues = client(as_="officer"), client(as_="venues")
    day = venues.api("GET", "/equipment-day?day=2026-12-12").json["items"]
    assert [each["piece"] for each in day] == ["sound_set:1", "stage:1", "stage:2"]
    for each in day:
        sent = venues.submit(f"/bookings/{made['id']}/deliveries", {"piece": each["piece"], "day": "2026-12-12"})
        assert sent.status_code == 303
    assert venues.get("/equipment/day?day=2026-12-12").text.count("收回") >= 3
    assert venues.submit("/equipment/handovers/1/return", {"condition": "完好", "rev": "1"}).status_code == 303
    clock.tick(hours=2)
    venues = client(as_="venues")
    found = venues.api("GET", "/equipment-savings?period=115H2").json
    assert (found["total"], {each["kind"]: each["pieces"] for each in found["kinds"]}["stage"]) == (55_000, 2)
    assert venues.get("/equipment/savings.csv?period=115H2").status_code == 200


def test_a_figure_is_set_for_later_and_the_past_keeps_its_own(client, ids):
    venues = client(as_="venues")
    typed = {"key": "saving.stage", "value": "21000", "valid_from": str(date(2027, 1, 1))}
    assert venues.submit("/figures", typed).status_code == 303
    assert venues.submit("/figures", {**typed, "valid_from": "2020-01-01"}).status_code == 422
    assert venues.api("GET", "/equipment").json["items"][0]["saves"] == 20_000
    assert client(as_="officer").api("POST", "/figures", {**typed, "value": 1}).status_code == 403
