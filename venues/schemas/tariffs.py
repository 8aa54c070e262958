"""Shapes of tariffs: rates with their conditions, waivers, ladder, pay-by rule; versions and previews; the calendar.

One shape serves the form, the JSON interface and the file that is taken out and in: what `TariffVersionOut` gives,
`SaveTariff` takes.
"""

from typing import Any

from common.schemas import (
    Boolean,
    Choice,
    Date,
    Id,
    Instant,
    Integer,
    List,
    Money,
    Nested,
    Schema,
    String,
    Wrong,
    post_load,
    validates_schema,
)
from common.words import Words
from venues import vocabulary
from venues.refunds import CAUSES
from venues.schemas.applying import ApplyingIn, ApplyingOut, a_rule
from venues.schemas.given import LineOut, RateOut
from venues.tariffs.calendar import MARK_WORDS
from venues.tariffs.model import MOST
from venues.tariffs.paying import PAY_KINDS
from venues.tariffs.wording import KIND_WORDS, PER_WORDS

ORDINARY = {"ordinary": Words("不放假（更正）", "Ordinary day (corrected)")}


def rule_field(**more: Any) -> String:
    """The number of the rule an amount rests on."""
    told = {"label": Words("依據", "Rule"), "example": "S-04", "pattern": "^[A-Z]-[0-9]{2}$"}
    return String(required=True, max_length=10, validate=[a_rule], metadata=told, **more)


def _codes(words: Words, example: str, **more: Any) -> List:
    inner = String(max_length=40, metadata={"example": example})
    return List(inner, load_default=list, max_length=30, metadata={"label": words, "example": [example], **more})


def _text(words: Words, example: str = "", length: int = 60, **more: Any) -> String:
    told = {"label": words, **({"example": example} if example else {})}
    return String(load_default="", max_length=length, metadata=told, **more)


