"""What people are told in the app, as soon as it has come by the broker."""

import re

from tests.house_fixture import eventually
from tests.journeys.forms import Browser, Page

SECONDS = 180  # a house just started still has its demonstration to tell


def inbox_with(browser: Browser, *words: str) -> Page:
    """The inbox, once one message in it says all of `words`."""

    def look() -> Page | None:
        page = browser.go("/messenger/").of_status(200)
        rows = re.findall(r"<li class=.*?</li>", page.text, re.S)
        return page if any(all(word in row for word in words) for row in rows) else None

    return eventually(look, SECONDS)  # type: ignore[no-any-return]
