"""The pages without a script: from the month to the confirmation, and nothing typed is lost."""

from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

TYPED = {"event_name": "冬季合唱音樂會", "event_kind": "文化", "attendees": "150", "event_plan": "開場\n演出\n散場"}
CHOSEN = [
    ("date", "2026-12-12"),
    ("slot", "morning"),
    ("slot", "afternoon"),
    ("overtime_minutes", "120"),
    ("stage", "1"),
]


class Reader(HTMLParser):
    """What a browser would send: the fields of each form, and the links."""

    def __init__(self, html):
        super().__init__()
        self.forms, self.links, self._form, self._area, self._select, self._text_counts = (
            [],
            [],
            None,
            None,
            None,
            False,
        )
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "form":
            self._form = {"action": found.get("action", ""), "method": found.get("method", "get"), "fields": []}
            self.forms.append(self._form)
        elif tag == "a":
            self.links.append(found.get("href", ""))
        elif self._form is None:
            return
        elif tag == "input" and found.get("name"):
            box = found.get("type") in ("radio", "checkbox")
            if not box or "checked" in found:
                self._form["fields"].append((found["name"], found.get("value", "")))
        elif tag == "textarea":
            self._area = (found["name"], "")
        elif tag == "select":
            self._select = found.get("name")
        elif tag == "option" and self._select and "selected" in found:
            self._form["fields"].append((self._select, found.get("value", "")))
            self._text_counts = "value" not in found

    def handle_data(self, data):
        if self._text_counts:
            self._form["fields"][-1] = (self._select, data.strip())
            self._text_counts = False
        if self._area:
            self._area = (self._area[0], self._area[1] + data)

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._area:
            name, text = self._area
            self._form["fields"].append((name, text.removeprefix("\n")))
            self._area = None

    def form(self, ending):
        return next(form for form in self.forms if form["action"].endswith(ending))


