"""Gallery terms, contributed days and drawn stalls are given once, over HTTP against a running desk.

Whoever plans, asks, assigns, registers, accepts or leaves at the same moment. What is refused is refused with a sentence;
whoever was told yes is on the published list; the ledger and the draw that anybody can check say the same.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import count as numbers

import pytest
from sqlalchemy import select

from common.period import Period, taipei, today
from tests.house_fixture import DemoCity, House, eventually, running_house
from tests.journeys.racing import CLIENTS, Call, at_once, ledger, serial, told
from tests.journeys.venue_racing import BODIES, DESK, VENUES, behind, days, desk, made, nothing_free_was_refused, served
from venues.models import WALL, ContributedSurvey, ContributedVenue, ContributedWish, Registration
from venues.rounds import firms

pytestmark = [pytest.mark.slow]
each_number = pytest.mark.parametrize("clients", CLIENTS)
FIRMS = ("group", "choir-officer", "dance-officer", "charity-officer", "green-officer", "school-officer")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, demo_city: DemoCity) -> Iterator[House]:
    """A desk of its own: these tests give terms and days, and draw."""
    with running_house(tmp_path_factory.mktemp("draw-races"), demo_city) as made:
        yield made


# ── The gallery ────────────────────────────────────────────────────────────────────────────────────────────────────

gallery_years = numbers(2070)


def plan_term(number, first, last):
    return desk(number, "/gallery-terms", days(first, last))


def apply_for(who, term):
    works = {"title": f"城市的光 {next(serial)}", "works": 20, "heaviest_kg": 5}
    return Call(who, "POST", f"{VENUES}/gallery-terms/{term}/applications", works)


@each_number
def test_of_overlapping_gallery_terms_those_that_fit_are_planned(house, clients):
    first = date(next(gallery_years), 1, 1)
    terms = [(first + timedelta(days=10 * n), first + timedelta(days=10 * n + 24)) for n in range(clients)]
    calls = [
        Call(DESK[n % 2], "POST", f"{VENUES}/gallery-terms", days(*term) | {"number": 100 * clients + n})
        for n, term in enumerate(terms)
    ]
    answers = at_once(house, calls)
    won = served(answers)
    periods = [Period(taipei(a, "00:00"), taipei(b, "24:00")) for a, b in terms]
    nothing_free_was_refused(periods, won)
    whole = Period(periods[0].starts_at, periods[-1].ends_at)
    holders = ledger(house, "venues", whole, [WALL])[WALL]
    assert holders == [f"gallery_term:{answers[place].body['id']}" for place in won]


@each_number
def test_a_term_is_given_to_one_school_and_every_other_that_asked_is_told(house, clients):
    first = date(next(gallery_years), 1, 1)
    term = made(house, plan_term(0, first, first + timedelta(days=30)))
    asked = [made(house, apply_for(who, term)) for who in BODIES[:4]]
    late = [apply_for(who, term) for who in BODIES[4 : 4 + clients // 4]]
    path = f"/gallery-terms/{term}/assign"
    calls = [
        desk(n, path, {"application_id": asked[n % 4], "reason": "首次參展優先"}) for n in range(clients - len(late))
    ]
    answers = at_once(house, [*late, *calls])
    won = served(answers)
    (place,) = (each for each in won if each >= len(late))
    chosen = asked[(place - len(late)) % 4]
    everybody = {*asked, *(answers[each].body["id"] for each in won if each < len(late))}
    found = told(house, "venues", "GET", f"{VENUES}/gallery-terms?limit=100")["items"]
    (row,) = (each for each in found if each["id"] == term)
    states = {each["id"]: each["status"] for each in row["applications"]}
    assert states == {each: "assigned" if each == chosen else "declined" for each in everybody}


# ── Contributed days ───────────────────────────────────────────────────────────────────────────────────────────────

half_years = numbers(150)


def a_survey(house, *, allotted=True):
    """The id of a survey of a half-year that nobody wished for, its first day, and how many days it has."""
    year = next(half_years)
    venue = str(behind(house, lambda session: session.scalars(select(ContributedVenue.id)).first()))
    closes = (today(datetime.now(UTC)) + timedelta(days=9)).isoformat()
    body = {"venue_id": venue, "half_year": f"{year}H1", "closes_on": closes}
    made_ = told(house, "venues", "POST", f"{VENUES}/contributed-surveys", body)
    if allotted:  # all of its days are left over
        behind(
            house, lambda session: setattr(session.get_one(ContributedSurvey, int(made_["id"])), "status", "allotted")
        )
    return made_["id"], date(year + 1911, 1, 1), made_["quota"]


def take_day(who, survey, day):
    return Call(who, "POST", f"{VENUES}/contributed-surveys/{survey}/days", {"day": day.isoformat(), "purpose": "競逐"})


def given(house, survey):
    """The days of a survey that are given, by id; the ledger has each of them and as many of the half-year's days."""
    found = told(house, "venues", "GET", f"{VENUES}/contributed-surveys?limit=100")["items"]
    (row,) = (each for each in found if each["id"] == survey)
    kept = {each["id"]: each for each in row["days"] if each["given_back_at"] is None}
    first = date.fromisoformat(min((each["day"] for each in kept.values()), default="2060-01-01"))
    half = Period(taipei(first.replace(month=1, day=1), "00:00"), taipei(first.replace(month=6, day=30), "24:00"))
    names = [f"contributed:{row['venue_id']}", *(f"contributed_quota:{survey}:{n + 1}" for n in range(row["quota"]))]
    has = ledger(house, "venues", half, names)
    dates = sorted(has.pop(names[0], []))
    assert dates == sorted(holder for each in has.values() for holder in each)
    assert dates == sorted(f"contributed_day:{each}" for each in kept)
    assert row["left"] == row["quota"] - len(kept)
    return kept


