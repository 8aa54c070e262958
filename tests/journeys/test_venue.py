"""A hall, from its month to the confirmed booking and the refund, through every service, without a script."""

import re

import pytest

from tests.house_fixture import PASSWORD, House
from tests.journeys.forms import Browser, Page
from tests.journeys.inbox import inbox_with

EVENT = {
    "event_name": "青田冬夜音樂會",
    "event_kind": "文化",
    "attendees": "120",
    "event_plan": "開場、演出、散場；自備清潔。",
}


@pytest.fixture
def group(house: House) -> Browser:
    return Browser(house, "group")


@pytest.fixture
def officer(house: House) -> Browser:
    return Browser(house, "officer")


@pytest.fixture
def venues(house: House) -> Browser:
    return Browser(house, "venues")


def free_day(month: Page) -> str:
    """A day of this or the next month whose slots are all free, far enough ahead for the whole fee to come back."""
    later = month.send(r"/venues/\d+$", press=month.form(r"/venues/\d+$").buttons[-2].words)
    days = re.findall(r'type="radio" name="date" value="([\d-]+)"[^>]*>(.*?)</label>', later.text, re.S)
    free = [day for day, inside in days if inside.count('class="free"') == 3]
    assert free, later.words
    return free[0]


def atrium(browser: Browser) -> Page:
    return browser.go("/venues/").follow("1樓中庭").of_status(200)


def on(month: Page, day: str) -> Page:
    """The same venue's page of the month of `day`."""
    return month.browser.go(f"{month.url.split('?')[0]}?month={day[:7]}")


def quote_rows(page: Page) -> list[tuple[str, str]]:
    """The quote as it stands on the page: (what and which rule, NT$)."""
    table = re.search(r'<table class="quote">.*?</table>', page.text, re.S)
    assert table, page.words
    rows = [re.findall(r"<t[hd].*?</t[hd]>", row, re.S) for row in re.findall(r"<tr.*?</tr>", table[0], re.S)]
    plain = [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in rows]
    return [(" ".join(row[:-1]), row[-1]) for row in plain[1:]]


def apply_for(browser: Browser, day: str, slots: list[str], overtime: str = "0", **event: str) -> Page:
    """All three steps; returns the booking's page."""
    quoted = on(atrium(browser), day).send(r"/venues/\d+$", date=day, slot=slots, overtime_minutes=overtime)
    details = quoted.send(r"/venues/\d+$", press="下一步")
    return details.of_status(200).send("/check", **{**EVENT, **event}).of_status(200).send("/apply").of_status(200)


def test_a_registered_body_rents_the_atrium_and_cancels_with_the_refund_it_was_shown(
    house: House, group: Browser, venues: Browser
) -> None:
    month = atrium(group).says("5,000 元", "今天可申請")
    day = free_day(month)

    # The quote, line by line, each line with its rule.
    page = on(month, day).send(r"/venues/\d+$", date=day, slot=["afternoon", "evening"], overtime_minutes="30")
    page.of_status(200).says("1,250", "20,000")
    page = page.send(r"/venues/\d+$", slot=["afternoon", "evening"], overtime_minutes="90").says(
        "2,500", "12,500", "20,000"
    )
    found = [(re.findall(r"S-\d\d", what), amount) for what, amount in quote_rows(page)]
    rules = [(["S-04"], "5,000"), (["S-07"], "0"), (["S-04"], "5,000"), (["S-06"], "2,500")]
    assert found == [*rules, ([], "12,500 元"), ([], "20,000")]

    # Step 2: a purpose that is not taken, too many people: nothing typed is lost.
    details = page.send(r"/venues/\d+$", press="下一步").of_status(200)
    wrong = details.send("/check", **{**EVENT, "attendees": "900"}).of_status(422).says("最多 200 人")
    form = wrong.form("/check")
    assert form.value("event_name") == EVENT["event_name"]
    assert form.value("event_plan") == EVENT["event_plan"]
    assert [value for name, value in form.as_it_stands() if name == "slot"] == ["afternoon", "evening"]

    # Step 3 and the application: the slots are held at once.
    check = wrong.send("/check", attendees="120").of_status(200).says("12,500", "20,000", EVENT["event_name"])
    booking = check.send("/apply").of_status(200).says("已送出", "送件")
    number = re.search(r"/bookings/(\d+)", booking.url)
    assert number
    path = f"/venues/bookings/{number[1]}"
    name = EVENT["event_name"]
    again = on(month, day)
    inside = re.search(rf'value="{day}"[^>]*>(.*?)</label>', again.text, re.S)
    assert inside and inside[1].count('class="held"') == 2

    # Somebody else who had the page open is told who was first, and keeps what was chosen.
    rival = Browser(house, "officer")
    refused = on(atrium(rival), day).send(r"/venues/\d+$", date=day, slot=["evening"]).says("已有 1 件申請")
    assert refused.form(r"/venues/\d+$").value("slot") == "evening"

    # The venue officer is told, approves, records the policy and the payment.
    inbox_with(venues, name)
    venues.go(path).send(f"{path}/approve", press="核准", note="").of_status(422)
    venues.go(path).send(f"{path}/approve", press="核准", note="文件於使用日前補齊").says("等保險與繳費")
    inbox_with(group, name, "核准")
    empty = venues.go(path).send(f"{path}/insurance", policy_number="").of_status(422)
    empty.send(f"{path}/insurance", policy_number="PL-2026-0099").of_status(200).says("已登錄保單")
    paid = venues.go(path).says("32,500").send(f"{path}/payment", receipt_number="R-115-00999").of_status(200)
    paid.says("檔期成立")
    assert house.api("group", "GET", f"/venues/api/v1/bookings/{number[1]}").json()["status"] == "confirmed"
    inbox_with(group, name, "成立")

    # What a cancellation returns is shown before, and is what is returned.
    cancel = group.go(path).follow("取消").of_status(200)
    shown = cancel.form("/cancel").value("shown")
    assert shown == "32500"
    cancel.says("取消並退還", "32,500")
    done = (
        cancel.send(f"{path}/cancel", press="取消並退還", reason="演出者生病")
        .of_status(200)
        .says("已取消", "演出者生病")
    )
    returned = [int(amount.replace(",", "")) for amount in re.findall(r"−(\d[\d,]*)", done.words)]
    assert sum(returned) == int(shown), done.words
    inbox_with(group, name, "取消")
    assert on(month, day).text.count("held") == again.text.count("held") - 2


