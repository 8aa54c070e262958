"""Home, the rules, and what every public site must say."""

from typing import Any

from flask import abort, g
from sqlalchemy.orm import Session

from common.identity import Person
from common.web import anyone, now, render
from common.web.styleguide import samples
from common.words import Words
from services.portal import agenda, rules_page
from services.portal.models import AgendaItem
from services.portal.pages.door import pages, settings

INSIDE = ("officer", "supervisor", "dispatcher", "driver", "venue_officer", "dorm_officer", "staff", "auditor", "admin")
EVERYBODY = (*INSIDE, "group")
STARTS = (
    # icon, title, lead, address, roles (none: everyone)
    (
        "car-front",
        Words("申請用車", "Request a car"),
        Words("約 1 分鐘，看得到還有幾輛車", "About a minute; see how many are free"),
        "/fleet/request",
        ("officer", "supervisor", "dispatcher", "staff"),
    ),
    (
        "landmark",
        Words("申請場地", "Book a venue"),
        Words("中庭、廣場、舞臺，費用逐條說明", "Atrium, plaza, stages; every fee explained"),
        "/venues/",
        (),
    ),
    (
        "presentation",
        Words("預約會議室", "Book a meeting room"),
        Words("先登記先使用，90 天內", "First come, first served, 90 days ahead"),
        "/venues/rooms",
        ("officer", "supervisor", "staff", "venue_officer"),
    ),
    (
        "bed-double",
        Words("申請宿舍", "Staff quarters"),
        Words("積點逐項說明，名次自己驗算", "Points line by line; check the ranking yourself"),
        "/dorms/",
        INSIDE,
    ),
    (
        "calendar-sync",
        Words("訂閱行事曆", "Calendar feeds"),
        Words("手機、Outlook、Google 都能看", "On your phone, Outlook or Google"),
        "/feeds",
        EVERYBODY,
    ),
)


@pages.get("/", allows=anyone)
def home(session: Session, person: Person | None) -> Any:
    """My next things and what waits for me; for strangers, what can be done here."""
    if person is None:
        return render("portal/welcome.html", starts=starts(None))
    return render(
        "portal/home.html",
        items=[shown(item) for item in agenda.upcoming(session, person, now())],
        past=[shown(item) for item in agenda.lately(session, person, now())],
        waiting=agenda.waiting(session, person),
        starts=starts(person),
    )


def starts(person: Person | None) -> list[dict[str, Any]]:
    """The quick starts this person can use; strangers see what signing in would open."""
    return [
        {"icon": icon, "title": title, "lead": lead, "url": url}
        for icon, title, lead, url, roles in STARTS
        if not roles or person is None or person.has(*roles)
    ]


def shown(item: AgendaItem) -> dict[str, Any]:
    """An agenda item as the page shows it."""
    words, tone = agenda.state_of(item)
    return {
        "starts_at": item.starts_at, "ends_at": item.ends_at, "title": item.words, "place": item.place_words, "url": item.url,
        "icon": agenda.ICONS.get(item.source, "calendar"), "status": words, "tone": tone, "cancelled": item.cancelled,
    }  # fmt: skip


@pages.get("/rules", allows=anyone)
def show_rules(session: Session, person: Person | None) -> Any:
    """Every rule with its number, text, status and source."""
    return render(
        "portal/rules.html",
        parts=rules_page.parts(),
        markup=lambda text: rules_page.to_markup(text, g.lang),
        source_of=rules_page.source_of,
    )


@pages.get("/site-map", allows=anyone)
def site_map(session: Session, person: Person | None) -> Any:
    """Where everything is."""
    return render("portal/site_map.html", demo=settings().demo)


@pages.get("/accessibility", allows=anyone)
def accessibility(session: Session, person: Person | None) -> Any:
    """What was done so that everyone can use it, and whom to tell where it fails (C-12)."""
    return render("portal/accessibility.html")


@pages.get("/privacy", allows=anyone)
def privacy(session: Session, person: Person | None) -> Any:
    """The six things to tell (C-21), the rights (C-22), what is kept how long (C-26), the files kept (C-24)."""
    return render("portal/privacy.html", demo=settings().demo)


@pages.get("/styleguide", allows=anyone)
def styleguide(session: Session, person: Person | None) -> Any:
    """Every part of the pages on one page; on a demonstration desk only."""
    if not settings().demo:
        abort(404)
    return render("styleguide.html", **samples(now()))
