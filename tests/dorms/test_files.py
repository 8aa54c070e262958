"""The file of an application: drafts, papers and what is asked for, corrections, masking, who looked, one's own copy."""

import io
import json

import pytest
from sqlalchemy import func, select

from common.errors import Forbidden, NotFound
from common.identity import Person
from common.uploads import Store
from dorms import applications, corrections, drafts, papers
from dorms.applications import NotEligible
from dorms.corrections import AskedAlready, DecidedAlready
from dorms.models import Application, ApplicationPaper, Correction, Draft
from tests.dorms.conftest import told
from tests.dorms.test_pages import ELIGIBLE, SERVICE, text

PDF = b"%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "uploads")


def file_of(content=PDF, name="proof.pdf"):
    return (io.BytesIO(content), name)


# ── Drafts ────────────────────────────────────────────────────────────────────


def test_what_is_typed_is_kept_on_the_server_even_when_it_is_wrong_and_can_be_gone_on_with(client, database, opened):
    staff = client(as_="staff")
    first = {"round_id": str(opened), **ELIGIBLE}
    staff.submit("/apply/eligibility", first)
    wrong = staff.submit("/apply/check", {**first, **SERVICE, "years_of_service": "forty"})
    assert wrong.status_code == 422
    again = client(as_="staff")
    assert "你有一份草稿" in text(again.get("/apply"))
    page = text(again.get(f"/apply/draft?round={opened}"))
    assert 'value="forty"' in page and 'name="spouse_housed" value="false"' in page
    assert '<option value="xiyuan" selected>' in page
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 1


def test_a_draft_is_its_writers_own_and_goes_when_it_is_sent(client, database, opened):
    staff = client(as_="staff")
    whole = {"round_id": str(opened), **ELIGIBLE, **SERVICE}
    assert staff.submit("/apply/draft", {**whole, "grade": ""}).status_code == 303
    assert "你有一份草稿" not in text(client(as_="staff2").get("/apply"))
    assert client(as_="staff2").get(f"/apply/draft?round={opened}").status_code == 303
    assert staff.submit("/apply", whole).status_code == 303
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 0
        assert session.scalars(select(Application)).one().notice_version == "sample-1"


def test_a_draft_can_be_thrown_away_and_goes_when_registration_has_ended(client, database, opened, clock):
    staff = client(as_="staff")
    staff.submit("/apply/draft", {"round_id": str(opened), "grade": "9"})
    assert staff.submit("/apply/draft/drop", {"round_id": str(opened)}).status_code == 303
    assert "你有一份草稿" not in text(staff.get("/apply"))
    staff.submit("/apply/draft", {"round_id": str(opened), "grade": "9"})
    assert database.transact(lambda session: drafts.forget_late(session, clock.now)) == 0
    clock.tick(days=20)
    assert database.transact(lambda session: drafts.forget_late(session, clock.now)) == 1


def test_the_six_things_of_the_notice_stand_before_the_form(client, opened):
    page = text(client(as_="staff").get("/apply"))
    for thing in ("蒐集機關", "目的", "類別", "期間、地區、對象與方式", "你的權利", "不提供的影響"):
        assert page.index(thing) < page.index("你會一個人住")
    assert "sample-1" in page
    assert "檔案名稱" in text(client(as_="staff").get("/privacy"))


# ── Papers ────────────────────────────────────────────────────────────────────


def test_which_papers_are_needed_follows_from_answers_and_points(apply):
    assert papers.needed(apply("staff", home_status="here")) == ["service"]
    other = apply("staff2", years_elsewhere=2, appraisals=["A"], dependants=1, had_home_loan=True, posted_far=True)
    assert papers.needed(other) == ["service", "elsewhere", "appraisals", "household", "property", "posted_far"]


def test_papers_are_sent_read_and_taken_away_by_pages(client, database, applied):
    staff, page = client(as_="staff"), f"/applications/{applied[0]}/papers"
    assert "還缺" in text(staff.get(page))
    assert staff.submit(page, {"kind": "property", "file": file_of()}).status_code == 303
    assert staff.submit(page, {"kind": "property", "file": file_of()}).status_code == 422
    assert staff.submit(page, {"kind": "property", "file": file_of(b"MZ\x90\x00 program")}).status_code == 422
    assert staff.submit(page, {"kind": "property"}).status_code == 422
    with database.reading() as session:
        paper = session.scalars(select(ApplicationPaper)).one()
    assert staff.get(f"/papers/{paper.id}/file").get_data() == PDF
    for other in ("staff2", "auditor", "admin"):
        assert client(as_=other).get(f"/papers/{paper.id}/file").status_code == 404
        assert client(as_=other).get(page).status_code == 404
    assert staff.submit(f"/papers/{paper.id}/delete", {"reason": "傳錯"}).status_code == 303
    assert staff.get(f"/papers/{paper.id}/file").status_code == 404
    assert "傳錯" in text(staff.get(page))


