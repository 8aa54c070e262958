"""The web process of a service: one Flask app from its description."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from common import audit, log
from common.db import Database
from common.errors import Problem
from common.keys import Keys
from common.service import Service
from common.settings import Settings
from common.web import look, problems
from common.web.access import Access
from common.web.api import Api
from common.web.service_doors import Metrics, operations_pages, service_blueprint
from common.words import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
MAX_BODY = 12 * 1024 * 1024
MAX_FORM_FIELD = 500 * 1024

Navigation = Callable[[], Sequence[look.NavItem]]


class RowId(IntegerConverter):
    """An id in an address: at most what a database key can hold; anything larger is simply not there."""

    def __init__(self, map: Any, *args: Any, **options: Any):
        options.setdefault("max", 2**62)
        super().__init__(map, *args, **options)


class UnguardedRoute(Exception):
    """A route names no access rule; the app does not start."""


def create_app(
    service: Service,
    settings: Settings,
    *,
    nav: Navigation = tuple,
    home: Callable[[], Mapping[str, str]] = dict,
    clock: Callable[[], datetime] | None = None,
) -> Flask:
    """Build the app. `clock` tells the present instant (tests freeze it). Raises UnguardedRoute."""
    templates = (ROOT / service.migrations).parent / "templates"
    app = Flask("citykeys", template_folder=str(templates), static_folder=None)
    app.config.update(
        SERVICE=service,
        SETTINGS=settings,
        SECRET_KEY=_secret(settings, service.name),
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_FIELD,
        MAX_FORM_PARTS=1000,
        SESSION_COOKIE_NAME=f"citykeys_{service.name}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.converters["int"] = RowId
    app.extensions["database"] = Database(settings.database_url)
    app.extensions["keys"] = Keys.load(settings.keys_dir, service.name)
    app.extensions["metrics"] = Metrics()
    look.install(app, nav=nav, home=home)
    app.static_url_path = "/static"
    app.add_url_rule("/static/<path:filename>", "static", app.send_static_file)
    app.before_request(_begin(clock or (lambda: datetime.now(UTC))))
    app.after_request(_finish)
    app.register_error_handler(Problem, problems.answer)
    app.register_error_handler(HTTPException, problems.on_http)
    app.register_error_handler(Exception, problems.on_bug)
    apis = [each for each in service.blueprints if isinstance(each, Api)]
    for blueprint in (*service.blueprints, service_blueprint(service, apis), operations_pages(service)):
        app.register_blueprint(blueprint)
    if service.configure:
        service.configure(app, settings)
    check_guarded(app)
    hops = settings.trusted_proxies
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)  # type: ignore[method-assign]
    return app


def check_guarded(app: Flask) -> None:
    """Raises UnguardedRoute unless every route (static files aside) names who may come."""
    bare = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        and not isinstance(getattr(app.view_functions[rule.endpoint], "access", None), Access)
    ]
    if bare:
        raise UnguardedRoute(", ".join(bare))


def _secret(settings: Settings, name: str) -> str:
    return f"{name}:{(settings.keys_dir / 'secret').read_text().strip()}"


def _begin(clock: Callable[[], datetime]) -> Callable[[], None]:
    def begin() -> None:
        g.now = clock()
        g.started = time.perf_counter()
        given = request.headers.get("X-Request-Id", "")
        g.request_id = (
            given
            if 8 <= len(given) <= 60 and given.isascii() and given.replace("-", "").isalnum()
            else secrets.token_hex(8)
        )
        log.request_id.set(g.request_id)
        trace = request.headers.get("traceparent", "")
        log.traceparent.set(trace if len(trace) == 55 else f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01")
        audit.address.set(request.remote_addr or "")
        g.nonce = secrets.token_urlsafe(16)
        g.lang = _language()
        if (
            request.mimetype == "application/x-www-form-urlencoded"
        ):  # read whole, so MAX_FORM_MEMORY_SIZE does not apply
            request.max_content_length = MAX_FORM_FIELD

    return begin


def _language() -> str:
    chosen = request.args.get("lang") if request.method == "GET" else None
    for candidate in (chosen, request.cookies.get("lang")):
        if candidate in LANGUAGES:
            return candidate
    if problems.is_api():
        return "en" if request.accept_languages.best_match(["zh", "zh-TW", "en"]) == "en" else "zh"
    return "zh"


def _finish(response: Response) -> Response:
    if request.args.get("lang") in LANGUAGES and request.method == "GET" and not problems.is_api():
        response.set_cookie("lang", g.lang, max_age=365 * 86400, samesite="Lax", path="/")
    headers = response.headers
    headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{g.get('nonce', '')}'; img-src 'self' data:; "
        "connect-src 'self'; manifest-src 'self'; worker-src 'self'; font-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'",
    )
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    headers.setdefault("X-Request-Id", g.get("request_id", ""))
    if "Cache-Control" not in headers and request.endpoint != "static":
        headers["Cache-Control"] = "no-store"
    if current_app.config["SETTINGS"].secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if "started" in g:
        current_app.extensions["metrics"].observe(response.status_code, g.started)
    return response
