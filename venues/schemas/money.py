"""Shapes of income, balances and payments to the treasury, taken in and given out."""

from typing import Any

from common.roc import HalfYear
from common.schemas import Choice, Date, Id, Instant, Integer, List, Nested, PageQuery, Schema, String, post_load
from common.words import Words
from venues import money, vocabulary

PERIOD: dict[str, Any] = {"label": Words("期間", "Period"), "example": "115H2"}


class IncomeQuery(Schema):
    """Which half-year of the Republic."""

    period = String(required=True, max_length=12, metadata=PERIOD)

    @post_load
    def parsed(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | {"period": HalfYear.parse(data["period"])}


class IncomeLineQuery(PageQuery, IncomeQuery):
    """The entries behind which figure."""

    venue_id = Id(load_default=None, metadata={"label": Words("場地", "Venue")})
    applicant_class = Choice(vocabulary.CLASSES, load_default=None, metadata={"label": Words("身分", "Class")})


class Remit(Schema):
    """A payment to the treasury of all income up to and including a day (S-17)."""

    until = Date(required=True, metadata={"label": Words("收入截止日", "Income until"), "example": "2026-11-20"})
    document_number = String(
        required=True, max_length=60, metadata={"label": Words("解繳書號", "Document number"), "example": "T-115-011"}
    )


# ── Given out ─────────────────────────────────────────────────────────────────


class MonthOut(Schema):
    """Income of one month, in whole NT$."""

    month = String(required=True, metadata={"example": "2026-07"})
    income = Integer(required=True)


class IncomeRowOut(Schema):
    """What one venue brought from one class of applicant."""

    venue_id = Id(required=True)
    applicant_class = Choice(vocabulary.CLASSES, required=True)
    sessions = Integer(required=True, metadata={"description": "events held (場次)"})
    months = List(Nested(MonthOut), required=True)
    income = Integer(required=True)


class IncomeOut(Schema):
    """Income and sessions of a half-year; the total is the sum of the rows, each the sum of its entries."""

    period = String(required=True, metadata={"example": "115H2"})
    rows = List(Nested(IncomeRowOut), required=True)
    sessions = Integer(required=True)
    total = Integer(required=True)


class EntryOut(Schema):
    """One entry: so many whole NT$ from the account `credit` to the account `debit`."""

    id = Id(required=True)
    booking_id = Id(required=True)
    at = Instant(required=True)
    kind = Choice(money.KINDS, required=True)
    debit = Choice(money.ACCOUNTS, required=True)
    credit = Choice(money.ACCOUNTS, required=True)
    amount = Integer(required=True)
    label = String(required=True)
    label_en = String(required=True)
    rule = String(required=True, min_length=0)
    document = String(required=True, min_length=0)


class AccountOut(Schema):
    """One account's turnover and balance (debits less credits), in whole NT$."""

    code = Choice(money.ACCOUNTS, required=True)
    debit = Integer(required=True)
    credit = Integer(required=True)
    balance = Integer(required=True)


class TrialBalanceOut(Schema):
    """All accounts; `difference`, debits less credits, is always 0."""

    items = List(Nested(AccountOut), required=True)
    difference = Integer(required=True, metadata={"example": 0})
    next = String(allow_none=True)


class HoldingOut(Schema):
    """Money of an applicant that the house holds for a booking, in whole NT$."""

    booking_id = Id(required=True)
    agency_id = Id(required=True)
    deposit = Integer(required=True)
    to_return = Integer(required=True)


class HoldingsOut(Schema):
    """Whose deposits and refunds the house holds now."""

    items = List(Nested(HoldingOut), required=True, max_length=5000)
    deposits = Integer(required=True)
    to_return = Integer(required=True)
    next = String(allow_none=True)


class RemittanceOut(Schema):
    """A payment to the treasury."""

    id = Id(required=True)
    document = String(required=True)
    until = Date(required=True)
    amount = Integer(required=True)
    entries = Integer(required=True)
    at = Instant(required=True)


class RemittancesOut(Schema):
    """All payments to the treasury, the newest first."""

    items = List(Nested(RemittanceOut), required=True, max_length=5000)
    next = String(allow_none=True)
