"""Every page of venues in both languages, by day and by night; a file of its own, so that two processes share the pages."""

from typing import Any

import pytest

from tests.browser.conftest import OpenContext
from tests.browser.pages import VISITS, Visit
from tests.browser.visiting import LOOKS, read_and_use

OF_VENUES = [visit for visit in VISITS if visit.path.startswith("/venues/")]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("lang", LOOKS)
@pytest.mark.parametrize("visit", OF_VENUES, ids=[visit.name for visit in OF_VENUES])
def test_anyone_can_read_and_use_it(house: Any, open_context: OpenContext, visit: Visit, lang: str) -> None:
    read_and_use(house, open_context, visit, lang)
