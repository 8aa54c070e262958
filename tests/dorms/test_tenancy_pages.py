"""Stays by page and by program: every step from signing to handing back, each person's part only."""

import io

import pytest
from PIL import Image
from sqlalchemy import select

from common.identity import Feed, Person
from common.period import today
from dorms import calendar, occupancy, offers
from dorms.models import Room, Tenancy, TenancyPhoto
from tests.dorms.test_races import owner

SIGNED = {"number": "115北院民公0123", "notary": "臺北地院公證處", "paid_by": "borrower"}


def text(answer):
    return answer.get_data(as_text=True)


@pytest.fixture
def agreed(database, allotted, clock):
    """`staff` has taken a room; returns the stay's id."""
    return database.transact(
        lambda session: offers.accept(session, owner(session, allotted[0]), clock.now, allotted[0]).id
    )


def picture():
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "JPEG")
    return out.getvalue()


def test_from_signing_to_handing_back_by_page(client, database, agreed, clock):
    officer, day = client(as_="dorms"), today(clock.now).isoformat()
    here = f"/tenancies/{agreed}"
    assert "登記公證契約" in text(officer.get(here))
    wrong = officer.submit(f"{here}/contract", {**SIGNED, "notarised_on": "2030-01-01"})
    assert wrong.status_code == 422 and "115北院民公0123" in text(wrong)
    assert officer.submit(f"{here}/move-in", {"moved_in_on": day}).status_code == 409
    assert officer.submit(f"{here}/contract", {**SIGNED, "notarised_on": day}).status_code == 303
    lines = {"items.0.name": "書桌", "items.0.quantity": "1", "items.0.condition": "good"}
    lines |= {"items.1.name": "椅子", "items.1.quantity": "0", "items.1.condition": "good", "items.9.condition": ""}
    photo = {"photos": (io.BytesIO(picture()), "room.jpg")}
    assert officer.submit(f"{here}/move-in", {"moved_in_on": day, **lines, **photo}).status_code == 303
    staff = client(as_="staff")
    mine = text(staff.get(here))
    assert "書桌" in mine and "椅子" not in mine and "room.jpg" in mine and "確認點交清單" in mine
    assert staff.submit(f"{here}/inventory", {"remark": "桌面有刮痕"}).status_code == 303
    assert f"{here}" in text(staff.get("/"))
    with database.reading() as session:
        (photo_id,) = session.scalars(select(TenancyPhoto.id))
        (item_id,) = [item.id for item in session.get(Tenancy, agreed).items]
    assert staff.get(f"/tenancy-photos/{photo_id}").mimetype == "image/jpeg"
    assert client(as_="staff2").get(f"/tenancy-photos/{photo_id}").status_code == 404
    started = officer.submit(f"{here}/move-out", {"cause": "retirement", "since": day})
    assert started.status_code == 303
    assert "前遷出並點交" in text(staff.get(here))
    back = {"handed_back_on": day, "room_state": "awaiting_repair"}
    kept = officer.submit(f"{here}/hand-back", {**back, "note": "已清空"})
    assert kept.status_code == 422 and "還沒有點交：書桌" in text(kept) and "已清空" in text(kept)
    lines = {"items.0.item_id": item_id, "items.0.quantity": "1", "items.0.condition": "damaged"}
    assert officer.submit(f"{here}/hand-back", {**back, **lines}).status_code == 303
    assert "有差異" in text(officer.get(here))
    assert officer.submit(f"{here}/hand-back", {**back, **lines}).status_code == 409


def test_who_is_no_officer_sees_only_the_own_room(client, agreed):
    for name in ("staff2", "officer", "auditor"):
        assert client(as_=name).get(f"/tenancies/{agreed}").status_code == 404
    for path in ("/tenancies", "/payroll", "/payroll.csv", f"/tenancies/{agreed}/move-out"):
        assert client(as_="staff").get(path).status_code == 403
    assert client(as_="staff").submit(f"/tenancies/{agreed}/hand-back", {}).status_code == 403


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("step", ["", "/contract", "/move-in", "/pay", "/move-out", "/hand-back"])
def test_every_form_opens_in_both_languages(client, agreed, step, lang):
    assert client(as_="dorms").get(f"/tenancies/{agreed}{step}?lang={lang}").status_code == 200


@pytest.mark.parametrize("show", ["", "to_sign", "living", "leaving", "overdue", "handed_back", "nonsense"])
def test_the_list_by_state(client, agreed, show):
    page = text(client(as_="dorms").get(f"/tenancies?show={show}"))
    assert (f"/tenancies/{agreed}" in page) == (show in ("", "to_sign"))


@pytest.fixture
def housed(database, people, opened, now):
    """`staff2` has lived in a room of the house since January; returns the stay's id."""

    def work(session):
        from_, until = today(now).replace(month=1), today(now).replace(year=2030)
        room = session.scalars(select(Room).order_by(Room.id)).first()
        stay = occupancy.record_tenancy(session, people["dorms"], now, room, people["staff2"].id, from_, until, grade=7)
        return stay.id

    return database.transact(work)


