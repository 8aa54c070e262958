"""Pages: they work without a script, lose nothing, and show each person what is theirs."""

import hashlib

import pytest
from sqlalchemy import select

from common.audit import AuditEntry
from dorms.models import Application, Offer

ELIGIBLE = {
    "on_establishment": "true",
    "lives_alone": "true",
    "had_home_loan": "false",
    "bought_quarters": "false",
    "spouse_housed": "false",
}
SERVICE = {
    "grade": "9",
    "started_on": "2019-03-04",
    "years_of_service": "6.5",
    "years_elsewhere": "1",
    "appraisal_1": "A",
    "appraisal_2": "B",
    "appraisal_3": "-",
    "home_status": "none",
    "wish_1": "xiyuan",
    "wish_2": "-",
    "wish_3": "-",
    "others_ok": "true",
}


def text(answer):
    return answer.get_data(as_text=True)


# ── Applying, without a script ────────────────────────────────────────────────


def test_applying_step_by_step(client, database, opened):
    staff = client(as_="staff")
    assert "你會一個人住" in text(staff.get("/apply"))
    first = {"round_id": str(opened), **ELIGIBLE}
    second = staff.submit("/apply/eligibility", first)
    assert second.status_code == 200
    assert 'name="had_home_loan" value="false"' in text(second)
    third = staff.submit("/apply/check", {**first, **SERVICE})
    assert third.status_code == 200
    assert "這是試算；以核定為準" in text(third)
    assert "第 9 職等" in text(third)
    sent = staff.submit("/apply", {**first, **SERVICE})
    assert sent.status_code == 303
    with database.reading() as session:
        row = session.scalars(select(Application)).one()
        assert sent.location.endswith(f"/applications/{row.id}")
        assert (row.grade, str(row.years_of_service), row.appraisals) == (9, "6.5", ["A", "B"])
        assert row.preferences == ["xiyuan"]
    shown = text(staff.get(f"/applications/{row.id}"))
    assert "已送出" in shown and "77" in shown


def test_an_answer_that_ends_it_stops_at_once_with_the_rule_and_keeps_the_rest(client, opened):
    staff = client(as_="staff")
    answer = staff.submit("/apply/eligibility", {"round_id": str(opened), **ELIGIBLE, "had_home_loan": "true"})
    assert answer.status_code == 422
    assert "依手冊第 7 點不能申請" in text(answer)
    assert "D-04" in text(answer)
    assert "申請更正" in text(answer)
    assert 'name="lives_alone" value="true" checked' in text(answer).replace("  ", " ")


def test_an_unanswered_question_is_asked_again(client, opened):
    answer = client(as_="staff").submit("/apply/eligibility", {"round_id": str(opened), "lives_alone": "true"})
    assert answer.status_code == 422
    assert text(answer).count("請回答這一題") >= 4
    assert "不能申請這一種宿舍" not in text(answer)


def test_nothing_typed_is_lost_when_a_field_is_wrong(client, opened):
    staff = client(as_="staff")
    wrong = {"round_id": str(opened), **ELIGIBLE, **SERVICE, "years_of_service": "forty"}
    answer = staff.submit("/apply/check", wrong)
    assert answer.status_code == 422
    page = text(answer)
    assert 'value="forty"' in page
    assert 'value="2019-03-04"' in page
    assert "年資（年）要是數字" in page
    assert '<option value="xiyuan" selected>' in page
    assert 'name="spouse_housed" value="false"' in page


def test_points_so_far_can_be_asked_for_with_half_the_form_filled(client, opened):
    staff = client(as_="staff")
    half = {
        "round_id": str(opened),
        **ELIGIBLE,
        "grade": "9",
        "years_of_service": "5",
        "home_status": "none",
        "estimate": "1",
    }
    page = text(staff.submit("/apply/edit", half))
    assert "<b>71</b>" in page
    assert 'value="5"' in page
    lacking = staff.submit("/apply/edit", {**half, "grade": ""})
    assert "請填寫職等" in text(lacking)


def test_going_back_from_the_last_step_keeps_every_answer(client, opened):
    staff = client(as_="staff")
    page = text(staff.submit("/apply/edit", {"round_id": str(opened), **ELIGIBLE, **SERVICE}))
    assert 'value="6.5"' in page
    assert '<option value="9" selected' in page or "<option selected>9" in page
    assert '<option value="B" selected>' in page


def test_without_an_open_round_the_page_says_so(client):
    assert "目前沒有受理登記的配借" in text(client(as_="staff").get("/apply"))


def test_whoever_applied_already_is_led_to_the_application(client, applied):
    page = text(client(as_="staff").get("/apply"))
    assert f"/applications/{applied[0]}" in page


def test_a_signed_out_person_loses_nothing(client, opened):
    answer = client().submit("/apply", {"round_id": str(opened), **ELIGIBLE, **SERVICE})
    assert answer.status_code == 401
    assert 'value="6.5"' in text(answer)


def test_a_page_of_a_step_asked_for_directly_leads_to_the_first_step(client, opened):
    for step in ("eligibility", "edit", "check"):
        answer = client(as_="staff").get(f"/apply/{step}")
        assert (answer.status_code, answer.location) == (303, "/apply")


# ── Who sees what ─────────────────────────────────────────────────────────────


def test_nobody_but_its_owner_and_the_officer_sees_an_application(client, applied):
    page = f"/applications/{applied[0]}"
    assert client(as_="staff").get(page).status_code == 200
    assert client(as_="dorms").get(page).status_code == 200
    for other in ("staff2", "auditor", "admin", "supervisor", "group"):
        assert client(as_=other).get(page).status_code == 404
        assert client(as_=other).api("GET", f"{page}/points").status_code == 404
    assert client().get(page).status_code == 303