def test_a_city_agency_pays_nothing_and_the_approval_confirms(house: House, officer: Browser, venues: Browser) -> None:
    day = free_day(atrium(officer))
    quoted = on(atrium(officer), day).send(
        r"/venues/\d+$", date=day, slot=["morning", "afternoon"], overtime_minutes="30"
    )
    quoted.says("本府機關學校免費")
    amounts = [amount for _, amount in quote_rows(quoted)]
    assert amounts == ["5,000", "0", "5,000", "1,250", "−11,250", "0 元", "0"]
    booking = apply_for(officer, day, ["morning", "afternoon"], event_name="淨零生活宣導", event_kind="政令宣導")
    number = re.search(r"/bookings/(\d+)", booking.url)
    assert number
    state = house.api("officer", "GET", f"/venues/api/v1/bookings/{number[1]}").json()
    assert (state["fee"], state["deposit"]) == (0, 0)
    path = f"/venues/bookings/{number[1]}"
    venues.go(path).send(f"{path}/approve", press="核准").says("檔期成立")
    cancel = officer.go(path).follow("取消").says("還沒有繳費，取消不用付任何費用")
    cancel.send(f"{path}/cancel", press="取消申請", reason="改期").of_status(200).says("已取消")


def test_a_rejection_gives_its_reason_and_frees_the_slots(group: Browser, venues: Browser) -> None:
    day = free_day(atrium(group))
    booking = apply_for(group, day, ["morning"], event_name="冬季手作課")
    path = re.sub(r"^https?://[^/]+", "", booking.url)
    empty = venues.go(path).send(f"{path}/reject", reason="").of_status(422)
    empty.send(f"{path}/reject", reason="活動性質不符（S-09）").of_status(200)
    group.go(path).says("活動性質不符（S-09）")
    inbox_with(group, "冬季手作課", "未核准")
    apply_for(group, day, ["morning"], event_name="冬季手作課（改為社教）", event_kind="社教")


def test_papers_are_asked_for_and_sent(group: Browser, venues: Browser) -> None:
    booking = apply_for(group, free_day(atrium(group)), ["evening"], event_name="說書夜")
    path = re.sub(r"^https?://[^/]+", "", booking.url)
    venues.go(path).send(f"{path}/supplement-request", missing="請附音響配置圖").of_status(200)
    inbox_with(group, "說書夜", "請附音響配置圖")
    group.go(path).says("請附音響配置圖").send(f"{path}/supplement", event_plan="附上配置圖：兩具喇叭。").of_status(200)
    venues.go(path).send(f"{path}/approve", note="文件於使用日前補齊").of_status(200)


def test_a_stranger_asks_the_price_and_signs_in_on_the_way_without_losing_the_slots(house: House) -> None:
    stranger = Browser(house)
    day = free_day(atrium(stranger))
    quoted = on(atrium(stranger), day).send(
        r"/venues/\d+$", date=day, slot=["evening"], applicant_class="registered_body"
    )
    door = quoted.says("5,000").send(r"/venues/\d+$", press="下一步")
    assert "/sign-in?next=" in door.url
    details = door.send("/sign-in", username="group", password=PASSWORD).of_status(200)
    form = details.form("/check")
    assert (form.value("slot"), form.value("date")) == ("evening", day)


def test_staff_cannot_apply_for_a_hall(house: House) -> None:
    staff = Browser(house, "staff")
    day = free_day(atrium(staff))
    on(atrium(staff), day).send(r"/venues/\d+$", date=day, slot=["evening"]).says("個人不能申請")