class RateIn(Schema):
    """One row: so much for each of what it counts, when its conditions hold (an empty condition holds for all)."""

    kind = Choice(KIND_WORDS, required=True, metadata={"label": Words("種類", "Kind"), "example": "slot"})
    amount = Money(required=True, max=MOST, metadata={"label": Words("金額", "Amount"), "example": 5000})
    per = Choice(
        {"": None, **PER_WORDS}, load_default="", metadata={"label": Words("計算", "Counted"), "example": "slot"}
    )
    of = _text(Words("代號", "Code"), length=20)
    label = _text(Words("名稱", "Name in Chinese"), "例假日")
    label_en = _text(Words("英文名稱", "Name in English"), "weekends")
    rule = rule_field()
    sample = Boolean(load_default=False, metadata={"label": Words("示範值", "Sample"), "example": False})
    parts = _codes(Words("場地分區", "Parts"), "civic-plaza-renai", description="parts of the venue, by code")
    events = _codes(Words("活動性質", "Uses"), "文化")
    classes = _codes(Words("身分", "Classes"), "registered_body")
    days = _codes(Words("日別", "Kinds of day"), "saturday", description="weekday, saturday, sunday, holiday (C-05)")
    slots = _codes(Words("時段", "Slots"), "morning")
    season_from = _text(Words("季節起", "Season from"), "07-01", 5)
    season_until = _text(Words("季節迄", "Season until"), "08-31", 5)
    band_from = _text(Words("時間起", "Hours from"), "", 5)
    band_until = _text(Words("時間迄", "Hours until"), "", 5)

    @validates_schema
    def both_ends(self, data: dict[str, Any], **_: Any) -> None:
        for name in ("season", "band"):
            if bool(data[f"{name}_from"]) != bool(data[f"{name}_until"]):
                raise Wrong(Words("起和迄要一起填", "Give both ends"), f"{name}_until")

    @post_load
    def as_data(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The row as a tariff's data keeps it."""
        row = {name: data[name] for name in ("kind", "amount", "rule", "sample")}
        row |= {name: data[name] for name in ("of", "per", *CONDITIONS) if data[name]}
        row |= {
            name: [data[f"{name}_from"], data[f"{name}_until"]] for name in ("season", "band") if data[f"{name}_from"]
        }
        label = [data["label"], data["label_en"] or data["label"]]
        return row | ({"label": label} if any(label) else {})


CONDITIONS = ("parts", "events", "classes", "days", "slots")


class WaiverIn(Schema):
    """Who pays less or nothing: a percentage or an amount off."""

    classes = _codes(Words("身分", "Classes"), "city_agency")
    events = _codes(Words("活動性質", "Uses"), "公益")
    weeks = Integer(
        min=0, max=60, load_default=0, metadata={"label": Words("連續幾週以上", "Weeks running"), "example": 0}
    )
    percent = Integer(
        min=0, max=100, load_default=0, metadata={"label": Words("減百分之", "Percent off"), "example": 100}
    )
    amount = Money(max=MOST, load_default=0, metadata={"label": Words("減金額", "Amount off"), "example": 0})
    on = _codes(Words("只減哪些項目", "Only off these kinds"), "slot")
    deposit = Boolean(
        load_default=False, metadata={"label": Words("保證金也免", "Deposit waived too"), "example": True}
    )
    label = String(
        required=True, max_length=60, metadata={"label": Words("名稱", "Name in Chinese"), "example": "本府免收"}
    )
    label_en = _text(Words("英文名稱", "Name in English"), "City agencies pay nothing")
    rule = rule_field()
    sample = Boolean(load_default=False, metadata={"label": Words("示範值", "Sample"), "example": False})

    @post_load
    def as_data(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The row as a tariff's data keeps it."""
        data["label"] = [data["label"], data.pop("label_en") or data["label"]]
        return {
            name: value for name, value in data.items() if value or name in ("classes", "percent", "deposit", "sample")
        }


class StepIn(Schema):
    """So many percent of the fee when cancelled so many days before, or earlier."""

    days = Integer(required=True, min=0, max=400, metadata={"label": Words("幾天前", "Days before"), "example": 10})
    percent = Integer(
        required=True, min=0, max=100, metadata={"label": Words("退百分之", "Percent back"), "example": 100}
    )


class LadderIn(Schema):
    """What a cancellation returns; `always` are causes that return everything however late."""

    steps = List(Nested(StepIn), load_default=list, max_length=12, metadata={"label": Words("退費級距", "Steps")})
    always = List(
        Choice(CAUSES), load_default=lambda: ["government_need", "force_majeure"], max_length=3,
        metadata={"label": Words("一律全退的事由", "Causes that return all"), "example": ["force_majeure"]},
    )  # fmt: skip
    rule = rule_field()
    always_rule = rule_field()
    sample = Boolean(load_default=False, metadata={"label": Words("示範值", "Sample"), "example": True})


class PayIn(Schema):
    """Until when an approved booking has to be paid."""

    kind = Choice(PAY_KINDS, required=True, metadata={"label": Words("算法", "Counted"), "example": "working_days"})
    days = Integer(required=True, min=0, max=365, metadata={"label": Words("天數", "Days"), "example": 3})
    rule = rule_field()
    sample = Boolean(load_default=False, metadata={"label": Words("示範值", "Sample"), "example": True})


class TariffIn(Schema):
    """A version as it is typed, sent or taken in from a file."""

    effective_from = Date(required=True, metadata={"label": Words("生效日", "Valid from"), "example": "2027-01-01"})
    note = String(
        load_default="",
        max_length=300,
        lines=True,
        metadata={"label": Words("修訂說明", "Why"), "example": "調整例假日費率"},
    )
    rates = List(Nested(RateIn), required=True, min_length=1, max_length=80, metadata={"label": Words("費率", "Rates")})
    waivers = List(Nested(WaiverIn), load_default=list, max_length=30, metadata={"label": Words("減免", "Waivers")})
    refunds = Nested(LadderIn, required=True, metadata={"label": Words("退費", "Refunds")})
    pay = Nested(PayIn, required=True, metadata={"label": Words("繳費期限", "Payment")})
    applying = Nested(ApplyingIn, load_default=dict, metadata={"label": Words("申請條件", "Conditions of applying")})


class PreviewTariff(TariffIn):
    """A version to look at before it is saved."""


class SaveTariff(TariffIn):
    """A version to save. `shown` is the `token` of the preview that was seen."""

    shown = String(
        required=True, max_length=40, metadata={"label": Words("預覽", "Preview"), "example": "5d41402abc4b2a76"}
    )
    requote = Boolean(
        load_default=False,
        metadata={"label": Words("未核定的申請重新計價", "Quote undecided applications anew"), "example": False},
    )


class SaveForm(Schema):
    """What the preview page sends beside the version itself."""

    shown = String(required=True, max_length=40, metadata={"label": Words("預覽", "Preview")})
    requote = Boolean(load_default=False, metadata={"label": Words("重新計價", "Quote anew")})


class WithdrawTariff(Schema):
    """Taking back a version that is still to come."""

    reason = String(
        required=True, max_length=300, lines=True, metadata={"label": Words("原因", "Reason"), "example": "改期實施"}
    )


# ── Given ─────────────────────────────────────────────────────────────────────


class TariffWaiverOut(Schema):
    """Who pays less or nothing."""

    classes = List(String(), required=True)
    events = List(String(), required=True)
    weeks = Integer(required=True)
    percent = Integer(required=True)
    amount = Integer(required=True)
    on = List(String(), required=True)
    deposit = Boolean(required=True)
    label = String(required=True)
    label_en = String(required=True)
    rule = String(required=True)
    sample = Boolean(required=True)


class StepOut(Schema):
    """One step of a refund ladder."""

    days = Integer(required=True)
    percent = Integer(required=True)


class LadderOut(Schema):
    """A refund ladder."""

    steps = List(Nested(StepOut), required=True)
    always = List(String(), required=True)
    rule = String(required=True)
    always_rule = String(required=True)
    sample = Boolean(required=True)


class PayOut(Schema):
    """A pay-by rule."""

    kind = Choice(PAY_KINDS, required=True)
    days = Integer(required=True)
    rule = String(required=True)
    sample = Boolean(required=True)


class TariffVersionOut(Schema):
    """One version of a venue's tariff, whole."""

    id = Id(required=True)
    venue_id = Id(required=True)
    version = String(required=True, metadata={"example": "116-01-01"})
    effective_from = Date(required=True)
    in_force = Boolean(required=True, metadata={"description": "whether applications made today are priced by it"})
    note = String(required=True, min_length=0, max_length=None)
    saved_at = Instant(allow_none=True)
    rates = List(Nested(RateOut), required=True)
    waivers = List(Nested(TariffWaiverOut), required=True)
    refunds = Nested(LadderOut, required=True)
    pay = Nested(PayOut, required=True)
    applying = Nested(ApplyingOut, required=True)


class TariffVersionsOut(Schema):
    """All versions of a venue, the newest first."""

    items = List(Nested(TariffVersionOut), required=True)
    next = String(allow_none=True)


class ApplicationTouchedOut(Schema):
    """An open application and what the version would make of it, in whole NT$."""

    booking_id = Id(required=True, attribute="booking.id")
    number = String(required=True, attribute="booking.number")
    status = Choice(vocabulary.STATUSES, required=True, attribute="booking.status")
    total = Integer(required=True, attribute="booking.total", metadata={"description": "what it stands at now"})
    new_total = Integer(required=True, attribute="total")
    difference = Integer(required=True)
    undecided = Boolean(
        required=True, metadata={"description": "whether `requote` would change it; others keep their price"}
    )
    lines = List(Nested(LineOut), required=True, metadata={"description": "the new lines"})


class TariffPreviewOut(Schema):
    """What a version would touch; `token` goes into `shown` of saveTariff."""

    token = String(required=True)
    version = String(required=True)
    touched = List(Nested(ApplicationTouchedOut), required=True, max_length=100_000)


class TariffWithdrawnOut(Schema):
    """A version that was withdrawn before its day."""

    venue_id = Id(required=True)
    version = String(required=True)
    effective_from = Date(required=True)
    reason = String(required=True, max_length=None)
    withdrawn_at = Instant(required=True)


# ── The government's calendar ────────────────────────────────────────────────


class CalendarQuery(Schema):
    """Which year."""

    year = Integer(required=True, min=2012, max=2099, metadata={"label": Words("年", "Year"), "example": 2026})


class CalendarDayOut(Schema):
    """A day that differs from its weekday."""

    date = Date(required=True, attribute="day")
    kind = Choice({**MARK_WORDS, **ORDINARY}, required=True, metadata={"example": "substitute"})
    name = String(required=True)
    name_en = String(required=True)
    source = String(
        required=True, min_length=0, metadata={"description": "the package it came from; empty: an administrator"}
    )
    reason = String(required=True, min_length=0, max_length=None)
    rev = Integer(required=True)


class CalendarOut(Schema):
    """The marked days of one year, and how many days the offices rest in it (C-05)."""

    items = List(Nested(CalendarDayOut), required=True)
    next = String(allow_none=True)
    days_off = Integer(required=True, metadata={"example": 120})


class FillCalendar(Schema):
    """The year that is taken in from the package."""

    year = Integer(required=True, min=2012, max=2099, metadata={"label": Words("年（西元）", "Year"), "example": 2027})


class SetDay(Schema):
    """A day that is added or corrected."""

    day = Date(required=True, metadata={"label": Words("日期", "Date"), "example": "2026-07-10"})
    kind = Choice(MARK_WORDS, required=True, metadata={"label": Words("種類", "Kind"), "example": "closure"})
    name = String(
        required=True, max_length=40, metadata={"label": Words("名稱", "Name in Chinese"), "example": "颱風停止上班"}
    )
    name_en = String(
        required=True, max_length=60, metadata={"label": Words("英文名稱", "Name in English"), "example": "Typhoon"}
    )
    reason = String(
        required=True, max_length=300, lines=True, metadata={"label": Words("原因", "Reason"), "example": "府公告"}
    )
    rev = Integer(min=1, load_default=None, allow_none=True, metadata={"label": Words("版次", "Revision")})


class RemoveDay(Schema):
    """A day that becomes ordinary again."""

    reason = String(
        required=True, max_length=300, lines=True, metadata={"label": Words("原因", "Reason"), "example": "誤植"}
    )
    rev = Integer(min=1, load_default=None, allow_none=True, metadata={"label": Words("版次", "Revision")})
