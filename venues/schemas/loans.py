"""Shapes of things lent by the count and of their loans."""

from typing import Any

from common.schemas import (
    Boolean,
    Choice,
    Date,
    Id,
    Instant,
    Integer,
    List,
    Nested,
    PageQuery,
    Schema,
    String,
    post_load,
)
from common.words import Words
from venues.lending import MOST_STOCK
from venues.loans import Back
from venues.schemas.taken import WithRev
from venues.terms import LOAN_STATES

THING = {"label": Words("物品", "Thing"), "example": "1"}
DAY = {"label": Words("開始日", "First day"), "example": "2026-12-12"}


class LoanItemIn(Schema):
    """So many of one thing."""

    thing_id = Id(required=True, metadata=THING)
    quantity = Integer(min=0, max=10_000, load_default=0, metadata={"label": Words("數量", "Quantity"), "example": 2})


class _Counted(Schema):
    items = List(Nested(LoanItemIn), required=True, max_length=100, metadata={"label": Words("物品", "Things")})

    @post_load
    def counted(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        wanted: dict[int, int] = {}
        for row in data["items"]:
            wanted[row["thing_id"]] = wanted.get(row["thing_id"], 0) + row["quantity"]
        return {**data, "items": wanted}


class RequestLoan(_Counted):
    """A wish to borrow, from one day to another, both included."""

    starts_on = Date(required=True, metadata=DAY)
    ends_on = Date(required=True, metadata={"label": Words("最後一天", "Last day"), "example": "2026-12-13"})
    purpose = String(required=True, max_length=120, metadata={"label": Words("用途", "Purpose"), "example": "里民活動"})


class ApproveLoan(WithRev):
    """An approval."""

    reason = String(
        load_default="", max_length=500, lines=True, metadata={"label": Words("備註", "Note"), "example": ""}
    )


class RejectLoan(WithRev):
    """A rejection, with its reason."""

    reason = String(
        required=True, max_length=500, lines=True, metadata={"label": Words("原因", "Reason"), "example": "用途不符"}
    )


class CancelLoan(WithRev):
    """Calling a loan off."""


class HandOutLoan(_Counted, WithRev):
    """How many of each thing were handed out."""


class BackIn(Schema):
    """How many of one thing came back whole, came back damaged, or are lost."""

    thing_id = Id(required=True, metadata=THING)
    good = Integer(min=0, max=10_000, load_default=0, metadata={"label": Words("完好", "Whole"), "example": 2})
    damaged = Integer(min=0, max=10_000, load_default=0, metadata={"label": Words("損壞", "Damaged"), "example": 0})
    missing = Integer(min=0, max=10_000, load_default=0, metadata={"label": Words("遺失", "Missing"), "example": 0})


class TakeBackLoan(WithRev):
    """What came back; may be done in several goes."""

    items = List(Nested(BackIn), required=True, max_length=100, metadata={"label": Words("物品", "Things")})

    @post_load
    def counted(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        rows = {row["thing_id"]: Back(row["good"], row["damaged"], row["missing"]) for row in data.pop("items")}
        return {**data, "counts": rows}


class AddLentThing(Schema):
    """A new kind of thing."""

    code = String(required=True, max_length=20, metadata={"label": Words("代碼", "Code"), "example": "easel"})
    name = String(required=True, max_length=40, metadata={"label": Words("名稱", "Name"), "example": "畫架"})
    name_en = String(
        required=True, max_length=40, metadata={"label": Words("英文名稱", "English name"), "example": "Easel"}
    )
    unit = String(required=True, max_length=10, metadata={"label": Words("單位", "Unit"), "example": "座"})
    unit_en = String(
        required=True, max_length=10, metadata={"label": Words("英文單位", "English unit"), "example": "easel"}
    )
    most = Integer(
        required=True, min=1, max=10_000, metadata={"label": Words("一次最多", "At most a loan"), "example": 10}
    )
    quantity = Integer(
        required=True, min=0, max=MOST_STOCK, metadata={"label": Words("數量", "How many"), "example": 20}
    )
    valid_from = Date(
        load_default=None, allow_none=True, metadata={"label": Words("生效日", "From"), "example": "2026-12-01"}
    )


class SetLentStock(WithRev):
    """How many there are from a day on."""

    quantity = Integer(
        required=True, min=0, max=MOST_STOCK, metadata={"label": Words("數量", "How many"), "example": 60}
    )
    valid_from = Date(required=True, metadata={"label": Words("生效日", "From"), "example": "2099-01-01"})
    reason = String(load_default="", max_length=200, metadata={"label": Words("原因", "Reason"), "example": "新購"})


class LentThingQuery(PageQuery):
    """For which days the free numbers are told (both included)."""

    starts_on = Date(load_default=None, metadata=DAY)
    ends_on = Date(load_default=None, metadata={"label": Words("最後一天", "Last day"), "example": "2026-12-13"})


class LoanQuery(PageQuery):
    """Which loans."""

    status = Choice(LOAN_STATES, load_default=None, metadata={"label": Words("狀態", "State"), "example": "requested"})


# ── Given ─────────────────────────────────────────────────────────────────────


class LentThingOut(Schema):
    """A thing, how many there are, and how many are free throughout the days asked about."""

    id = Id(required=True)
    code = String(required=True)
    name = String(required=True)
    name_en = String(required=True)
    unit = String(required=True)
    most = Integer(required=True)
    stock = Integer(required=True, metadata={"description": "how many there are on the first day asked about"})
    free = Integer(required=True)
    overdue = Integer(required=True, metadata={"description": "should be back and are not; not free until they are"})
    active = Boolean(required=True)
    rev = Integer(required=True)


class LentThingsOut(Schema):
    """What is lent."""

    items = List(Nested(LentThingOut), required=True)
    next = String(allow_none=True)


class LoanItemOut(Schema):
    """One thing of a loan."""

    thing_id = Id(required=True)
    quantity = Integer(required=True)
    handed_out = Integer(required=True)
    good = Integer(required=True)
    damaged = Integer(required=True)
    missing = Integer(required=True)
    still_out = Integer(required=True)


class LoanOut(Schema):
    """A loan."""

    id = Id(required=True)
    number = String(required=True)
    status = Choice(LOAN_STATES, required=True)
    agency_id = Id(required=True)
    applicant_id = Id(required=True)
    purpose = String(required=True)
    starts_on = Date(required=True)
    ends_on = Date(required=True)
    requested_at = Instant(required=True)
    handed_out_at = Instant(allow_none=True)
    returned_at = Instant(allow_none=True)
    reason = String(required=True, min_length=0, max_length=None)
    items = List(Nested(LoanItemOut), required=True)
    rev = Integer(required=True)
