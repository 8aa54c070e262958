"""Ways through the forms, by what a person sees and does. Without a script they work just the same."""

import re

from playwright.sync_api import Page

from common.words import Words


def english(page: Page) -> bool:
    return page.locator("html").get_attribute("lang") == "en"


def say(page: Page, zh: str, en: str) -> str:
    return Words(zh, en).in_("en" if english(page) else "zh")


def press(page: Page, zh: str, en: str) -> None:
    """The button or link of the page's content with these words; the last, since a form's hidden first one is for Enter."""
    name = say(page, zh, en)
    main = page.locator("main")
    main.get_by_role("button", name=name, exact=True).or_(main.get_by_role("link", name=name, exact=True)).last.click()
    page.wait_for_load_state()


# ── A feed ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def make_feed(page: Page) -> None:
    press(page, "建立網址", "Make an address")


# ── A password ─────────────────────────────────────────────────────────────────────────────────────────────────────


def to_a_new_password(page: Page) -> None:
    """By the link an administrator makes, in the administrator's own browser."""
    press(page, "發出密碼連結", "Make a password link")
    page.goto(page.locator("[aria-labelledby=handover] input").input_value())


# ── A car ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def leave_out_the_destination(page: Page) -> None:
    press(page, "下一步", "Continue")


def to_who_and_why(page: Page) -> None:
    page.locator("[name=destination]").fill("台中高鐵站")
    press(page, "下一步", "Continue")


def to_check(page: Page) -> None:
    to_who_and_why(page)
    page.locator("[name=passengers]").fill("4")
    page.locator("[name=purpose_code]").select_option(index=1)
    page.locator("[name=purpose]").fill("姊妹市交流外賓接待")
    press(page, "下一步", "Continue")


def to_a_weekly_duty(page: Page) -> None:
    """Every Monday and Wednesday for four weeks, with what is free on each."""
    to_check(page)
    press(page, "每週重複", "Every week")
    page.locator("[name=weekday][value='0']").check()
    page.locator("[name=weekday][value='2']").check()
    press(page, "看每一天", "Show every date")


def send_a_weekly_duty(page: Page) -> None:
    to_a_weekly_duty(page)
    press(page, "送出選好的日期", "Send the chosen dates")


def to_the_plan_of_a_recall(page: Page) -> None:
    """The first car of the list, from today on."""
    press(page, "看影響", "Show the plan")


def ask_for_a_car(page: Page) -> None:
    to_check(page)
    press(page, "送出申請", "Send request")


def to_change_a_trip(page: Page) -> None:
    """The first of the trips that can still be changed."""
    addresses = page.eval_on_selector_all("main .agenda a[href]", "all => all.map(one => one.getAttribute('href'))")
    for address in addresses:
        page.goto(address)
        if page.locator("main a[href$='/change']").count():
            page.goto(str(page.locator("main a[href$='/change']").first.get_attribute("href")))
            return
    raise AssertionError("no trip can be changed")


def choose_from_the_queue(page: Page) -> None:
    page.locator(".queued").first.click()
    page.wait_for_load_state()


# ── A venue ────────────────────────────────────────────────────────────────────────────────────────────────────────


def to_a_quote(page: Page) -> None:
    """The first venue, its last wholly free day in view, morning and afternoon, and what that costs."""
    page.goto(str(page.locator("main .cards a").first.get_attribute("href")))
    page.locator("button[name=month]").last.click()
    page.wait_for_load_state()
    free = page.locator("label.day:not(.off):has(.slots i.free:first-child + i.free + i.free)").last
    day = str(free.locator("input").get_attribute("value"))
    free.click()
    for slot in page.locator("[name=slot]").all()[:2]:
        slot.check()
    page.locator("button.skip, button:not([name]):not([formaction])").first.press("Enter")
    page.wait_for_url(re.compile(rf"date={day}.*slot="))


def to_the_event(page: Page) -> None:
    to_a_quote(page)
    press(page, "下一步：填寫活動資料", "Continue: event details")


def to_the_check(page: Page) -> None:
    to_the_event(page)
    page.locator("[name=event_name]").fill("社區閱讀節")
    kind = page.locator("[name=event_kind]").first
    if kind.evaluate("node => node.localName") == "select":
        kind.select_option(index=1)
    else:
        kind.check()
    page.locator("[name=attendees]").fill("80")
    page.locator("[name=event_plan]").fill("上午說故事，下午換書。")
    press(page, "下一步：確認內容", "Continue: check")


def apply_for_a_venue(page: Page) -> None:
    to_the_check(page)
    press(page, "送出申請", "Send the application")


