"""Shapes of a hall's conditions of applying: its window, its limits, each with the rule it rests on."""

import re
from typing import Any

from common.errors import Invalid
from common.schemas import Boolean, Choice, Integer, List, Nested, Schema, String, post_load
from common.words import Words
from venues.tariffs.applying import LIMIT_RULES, LIMITS, WINDOW_KINDS, WINDOW_WORDS

RULE_PATTERN = "[A-Z]-[0-9]{2}"


def a_rule(text: str) -> None:
    """Raises Invalid for what is no rule's number; nothing is."""
    if text and not re.fullmatch(RULE_PATTERN, text):
        raise Invalid(Words("規則編號要像 S-04", "A rule’s number looks like S-04"))


def _rule(example: str) -> String:
    told = {"label": Words("依據", "Rule"), "example": example}
    return String(load_default="", max_length=10, validate=[a_rule], metadata=told)


def _sample() -> Boolean:
    return Boolean(load_default=False, metadata={"label": Words("示範值", "Sample"), "example": False})


class LimitIn(Schema):
    """One limit: its number (0: none), the rule it rests on, whether it is a sample."""

    n = Integer(min=0, max=1000, load_default=0, metadata={"label": Words("數字", "Number"), "example": 7})
    rule = _rule("S-31")
    sample = _sample()


class ApplicationWindowIn(Schema):
    """The days on which a day of use may be applied for; without a kind the place's own months and days hold (S-10, S-11)."""

    kind = Choice(
        {"": None, **WINDOW_WORDS}, load_default="", metadata={"label": Words("算法", "Counted"), "example": "days"}
    )
    opens = Integer(min=0, max=1000, load_default=0, metadata={"label": Words("開放", "Opens"), "example": 30})
    closes = Integer(min=0, max=365, load_default=0, metadata={"label": Words("截止", "Closes"), "example": 15})
    free = List(
        String(max_length=40, metadata={"example": "city_agency"}), load_default=list, max_length=10,
        metadata={"label": Words("不受開放日限制的身分", "Classes free of the opening day"), "example": ["city_agency"]},
    )  # fmt: skip
    rule = _rule("S-31")
    sample = _sample()


def _limit(name: str) -> Nested:
    example = {"n": 7, "rule": LIMIT_RULES[name], "sample": False}
    return Nested(LimitIn, load_default=dict, metadata={"label": LIMITS[name], "example": example})


class ApplyingIn(Schema):
    """What the hall's own rule says about applying, beside the price; what is 0 or empty is off."""

    window = Nested(ApplicationWindowIn, load_default=dict, metadata={"label": Words("受理期間", "Window")})
    emergency = _limit("emergency")
    month_days = _limit("month_days")
    running_days = _limit("running_days")
    series_months = _limit("series_months")
    decide_days = _limit("decide_days")

    @post_load
    def as_data(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """As a tariff's data keeps it: what is off is left out."""
        window = data.pop("window")
        told = {name: limit for name, limit in data.items() if limit.get("n")}
        return told | ({"window": window} if window.get("kind") else {})


class LimitOut(Schema):
    """One limit; `n` is 0 where there is none."""

    n = Integer(required=True)
    rule = String(required=True, min_length=0, metadata={"example": "S-31"})
    sample = Boolean(required=True)


class ApplicationWindowOut(Schema):
    """A hall's own window; `kind` is empty where the place's months and days hold (S-10, S-11)."""

    kind = Choice({"": None, **WINDOW_WORDS}, required=True)
    opens = Integer(
        required=True,
        metadata={"description": f"what it counts, `kind` says: {', '.join(WINDOW_KINDS)} (before the half-year)"},
    )
    closes = Integer(required=True, metadata={"description": "days before the day of use"})
    free = List(String(), required=True, metadata={"description": "classes that may apply however early (S-31)"})
    rule = String(required=True, min_length=0)
    sample = Boolean(required=True)


class ApplyingOut(Schema):
    """The conditions of applying in a tariff version."""

    window = Nested(ApplicationWindowOut, required=True)
    emergency = Nested(LimitOut, required=True)
    month_days = Nested(LimitOut, required=True)
    running_days = Nested(LimitOut, required=True)
    series_months = Nested(LimitOut, required=True)
    decide_days = Nested(LimitOut, required=True)