def test_the_month_as_page_and_as_files(client, housed):
    officer = client(as_="dorms")
    page = text(officer.get("/payroll?month=2026-11"))
    assert "田一宿" in page and "900" in page and "示範" in page
    told = officer.get("/payroll.csv?month=2026-11")
    assert told.get_data(as_text=True).splitlines()[1].endswith("600,300,900")
    assert officer.get("/payroll.ods?month=2026-11").status_code == 200
    assert officer.get("/payroll?month=nonsense").status_code == 200
    listed = officer.api("GET", "/payroll?month=2026-11").json["items"]
    assert [(line["days"], line["total"]) for line in listed] == [(30, 900)]
    assert officer.api("GET", "/payroll?month=11").status_code == 422


def test_more_time_and_stopping_by_page(client, housed):
    officer, here = client(as_="dorms"), f"/tenancies/{housed}"
    given = {"cause": "not_living", "since": "2026-11-20", "leave_by": "2026-12-31"}
    refused = officer.submit(f"{here}/move-out", given)
    assert refused.status_code == 422 and "查證經過" in text(refused)
    assert officer.submit(f"{here}/move-out", {**given, "reason": "訪視 3 次未遇，本人承認"}).status_code == 303
    more = {"leave_by": "2027-01-31", "approval": "115 秘字第 9 號", "reason": "待產"}
    assert officer.submit(f"{here}/move-out/extension", more).status_code == 303
    assert "115 秘字第 9 號" in text(officer.get(here))
    assert officer.submit(f"{here}/move-out/stop", {}).status_code == 422
    assert officer.submit(f"{here}/move-out/stop", {"stop_reason": "已恢復居住"}).status_code == 303
    assert officer.submit(f"{here}/pay", {"since": "2026-12-01", "grade": "10", "deducted": "true"}).status_code == 303


# ── By program ────────────────────────────────────────────────────────────────


def test_every_step_through_the_api(client, agreed, clock):
    officer, staff, day = client(as_="dorms"), client(as_="staff"), today(clock.now).isoformat()
    here = f"/tenancies/{agreed}"
    assert officer.api("GET", "/tenancies?show=to_sign").json["items"][0]["id"] == str(agreed)
    assert staff.api("GET", here).json["status"] == "to_sign"
    assert staff.api("POST", f"{here}/contract", {**SIGNED, "notarised_on": day}).status_code == 403
    signed = officer.api("POST", f"{here}/contract", {**SIGNED, "notarised_on": day})
    assert (signed.status_code, signed.json["status"]) == (200, "to_move_in")
    assert officer.api("POST", f"{here}/signing-time", {"until": day, "reason": "住院"}).status_code == 409
    moved = officer.api("POST", f"{here}/move-in", {"moved_in_on": day, "items": [{"name": "書桌", "quantity": 1}]})
    assert (moved.status_code, moved.json["status"]) == (200, "living")
    assert staff.api("POST", f"{here}/inventory/agree", {}).status_code == 200
    body = {"since": day, "grade": 9, "deducted": False, "reason": "首長核准"}
    assert officer.api("POST", f"{here}/pay", body).status_code == 200
    renewed = officer.api("POST", f"{here}/renewal", {**SIGNED, "number": "2", "notarised_on": day})
    assert renewed.json["contracts"][-1]["renewal"] is True
    started = officer.api("POST", f"{here}/move-out", {"cause": "transfer", "since": day}).json
    assert (started["status"], started["due_on"]) == ("leaving", started["leave_by"])
    more = {"leave_by": "2027-06-30", "approval": "9", "reason": "待產"}
    assert officer.api("POST", f"{here}/move-out/extension", more).json["leave_by"] == "2027-06-30"
    assert officer.api("POST", f"{here}/move-out/stop", {"reason": "撤銷"}).json["status"] == "living"
    stale = {"handed_back_on": day, "room_state": "to_let", "rev": 1}
    assert officer.api("POST", f"{here}/hand-back", stale).status_code == 409
    items = [{"item_id": line["id"], "quantity": 1} for line in started["items"]]
    done = officer.api("POST", f"{here}/hand-back", {"handed_back_on": day, "room_state": "to_let", "items": items})
    assert (done.status_code, done.json["status"], done.json["ended_on"]) == (200, "handed_back", day)
    assert client(as_="staff2").api("GET", here).status_code == 404


def test_what_is_due_in_a_stay_follows_its_steps_in_the_list_and_the_feed(client, database, agreed, clock):
    officer, staff, day = client(as_="dorms"), client(as_="staff"), today(clock.now).isoformat()

    def due():
        return [each["what"] for each in staff.api("GET", "/deadlines").json["items"]]

    here = f"/tenancies/{agreed}"
    assert due() == ["sign"]
    officer.api("POST", f"{here}/contract", {**SIGNED, "notarised_on": day})
    assert due() == ["move_in"]
    officer.api("POST", f"{here}/move-in", {"moved_in_on": day})
    assert due() == []
    officer.api("POST", f"{here}/move-out", {"cause": "retirement", "since": day})
    assert due() == ["move_out"]
    with database.reading() as session:
        person = session.get(Person, 11)
        entries = list(calendar.my_entries(session, Feed(person_id=11), person, clock.now))
    told = {entry.summary: entry.cancelled for entry in entries if "-move-" in entry.uid}
    assert [(words[:6], over) for words, over in sorted(told.items())] == [
        ("宿舍簽約遷入", True),
        ("宿舍遷出點交", False),
    ]
