"""The pages people see, each visited by somebody who uses it. `test_every_page_is_visited` fails for a page missing here.

`then` names pages whose address holds a number: the first link in the page's content whose path matches is followed,
one after another. `reach` walks on where only a filled form leads.
"""

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.browser import walks


class Visit(NamedTuple):
    path: str
    as_: str | None = None
    then: tuple[str, ...] = ()
    reach: Callable[[Page], None] | None = None
    shows: str | None = None
    status: int = 200

    @property
    def name(self) -> str:
        walked = [self.path.split("?")[0], *self.then, *([self.reach.__name__] if self.reach else [])]
        return " → ".join(walked).replace(NUMBER, "1") + (f" ({self.as_})" if self.as_ else "")

    @property
    def ends_at(self) -> str:
        """The address of the page that is looked at, with 1 for every number."""
        return (self.shows or (self.then or (self.path,))[-1]).replace(NUMBER, "1").split("?")[0]


NUMBER = r"\d+"


def first_link(page: Page, pattern: str) -> str | None:
    """The address of the first link in the page's content whose path matches."""
    found = page.eval_on_selector_all("main a[href]", "all => all.map(one => one.getAttribute('href'))")
    return next((href for href in found if re.fullmatch(pattern, urlsplit(href).path)), None)


ONE_CAR = rf"/fleet/vehicles/{NUMBER}"
ONE_TRIP = rf"/fleet/trips/{NUMBER}"
ONE_BOOKING = rf"/venues/bookings/{NUMBER}"
ONE_TARIFF = rf"/venues/tariffs/{NUMBER}"
ONE_ROUND = rf"/dorms/rounds/{NUMBER}"
STALLS = rf"/venues/rounds/{NUMBER}"
ONE_REGISTRATION = rf"/venues/registrations/{NUMBER}"

