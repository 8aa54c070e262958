"""The portal for programs: tokens, people, calendar addresses, the audit log. Bearer tokens only."""

from typing import Any

from flask import Response, current_app, json, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit, identity
from common.audit import AuditEntry
from common.errors import Problem
from common.identity import Agency, Person
from common.schemas import load_json, page_of
from common.web import Api, anyone, database, has_role, now, paged, signed_in
from common.web.access import keys
from common.web.api import NOT_JSON, Operation, Unsupported
from common.words import Words
from services.portal import feeds, people
from services.portal import sign_in as signing_in
from services.portal.passwords import Keeper
from services.portal.schemas import (
    AgencyOut,
    AgencyQuery,
    AuditOut,
    AuditQuery,
    ChainOut,
    CreateFeed,
    CreatePerson,
    CreateToken,
    FeedOut,
    NewFeedOut,
    NewPersonOut,
    PageQuery,
    PeopleQuery,
    PersonOut,
    Reason,
    TokenOut,
)

api = Api("portal")
admin = has_role("admin")
watchers = has_role("admin", "auditor")


def keeper() -> Keeper:
    """The desk's password keeper."""
    ours: Keeper = current_app.extensions["keeper"]
    return ours


def create_token() -> Response:
    """A token for whoever knows the password; the same lock and the same answers as on the page (C-31).

    A door of its own, because a refusal must be counted and kept, and the hash must not hold a transaction.
    """
    if request.get_data() and request.mimetype != "application/json":
        raise Unsupported(NOT_JSON)
    try:
        body = json.loads(request.get_data() or b"{}")
    except (ValueError, RecursionError) as wrong:
        raise Problem(Words("這不是正確的 JSON。", "That is not valid JSON.")) from wrong
    data = load_json(CreateToken, body)
    opened = signing_in.sign_in(
        database(), keeper(), now(), data["username"], data["password"],
        kind="api", address=request.remote_addr or "", user_agent=request.user_agent.string,
    )  # fmt: skip
    token = identity.sign_token(keys(), opened.person.id, opened.sign_in.sid, now())
    told = {"access_token": token, "token_type": "Bearer", "expires_in": int(identity.TOKEN_LIFETIME.total_seconds())}
    return Response(json.dumps(told), content_type="application/json", headers={"Cache-Control": "no-store"})


create_token.access = anyone  # type: ignore[attr-defined]
api.add_url_rule("/tokens", "createToken", create_token, methods=["POST"])
api.operations.append(
    Operation(
        "createToken", "POST", "/tokens",
        "A bearer token for thirty minutes, tied to a session that can be ended. "
        "Five failures lock the account for fifteen minutes (C-31).",
        anyone, CreateToken, TokenOut, None, 200,
    )
)  # fmt: skip


@api.get("/me", "getMe", gives=PersonOut, allows=signed_in)
def get_me(session: Session, person: Person) -> Person:
    """Who the token belongs to, with their roles as of now."""
    return person


@api.get("/agencies", "listAgencies", query=AgencyQuery, gives=page_of(AgencyOut), allows=signed_in)
def list_agencies(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """The agencies and outside bodies that book, newest id first."""
    found = select(Agency).where(Agency.active)
    if query["kind"]:
        found = found.where(Agency.kind == query["kind"])
    return paged(session, found, query, Agency.id)


@api.get("/people", "listPeople", query=PeopleQuery, gives=page_of(PersonOut), allows=watchers)
def list_people(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """People by agency, role, or part of a name, newest id first (C-34: accounts are reviewed)."""
    found = people.list_people(
        session, person, agency_id=query["agency_id"], role=query["role"], text=query["text"], active=query["active"]
    )
    return paged(session, found.order_by(None), query, Person.id)


@api.post("/people", "createPerson", takes=CreatePerson, gives=NewPersonOut, status=201, allows=admin, secret=True)
def create_person(session: Session, person: Person, data: dict[str, Any]) -> dict[str, Any]:
    """Add a person. The one-time password is told once and must be changed at first sign-in (C-30, C-32)."""
    made, password = people.create(session, person, now(), keeper(), **data)
    return {**PersonOut().dump(made), "agency": made.agency, "one_time_password": password}


@api.post("/people/<int:person_id>/disable", "disablePerson", takes=Reason, gives=PersonOut, allows=admin)
def disable_person(session: Session, person: Person, person_id: int, data: dict[str, Any]) -> Person:
    """Stop an account: its sessions, tokens and calendar addresses end (C-30)."""
    return people.disable(session, person, now(), people.get_person(session, person, person_id), data["reason"])


@api.post("/feeds", "createFeed", takes=CreateFeed, gives=NewFeedOut, status=201, allows=signed_in, secret=True)
def create_feed(session: Session, person: Person, data: dict[str, Any]) -> dict[str, Any]:
    """Make a private calendar address. It is told once; only its hash is kept."""
    made = feeds.create(session, person, now(), current_app.config["SETTINGS"].public_url, **data)
    return {**feed_out(made.feed, made.card), "url": made.url}


@api.get("/feeds", "listFeeds", query=PageQuery, gives=page_of(FeedOut), allows=signed_in)
def list_feeds(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """One's own calendar addresses that still work (at most fifty, so one page holds them all)."""
    return {"items": [feed_out(feed, card) for feed, card in feeds.of_person(session, person)], "next": None}


@api.delete("/feeds/<int:feed_id>", "revokeFeed", allows=signed_in)
def revoke_feed(session: Session, person: Person, feed_id: int) -> None:
    """Stop one of one's own calendar addresses; it answers 404 from then on."""
    feeds.revoke(session, person, now(), feed_id)


@api.get("/audit", "listAudit", query=AuditQuery, gives=page_of(AuditOut), allows=watchers)
def list_audit(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """The portal's audit log, newest first: who did what to which row, when and from where (C-36, C-37)."""
    found = select(AuditEntry)
    if query["action"]:
        found = found.where(AuditEntry.action == query["action"])
    if query["subject"]:
        found = found.where(AuditEntry.subject == query["subject"])
    if query["actor_id"] is not None:
        found = found.where(AuditEntry.actor_id == query["actor_id"])
    return paged(session, found, query, AuditEntry.id)


@api.get("/audit/verification", "verifyAudit", gives=ChainOut, allows=watchers)
def verify_audit(session: Session, person: Person) -> dict[str, Any]:
    """Walk the hash chain of the audit log and say whether it is whole."""
    return audit.verify(session)


def feed_out(feed: identity.Feed, card: Any) -> dict[str, Any]:
    """A feed and its card as one shape."""
    return {
        "id": feed.id, "kind": feed.kind, "service": feed.service, "ref": feed.ref, "label": card.label,
        "created_at": card.created_at, "last_read_at": card.read_at,
    }  # fmt: skip
