"""The pages without a script: three steps to a car, and then everyone's own page. Nothing typed is lost."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest

from fleet.models import Trip
from tests.fleet.conftest import DAY, Desk, car

ANSWERS = {
    "date": DAY.isoformat(), "leave": "09:00", "back": "12:00", "origin": "市政大樓 東側車道", "destination": "市議會",
    "needs_driver": "1", "passengers": "4", "purpose_code": "meeting", "purpose": "備詢 <b>與</b> 協調", "round_trip": "1",
    "vehicle_kind": "",
}  # fmt: skip


@pytest.fixture
def pool(database, people, now):
    """A small pool, committed; `pool(work)` does something with it first and returns what it returns."""

    def prepare(work=lambda desk: None):
        return database.transact(
            lambda session: work(Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, now))
        )

    return prepare


def text(response) -> str:
    return unescape(response.get_data(as_text=True))


def url(path: str, **answers: str) -> str:
    return f"{path}?{urlencode(answers)}"


def hidden(page: str) -> dict[str, str]:
    """What a form carries along, its token apart."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    found.pop("csrf_token", None)
    return found


def only_trip(database) -> Trip:
    with database.reading() as session:
        return session.query(Trip).one()


def test_three_steps_carry_everything_to_the_end(client, pool, database):
    pool()
    officer = client(as_="officer")
    assert "需要駕駛嗎" in text(officer.get("/request"))
    first = {name: ANSWERS[name] for name in ("date", "leave", "back", "origin", "destination", "needs_driver")}
    second = officer.get(url("/request/who", **first))
    assert second.status_code == 200 and hidden(text(second))["destination"] == "市議會"
    check = officer.get(url("/request/check", **ANSWERS))
    page = check.get_data(as_text=True)
    assert "備詢 &lt;b&gt;與&lt;/b&gt; 協調" in page and "王若山" in page
    carried = {name: unescape(value) for name, value in hidden(page).items()}
    sent = officer.submit("/request", carried)
    assert sent.status_code == 303 and sent.location.endswith("/trips/1")
    trip = only_trip(database)
    assert (trip.purpose, trip.passengers, trip.status) == ("備詢 <b>與</b> 協調", 4, "submitted")
    assert "已送出 115-11-00001。王若山核可後" in text(officer.get("/trips/1"))


def test_faults_of_a_step_lead_back_to_it_with_everything_typed(client, pool):
    pool()
    officer = client(as_="officer")
    page = officer.get(url("/request/check", **(ANSWERS | {"back": "08:00", "destination": ""})))
    told = text(page)
    assert page.status_code == 422
    assert told.index("回程時間要晚於出發時間") < told.index("請填寫目的地，例如「市議會」")
    assert hidden(told)["purpose"] == ANSWERS["purpose"]
    page = officer.get(url("/request/check", **(ANSWERS | {"passengers": "many", "purpose": ""})))
    assert page.status_code == 422 and 'value="many"' in text(page)


def test_a_refused_sending_shows_the_step_with_everything_typed(client, pool, database):
    pool()
    officer = client(as_="officer")
    soon = ANSWERS | {"date": "2026-11-24"}
    page = officer.submit("/request", soon)
    assert page.status_code == 422
    assert "距用車不到 3 天，將列為緊急申請，請寫明原因。" in text(page)
    assert hidden(text(page))["destination"] == "市議會"
    assert officer.submit("/request", soon | {"urgent_reason": "臨時備詢"}).status_code == 303


def test_the_panel_answers_before_anything_is_sent(client, pool):
    pool(lambda desk: desk.assigned("09:00", "10:00"))
    officer = client(as_="officer")
    part = text(officer.get(url("/request/availability", **ANSWERS)))
    assert "<html" not in part and "<b>3</b> <span>輛 · 09:00–12:00 · 4 人" in part
    assert "選好日期與時間" in text(officer.get(url("/request/availability", date="x")))


