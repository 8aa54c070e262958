"""Papers of a booking: what is needed, who may send, read and take away; and the pages of a booking's end."""

import base64
import io
from urllib.parse import unquote

import pytest
from PIL import Image
from sqlalchemy import select

from common.identity import Person
from common.period import taipei
from common.uploads import Store
from tests.venues.conftest import DAY, EVENT, LATER
from tests.venues.test_pages import read
from venues import aftercare, papers, suspending
from venues.models import Breach, Closure, Inspection, Paper

PDF = b"%PDF-1.7\nplan\n%%EOF\n"
SLOTS = [{"date": str(DAY), "slot": "morning"}, {"date": str(DAY), "slot": "afternoon"}]


@pytest.fixture
def group(client):
    return client(as_="group")


@pytest.fixture
def officer(client):
    return client(as_="venues")


@pytest.fixture
def booking(group, ids):
    """An application of the group, its number."""
    body = {"venue_id": str(ids["atrium"]), "slots": SLOTS, **EVENT}
    return int(group.api("POST", "/bookings", body).get_json()["id"])


@pytest.fixture
def paid(booking, officer):
    for path, body in (
        ("approve", {"note": LATER}),
        ("insurance", {"policy_number": "PL"}),
        ("payment", {"receipt_number": "R"}),
    ):
        assert officer.api("POST", f"/bookings/{booking}/{path}", body).status_code == 200
    return booking


def send(person, booking, kind="registration", name="證書.pdf", content=PDF):
    return person.submit(
        f"/bookings/{booking}/papers",
        {"kind": kind, "file": (io.BytesIO(content), name)},
        content_type="multipart/form-data",
    )


