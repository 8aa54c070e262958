"""Numbers in addresses that are none: a page answers, or says that it is not there; it never breaks."""

import pytest

ODD = ("²", "9" * 5000)
PATHS = (
    "/bookings?cursor={}", "/waiting?cursor={}", "/contests?cursor={}", "/reductions?show=all&cursor={}", "/closures?cursor={}",
    "/income/lines?cursor={}", "/income/lines?venue={}", "/bars?cursor={}", "/rounds?cursor={}", "/rooms/week?floor={}",
    "/calendar?year={}", "/what-if?attendees={}&stage={}",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_page_stands_whatever_number_its_address_names(client, ids, path):
    officer = client(as_="venues")
    for odd in ODD:
        status = officer.get(path.replace("{}", odd)).status_code
        assert status < 500, odd


@pytest.mark.parametrize("path", ["/bookings", "/income/lines?period=115H2"])
def test_an_operation_refuses_a_cursor_that_is_none_of_ours(client, ids, path):
    officer = client(as_="venues")
    for odd in ("²", "9" * 40, "-1"):
        answer = officer.api("GET", f"{path}{'&' if '?' in path else '?'}cursor={odd}")
        assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "cursor"), odd
