"""Repairs: in order of application, exceptions with a reason, an empty room out of stock meanwhile; and the register."""

import io
from datetime import date, timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from common.audit import AuditEntry
from common.errors import Forbidden, Invalid
from common.period import today
from dorms import occupancy
from dorms.models import Repair, Room
from dorms.upkeep import houses, repairs, rows
from tests.dorms.conftest import add_house, told
from tests.dorms.test_checks import add_legacy, lend
from tests.dorms.test_races import at_once, officer


@pytest.fixture
def lent(session, people, now):
    """201 and 202 with residents, 203 to let."""
    lend(session, people, now)
    add_house(session, people["dorms"], now, ("203",))
    return session


def ask(session, people, now, name="staff", **more):
    return repairs.request(session, people[name], now, **{"part": "water", "what": "漏水", **more})


def empty_room(session):
    return session.scalars(select(Room).where(Room.number == "203")).one()


def approve(session, people, now, row, **more):
    return repairs.decide(session, people["dorms"], now, row.id, approve=True, **more)


# ── Asking ────────────────────────────────────────────────────────────────────


def test_a_resident_asks_for_the_own_room_only(lent, people, now):
    row = ask(lent, people, now)
    assert (row.place.zh, row.number, told(lent, "repair_requested")) == ("西園 201", f"115-R-{row.id:05d}", 1)
    with pytest.raises(repairs.NoHome):
        ask(lent, people, now, "officer")
    with pytest.raises(Forbidden):
        ask(lent, people, now, room_id=empty_room(lent).id)


def test_works_at_own_cost_need_their_terms_and_consent_but_no_place_in_the_queue(lent, people, now):
    with pytest.raises(Invalid) as refused:
        ask(lent, people, now, payer="own")
    assert refused.value.errors[0].field == "accepts_terms"
    ask(lent, people, now, "staff2")
    own = ask(lent, people, now, payer="own", accepts_terms=True)
    with pytest.raises(rows.NotNow):
        repairs.complete(lent, people["dorms"], now, own.id)
    approve(lent, people, now, own)
    assert repairs.complete(lent, people["dorms"], now, own.id, acceptance="未損及結構").state == "completed"
    assert own not in repairs.queue(lent)


# ── In order ──────────────────────────────────────────────────────────────────


def test_an_earlier_application_is_not_passed_over_without_a_reason(lent, people, now):
    first = ask(lent, people, now)
    second = ask(lent, people, now + timedelta(hours=1), "staff2", part="electric")
    assert repairs.before(lent, second) == [first]
    with pytest.raises(Invalid) as refused:
        approve(lent, people, now, second)
    assert refused.value.errors[0].field == "out_of_turn"
    assert first.number in refused.value.errors[0].words.zh
    approve(lent, people, now, second, out_of_turn="斷電有危險")
    lent.flush()
    last = lent.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert last.after["out_of_turn"] == "斷電有危險"


def test_the_reason_stands_for_the_start_of_work_too_and_the_first_needs_none(lent, people, now):
    first, second = ask(lent, people, now), ask(lent, people, now, "staff2")
    approve(lent, people, now, first, estimate=4500)
    approve(lent, people, now, second)  # the first was decided before it
    begin = {"contractor": "大安水電行"}
    with pytest.raises(Invalid):
        repairs.start(lent, people["dorms"], now, second.id, **begin)
    repairs.start(lent, people["dorms"], now, first.id, **begin)
    repairs.start(lent, people["dorms"], now, second.id, **begin)
    with pytest.raises(Invalid):
        repairs.complete(lent, people["dorms"], now, first.id)
    repairs.complete(lent, people["dorms"], now, first.id, cost=4200)
    assert (first.state, first.estimate, first.cost) == ("completed", 4500, 4200)
    assert lent.scalars(select(Room).where(Room.number == "201")).one().state == "let"


def test_a_refusal_has_its_reason(lent, people, now):
    row = ask(lent, people, now)
    with pytest.raises(Invalid):
        repairs.decide(lent, people["dorms"], now, row.id, approve=False)
    assert repairs.decide(lent, people["dorms"], now, row.id, approve=False, reason="屬日常耗材").state == "refused"


# ── Out of stock ──────────────────────────────────────────────────────────────


def test_an_empty_room_is_out_of_stock_until_the_work_is_accepted(lent, people, now):
    room = empty_room(lent)
    row = ask(lent, people, now, "dorms", room_id=room.id)
    approve(lent, people, now, row)
    assert room.state == "awaiting_repair" and row.out_of_stock
    stay = occupancy.nights(today(now), today(now) + timedelta(days=365))
    assert room not in occupancy.vacant_rooms(lent, "single", stay, now)
    repairs.start(lent, people["dorms"], now, row.id, contractor="甲")
    assert room.state == "in_repair"
    repairs.complete(lent, people["dorms"], now, row.id, cost=0)
    assert room.state == "to_let"
    assert room in occupancy.vacant_rooms(lent, "single", stay, now)
    assert [each.state for each in room.states] == ["to_let", "awaiting_repair", "in_repair", "to_let"]


def test_two_repairs_of_an_empty_room_keep_it_until_both_are_done(lent, people, now):
    room = empty_room(lent)
    first, second = (ask(lent, people, now, "dorms", room_id=room.id) for _ in range(2))
    approve(lent, people, now, first)
    approve(lent, people, now, second)
    repairs.take_back(lent, people["dorms"], now, first.id)
    stay = occupancy.nights(today(now), today(now) + timedelta(days=365))
    assert room.state == "awaiting_repair" and not occupancy.vacant_rooms(lent, "single", stay, now)
    repairs.take_back(lent, people["dorms"], now, second.id)
    assert room.state == "to_let" and occupancy.vacant_rooms(lent, "single", stay, now) == [room]


