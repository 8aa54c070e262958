"""What every service answers beside its own pages: health, metrics, its log for the other services, its operations page."""

import time
from typing import Any

from flask import Blueprint, Response, current_app, g, json, render_template, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from common import audit, inbox, messages
from common.errors import Conflict, Invalid, NotFound, Unreachable
from common.inbox import Cursor, HandlerFailed, Parked
from common.messages import Outbox, SourceState
from common.service import Service
from common.web import openapi
from common.web.access import Access, anyone, check_service, has_role, services_only
from common.web.api import Api
from common.web.pages import Pages, database, flash, now, redirect_to, render
from common.words import Words


class Metrics:
    """Counters of one web process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "citykeys_requests_total", "Answers by endpoint and status", ["endpoint", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "citykeys_request_seconds", "Time to answer, by endpoint", ["endpoint"], registry=self.registry
        )
        self.log = Gauge("citykeys_log", "The service's own log", ["what"], registry=self.registry)
        self.cursor = Gauge("citykeys_cursor", "Newest number read of each source", ["source"], registry=self.registry)
        self.parked = Gauge("citykeys_parked", "Messages parked and not settled", registry=self.registry)

    def observe(self, status: int, started: float) -> None:
        """Count one answer."""
        endpoint = request.endpoint or "none"
        self.requests.labels(endpoint, str(status)).inc()
        self.seconds.labels(endpoint).observe(time.perf_counter() - started)


def service_blueprint(service: Service, apis: list[Api]) -> Blueprint:
    """The doors that services and operators use."""
    doors = Blueprint("service", __name__)

    def route(rule: str, allows: Access) -> Any:
        def register(view: Any) -> Any:
            view.access = allows
            doors.add_url_rule(rule, view.__name__, view, methods=["GET"])
            return view

        return register

    @route("/healthz", anyone)
    def healthz() -> Response:
        return Response(json.dumps({"service": service.name, "status": "ok"}), content_type="application/json")

    @route("/readyz", anyone)
    def readyz() -> Response:
        try:
            with database().reading() as session:
                session.execute(text("SELECT 1"))
        except (DBAPIError, Unreachable):
            told = {"service": service.name, "status": "no database"}
            return Response(json.dumps(told), status=503, content_type="application/json")
        return Response(json.dumps({"service": service.name, "status": "ready"}), content_type="application/json")

    @route("/metrics", anyone)
    def metrics() -> Response:
        ours: Metrics = current_app.extensions["metrics"]
        with database().reading() as session:
            _measure(session, service.name, ours)
        return Response(generate_latest(ours.registry), content_type=CONTENT_TYPE_LATEST)

    @route("/events", services_only)
    def events() -> Response:
        check_service()
        after, limit = _number("after", 0), min(_number("limit", 500), 1000)
        with database().reading() as session:
            page = messages.page_after(session, service.name, after, limit)
        return Response(json.dumps(page), content_type="application/json")

    @route("/snapshot", services_only)
    def snapshot() -> Response:
        check_service()
        with database().reading() as session:
            state = session.get(SourceState, service.name) or SourceState(name=service.name, epoch=1, last_seq=0)
            facts = service.snapshot(session) if service.snapshot else ()
            items = [
                {
                    "id": str(messages.uuid7(g.now)), "source": service.name, "type": fact.type, "subject": subject,
                    "time": g.now.isoformat(), "seq": state.last_seq, "epoch": state.epoch,
                    "data": json.loads(json.dumps(fact().dump(body))),
                }
                for fact, subject, body in facts
            ]  # fmt: skip
            told = {"epoch": state.epoch, "last": state.last_seq, "items": items}
        return Response(json.dumps(told), content_type="application/json")

    if apis:
        merged = apis[0]

        @route("/api/v1/openapi.json", anyone)
        def openapi_document() -> Response:
            told = openapi.document(merged, request.script_root)
            return Response(json.dumps(told), content_type="application/json")

        @route("/api/v1/docs", anyone)
        def openapi_docs() -> Response:
            g.setdefault("person", None)
            return Response(render_template("docs.html", document=openapi.document(merged, request.script_root)))

    return doors


def operations_pages(service: Service) -> Pages:
    """`/operations`: the log, the cursors and what is parked; an administrator can have a parked message handled again."""
    pages = Pages("operations")
    watchers = has_role("admin", "auditor")

    @pages.get("/operations", allows=watchers)
    def show_operations(session: Any, person: Any) -> Any:
        state = session.get(SourceState, service.name)
        waiting = session.scalar(select(func.count()).select_from(Outbox).where(Outbox.seq.is_(None)))
        parked = session.scalars(select(Parked).where(Parked.settled_at.is_(None)).order_by(Parked.id).limit(200)).all()
        cursors = session.scalars(select(Cursor).order_by(Cursor.source)).all()
        checked = audit.verify(session) if request.args.get("check") else None
        return render(
            "operations.html",
            service=service,
            state=state,
            waiting=waiting,
            parked=parked,
            cursors=cursors,
            checked=checked,
        )

    @pages.post(
        "/operations/parked/<int:parked_id>/replay",
        allows=has_role("admin"),
        again=show_operations_for(show_operations),
    )
    def replay_parked(session: Any, person: Any, parked_id: int) -> Any:
        parked = session.get(Parked, parked_id)
        if parked is None or parked.settled_at:
            raise NotFound
        try:
            inbox.replay(session, service.listeners, parked, now())
        except HandlerFailed as failure:
            words = Words("還是無法處理：{why}", "It still cannot be handled: {why}")
            raise Conflict(words.fill(why=str(failure)[:200])) from failure
        audit.record(
            session, person, "replay_message", f"parked/{parked_id}", now(), after={"type": parked.envelope["type"]}
        )
        flash(Words("已重新處理", "Handled"))
        return redirect_to(".show_operations")

    return pages


def show_operations_for(view: Any) -> Any:
    """The operations page as the page that a refused replay leads back to."""

    def again(session: Any, person: Any, parked_id: int) -> Any:
        return view(session, person)

    return again


def _measure(session: Any, name: str, ours: Metrics) -> None:
    state = session.get(SourceState, name)
    ours.log.labels("last_seq").set(state.last_seq if state else 0)
    ours.log.labels("published").set(state.published if state else 0)
    waiting = session.scalar(select(func.count()).select_from(Outbox).where(Outbox.seq.is_(None)))
    ours.log.labels("unnumbered").set(waiting or 0)
    for cursor in session.scalars(select(Cursor)):
        ours.cursor.labels(cursor.source).set(cursor.last_seq)
    ours.parked.set(session.scalar(select(func.count()).select_from(Parked).where(Parked.settled_at.is_(None))) or 0)


def _number(name: str, default: int) -> int:
    given = request.args.get(name, str(default))
    if not given.isdecimal() or len(given) > 15:
        raise Invalid(Words("要是不小於零的整數", "Must be a whole number of at least zero"), field=name)
    return int(given)