def first_that_leads_to(page: Page, *steps: str) -> None:
    """Of the bookings listed, the first from which links with these endings lead on, one after another."""
    listed = page.eval_on_selector_all("main .queue a[href]", "all => all.map(one => one.getAttribute('href'))")
    for address in listed:
        page.goto(address)
        for step in steps:
            link = page.locator(f"main a[href$='{step}']")
            if not link.count():
                break
            page.goto(str(link.first.get_attribute("href")))
        else:
            return
    raise AssertionError(f"no booking leads to {steps[-1]}")


def to_the_undertaking(page: Page) -> None:
    first_that_leads_to(page, "/papers", "/undertaking")


def to_an_inspection_record(page: Page) -> None:
    first_that_leads_to(page, "/protocol")


def to_a_paper_to_delete(page: Page) -> None:
    first_that_leads_to(page, "/papers", "/delete")


# ── A room ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def to_service_and_home(page: Page) -> None:
    """Answers that lead on: on the city's staff, alone, never helped to buy, no other quarters."""
    for position, group in enumerate(page.locator("form fieldset").all()):
        boxes = group.locator("input[type=radio]")
        if boxes.count() == 2 and boxes.first.get_attribute("name") != "posted_far":
            boxes.nth(0 if position < 2 else 1).check()
    press(page, "下一步", "Continue")


def to_the_points(page: Page) -> None:
    to_service_and_home(page)
    page.locator("[name=grade]").select_option("7")
    page.locator("[name=started_on]").fill("2018-03-01")
    page.locator("[name=years_of_service]").fill("8")
    page.locator("[name=home_status]").first.check()
    press(page, "下一步：看積點", "Continue: your points")


def apply_for_a_room(page: Page) -> None:
    to_the_points(page)
    page.locator("main form button.btn:not(.sec):not(.ghost)").last.click()
    page.wait_for_load_state()


# ── A passenger's signature ────────────────────────────────────────────────────────────────────────────────────────


def to_a_signature(page: Page) -> None:
    page.locator(".unsigned").first.click()
    page.wait_for_load_state()


def to_a_code_to_sign(page: Page) -> None:
    to_a_signature(page)
    press(page, "讓乘客用自己的手機簽", "Let the passenger sign on another phone")


def to_sign_by_link(page: Page) -> None:
    to_a_code_to_sign(page)
    page.goto(page.locator("main input[readonly]").input_value())


# ── A survey ─────────────────────────────────────────────────────────────────────────────────────────────────────


def to_a_survey(page: Page) -> None:
    """To the survey of a trip that is back, from its page."""
    links = page.eval_on_selector_all("main a[href]", "all => all.map(one => one.getAttribute('href'))")
    for trip in [href for href in links if re.fullmatch(r"/fleet/trips/\d+", href.split("?")[0])]:
        page.goto(trip)
        survey = page.locator("main a[href*='/fleet/s/']")
        if survey.count():
            page.goto(survey.first.get_attribute("href") or "")
            return
    raise AssertionError("no trip of the officer's can be surveyed")


def to_the_thanks(page: Page) -> None:
    """To what is said after an answer."""
    to_a_survey(page)
    page.goto(page.url.split("?")[0] + "/thanks")


# ── A tariff ───────────────────────────────────────────────────────────────────────────────────────────────────────


def compare_prices(page: Page) -> None:
    """Two days and two classes side by side."""
    page.locator("[name=date]").fill("2030-06-14")
    page.locator("[name=date2]").fill("2030-06-15")
    for slot in page.locator("[name=slot]").all()[:2]:
        slot.check()
    page.locator("[name=applicant_class][value=city_agency]").check()
    press(page, "試算", "Work it out")


def preview_a_tariff(page: Page) -> None:
    """The next version as it stands, from tomorrow's day on."""
    first = str(page.locator("[name=effective_from]").get_attribute("min"))
    year, month = int(first[:4]), int(first[5:7])
    page.locator("[name=effective_from]").fill(f"{year + 1}-{month:02d}-27")
    press(page, "預覽影響", "Preview what it touches")


# ── A room for several meetings ────────────────────────────────────────────────────────────────────────────────────


def to_the_dates_of_meetings(page: Page) -> None:
    """Every week from the day shown on, with what is free on each."""
    page.locator("[name=starts]").select_option("09:00")
    page.locator("[name=ends]").select_option("10:30")
    page.locator("[name=title]").fill("專案週會")
    page.locator("[name=attendees]").fill("6")
    press(page, "看每一天", "Show every date")
