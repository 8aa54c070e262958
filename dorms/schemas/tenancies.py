"""Shapes of stays: contracts, handing over and back, clocks of moving out, what is deducted."""

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
    post_load,
)
from common.words import Words
from dorms import stays
from dorms.schemas.given import RoomOut, TenancyOut
from dorms.schemas.taken import WithRev


class RecordContract(WithRev):
    """A notarised contract (D-11)."""

    number = String(
        required=True,
        max_length=60,
        metadata={"label": Words("公證書字號", "Contract number"), "example": "115北院民公0123"},
    )
    notary = String(
        required=True, max_length=80, metadata={"label": Words("公證人", "Notary"), "example": "臺北地方法院公證處"}
    )
    notarised_on = Date(required=True, metadata={"label": Words("公證日", "Notarised on"), "example": "2026-11-23"})
    paid_by = Choice(
        stays.PAYERS,
        load_default=stays.BORROWER,
        metadata={"label": Words("公證費", "Notary fee"), "example": "borrower"},
    )


class ExtendSigning(WithRev):
    """More time to sign, approved beforehand (D-18)."""

    until = Date(required=True, metadata={"label": Words("新期限", "New deadline"), "example": "2026-12-20"})
    reason = String(required=True, max_length=200, metadata={"label": Words("理由", "Reason"), "example": "住院中"})


class HandedOver(Schema):
    """One line of the list of furniture as the room is handed over."""

    name = String(required=True, max_length=60, metadata={"label": Words("品名", "Item"), "example": "書桌"})
    quantity = Integer(required=True, min=1, max=999, metadata={"label": Words("數量", "Quantity"), "example": 1})
    condition = Choice(
        [stays.GOOD, stays.WORN, stays.DAMAGED],
        load_default=stays.GOOD,
        metadata={"label": Words("狀況", "Condition"), "example": "good"},
    )
    remark = String(load_default="", max_length=200, metadata={"label": Words("備註", "Remark"), "example": ""})


class MoveIn(WithRev):
    """Handing over and moving in, not before the contract is notarised (D-11)."""

    moved_in_on = Date(required=True, metadata={"label": Words("遷入日", "Moved in on"), "example": "2026-11-23"})
    items = List(
        Nested(HandedOver),
        load_default=list,
        max_length=100,
        metadata={"label": Words("點交清單", "List of furniture")},
    )


class HandedOverForm(HandedOver):
    """The same from the page, where the usual furniture stands already: a line without a quantity is not there."""

    quantity = Integer(load_default=0, min=0, max=999, metadata={"label": Words("數量", "Quantity"), "example": 1})