def test_several_days_and_copying_the_last_request(client, pool):
    pool(lambda desk: desk.asked())
    officer = client(as_="officer")
    assert "回程日期" in text(officer.get("/request?several=1"))
    copy = re.search(r'href="([^"]+)">套用上次的申請', text(officer.get("/request")))
    assert copy and "市議會" in text(officer.get(copy[1]))


def test_approving_and_sending_back(client, pool, database):
    pool(lambda desk: [desk.asked().id, desk.asked(starts="13:00", ends="14:00", purpose="第二筆").id])
    supervisor = client(as_="supervisor")
    page = text(supervisor.get("/approvals"))
    assert "2 筆用車申請在等你" in page
    assert supervisor.submit("/approvals/1/approve").status_code == 303
    refused = supervisor.submit("/approvals/2/return", {"reason": " "})
    assert refused.status_code == 422 and "請寫明退回原因" in text(refused)
    assert supervisor.submit("/approvals/2/return", {"reason": "日期不符"}).status_code == 303
    assert "日期不符" in text(client(as_="officer").get("/trips/2"))
    assert client(as_="officer").get("/approvals").status_code == 403
    assert client(as_="supervisor2").submit("/approvals/1/approve").status_code == 404


def test_the_dispatcher_sees_reasons_and_assigns_with_one_click(client, pool, database):
    pool(lambda desk: desk.approved() and None)
    dispatcher = client(as_="dispatcher")
    assert "協調會" in text(dispatcher.get("/dispatch"))
    page = text(dispatcher.get("/dispatch?trip=1"))
    assert "短程電動車優先" in page and "當日尚無任務" in page and "TST-0004" in page
    form = page[page.index('id="place"') :]
    form = form[: form.index("</form>")]
    fields = {**hidden(form), "vehicle_id": re.findall(r'name="vehicle_id" value="(\d+)"', form)[0]}
    sent = dispatcher.submit("/dispatch/1/place", {**fields, "csrf_token": ""})
    assert sent.status_code == 400  # without the form's token it is held, not lost
    assert dispatcher.submit("/dispatch/1/place", fields).status_code == 303
    assert only_trip(database).status == "assigned"
    day = text(dispatcher.get(f"/dispatch?date={DAY}"))
    assert "待駕駛接單" in day and "09:00–10:00" in day
    assert "這一天沒有符合篩選的行程" in text(dispatcher.get(f"/dispatch?date={DAY}&show=running"))


def test_a_clash_is_told_in_place_with_the_choice_kept(client, pool):
    def clash(desk):
        desk.assigned("09:00", "10:00")
        return desk.approved(starts="09:30", ends="10:30").id, desk.sedan.id, desk.driver2.id

    trip_id, vehicle_id, driver_id = pool(clash)
    page = client(as_="dispatcher").submit(
        f"/dispatch/{trip_id}/place", {"vehicle_id": vehicle_id, "driver_id": driver_id}
    )
    assert page.status_code == 409 and "TST-0001 09:00–10:00 已有行程" in text(page)


def test_the_driver_has_one_button_at_a_time(client, pool, clock):
    pool(lambda desk: desk.assigned() and None)
    driver = client(as_="driver")
    page = re.sub("<template.*?</template>", "", text(driver.get("/driver")), flags=re.DOTALL)  # for times offline
    assert "接單" in page and "出車里程" not in page
    assert driver.submit("/driver/1/accept").status_code == 303
    assert "出車里程" in text(driver.get("/driver/1"))
    low = driver.submit("/driver/1/start", {"odometer_out": "9"})
    assert low.status_code == 422 and 'value="9"' in text(low) and "請再看一次" in text(low)
    assert driver.submit("/driver/1/start", {"odometer_out": "10,000"}).status_code == 303
    back = driver.submit("/driver/1/finish", {"odometer_in": "9,000"})
    assert back.status_code == 422 and "里程比出車時少" in text(back)
    assert driver.submit("/driver/1/finish", {"odometer_in": "１００１２"}).status_code == 303
    assert "目前沒有任務" in text(driver.get("/driver"))
    assert "請乘客簽名" in text(driver.get("/driver/1"))
    officer = client(as_="officer")
    assert "請你簽證" in text(officer.get("/trips/1"))
    assert officer.submit("/trips/1/sign-off").status_code == 303


