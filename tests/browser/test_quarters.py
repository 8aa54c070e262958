"""A room of the quarters in a real browser: eligibility first, every point with its rule, the offer with its deadline."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import today
from dorms import vocabulary as say
from dorms.models import Application, Bar, Tenancy
from tests.browser import walks
from tests.browser.checks import overflow
from tests.browser.conftest import OpenContext

pytestmark = [pytest.mark.browser, pytest.mark.slow]
API = "/dorms/api/v1"
ELIGIBLE = {
    "on_establishment": "true", "lives_alone": "true", "had_home_loan": "false", "bought_quarters": "false", "spouse_housed": "false",
}  # fmt: skip


def behind(house: Any, work: Callable[[Session], Any]) -> Any:
    """What the dormitories' own database says."""
    database = house.database("dorms")
    with database.reading() as session:
        found = work(session)
    database.dispose()
    return found


def newcomer(house: Any) -> str:
    """The user name of somebody at an agency who has no room, waits for none and may apply."""

    def look(session: Session) -> str:
        busy = {
            *session.scalars(select(Tenancy.person_id).where(Tenancy.ended_on.is_(None))),
            *session.scalars(select(Application.person_id).where(Application.state.in_(say.ALIVE))),
            *session.scalars(select(Bar.person_id)),
        }
        people = session.scalars(select(Person).where(Person.active).order_by(Person.id.desc()))
        return next(
            each.username for each in people if each.has("staff") and "-" in each.username and each.id not in busy
        )

    return str(behind(house, look))


def by_officer(house: Any, path: str, **body: Any) -> dict[str, Any]:
    answer = house.api("dorms", "POST", f"{API}{path}", body)
    assert answer.ok, answer.text
    told: dict[str, Any] = answer.json()
    return told


def a_round(house: Any) -> str:
    """The id of a round that takes applications."""
    now = datetime.now(UTC)
    span = {"from": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(days=21)).isoformat()}
    return str(by_officer(house, "/rounds", kind="single", registration=span)["id"])


def answer_questions(page: Page) -> None:
    for field, answer in ELIGIBLE.items():
        page.locator(f"[name={field}][value={answer}]").check()
    walks.press(page, "下一步", "Continue")


def fill_in_service(page: Page) -> None:
    page.locator("[name=grade]").select_option("9")
    page.locator("[name=started_on]").fill("2008-07-01")
    page.locator("[name=years_of_service]").fill("18")
    page.locator("[name=years_elsewhere]").fill("2")
    for number, grade in ((1, "A"), (2, "A"), (3, "B")):
        page.locator(f"[name=appraisal_{number}]").select_option(grade)
    page.locator("[name=home_status][value=none]").check()


def points(page: Page) -> tuple[list[Decimal], Decimal]:
    """The points of every line, and the sum that stands under them."""
    *lines, total = [
        Decimal(re.sub(r"[^\d.]", "", text)) for text in page.locator("main table.points td.n").all_inner_texts()
    ]
    return lines, total


@pytest.mark.parametrize(("lang", "width"), [("zh", 1440), ("en", 390), ("zh", 390), ("en", 1440)])
def test_from_the_application_to_the_key_and_back(house: Any, open_context: OpenContext, lang: str, width: int) -> None:
    name, round_id = newcomer(house), a_round(house)
    page = open_context(name, width=width).new_page()
    page.goto(f"/dorms/apply?round={round_id}&lang={lang}")
    answer_questions(page)
    fill_in_service(page)
    walks.press(page, "試算", "Estimate")
    expect(page.locator("#estimate")).to_contain_text(walks.say(page, "考績", "Appraisals"))
    expect(page.locator("[name=years_of_service]")).to_have_value("18")
    walks.press(page, "下一步：看積點", "Continue: your points")
    lines, total = points(page)
    assert len(lines) >= 5 and sum(lines) == total > 0
    assert overflow(page) == 0
    walks.press(page, "送出申請", "Send")
    page.wait_for_url(re.compile(r"/dorms/applications/\d+$"))
    assert points(page) == (lines, total), "what was sent is what was shown"
    mine = page.url

    by_officer(house, f"/rounds/{round_id}/ranking", seed="23117.42", close_early_reason="走查")
    by_officer(house, f"/rounds/{round_id}/allotment")
    page.goto(mine)
    walks.press(page, "看條件並回覆", "See the terms and answer")
    expect(page.locator(".by")).to_contain_text(walks.say(page, "簽約公證", "notarise"))
    expect(page.locator("main")).to_contain_text(walks.say(page, "第 1 名", "Rank 1"))
    assert overflow(page) == 0
    page.get_by_role("button", name=re.compile("^(同意借用|Take) ")).click()
    expect(page.locator(".by.done")).to_be_visible()

    stay = behind(house, lambda session: session.scalar(select(func.max(Tenancy.id)).where(Tenancy.ended_on.is_(None))))
    day = today(datetime.now(UTC)).isoformat()
    by_officer(
        house,
        f"/tenancies/{stay}/contract",
        number="115北院民公0123",
        notary="臺北地方法院公證處",
        notarised_on=day,
    )
    chair = {"name": "椅子", "quantity": 1}
    by_officer(house, f"/tenancies/{stay}/move-in", moved_in_on=day, items=[chair])
    page.goto(f"/dorms/tenancies/{stay}")
    expect(page.locator("main")).to_contain_text("椅子")
    assert overflow(page) == 0
    item = house.api("dorms", "GET", f"{API}/tenancies/{stay}").json()["items"][0]
    back = [{"item_id": item["id"], "quantity": 1}]
    done = by_officer(house, f"/tenancies/{stay}/hand-back", handed_back_on=day, room_state="to_let", items=back)
    assert done["status"] == "handed_back"
