"""What a page sees: words in the reader's language, icons, dates, money, addresses.

`install(app, …)` gives one Flask app the house's templates, static files, globals and filters. Everything about the
present request is read from `flask.g` (`lang`, `person`, `form`, `nonce`, `csrf_token`, `now`, `notices`, `banner`),
which the doors fill; nothing here decides or changes anything.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import lucide
from flask import Flask, Response, g, request, url_for
from flask_wtf.csrf import generate_csrf
from jinja2 import ChoiceLoader, FileSystemLoader
from markupsafe import Markup, escape
from werkzeug.local import LocalProxy

from common.identity import ROLES
from common.period import Period, local
from common.roc import DAYS_EN, FIRST, day_words, when_words
from common.words import Words

HERE = Path(__file__).parent
STATIC = HERE / "static"
TEMPLATES = HERE / "templates"

NavItem = tuple[str, str, Words, str]  # key, icon, label, address
CSRF_FIELD = "csrf_token"
WEEKDAYS = tuple(Words(*names) for names in zip("一二三四五六日", DAYS_EN, strict=True))
LONG_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class NoForm:
    """What `form` is on a page that no form was sent to: nothing typed, nothing wrong."""

    typed = False
    errors: Sequence[tuple[str, Words]] = ()

    def value(self, name: str, default: Any = "") -> Any:
        return default

    def values(self, name: str) -> list[str]:
        return []

    def error(self, name: str) -> Words | None:
        return None


# ── words ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def lang() -> str:
    """ "zh" or "en": the language of this request, 繁中 when nobody said."""
    return "en" if g.get("lang") == "en" else "zh"


def t(zh: Any, en: Any = None) -> Any:
    """The reader's wording: `t("市鑰", "Citykeys")`, `t(words)`; markup and plain text pass unchanged, None is empty."""
    if zh is None:
        return ""
    if en is not None:
        return en if lang() == "en" else zh
    return zh.in_(lang()) if isinstance(zh, Words) else zh


def name_of(thing: Any) -> str:
    """The name of a person, agency or venue in the reader's language; 繁中 where it has no English one."""
    if thing is None:
        return ""
    return (lang() == "en" and getattr(thing, "name_en", None)) or getattr(thing, "name", None) or str(thing)


def role_names(person: Any) -> list[Words]:
    """What a person is here, in words, most particular first."""
    roles = list(getattr(person, "roles", None) or ())
    return [words for role, words in ROLES.items() if role in roles]


# ── dates, times, amounts ──────────────────────────────────────────────────────────────────────────────────────────


def _now() -> datetime:
    return g.get("now") or datetime.now(UTC)


def _day_of(moment: date | datetime) -> date:
    return local(moment).date() if isinstance(moment, datetime) else moment


def _other_year(moment: date | datetime) -> bool:
    return _day_of(moment).year != _day_of(_now()).year


def date_words(moment: date | datetime | None, year: bool = False) -> str:
    """「11月23日（週一）」 / "Mon 23 Nov"; the year is added when it is not this one, or when `year` is asked for."""
    return t(day_words(moment, year=year or _other_year(moment))) if moment else ""


def month_words(day: date) -> str:
    """「115年12月」 / "December 2026"."""
    return t(f"{day.year - FIRST}年{day.month}月", f"{LONG_MONTHS[day.month - 1]} {day.year}")


def clock(moment: datetime | None) -> str:
    """The Taipei wall clock of an instant, "13:30"."""
    if moment is None:
        return ""
    there = local(moment)
    return f"{there.hour:02d}:{there.minute:02d}"


def when(start: Any, end: datetime | None = None, year: bool = False) -> str:
    """One line for a period or an instant: 「11月23日（週一）13:30–17:00」 / "Mon 23 Nov 13:30–17:00".

    Takes a start and maybe an end, a bare date, or anything with `starts_at` and `ends_at`. A midnight end reads 24:00.
    """
    if start is None:
        return ""
    if not isinstance(start, datetime):
        if isinstance(start, date):
            return date_words(start, year)
        start, end = start.starts_at, start.ends_at
    return t(when_words(start, end, year=year or _other_year(start)))


def duration(length: timedelta | Period | int | float | None) -> str:
    """A length in words: 「3 小時 30 分」 / "3 h 30 min"; a plain number is minutes, a Period its own length."""
    if length is None:
        return ""
    if isinstance(length, Period):
        length = length.duration
    minutes = round(length.total_seconds() / 60 if isinstance(length, timedelta) else length)
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    parts = [(days, Words("天", "d")), (hours, Words("小時", "h")), (left, Words("分", "min"))]
    return " ".join(f"{n} {t(unit)}" for n, unit in parts if n) or t("0 分", "0 min")


