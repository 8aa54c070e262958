"""Doors for programs: JSON in and out under `/api/v1`, by bearer token only, never by cookie.

    api = Api("venues")

    @api.post("/bookings", "applyForBooking", takes=ApplyForBooking, gives=BookingOut, status=201, allows=has_role("group"))
    def apply_for_booking(session, person, data): ...

Every operation has the operationId that outsiders rely on; its schemas make the OpenAPI document. Writes accept an
`Idempotency-Key`; an operation whose answer holds a `secret` (an address or password shown once) keeps no copy of it.
Refusals are RFC 9457 problem+json with field paths; one of a stale `rev` brings the row as it is now.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import marshmallow
from flask import Blueprint, Response, g, json, request
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from common import idempotency
from common.errors import Conflict, Invalid, Problem, Stale, Unsupported
from common.schemas import load_json, load_query, ready
from common.web.access import Access, bearer_claims, identify
from common.web.pages import database
from common.words import Words

View = Callable[..., Any]
SchemaType = type[marshmallow.Schema]
NOT_JSON = Words(
    "內容要是 JSON（Content-Type: application/json）。", "The body must be JSON (Content-Type: application/json)."
)

SHOWN_ONCE = Words(
    "這個請求已經辦好了；回覆裡有只顯示一次的內容，不再重送。",
    "This request was done already; its answer held something that is shown only once.",
)


@dataclass(frozen=True)
class Operation:
    """One operation as it is documented."""

    operation_id: str
    method: str
    rule: str
    about: str
    allows: Access
    takes: SchemaType | None
    gives: SchemaType | None
    query: SchemaType | None
    status: int
    secret: bool = False
    first: View | None = None


class Api(Blueprint):
    """A package's JSON operations, each with its place in the OpenAPI document."""

    def __init__(self, name: str):
        super().__init__(f"{name}_api", __name__, url_prefix="/api/v1")
        self.operations: list[Operation] = []
        self._readers: list[tuple[Operation, View]] = []
        self.title = name

    def get(self, rule: str, operation_id: str, **options: Any) -> Callable[[View], View]:  # type: ignore[override]
        """A reading operation: `view(session, person, [query], **url args)` inside one read transaction."""
        return self._operation("GET", rule, operation_id, **options)

    def post(self, rule: str, operation_id: str, **options: Any) -> Callable[[View], View]:  # type: ignore[override]
        """A changing operation: `view(session, person, [data], **url args)` inside one write transaction.

        `first`, of the same arguments, works out beforehand inside a read transaction what must not hold up other
        writers; `view` gets its answer as `found`, and has to check that nothing moved since.
        """
        return self._operation("POST", rule, operation_id, **options)

    def patch(self, rule: str, operation_id: str, **options: Any) -> Callable[[View], View]:  # type: ignore[override]
        """A change of an existing row."""
        return self._operation("PATCH", rule, operation_id, **options)

    def delete(self, rule: str, operation_id: str, **options: Any) -> Callable[[View], View]:  # type: ignore[override]
        """Taking something back."""
        return self._operation("DELETE", rule, operation_id, **options)

    def _operation(
        self,
        method: str,
        rule: str,
        operation_id: str,
        *,
        allows: Access,
        takes: SchemaType | None = None,
        gives: SchemaType | None = None,
        query: SchemaType | None = None,
        status: int | None = None,
        about: str = "",
        secret: bool = False,
        first: View | None = None,
    ) -> Callable[[View], View]:
        def register(view: View) -> View:
            told = about or " ".join((view.__doc__ or "").split())
            code = status or (200 if gives else 204)
            operation = Operation(operation_id, method, rule, told, allows, takes, gives, query, code, secret, first)
            self.operations.append(operation)

            def door(**args: Any) -> Response:
                try:
                    return _run(operation, view, args)
                except Stale as stale:
                    stale.current = self._present(operation, args)
                    raise

            if method == "GET" and not query:
                self._readers.append((operation, view))
            door.access = allows  # type: ignore[attr-defined]
            self.add_url_rule(rule, operation_id, door, methods=[method])
            return view

        return register

    def _present(self, operation: Operation, args: dict[str, Any]) -> Any:
        """The row that `operation` would change, as its reading operation gives it now; None where there is none."""
        same = [
            each
            for each in self._readers
            if "<" in each[0].rule and f"{operation.rule}/".startswith(f"{each[0].rule}/")
        ]
        if not same:
            return None
        reader, view = max(same, key=lambda each: len(each[0].rule))
        with suppress(Problem), database().reading() as session:
            person = identify(session, bearer_claims())
            reader.allows.check(person)
            return _dumped(reader, view(session, person, **args))
        return None


def paged(
    session: Session, statement: Select[Any], query: dict[str, Any], key: InstrumentedAttribute[int]
) -> dict[str, Any]:
    """One page of `statement`, newest first by `key`: {"items", "next"}. Raises Invalid for a cursor that is not ours."""
    cursor, limit = query.get("cursor"), query.get("limit", 50)
    if cursor:
        if not cursor.isdecimal() or len(cursor) > 18:
            raise Invalid(Words("接續處不正確", "The cursor is not one of ours"), field="cursor")
        statement = statement.where(key < int(cursor))
    rows = list(session.scalars(statement.order_by(key.desc()).limit(limit + 1)).unique())
    more = len(rows) > limit
    return {"items": rows[:limit], "next": str(getattr(rows[limit - 1], key.key)) if more else None}


def _run(operation: Operation, view: View, args: dict[str, Any]) -> Response:
    claims = bearer_claims()

    def asked(session: Session) -> tuple[Any, dict[str, Any]]:
        person = identify(session, claims)
        operation.allows.check(person)
        given = dict(args)
        if operation.query:
            given["query"] = load_query(operation.query, request.args)
        if operation.takes:
            given["data"] = load_json(operation.takes, _body())
        return person, given

    def work(session: Session) -> tuple[int, Any]:
        person, given = asked(session)
        given |= beforehand
        key = request.headers.get("Idempotency-Key", "")
        if operation.method == "GET" or not key or person is None:
            return operation.status, _dumped(operation, view(session, person, **given))
        _check_key(key)
        name = f"{operation.operation_id} {request.path}"
        earlier = idempotency.begin(session, person.id, key, name, request.get_data(), g.now)
        if earlier and operation.secret:
            raise Conflict(SHOWN_ONCE)
        if earlier:
            return earlier.status, earlier.body
        answer = _dumped(operation, view(session, person, **given))
        idempotency.finish(session, person.id, key, operation.status, None if operation.secret else answer)
        return operation.status, answer

    beforehand: dict[str, Any] = {}
    if operation.first:
        with database().reading() as session:
            person, given = asked(session)
            beforehand["found"] = operation.first(session, person, **given)
    if operation.method == "GET":
        with database().reading() as session:
            status, body = work(session)
    else:
        status, body = database().transact(work)
    if body is None:
        return Response(status=status)
    return Response(json.dumps(body), status=status, content_type="application/json")


def _dumped(operation: Operation, result: Any) -> Any:
    return ready(operation.gives).dump(result) if operation.gives else None


def _body() -> Any:
    if not request.get_data():
        return {}
    if request.mimetype != "application/json":
        raise Unsupported(NOT_JSON)
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError) as wrong:
        raise Problem(Words("這不是正確的 JSON。", "That is not valid JSON.")) from wrong


def _check_key(key: str) -> None:
    if len(key) > 200 or not key.isprintable():
        words = Words(
            "Idempotency-Key 最多 200 個可見字元。", "An Idempotency-Key has at most 200 printable characters."
        )
        raise Invalid(words, field="Idempotency-Key")
