"""Papers of a registration as files (T-06): sent in time by the firm, read by it and the desk alone, ticked, taken away."""

import base64
import io
from datetime import date, timedelta
from html import unescape
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from common.audit import AuditEntry
from common.period import taipei
from common.uploads import Store
from tests.venues.rounds_desk import CLOSES, T03, RoundDesk, firm, seller
from venues.models import Registration, RegistrationPaper
from venues.rounds import checking, sent_papers

PDF = b"%PDF-1.7\nbank book\n%%EOF\n"
DAY = date(2026, 11, 20)


@pytest.fixture
def made(database, people, now):
    """`made(work)`: what `work(desk)` makes, committed; its id."""

    def make(work):
        def act(session):
            own = {name: session.merge(person, load=False) for name, person in people.items()}
            return work(RoundDesk(session, own, now)).id

        return database.transact(act)

    return make


@pytest.fixture
def opened(made):
    return made(lambda desk: desk.open(T03))


@pytest.fixture
def mine(opened, client):
    """A food firm's registration by wire, nothing ticked yet; its number."""
    told = {"class_code": "food", "firm_number": firm(7), "firm_name": "七七食品行", "seller_id": seller(7)}
    answer = client(as_="group").api("POST", f"/rounds/{opened}/registrations", told)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return int(answer.get_json()["id"])


def send(person, registration, kind="firm_card", content=PDF, name="存摺.pdf", **told):
    fields = {"kind": kind, "file": (io.BytesIO(content), name), **told}
    return person.submit(f"/registrations/{registration}/files", fields, content_type="multipart/form-data")


def page(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)[:3000]
    return unescape(answer.get_data(as_text=True))


def kept_files(settings):
    return [path for path in settings.uploads_dir.rglob("*") if path.is_file()]


def papers_of(database):
    with database.reading() as session:
        return list(session.scalars(select(RegistrationPaper).order_by(RegistrationPaper.id)))


def test_a_firm_sends_its_papers_while_registration_runs_and_each_ticks_its_line(mine, client, database):
    group = client(as_="group")
    assert "待補" in page(group.get(f"/registrations/{mine}"))
    assert send(group, mine).status_code == 303
    told = page(group.get(f"/registrations/{mine}"))
    assert "存摺.pdf" in told and "SHA-256" in told and "有檔案" in told
    with database.reading() as session:
        assert session.get(Registration, mine).papers == ["firm_card"]
    assert "已經送過" in page(send(group, mine), 422)
    assert "只收 PDF" in page(send(group, mine, content=b"<svg/>"), 422)
    assert "請選擇檔案" in page(group.submit(f"/registrations/{mine}/files", {"kind": "firm_card"}), 422)
    assert "存摺.pdf" in page(group.get(f"/registrations/{mine}?lang=en"))


def test_the_files_are_opened_by_their_firm_and_the_desk_alone(mine, client, database, settings):
    assert send(client(as_="group"), mine).status_code == 303
    (paper,) = papers_of(database)
    for reader in ("group", "venues"):
        answer = client(as_=reader).get(f"/registration-files/{paper.id}")
        assert answer.data == PDF
        assert unquote(answer.headers["Content-Disposition"]).endswith("存摺.pdf")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    auditor = client(as_="auditor")
    assert f"/registration-files/{paper.id}" not in page(auditor.get(f"/registrations/{mine}"))
    for stranger in ("auditor", "officer2", "staff"):
        assert client(as_=stranger).get(f"/registration-files/{paper.id}").status_code == 404
        assert client(as_=stranger).submit(f"/registration-files/{paper.id}/delete", {"reason": "x"}).status_code == 404
        assert send(client(as_=stranger), mine).status_code in (403, 404)
    assert client().get(f"/registration-files/{paper.id}").status_code == 303
    assert len(kept_files(settings)) == 1


def test_a_policy_and_a_test_say_their_day_and_are_a_year_old_at_most(mine, client, now):
    group, day = client(as_="group"), taipei(DAY, "00:00").date()
    assert "請填保單或報告的日期" in page(send(group, mine, "liability"), 422)
    assert "超過 12 個月" in page(send(group, mine, "liability", issued_on="2025-11-01"), 422)
    assert "不能晚於今天" in page(send(group, mine, "lab_test", issued_on="2027-01-01"), 422)
    assert send(group, mine, "lab_test", issued_on=str(day - timedelta(days=300))).status_code == 303
    told = page(client(as_="venues").get(f"/registrations/{mine}"))
    assert "文件日期" in told