def test_missing_papers_are_asked_for_until_a_day_and_the_person_is_told(client, database, applied, clock):
    officer, page = client(as_="dorms"), f"/applications/{applied[0]}/papers"
    assert officer.submit(f"/applications/{applied[0]}/supplement", {"due_on": "2026-12-20"}).status_code == 422
    asked = {"kinds": ["property", "service"], "due_on": "2026-12-20", "note": "請附配偶的清單"}
    assert officer.submit(f"/applications/{applied[0]}/supplement", asked).status_code == 303
    assert officer.submit(f"/applications/{applied[0]}/supplement", asked).status_code == 409
    with database.reading() as session:
        assert told(session, "application_supplement_asked") == 1
    clock.tick(days=21)  # registration has ended; what was asked for may still come until its day
    staff = client(as_="staff")
    assert "請附配偶的清單" in text(staff.get(page))
    assert "補件" in text(staff.get(f"/applications/{applied[0]}"))
    for kind in ("property", "service"):
        assert staff.submit(page, {"kind": kind, "file": file_of(PDF + kind.encode() + b"%%EOF")}).status_code == 303
    with database.reading() as session:
        assert told(session, "application_supplemented") == 1
    late = staff.submit(page, {"kind": "other", "file": file_of(PDF + b"late %%EOF")})
    assert late.status_code == 409


def test_the_officer_has_a_list_of_what_is_missing_by_code_and_no_names(client, people, database, applied, opened):
    officer = client(as_="dorms")
    officer.submit(f"/applications/{applied[1]}/supplement", {"kinds": ["disability"], "due_on": "2026-12-01"})
    for kind in ("service", "property"):
        client(as_="staff").submit(f"/applications/{applied[0]}/papers", {"kind": kind, "file": file_of()})
    page = text(officer.get(f"/rounds/{opened}/papers"))
    assert f"/applications/{applied[1]}/papers" in page and f"/applications/{applied[0]}/papers" not in page
    assert "身心障礙證明" in page and "財產歸屬" in page and people["staff2"].name not in page
    assert f"/rounds/{opened}/papers" in text(officer.get(f"/rounds/{opened}"))
    assert client(as_="staff").get(f"/rounds/{opened}/papers").status_code == 403


def test_after_the_due_day_nothing_is_taken(session, apply, people, now, store, round_):
    row = apply("staff")
    papers.ask(session, people["dorms"], now, row.id, kinds=["service"], due_on=now.date())
    later = round_.registration_until
    with pytest.raises(papers.NotNow):
        papers.add(session, people["staff"], later, row.id, store, kind="service", filename="a.pdf", content=PDF)
    with pytest.raises(Forbidden):
        papers.ask(session, people["staff"], now, row.id, kinds=["service"], due_on=now.date())


# ── Corrections ───────────────────────────────────────────────────────────────


def test_a_correction_is_asked_with_a_paper_decided_with_a_reason_and_then_the_application_goes_on(
    client, database, opened
):
    staff = client(as_="staff")
    first = {"round_id": str(opened), **ELIGIBLE, "had_home_loan": "true"}
    stopped = text(staff.submit("/apply/eligibility", first))
    assert f"/corrections/new?round={opened}&amp;question=had_home_loan" in stopped
    assert "你曾獲" in text(staff.get(f"/corrections/new?round={opened}&question=had_home_loan"))
    asked = {"round_id": str(opened), "question": "had_home_loan", "why": "已於 110 年全數返還"}
    bare = staff.submit("/corrections", asked)
    assert bare.status_code == 422 and "已於 110 年全數返還" in text(bare)
    assert staff.submit("/corrections", {**asked, "file": file_of()}).status_code == 303
    officer = client(as_="dorms")
    with database.reading() as session:
        row = session.scalars(select(Correction)).one()
        assert told(session, "correction_asked") == 1
    assert f"/corrections/{row.id}" in text(officer.get("/corrections"))
    assert client(as_="staff2").get(f"/corrections/{row.id}").status_code == 404
    lacking = officer.submit(f"/corrections/{row.id}/decide", {"granted": "true", "rev": row.rev})
    assert lacking.status_code == 422
    decided = {"granted": "true", "rev": row.rev, "reason": "清償證明屬實"}
    assert officer.submit(f"/corrections/{row.id}/decide", decided).status_code == 303
    assert officer.submit(f"/corrections/{row.id}/decide", decided).status_code == 409
    assert "清償證明屬實" in text(staff.get(f"/corrections/{row.id}"))
    assert staff.submit("/apply/eligibility", first).status_code == 200
    assert staff.submit("/apply", {**first, **SERVICE}).status_code == 303
    with database.reading() as session:
        assert told(session, "correction_decided") == 1