VISITS = (
    # portal
    Visit("/"),
    Visit("/sign-in"),
    Visit("/password", status=404),
    Visit("/no-such-page", status=404),
    Visit("/styleguide"),
    Visit("/rules"),
    Visit("/site-map"),
    Visit("/accessibility"),
    Visit("/privacy"),
    Visit("/api/v1/docs"),
    Visit("/", "officer"),
    Visit("/", "driver"),
    Visit("/account", "officer"),
    Visit("/feeds", "officer"),
    Visit("/feeds?kind=vehicle&ref=1&label=EAA-1001", "dispatcher", reach=walks.make_feed),
    Visit("/people", "admin"),
    Visit("/people", "officer", status=403),
    Visit("/people/new", "admin"),
    Visit("/people", "admin", then=(rf"/people/{NUMBER}",)),
    Visit("/people", "admin", then=(rf"/people/{NUMBER}",), reach=walks.to_a_new_password, shows="/password"),
    Visit("/operations", "admin"),
    # messenger
    Visit("/messenger/", "driver"),
    Visit("/messenger/devices", "driver"),
    Visit("/messenger/mail", "admin"),
    Visit("/messenger/mail", "admin", then=(rf"/messenger/mail/{NUMBER}",)),
    Visit("/messenger/deliveries", "admin"),
    Visit("/messenger/deliveries", "admin", then=(rf"/messenger/deliveries/{NUMBER}",)),
    # fleet
    Visit("/fleet/request", "officer"),
    Visit("/fleet/request", "officer", reach=walks.leave_out_the_destination),
    Visit("/fleet/request", "officer", reach=walks.to_who_and_why, shows="/fleet/request/who"),
    Visit("/fleet/request", "officer", reach=walks.to_check, shows="/fleet/request/check"),
    Visit("/fleet/trips", "officer"),
    Visit("/fleet/trips", "officer", then=(ONE_TRIP,)),
    Visit("/fleet/trips", "officer", then=(ONE_TRIP, rf"{ONE_TRIP}/slip")),
    Visit("/fleet/trips", "officer", reach=walks.to_change_a_trip, shows="/fleet/trips/1/change"),
    Visit("/fleet/trips/late", "officer"),
    Visit("/fleet/approvals", "supervisor"),
    Visit("/fleet/approvals", "supervisor", then=(rf"/fleet/approvals/{NUMBER}/return",)),
    Visit("/fleet/dispatch", "dispatcher"),
    Visit("/fleet/dispatch", "dispatcher", reach=walks.choose_from_the_queue),
    Visit("/fleet/dispatch?view=week", "dispatcher"),
    Visit("/fleet/dispatch?view=list", "dispatcher"),
    Visit("/fleet/dispatch/drivers", "dispatcher"),
    Visit("/fleet/driver", "driver"),
    Visit("/fleet/driver", "driver", then=(rf"/fleet/driver/{NUMBER}",)),
    Visit("/fleet/driver", "driver", then=(rf"/fleet/driver/{NUMBER}/decline",)),
    Visit("/fleet/driver", "driver", reach=walks.to_a_signature, shows="/fleet/driver/1"),
    Visit("/fleet/driver", "driver", reach=walks.to_a_code_to_sign, shows="/fleet/driver/1/sign-link"),
    Visit("/fleet/driver", "driver", reach=walks.to_sign_by_link, shows="/fleet/sign/.+"),
    Visit("/fleet/replan", "dispatcher"),
    Visit("/fleet/sizing", "dispatcher"),
    Visit("/fleet/sizing?remove=30&swap=5", "auditor"),
    Visit("/fleet/charging", "dispatcher"),
    Visit("/fleet/request", "officer", reach=walks.to_a_weekly_duty, shows="/fleet/request/series"),
    Visit("/fleet/request", "officer", reach=walks.send_a_weekly_duty, shows="/fleet/series/1"),
    Visit("/fleet/sharing", "dispatcher"),
    Visit("/fleet/waiting", "dispatcher"),
    Visit("/fleet/late-cancels", "dispatcher"),
    Visit("/fleet/recalls", "dispatcher"),
    Visit("/fleet/pool", "supervisor"),
    Visit("/fleet/pool", "dispatcher", then=(rf"/fleet/pool/{NUMBER}",)),
    Visit("/fleet/recalls/new", "dispatcher", reach=walks.to_the_plan_of_a_recall),
    Visit("/fleet/energy", "dispatcher"),
    Visit("/fleet/energy?period=104H1&against=95H1", "auditor"),
    Visit("/fleet/energy/new", "driver"),
    Visit("/fleet/energy/import", "dispatcher"),
    Visit("/fleet/upkeep", "dispatcher"),
    Visit("/fleet/upkeep/new", "dispatcher"),
    Visit("/fleet/retirement", "auditor"),
    Visit("/fleet/accidents/new", "driver"),
    Visit("/fleet/upkeep", "dispatcher", then=(rf"/fleet/accidents/{NUMBER}",)),
    Visit("/fleet/satisfaction", "dispatcher"),
    Visit("/fleet/report", "dispatcher"),
    Visit("/fleet/use-list", "dispatcher"),
    Visit("/fleet/use-list", "officer"),
    Visit("/fleet/gate", "dispatcher"),
    Visit("/fleet/costs", "dispatcher"),
    Visit("/fleet/costs/slips?what=fewer", "dispatcher"),
    Visit("/fleet/vehicles", "dispatcher"),
    Visit("/fleet/vehicles/new", "dispatcher"),
    Visit("/fleet/vehicles", "dispatcher", then=(ONE_CAR,)),
    Visit("/fleet/vehicles", "dispatcher", then=(ONE_CAR, rf"{ONE_CAR}/edit")),
    Visit("/fleet/drivers", "dispatcher"),
    Visit("/fleet/drivers/new", "dispatcher"),
    Visit("/fleet/drivers", "dispatcher", then=(rf"/fleet/drivers/{NUMBER}",)),
    Visit("/fleet/registers", "dispatcher"),
    Visit("/fleet/places", "dispatcher"),
    Visit("/fleet/places", "dispatcher", then=(rf"/fleet/places/{NUMBER}",)),
    Visit("/fleet/places", "dispatcher", then=(rf"/fleet/chargers/{NUMBER}",)),
    Visit("/fleet/charging/limits", "dispatcher"),
    Visit("/fleet/charging/consumption", "dispatcher"),
    Visit("/fleet/parameters", "dispatcher"),
    Visit("/fleet/trips", "officer", reach=walks.to_a_survey, shows=r"/fleet/s/[0-9A-Z]+"),
    Visit("/fleet/trips", "officer", reach=walks.to_the_thanks, shows=r"/fleet/s/[0-9A-Z]+/thanks"),
    Visit("/fleet/charging?vehicle=30&by_day=2099-01-01&by=17:00&target=95", "dispatcher"),
    Visit("/fleet/charging/plan", "dispatcher"),
    # venues
    Visit("/venues/"),
    Visit("/venues/", "group", then=(rf"/venues/{NUMBER}",)),
    Visit("/venues/", "group", reach=walks.to_a_quote, shows="/venues/1"),
    Visit("/venues/", "group", reach=walks.to_the_event, shows="/venues/1/apply"),
    Visit("/venues/", "group", reach=walks.to_the_check, shows="/venues/1/check"),
    Visit("/venues/rooms", "officer"),
    Visit("/venues/rooms", "officer", then=(rf"/venues/rooms/{NUMBER}",)),
    Visit("/venues/meetings", "officer"),
    Visit("/venues/rooms/week", "officer"),
    Visit("/venues/meetings", "officer", then=(rf"/venues/meetings/{NUMBER}",)),
    Visit("/venues/rooms/12/series", "officer", reach=walks.to_the_dates_of_meetings, shows="/venues/rooms/1/series"),
    Visit("/venues/meetings", "officer", then=(rf"/venues/meeting-series/{NUMBER}",)),
    Visit("/venues/rooms/12/door"),
    Visit("/venues/rooms/12/here", "officer"),
    Visit("/venues/rooms/agreements", "officer"),
    Visit("/venues/rooms/today", "venues"),
    Visit("/venues/rooms/take-over", "venues"),
    Visit("/venues/rooms/duties", "venues"),
    Visit("/venues/rooms/fairness", "venues"),
    Visit("/venues/rooms/operators", "venues"),
    Visit("/venues/rooms/operators", "supervisor"),
    Visit("/venues/rooms/parameters", "venues"),
    Visit("/venues/rooms/parameters", "venues", then=(rf"/venues/rooms/{NUMBER}/card",)),
    Visit("/venues/bookings", "venues"),
    Visit("/venues/bookings", "venues", then=(ONE_BOOKING,)),
    Visit("/venues/bookings", "venues", then=(ONE_BOOKING, rf"{ONE_BOOKING}/cancel")),
    Visit("/venues/what-if"),
    Visit("/venues/what-if", reach=walks.compare_prices),
    Visit("/venues/places", "venues"),
    Visit("/venues/places", "auditor"),
    Visit("/venues/places/new", "venues"),
    Visit("/venues/places", "venues", then=(rf"/venues/places/{NUMBER}",)),
    Visit("/venues/tariffs", "venues"),
    Visit("/venues/tariffs", "venues", then=(ONE_TARIFF,)),
    Visit("/venues/tariffs", "admin", then=(ONE_TARIFF, rf"{ONE_TARIFF}/new")),
    Visit(
        "/venues/tariffs",
        "admin",
        then=(ONE_TARIFF, rf"{ONE_TARIFF}/new"),
        reach=walks.preview_a_tariff,
        shows=rf"{ONE_TARIFF}/preview",
    ),
    Visit("/venues/reductions", "venues"),
    Visit("/venues/calendar", "venues"),
    Visit("/venues/bookings", "venues", then=(ONE_BOOKING, rf"{ONE_BOOKING}/papers")),
    Visit("/venues/bookings", "venues", then=(ONE_BOOKING, rf"{ONE_BOOKING}/letter")),
    Visit(
        "/venues/bookings?show=submitted",
        "venues",
        reach=walks.to_the_undertaking,
        shows="/venues/bookings/1/undertaking",
    ),
    Visit("/venues/bookings?show=after", "venues", then=(ONE_BOOKING, rf"{ONE_BOOKING}/inspection")),
    Visit("/venues/bookings?show=confirmed", "venues", then=(ONE_BOOKING, rf"{ONE_BOOKING}/breach")),
    Visit("/venues/accounts", "venues", then=(rf"{ONE_BOOKING}/settle",)),
    Visit(
        "/venues/bookings?show=ended",
        "auditor",
        reach=walks.to_an_inspection_record,
        shows="/venues/bookings/1/protocol",
    ),
    Visit("/venues/bookings?show=open", "venues", reach=walks.to_a_paper_to_delete, shows="/venues/papers/1/delete"),
    Visit("/venues/closures", "venues"),
    Visit("/venues/closures", "auditor", then=(rf"/venues/closures/{NUMBER}",)),
    Visit(
        "/venues/closures/new?everything=1&first=2099-01-04&last=2099-01-05&ground=renovation&reason=%E6%95%B4%E4%BF%AE",
        "venues",
    ),
    Visit("/venues/income", "auditor"),
    Visit("/venues/income/lines", "auditor"),
    Visit("/venues/accounts", "venues"),
    Visit("/venues/bars", "venues"),
    Visit("/venues/bars", "venues", then=(rf"/venues/bars/{NUMBER}",)),
    Visit("/venues/booking-parameters", "venues"),
    Visit("/venues/rounds"),
    Visit("/venues/rounds", "group", then=(STALLS,)),
    Visit("/venues/rounds/3", "group", then=(rf"{STALLS}/register",)),
    Visit("/venues/rounds/1/draw"),
    Visit("/venues/rounds/1", "group", then=(rf"{STALLS}/draw",)),
    Visit("/venues/rounds/2", "group", then=(rf"{STALLS}/draw",)),
    Visit("/venues/rounds/1", "group", then=(ONE_REGISTRATION,)),
    Visit("/venues/rounds/new", "venues"),
    Visit("/venues/rounds/parameters", "venues"),
    Visit("/venues/rounds", "venues", then=(rf"{STALLS}/desk",)),
    Visit("/venues/rounds/3/desk", "venues", then=(rf"{STALLS}/file",)),
    Visit("/venues/rounds/3/desk", "venues", then=(ONE_REGISTRATION,)),
    Visit("/venues/rounds/1/desk", "venues"),
    Visit("/venues/bookings", "venues", then=(ONE_BOOKING, rf"{ONE_BOOKING}/equipment")),
    Visit("/venues/equipment", "venues"),
    Visit("/venues/equipment/day", "venues"),
    Visit("/venues/equipment/savings", "auditor"),
    Visit("/venues/figures", "venues"),
    Visit("/venues/loans", "venues"),
    Visit("/venues/loans", "venues", then=(rf"/venues/loans/{NUMBER}",)),
    Visit("/venues/loans/new", "group"),
    Visit("/venues/things", "venues"),
    Visit("/venues/gallery"),
    Visit("/venues/gallery", "venues", then=(rf"/venues/gallery/{NUMBER}",)),
    Visit("/venues/boards", "officer"),
    Visit("/venues/boards", "venues", then=(rf"/venues/boards/{NUMBER}",)),
    Visit("/venues/boards", "venues", then=(rf"/venues/postings/{NUMBER}",)),
    Visit("/venues/postings/new", "group"),
    Visit("/venues/contributed", "venues"),
    Visit("/venues/contributed", "officer", then=(rf"/venues/contributed/{NUMBER}",)),
    Visit("/venues/contracts", "venues"),
    Visit("/venues/contracts", "venues", then=(rf"/venues/contracts/{NUMBER}",)),
    Visit("/venues/contests", "venues"),
    Visit("/venues/contests", "venues", then=(rf"/venues/contests/{NUMBER}",)),
    Visit("/venues/bookings?show=contested", "group", then=(ONE_BOOKING, rf"{ONE_BOOKING}/slots")),
    Visit("/venues/1/wait?date=2027-03-01&slot=morning", "group", shows="/venues/1/wait"),
    Visit("/venues/waiting", "group"),
    Visit("/venues/1/series", "group"),
    Visit("/venues/series/1", "venues"),
    Visit("/venues/waiting", "venues"),
    # dorms
    Visit("/dorms/", "staff"),
    Visit("/dorms/", "dorms"),
    Visit("/dorms/rooms", "dorms"),
    Visit("/dorms/apply", "staff2"),
    Visit("/dorms/apply", "staff2", reach=walks.to_service_and_home),
    Visit("/dorms/apply", "staff2", reach=walks.to_the_points),
    Visit("/dorms/", "staff", then=(rf"/dorms/applications/{NUMBER}",)),
    Visit("/dorms/", "sports-officer", then=(rf"/dorms/offers/{NUMBER}",)),
    Visit("/dorms/", "dorms", then=(ONE_ROUND,)),
    Visit("/dorms/rounds/1", "dorms", then=(rf"{ONE_ROUND}/check",)),
    Visit("/dorms/rounds/new", "dorms"),
    Visit("/dorms/stock", "dorms"),
    Visit("/dorms/stock/buildings/xiyuan", "dorms", shows="/dorms/stock/buildings/.+"),
    Visit("/dorms/stock/rooms/1", "dorms"),
    Visit("/dorms/rooms/years", "staff"),
    Visit("/dorms/", "staff", then=(rf"/dorms/applications/{NUMBER}", rf"/dorms/applications/{NUMBER}/papers")),
    Visit("/dorms/rounds/3", "dorms", then=(rf"{ONE_ROUND}/papers",)),
    Visit("/dorms/corrections", "dorms"),
    Visit("/dorms/corrections", "dorms", then=(rf"/dorms/corrections/{NUMBER}",)),
    Visit("/dorms/corrections/new?round=4&question=had_home_loan", "staff2"),
    Visit("/dorms/apply/draft?round=4", "officer2"),
    Visit("/dorms/privacy", "staff"),
    Visit("/dorms/my-data", "staff"),
    Visit("/dorms/retention", "auditor"),
)

