"""Shapes of reductions: proposed, decided, listed."""

from common.schemas import Choice, Id, Instant, Integer, Money, PageQuery, Schema, String
from common.words import Words
from venues.models.tariffs import REDUCTION_STATES
from venues.schemas.taken import WithRev
from venues.schemas.tariffs import rule_field
from venues.tariffs.model import MOST

PARTS = {"fee": Words("場地費", "Fee"), "deposit": Words("保證金", "Deposit")}
STATE_WORDS = dict(
    zip(
        REDUCTION_STATES,
        (
            Words("待決定", "Waiting"),
            Words("已核可", "Granted"),
            Words("未核可", "Refused"),
            Words("已撤回", "Withdrawn"),
        ),
        strict=True,
    )
)


class ProposeReduction(WithRev):
    """A waiver or reduction for one booking: percent or amount, with the rule and the reason. `rev` is the booking's."""

    part = Choice(PARTS, load_default="fee", metadata={"label": Words("減哪一項", "Off what"), "example": "fee"})
    percent = Integer(
        min=0, max=100, load_default=0, metadata={"label": Words("減百分之", "Percent off"), "example": 50}
    )
    amount = Money(max=MOST, load_default=0, metadata={"label": Words("減金額", "Amount off"), "example": 0})
    rule = rule_field()
    reason = String(
        required=True, max_length=300, lines=True,
        metadata={"label": Words("理由", "Reason"), "example": "與本府合辦之公益活動"},
    )  # fmt: skip


class GrantReduction(WithRev):
    """Granting it; `rev` is the reduction's."""

    decision = String(
        load_default="", max_length=300, lines=True, metadata={"label": Words("核可意見", "Remark"), "example": "同意"}
    )


class RefuseReduction(WithRev):
    """Refusing it, with the reason; `rev` is the reduction's."""

    decision = String(
        required=True,
        max_length=300,
        lines=True,
        metadata={"label": Words("不核可的理由", "Why not"), "example": "不符規定"},
    )


class WithdrawReduction(WithRev):
    """Taking one's own proposal back."""


class ReductionQuery(PageQuery):
    """Which reductions."""

    state = Choice(STATE_WORDS, load_default=None, metadata={"label": Words("狀態", "State"), "example": "proposed"})


class ReductionOut(Schema):
    """A reduction as it stands."""

    id = Id(required=True)
    rev = Integer(required=True)
    booking_id = Id(required=True)
    state = Choice(STATE_WORDS, required=True)
    part = Choice(PARTS, required=True)
    percent = Integer(required=True)
    amount = Integer(required=True)
    rule = String(required=True)
    reason = String(required=True, max_length=None)
    proposed_by_id = Id(required=True)
    proposed_at = Instant(required=True)
    decided_by_id = Id(allow_none=True)
    decided_at = Instant(allow_none=True)
    decision = String(required=True, min_length=0, max_length=None)
    total = Integer(
        required=True, attribute="booking.total", metadata={"description": "what the booking stands at now"}
    )
