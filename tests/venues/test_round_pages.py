"""The pages of rounds: anybody reads and checks, a firm registers and answers, the desk runs a round, and nothing typed is lost."""

import io
import re
import subprocess
import sys
from datetime import date, timedelta
from html import unescape

import pytest

from common.audit import AuditEntry
from tests.venues.rounds_desk import CLOSES, KNOWN, T03, RoundDesk, entry, firm, seller
from tests.venues.test_pages import read
from venues.models import Registration, Round
from venues.rounds import parameters, places

TYPED = {
    "class_code": "food", "firm_kind": "company", "firm_number": firm(77), "firm_name": "七七餐車", "seller_name": "陳七",
    "seller_id": seller(77), "phone": "0900-000-077", "goods": "豆花", "papers": ["checklist", "liability"],
}  # fmt: skip


@pytest.fixture
def made(database, people, now):
    """`made(work)`: a round made by `work(desk)` and committed; its id."""

    def make(work):
        def act(session):
            own = {name: session.merge(person, load=False) for name, person in people.items()}
            return work(RoundDesk(session, own, now)).id

        return database.transact(act)

    return make


def page(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)[:3000]
    return unescape(answer.get_data(as_text=True))


@pytest.fixture
def big(made):
    """540 tickets for 26 places, drawn; the group has one of them."""

    def work(desk):
        row = desk.open((("charity", 7), ("food", 6), ("cloth", 4), ("produce", 5), ("hardware", 4)))
        desk.register(row, entry(9999), who=desk.group)
        desk.fill(row, 539, ("charity", "food", "cloth", "produce", "hardware"))
        return desk.draw(desk.publish(row))

    return made(work)


