"""Shapes taken in: JSON for the API, flat fields for the pages, queries."""

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
    PageQuery,
    Schema,
    String,
    Wrong,
    post_load,
    validates_schema,
)
from common.words import Words
from venues import vocabulary
from venues.refunds import CAUSES
from venues.slots import Chosen

SLOT_CODES = ("morning", "afternoon", "evening")


class SlotIn(Schema):
    """One slot of one day (S-03)."""

    date = Date(required=True, metadata={"label": Words("日期", "Date"), "example": "2026-12-12"})
    slot = Choice(SLOT_CODES, required=True, metadata={"label": Words("時段", "Slot"), "example": "morning"})

    @post_load
    def chosen(self, data: dict[str, Any], **_: Any) -> Chosen:
        return Chosen(data["date"], data["slot"])


class EquipmentIn(Schema):
    """So many pieces of one kind."""

    kind = String(required=True, max_length=20, metadata={"label": Words("設備", "Equipment"), "example": "stage"})
    quantity = Integer(required=True, min=1, max=20, metadata={"label": Words("數量", "Quantity"), "example": 1})


class Wanted(Schema):
    """Slots of one venue, and what goes with them."""

    venue_id = Id(required=True, metadata={"label": Words("場地", "Venue"), "example": "1"})
    slots = List(Nested(SlotIn), required=True, min_length=1, max_length=60, metadata={"label": Words("時段", "Slots")})
    applicant_class = Choice(
        vocabulary.CLASSES, load_default=None, allow_none=True,
        metadata={"label": Words("身分", "Class of applicant"), "example": "registered_body"},
    )  # fmt: skip
    equipment = List(
        Nested(EquipmentIn), load_default=list, max_length=10, metadata={"label": Words("借用設備", "Equipment")}
    )
    overtime_minutes = Integer(
        min=0, max=1440, load_default=0, metadata={"label": Words("逾時（分鐘）", "Overtime (minutes)"), "example": 130}
    )

    @post_load
    def counted(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        pieces: dict[str, int] = {}
        for row in data["equipment"]:
            pieces[row["kind"]] = pieces.get(row["kind"], 0) + row["quantity"]
        data["equipment"] = pieces
        return data


class QuoteIn(Wanted):
    """What a quote is asked for. Use and people matter only where the tariff names them."""

    event_kind = Choice(
        {"": None, **vocabulary.EVENT_KINDS}, load_default="",
        metadata={"label": Words("活動性質", "Kind of event"), "example": "文化"},
    )  # fmt: skip
    attendees = Integer(
        min=0, max=100000, load_default=0, metadata={"label": Words("預估人數", "Number of people"), "example": 120}
    )


class EventIn(Schema):
    """What is to happen at the venue."""

    event_name = String(
        required=True, max_length=60, metadata={"label": Words("活動名稱", "Event name"), "example": "社區音樂會"}
    )
    event_kind = Choice(
        vocabulary.EVENT_KINDS, required=True, metadata={"label": Words("活動性質", "Kind of event"), "example": "文化"}
    )
    attendees = Integer(
        required=True, min=1, max=100000, metadata={"label": Words("預估人數", "Number of people"), "example": 120}
    )
    charity_sale = Boolean(
        load_default=False,
        metadata={
            "label": Words("現場有義賣或募款", "Charity sale or fundraising"),
            "description": "needs its permit (S-31)",
        },
    )


class ApplyForBooking(Wanted, EventIn):
    """An application (S-12)."""

    event_plan = String(
        load_default="",
        max_length=4000,
        lines=True,
        metadata={"label": Words("活動企劃", "Event plan"), "example": "開場、演出、散場"},
    )
    undertakes = Boolean(
        load_default=False,
        metadata={
            "label": Words("已閱讀並遵守使用限制", "Limits of use read and undertaken"),
            "description": "the applicant read the limits of S-14 and S-15 and undertakes to keep them",
            "example": True,
        },
    )
    may_contest = Boolean(
        load_default=False,
        metadata={
            "label": Words("同時段有人申請也要參加", "Enter even if others applied"),
            "description": "slots that others applied for and that are not decided on are contested, not refused (S-30)",
            "example": False,
        },
    )
    emergency = String(
        load_default="",
        max_length=300,
        lines=True,
        metadata={
            "label": Words("緊急事由", "Emergency"),
            "description": "why it could not be foreseen; where the hall has that path it may come later (S-32)",
            "example": "",
        },
    )


class EventForm(EventIn):
    """The event as typed on the page; its plan travels in the address, so it is short there."""

    event_plan = String(required=True, max_length=300, lines=True, metadata={"label": Words("活動企劃", "Event plan")})


class WithRev(Schema):
    """An edit of a row somebody read."""

    rev = Integer(
        min=1, load_default=None, allow_none=True, metadata={"label": Words("版次", "Revision"), "example": 1}
    )


class AskForSupplement(WithRev):
    """What is missing, and until when it may be sent."""

    missing = String(
        required=True,
        max_length=500,
        lines=True,
        metadata={"label": Words("缺少的文件", "What is missing"), "example": "活動企劃書"},
    )
    due_on = Date(
        load_default=None, allow_none=True, metadata={"label": Words("補正期限", "Due date"), "example": "2026-11-30"}
    )


class SendSupplement(WithRev):
    """The papers asked for."""

    event_plan = String(
        required=True,
        max_length=4000,
        lines=True,
        metadata={"label": Words("補正內容", "The papers"), "example": "活動企劃如下……"},
    )


class Approve(WithRev):
    """An approval."""

    note = String(
        load_default="",
        max_length=500,
        lines=True,
        metadata={
            "label": Words("備註", "Note"),
            "description": "while papers are missing: why it is approved all the same (S-12)",
            "example": "文件於使用日前補齊",
        },
    )


class Reject(WithRev):
    """A rejection, with its reason."""

    reason = String(
        required=True,
        max_length=500,
        lines=True,
        metadata={"label": Words("駁回原因", "Reason"), "example": "活動性質不符（S-09）"},
    )


class RecordInsurance(WithRev):
    """The public liability policy (S-12)."""

    policy_number = String(
        required=True, max_length=60, metadata={"label": Words("保單號碼", "Policy number"), "example": "PL-2026-0001"}
    )


class RecordPayment(WithRev):
    """Fee and deposit came in, under one receipt."""

    receipt_number = String(
        required=True, max_length=60, metadata={"label": Words("收據號碼", "Receipt number"), "example": "R-115-00042"}
    )
    amount = Money(load_default=None, allow_none=True, metadata={"label": Words("金額", "Amount"), "example": 33750})


class Cancel(WithRev):
    """A cancellation. `shown` is the refund the person saw; another amount by now is refused with 409."""

    reason = String(
        load_default="",
        max_length=500,
        lines=True,
        metadata={"label": Words("取消原因", "Reason"), "example": "活動延期"},
    )
    cause = Choice(CAUSES, load_default="applicant", metadata={"label": Words("事由", "Cause"), "example": "applicant"})
    shown = Money(
        load_default=None, allow_none=True, metadata={"label": Words("顯示的退費", "Refund shown"), "example": 26875}
    )


# ── Asked ─────────────────────────────────────────────────────────────────────


class VenueQuery(Schema):
    """Which venues."""

    kind = Choice(
        ("hall", "ground", "room"), load_default=None, metadata={"label": Words("種類", "Kind"), "example": "hall"}
    )


class FreeSlotsQuery(Schema):
    """Where and when to look for free slots."""

    venue_id = Id(required=True, metadata={"label": Words("場地", "Venue"), "example": "1"})
    from_ = Date(required=True, data_key="from", metadata={"label": Words("起日", "From"), "example": "2026-12-01"})
    until = Date(required=True, metadata={"label": Words("迄日", "Until"), "example": "2026-12-31"})

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        if data["until"] < data["from_"]:
            raise Wrong(Words("迄日要在起日之後", "The last day must not be before the first"), "until")


class BookingQuery(PageQuery):
    """Which bookings."""

    status = Choice(
        vocabulary.STATUSES, load_default=None, metadata={"label": Words("狀態", "Status"), "example": "submitted"}
    )
    venue_id = Id(load_default=None, metadata={"label": Words("場地", "Venue"), "example": "1"})
    overdue = Boolean(
        load_default=False,
        metadata={
            "label": Words("逾期未決", "Decision overdue"),
            "description": "only those whose last day to decide has passed (S-36)",
            "example": False,
        },
    )


class RefundQuery(Schema):
    """Under which cause."""

    cause = Choice(CAUSES, load_default="applicant", metadata={"label": Words("事由", "Cause"), "example": "applicant"})


class EquipmentQuery(Schema):
    """For which time the free pieces are counted; without it, all pieces."""

    starts_at = Instant(
        load_default=None, metadata={"label": Words("開始時間", "Start"), "example": "2026-12-12T08:30:00+08:00"}
    )
    ends_at = Instant(
        load_default=None, metadata={"label": Words("結束時間", "End"), "example": "2026-12-12T12:30:00+08:00"}
    )
