"""The desk's front door: one address, each service below its path. A data centre has a proxy of its own for this."""

import json
import os
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.middleware.http_proxy import ProxyMiddleware
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

PREFIXES = ("fleet", "venues", "dorms", "messenger", "portal")

AWAY = ("這項服務正在重新啟動，請稍候再試。", "This service is starting again. Please try again in a moment.")

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def target(service: str) -> dict[str, Any]:
    """Where a service listens, and what it is told about its place."""
    return {
        "target": os.environ[f"{service.upper()}_URL"],
        "remove_prefix": True,
        "host": None,
        "headers": {"X-Forwarded-Prefix": "" if service == "portal" else f"/{service}"},
    }


def front() -> WsgiApp:
    """The WSGI app that passes each request on.

    What a visitor claims in X-Forwarded-* headers is thrown away: services believe those headers, and lock-outs
    count by the address in them.
    """
    targets = {service: target(service) for service in PREFIXES}

    def start_page(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        told = {**targets["portal"], "remove_prefix": False, "ssl_context": None}
        return proxy.proxy_to(told, environ["PATH_INFO"], "")(environ, start)

    proxy = ProxyMiddleware(start_page, targets, timeout=60)

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        for name in [key for key in environ if key.startswith("HTTP_X_FORWARDED_") or key == "HTTP_FORWARDED"]:
            del environ[name]
        environ.setdefault("HTTP_HOST", environ.get("SERVER_NAME", "localhost"))
        environ["HTTP_X_FORWARDED_FOR"] = environ.get("REMOTE_ADDR", "")
        environ["HTTP_X_FORWARDED_PROTO"] = environ.get("wsgi.url_scheme", "http")
        environ["HTTP_X_FORWARDED_HOST"] = environ["HTTP_HOST"]
        path = environ.get("PATH_INFO", "")
        if path.strip("/") in PREFIXES and not path.endswith("/"):
            return redirect(f"{path}/", 308)(environ, start)
        try:
            return proxy(environ, unless_away(start))
        except ServiceAway:
            return say_away(path, environ["REQUEST_METHOD"])(environ, start)

    return application


class ServiceAway(Exception):
    """The service behind the door did not answer."""


def unless_away(start: Callable[..., Any]) -> Callable[..., Any]:
    """The same `start`, but the proxy's own 502 becomes ServiceAway: no service of ours ever sends one."""

    def begin(status: str, *told: Any) -> Any:
        if status.startswith("502"):
            raise ServiceAway
        return start(status, *told)

    return begin


def say_away(path: str, method: str) -> Response:
    """503 in both languages, for programs as problem+json. A page asks again by itself, a form when it is reloaded."""
    headers = {
        "Retry-After": "2",
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    if "/api/" in path:
        told = {"type": "urn:citykeys:problem:busy", "title": AWAY[1], "status": 503, "detail": AWAY[0]}
        told |= {"instance": f"urn:uuid:{uuid.uuid4()}", "errors": []}
        return Response(json.dumps(told), 503, headers, content_type="application/problem+json")
    again = '<meta http-equiv="refresh" content="2">' if method in ("GET", "HEAD") else ""
    page = (
        f'<!doctype html><html lang="zh-Hant-TW"><meta charset="utf-8">{again}'
        f'<title>市鑰 Citykeys</title><main><h1>{AWAY[0]}</h1><p lang="en">{AWAY[1]}</p></main></html>'
    )
    return Response(page, 503, headers, content_type="text/html; charset=utf-8")