def read(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return Reader(answer.get_data(as_text=True))


@pytest.fixture
def atrium(ids):
    return f"/{ids['atrium']}"


@pytest.fixture
def group(client):
    return client(as_="group")


def applied(person, atrium, chosen=CHOSEN):
    """Walk the three steps; the page of the booking."""
    details = read(person.get(f"{atrium}/apply?{urlencode(chosen)}")).form("/check")
    fields = [(name, value) for name, value in details["fields"] if name not in TYPED] + list(TYPED.items())
    check = read(person.get(f"{atrium}/check?{urlencode(fields)}")).form("/apply")
    sent = person.submit(f"{atrium}/apply", gathered(check["fields"]))
    assert sent.status_code == 303, sent.get_data(as_text=True)[:3000]
    return sent.headers["Location"]


def gathered(fields):
    out = {}
    for name, value in fields:
        if name != "csrf_token":
            out.setdefault(name, []).append(value)
    return out


def test_a_stranger_sees_the_venues_and_their_month(client, atrium):
    stranger = client()
    assert "1樓中庭" in stranger.get("/").get_data(as_text=True)
    page = stranger.get(f"{atrium}?month=2026-12").get_data(as_text=True)
    assert page.count('name="date"') == 31
    assert "個人不能申請" in page


def test_the_quote_shows_each_line_with_its_rule(group, atrium):
    for address in (f"{atrium}/quote?", f"{atrium}?"):
        page = unescape(group.get(address + urlencode(CHOSEN)).get_data(as_text=True))
        for expected in (
            '中間 <span class="nw">12:30–13:30</span> 免費使用',  # a phone does not break it at the dash
            "#S-07",
            "逾時 2 小時 × 1,250",
            "#S-06",
            "15,500 元",
            "20,000",
            "112-11-09",
        ):
            assert expected in page, expected
        assert "示範" in page  # the stage's fee is not known (S-20)


def test_looking_at_another_month_keeps_the_day_until_another_is_chosen(group, atrium):
    fields = read(group.get(f"{atrium}?{urlencode([*CHOSEN, ('month', '2027-01')])}")).form(atrium)["fields"]
    assert ("date", "2026-12-12") in fields
    both = [("date", "2027-01-07"), *CHOSEN]
    assert "1月7日" in group.get(f"{atrium}/quote?{urlencode(both)}").get_data(as_text=True)
    details = read(group.get(f"{atrium}/apply?{urlencode(both)}")).form("/check")["fields"]
    assert [value for name, value in details if name == "date"] == ["2027-01-07"]


def test_a_city_agency_sees_that_it_pays_nothing(client, atrium):
    page = unescape(client(as_="officer2").get(f"{atrium}?{urlencode(CHOSEN)}").get_data(as_text=True))
    assert "本府機關學校免收" in page
    assert "0 元" in page


def test_three_steps_lead_to_a_booking_and_every_answer_is_carried_along(group, atrium):
    details = read(group.get(f"{atrium}/apply?{urlencode(CHOSEN)}")).form("/check")
    assert [field for field in CHOSEN if field in details["fields"]] == CHOSEN
    where = applied(group, atrium)
    page = unescape(group.get(where).get_data(as_text=True))
    for expected in ("冬季合唱音樂會", "開場<br>演出<br>散場", "已送件", "活動式舞臺 × 1", "115-V-"):
        assert expected in page, expected


def test_the_check_page_leads_back_with_everything_typed(group, atrium):
    page = read(group.get(f"{atrium}/check?{urlencode([*CHOSEN, *TYPED.items()])}"))
    back = next(link for link in page.links if "/apply?" in link)
    asked = parse_qs(urlsplit(back).query)
    assert asked["slot"] == ["morning", "afternoon"]
    assert asked["event_plan"] == [TYPED["event_plan"]]
    fields = dict(read(group.get(back.replace("http://localhost", ""))).form("/check")["fields"])
    assert {name: fields[name] for name in TYPED} == TYPED
    to_slots = next(link for link in page.links if urlsplit(link).path.endswith(atrium))
    first = read(group.get(to_slots)).form(atrium)["fields"]
    assert {("slot", "morning"), ("slot", "afternoon"), ("overtime_minutes", "120"), ("date", "2026-12-12")} <= set(
        first
    )
    assert set(TYPED.items()) <= set(first)


def test_a_wrong_answer_comes_back_with_the_reason_and_the_rest_as_typed(group, atrium):
    wrong = {**TYPED, "attendees": "500", "event_name": ""}
    answer = group.get(f"{atrium}/check?{urlencode([*CHOSEN, *wrong.items()])}")
    fields = dict(read(answer, 422).form("/check")["fields"])
    assert (fields["event_plan"], fields["event_kind"], fields["attendees"]) == (TYPED["event_plan"], "文化", "500")
    page = answer.get_data(as_text=True)
    assert "請填寫活動名稱" in page
    assert "<title>錯誤：" in page
    crowded = urlencode([*CHOSEN, *(TYPED | {"attendees": "201"}).items()])
    assert "最多 200 人" in unescape(group.get(f"{atrium}/check?{crowded}").get_data(as_text=True))


def test_outside_the_window_the_page_says_from_when(group, atrium):
    asked = urlencode([("date", "2027-03-01"), ("slot", "morning")])
    answer = group.get(f"{atrium}/apply?{asked}")
    assert "12月1日（週二）起可申請 3月1日（週一）" in unescape(answer.get_data(as_text=True))
    assert ("slot", "morning") in read(answer, 422).form(atrium)["fields"]


def test_losing_the_race_at_the_last_step_keeps_what_was_typed(group, client, atrium):
    check = read(group.get(f"{atrium}/check?{urlencode([*CHOSEN, *TYPED.items()])}")).form("/apply")
    applied(client(as_="officer2"), atrium, [("date", "2026-12-12"), ("slot", "afternoon")])
    answer = group.submit(f"{atrium}/apply", gathered(check["fields"]))
    page = read(answer, 409)
    assert "剛被別人申請走了：12月12日（週六）下午" in answer.get_data(as_text=True)
    fields = page.form(atrium)["fields"]
    assert {("slot", "morning"), ("event_name", TYPED["event_name"]), ("stage", "1")} <= set(fields)


def test_a_stranger_signs_in_on_the_way_and_keeps_what_was_chosen(client, atrium):
    answer = client().get(f"{atrium}/apply?{urlencode(CHOSEN)}")
    assert answer.status_code == 303
    target = parse_qs(urlsplit(answer.headers["Location"]).query)["next"][0]
    assert parse_qs(urlsplit(target).query)["slot"] == ["morning", "afternoon"]


def test_staff_without_the_role_are_told_who_can(client, atrium):
    assert client(as_="staff").get(f"{atrium}/apply?{urlencode(CHOSEN)}").status_code == 403
    page = client(as_="staff").get(f"{atrium}?{urlencode(CHOSEN)}").get_data(as_text=True)
    assert "個人不能申請" in page
    assert "下一步" not in page


def test_the_officer_decides_insures_and_takes_the_money(group, client, atrium):
    where = applied(group, atrium)
    officer = client(as_="venues")
    assert "冬季合唱音樂會" in officer.get("/bookings").get_data(as_text=True)

    def act(ending, **typed):
        form = read(officer.get(where)).form(ending)
        fields = {name: value for name, value in form["fields"] if name != "csrf_token"} | typed
        return officer.submit(form["action"].replace("http://localhost", ""), fields)

    assert act("/reject", reason="").status_code == 422
    assert act("/approve").status_code == 422
    assert act("/approve", note="文件於使用日前補齊").status_code == 303
    assert "待投保" in group.get(where).get_data(as_text=True)
    assert "保留到 11月26日（週四）17:00" in group.get(where).get_data(as_text=True)
    assert act("/insurance", policy_number="PL-9").status_code == 303
    assert "已收 35,500 元" in officer.get(where).get_data(as_text=True)
    assert act("/payment", receipt_number="R-9").status_code == 303
    page = group.get(where).get_data(as_text=True)
    assert "已確認" in page
    assert "R-9" in page


def test_papers_are_asked_for_and_sent(group, client, atrium):
    where = applied(group, atrium)
    officer = client(as_="venues")
    form = read(officer.get(where)).form("/supplement-request")
    rev = dict(form["fields"])["rev"]
    assert officer.submit(f"{where}/supplement-request", {"missing": "請附交通計畫", "rev": rev}).status_code == 303
    page = group.get(where)
    assert "請附交通計畫" in page.get_data(as_text=True)
    sent = read(page).form("/supplement")
    assert dict(sent["fields"])["event_plan"] == TYPED["event_plan"]
    rev = dict(sent["fields"])["rev"]
    assert group.submit(f"{where}/supplement", {"event_plan": "附交通計畫", "rev": rev}).status_code == 303
    assert "已送件" in group.get(where).get_data(as_text=True)


def test_a_decision_on_a_stale_page_shows_the_latest(group, client, atrium):
    where = applied(group, atrium)
    officer = client(as_="venues")
    rev = dict(read(officer.get(where)).form("/approve")["fields"])["rev"]
    officer.submit(f"{where}/supplement-request", {"missing": "企劃書", "rev": rev})
    answer = officer.submit(f"{where}/approve", {"rev": rev})
    assert answer.status_code == 409
    assert "剛被改過" in answer.get_data(as_text=True)
    assert dict(read(answer, 409).form("/approve")["fields"])["rev"] != rev


def test_the_refund_is_shown_before_the_button_and_is_what_is_done(group, client, atrium, clock):
    where = applied(group, atrium)
    officer = client(as_="venues")
    assert officer.submit(f"{where}/approve", {}).status_code == 422
    officer.submit(f"{where}/approve", {"note": "文件於使用日前補齊"})
    officer.submit(f"{where}/insurance", {"policy_number": "PL-1"})
    officer.submit(f"{where}/payment", {"receipt_number": "R-1"})
    clock.tick(days=14)
    group, officer = client(as_="group"), client(as_="venues")
    page = group.get(f"{where}/cancel")
    told = unescape(page.get_data(as_text=True))
    assert "退還場地費 50%" in told
    assert "取消並退還 27,750 元" in told
    form = read(page).form("/cancel")
    fields = {name: value for name, value in form["fields"] if name != "csrf_token"}
    assert fields["shown"] == "27750"
    clock.tick(days=3)
    group = client(as_="group")
    late = group.submit(f"{where}/cancel", fields | {"reason": "主講人生病"})
    assert late.status_code == 409
    assert "退費金額已變為 20,000 元" in late.get_data(as_text=True)
    again = dict(read(late, 409).form("/cancel")["fields"])
    assert again["reason"] == "主講人生病"
    assert group.submit(f"{where}/cancel", {**fields, "shown": again["shown"]}).status_code == 303
    assert "已取消" in group.get(where).get_data(as_text=True)


def test_a_room_is_booked_and_given_back_on_its_page(client, ids):
    officer, room = client(as_="officer"), f"/rooms/{ids['n206']}"
    typed = {"day": "2026-11-24", "starts": "09:00", "ends": "10:30", "title": "協調會", "attendees": "30", "chair": ""}
    assert officer.submit(f"{room}/book", typed).status_code == 303
    page = officer.get(f"{room}?day=2026-11-24")
    assert "協調會" in page.get_data(as_text=True)
    taken = client(as_="officer2").submit(f"{room}/book", typed | {"title": "另一場"})
    assert taken.status_code == 409
    assert dict(read(taken, 409).form("/book")["fields"])["title"] == "另一場"
    assert "協調會" not in client(as_="officer2").get(f"{room}?day=2026-11-24").get_data(as_text=True)
    released = read(page).form("/release")["action"].replace("http://localhost", "")
    assert officer.submit(released).status_code == 303
    assert client(as_="officer2").submit(f"{room}/book", typed).status_code == 303
    assert "整天都空著" in client().get("/rooms?day=2026-11-24").get_data(as_text=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_is_there_in_both_languages(group, client, atrium, ids, lang):
    where = applied(group, atrium)
    pages = ["/", atrium, "/rooms", f"/rooms/{ids['n206']}", "/bookings", where, f"{where}/cancel", "/meetings"]
    for person in (group, client(as_="venues"), client(as_="officer")):
        for page in pages:
            answer = person.get(f"{page}?lang={lang}")
            assert answer.status_code in (200, 404)
    text = group.get(f"{atrium}?lang=en").get_data(as_text=True)
    assert "Which slots?" in text


@pytest.mark.parametrize(
    "query",
    [
        "date=x&slot=y",
        "date=0001-01-01&slot=morning",
        "date=9999-12-31&slot=evening&days=9",
        "month=2199-12",
        "month=x",
        "stage=99999999",
    ],
)
def test_an_odd_address_is_no_error(group, ids, query):
    for venue in ("atrium", "civic-plaza"):
        for ending in ("", "/quote", "/apply", "/check"):
            assert group.get(f"/{ids[venue]}{ending}?{query}").status_code in (200, 422)
