"""The web processes: what gunicorn loads (`services.web:fleet()`), with the navigation that spans the services."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Flask, g

from common import log
from common.service import Service
from common.settings import Settings
from common.web.app import create_app
from common.web.look import NavItem
from common.words import Words
from services import service_named

HOME = {
    "start": "/",
    "messages": "/messenger/",
    "unread": "/messenger/unread",
    "account": "/account",
    "feeds": "/feeds",
    "sign_in": "/sign-in",
    "sign_out": "/sign-out",
    "rules": "/rules",
    "sitemap": "/site-map",
    "accessibility": "/accessibility",
    "privacy": "/privacy",
}

ASKS = ("officer", "supervisor", "dispatcher", "admin", "staff")
FOLLOWS = ("officer", "supervisor", "dispatcher", "admin", "auditor")
BOOKS = ("venue_officer", "group", "officer", "admin", "auditor")
LIVES = ("staff", "officer", "supervisor", "dispatcher", "driver", "dorm_officer", "auditor", "admin")

# key, icon, words, address, and who sees it (empty: everyone)
NAVIGATION: tuple[tuple[str, str, Words, str, tuple[str, ...]], ...] = (
    ("request", "car-front", Words("我要用車", "Request a car"), "/fleet/request", ASKS),
    ("trips", "route", Words("用車紀錄", "Trips"), "/fleet/trips", FOLLOWS),
    ("approvals", "stamp", Words("待我核可", "Approvals"), "/fleet/approvals", ("supervisor",)),
    ("dispatch", "square-kanban", Words("派車", "Dispatch"), "/fleet/dispatch", ("dispatcher", "admin")),
    ("driver", "steering-wheel", Words("我的任務", "My jobs"), "/fleet/driver", ("driver",)),
    ("venues", "landmark", Words("場地", "Venues"), "/venues/", ()),
    ("bookings", "calendar-check", Words("場地申請", "Venue bookings"), "/venues/bookings", BOOKS),
    ("dorms", "bed-double", Words("宿舍", "Dormitory"), "/dorms/", LIVES),
    ("people", "users", Words("人員", "People"), "/people", ("admin",)),
)


def navigation() -> list[NavItem]:
    """The main menu for whoever is signed in."""
    person = g.get("person")
    return [
        (key, icon, words, url)
        for key, icon, words, url, roles in NAVIGATION
        if not roles or (person is not None and person.has(*roles))
    ]


def home() -> Mapping[str, str]:
    """Addresses that live in other services."""
    return HOME


def build(service: Service, settings: Settings, clock: Callable[[], datetime] | None = None) -> Flask:
    """The app of one service with the house's navigation."""
    return create_app(service, settings, nav=navigation, home=home, clock=clock)


def app_of(name: str) -> Flask:
    """The app of the named service, from the environment."""
    log.start(name, os.environ.get("LOG_LEVEL", "INFO"))
    return build(service_named(name), Settings.from_environment(name))


def portal() -> Flask:
    """For gunicorn."""
    return app_of("portal")


def fleet() -> Flask:
    """For gunicorn."""
    return app_of("fleet")


def venues() -> Flask:
    """For gunicorn."""
    return app_of("venues")


def dorms() -> Flask:
    """For gunicorn."""
    return app_of("dorms")


def messenger() -> Flask:
    """For gunicorn."""
    return app_of("messenger")