def test_a_refused_correction_changes_nothing_and_a_granted_one_is_that_persons_and_that_questions_alone(
    session, round_, people, now, store, apply
):
    def ask(name, question):
        return corrections.ask(
            session, people[name], now, round_, store, question=question, why="x", files=[("a.pdf", PDF)]
        )

    row = ask("staff", "had_home_loan")
    with pytest.raises(AskedAlready):
        ask("staff", "had_home_loan")
    corrections.decide(session, people["dorms"], now, row.id, granted=False, reason="未附清償證明")
    with pytest.raises(DecidedAlready):
        corrections.decide(session, people["dorms"], now, row.id, granted=True, reason="x")
    with pytest.raises(NotEligible):
        apply("staff", had_home_loan=True)
    again = ask("staff", "had_home_loan")
    corrections.decide(session, people["dorms"], now, again.id, granted=True, reason="已附")
    with pytest.raises(NotEligible):
        apply("staff2", had_home_loan=True)
    with pytest.raises(NotEligible) as refused:
        apply("staff", had_home_loan=True, bought_quarters=True)
    assert [error.field for error in refused.value.errors] == ["bought_quarters"]
    assert apply("staff", had_home_loan=True).declarations["had_home_loan"] is True


def test_nobody_decides_about_their_own_correction(session, round_, people, now, store):
    row = corrections.ask(
        session, people["dorms"], now, round_, store, question="lives_alone", why="x", files=[("a.pdf", PDF)]
    )
    with pytest.raises(Forbidden):
        corrections.decide(session, people["dorms"], now, row.id, granted=True, reason="x")
    with pytest.raises(NotFound):
        corrections.find(session, people["staff"], row.id)


# ── Whose eyes ────────────────────────────────────────────────────────────────


def test_family_and_home_are_masked_until_the_purpose_is_given_and_the_person_reads_who_looked_when_and_why(
    client, people, applied
):
    officer, page = client(as_="dorms"), f"/applications/{applied[0]}"
    masked = text(officer.get(page))
    assert "•••" in masked and "均無自有住宅" not in masked
    assert officer.submit(f"{page}/open", {"purpose": "curiosity"}).status_code == 422
    shown = officer.submit(f"{page}/open", {"purpose": "objection"})
    assert shown.status_code == 200 and "均無自有住宅" in text(shown)
    assert client(as_="staff2").submit(f"{page}/open", {"purpose": "check"}).status_code == 403
    own = text(client(as_="staff").get(page))
    assert "均無自有住宅" in own
    assert people["dorms"].name in own and "處理異議" in own and "有顯示" in own
    assert "誰看過我的資料" not in text(officer.get(page))


def test_a_person_reads_and_copies_everything_that_is_held_of_them_and_nothing_of_others(client, people, applied):
    staff = client(as_="staff")
    staff.submit(f"/applications/{applied[0]}/papers", {"kind": "service", "file": file_of()})
    client(as_="dorms").get(f"/applications/{applied[0]}")
    assert staff.get("/my-data").status_code == 200
    held = json.loads(staff.get("/my-data.json").get_data())
    assert [row["grade"] for row in held["applications"]] == [9]
    assert [row["kind_words"] for row in held["papers"]] == ["在職及年資證明"]
    assert [row["by"] for row in held["looks"]] == [people["dorms"].name]
    copied = staff.get("/my-data.csv").get_data().decode("utf-8-sig")
    assert "applications,1,grade,9" in copied
    assert json.loads(client(as_="officer").get("/my-data.json").get_data())["applications"] == []


def test_two_drafts_of_one_person_at_once_are_one(database, opened, now):
    def keep(session):
        person = session.scalars(select(Person).where(Person.username == "staff")).one()
        return drafts.keep(session, person, now, opened, {"grade": "7"}).id

    assert database.transact(keep) == database.transact(keep)


def test_an_anonymous_row_is_nobodys(session, apply, people, now):
    row = apply("staff")
    row.anonymised_at = now
    for name in ("staff", "dorms"):
        with pytest.raises(NotFound):
            applications.find(session, people[name], row.id)
