"""Shapes taken in and given out: marshmallow with refusals in the person's words.

Packages import everything about shapes from here:

    from common.schemas import Date, Length, Nested, Schema, String, Wrong, validates_schema

    class ApplyForBooking(Schema):
        event_name = String(required=True, metadata={"label": Words("活動名稱", "Event name"), "example": "市民講座"})

Three ways in, each raising `Invalid` with one FieldError per fault: `load_json` (types must be JSON's own, unknown fields
are refused), `load_form` (everything is text, blanks count as not answered, fields that are no part of the shape, such as
the CSRF token, are left out), `load_query` (text, but unknown names are refused). Paths in errors are also the names of
nested form fields: `slots.0.date`.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import marshmallow
from marshmallow import (
    EXCLUDE,
    RAISE,
    ValidationError,
    post_dump,
    post_load,
    pre_dump,
    pre_load,
    validates,
    validates_schema,
)
from marshmallow.fields import Function, Method
from marshmallow.validate import ContainsOnly, Email, Length, NoneOf, OneOf, Range, Regexp

from common.errors import FieldError, Invalid
from common.fields import (
    Boolean,
    Choice,
    Clock,
    Date,
    DateTime,
    Decimal,
    Dict,
    Id,
    Instant,
    Integer,
    List,
    Money,
    Nested,
    Raw,
    String,
    reading_from,
)
from common.wording import Worded, Wrong
from common.words import Words

__all__ = [
    "EXCLUDE", "RAISE", "Boolean", "Choice", "Clock", "ContainsOnly", "Date", "DateTime", "Decimal", "Dict", "Email",
    "Function", "Id", "Instant", "Integer", "Length", "List", "Method", "Money", "Nested", "NoneOf", "OneOf", "PageQuery",
    "Range", "Raw", "Regexp", "Schema", "String", "ValidationError", "Worded", "Wrong", "errors_of", "load_form",
    "load_json", "load_query", "page_of", "post_dump", "post_load", "pre_dump", "pre_load", "reading_from", "ready", "validates",
    "validates_schema",
]  # fmt: skip

UNKNOWN = Words("沒有這個欄位", "There is no such field")


class Schema(marshmallow.Schema):
    """A shape. Unknown fields are refused with their name; a form's helper leaves them out instead."""

    class Meta:
        unknown = RAISE

    error_messages = {
        "unknown": UNKNOWN,
        "type": Words("這裡要是一個 JSON 物件", "This must be a JSON object"),
    }


# ── Refusals ──────────────────────────────────────────────────────────────────


def errors_of(error: ValidationError, rows: Mapping[str, list[int]] | None = None) -> list[FieldError]:
    """Every fault as a path (`slots.0.date`; "" for the whole shape) and its words, in the order of the shape.

    `rows` tells which row of a form each item of a list came from, so that a fault points at the row that was typed.
    """
    return list(_flat(error.normalized_messages(), "", rows or {}))


def _flat(messages: Any, path: str, rows: Mapping[str, list[int]]) -> Iterator[FieldError]:
    if isinstance(messages, Words):
        yield FieldError(path, messages)
    elif isinstance(messages, str):
        yield FieldError(path, Words.same(messages))
    elif isinstance(messages, Mapping):
        for key, inner in messages.items():
            if key == "_schema":
                yield from _flat(inner, path, rows)
                continue
            if isinstance(key, int) and path in rows and key < len(rows[path]):
                key = rows[path][key]
            yield from _flat(inner, f"{path}.{key}" if path else str(key), rows)
    else:
        for inner in messages:
            yield from _flat(inner, path, rows)


@cache
def ready(schema: type[marshmallow.Schema]) -> marshmallow.Schema:
    """The schema built once and shared by all requests: building copies every field, and nothing in it changes after."""
    return schema()


def _shape(schema: marshmallow.Schema | type[marshmallow.Schema]) -> marshmallow.Schema:
    return ready(schema) if isinstance(schema, type) else schema


# ── Ways in ───────────────────────────────────────────────────────────────────


def load_json(schema: marshmallow.Schema | type[marshmallow.Schema], data: Any, *, partial: bool = False) -> Any:
    """What a JSON body means. Raises Invalid with a FieldError per fault."""
    try:
        with reading_from("json"):
            return _shape(schema).load(data, partial=partial)
    except ValidationError as error:
        raise Invalid.many(errors_of(error)) from error