def test_a_stranger_sees_the_draw_of_540_in_less_than_100_kb_and_can_check_it(client, big, tmp_path):
    stranger = client()
    assert "檔期與抽籤" in page(stranger.get("/rounds"))
    assert "看抽籤與驗算" in page(stranger.get(f"/rounds/{big}"))
    answer = stranger.get(f"/rounds/{big}/draw")
    told = page(answer)
    assert len(answer.data) < 100_000
    assert "重新計算，結果相同" in told and "第9999商行" not in told
    (tmp_path / "recipe.py").write_text(
        re.search(r'<pre class="recipe" id="recipe"[^>]*>(.*?)</pre>', told, re.DOTALL)[1]
    )
    (tmp_path / "tickets.txt").write_bytes(stranger.get(f"/rounds/{big}/tickets.txt").data)
    command = [sys.executable, "-I", "-S", "recipe.py"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    record = stranger.get(f"/rounds/{big}/draw.json").json
    assert ran.splitlines()[0] == f"list {record['tickets_sha256']}"
    assert f"F selected {' '.join(record['results'][1]['selected'])}\n" in ran
    (tmp_path / "draw.json").write_bytes(stranger.get(f"/rounds/{big}/draw.json").data)
    (tmp_path / "check_draw.py").write_bytes(stranger.get("/rounds/check_draw.py").data)
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "check_draw.py", "draw.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "the draw is right\n"
    for form in ("csv", "ods"):
        assert stranger.get(f"/rounds/{big}/tickets.{form}").status_code == 200
    own = page(client(as_="group").get(f"/rounds/{big}/draw"))
    ticket = re.search(r'<li class="me">(F-\d{5})</li>', own)[1]
    assert ticket == "F-00001" and ("正取" in own or "備取" in own), "one's own ticket is found and marked"
    other = record["results"][0]["waiting"][4]
    assert f"{other}：備取 5" in page(stranger.get(f"/rounds/{big}/draw?ticket={other.lower()}"))
    assert "名單裡沒有 X-1" in page(stranger.get(f"/rounds/{big}/draw?ticket=x-1"))


def test_a_firm_registers_and_what_it_typed_is_not_lost(client, made, database):
    row_id = made(lambda desk: desk.open(T03))
    group = client(as_="group")
    wrong = {**TYPED, "firm_number": "12345678", "seller_id": "A123456780"}
    again = page(group.submit(f"/rounds/{row_id}/register", wrong), 422)
    assert "檢查碼" in again
    for value in ("12345678", "七七餐車", "豆花", "A123456780"):
        assert f'value="{value}"' in again
    assert re.search(r'value="liability" checked', again)
    sent = group.submit(f"/rounds/{row_id}/register", TYPED)
    assert sent.status_code == 303, page(sent, 303)
    told = page(group.get(sent.headers["Location"]))
    assert "F-00001" in told and "七七餐車" in told and seller(77) not in told
    twice = page(group.submit(f"/rounds/{row_id}/register", TYPED), 409)
    assert "已經登記過了" in twice
    other = made(lambda desk: desk.open(T03))
    assert 'value="七七餐車"' in page(group.get(f"/rounds/{other}/register"))
    with database.reading() as session:
        (kept,) = session.query(Registration).all()
        assert kept.papers == ["checklist", "liability"]


def test_somebody_elses_registration_is_not_shown(client, made):
    def work(desk):
        row = desk.open(T03)
        (registration,) = desk.register(row, entry(1))
        return registration

    registration = made(work)
    assert client(as_="venues").get(f"/registrations/{registration}").status_code == 200
    for name in ("group", "officer2", "staff"):
        assert client(as_=name).get(f"/registrations/{registration}").status_code == 404
        assert client(as_=name).submit(f"/registrations/{registration}/withdraw", {}).status_code == 404


def test_the_desk_runs_a_round_from_the_form_to_the_rent(client, clock, database):
    def people_then():
        return client(as_="venues"), client(as_="admin"), client(as_="group")

    desk, second, group = people_then()
    form = dict(read(desk.get("/rounds/new")).form("/new")["fields"])
    assert (form["classes.0.code"], form["classes.4.places"]) == ("charity", "4")
    fields = {
        **{name: value for name, value in form.items() if name != "csrf_token"}, "registration.from": "2026-11-23T09:00",
        "registration.until": "2026-11-28T17:00", "term.from": "2027-01-01", "term.until": "2027-07-01",
    }  # fmt: skip
    again = page(desk.submit("/rounds/new", {**fields, "registration.until": "2026-11-23T08:59"}), 422)
    assert "截止時間要晚於開始時間" in again and 'value="2026-11-23T08:59"' in again
    made = desk.submit("/rounds/new", fields)
    assert made.status_code == 303, page(made, 303)
    (number,) = re.findall(r"/rounds/(\d+)/desk", made.headers["Location"])
    base = f"/rounds/{number}"
    assert client().get(base).status_code == 404, "a draft is nobody else's"
    assert desk.submit(f"{base}/announce", {}).status_code == 303
    sent = group.submit(f"{base}/register", TYPED)
    mine = sent.headers["Location"].rpartition("/")[2]
    table = f"類別,統一編號,廠商名稱,身分證號,文件齊備\nfood,{firm(1)},一號,{seller(1)},是\nfood,{firm(2)},二號,{seller(2)},是\n"

    def upload(text):
        return desk.submit(f"{base}/file", {"file": (io.BytesIO(text.encode()), "list.csv")})

    assert "第 3 列" in page(upload(table.replace(firm(2), "87654321")), 422)
    assert upload(table).status_code == 303
    assert "全部判定合格" in page(desk.get(f"{base}/desk"))
    clock.now = CLOSES + timedelta(hours=1)
    desk, second, group = people_then()
    assert desk.submit(f"{base}/close", {}).status_code == 303
    assert desk.submit(f"{base}/eligible", {}).status_code == 303
    assert "還有 1 件沒有審定" in page(desk.get(f"{base}/desk"))
    ask = desk.submit(f"/registrations/{mine}/papers-request", {"what": "檢驗報告", "due_on": "2026-12-01"})
    assert ask.status_code == 303
    assert "檢驗報告" in page(group.get(f"/registrations/{mine}"))
    assert group.submit(f"/registrations/{mine}/papers", {"papers": ["lab_test"]}).status_code == 303
    assert desk.submit(f"/registrations/{mine}/eligible", {}).status_code == 303
    published = desk.submit(f"{base}/list", {"seed_source": "大樂透", "seed_known_at": "2026-12-08T14:00"})
    assert published.status_code == 303, page(published, 303)
    assert "sha256sum tickets.txt" in page(client().get(f"{base}/draw"))
    clock.now = KNOWN
    desk, second, group = people_then()
    assert desk.submit(f"{base}/seed", {"seed": "7 12 30"}).status_code == 303
    assert "等另一位承辦" in page(desk.get(f"{base}/desk")) and "7 12 30" not in page(second.get(f"{base}/desk"))
    drawn = second.submit(f"{base}/seed", {"seed": "7 12 30"})
    assert drawn.headers["Location"].endswith("/draw")
    assert "要這個位子嗎" in page(group.get(f"/registrations/{mine}"))
    assert group.submit(f"/registrations/{mine}/accept", {}).status_code == 303
    told = page(desk.get(f"/registrations/{mine}"))
    assert "應收 54,300 元" in told
    paid = desk.submit(f"/registrations/{mine}/payment", {"receipt_number": "R-1", "amount": "54300"})
    assert paid.status_code == 303
    assert desk.submit(f"/registrations/{mine}/warn", {"what": "占用通道", "grave": "1"}).status_code == 303
    assert "停權" in page(desk.get(f"/registrations/{mine}"))
    assert client().api("GET", f"/rounds/{number}/draw/verification").json["ok"] is True
    with database.reading() as session:
        assert session.get(Round, int(number)).status == "drawn"


def test_every_page_of_a_round_reads_in_english_too(client, made):
    def work(desk):
        row = desk.drawn(8, (("food", 2), ("cloth", 1)))
        (one, *_) = desk.session.query(Registration).filter_by(status="selected")
        places.accept(desk.session, desk.officer, KNOWN, one.id)
        return row

    row_id = made(work)
    desk = client(as_="venues")
    for address in (
        "/rounds",
        f"/rounds/{row_id}",
        f"/rounds/{row_id}/draw",
        f"/rounds/{row_id}/desk",
        "/registrations/1",
    ):
        told = page(desk.get(f"{address}?lang=en"))
        assert "Rounds and draws" in told
    for address in ("/rounds/new?kind=gallery", f"/rounds/{row_id}/file", f"/rounds/{row_id}/register"):
        assert desk.get(f"{address}").status_code == 200
    for form in ("csv", "ods"):
        assert desk.get(f"/rounds/{row_id}/registrations.{form}").status_code == 200
        assert client(as_="group").get(f"/rounds/{row_id}/registrations.{form}").status_code == 403


def test_a_parameter_of_rounds_is_set_from_a_day_on_by_the_desk_alone(client, ids, database):
    path, form = "/rounds/parameters", {"key": "rounds.answer_days", "value": "5", "valid_from": "2026-12-01"}
    officer = client(as_="venues")
    shown = officer.get(path).get_data(as_text=True)
    assert "T-07" in shown and "正取幾天內回覆" in shown
    for wrong in ({"value": "0"}, {"value": "61"}, {"valid_from": "2026-11-01"}, {"key": "rounds.x"}, {"value": "x"}):
        refused = officer.submit(path, {**form, **wrong})
        assert refused.status_code == 422, wrong
    assert officer.submit(path, form).status_code == 303
    assert client(as_="auditor").get(path).status_code == 200
    assert client(as_="auditor").submit(path, form).status_code == client(as_="officer").get(path).status_code == 403
    with database.reading() as session:
        values = [
            parameters.number(session, "rounds.answer_days", date(2026, *day)).value for day in ((11, 30), (12, 1))
        ]
        assert values == [7, 5]
        (kept,) = session.query(AuditEntry).filter_by(action="round_parameter_set")
        assert (kept.before["value"], kept.after) == (7, {"value": 5, "valid_from": "2026-12-01"})
    assert "5" in officer.get(path).get_data(as_text=True)