def test_declining_needs_a_reason_and_frees_the_job(client, pool, database):
    pool(lambda desk: desk.assigned() and None)
    driver = client(as_="driver")
    assert driver.submit("/driver/1/decline", {"reason_code": "other"}).status_code == 422
    assert driver.submit("/driver/1/decline", {"reason_code": "unwell"}).status_code == 303
    assert only_trip(database).status == "approved"
    assert client(as_="driver2").get("/driver/1/decline").status_code == 404


def test_the_phone_number_goes_the_day_after(client, pool, clock, database, people):
    pool(lambda desk: desk.assigned() and None)
    assert "周行路" in text(client(as_="officer").get("/trips/1"))
    clock.tick(days=9)
    assert "周行路" not in text(client(as_="officer").get("/trips/1")).split("全部紀錄")[0]


def test_changing_keeps_what_was_typed_and_releases_the_car(client, pool, database):
    pool(lambda desk: desk.assigned() and None)
    officer = client(as_="officer")
    page = text(officer.get("/trips/1/change"))
    assert "原派車輛會先釋出" in page and 'value="市議會"' in page
    answers = ANSWERS | {"back": "08:00", "purpose": "改過的事由"}
    refused = officer.submit("/trips/1/change", answers)
    assert refused.status_code == 422 and "改過的事由" in text(refused)
    stale = officer.submit("/trips/1/change", ANSWERS | {"rev": "1", "purpose": "我打的字"})
    assert stale.status_code == 409 and "我打的字" in text(stale)
    assert officer.submit("/trips/1/change", ANSWERS).status_code == 303
    assert only_trip(database).status == "approved"


def test_cancelling_from_the_page(client, pool, database):
    pool(lambda desk: desk.assigned() and None)
    refused = client(as_="dispatcher").submit("/trips/1/cancel", {"reason": "防汛"})
    assert (
        refused.status_code == 422 and "請先聯絡到申請人才能取消" in text(refused) and 'value="防汛"' in text(refused)
    )
    assert client(as_="officer").submit("/trips/1/cancel").status_code == 303
    assert only_trip(database).status == "cancelled"


def test_a_late_entry_from_its_own_page(client, pool, database):
    pool()
    officer = client(as_="officer")
    assert "事後補登" in text(officer.get("/trips/late"))
    coming = officer.submit("/trips/late", ANSWERS)
    assert coming.status_code == 422 and "補單的用車時間要在過去" in text(coming) and 'value="市議會"' in text(coming)
    assert officer.submit("/trips/late", ANSWERS | {"date": "2026-11-20"}).status_code == 303
    assert only_trip(database).recorded_late


def test_the_slip_and_the_calendar_entry(client, pool):
    pool(lambda desk: desk.assigned() and None)
    officer = client(as_="officer")
    slip = text(officer.get("/trips/1/slip"))
    assert "中華民國 115 年 11 月 30 日（星期一） 09 時 00 分 至 10 時 00 分" in slip and "<svg" in slip
    entry = officer.get("/trips/1/calendar.ics")
    assert entry.content_type == "text/calendar; charset=utf-8" and b"UID:fleet-trip-1@citykeys" in entry.data


