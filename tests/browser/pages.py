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


ONE_TRIP = rf"/fleet/trips/{NUMBER}"
ONE_BOOKING = rf"/venues/bookings/{NUMBER}"
ONE_ROUND = rf"/dorms/rounds/{NUMBER}"

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
    Visit("/fleet/driver", "driver"),
    Visit("/fleet/driver", "driver", then=(rf"/fleet/driver/{NUMBER}",)),
    Visit("/fleet/driver", "driver", then=(rf"/fleet/driver/{NUMBER}/decline",)),
    Visit("/fleet/charging", "dispatcher"),
    Visit("/fleet/api/v1/docs"),
    # venues
    Visit("/venues/"),
    Visit("/venues/", "group", then=(rf"/venues/{NUMBER}",)),
    Visit("/venues/", "group", reach=walks.to_a_quote, shows="/venues/1"),
    Visit("/venues/", "group", reach=walks.to_the_event, shows="/venues/1/apply"),
    Visit("/venues/", "group", reach=walks.to_the_check, shows="/venues/1/check"),
    Visit("/venues/rooms", "officer"),
    Visit("/venues/rooms", "officer", then=(rf"/venues/rooms/{NUMBER}",)),
    Visit("/venues/meetings", "officer"),
    Visit("/venues/bookings", "venues"),
    Visit("/venues/bookings", "venues", then=(ONE_BOOKING,)),
    Visit("/venues/bookings", "venues", then=(ONE_BOOKING, rf"{ONE_BOOKING}/cancel")),
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
)

SAME_TEMPLATE = "one template for every service; the portal's (and for the docs, fleet's) is visited"
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
    "/fleet/trips/<int:trip_id>/calendar.ics": NOT_A_PAGE,
    "/venues/<int:venue_id>/quote": NOT_A_PAGE,
    "/dorms/rounds/<int:round_id>/tickets.txt": NOT_A_PAGE,
    "/dorms/rounds/<int:round_id>/record.json": NOT_A_PAGE,
    **{f"/{name}/operations": SAME_TEMPLATE for name in ("fleet", "venues", "dorms", "messenger")},
    **{f"/{name}/api/v1/docs": SAME_TEMPLATE for name in ("venues", "dorms", "messenger")},
}
MACHINERY = ("/static/", "/healthz", "/readyz", "/metrics", "/events", "/snapshot", "/api/v1/", "/feeds/<token>.ics")
