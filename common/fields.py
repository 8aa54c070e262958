"""Marshmallow fields that refuse in the person's words (`common.wording`), and let nothing through that the database
cannot hold.

How strictly text is read depends on where it came from: JSON must carry the JSON type itself; forms and query strings
carry everything as text, and full-width digits and thousands commas are then read as people mean them.
"""

import decimal
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from typing import Any

from marshmallow import fields, validate

from common.period import TAIPEI, local, utc
from common.wording import Worded
from common.words import Words

BIGGEST_INTEGER = 2**31 - 1
BIGGEST_MONEY = 10**9
FIRST_YEAR, LAST_YEAR = 1900, 2199

_source: ContextVar[str] = ContextVar("source of the values being read", default="")


@contextmanager
def reading_from(source: str) -> Iterator[None]:
    """Within it fields read values as they come from `source`: "json", "form", or "" (lenient)."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


def _given(validators: Any) -> list[Any]:
    if validators is None:
        return []
    return [validators] if callable(validators) else list(validators)


# ── Text ──────────────────────────────────────────────────────────────────────

_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _has_control(text: str, lines: bool) -> bool:
    """Whether `text` holds what must not be stored: NUL, control characters, half a surrogate pair, or direction overrides."""
    kept = "\n\t" if lines else ""
    return any(
        (unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") and c not in kept) or c in _BIDI_CONTROLS for c in text
    )


class String(Worded, fields.String):
    """One line of text: trimmed, NFC, at most `max_length` characters (200 unless said), no control characters.

    `lines=True` allows line breaks (CRLF becomes LF). A required text must not be blank.
    """

    default_error_messages = {
        "invalid": Words("{label}要是文字", "{Label} must be text"),
        "invalid_utf8": Words("{label}要是文字", "{Label} must be text"),
        "control": Words(
            "{label}含有看不見的控制字元，請重新輸入", "{Label} has hidden control characters. Type it again"
        ),
    }

    def __init__(
        self,
        *,
        max_length: int | None = 200,
        min_length: int | None = None,
        lines: bool = False,
        strip: bool = True,
        **kwargs: Any,
    ):
        self.lines, self.strip = lines, strip
        given = _given(kwargs.pop("validate", None))
        if kwargs.get("required") and min_length is None:
            min_length = 1
        if (max_length or min_length) and not any(isinstance(v, (validate.Length, validate.OneOf)) for v in given):
            given.insert(0, validate.Length(min=min_length, max=max_length))
        super().__init__(validate=given, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if self.strip:
            value = value.strip()
        if self.lines:
            value = value.replace("\r\n", "\n").replace("\r", "\n")
        if _has_control(value, self.lines):
            raise self.make_error("control")
        if self.required and not value:
            raise self.make_error("required")
        return unicodedata.normalize("NFC", value) if self.strip else value


class Choice(String):
    """One code out of `options`: an iterable of codes, or codes with their `Words` for people."""

    def __init__(self, options: Mapping[str, Words] | Iterable[str], **kwargs: Any):
        self.options = dict(options) if isinstance(options, Mapping) else {code: None for code in options}
        super().__init__(validate=[validate.OneOf(list(self.options)), *_given(kwargs.pop("validate", None))], **kwargs)


class Id(Worded, fields.String):
    """A row's id: digits in a string outside ("31"), an int inside."""

    default_error_messages = {
        "required": Worded.CHOOSE,
        "null": Worded.CHOOSE,
        "invalid": Words("沒有這一筆{label}", "There is no such {label}"),
    }

    def __init__(self, **kwargs: Any):
        kwargs["metadata"] = {"pattern": "^[0-9]{1,18}$", **(kwargs.get("metadata") or {})}
        super().__init__(**kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and _source.get() != "json":
            value = str(value)
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,18}", value):
            raise self.make_error("invalid")
        return int(value)


# ── Numbers ───────────────────────────────────────────────────────────────────


def _plain_number(text: str) -> str:
    """ "１,２００" as people type it → "1200"."""
    return unicodedata.normalize("NFKC", text).strip().replace(",", "")


class Integer(Worded, fields.Integer):
    """A whole number within the column's 32 bits unless `min` and `max` say otherwise. True is not 1, 1.0 is not 1."""

    LEAST, MOST = -BIGGEST_INTEGER, BIGGEST_INTEGER

    default_error_messages = {
        "invalid": Words("{label}要是整數", "{Label} must be a whole number"),
        "too_large": Words("{label}的數字太大", "{Label} is too large"),
    }

    def __init__(self, *, min: int | None = None, max: int | None = None, **kwargs: Any):  # noqa: A002 as in JSON Schema
        given = _given(kwargs.pop("validate", None))
        if not any(isinstance(v, (validate.Range, validate.OneOf)) for v in given):
            given.insert(
                0, validate.Range(min=self.LEAST if min is None else min, max=self.MOST if max is None else max)
            )
        super().__init__(strict=True, validate=given, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, str) and _source.get() != "json":
            value = _plain_number(value)
            if not re.fullmatch(r"[+-]?[0-9]+", value):
                raise self.make_error("invalid")
            if len(value) > 20:
                raise self.make_error("too_large")
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid")
        return value


class Money(Integer):
    """Whole NT$, from 0 to a thousand million unless said otherwise."""

    LEAST, MOST = 0, BIGGEST_MONEY

    default_error_messages = {
        "invalid": Words("{label}要是整數金額（元）", "{Label} must be whole NT dollars"),
    }


