"""Shapes of checks of points, objections and rankings published anew."""

from common.schemas import Decimal, Id, Instant, Integer, Schema, String
from common.words import Words
from dorms.schemas.taken import WithRev


class CheckPoints(Schema):
    """One line of points held against the papers: without `points` it is as claimed."""

    item = String(required=True, max_length=20, metadata={"label": Words("項目", "Item"), "example": "seniority"})
    points = Decimal(
        load_default=None,
        allow_none=True,
        max=999,
        metadata={"label": Words("核定分數", "Points found"), "description": "left out: as claimed", "example": 25},
    )
    reason = String(
        load_default="",
        max_length=200,
        metadata={"label": Words("理由", "Reason"), "description": "with `points`", "example": "年資以人事資料為準"},
    )


class RaiseObjection(Schema):
    """An objection to one's points or rank."""

    reason = String(
        required=True,
        max_length=1000,
        lines=True,
        metadata={"label": Words("異議理由", "Why you object"), "example": "108 年考績應為甲等"},
    )


class AnswerObjection(WithRev):
    """The officer's answer."""

    answer = String(
        required=True,
        max_length=1000,
        lines=True,
        metadata={"label": Words("答覆", "Answer"), "example": "已依考績通知書更正"},
    )


class RepublishRanking(WithRev):
    """A ranking by corrected points, with the same draw."""

    reason = String(
        required=True,
        max_length=200,
        metadata={"label": Words("更正的理由", "Why it is corrected"), "example": "異議更正年資"},
    )


class ObjectionOut(Schema):
    """An objection and its answer."""

    id = Id(required=True)
    application_id = Id(required=True)
    reason = String(required=True, max_length=None)
    made_at = Instant(required=True)
    answer = String(required=True, min_length=0, max_length=None)
    answered_at = Instant(allow_none=True)
    rev = Integer(required=True)
