"""A real Chromium for the browser tests. `CHROMIUM` names it; without one every test here is skipped, and says so."""

import contextlib
import os
import shutil
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Playwright, sync_playwright

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
OpenContext = Callable[..., BrowserContext]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the browser; skip it loudly where there is none."""
    missing = pytest.mark.skip(reason=f"NO CHROMIUM at {CHROMIUM}: set CHROMIUM to run the browser tests")
    for item in items:
        if HERE in item.path.parents and "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            if not Path(CHROMIUM).exists():
                item.add_marker(missing)


class Chromium:
    """The browser of this test process. One that no longer answers is ended, and the next test gets a new one."""

    def __init__(self, playwright: Playwright):
        self._playwright = playwright
        self._mark = f"--tests-of-citykeys={uuid.uuid4()}"
        self._browser: Browser | None = None

    def new_context(self, **options: Any) -> BrowserContext:
        if self._browser is None or not self._browser.is_connected():
            self._browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, self._mark])
        return self._browser.new_context(**options)

    def close(self, opened: BrowserContext | Browser | None = None) -> None:
        """Close a profile, or the whole. With a service worker Chromium now and then never says that it did."""
        closing = opened or self._browser
        watch = threading.Timer(30, self._end)
        watch.start()
        try:
            if closing and self._browser and self._browser.is_connected():
                closing.close()
        except Error:
            if self._browser and self._browser.is_connected():
                raise
        finally:
            watch.cancel()

    def _end(self) -> None:
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and self._mark.encode() in (entry / "cmdline").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = Chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture
def open_context(chromium: Chromium, house: Any) -> Iterator[OpenContext]:
    """`open_context(as_="officer", width=320, theme="dark", …)`: a fresh browser profile, signed in, closed after the test."""
    opened: list[BrowserContext] = []

    def open_one(as_: str | None = None, width: int = 1440, theme: str = "light", **options: Any) -> BrowserContext:
        height = 900 if width > 700 else 720
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, base_url=house.url, **options
        )
        context.set_default_timeout(15_000)
        if as_:
            cookies = dict(house.sign_in(as_))
            context.add_cookies([{"name": name, "value": value, "url": house.url} for name, value in cookies.items()])
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        chromium.close(context)
