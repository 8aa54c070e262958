"""The driver's phone: installable, working without a network, every tap once, and told when dispatch decided otherwise."""

import itertools
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Route, expect

from common.period import taipei, today
from tests.browser.conftest import OpenContext
from tests.house_fixture import eventually
from tests.journeys.days import now

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# No other test on this house books this far ahead.
WEEKDAYS = (day for n in itertools.count(70) if (day := today(now()) + timedelta(days=n)).weekday() < 5)
API = "/fleet/api/v1"


def say_online(page: Page) -> None:
    """Tell the page that the network is back. A page that is just moving on looks for itself when it has arrived."""
    with suppress(Error):
        page.evaluate("window.dispatchEvent(new Event('online'))")


def a_job(house: Any, driver: str = "driver") -> dict[str, Any]:
    """A trip of a day of its own, given to this driver."""
    day = next(WEEKDAYS)
    asked = {
        "purpose_code": "meeting", "purpose": "電話測試", "origin": "市政大樓", "destination": "市議會", "passengers": 2,
        "starts_at": taipei(day, "09:00").isoformat(), "ends_at": taipei(day, "11:00").isoformat(), "round_trip": True,
        "needs_driver": True, "may_share": False,
    }  # fmt: skip
    trip = house.api("officer", "POST", f"{API}/trips", asked).json()
    house.api("supervisor", "POST", f"{API}/trips/{trip['id']}/approve", {})
    offer = house.api("dispatcher", "GET", f"{API}/trips/{trip['id']}/suggestion").json()
    person = house.api(driver, "GET", "/api/v1/me").json()["id"]
    roster = house.api("dispatcher", "GET", f"{API}/drivers?limit=100").json()["items"]
    wheel = next(row["id"] for row in roster if row["person_id"] == person)
    body = {"vehicle_id": offer["cars"]["candidates"][0]["id"], "driver_id": wheel}
    given = house.api("dispatcher", "POST", f"{API}/trips/{trip['id']}/assign", body)
    assert given.status_code == 200, given.text
    return given.json()