class Decimal(Worded, fields.Decimal):
    """A measured quantity (kWh, L, km) with at most `places` decimals: `Decimal` inside, a JSON number outside."""

    default_error_messages = {
        "invalid": Words("{label}要是數字", "{Label} must be a number"),
        "special": Words("{label}要是數字", "{Label} must be a number"),
        "places": Words("{label}最多 {places} 位小數", "{Label} may have {places} decimals at most"),
    }

    def __init__(self, *, decimals: int = 2, min: int | None = 0, max: int | None = BIGGEST_INTEGER, **kwargs: Any):  # noqa: A002
        self.decimals = decimals
        super().__init__(validate=[validate.Range(min=min, max=max), *_given(kwargs.pop("validate", None))], **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> float | None:
        return None if value is None else float(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> decimal.Decimal:
        if isinstance(value, str) and _source.get() != "json":
            value = _plain_number(value)
            if not re.fullmatch(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?", value):
                raise self.make_error("invalid")
        elif isinstance(value, bool) or not isinstance(value, (int, float, decimal.Decimal)):
            raise self.make_error("invalid")
        number = decimal.Decimal(str(value))
        if not number.is_finite():
            raise self.make_error("special")
        exponent = number.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self.decimals:
            raise self.make_error("places", places=self.decimals)
        return number


class Boolean(Worded, fields.Boolean):
    """Yes or no. A form's unticked box sends nothing: give `load_default=False`."""

    default_error_messages = {
        "required": Worded.CHOOSE,
        "null": Worded.CHOOSE,
        "invalid": Words("{label}請選是或否", "Answer yes or no: {label}"),
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        if _source.get() == "json" or not isinstance(value, (str, int)):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


# ── Time ──────────────────────────────────────────────────────────────────────


class Instant(Worded, fields.DateTime):
    """ISO 8601 with an offset outside (written on Taipei's clock, "+08:00"), an aware UTC datetime inside.

    In a form, a value without offset is Taipei's wall clock: that is what a person at City Hall means.
    """

    default_error_messages = {
        "required": Worded.CHOOSE,
        "null": Worded.CHOOSE,
        "invalid": Words("{label}要像 2026-11-23T08:30:00+08:00", "{Label} must look like 2026-11-23T08:30:00+08:00"),
        "offset": Words("{label}要寫明時區，例如 +08:00", "{Label} needs its offset from UTC, for example +08:00"),
        "year": Words("{label}的年份不在範圍內", "{Label}: the year is out of range"),
    }

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else local(value).isoformat()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if isinstance(value, str) and re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}", value):
            try:
                value = datetime.fromisoformat(value.upper())
            except ValueError:
                raise self.make_error("invalid") from None
        elif not isinstance(value, datetime):
            raise self.make_error("invalid")
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise self.make_error("year")
        if value.tzinfo is None:
            if _source.get() != "form":
                raise self.make_error("offset")
            value = value.replace(tzinfo=TAIPEI)
        return utc(value)


DateTime = Instant


class Date(Worded, fields.Date):
    """A calendar day, `YYYY-MM-DD`."""

    default_error_messages = {
        "required": Worded.CHOOSE,
        "null": Worded.CHOOSE,
        "invalid": Words("{label}要像 2026-11-23", "{Label} must look like 2026-11-23"),
        "year": Words("{label}的年份不在範圍內", "{Label}: the year is out of range"),
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value.strip()):
            raise self.make_error("invalid")
        try:
            day = date.fromisoformat(value.strip())
        except ValueError:
            raise self.make_error("invalid") from None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise self.make_error("year")
        return day


class Clock(Worded, fields.String):
    """A time of day on Taipei's clocks, "08:30" outside, a `time` inside."""

    default_error_messages = {
        "required": Worded.CHOOSE,
        "null": Worded.CHOOSE,
        "invalid": Words("{label}要像 08:30", "{Label} must look like 08:30"),
    }

    def __init__(self, **kwargs: Any):
        kwargs["metadata"] = {"pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", **(kwargs.get("metadata") or {})}
        super().__init__(**kwargs)

    def _serialize(self, value: time | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.strftime("%H:%M")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> time:
        if not isinstance(value, str) or not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value.strip()):
            raise self.make_error("invalid")
        return time.fromisoformat(value.strip())


# ── Shapes within shapes ──────────────────────────────────────────────────────


class List(Worded, fields.List):
    """Several of one field; at most 500 unless a `Length` says otherwise."""

    default_error_messages = {
        "required": Worded.CHOOSE,
        "null": Worded.CHOOSE,
        "invalid": Words("{label}要是一個清單", "{Label} must be a list"),
    }

    def __init__(self, inner: Any, *, max_length: int = 500, min_length: int | None = None, **kwargs: Any):
        given = _given(kwargs.pop("validate", None))
        if not any(isinstance(v, validate.Length) for v in given):
            given.insert(0, validate.Length(min=min_length, max=max_length))
        super().__init__(inner, validate=given, **kwargs)


class Nested(Worded, fields.Nested):
    """A shape within a shape."""


class Dict(Worded, fields.Dict):
    """A free JSON object."""

    default_error_messages = {"invalid": Words("{label}要是一個 JSON 物件", "{Label} must be a JSON object")}


class Raw(Worded, fields.Raw):
    """Any JSON value, as it comes."""
