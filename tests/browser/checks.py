"""What every page must pass: WCAG 2.2 A and AA by axe, the city's own codes by a11y-moda, and good manners."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from a11y_moda import css_utils
from a11y_moda.models import Level, PageReport
from a11y_moda.rules.base import RuleContext, all_rules
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import ConsoleMessage, Page, Request

tinycss2 = css_utils.tinycss2
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class SheetsOnce:
    """a11y-moda reads the page's style sheets anew for every rule, a dozen times a page; this reads each text once."""

    def __init__(self) -> None:
        self._sheets: dict[str, list[Any]] = {}
        self._walked: dict[int, list[Any]] = {}
        self._walk = css_utils._walk_rules
        css_utils.tinycss2 = SimpleNamespace(**{**vars(tinycss2), "parse_stylesheet": self.parse})
        css_utils._walk_rules = self.walk

    def parse(self, text: str, **options: Any) -> list[Any]:
        if text not in self._sheets:
            self._sheets[text] = tinycss2.parse_stylesheet(text, **options)
            self._walked[id(self._sheets[text])] = []
        return self._sheets[text]

    def walk(self, nodes: list[Any], source: str) -> list[Any]:
        if id(nodes) not in self._walked:  # the inside of an @media
            return self._walk(nodes, source)
        if not self._walked[id(nodes)]:
            self._walked[id(nodes)] = self._walk(nodes, source)
        return self._walked[id(nodes)]


SHEETS = SheetsOnce()


class Watch:
    """Listens to a page: what it asks of other hosts, and what the browser complains about."""

    def __init__(self, page: Page, home: str):
        self._home = home.rstrip("/")
        self.strangers: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._asked)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self._home + "/", "data:")):
            self.strangers.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        about_status = "Failed to load resource" in message.text  # the status itself is asserted by the test
        if message.type in ("error", "warning") and not about_status:
            self.complaints.append(message.text)


def axe_faults(page: Page) -> list[str]:
    """WCAG 2.2 A and AA (and axe's best practice), one line per fault."""
    options = {"runOnly": AXE_TAGS, "resultTypes": ["violations"]}  # what passes need not be carried over, node by node
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def moda_faults(page: Page) -> list[str]:
    """Failures of the 網站無障礙規範 codes (A and AA) that need no language model, one line per fault."""
    html = page.content()
    soup = BeautifulSoup(html, "lxml")
    report = PageReport(url=page.url)
    context = RuleContext()
    for rule in all_rules(level=Level.AA):
        if not rule.uses_llm:
            rule.check(soup, report, html=html, url=page.url, ctx=context)
    return [f"{issue.rule_id}: {issue.message} {issue.snippet[:160]}" for issue in report.by_status("fail")]


def overflow(page: Page) -> int:
    """By how many CSS pixels the page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return max(wide, 0)


def open_all(page: Page, selectors: Sequence[str] = ("main details",)) -> None:
    """Open the disclosures, so that what they hide is checked too."""
    for selector in selectors:
        page.eval_on_selector_all(selector, "all => all.forEach(one => { one.open = true })")


def nameless(page: Page) -> Any:
    """Elements with an inline style or handler, which the content policy would ignore."""
    return page.evaluate(
        """() => [...document.querySelectorAll('*')].filter(node => [...node.attributes].some(
             a => a.name === 'style' || a.name.startsWith('on'))).map(node => node.outerHTML.slice(0, 120))"""
    )