def load_form(schema: marshmallow.Schema | type[marshmallow.Schema], values: Mapping[str, Any]) -> Any:
    """What a sent form (`request.form`) means; a blank counts as not answered. Raises Invalid."""
    shape = _shape(schema)
    form = _Typed(values)
    return _load_typed(shape, form.read(shape), form, {})


def load_query(schema: marshmallow.Schema | type[marshmallow.Schema], values: Mapping[str, Any]) -> Any:
    """What a query string (`request.args`) means; a name that is no part of the shape is refused. Raises Invalid."""
    shape = _shape(schema)
    form = _Typed(values)
    data = form.read(shape)
    return _load_typed(shape, data, form, {name: [UNKNOWN] for name in values if name not in form.known})


def _load_typed(shape: marshmallow.Schema, data: dict[str, Any], form: "_Typed", unknown: dict[str, Any]) -> Any:
    errors = [FieldError(name, words[0]) for name, words in unknown.items()]
    try:
        with reading_from("form"):
            loaded = shape.load(data, unknown=EXCLUDE)
    except ValidationError as error:
        raise Invalid.many([*errors_of(error, form.rows), *errors]) from error
    if errors:
        raise Invalid.many(errors)
    return loaded


class _Typed:
    """Flat form fields (`slots.0.date=…`, `kind=a&kind=b`) read as the shape they stand for."""

    def __init__(self, values: Mapping[str, Any]):
        self.values = values
        self.rows: dict[str, list[int]] = {}
        self.known: set[str] = set()

    def read(self, shape: marshmallow.Schema, prefix: str = "") -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name, field in shape.load_fields.items():
            key = field.data_key or name
            answer = self._answer(field, prefix + key)
            if answer is not None:
                out[key] = answer
        return out

    def _answer(self, field: Any, path: str) -> Any:
        if isinstance(field, List):
            if isinstance(field.inner, Nested):
                return self._rows(field.inner.schema, path)
            return self._several(path)
        if isinstance(field, Nested):
            return self._rows(field.schema, path) if field.many else self.read(field.schema, path + ".") or None
        self.known.add(path)
        value = self.values.get(path)
        return None if isinstance(value, str) and not value.strip() else value

    def _rows(self, shape: marshmallow.Schema, path: str) -> list[Any] | None:
        """The rows with anything typed in them, in order of their numbers."""
        numbers = {
            int(found[1]) for name in self.values if (found := re.match(re.escape(path) + r"\.([0-9]{1,3})\.", name))
        }
        read = [(number, self.read(shape, f"{path}.{number}.")) for number in sorted(numbers)]
        filled = [(number, row) for number, row in read if row]
        self.rows[path] = [number for number, _ in filled]
        return [row for _, row in filled] or None

    def _several(self, path: str) -> list[Any] | None:
        self.known.add(path)
        if path not in self.values:
            return None
        getlist = getattr(self.values, "getlist", None)
        found = getlist(path) if getlist else self.values[path]
        several = found if isinstance(found, list) else [found]
        return [each for each in several if not (isinstance(each, str) and not each.strip())] or None


# ── Lists in pages ────────────────────────────────────────────────────────────


class PageQuery(Schema):
    """How much of a list is wanted, and from where."""

    limit = Integer(min=1, max=200, load_default=50, metadata={"label": Words("筆數", "Limit"), "example": 50})
    cursor = String(
        load_default=None, metadata={"label": Words("接續處", "Cursor"), "description": "`next` of the page before"}
    )


@cache
def page_of(out: type[marshmallow.Schema]) -> type[Schema]:
    """The shape of one page of a list: `{"items": [out, …], "next": cursor or null}`."""
    name = out.__name__.removesuffix("Out") + "Page"
    return type(
        name,
        (Schema,),
        {
            "__module__": out.__module__,
            "__doc__": f"One page of {out.__name__}.",
            "items": List(Nested(out), required=True),
            "next": String(
                allow_none=True,
                max_length=None,
                metadata={"description": "the cursor of the next page; null on the last"},
            ),
        },
    )