def test_each_look_of_an_officer_at_personal_data_is_written_down_and_the_owners_own_is_not(
    client, database, applied, opened
):
    client(as_="staff").get(f"/applications/{applied[0]}")
    client(as_="staff").api("GET", f"/applications/{applied[0]}/points")
    officer = client(as_="dorms")
    officer.get(f"/applications/{applied[0]}")
    officer.api("GET", f"/applications/{applied[0]}/points")
    officer.get(f"/rounds/{opened}")
    with database.reading() as session:
        looks = list(session.scalars(select(AuditEntry).where(AuditEntry.action == "dorms.looked_at")))
    assert [(look.actor_name, look.subject) for look in looks] == [
        ("dorms", f"application/{applied[0]}"),
        ("dorms", f"application/{applied[0]}"),
        ("dorms", f"round/{opened}"),
    ]


def test_the_auditor_reads_the_ranking_by_code_and_no_names(client, people, allotted, opened):
    auditor = client(as_="auditor")
    page = text(auditor.get(f"/rounds/{opened}"))
    assert "011" in page
    assert people["staff"].name not in page
    assert people["staff"].name in text(client(as_="dorms").get(f"/rounds/{opened}"))
    check = auditor.get(f"/rounds/{opened}/check")
    assert "重新計算，結果相同" in text(check)
    assert auditor.get(f"/rounds/{opened}/record.json").json["draw"]["seed"] == "23117.42"


def test_ones_own_row_stands_first_in_the_ranking(client, allotted, opened):
    page = text(client(as_="staff2").get(f"/rounds/{opened}"))
    assert page.index('class="me"') < page.index("<b>1</b>")
    assert "第 2 名，前面 1 人" in page


def test_the_published_list_hashes_to_what_was_announced(client, opened, applied, clock):
    staff = client(as_="staff")
    assert staff.get(f"/rounds/{opened}/tickets.txt").status_code == 409
    clock.tick(days=20)
    staff = client(as_="staff")
    listed = staff.get(f"/rounds/{opened}/tickets.txt").get_data()
    assert hashlib.sha256(listed).hexdigest() in text(staff.get(f"/rounds/{opened}"))


# ── The officer's steps, and the answer ───────────────────────────────────────


def test_rank_publish_allot_accept_by_pages_alone(client, database, opened, applied, clock):
    clock.tick(days=20)
    officer = client(as_="dorms")
    assert "排序 2 人" in text(officer.get(f"/rounds/{opened}"))
    empty = officer.submit(f"/rounds/{opened}/rank", {"seed": " "})
    assert empty.status_code == 422
    assert officer.submit(f"/rounds/{opened}/rank", {"seed": "23117.42"}).status_code == 303
    assert "名次在登記截止、排序後公布" in text(client(as_="staff").get(f"/rounds/{opened}"))
    assert officer.submit(f"/rounds/{opened}/publish").status_code == 303
    assert "核配 4 間" in text(officer.get(f"/rounds/{opened}"))
    assert officer.submit(f"/rounds/{opened}/allot").status_code == 303
    staff = client(as_="staff")
    with database.reading() as session:
        offer = session.scalars(select(Offer).order_by(Offer.id)).first()
    page = text(staff.get(f"/offers/{offer.id}"))
    assert page.index("不能再申請") < page.index(f"/offers/{offer.id}/decline")
    assert "D-19" in page and "17:00" in page
    assert staff.submit(f"/offers/{offer.id}/accept", {"rev": offer.rev}).status_code == 303
    assert "你借用 西園" in text(staff.get("/"))
    again = staff.submit(f"/offers/{offer.id}/accept", {"rev": offer.rev})
    assert again.status_code == 409
    assert "<b>1</b>" in text(client(as_="dorms").get("/rooms")) or "借用中" in text(client(as_="dorms").get("/rooms"))


def test_declining_by_page_bars_and_says_until_when(client, allotted):
    staff = client(as_="staff")
    assert staff.submit(f"/offers/{allotted[0]}/decline").status_code == 303
    assert "不能再申請" in text(staff.get("/"))
    assert "目前不能申請" in text(staff.get("/apply")) or "沒有受理登記" in text(staff.get("/apply"))


def dates(opens, closes):
    return {"kind": "single", "registration.from": opens, "registration.until": closes}


def test_announcing_a_round_by_page(client):
    officer = client(as_="dorms")
    assert officer.get("/rounds/new").status_code == 200
    bad = officer.submit(
        "/rounds",
        {**dates("2026-12-10T09:00", "2026-12-01T17:00"), "notice": "說明"},
    )
    assert bad.status_code == 422
    assert 'value="2026-12-10T09:00"' in text(bad) and "說明" in text(bad)
    good = officer.submit("/rounds", dates("2026-11-24T09:00", "2026-12-01T17:00"))
    assert good.status_code == 303
    assert "少於一般的 20 日" in text(officer.get(good.location))
    assert client(as_="staff").get("/rounds/new").status_code == 403


@pytest.mark.parametrize("path", ["/", "/rooms", "/rooms?date=2021-06-30", "/rooms?date=nonsense", "/apply"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_opens_in_both_languages(client, opened, path, lang):
    for who in ("staff", "dorms"):
        answer = client(as_=who).get(path + ("&" if "?" in path else "?") + f"lang={lang}")
        assert answer.status_code == 200
        assert ('lang="en"' if lang == "en" else 'lang="zh-Hant-TW"') in text(answer)
