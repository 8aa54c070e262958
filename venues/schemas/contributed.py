"""Shapes of contributed venues: surveys, wishes, the published list, the draw, the days."""

from common.schemas import Choice, Date, Id, Instant, Integer, List, Nested, PageQuery, Schema, String
from common.words import Words
from venues.schemas.rounds import DrawIn
from venues.schemas.rounds_given import SeedEntryOut
from venues.schemas.taken import WithRev
from venues.terms import SURVEY_STATES

PURPOSE = {"label": Words("用途", "Purpose"), "example": "環保市集"}
SEED_FROM = {"label": Words("種子取自", "The seed comes from"), "example": "12月11日威力彩第一區號碼"}


class OpenContributedSurvey(Schema):
    """Ask the agencies for their wishes."""

    venue_id = Id(required=True, metadata={"label": Words("場地", "Venue"), "example": "1"})
    half_year = String(required=True, max_length=10, metadata={"label": Words("半年", "Half-year"), "example": "150H1"})
    closes_on = Date(required=True, metadata={"label": Words("登記截止", "Wishes until"), "example": "2060-12-10"})


class ContributedPurpose(Schema):
    """What the days are for."""

    purpose = String(load_default="", max_length=80, metadata=PURPOSE)


class WishContributedDays(ContributedPurpose):
    """Days, the dearest first."""

    days = List(
        Date(metadata={"example": "2027-01-15"}), required=True, min_length=1, max_length=60,
        metadata={"label": Words("日期", "Days")},
    )  # fmt: skip


class PublishContributedList(WithRev):
    """Fix the list, and say which public value will be the seed and when it becomes known; the usual ones unless told."""

    seed_from = String(load_default="", max_length=200, metadata=SEED_FROM)
    seed_known_at = Instant(
        load_default=None,
        allow_none=True,
        metadata={
            "label": Words("種子公布時間", "When the seed becomes known"),
            "example": "2060-12-11T14:00:00+08:00",
        },
    )


class AllotContributedDays(DrawIn):
    """The public seed as one officer reads it, and the text of the document it stands in where one is at hand."""


class TakeContributedDay(ContributedPurpose):
    """A day that was left over."""

    day = Date(required=True, metadata={"label": Words("日期", "Day"), "example": "2027-02-01"})


class GiveBackContributedDay(WithRev):
    """A day that is not used after all."""

    reason = String(load_default="", max_length=200, metadata={"label": Words("原因", "Reason"), "example": "活動取消"})


class ContributedQuery(PageQuery):
    """All surveys, the newest first."""


class ContributedDayOut(Schema):
    """A day that was given."""

    id = Id(required=True)
    day = Date(required=True)
    agency_id = Id(required=True)
    purpose = String(required=True, min_length=0)
    how = Choice(("allotted", "first_come"), required=True)
    given_back_at = Instant(allow_none=True)
    rev = Integer(required=True)


class ContributedSurveyOut(Schema):
    """One half-year of one venue."""

    id = Id(required=True)
    venue_id = Id(required=True)
    half_year = String(required=True)
    status = Choice(SURVEY_STATES, required=True)
    quota = Integer(required=True)
    left = Integer(required=True)
    most_wishes = Integer(required=True)
    closes_on = Date(required=True)
    seed_from = String(required=True, min_length=0, metadata={"description": "empty before the list is published"})
    seed_known_at = Instant(required=True, allow_none=True)
    days = List(Nested(ContributedDayOut), required=True)
    rev = Integer(required=True)


class AnswerOut(Schema):
    """What became of one wish, and why."""

    ticket = String(required=True, metadata={"description": "the agency's code"})
    rank = Integer(required=True)
    day = Date(required=True)
    round = Integer(required=True, metadata={"description": "in which round it was given; 0: not given"})
    reason = String(required=True)
    reason_en = String(required=True)


class PublishedWishesOut(Schema):
    """One agency's wishes as published before the seed was known."""

    ticket = String(required=True, metadata={"description": "the agency's code"})
    days = List(String(), required=True, metadata={"description": "its days, the dearest first"})


class ContributedAllotmentOut(Schema):
    """Everything needed to draw and allot again."""

    survey_id = Id(required=True)
    tickets = List(String(), required=True)
    tickets_sha256 = String(required=True, min_length=0)
    announced_sha256 = String(
        required=True, min_length=0, metadata={"description": "over list, wishes, days, source, moment and method"}
    )
    wishes = List(Nested(PublishedWishesOut), required=True)
    seed_from = String(required=True, min_length=0)
    seed_known_at = Instant(required=True, allow_none=True)
    seed = String(required=True, min_length=0)
    seed_entries = List(Nested(SeedEntryOut), required=True)
    algorithm = String(required=True)
    order = List(String(), required=True)
    quota = Integer(required=True)
    answers = List(Nested(AnswerOut), required=True, max_length=10_000)
    faults = List(String(), required=True, metadata={"description": "what differs when it is worked out again"})