def text(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def paper_ids(database):
    with database.reading() as session:
        return list(session.scalars(select(Paper.id).order_by(Paper.id)))


def test_what_is_needed_depends_on_the_body_the_ground_and_the_sale(halls):
    atrium, plaza = halls["atrium"], halls["civic-plaza"]
    assert papers.needed(atrium, "city_agency", stage=True, charity_sale=False) == ["event_plan"]
    body = papers.needed(atrium, "registered_body", stage=True, charity_sale=True)
    assert body == ["event_plan", "registration", "undertaking", "charity_permit", "insurance"]
    assert "typhoon" in papers.needed(plaza, "city_agency", stage=True, charity_sale=False)


def test_a_paper_leaves_only_by_its_own_door(group, officer, client, booking, database, settings):
    assert send(group, booking).status_code == 303
    page = text(group.get(f"/bookings/{booking}/papers"))
    assert "證書.pdf" in page and "SHA-256" in page
    (paper,) = paper_ids(database)
    for reader in (group, officer, client(as_="auditor")):
        answer = reader.get(f"/papers/{paper}/file")
        assert answer.data == PDF
        assert unquote(answer.headers["Content-Disposition"]) == "attachment; filename*=UTF-8''證書.pdf"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    for stranger in (client(as_="officer2"), client(as_="staff")):
        assert stranger.get(f"/papers/{paper}/file").status_code == 404
        assert stranger.get(f"/bookings/{booking}/papers").status_code == 404
        assert send(stranger, booking).status_code in (403, 404)
    assert client().get(f"/papers/{paper}/file").status_code == 303
    kept = [path for path in settings.uploads_dir.rglob("*") if path.is_file()]
    assert len(kept) == 1 and kept[0].suffix == "" and kept[0].stat().st_mode & 0o777 == 0o600


def test_what_is_no_paper_is_refused_and_the_kind_stays_chosen(group, booking):
    page = text(send(group, booking, kind="undertaking", content=b"<script>"), 422)
    assert "只收 PDF" in page and 'value="undertaking" selected' in page
    assert "請選擇檔案" in text(group.submit(f"/bookings/{booking}/papers", {"kind": "other"}), 422)
    assert send(group, booking, kind="damage_photo").status_code == 403
    send(group, booking)
    assert "已經送過" in text(send(group, booking), 422)


def test_taking_a_paper_away_keeps_who_when_and_why(group, officer, booking, database, settings):
    send(group, booking)
    (paper,) = paper_ids(database)
    assert text(group.get(f"/papers/{paper}/delete")).count("證書.pdf")
    assert "請填寫原因" in text(group.submit(f"/papers/{paper}/delete", {"reason": ""}), 422)
    assert group.submit(f"/papers/{paper}/delete", {"reason": "傳錯檔案"}).status_code == 303
    assert group.get(f"/papers/{paper}/file").status_code == 404
    assert "傳錯檔案" in text(officer.get(f"/bookings/{booking}/papers"))
    assert not [path for path in settings.uploads_dir.rglob("*") if path.is_file()]


def test_a_paper_and_its_file_stand_or_fall_together(booking, database, people, settings, now):
    class Lost(Exception):
        """The transaction does not come to its end."""

    store = Store(settings.uploads_dir)

    def kept():
        return [path.read_bytes() for path in settings.uploads_dir.rglob("*") if path.is_file()]

    def send_in(session, fails=False):
        group = session.get(Person, people["group"].id)
        paper = papers.add(session, group, now, booking, store, kind="registration", filename="證書.pdf", content=PDF)
        if fails:
            raise Lost
        return paper.id

    def take_away(session, fails=False):
        papers.delete(session, session.get(Person, people["group"].id), now, paper, store, reason="傳錯檔案")
        if fails:
            raise Lost

    with pytest.raises(Lost):
        database.transact(lambda session: send_in(session, fails=True))
    assert (kept(), paper_ids(database)) == ([], [])
    paper = database.transact(send_in)
    with pytest.raises(Lost):
        database.transact(lambda session: take_away(session, fails=True))
    assert kept() == [PDF]
    database.transact(take_away)
    assert kept() == []


def test_an_approval_without_papers_says_which_and_asks_why(group, officer, booking):
    where = f"/bookings/{booking}"
    assert "還缺立案證明、使用切結書" in text(officer.get(where))
    assert (
        dict(read(officer.get(where)).form("/approve")["fields"])["note"].strip() == ""
    )  # nobody's reason stands there
    assert "還缺" in text(officer.submit(f"{where}/approve", {"note": ""}), 422)
    letter = text(officer.get(f"{where}/letter"))
    assert "場地使用核准通知（草稿）" in letter and "中華民國 115 年" in letter and "30,000" in letter
    assert group.get(f"{where}/letter").status_code == 404
    assert officer.submit(f"{where}/approve", {"note": "使用日前補齊"}).status_code == 303
    assert "擬予" not in text(group.get(f"{where}/letter"))
    assert "切結遵守" in text(group.get(f"{where}/undertaking"))
    checklist = officer.api("GET", f"{where}/papers").get_json()["items"]
    assert {item["kind"]: item["there"] for item in checklist}["event_plan"] is True


def test_by_the_api_too_an_approval_without_papers_says_why(officer, booking):
    where = f"/bookings/{booking}"
    for note in ({}, {"note": ""}, {"note": "  "}):
        answer = officer.api("POST", f"{where}/approve", note)
        assert answer.status_code == 422 and answer.mimetype == "application/problem+json"
        (error,) = answer.get_json()["errors"]
        assert error["field"] == "note" and "立案證明、使用切結書" in error["message"]
    assert officer.api("GET", where).get_json()["status"] == "submitted"
    assert officer.api("POST", f"{where}/approve", {"note": LATER}).get_json()["status"] == "awaiting_insurance"


def test_with_its_papers_an_approval_needs_no_word(group, officer, booking):
    send(group, booking)
    send(group, booking, kind="undertaking", content=PDF + b"signed\n%%EOF\n")
    approved = officer.api("POST", f"/bookings/{booking}/approve", {})
    assert approved.get_json()["status"] == "awaiting_insurance"


def test_from_the_hall_to_the_record_and_the_money_back(group, client, paid, database, clock):
    where = f"/bookings/{paid}"
    clock.now = taipei(DAY, "18:30")
    database.transact(lambda session: aftercare.turn(session, clock.now))
    group, officer = client(as_="group"), client(as_="venues")
    photo = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(photo, "PNG")
    typed = {"damages.0.what": "地板刮痕", "damages.0.amount": "三千", "present": "蘇青田"}
    page = text(officer.submit(f"{where}/inspection", typed), 422)
    assert "地板刮痕" in page and "蘇青田" in page
    typed |= {"damages.0.amount": "3500", "photos": (io.BytesIO(photo.getvalue()), "刮痕.png")}
    assert officer.submit(f"{where}/inspection", typed, content_type="multipart/form-data").status_code == 303
    record = text(group.get(f"{where}/protocol"))
    assert "中華民國 115 年 12 月 12 日" in record and "3,500" in record and "刮痕.png" in record
    assert group.submit(f"{where}/account", {"name": "協會", "bank": "臺灣銀行", "number": "01234"}).status_code == 303
    settle = text(officer.get(f"{where}/settle"))
    assert 'aria-label="場地管理"' in settle, "the desk's menu"
    assert "臺灣銀行 01234（協會）" in settle and "退還 16,500 元" in settle
    paid_back = officer.submit(f"{where}/return-deposit", {"amount": "16500", "payee": "", "document_number": "D-1"})
    assert paid_back.status_code == 303
    assert "結案" in text(group.get(where))
    told = officer.api("GET", f"{where}/inspection").get_json()
    assert (told["result"], told["deducted"], told["to_return"]) == ("damaged", 3500, 0)
    with database.reading() as session:
        assert session.scalars(select(Inspection.present)).all() == ["蘇青田"]
    assert "3,500" in text(officer.get("/income?period=115H2")) and text(officer.get("/accounts")).count("試算表")
    assert officer.get("/income.ods?period=115H2").status_code == officer.get("/income.csv").status_code == 200
    assert "扣抵" in text(officer.get("/income/lines?period=115H2"))
    done = officer.submit("/accounts/remit", {"until": "2026-12-12", "document_number": "T-1"})
    assert done.status_code == 303 and "T-1" in text(officer.get("/accounts"))
    assert officer.api("GET", "/income?period=115H2").get_json()["total"] == 13500
    assert officer.api("GET", "/trial-balance").get_json()["difference"] == 0


def test_a_breach_and_a_closure_by_their_pages(group, officer, paid, database, ids, now):
    values = {
        "venue_ids": str(ids["atrium"]), "first": "2026-12-10", "last": "2026-12-14", "ground": "renovation", "reason": "整修"
    }  # fmt: skip
    assert "請選擇依據" in text(officer.get("/closures/new", query_string={**values, "ground": ""}), 422)
    page = text(officer.get("/closures/new", query_string=values))
    assert "停止使用並退還 30,000 元" in page
    assert officer.submit("/closures", values).status_code == 422
    assert officer.submit("/closures", {**values, "shown": "0"}).status_code == 409
    assert officer.submit("/closures", {**values, "shown": "1"}).status_code == 303
    assert "辦理中" in text(officer.get("/closures/1"))
    while database.transact(lambda session: suspending.step(session, now)):
        pass
    assert "停止，全額退還" in text(officer.get("/closures/1")) and "整修" in text(officer.get("/closures"))
    assert "整修" in text(group.get(f"/{ids['atrium']}")) and "整修" in text(group.get("/"))
    assert "全額退還" in text(group.get(f"/bookings/{paid}"))
    assert group.submit(f"/bookings/{paid}/want-back", {"wanted": "1"}).status_code == 303
    assert group.get("/closures/1").status_code == 403
    with database.reading() as session:
        rev = session.get(Closure, 1).rev
    assert officer.submit("/closures/1/reopen", {"reason": "提前", "restore": "1", "rev": rev}).status_code == 303
    while database.transact(lambda session: suspending.step(session, now)):
        pass
    assert "檔期恢復" in text(group.get(f"/bookings/{paid}"))
    assert "12 個月" in text(officer.get(f"/bookings/{paid}/breach"))
    record = officer.submit(f"/bookings/{paid}/breach", {"kind": "transfer", "what": "轉讓"})
    assert record.status_code == 303 and "轉讓他人使用" in text(officer.get("/bars"))
    with database.reading() as session:
        (bar,) = session.scalars(select(Breach.id))
    assert officer.submit(f"/bars/{bar}/lift", {"reason": ""}).status_code == 422
    assert officer.submit(f"/bars/{bar}/lift", {"reason": "申復有理由"}).status_code == 303
    key = {"key": "venue.breachBanMonths", "value": "6", "valid_from": "2026-12-01"}
    assert officer.submit("/booking-parameters", key).status_code == 303
    assert "6 from" in text(officer.get("/booking-parameters?lang=en"))


def photo():
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "brown").save(made, "PNG")
    return made.getvalue()