def test_eight_officers_approve_at_once_and_the_room_goes_out_once(database, people, now):
    def prepare(session):
        (room,) = add_house(session, people["dorms"], now, ("203",))
        return [ask(session, people, now, "dorms", room_id=room.id).id for _ in range(2)]

    first, second = database.transact(prepare)

    def attempt(repair_id):
        return lambda session: repairs.decide(
            session, officer(session), now, repair_id, approve=True, out_of_turn="same day"
        )

    ended = at_once(database, *[attempt(first)] * 4, *[attempt(second)] * 4)
    assert ended == {"done": 2, "NotNow": 6}

    def end(repair_id):
        return lambda session: repairs.take_back(session, officer(session), now, repair_id)

    assert at_once(database, end(first), end(second)) == {"done": 2}
    with database.reading() as session:
        assert empty_room(session).state == "to_let"


# ── Pages ─────────────────────────────────────────────────────────────────────


def photo(color="red"):
    out = io.BytesIO()
    Image.new("RGB", (8, 8), color).save(out, "PNG")
    return io.BytesIO(out.getvalue()), "leak.png"


@pytest.fixture
def homes(database, people, now):
    database.transact(lambda session: lend(session, people, now) and None)


def test_a_request_with_photos_from_the_page_to_acceptance(client, database, homes):
    staff, boss = client(as_="staff"), client(as_="dorms")
    form = {"part": "water", "what": "洗手台漏水", "payer": "agency", "photos": [photo(), photo("blue")]}
    sent = staff.submit("/repairs", form, content_type="multipart/form-data")
    assert sent.status_code == 303
    page = staff.get(sent.location).get_data(as_text=True)
    assert "洗手台漏水" in page and page.count("leak.png") == 2
    with database.reading() as session:
        row = session.scalars(select(Repair)).one()
        picture = row.photos[0].id
        path = f"/repairs/{row.id}"
    assert staff.get(f"/repair-photos/{picture}").mimetype == "image/png"
    assert client(as_="staff2").get(f"/repair-photos/{picture}").status_code == 404
    assert client(as_="staff2").get(path).status_code == 404
    assert boss.submit(f"{path}/decide", {"approve": "true", "estimate": "4,500"}).status_code == 303
    assert boss.submit(f"{path}/start", {"contractor": "大安水電行", "started_on": ""}).status_code == 303
    assert boss.submit(f"{path}/complete", {"cost": "4200"}).status_code == 303
    assert "4,200" in staff.get(path).get_data(as_text=True)
    assert "已完工驗收" in boss.get("/repairs").get_data(as_text=True)


def test_what_was_typed_is_kept_and_a_text_file_is_no_photo(client, homes):
    staff = client(as_="staff")
    wrong = staff.submit("/repairs", {"part": "water", "what": "天花板滴水", "payer": "own"})
    assert wrong.status_code == 422 and "天花板滴水" in wrong.get_data(as_text=True)
    form = {"part": "water", "what": "x", "payer": "agency", "photos": (io.BytesIO(b"hello"), "a.png")}
    assert staff.submit("/repairs", form, content_type="multipart/form-data").status_code == 422
    assert "還沒有申請過修繕" in staff.get("/repairs").get_data(as_text=True)
    assert "你目前沒有借用宿舍" in client(as_="officer").get("/repairs/new").get_data(as_text=True)


def test_the_operations_by_their_names(client, homes):
    staff, boss = client(as_="staff"), client(as_="dorms")
    made = staff.api("POST", "/repairs", {"part": "doors", "what": "門鎖故障"})
    assert made.status_code == 201 and made.json["status"] == "requested"
    path = f"/repairs/{made.json['id']}"
    assert boss.api("POST", f"{path}/complete", {"cost": 1}).status_code == 409
    assert staff.api("POST", f"{path}/decision", {"approve": True}).status_code == 403
    assert boss.api("POST", f"{path}/decision", {"approve": True, "estimate": 900}).status_code == 200
    assert boss.api("POST", f"{path}/start", {"contractor": "甲"}).json["status"] == "under_way"
    assert boss.api("POST", f"{path}/complete", {"cost": 850}).json["cost"] == 850
    assert staff.api("GET", "/repairs").json["items"][0]["status"] == "completed"
    assert client(as_="staff2").api("GET", path).status_code == 404


# ── The register ──────────────────────────────────────────────────────────────


def test_no_house_is_allotted_anew_and_the_history_stays(session, people, now):
    house = add_legacy(session, people, now)
    change = {"since": date(2026, 11, 1), "reason": "續住人遷出"}
    houses.change_state(session, people["dorms"], now, house.id, state="vacant", **change)
    with pytest.raises(Invalid) as refused:
        houses.change_state(session, people["dorms"], now, house.id, state="lawful_stayer", **change)
    assert refused.value.errors[0].field == "state"
    assert [each.state for each in house.states] == ["lawful_stayer", "vacant"]
    with pytest.raises(Forbidden):
        houses.change_state(session, people["staff"], now, house.id, state="in_use", **change)


def test_the_register_on_pages(client, database, people, now):
    house_id = database.transact(lambda session: add_legacy(session, people, now).id)
    boss = client(as_="dorms")
    assert "M-01" in boss.get("/legacy").get_data(as_text=True)
    form = {"state": "vacant", "since": "2026-11-20", "reason": "點交"}
    assert boss.submit(f"/legacy/{house_id}/state", form).status_code == 303
    assert "空置" in boss.get(f"/legacy/{house_id}").get_data(as_text=True)
    assert boss.api("GET", f"/legacy-houses/{house_id}").json["state"] == "vacant"
    assert client(as_="staff").get("/legacy").status_code == 403
