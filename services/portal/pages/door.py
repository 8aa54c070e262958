"""What the portal's pages share: their blueprint, the desk's settings and password keeper, and things shown once."""

from typing import Any

from flask import current_app, request
from flask import session as browser

from common.errors import Forbidden
from common.settings import Settings
from common.web import Pages
from common.words import Words
from services.portal.passwords import Keeper

pages = Pages("portal")


def settings() -> Settings:
    """The settings this portal runs with."""
    ours: Settings = current_app.config["SETTINGS"]
    return ours


def keeper() -> Keeper:
    """The desk's password keeper."""
    ours: Keeper = current_app.extensions["keeper"]
    return ours


def told_from_here() -> bool:
    """Whether the browser itself says that a page of this site sent the form."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    return request.headers.get("Origin", "") == request.host_url.rstrip("/")


def refuse_foreign() -> None:
    """Raises Forbidden for a form that another site sent."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden(Words("這個請求不是從本站送出的。", "That request did not come from this site."))


def show_once(name: str, value: dict[str, Any]) -> None:
    """Keep something for the next page only, in the browser's own signed cookie: the portal stores no secret in clear."""
    browser[name] = value


def take_once(name: str) -> dict[str, Any] | None:
    """What was kept for this page; it is gone afterwards."""
    kept: dict[str, Any] | None = browser.pop(name, None)
    return kept