@each_number
def test_a_contributed_day_goes_to_one_agency(house, clients):
    survey, first, _ = a_survey(house)
    answers = at_once(house, [take_day(who, survey, first) for who in BODIES[:10] * 4][:clients])
    (place,) = served(answers)
    assert set(given(house, survey)) == {answers[place].body["id"]}


@each_number
def test_no_more_contributed_days_are_given_than_there_are_and_all_of_them(house, clients):
    survey, first, quota = a_survey(house)
    left = {2: 1, 8: 3, 32: quota}[clients]
    for n in range(quota - left):
        made(house, take_day("officer", survey, first + timedelta(days=100 + n)))
    calls = [take_day(BODIES[n % 10], survey, first + timedelta(days=n)) for n in range(clients)]
    assert len(served(at_once(house, calls))) == left
    assert len(given(house, survey)) == quota


@each_number
def test_a_contributed_day_that_is_given_back_is_anothers(house, clients):
    survey, first, _ = a_survey(house)
    mine = made(house, take_day("officer", survey, first))
    leave = Call("officer", "POST", f"{VENUES}/contributed-days/{mine}/give-back", {})
    place, *others = served(
        at_once(house, [leave, *(take_day(who, survey, first) for who in BODIES[1:10] * 4)][:clients])
    )
    assert place == 0 and len(others) <= 1
    if not others:
        made(house, take_day("officer2", survey, first))
    (kept,) = given(house, survey).values()
    assert kept["day"] == first.isoformat() and kept["id"] != mine


@each_number
def test_an_agency_wishes_stand_as_one_of_its_people_sent_them(house, clients):
    survey, first, _ = a_survey(house, allotted=False)
    path = f"{VENUES}/contributed-surveys/{survey}/wishes"
    sent = [[(first + timedelta(days=n + m)).isoformat() for m in range(3)] for n in range(clients)]
    people = ("officer", "supervisor")
    answers = at_once(house, [Call(people[n % 2], "POST", path, {"days": each}) for n, each in enumerate(sent)])
    assert served(answers) == list(range(clients))
    wishes = select(ContributedWish).where(ContributedWish.survey_id == int(survey)).order_by(ContributedWish.rank)
    kept = behind(house, lambda session: [(each.rank, each.day.isoformat()) for each in session.scalars(wishes)])
    assert [rank for rank, _ in kept] == [1, 2, 3]
    assert [day for _, day in kept] in sent


# ── Rounds of stalls ───────────────────────────────────────────────────────────────────────────────────────────────

PAPERS = (
    "checklist",
    "registration",
    "firm_card",
    "seller_card",
    "application",
    "food_operator",
    "liability",
    "lab_test",
)
firm_numbers = numbers(1)


def a_firm(number=None, seller=None):
    """A firm's registration with every paper; numbers nobody else has unless told."""
    n = next(firm_numbers)
    told_ = {"class_code": "food", "firm_name": f"競逐{n}商行", "goods": "點心", "papers": list(PAPERS)}
    told_["firm_number"] = number or firms.with_check_digit(f"{4_000_000 + 7 * n}")
    return told_ | {"seller_id": seller or firms.person_with_check_digit(f"B1{n:07d}")}


def register(who, round_id, firm):
    return Call(who, "POST", f"{VENUES}/rounds/{round_id}/registrations", firm)