SAME_TEMPLATE = "one template for every service; the portal's is visited"
NOT_A_PAGE = "data, a file or a fragment of a page that is visited"
LEADS_ON = "shows nothing of its own: leads to a page that is visited"
EXEMPT = {
    "/session/renew": LEADS_ON,
    "/password/<token>": LEADS_ON,
    "/fleet/": LEADS_ON,
    "/venues/desk": LEADS_ON,
    "/dorms/apply/<any(eligibility,edit,check):step>": LEADS_ON,
    "/messenger/unread": NOT_A_PAGE,
    "/messenger/mail/<int:delivery_id>.eml": NOT_A_PAGE,
    "/messenger/mail/<int:delivery_id>.ics": NOT_A_PAGE,
    "/fleet/request/availability": NOT_A_PAGE,
    "/fleet/dispatch/live": NOT_A_PAGE,
    "/fleet/trips/<int:trip_id>/calendar.ics": NOT_A_PAGE,
    "/fleet/trips/<int:trip_id>/slip.pdf": NOT_A_PAGE,
    "/fleet/driver/sw.js": NOT_A_PAGE,
    "/fleet/driver/state": NOT_A_PAGE,
    "/messenger/push": NOT_A_PAGE,
    "/fleet/energy/comparison.<any(csv,ods):form>": NOT_A_PAGE,
    "/fleet/energy/records.<any(csv,ods):form>": NOT_A_PAGE,
    "/fleet/report.<any(csv,ods):form>": NOT_A_PAGE,
    "/fleet/use-list.<any(csv,ods):form>": NOT_A_PAGE,
    "/venues/<int:venue_id>/quote": NOT_A_PAGE,
    "/venues/tariffs/<int:venue_id>/<int:tariff_id>.json": NOT_A_PAGE,
    "/venues/papers/<int:paper_id>/file": NOT_A_PAGE,
    "/venues/registration-files/<int:paper_id>": NOT_A_PAGE,
    "/venues/<int:venue_id>/form-<any(city,outside):whose>.odt": NOT_A_PAGE,
    "/venues/income.<any(csv,ods):form>": NOT_A_PAGE,
    "/venues/rounds/<int:round_id>/tickets.txt": NOT_A_PAGE,
    "/venues/rounds/<int:round_id>/tickets.csv": NOT_A_PAGE,
    "/venues/rounds/<int:round_id>/tickets.ods": NOT_A_PAGE,
    "/venues/rounds/<int:round_id>/draw.json": NOT_A_PAGE,
    "/venues/rounds/<int:round_id>/registrations.csv": NOT_A_PAGE,
    "/venues/rounds/<int:round_id>/registrations.ods": NOT_A_PAGE,
    "/venues/rounds/check_draw.py": NOT_A_PAGE,
    "/venues/equipment/savings.<any(csv,ods):form>": NOT_A_PAGE,
    "/venues/contracts.<any(csv,ods):form>": NOT_A_PAGE,
    "/dorms/rooms/years.<any(csv,ods):form>": NOT_A_PAGE,
    "/dorms/papers/<int:paper_id>/file": NOT_A_PAGE,
    "/dorms/my-data.<any(json,csv):form>": NOT_A_PAGE,
    "/dorms/retention/statistics.<any(csv,ods):form>": NOT_A_PAGE,
    "/dorms/rounds/<int:round_id>/tickets.txt": NOT_A_PAGE,
    "/dorms/rounds/<int:round_id>/record.json": NOT_A_PAGE,
    **{f"/{name}/operations": SAME_TEMPLATE for name in ("fleet", "venues", "dorms", "messenger")},
    **{f"/{name}/api/v1/docs": SAME_TEMPLATE for name in ("fleet", "venues", "dorms", "messenger")},
}
MACHINERY = ("/static/", "/healthz", "/readyz", "/metrics", "/events", "/snapshot", "/api/v1/", "/feeds/<token>.ics")
