"""Shapes of the electronic boards and their postings."""

from common.schemas import Choice, Date, Id, Instant, Integer, List, Nested, PageQuery, Schema, String
from common.words import Words
from venues.schemas.taken import WithRev
from venues.terms import POSTING_STATES


class RequestPosting(Schema):
    """A notice on some boards, from one day to another, both included."""

    title = String(
        required=True, max_length=60, metadata={"label": Words("標題", "Title"), "example": "市民健檢服務日"}
    )
    text = String(
        required=True,
        max_length=500,
        lines=True,
        metadata={"label": Words("內容", "Text"), "example": "12月1日上午9時，1樓中庭"},
    )
    starts_on = Date(required=True, metadata={"label": Words("開始日", "First day"), "example": "2026-12-01"})
    ends_on = Date(required=True, metadata={"label": Words("最後一天", "Last day"), "example": "2026-12-07"})
    board_ids = List(
        Id(metadata={"example": "1"}),
        required=True,
        min_length=1,
        max_length=50,
        metadata={"label": Words("看板", "Boards")},
    )


class ApprovePosting(WithRev):
    """An approval."""

    reason = String(
        load_default="", max_length=500, lines=True, metadata={"label": Words("備註", "Note"), "example": ""}
    )


class RejectPosting(WithRev):
    """A rejection, with its reason."""

    reason = String(
        required=True,
        max_length=500,
        lines=True,
        metadata={"label": Words("原因", "Reason"), "example": "內容涉及商業"},
    )


class WithdrawPosting(WithRev):
    """Taking a posting back."""


class PostingQuery(PageQuery):
    """Which postings."""

    status = Choice(
        POSTING_STATES, load_default=None, metadata={"label": Words("狀態", "State"), "example": "approved"}
    )


class BoardQuery(Schema):
    """For which Taipei day the free places are told."""

    day = Date(required=True, metadata={"label": Words("日期", "Day"), "example": "2026-12-01"})


class BoardOut(Schema):
    """A board and its places."""

    id = Id(required=True)
    code = String(required=True)
    name = String(required=True)
    name_en = String(required=True)
    places = Integer(required=True)
    free = Integer(required=True)


class BoardsOut(Schema):
    """All boards."""

    items = List(Nested(BoardOut), required=True)
    next = String(allow_none=True)


class PostedOn(Schema):
    """A board a posting is on."""

    id = Id(required=True)
    name = String(required=True)
    name_en = String(required=True)


class PostingOut(Schema):
    """A posting."""

    id = Id(required=True)
    number = String(required=True)
    status = Choice(POSTING_STATES, required=True)
    agency_id = Id(required=True)
    applicant_id = Id(required=True)
    title = String(required=True)
    text = String(required=True, max_length=None)
    starts_on = Date(required=True)
    ends_on = Date(required=True)
    boards = List(Nested(PostedOn), required=True)
    reason = String(required=True, min_length=0, max_length=None)
    requested_at = Instant(required=True)
    rev = Integer(required=True)