def a_round(house, stalls):
    """The id of a round of food stalls that is open to registration."""
    now = datetime.now(UTC)
    first = today(now) + timedelta(days=60)
    body = {"kind": "stall", "classes": [{"code": "food", "places": stalls}], "rent": 0}
    body["registration"] = {
        "from": (now - timedelta(hours=1)).isoformat(),
        "until": (now + timedelta(days=5)).isoformat(),
    }
    body["term"] = {"from": first.isoformat(), "until": (first + timedelta(days=90)).isoformat()}
    return told(house, "venues", "POST", f"{VENUES}/rounds", body)["id"]


def publish(house, round_id):
    """Close a round early, find all eligible and publish the list, as fast as one officer can; the published tickets."""
    path = f"{VENUES}/rounds/{round_id}"
    told(house, "venues", "POST", f"{path}/closing", {"reason": "競逐"})

    def listed():
        known = (datetime.now(UTC) + timedelta(seconds=1.5)).isoformat()
        told(house, "venues", "POST", f"{path}/eligible", {})
        answer = house.api("venues", "POST", f"{path}/list", {"seed_known_at": known})
        return answer.json()["tickets"] if answer.ok else None

    return eventually(listed)


def registrations(house, round_id):
    """Every registration of a round: id, state, place."""
    found = select(Registration).where(Registration.round_id == int(round_id)).order_by(Registration.id)
    return behind(
        house, lambda session: {each.ticket: (each.id, each.status, each.place_no) for each in session.scalars(found)}
    )


@each_number
def test_who_registers_at_the_deadline_is_on_the_list_or_refused(house, clients):
    round_id = a_round(house, 3)
    early = made(house, register("group", round_id, a_firm()))
    calls = [register(FIRMS[n % len(FIRMS)], round_id, a_firm()) for n in range(clients)]
    with ThreadPoolExecutor(1) as pool:
        publishing = pool.submit(publish, house, round_id)
        answers = at_once(house, calls)
        tickets = publishing.result()
    taken = {early, *(answers[place].body["id"] for place in served(answers))}
    found = registrations(house, round_id)
    assert {str(each[0]) for each in found.values()} == taken
    assert sorted(tickets) == sorted(found), "somebody who was told yes is not on the list"
    assert {each[1] for each in found.values()} == {"eligible"}


@each_number
@pytest.mark.parametrize("same", ["firm_number", "seller_id"])
def test_a_firm_and_a_seller_register_once(house, clients, same):
    round_id = a_round(house, 3)
    firm = a_firm()
    calls = [register(FIRMS[n % len(FIRMS)], round_id, a_firm() | {same: firm[same]}) for n in range(clients)]
    answers = at_once(house, calls)
    (place,) = served(answers)
    assert list(registrations(house, round_id).values()) == [(int(answers[place].body["id"]), "submitted", None)]


@each_number
def test_drawn_places_pass_on_so_that_nobody_has_two_and_none_is_left_empty(house, clients):
    stalls = {2: 1, 8: 3, 32: 8}[clients]
    waiting = clients // 2 + 1
    round_id = a_round(house, stalls)
    owner = {made(house, register(who, round_id, a_firm())): who for who in (FIRMS * 8)[: stalls + waiting]}
    publish(house, round_id)
    drawn = {"seed": "27614.32", "document": "收盤指數 27614.32"}
    path = f"{VENUES}/rounds/{round_id}/draw"
    eventually(lambda: house.api("venues", "POST", path, drawn).ok)
    for _ in range(2):
        has = {str(each[0]): each for each in registrations(house, round_id).values()}
        holders = [each for each in has if has[each][2] is not None]
        queue = [each for each in has if has[each][1] == "waiting"]
        acts = [(each, step) for each in holders for step in ("acceptance", "withdrawal")]
        acts += [(each, "withdrawal") for each in queue[: clients // 4]]
        acts = (acts * clients)[:clients]
        calls = [Call(owner[each], "POST", f"{VENUES}/registrations/{each}/{step}", {}) for each, step in acts]
        served(at_once(house, calls))
        assert_full(house, round_id, stalls)


def assert_full(house, round_id, stalls):
    """Each place has one holder as long as anybody waits, and anybody can check who has it."""
    now = registrations(house, round_id).values()
    has = [place for _, _, place in now if place is not None]
    assert len(set(has)) == len(has) <= stalls, "a place was given twice"
    states = Counter(state for _, state, _ in now)
    assert {state for _, state, place in now if place is not None} <= {"selected", "accepted", "holding"}
    assert len(has) == stalls or not states["waiting"], "a place is empty while somebody waits"
    told_ = told(house, "group", "GET", f"{VENUES}/rounds/{round_id}/draw/verification")
    assert told_["ok"], told_["faults"]