def test_after_the_window_papers_are_taken_only_when_the_desk_asked_and_until_the_due_day(
    mine, client, clock, database
):
    clock.now = CLOSES + timedelta(hours=1)
    group, desk = client(as_="group"), client(as_="venues")
    assert "現在不收文件" in page(send(group, mine), 409)
    assert 'enctype="multipart/form-data"' not in page(group.get(f"/registrations/{mine}"))
    assert send(desk, mine, "checklist", name="紙本.pdf").status_code == 303
    with database.reading() as session:
        round_id = session.get(Registration, mine).round_id
    assert desk.submit(f"/rounds/{round_id}/close", {}).status_code == 303
    asked = desk.submit(f"/registrations/{mine}/papers-request", {"what": "缺存摺", "due_on": "2026-12-01"})
    assert asked.status_code == 303
    clock.now = taipei(date(2026, 12, 1), "23:00")
    assert send(client(as_="group"), mine).status_code == 303
    clock.now = taipei(date(2026, 12, 2), "00:10")
    assert send(client(as_="group"), mine, "application").status_code == 409


def test_the_desk_ticks_with_the_file_beside_and_what_it_unticks_is_missing(mine, client, database):
    group, desk = client(as_="group"), client(as_="venues")
    for kind in ("registration", "firm_card"):
        assert send(group, mine, kind).status_code == 303
    shown = page(desk.get(f"/registrations/{mine}"))
    assert "沒有送檔案" in shown and "儲存勾選" in shown and "儲存勾選" not in page(group.get(f"/registrations/{mine}"))
    stale = desk.submit(f"/registrations/{mine}/ticks", {"papers": ["registration"], "rev": "1"})
    assert stale.status_code == 409
    done = desk.submit(f"/registrations/{mine}/ticks", {"papers": ["registration", "checklist"]})
    assert done.status_code == 303
    with database.reading() as session:
        kept = session.get(Registration, mine)
        assert kept.papers == ["checklist", "registration"] and "firm_card" in checking.missing(kept)
        (entry,) = session.query(AuditEntry).filter_by(action="registration_papers_ticked")
        assert entry.after["papers"] == ["checklist", "registration"]
    assert group.submit(f"/registrations/{mine}/ticks", {"papers": []}).status_code == 403


def test_a_file_taken_away_leaves_its_row_and_takes_its_tick_along(mine, client, database, settings):
    group = client(as_="group")
    assert send(group, mine).status_code == 303
    (paper,) = papers_of(database)
    again = page(group.submit(f"/registration-files/{paper.id}/delete", {"reason": ""}), 422)
    assert "請填寫原因" in again and len(kept_files(settings)) == 1
    assert group.submit(f"/registration-files/{paper.id}/delete", {"reason": "傳錯檔案"}).status_code == 303
    assert kept_files(settings) == []
    assert group.get(f"/registration-files/{paper.id}").status_code == 404
    assert "傳錯檔案" in page(client(as_="venues").get(f"/registrations/{mine}"))
    with database.reading() as session:
        assert session.get(Registration, mine).papers == []


def test_the_file_goes_after_the_commit_and_stays_when_it_fails(mine, client, database, people, settings, now):
    assert send(client(as_="group"), mine).status_code == 303
    (paper,) = papers_of(database)
    store, seen = Store(settings.uploads_dir), []

    def work(session, fails):
        sent_papers.delete(session, session.merge(people["venues"], load=False), now, paper.id, store, reason="錯")
        with session.begin_nested():
            session.flush()
        seen.append(len(kept_files(settings)))
        if fails:
            raise RuntimeError("the transaction fails")

    with pytest.raises(RuntimeError):
        database.transact(lambda session: work(session, True))
    assert len(kept_files(settings)) == 1 and papers_of(database)[0].deleted_at is None
    database.transact(lambda session: work(session, False))
    assert seen == [1, 1] and kept_files(settings) == []


def test_programs_send_list_tick_and_take_away_too(mine, client):
    group, desk = client(as_="group"), client(as_="venues")
    body = {
        "kind": "liability",
        "issued_on": "2026-06-01",
        "filename": "../保單.exe",
        "file": base64.b64encode(PDF).decode(),
    }
    sent = group.api("POST", f"/registrations/{mine}/files", body)
    assert sent.status_code == 201, sent.get_data(as_text=True)
    told = sent.get_json()
    assert (told["filename"], told["issued_on"], told["size"]) == ("保單.pdf", "2026-06-01", len(PDF))
    items = {one["kind"]: one for one in group.api("GET", f"/registrations/{mine}/papers").get_json()["items"]}
    assert items["liability"]["there"] and items["liability"]["ticked"] and not items["lab_test"]["there"]
    assert client(as_="officer2").api("GET", f"/registrations/{mine}/papers").status_code == 404
    ticked = desk.api("POST", f"/registrations/{mine}/ticks", {"papers": ["checklist"]})
    assert ticked.get_json()["papers"] == ["checklist"]
    assert group.api("POST", f"/registrations/{mine}/ticks", {"papers": []}).status_code == 403
    gone = desk.api("POST", f"/registration-files/{told['id']}/deletion", {"reason": "過期"})
    assert gone.get_json()["deleted_reason"] == "過期"
