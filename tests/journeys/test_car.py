"""A car, from the officer's first step to the sign-off, through every service and the broker, without a script."""

import re
from datetime import timedelta
from typing import Any

import pytest
import requests

from common.period import local
from tests.house_fixture import House, eventually
from tests.journeys.days import now, weekday_ahead
from tests.journeys.forms import Browser, Page
from tests.journeys.inbox import SECONDS, inbox_with


@pytest.fixture
def people(house: House) -> dict[str, Browser]:
    return {name: Browser(house, name) for name in ("officer", "supervisor", "dispatcher", "driver", "driver2")}


def request_car(officer: Browser, purpose: str, days: int, leave: str = "09:00", back: str = "12:00") -> Page:
    """The three steps, rightly answered; returns the trip's page."""
    first = officer.go("/fleet/request")
    second = first.send("who", date=weekday_ahead(days), leave=leave, back=back, destination="市議會", needs_driver="1")
    check = second.send("check", passengers=3, purpose_code="meeting", purpose=purpose).of_status(200)
    return check.says("送出申請", purpose).send("/fleet/request").of_status(200)


def trip_id(page: Page) -> int:
    found = re.search(r"/fleet/trips/(\d+)", page.url)
    assert found, page.url
    return int(found[1])


def approve(supervisor: Browser, trip: int) -> None:
    supervisor.go("/fleet/approvals").send(f"/approvals/{trip}/approve", press="核可").of_status(200)


def assign_to(house: House, dispatcher: Browser, trip: int, username: str) -> Page:
    """Choose that driver by hand, and the best car."""
    desk = dispatcher.go(f"/fleet/dispatch?trip={trip}")
    name = person(house, username)["name"]
    drivers = re.findall(r'<option value="(\d+)"[^>]*>([^<（]*)', desk.text)
    chosen = next((number for number, label in drivers if label == name), None)
    assert chosen, f"{name} is not offered: {desk.words[:3000]}"
    return desk.send(f"/dispatch/{trip}/place", driver_id=chosen).of_status(200)


def person(house: House, username: str) -> dict[str, Any]:
    return house.api(username, "GET", "/api/v1/me").json()


