"""Calendar addresses: make one, see it once, reset or revoke it (ux.md §5.12)."""

from typing import Any

from flask import request
from sqlalchemy.orm import Session

from common.identity import Person
from common.web import flash, form_data, now, redirect_to, render, signed_in
from common.words import Words
from services.portal import feeds
from services.portal.pages.door import pages, settings, show_once, take_once
from services.portal.schemas import CreateFeed


@pages.get("/feeds", allows=signed_in)
def show_feeds(session: Session, person: Person) -> Any:
    """My calendar addresses and a form for another; the one just made is shown with its address, this once."""
    rows = feeds.of_person(session, person)
    made = take_once("feed") if request.method == "GET" else None
    return render(
        "portal/feeds.html", made=made, rows=[(feed, card, feeds.KINDS[feed.kind]) for feed, card in rows],
        kinds=feeds.kinds_for(person), kind=request.args.get("kind", "my"), ref=request.args.get("ref", "")[:20],
        label=request.args.get("label", "")[:80],
    )  # fmt: skip


@pages.post("/feeds", allows=signed_in, again=show_feeds)
def create_feed(session: Session, person: Person) -> Any:
    """Make an address."""
    made = feeds.create(session, person, now(), settings().public_url, **form_data(CreateFeed))
    return _shown(made)


@pages.post(
    "/feeds/<int:feed_id>/reset", allows=signed_in, again=lambda session, person, feed_id: show_feeds(session, person)
)
def reset_feed(session: Session, person: Person, feed_id: int) -> Any:
    """Put a new address in the place of an old one."""
    return _shown(feeds.reset(session, person, now(), settings().public_url, feed_id))


@pages.post(
    "/feeds/<int:feed_id>/revoke", allows=signed_in, again=lambda session, person, feed_id: show_feeds(session, person)
)
def revoke_feed(session: Session, person: Person, feed_id: int) -> Any:
    """Stop an address."""
    feeds.revoke(session, person, now(), feed_id)
    flash(Words("已停用，舊網址不能再用了。", "Revoked. The address no longer works."))
    return redirect_to(".show_feeds")


def _shown(made: feeds.Made) -> Any:
    kind = feeds.KINDS[made.feed.kind]
    show_once("feed", {"url": made.url, "label": made.card.label, "zh": kind.words.zh, "en": kind.words.en})
    return redirect_to(".show_feeds")