def test_a_paper_is_sent_by_the_api_too(booking, group, client):
    def sent(person, kind, content, name="證書.exe.pdf"):
        told = {"kind": kind, "filename": name, "file": content}
        return person.api("POST", f"/bookings/{booking}/papers", told)

    pdf = base64.b64encode(PDF).decode()
    answer = sent(group, "registration", pdf, "../../證書.exe")
    assert answer.status_code == 201, answer.get_data(as_text=True)
    paper = answer.get_json()
    assert (paper["filename"], paper["media_type"], paper["size"]) == ("證書.pdf", "application/pdf", len(PDF))
    assert group.api("GET", f"/bookings/{booking}/papers").get_json()["items"][1]["there"] is True
    svg = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode()
    for person, kind, content, status in (
        (group, "registration", pdf, 422),
        (group, "other", "not base64!", 422),
        (group, "other", svg, 422),
        (group, "damage_photo", base64.b64encode(photo()).decode(), 403),
        (client(as_="officer2"), "other", pdf, 404),
    ):
        assert sent(person, kind, content).status_code == status, (kind, content)


def test_a_photo_can_follow_when_the_damage_used_up_the_deposit(paid, client, clock):
    clock.now = taipei(DAY, "20:00")
    officer, group = client(as_="venues"), client(as_="group")
    damage = {"damages": [{"what": "地板", "amount": 20000}]}
    assert officer.api("POST", f"/bookings/{paid}/inspect", damage).status_code == 200
    assert officer.api("GET", f"/bookings/{paid}").get_json()["status"] == "closed"
    told = {"kind": "damage_photo", "filename": "地板.png", "file": base64.b64encode(photo()).decode()}
    answer = officer.api("POST", f"/bookings/{paid}/papers", told)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    record = text(group.get(f"/bookings/{paid}/protocol"))
    printed = record[record.index("<article") : record.index("</article>")]
    assert f"/papers/{answer.get_json()['id']}/file" in printed and "損壞照片 1：地板.png" in printed
    picture = group.get(f"/papers/{answer.get_json()['id']}/file")
    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert group.api("POST", f"/bookings/{paid}/papers", {**told, "kind": "other"}).status_code == 409