def test_a_request_walks_through_the_house_to_its_sign_off(house: House, people: dict[str, Browser]) -> None:
    officer, supervisor, dispatcher, driver = (
        people[name] for name in ("officer", "supervisor", "dispatcher", "driver")
    )
    day = weekday_ahead(17)

    # Step 1: a return before the departure is refused at its field, with everything typed still there.
    first = officer.go("/fleet/request").of_status(200)
    wrong = first.send(
        "who", date=day, leave="12:00", back="09:00", destination="故宮南院接待", needs_driver="1"
    ).of_status(422)
    wrong.says("有 1 個地方要修正")
    form = wrong.form("who")
    typed = [form.value(name) for name in ("destination", "leave", "back", "date")]
    assert typed == ["故宮南院接待", "12:00", "09:00", day]
    second = wrong.send("who", leave="09:00", back="12:00", destination="市議會").of_status(200)

    # Step 2: too many people for one car, and no purpose chosen.
    wrong = second.send("check", passengers=30, purpose="姊妹市訪問團接送").of_status(422)
    form = wrong.form("check")
    assert (form.value("passengers"), form.value("purpose"), form.value("destination")) == (
        "30",
        "姊妹市訪問團接送",
        "市議會",
    )
    check = wrong.send("check", passengers=3, purpose_code="meeting").of_status(200)

    # Step 3: the answers once more, each with a way back that keeps them.
    check.says("市議會", "姊妹市訪問團接送", "3 人")
    sent = check.send("/fleet/request").of_status(200)
    trip = trip_id(sent)
    number = re.search(r"\d{3}-\d\d-\d{5}", sent.words)
    assert number
    sent.says("已送出", number[0])

    # The supervisor hears of it and approves.
    inbox_with(supervisor, "請核可用車", number[0])
    approve(supervisor, trip)
    inbox_with(dispatcher, "待派車", number[0])

    # The dispatcher sees a suggestion with its reasons; here another driver is chosen by hand.
    desk = dispatcher.go(f"/fleet/dispatch?trip={trip}").says("建議車輛", "指派")
    best = re.search(r'<li class="best">.*?</li>', desk.text, re.S)
    assert best and " · " in best[0], "a suggestion says why"
    assign_to(house, dispatcher, trip, "driver").says("已派", "復原")

    # The driver hears by message, opens it, accepts.
    inbox = inbox_with(driver, "新派車", number[0])
    message = re.search(rf'<li class="new".*?{number[0]}.*?action="[^"]*?(/messages/\d+/open)"', inbox.text, re.S)
    assert message
    job = inbox.send(message[1]).of_status(200)
    assert job.url.endswith(f"/fleet/driver/{trip}")
    accepted = job.send(f"/driver/{trip}/accept", press="接單").of_status(200).says("已接單")

    # Leaving: a reading below the last one is refused, the right one taken.
    form = accepted.form(f"/driver/{trip}/start")
    last = int(form.value("odometer_out"))
    low = accepted.send(f"/driver/{trip}/start", press="出車", odometer_out=last - 1).of_status(422)
    low.says("里程比上次紀錄")
    assert low.form(f"/driver/{trip}/start").value("odometer_out") == str(last - 1)
    under_way = low.send(f"/driver/{trip}/start", odometer_out=last + 2).of_status(200).says("已出車")

    # Back: fewer kilometres than at the start are refused, and the note is kept.
    back = (
        under_way.send(f"/driver/{trip}/finish", odometer_in=last, note="繞道基隆路")
        .of_status(422)
        .says("里程比出車時少")
    )
    assert back.form(f"/driver/{trip}/finish").value("note") == "繞道基隆路"
    back.send(f"/driver/{trip}/finish", odometer_in=last + 20).of_status(200).says("已完成，本趟 18 公里")

    # The officer is told, and signs off.
    inbox_with(officer, "已回場，請簽證", number[0])
    done = (
        officer.go(f"/fleet/trips/{trip}").says("18 公里").send(f"/trips/{trip}/sign-off", press="簽證").of_status(200)
    )
    done.says("已簽證")
    inbox_with(driver, "已簽證", number[0])
    state = house.api("officer", "GET", f"/fleet/api/v1/trips/{trip}").json()
    assert state["status"] == "signed_off"

    # And the home page knows by message too.
    eventually(lambda: "姊妹市訪問團接送" in officer.go("/").words or "市議會" in officer.go("/").words, SECONDS)


def test_a_second_decision_on_an_old_page_is_refused_and_explained(people: dict[str, Browser]) -> None:
    trip = trip_id(request_car(people["officer"], "同時核可", 18))
    page = people["supervisor"].go("/fleet/approvals")
    approve(people["supervisor"], trip)
    page.send(f"/approvals/{trip}/approve").of_status(409)


def test_sent_back_with_a_reason_it_is_changed_and_sent_again(people: dict[str, Browser]) -> None:
    officer, supervisor = people["officer"], people["supervisor"]
    trip = trip_id(request_car(officer, "退回再送", 19))
    why = supervisor.go("/fleet/approvals").browser.go(f"/fleet/approvals/{trip}/return")
    empty = why.send(f"/approvals/{trip}/return", reason="").of_status(422)
    empty.send(f"/approvals/{trip}/return", reason="請附會議通知").of_status(200)
    page = officer.go(f"/fleet/trips/{trip}").says("請附會議通知")
    page.follow("修改後再送").send(f"/trips/{trip}/change", purpose="退回再送，附會議通知").of_status(200)
    inbox_with(supervisor, "請再核可", "市議會")
    approve(supervisor, trip)


def cancel(browser: Browser, trip: int, **typed: Any) -> Page:
    return browser.go(f"/fleet/trips/{trip}").send(f"/trips/{trip}/cancel", press="確定取消", **typed)


