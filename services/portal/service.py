"""What the portal is made of: its tables, facts, doors and chores, put together."""

from collections.abc import Sequence
from datetime import datetime

from flask import Flask, Response, g, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Agency, EndedSession, Feed, Person
from common.service import Chore, Service, SnapshotFact
from common.settings import Settings
from common.web import database
from common.web.feeds import feeds_blueprint
from common.words import Words
from services.portal import accounts, agenda, demo, feeds, people, sessions, sign_in
from services.portal.api import api
from services.portal.calendar import FEED_KINDS
from services.portal.listeners import listeners
from services.portal.messages import FACTS, AgencyChanged, FeedCreated, PersonChanged, SessionEnded
from services.portal.models import Base
from services.portal.pages import pages
from services.portal.passwords import Keeper

HOUR = 3600.0


def snapshot(session: Session) -> Sequence[SnapshotFact]:
    """Everything a read copy needs: agencies, people, feeds that work, sessions that were ended."""
    told: list[SnapshotFact] = []
    for agency in session.scalars(select(Agency).order_by(Agency.id)):
        told.append((AgencyChanged, f"agency/{agency.id}", {"agency_id": agency.id, **people.agency_state(agency)}))
    for person in session.scalars(select(Person).order_by(Person.id)):
        told.append((PersonChanged, f"person/{person.id}", {"person_id": person.id, **people.state(person)}))
    for feed in session.scalars(select(Feed).where(Feed.revoked_at.is_(None)).order_by(Feed.id)):
        told.append((FeedCreated, f"feed/{feed.id}", feeds.state(feed)))
    for ended in session.scalars(select(EndedSession).order_by(EndedSession.ended_at)):
        owner = sessions.by_sid(session, ended.sid)
        told.append(
            (
                SessionEnded,
                f"session/{owner.id if owner else 0}",
                {"sid": ended.sid, "person_id": owner.person_id if owner else 0},
            )
        )
    return told


def forget(session: Session, now: datetime) -> None:
    """Drop what nobody needs any more: old sessions, spent links, old failures, agenda items of last year."""
    for work in (sessions.forget, sign_in.forget, accounts.forget, agenda.forget):
        work(session, now)


def configure(app: Flask, settings: Settings) -> None:
    """Give the app its password keeper, and note when a feed of the portal's own was read."""
    app.extensions["keeper"] = Keeper(settings.password_policy)
    app.after_request(_note_feed_read)


def _note_feed_read(response: Response) -> Response:
    if request.endpoint == "feeds.feed" and response.status_code in (200, 304):
        feeds.note_read(database(), str((request.view_args or {}).get("token", "")), g.now)
    return response


SERVICE = Service(
    name="portal",
    title=Words("首頁", "Home"),
    metadata=Base.metadata,
    migrations="services/portal/migrations",
    facts=FACTS,
    listeners=listeners,
    blueprints=(api, pages, feeds_blueprint(FEED_KINDS)),
    chores=(Chore("forget", HOUR, forget),),
    snapshot=snapshot,
    demo=demo.load,
    configure=configure,
)