def trip_now(house: Any, job: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = house.api("dispatcher", "GET", f"{API}/trips/{job['id']}").json()
    return told


@pytest.fixture
def phone(open_context: OpenContext) -> Iterator[BrowserContext]:
    yield open_context("driver", width=390, has_touch=True)


def at_work(context: BrowserContext, job: dict[str, Any]) -> Page:
    """The job's page, kept by its service worker."""
    page = context.new_page()
    page.goto(f"/fleet/driver/{job['id']}")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    expect(page.locator("#net")).to_contain_text("已同步")
    eventually(
        lambda: page.evaluate(
            "(async () => (await caches.match(location.origin + location.pathname)) !== undefined)()"
        ),
        15,
    )
    return page


def known_km(page: Page) -> int:
    return int(page.locator("#job").get_attribute("data-known") or 0)


def drive_offline(page: Page) -> int:
    """Accept, leave, come back, and the passenger's signature, without a network; returns the odometer on leaving."""
    km = known_km(page)
    page.get_by_role("button", name="接單").click()
    page.get_by_label("出車里程").fill(f"{km:,}")
    page.get_by_role("button", name="出車").click()
    page.get_by_label("回場里程").fill(str(km + 5))
    expect(page.locator("[data-km]")).to_contain_text("本趟 5 公里")
    page.get_by_role("button", name="完成並回報里程").click()
    page.get_by_label("乘客姓名").fill("許議員")
    pad = page.locator("canvas").bounding_box()
    assert pad
    page.mouse.move(pad["x"] + 20, pad["y"] + 20)
    page.mouse.down()
    page.mouse.move(pad["x"] + 90, pad["y"] + 60, steps=5)
    page.mouse.up()
    page.get_by_role("button", name="乘客簽名確認").click()
    expect(page.locator("#told")).to_contain_text("4 筆紀錄會在連線後自動送出")
    return km


def events(house: Any, job: dict[str, Any]) -> list[str]:
    """What happened to the trip, from its own page."""
    page = house.browser("dispatcher").get(f"{house.url}/fleet/trips/{job['id']}", timeout=20).text
    return [word for word in ("駕駛接單", "出車", "回場", "使用人簽證") if word in page]


def test_a_whole_trip_without_a_network_arrives_once_each(house: Any, phone: BrowserContext) -> None:
    job = a_job(house)
    page = at_work(phone, job)
    phone.set_offline(True)
    expect(page.locator("#net")).to_have_text("離線")
    km = drive_offline(page)
    assert trip_now(house, job)["status"] == "assigned"
    phone.set_offline(False)
    done = eventually(lambda: trip_now(house, job)["status"] == "signed_off" and trip_now(house, job), 30)
    assert (done["odometer_out"], done["odometer_in"]) == (km, km + 5)
    acts = house.database("fleet")
    with acts.reading() as session:
        rows = session.connection().exec_driver_sql(
            f"SELECT what, outcome FROM driver_act WHERE trip_id = {int(job['id'])} AND what <> 'seen' ORDER BY id"
        )
        assert [tuple(row) for row in rows] == [(what, "done") for what in ("accept", "start", "finish", "sign")]
    acts.dispose()
    expect(page.locator("#net")).to_contain_text("已同步")


def test_nothing_happens_twice_when_the_answer_is_lost(house: Any, phone: BrowserContext) -> None:
    job = a_job(house)
    page = at_work(phone, job)
    phone.set_offline(True)
    drive_offline(page)
    lost: list[str] = []

    def lose(route: Route) -> None:
        """The server takes it; the phone never hears so."""
        what = json.loads(parse_qs(route.request.post_data or "")["act"][0])["what"]
        answer = route.fetch()
        if what not in lost:
            lost.append(what)
            route.abort("connectionreset")
        else:
            route.fulfill(response=answer)

    page.route("**/fleet/driver/acts", lose)
    phone.set_offline(False)
    for _ in range(6):
        say_online(page)
        page.wait_for_timeout(400)
    eventually(lambda: trip_now(house, job)["status"] == "signed_off", 30)
    say_online(page)
    assert {"accept", "start", "finish", "sign"} <= set(lost)
    database = house.database("fleet")
    with database.reading() as session:
        rows = session.connection().exec_driver_sql(
            f"SELECT what, count(*) FROM trip_event WHERE trip_id = {int(job['id'])} GROUP BY what"
        )
        counts = {what: count for what, count in rows}
    database.dispose()
    assert all(counts[what] == 1 for what in ("accepted", "started", "finished", "signed_off")), counts


def test_the_page_opens_and_goes_on_without_a_network(house: Any, phone: BrowserContext) -> None:
    job = a_job(house)
    page = at_work(phone, job)
    phone.set_offline(True)
    page.get_by_role("button", name="接單").click()
    expect(page.get_by_label("出車里程")).to_be_visible()
    page.reload()
    expect(page.locator("h2").first).to_have_text("電話測試")
    expect(page.get_by_label("出車里程")).to_be_visible()
    expect(page.locator("#told")).to_contain_text("1 筆紀錄會在連線後自動送出")
    page.get_by_label("出車里程").fill("1")
    page.get_by_role("button", name="出車").click()
    expect(page.locator(".err")).to_contain_text("里程比上次紀錄的")
    phone.set_offline(False)
    eventually(lambda: trip_now(house, job)["status"] == "accepted", 30)


def test_what_dispatch_changed_meanwhile_is_said_until_it_is_read(house: Any, phone: BrowserContext) -> None:
    job = a_job(house)
    page = at_work(phone, job)
    phone.set_offline(True)
    page.get_by_role("button", name="接單").click()
    expect(page.locator("#told")).to_contain_text("1 筆")
    offer = house.api("dispatcher", "GET", f"{API}/trips/{job['id']}/suggestion").json()
    car = next(each for each in offer["cars"]["candidates"] if each["id"] != job["vehicle_id"])
    house.api(
        "dispatcher",
        "POST",
        f"{API}/trips/{job['id']}/assign",
        {"vehicle_id": car["id"], "driver_id": job["driver_id"]},
    )
    phone.set_offline(False)
    expect(page.locator("#told")).to_contain_text(f"調度已改派 {car['label']}，請以新車為準。", timeout=20_000)
    page.get_by_role("link", name="知道了").click()
    expect(page.locator("#told")).to_be_hidden()
    assert trip_now(house, job)["status"] == "assigned"


def test_a_refused_reading_comes_back_with_what_was_typed(house: Any, phone: BrowserContext) -> None:
    job = a_job(house)
    page = at_work(phone, job)
    page.get_by_role("button", name="接單").click()
    expect(page.get_by_label("出車里程")).to_be_visible()
    km = known_km(page)
    page.get_by_role("button", name="出車").click()
    page.get_by_label("回場里程").fill(str(km + 90))
    page.get_by_role("button", name="完成並回報里程").click()
    expect(page.locator(".err")).to_contain_text("請補充原因")
    page.get_by_label("補充說明").fill("國道事故繞路")
    page.get_by_role("button", name="完成並回報里程").click()
    expect(page.get_by_label("乘客姓名")).to_be_visible()
    assert trip_now(house, job)["odometer_in"] == km + 90


def test_declining_without_a_network_reaches_dispatch_later(house: Any, phone: BrowserContext) -> None:
    job = a_job(house)
    page = at_work(phone, job)
    eventually(
        lambda: page.evaluate(
            "(async () => (await caches.match(location.origin + location.pathname + '/decline')) !== undefined)()"
        ),
        15,
    )
    phone.set_offline(True)
    page.get_by_role("link", name="無法出車，說明原因").click()
    page.get_by_text("身體不適").click()
    page.get_by_role("button", name="回報調度").click()
    page.wait_for_url("**/fleet/driver")
    phone.set_offline(False)
    eventually(lambda: trip_now(house, job)["status"] == "approved", 30)


def test_a_sign_in_that_ended_meanwhile_loses_nothing(house: Any, phone: BrowserContext) -> None:
    job = a_job(house)
    page = at_work(phone, job)
    kept = phone.cookies()
    phone.set_offline(True)
    page.get_by_role("button", name="接單").click()
    expect(page.locator("#told")).to_contain_text("1 筆")
    phone.clear_cookies()
    phone.set_offline(False)
    expect(page.locator("#told")).to_contain_text("請再登入一次。1 筆紀錄還在這支手機裡", timeout=20_000)
    assert trip_now(house, job)["status"] == "assigned"
    phone.add_cookies(kept)
    say_online(page)
    eventually(lambda: trip_now(house, job)["status"] == "accepted", 30)


def test_a_push_is_shown_and_leads_to_the_job(house: Any, open_context: OpenContext) -> None:
    job = a_job(house)
    context = open_context("driver", width=390, permissions=["notifications"])
    page = at_work(context, job)
    cdp = context.new_cdp_session(page)
    seen: list[dict[str, Any]] = []
    cdp.on("ServiceWorker.workerRegistrationUpdated", lambda event: seen.extend(event["registrations"]))
    cdp.send("ServiceWorker.enable")
    registration = eventually(lambda: (page.wait_for_timeout(100), seen)[1], 15)[0]["registrationId"]
    told = {
        "title": "新派車",
        "body": "11月23日 09:00 市議會",
        "url": f"/fleet/driver/{job['id']}",
        "tag": f"trip/{job['id']}",
    }
    cdp.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": house.url, "registrationId": registration, "data": json.dumps(told)},
    )
    shown = eventually(
        lambda: page.evaluate(
            "(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(n => [n.title, n.body, n.data.url]))()"
        ),
        15,
    )
    assert shown == [[told["title"], told["body"], told["url"]]]


def test_the_phone_offers_to_be_called_and_can_be_installed(house: Any, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto("/fleet/driver")
    expect(page.locator("#push")).to_contain_text("要在手機收到派車通知嗎？")
    cdp = phone.new_cdp_session(page)
    manifest = cdp.send("Page.getAppManifest")
    assert manifest["errors"] == [] and json.loads(manifest["data"])["start_url"] == "/fleet/driver"
    faults = cdp.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [each["errorId"] for each in faults if each["errorId"] != "in-incognito"] == []


def test_the_page_weighs_little(house: Any, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto("/fleet/driver", wait_until="networkidle")
    sizes = page.evaluate(
        "performance.getEntriesByType('resource').filter(one => one.name.includes('.js')).map(one => one.decodedBodySize)"
    )
    assert 0 < sum(sizes) <= 10 * 1024