class MoveInForm(MoveIn):
    """Handing over by page."""

    items = List(Nested(HandedOverForm), load_default=list, metadata={"label": Words("點交清單", "List of furniture")})

    @post_load
    def leave_out_what_is_not_there(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data["items"] = [item for item in data["items"] if item["quantity"]]
        return data


class AgreeInventory(WithRev):
    """The borrower confirms the list, or says what is different."""

    remark = String(
        load_default="", max_length=500, metadata={"label": Words("不同之處", "What is different"), "example": ""}
    )


class SetPay(WithRev):
    """What is deducted from a day on (D-30, D-31)."""

    since = Date(required=True, metadata={"label": Words("起日", "From"), "example": "2026-12-01"})
    grade = Integer(required=True, min=1, max=14, metadata={"label": Words("職等", "Grade"), "example": 7})
    deducted = Boolean(
        load_default=True, metadata={"label": Words("扣房租津貼", "Deduct the allowance"), "example": True}
    )
    reason = String(
        load_default="",
        max_length=150,
        metadata={"label": Words("首長核准文號或理由", "The head’s approval, or the reason"), "example": ""},
    )


class StartMoveOut(WithRev):
    """Why somebody has to move out, from which day the time runs. `leave_by` only for D-46, where the rules name no time."""

    cause = Choice(
        stays.CAUSE_WORDS, required=True, metadata={"label": Words("原因", "Cause"), "example": "retirement"}
    )
    since = Date(required=True, metadata={"label": Words("生效日", "From"), "example": "2026-11-23"})
    leave_by = Date(
        load_default=None, allow_none=True, metadata={"label": Words("遷出期限", "Move out by"), "example": None}
    )
    reason = String(
        load_default="",
        max_length=500,
        metadata={"label": Words("說明", "Reason"), "example": "115 年 11 月 23 日退休"},
    )


class ExtendMoveOut(WithRev):
    """More time to move out, by an approval."""

    leave_by = Date(required=True, metadata={"label": Words("新期限", "New day"), "example": "2027-05-31"})
    approval = String(
        required=True, max_length=80, metadata={"label": Words("核准文號", "Approval"), "example": "115 秘字第 0912 號"}
    )
    reason = String(required=True, max_length=300, metadata={"label": Words("理由", "Reason"), "example": "待產"})


class StopMoveOut(WithRev):
    """Nobody has to move out any more."""

    reason = String(
        required=True, max_length=300, metadata={"label": Words("理由", "Reason"), "example": "調職命令撤銷"}
    )


class StopMoveOutForm(WithRev):
    """The same from the page, where another form stands beside it with a reason of its own."""

    reason = String(
        required=True, max_length=300, data_key="stop_reason", metadata={"label": Words("終止的理由", "Reason to stop")}
    )


class CameBack(Schema):
    """How one line of the list came back."""

    item_id = Id(required=True, metadata={"label": Words("項目", "Item"), "example": "1"})
    quantity = Integer(required=True, min=0, max=999, metadata={"label": Words("數量", "Quantity"), "example": 1})
    condition = Choice(
        stays.CONDITIONS, load_default=stays.GOOD, metadata={"label": Words("狀況", "Condition"), "example": "good"}
    )
    remark = String(load_default="", max_length=200, metadata={"label": Words("備註", "Remark"), "example": ""})


class BuiltThere(Schema):
    """Something the borrower built, which stays (D-42)."""

    name = String(
        required=True, max_length=60, metadata={"label": Words("自費增設", "Built there"), "example": "系統櫃"}
    )
    quantity = Integer(load_default=1, min=1, max=999, metadata={"label": Words("數量", "Quantity"), "example": 1})
    remark = String(load_default="", max_length=200, metadata={"label": Words("備註", "Remark"), "example": ""})


class HandBack(WithRev):
    """Handing back, every line of the list once (D-42)."""

    handed_back_on = Date(required=True, metadata={"label": Words("點交日", "Handed back on"), "example": "2026-11-23"})
    room_state = Choice(
        stays.ROOM_AFTER, required=True, metadata={"label": Words("房間改為", "The room is then"), "example": "to_let"}
    )
    items = List(
        Nested(CameBack), load_default=list, max_length=200, metadata={"label": Words("點交清單", "List of furniture")}
    )
    self_built = List(
        Nested(BuiltThere),
        load_default=list,
        max_length=50,
        metadata={"label": Words("自費增設，留歸機關", "Built there, stays with the agency")},
    )
    note = String(load_default="", max_length=500, metadata={"label": Words("點交說明", "Note"), "example": ""})


class TenancyQuery(PageQuery):
    """Which stays: of one state, overdue, or all that run."""

    show = Choice(
        [*stays.STATES, "overdue"],
        load_default=None,
        metadata={"label": Words("狀態", "State"), "example": "overdue"},
    )


class PayrollQuery(PageQuery):
    """Which month."""

    month = String(required=True, max_length=7, metadata={"label": Words("月份", "Month"), "example": "2026-11"})


class InventoryOut(Schema):
    """One line of the list of furniture."""

    id = Id(required=True)
    name = String(required=True)
    self_built = Boolean(required=True)
    quantity = Integer(required=True)
    condition = String(required=True)
    remark = String(required=True, min_length=0)
    quantity_back = Integer(allow_none=True)
    condition_back = String(allow_none=True)
    remark_back = String(required=True, min_length=0)
    differs = Boolean(required=True)


class ContractOut(Schema):
    """A notarised contract."""

    number = String(required=True)
    notary = String(required=True)
    notarised_on = Date(required=True)
    paid_by = String(required=True)
    renewal = Boolean(required=True)
    stay_from = Date(required=True)
    stay_until = Date(required=True)


class StepOut(Schema):
    """One thing that happened in a stay."""

    at = Instant(required=True)
    kind = String(required=True)
    date = Date(allow_none=True, attribute="day")
    cause = String(allow_none=True)
    note = String(required=True, min_length=0, max_length=None)


class StayOut(TenancyOut):
    """A stay with its contracts, its list of furniture and its story."""

    person_id = Id(required=True)
    room = Nested(RoomOut, required=True, only=("id", "number", "building", "kind", "floor", "accessible"))
    status = String(required=True, attribute="state")
    sign_by = Instant(allow_none=True)
    moved_in_on = Date(allow_none=True)
    leaving = String(allow_none=True, metadata={"description": "the cause of the clock that runs (D-45)"})
    leave_by = Date(allow_none=True)
    due_on = Date(required=True, metadata={"description": "last day to hand back: by the clock, else the term"})
    ended_on = Date(allow_none=True)
    contracts = List(Nested(ContractOut), required=True)
    items = List(Nested(InventoryOut), required=True)
    story = List(Nested(StepOut), required=True)


class PayrollLineOut(Schema):
    """One stay in one month. `allowance` is null while the grade is not entered."""

    tenancy_id = Id(required=True, attribute="tenancy.id")
    person_id = Id(required=True, attribute="tenancy.person_id")
    room = String(required=True, attribute="tenancy.room.words.zh")
    first = Date(required=True)
    last = Date(required=True)
    days = Integer(required=True)
    grade = Integer(allow_none=True)
    exempt = Boolean(required=True, metadata={"description": "not deducted, by the head’s approval (D-30)"})
    allowance = Money(allow_none=True)
    fee = Money(required=True)
    total = Money(required=True)