def test_cancelling_before_and_after_the_approval_is_noted(people: dict[str, Browser]) -> None:
    for step in ("submitted", "approved"):
        page = request_car(people["officer"], f"取消於 {step}", 20)
        trip = trip_id(page)
        number = re.search(r"\d{3}-\d\d-\d{5}", page.words)
        assert number
        if step == "approved":
            approve(people["supervisor"], trip)
        cancel(people["officer"], trip, reason="會議取消").of_status(200).says("已取消")
        inbox_with(people["officer"], "行程已取消", number[0])
        assert not people["officer"].go(f"/fleet/trips/{trip}").has_form(f"/trips/{trip}/cancel")


def test_cancelling_after_the_driver_accepted_tells_the_driver_and_frees_the_car(
    house: House, people: dict[str, Browser]
) -> None:
    officer, dispatcher, driver = people["officer"], people["dispatcher"], people["driver"]
    page = request_car(officer, "取消已派的車", 21)
    trip = trip_id(page)
    number = re.search(r"\d{3}-\d\d-\d{5}", page.words)
    assert number
    approve(people["supervisor"], trip)
    assign_to(house, dispatcher, trip, "driver")
    inbox_with(driver, "新派車", number[0])
    driver.go(f"/fleet/driver/{trip}").send(f"/driver/{trip}/accept")

    # Dispatch may cancel only after reaching the applicant, and says why; nothing typed is lost.
    refused = cancel(dispatcher, trip, reason="車輛緊急調度").of_status(422).says("請先聯絡到申請人才能取消")
    assert refused.form(f"/trips/{trip}/cancel").value("reason") == "車輛緊急調度"
    refused.send(f"/trips/{trip}/cancel", press="確定取消", reached_applicant="1").of_status(200)

    inbox_with(driver, "行程取消，不用出車", number[0])
    inbox_with(officer, "行程已取消", number[0])
    assert not driver.go(f"/fleet/driver/{trip}").has_form(f"/driver/{trip}/start")
    again = trip_id(request_car(officer, "同一時段再派", 21))
    approve(people["supervisor"], again)
    assign_to(house, dispatcher, again, "driver")


def test_handing_a_trip_to_another_driver_tells_both(house: House, people: dict[str, Browser]) -> None:
    page = request_car(people["officer"], "改派", 24)
    trip = trip_id(page)
    number = re.search(r"\d{3}-\d\d-\d{5}", page.words)
    assert number
    approve(people["supervisor"], trip)
    assign_to(house, people["dispatcher"], trip, "driver")
    inbox_with(people["driver"], "新派車", number[0])
    assign_to(house, people["dispatcher"], trip, "driver2")
    inbox_with(people["driver2"], "新派車", number[0])
    inbox_with(people["driver"], "改由別人出車", number[0])
    assert people["driver"].go(f"/fleet/trips/{trip}").status == 404
    people["driver2"].go(f"/fleet/driver/{trip}/decline").send("decline", reason_code="unwell").of_status(200)
    inbox_with(people["dispatcher"], "駕駛無法出車，請改派", number[0])


def test_nobody_comes_through_a_door_of_another_role(house: House, people: dict[str, Browser]) -> None:
    for name, path in (("driver", "/fleet/dispatch"), ("officer", "/fleet/approvals"), ("officer", "/fleet/driver")):
        people[name].go(path).of_status(403)
    outside = Browser(house, "group")
    outside.go("/fleet/request").of_status(403)
    stranger = requests.get(f"{house.url}/fleet/dispatch", timeout=20, allow_redirects=False)
    assert stranger.status_code == 303 and stranger.headers["Location"].startswith("/sign-in?next=/fleet/dispatch")


def test_a_car_asked_for_on_the_day_needs_a_reason(people: dict[str, Browser]) -> None:
    tomorrow = (local(now()) + timedelta(days=1)).date().isoformat()
    second = (
        people["officer"]
        .go("/fleet/request")
        .send("who", date=tomorrow, leave="10:00", back="11:00", destination="市議會")
    )
    wrong = (
        second.says("緊急原因").send("check", passengers=1, purpose_code="meeting", purpose="明日會勘").of_status(422)
    )
    assert wrong.form("check").value("purpose") == "明日會勘"
    wrong.send("check", urgent_reason="上級臨時通知").of_status(200).says("上級臨時通知")