def test_charging_is_booked_and_given_back(client, pool):
    vehicle_id, sedan_id = pool(lambda desk: (desk.electric.id, desk.sedan.id))
    dispatcher = client(as_="dispatcher")
    told = {
        "charger_id": "1",
        "vehicle_id": vehicle_id,
        "date": "2026-11-23",
        "leave": "18:00",
        "back": "20:00",
        "target_percent": "90",
    }
    refused = dispatcher.submit("/charging", told | {"vehicle_id": sedan_id})
    assert refused.status_code == 422 and "不是電動車" in text(refused)
    assert dispatcher.submit("/charging", told).status_code == 303
    clash = dispatcher.submit("/charging", told)
    assert clash.status_code == 409 and "已有安排" in text(clash)
    assert dispatcher.submit("/charging/1/cancel").status_code == 303
    assert dispatcher.submit("/charging", told).status_code == 303
    assert client(as_="officer").submit("/charging", told).status_code == 403


PAGES = (
    "/request", "/request/who", "/request/check", "/trips", "/trips?when=past&whose=all", "/approvals", "/dispatch",
    "/dispatch/drivers", "/dispatch?view=week", "/dispatch?view=list", "/dispatch/live", "/dispatch?trip=1", "/driver",
    "/driver/1", "/trips/1", "/trips/1/slip", "/trips/1/change", "/trips/late", "/charging", "/driver/1/decline",
    "/approvals/1/return",
)  # fmt: skip
EVERYONE = (
    "officer",
    "supervisor",
    "officer2",
    "dispatcher",
    "driver",
    "driver2",
    "venues",
    "group",
    "dorms",
    "staff",
    "auditor",
    "admin",
    None,
)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_answers_every_role_without_breaking(client, pool, lang):
    pool(lambda desk: desk.accepted() and None)
    for who in EVERYONE:
        visitor = client(as_=who)
        visitor.set_cookie("lang", lang)
        for page in PAGES:
            answer = visitor.get(page)
            assert answer.status_code in (200, 303, 403, 404, 409, 422), (who, page, answer.status_code)
            if who in (None, "group"):
                assert answer.status_code in (303, 403), (who, page, answer.status_code)


def test_odd_addresses_are_not_found_rather_than_broken(client, pool):
    pool()
    dispatcher = client(as_="dispatcher")
    for address in (
        "/trips/0",
        "/trips/99999999999999999999999",
        "/trips/4611686018427387904",
        "/dispatch?trip=99",
        "/trips/x",
    ):
        assert dispatcher.get(address).status_code == 404
    for address in (
        "/dispatch?date=9999-99-99",
        "/dispatch?date=0001-01-01",
        "/trips?page=99999",
        "/trips?page=-1",
        "/dispatch?show=nothing",
    ):
        assert dispatcher.get(address).status_code == 200
    assert dispatcher.get(
        url("/request/who", date="9999-12-31", leave="23:45", back="23:50", destination="x")
    ).status_code in (
        200,
        422,
    )


def test_home_leads_each_role_to_its_desk(client, pool, clock):
    pool()
    places = {"officer": "/trips", "dispatcher": "/dispatch", "driver": "/driver"}
    assert {who: client(as_=who).get("/").location for who in places} == places


@pytest.mark.parametrize(("cars", "jobs"), [(26, 50), (39, 60)])
def test_the_board_stays_under_sixty_kilobytes(client, pool, cars, jobs):
    def fill(desk):
        desk.session.add_all(more := [car(f"FUL-{n:04d}") for n in range(cars - 4)])
        desk.session.flush()
        for n in range(jobs):
            hour = 7 + n // len(more) * 4
            trip = desk.approved(
                starts=f"{hour:02d}:00", ends=f"{hour + 3:02d}:00", needs_driver=False, purpose="姊妹市交流外賓接待"
            )
            desk.assign(trip, more[n % len(more)], None)
        return trip.id

    trip_id = pool(fill)
    dispatcher = client(as_="dispatcher")
    plain = dispatcher.get(f"/dispatch?date={DAY}").data
    chosen = dispatcher.get(f"/dispatch?date={DAY}&trip={trip_id}").data
    assert plain.count(b'class="brow"') == cars and plain.count(b'class="bar ok') == jobs
    assert max(len(plain), len(chosen)) <= 60_000
