"""A dormitory room, from the application to the key: points line by line, ranking, offer, occupancy; without a script."""

import re
from datetime import timedelta
from typing import Any

import pytest

from common.period import local
from tests.house_fixture import House, eventually
from tests.journeys.days import now
from tests.journeys.forms import Browser, Page
from tests.journeys.inbox import inbox_with

ELIGIBLE = {
    "on_establishment": "true", "lives_alone": "true", "had_home_loan": "false", "bought_quarters": "false", "spouse_housed": "false",
}  # fmt: skip
SERVICE = {
    "grade": "9", "started_on": "2008-07-01", "years_of_service": "18", "years_elsewhere": "2",
    "appraisal_1": "A", "appraisal_2": "A", "appraisal_3": "B", "home_status": "none",
}  # fmt: skip


@pytest.fixture(scope="module")
def dorms(house: House) -> Browser:
    return Browser(house, "dorms")


@pytest.fixture(scope="module")
def round_path(dorms: Browser) -> str:
    """A round of our own, open for registration since a minute ago."""
    form = dorms.go("/dorms/rounds/new")
    opens = (local(now()) - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")
    closes = (local(now()) + timedelta(days=21)).strftime("%Y-%m-%dT%H:%M")
    wrong = form.send(
        "/rounds", **{"registration.from": closes, "registration.until": opens}, notice="本期試辦"
    ).of_status(422)
    assert wrong.form("/rounds").value("notice") == "本期試辦"
    sent = {"registration.from": opens, "registration.until": closes, "objection_days": "0"}
    page = wrong.send("/rounds", **sent).of_status(200)
    return re.sub(r"^https?://[^/]+", "", page.url)


def apply_in(browser: Browser, round_path: str, **service: str) -> Page:
    first = browser.go(round_path).follow("申請這一期").of_status(200)
    details = first.send("eligibility", **ELIGIBLE).of_status(200)
    check = details.send("check", press="下一步", **{**SERVICE, **service}).of_status(200)
    return check.send("/apply", press="送出申請").of_status(200)


def occupancy(house: House) -> dict[str, Any]:
    counted: dict[str, Any] = house.api("staff", "GET", "/dorms/api/v1/occupancy").json()
    return counted


def test_an_answer_that_ends_the_application_is_told_at_once_with_its_rule(house: House, round_path: str) -> None:
    first = Browser(house, "officer").go(round_path).follow("申請這一期")
    missing = first.send("eligibility", **{**ELIGIBLE, "lives_alone": []}).of_status(422).says("請回答這一題")
    assert missing.form("eligibility").value("spouse_housed") == "false"
    missing.send("eligibility", lives_alone="false").of_status(422).says("單房間宿舍只借給單獨居住的人")


def test_staff_apply_are_ranked_offered_and_take_the_room(house: House, dorms: Browser, round_path: str) -> None:
    staff, staff2 = Browser(house, "staff"), Browser(house, "staff2")

    # Step 2 with a fault: nothing typed is lost; the estimate counts before anything is sent.
    details = staff.go(round_path).follow("申請這一期").send("eligibility", **ELIGIBLE).of_status(200)
    wrong = details.send("check", press="下一步", **{**SERVICE, "years_of_service": "很多"}).of_status(422)
    form = wrong.form("/check")
    assert (form.value("grade"), form.value("started_on"), form.value("appraisal_3")) == ("9", "2008-07-01", "B")
    estimate = wrong.send("/check", press="試算", years_of_service="18").of_status(200).says("積點試算", "職等", "考績")
    check = estimate.send("/check", press="下一步").of_status(200).says("你的積點", "這是試算；以核定為準")
    back = check.send("/apply", press="回去修改").of_status(200)
    assert back.form("/check").value("years_of_service") == "18"

    # Sent: one's own points, line by line, each with its rule, and they add up.
    mine = (
        back.send("/check", press="下一步").send("/apply", press="送出申請").of_status(200).says("已送出", "積點，逐項")
    )
    number = re.search(r"/applications/(\d+)", mine.url)
    assert number
    told = house.api("staff", "GET", f"/dorms/api/v1/applications/{number[1]}/points").json()
    total = sum(float(line["points"]) for line in told["lines"])
    assert total == float(told["total"]) and len(told["lines"]) >= 3
    for line in told["lines"]:
        mine.says(line["item"], line["rule"])
    mine.says(told["total"].removesuffix(".0") if isinstance(told["total"], str) else f"{told['total']:g}")
    apply_in(staff2, round_path, grade="5", years_of_service="3", years_elsewhere="0", started_on="2023-11-01")
    staff2.go(f"/dorms/applications/{number[1]}").of_status(404)

    # The officer ranks once with the public seed, and only then can anybody read the ranking.
    assert not staff.go(round_path).has_form("/rank")
    early = dorms.go(round_path).send("/rank", press="排序", seed="21536.78").of_status(409)
    assert early.form("/rank").value("seed") == "21536.78"
    ranked = early.send("/rank", press="排序", close_early_reason="全部同仁都已登記").of_status(200).says("公布名次")
    assert "第 1 名" not in staff.go(round_path).words
    ranked.send("/publish", press="公布名次").of_status(200)
    inbox_with(staff, "排名已公布")
    staff.go(round_path).says("第 1 名，前面 0 人")
    staff2.go(round_path).says("第 2 名，前面 1 人").follow("自己驗算").of_status(200)

    # Allotted: the offer names the terms; taking it changes the occupancy by one.
    before = occupancy(house)
    dorms.go(round_path).send("/allot", press="核配").of_status(200).says("已核配")
    inbox_with(staff, "配到")
    offer = staff.go(f"/dorms/applications/{number[1]}").follow("看條件並回覆").says("為什麼配到這一間", "同意借用")
    staff2.go(re.sub(r"^https?://[^/]+", "", offer.url)).of_status(404)
    offer.send("/accept", press="同意借用").of_status(200).says("已同意借用")
    after = occupancy(house)
    assert after["let"] == before["let"] + 1
    assert after["to_let"] == before["to_let"] - 1
    assert after["total"] == before["total"] == 123
    staff.go("/dorms/rooms").says(str(after["let"]))
    eventually(lambda: "宿舍" in staff.go("/").words)
