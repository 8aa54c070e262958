"""The board's inspector and queue without a script: one way, a cancel by dispatch, who could share a car."""

import re

from common.period import Period, taipei
from fleet.models import Trip
from tests.fleet.conftest import DAY
from tests.fleet.test_lifecycle_pages import the
from tests.fleet.test_pages import hidden, pool, text

__all__ = ["pool"]


def form_of(page, action):
    """The part of the page from this form to its end."""
    part = page[page.index(f'action="{action}') :]
    return part[: part.index("</form>")]


def test_the_inspector_gives_a_car_for_one_way_only(client, pool, database):
    pool(lambda desk: desk.approved(starts="09:00", ends="12:00") and None)
    dispatcher = client(as_="dispatcher")
    link = re.search(r'href="([^"]*way=back[^"]*)#offers"', text(dispatcher.get("/dispatch?trip=1")))
    page = text(dispatcher.get(link[1]))
    form = form_of(page, "/dispatch/1/place")
    assert hidden(form)["way"] == "back" and 'name="leg_minutes"' in form and "11:45–12:00" in form
    told = {**hidden(form), "vehicle_id": re.findall(r'name="vehicle_id" value="(\d+)"', form)[0]}
    refused = dispatcher.submit("/dispatch/1/place", told | {"leg_minutes": "5", "reason": "下午另有勤務"})
    assert refused.status_code == 422 and 'value="5"' in text(refused) and "下午另有勤務" in text(refused)
    assert dispatcher.submit("/dispatch/1/place", told | {"leg_minutes": "60"}).status_code == 303
    trip = the(database, Trip)
    assert (trip.status, trip.leg) == ("assigned_one_way", "back")
    assert trip.car_period == Period(taipei(DAY, "11:00"), taipei(DAY, "12:00"))
    assert "已派單程·回程" in text(dispatcher.get("/dispatch?trip=1"))


def test_a_self_driven_trip_is_offered_no_single_way(client, pool):
    pool(lambda desk: desk.approved(needs_driver=False) and None)
    dispatcher = client(as_="dispatcher")
    for address in ("/dispatch?trip=1", "/dispatch?trip=1&way=out", "/dispatch?trip=1&way=x&leg_minutes=0"):
        page = dispatcher.get(address)
        assert page.status_code == 200 and "派哪一程" not in text(page)


def test_dispatch_cancels_from_the_inspector_after_reaching_the_applicant(client, pool, database, clock):
    pool(lambda desk: desk.accepted() and None)
    clock.tick(hours=1)  # ten in the morning
    dispatcher = client(as_="dispatcher")
    assert "已聯絡到申請人" in text(dispatcher.get("/dispatch?trip=1"))
    told = {"cancel_reason": "車輛故障", "reached_at": "09:40", "reached_by": "message", "cancelling": "1"}
    refused = dispatcher.submit("/dispatch/1/cancel", told)
    page = text(refused)
    assert refused.status_code == 422 and "請先聯絡到申請人才能取消" in page
    assert 'value="車輛故障"' in page and 'value="09:40"' in page and '<option value="message" selected>' in page
    assert dispatcher.submit("/dispatch/1/cancel", {"cancelling": "1", "reached_applicant": "1"}).status_code == 422
    assert client(as_="officer").submit("/dispatch/1/cancel", told).status_code == 403
    assert dispatcher.submit("/dispatch/1/cancel", told | {"reached_applicant": "1"}).status_code == 303
    trip = the(database, Trip)
    assert (trip.status, trip.reached_by, trip.late_cancel) == ("cancelled", "message", False)
    assert "已於 11/23 09:40 以訊息回覆聯絡申請人" in text(dispatcher.get("/trips/1"))


def test_the_queue_shows_who_could_share_and_merges_with_one_click(client, pool, database):
    def pair(desk):
        desk.approved(starts="09:00", ends="12:00", may_share=True)
        desk.approved("officer2", "09:15", "12:00", may_share=True)

    pool(pair)
    dispatcher = client(as_="dispatcher")
    assert "可以併車" not in text(dispatcher.get("/dispatch"))  # a week before
    page = text(dispatcher.get(f"/dispatch?date={DAY}"))
    assert "1 組可以併車，少開 4 公里" in page and "差 15 分" in page
    assert "1 組可以併車" in text(dispatcher.get(f"/dispatch?date={DAY}&view=week"))
    action = re.search(r'action="[^"]*(/dispatch/(\d)/merge[^"]*)"', page)
    form = hidden(form_of(page, re.search(r'action="([^"]*/merge[^"]*)"', page)[1]))
    stale = dispatcher.submit(action[1], form | {"rev": "99"})
    assert stale.status_code == 409 and "可以併車" in text(stale)
    assert dispatcher.submit(action[1], form).status_code == 303
    other = the(database, Trip, id=int(action[2]))
    assert (other.status, other.km_saved) == ("merged", 4)
    assert "可以併車" not in text(dispatcher.get(f"/dispatch?date={DAY}"))
