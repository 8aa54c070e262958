"""Shapes of the survey and of what it finds."""

from common.schemas import Choice, Date, Decimal, Integer, List, Nested, Schema, String
from common.words import Words
from fleet.schemas.given import ReasonOut
from fleet.terms import SURVEY_CHIPS

GROUPINGS = {
    "agency": Words("依機關", "By agency"),
    "driver": Words("依駕駛", "By driver"),
    "decision": Words("依派車決定", "By dispatch decision"),
}


class AnswerSurvey(Schema):
    """How the ride was, without a name."""

    score = Integer(
        required=True,
        min=1,
        max=5,
        metadata={
            "label": Words("滿意度", "Satisfaction"),
            "example": 5,
            "ask": Words("請選一個表情", "Choose a face"),
            "description": "5 very satisfied … 1 very dissatisfied",
        },
    )
    chips = List(
        Choice(SURVEY_CHIPS), load_default=list, max_length=4, metadata={"label": Words("哪裡好", "What was good")}
    )
    words = String(
        load_default=None,
        allow_none=True,
        max_length=200,
        lines=True,
        metadata={"label": Words("想說的話", "Your words")},
    )


class ThanksOut(Schema):
    """Taken."""

    thanks = Nested(ReasonOut, required=True)


class SatisfactionQuery(Schema):
    """Which trips (by the day they came back), and by what."""

    from_ = Date(load_default=None, data_key="from", metadata={"label": Words("起", "From"), "example": "2026-07-01"})
    until = Date(
        load_default=None,
        metadata={"label": Words("迄", "Until"), "description": "the day after the last"},
    )
    by = Choice(GROUPINGS, load_default="agency", metadata={"label": Words("分組", "By"), "example": "agency"})


class GroupOut(Schema):
    """A group of answers; too few carry no rate."""

    key = String(required=True)
    words = Nested(ReasonOut, required=True)
    answers = Integer(required=True)
    satisfied = Integer(required=True)
    rate_percent = Decimal(
        required=True,
        allow_none=True,
        metadata={"example": 97, "description": "satisfied ÷ answers (V-43)"},
    )


class SatisfactionOut(GroupOut):
    """All answers of the period, and the groups behind them."""

    trips = Integer(required=True, metadata={"description": "trips that could have been answered for"})
    groups = List(Nested(GroupOut), required=True)