TIMES = re.compile(r"\d{2}:\d{2}–\d{2}:\d{2}")
ROUGH = timedelta(hours=6)  # from here on minutes say nothing


def ago(moment: datetime | None) -> str:
    """How far from now: 「12 分前」「3 小時 6 分後」 / "12 min ago", "in 3 h 6 min"; past a week, the date.

    From six hours on whole hours are told, from a day on whole days.
    """
    if moment is None:
        return ""
    gap = moment - _now()
    far = abs(gap)
    if far < timedelta(minutes=1):
        return t("現在", "now")
    if far > timedelta(days=7):
        return when(moment)
    unit = timedelta(days=1) if far.days else timedelta(hours=1) if far >= ROUGH else timedelta.resolution
    length = duration(far // unit * unit)
    return t(f"{length}後", f"in {length}") if gap > timedelta(0) else t(f"{length}前", f"{length} ago")


def money(amount: int | None, unit: bool = False) -> str:
    """Whole NT$: "5,000"; with `unit` 「5,000 元」 / "NT$5,000". A minus is a real minus sign."""
    if amount is None:
        return ""
    figure = f"{abs(amount):,}"
    sign = "−" if amount < 0 else ""
    if not unit:
        return sign + figure
    return t(f"{sign}{figure} 元", f"{sign}NT${figure}")


def number(value: int | float | None, digits: int | None = None) -> str:
    """A figure with thousands marks and a real minus sign; at most `digits` decimals, without trailing noughts."""
    if value is None:
        return ""
    text = f"{abs(value):,}" if digits is None else f"{abs(value):,.{digits}f}"
    if digits and "." in text:
        text = text.rstrip("0").rstrip(".")
    return ("−" if value < 0 else "") + text


# ── icons, addresses, form helpers ─────────────────────────────────────────────────────────────────────────────────


# Drawn here, because the set has none.
OWN_ICONS = {
    "steering-wheel": '<circle cx="12" cy="12" r="10"/><circle cx="12" cy="12" r="2.5"/>'
    '<path d="M2.5 9.5 9.7 11.2M14.3 11.2l7.2-1.7M12 14.5V22"/>',
}
STROKES = 'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'


@lru_cache(maxsize=512)
def icon(name: str, size: int = 18, tone: str = "") -> Markup:
    """An icon of the Lucide set (or ours) as inline SVG, hidden from screen readers: always beside words or in a labelled control.

    An unknown name draws a dot: a page does not fail for want of a picture (a test names such icons).
    """
    attributes = {"aria-hidden": "true", "focusable": "false", "class": f"i {tone}".strip()}
    if name not in OWN_ICONS:
        try:
            return Markup(lucide._render_icon(name, size, **attributes))  # noqa: S704 - the package's own drawings
        except lucide.IconDoesNotExist:
            pass
    inside = OWN_ICONS.get(name, '<circle cx="12" cy="12" r="2"/>')
    told = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    return Markup(f'<svg width="{size}" height="{size}" {STROKES} {told}>{inside}</svg>')  # noqa: S704 - our own drawings


@lru_cache(maxsize=64)
def _fingerprint(filename: str, changed_ns: int) -> str:
    return hashlib.sha256((STATIC / filename).read_bytes()).hexdigest()[:10]


def asset(filename: str) -> str:
    """The address of a static file with a hash of its content, so that it can be kept for a year."""
    path = STATIC / filename
    return url_for("static", filename=filename, v=_fingerprint(filename, path.stat().st_mtime_ns))


def form_token() -> str:
    """The token that every POST of this browser carries as `csrf_token`."""
    return str(g.get("csrf_token") or generate_csrf())


def csrf() -> Markup:
    """The hidden input every POST form carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, form_token())


def here_with(**changes: Any) -> str:
    """The present page's address with some query parameters changed (None takes one away); the rest stay."""
    args = request.args.to_dict(flat=False)
    for key, value in changes.items():
        args.pop(key, None)
        if value is not None:
            args[key] = [str(value)]
    query = urlencode(args, doseq=True)
    return request.script_root + request.path + (f"?{query}" if query else "")


def element_id(name: str) -> str:
    """A form field's name as an HTML id: `slots.0.date` → `f-slots-0-date`."""
    return "f-" + "".join(c if c.isalnum() else "-" for c in str(name))


def clock_choices(first: str = "06:00", last: str = "22:00", step: int = 15) -> list[str]:
    """Wall-clock times from `first` to `last` every `step` minutes, for a `<select>`."""

    def minutes(text: str) -> int:
        hours, rest = text.split(":")
        return int(hours) * 60 + int(rest)

    return ["{:02d}:{:02d}".format(*divmod(m, 60)) for m in range(minutes(first), minutes(last) + 1, step)]


def weeks(days: Iterable[Any]) -> list[list[Any]]:
    """Days of a month (each with `.date` or `["date"]`) laid out in rows Monday to Sunday, None where there is no day."""
    rows: list[list[Any]] = []
    for day in days:
        on = day["date"] if isinstance(day, Mapping) else day.date
        if not rows or on.weekday() == 0:
            rows.append([None] * 7)
        rows[-1][on.weekday()] = day
    return rows


def by_day(entries: Iterable[Any]) -> list[tuple[date, list[Any]]]:
    """Entries (each with `starts_at`) in their order, gathered under their Taipei day."""
    days: dict[date, list[Any]] = {}
    for entry in entries:
        days.setdefault(_day_of(entry["starts_at"] if isinstance(entry, Mapping) else entry.starts_at), []).append(
            entry
        )
    return list(days.items())


# ── putting it on an app ───────────────────────────────────────────────────────────────────────────────────────────


def current(items: Iterable[NavItem], here: str | None = None) -> str | None:
    """The key of the navigation item this page belongs to: `here` when the template says, else the longest matching address."""
    if here:
        return here
    path = request.script_root + request.path
    fitting = [(len(url), key) for key, _, _, url in items if path == url or path.startswith(url.rstrip("/") + "/")]
    return max(fitting)[1] if fitting else None


def install(
    app: Flask,
    *,
    nav: Callable[[], Sequence[NavItem]] | Sequence[NavItem] = (),
    brand: Words = Words("市鑰", "Citykeys"),
    home: Callable[[], Mapping[str, str]] | Mapping[str, str] | None = None,
) -> None:
    """Give `app` the house's templates, `/static`, template globals and filters.

    `nav` and `home` may be functions, called once a page, so that they can depend on who is signed in. `home` holds the
    addresses that live in other services: `start`, `messages`, `unread`, `account`, `feeds`, `sign_in`, `sign_out`,
    `rules`, `sitemap`, `accessibility`, `privacy`; a link whose address is missing is not shown.
    """
    app.static_folder = str(STATIC)
    own_loader = app.jinja_loader
    app.jinja_loader = ChoiceLoader([*filter(None, [own_loader]), FileSystemLoader(TEMPLATES)])
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True

    def per_page() -> dict[str, Any]:
        items = list(nav() if callable(nav) else nav)
        return {
            "lang": lang(),
            "zh": lang() == "zh",
            "nav": items,
            "now": _now(),
            "here": None,
        }

    app.context_processor(per_page)
    app.after_request(_keep_hashed_assets)
    app.jinja_env.globals.update(
        t=t,
        icon=icon,
        pic=icon,  # the same, for macros whose argument is called `icon`
        date=date_words,
        when=when,
        clock=clock,
        duration=duration,
        ago=ago,
        money=money,
        number=number,
        month_name=month_words,
        name_of=name_of,
        role_names=role_names,
        weekdays=WEEKDAYS,
        asset=asset,
        csrf=csrf,
        here_with=here_with,
        element_id=element_id,
        by_day=by_day,
        clock_choices=clock_choices,
        weeks=weeks,
        current_nav=current,
        local=local,
        brand=brand,
        Words=Words,
        # Proxies rather than values, so that macros imported without their context see them too.
        form=LocalProxy(lambda: g.get("form") or NoForm()),
        person=LocalProxy(lambda: g.get("person")),
        nonce=LocalProxy(lambda: g.get("nonce", "")),
        notices=LocalProxy(lambda: g.get("notices") or []),
        banner=LocalProxy(lambda: g.get("banner")),
        home=LocalProxy(lambda: dict((home() if callable(home) else home) or {})),
    )
    filters = {
        "date": date_words,
        **{f.__name__: f for f in (t, money, when, clock, duration, ago, number, lines_of, unbroken, hash_of)},
    }
    app.jinja_env.filters.update(filters)


def hash_of(text: Any) -> str:
    """Eight letters that name a text, for an HTML id."""
    return hashlib.sha256(str(text).encode()).hexdigest()[:8]


def lines_of(text: Any) -> Markup:
    """Typed text with its line breaks kept, escaped."""
    return Markup("<br>").join(escape(line) for line in str(t(text)).splitlines())


def unbroken(text: Any) -> Markup:
    """Words whose times of day, such as 08:30–12:30, stay on one line on a narrow screen; escaped."""
    return Markup(TIMES.sub(r'<span class="nw">\g<0></span>', str(escape(t(text)))))  # noqa: S704 - escaped just before


def _keep_hashed_assets(response: Response) -> Response:
    if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
        response.cache_control.public = True
        response.cache_control.max_age = 365 * 24 * 3600
        response.cache_control.immutable = True
    return response
