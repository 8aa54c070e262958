"""The one table that knows HTTP: which refusal is which status, and how it is told (a page, or problem+json)."""

from typing import Any

from flask import Response, current_app, g, json, render_template, request
from werkzeug.exceptions import HTTPException

from common import log
from common.errors import (
    Busy,
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    Stale,
    TooMany,
    Unauthenticated,
    Unsupported,
)
from common.words import Words

STATUS: tuple[tuple[type[Problem], int, str], ...] = (
    (Stale, 409, "stale"),
    (Busy, 503, "busy"),
    (Conflict, 409, "conflict"),
    (Invalid, 422, "invalid"),
    (Unauthenticated, 401, "unauthenticated"),
    (Forbidden, 403, "forbidden"),
    (NotFound, 404, "not-found"),
    (Unsupported, 415, "unsupported-format"),
    (TooMany, 429, "too-many"),
    (Problem, 400, "problem"),
)

TITLES = {
    400: Words("沒有看懂這個請求", "That request could not be read"),
    401: Words("請先登入", "Please sign in"),
    403: Words("沒有權限", "Not allowed"),
    404: Words("找不到這一筆", "We can’t find that"),
    405: Words("這裡不接受這個動作", "That is not done here"),
    409: Words("現在無法這樣做", "That can’t be done right now"),
    413: Words("內容太大", "Too large"),
    415: Words("格式不對", "Unsupported format"),
    422: Words("有些地方要修正", "There is a problem"),
    429: Words("太多次了", "Too many tries"),
    500: Words("系統出錯，資料沒有變動", "Something went wrong. Nothing was changed"),
    503: Words("現在忙不過來，請再試一次", "Too busy right now. Please try again"),
}


def status_of(problem: Problem) -> tuple[int, str]:
    """The HTTP status and the short name of a refusal."""
    return next((status, slug) for kind, status, slug in STATUS if isinstance(problem, kind))


def is_api() -> bool:
    """Whether the answer should be JSON."""
    return "/api/" in request.path or request.path in ("/events", "/snapshot", "/unread")


def problem_json(
    status: int, slug: str, words: Words, errors: list[FieldError] | None = None, current: Any = None
) -> Response:
    """An RFC 9457 answer in the reader's language; `current` is the row that a stale edit met."""
    lang = g.get("lang", "zh")
    body: dict[str, Any] = {
        "type": f"urn:citykeys:problem:{slug}",
        "title": TITLES.get(status, TITLES[400]).in_(lang),
        "status": status,
        "detail": words.in_(lang),
        "instance": g.get("request_id", ""),
        "errors": [{"field": each.field, "message": each.words.in_(lang)} for each in errors or []],
    }
    if current is not None:
        body["current"] = current
    response = Response(json.dumps(body), status=status, content_type="application/problem+json")
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="citykeys"'
    if status == 503:
        response.headers["Retry-After"] = "1"
    return response


def problem_page(status: int, words: Words) -> Response:
    """The same as a page. Its template never fails for want of a person or a form."""
    g.setdefault("person", None)
    title = TITLES.get(status, TITLES[400])
    page = render_template("problem.html", status=status, title=title, words=words, reference=g.get("request_id", ""))
    return Response(page, status=status, content_type="text/html; charset=utf-8")


def answer(problem: Problem) -> Response:
    """The answer to a refusal that no form takes back."""
    status, slug = status_of(problem)
    if is_api():
        return problem_json(
            status, slug, problem.words, problem.errors, problem.current if isinstance(problem, Stale) else None
        )
    return problem_page(status, problem.words)


def on_http(error: HTTPException) -> Response:
    """Werkzeug's own refusals (no such address, method not allowed, body too large) in our words."""
    status = error.code or 500
    if status in (301, 302, 303, 304, 307, 308):
        return error.get_response()  # type: ignore[return-value]
    words = NotFound.words if status == 404 else TITLES.get(status, TITLES[400])
    slug = "not-found" if status == 404 else (error.name or "problem").lower().replace(" ", "-")
    response = problem_json(status, slug, words) if is_api() else problem_page(status, words)
    allowed = getattr(error, "valid_methods", None)
    if status == 405 and allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def on_bug(error: Exception) -> Response:
    """Anything else is a bug: log it whole, tell the person a reference and nothing of the inside."""
    log.say("unhandled error", level=40, exc_info=True, path=request.path)
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    words = Words(
        "系統出錯，資料沒有變動。錯誤編號 {id}。", "Something went wrong. Nothing was changed. Reference {id}."
    )
    told = words.fill(id=g.get("request_id", ""))
    return problem_json(500, "bug", told) if is_api() else problem_page(500, told)
