"""Shapes taken in: JSON for the API, flat boxes for the pages, and what lists are asked by."""

import unicodedata
from decimal import Decimal as Number
from typing import Any

from common.schemas import (
    Boolean,
    Choice,
    Date,
    Decimal,
    Id,
    Instant,
    Integer,
    Length,
    List,
    Nested,
    PageQuery,
    Schema,
    String,
    post_load,
    pre_load,
)
from common.words import Words
from dorms import vocabulary as say
from dorms.eligibility import POSTED_FAR, QUESTIONS
from dorms.points import APPRAISALS, HOME_STATUS

LETTERS = {"甲": "A", "乙": "B", "丙": "C", "丁": "D", "甲等": "A", "乙等": "B", "丙等": "C", "丁等": "D"}


NOTHING = "-"
"""What a box of a page sends when nothing was chosen in it."""


class Appraisal(Choice):
    """A year's appraisal: A to D, or 甲 to 丁 as the city writes it; with `or_nothing` also none."""

    def __init__(self, *, or_nothing: bool = False, **kwargs: Any):
        super().__init__([*APPRAISALS, NOTHING] if or_nothing else APPRAISALS, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, str):
            typed = unicodedata.normalize("NFKC", value).strip()
            value = LETTERS.get(typed, typed.upper())
        return super()._deserialize(value, attr, data, **kwargs)


def _answers() -> dict[str, Any]:
    return {
        question.field: Boolean(
            load_default=None,
            allow_none=True,
            metadata={
                "label": question.ask,
                "description": f"{question.rule}: {question.ask.en} Left out: {str(question.assumed).lower()}.",
                "example": question.assumed,
            },
        )
        for question in (*QUESTIONS, POSTED_FAR)
    }


Answers = Schema.from_dict(_answers(), name="Answers")


class Service(Schema):
    """Service, family and home: what points are counted from."""

    grade = Integer(required=True, min=1, max=14, metadata={"label": Words("職等", "Grade"), "example": 7})
    started_on = Date(
        load_default=None,
        allow_none=True,
        metadata={"label": Words("到職日", "Start date"), "example": "2019-03-04"},
    )
    years_of_service = Decimal(
        required=True, max=60, metadata={"label": Words("本府服務年資（年）", "Years with the city"), "example": 5.5}
    )
    years_elsewhere = Decimal(
        load_default=Number(0),
        max=60,
        metadata={"label": Words("其他機關年資（年）", "Years with other bodies"), "example": 2},
    )
    appraisals = List(
        Appraisal(),
        load_default=list,
        validate=Length(max=3),
        metadata={
            "label": Words("最近 3 年考績", "Appraisals of the last 3 years"),
            "description": "latest year first: A to D, or 甲 to 丁 (D-13)",
            "example": ["A", "A", "B"],
        },
    )
    dependants = Integer(
        load_default=0, min=0, max=20, metadata={"label": Words("同住眷口數", "Dependants living along"), "example": 0}
    )
    home_status = Choice(HOME_STATUS, required=True, metadata={"label": Words("居住狀況", "Home"), "example": "none"})
    home_km = Integer(
        load_default=0,
        min=0,
        max=500,
        metadata={
            "label": Words("住家到上班地點（單程公里）", "Home to work, km one way"),
            "description": "D-13, D-14",
            "example": 18,
        },
    )
    disabled = Boolean(
        load_default=False,
        metadata={
            "label": Words("領有身心障礙證明", "Certified disability"),
            "description": "D-13; seen by its owner and the dormitory officer only",
            "example": False,
        },
    )


class Wishes(Schema):
    """Which rooms are wanted, in order."""

    preferences = List(
        String(max_length=20),
        load_default=list,
        max_length=10,
        metadata={
            "label": Words("志願", "Wishes"),
            "description": "ids of rooms or buildings, best first",
            "example": ["xiyuan"],
        },
    )
    others_ok = Boolean(
        load_default=True,
        metadata={"label": Words("志願以外的房間", "Rooms not named"), "description": "whether any other room will do"},
    )


class Moving(Schema):
    """Whether a tenant asks to move, and where this person comes first (D-22)."""

    move = Boolean(
        load_default=False,
        metadata={
            "label": Words("換住", "Move"),
            "description": "a tenant asks for another room, and keeps the present one until the other is theirs",
            "example": False,
        },
    )
    needs_accessible = Boolean(
        load_default=False,
        metadata={
            "label": Words("需要無障礙房間", "Needs an accessible room"),
            "description": "comes first at accessible rooms and is given no other unless it is named (D-22)",
            "example": False,
        },
    )
    woman = Boolean(
        load_default=False,
        metadata={
            "label": Words("女性", "Woman"),
            "description": "asked only where women come first in a house’s single rooms (D-22)",
            "example": False,
        },
    )


class Application(Service, Wishes, Moving, Answers):  # type: ignore[misc,valid-type]
    """An application for a room. Eligibility answers left out are taken as the ones that allow it."""

    room_kind = Choice(
        say.ROOM_KINDS, load_default=None, metadata={"label": Words("宿舍種類", "Kind of room"), "example": "single"}
    )
    round_id = Id(load_default=None, metadata={"label": Words("期別", "Round"), "example": "3"})


class ApplyForRoom(Application):
    """What `applyForRoom` takes: `room_kind`, or `round_id` when several rounds are open."""

    room_kind = Choice(
        say.ROOM_KINDS, required=True, metadata={"label": Words("宿舍種類", "Kind of room"), "example": "single"}
    )


class AppraisalBoxes(Schema):
    """Appraisals as three boxes of a page, latest year first."""

    appraisal_1 = Appraisal(
        or_nothing=True, load_default=NOTHING, metadata={"label": Words("最近一年考績", "Last year’s appraisal")}
    )
    appraisal_2 = Appraisal(
        or_nothing=True, load_default=NOTHING, metadata={"label": Words("前一年考績", "The year before")}
    )
    appraisal_3 = Appraisal(
        or_nothing=True, load_default=NOTHING, metadata={"label": Words("再前一年考績", "Two years before")}
    )

    @post_load
    def gather_appraisals(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data["appraisals"] = _filled(data, "appraisal")
        return data


class WishBoxes(Schema):
    """Wishes as three boxes of a page, best first."""

    wish_1 = String(load_default=NOTHING, max_length=20, metadata={"label": Words("第 1 志願", "First wish")})
    wish_2 = String(load_default=NOTHING, max_length=20, metadata={"label": Words("第 2 志願", "Second wish")})
    wish_3 = String(load_default=NOTHING, max_length=20, metadata={"label": Words("第 3 志願", "Third wish")})
    others_ok = Boolean(required=True, metadata={"label": Words("志願以外的房間", "Rooms not named")})

    @post_load
    def gather_wishes(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data["preferences"] = _filled(data, "wish")
        return data


def _filled(data: dict[str, Any], box: str) -> list[Any]:
    typed = [data.pop(f"{box}_{n}") for n in (1, 2, 3)]
    return [each for each in typed if each != NOTHING]


class ApplicationForm(Service, Moving, Answers, AppraisalBoxes, WishBoxes):  # type: ignore[misc,valid-type]
    """An application from the page."""

    started_on = Date(required=True, metadata={"label": Words("到職日", "Start date")})
    round_id = Id(required=True, metadata={"label": Words("期別", "Round")})


class Span(Schema):
    """From, up to and not including, until."""

    from_ = Instant(
        required=True,
        data_key="from",
        metadata={"label": Words("登記開始", "Registration opens"), "example": "2026-12-01T09:00:00+08:00"},
    )
    until = Instant(
        required=True,
        metadata={"label": Words("登記截止", "Registration ends"), "example": "2026-12-21T17:00:00+08:00"},
    )

    @pre_load
    def pair(self, data: Any, **_: Any) -> Any:
        """`[from, until]` says the same as `{"from", "until"}`."""
        if isinstance(data, list) and len(data) == 2:
            return {"from": data[0], "until": data[1]}
        return data


class OpenRound(Schema):
    """A round to announce. Less than the usual days of notice (D-17) is allowed and shown."""

    kind = Choice(
        say.ROOM_KINDS, required=True, metadata={"label": Words("宿舍種類", "Kind of room"), "example": "single"}
    )
    registration = Nested(Span, required=True, metadata={"label": Words("登記期間", "Registration")})
    notice = String(
        load_default="",
        max_length=1000,
        lines=True,
        metadata={"label": Words("公告事項", "Notice"), "example": "西園、信義單房間"},
    )
    seed_source = String(
        load_default="",
        metadata={
            "label": Words("抽籤種子來源", "Source of the draw’s seed"),
            "description": "a public value of a day after registration; the usual one is taken when empty",
        },
    )
    end_on_working_day = Boolean(
        load_default=False,
        metadata={
            "label": Words("截止日遇假日順延", "A last day that is a day off moves"),
            "description": "to the next working day by the government’s calendar (D-17)",
            "example": True,
        },
    )
    accessible_first = Boolean(
        load_default=True,
        metadata={
            "label": Words("無障礙房間先給需要的人", "Accessible rooms first to those who need them"),
            "description": "D-22",
            "example": True,
        },
    )
    women_first = List(
        String(max_length=20),
        load_default=None,
        allow_none=True,
        max_length=40,
        metadata={
            "label": Words("單房間女性優先的宿舍", "Houses whose single rooms go to women first"),
            "description": "ids of houses (D-22); left out: those so marked",
            "example": ["xinyi"],
        },
    )
    objection_days = Integer(
        load_default=0,
        min=0,
        max=60,
        metadata={
            "label": Words("公布後的異議期間（日）", "Days to object after publication"),
            "description": "no room is allotted before they are over and every objection is answered",
            "example": 7,
        },
    )
    first_timers_first = Boolean(
        load_default=False,
        metadata={
            "label": Words("未曾借用者在前", "First-timers first"),
            "description": "people who have or had a room here are ranked after all others (D-17)",
            "example": False,
        },
    )


class WithRev(Schema):
    """An edit of a row somebody read."""

    rev = Integer(
        min=1, load_default=None, allow_none=True, metadata={"label": Words("版次", "Revision"), "example": 1}
    )


class RankApplicants(WithRev):
    """The public seed (D-16). A round still open is ranked only with a reason to close it early."""

    seed = String(required=True, metadata={"label": Words("公開的種子值", "Public seed"), "example": "23117.42"})
    close_early_reason = String(
        load_default="", metadata={"label": Words("提前截止的理由", "Reason to close early"), "example": ""}
    )
    publish = Boolean(
        load_default=True,
        metadata={"label": Words("同時公布", "Publish at once"), "description": "let everybody read it"},
    )


class RankForm(WithRev):
    """The same from the page, where publishing is a step of its own."""

    seed = String(required=True, metadata={"label": Words("公開的種子值", "Public seed")})
    close_early_reason = String(load_default="", metadata={"label": Words("提前截止的理由", "Reason to close early")})


class RoomQuery(PageQuery):
    """Which rooms, as of which day."""

    building_id = String(
        load_default=None, max_length=20, metadata={"label": Words("宿舍", "House"), "example": "xiyuan"}
    )
    kind = Choice(say.ROOM_KINDS, load_default=None, metadata={"label": Words("種類", "Kind"), "example": "single"})
    state = Choice(say.ROOM_STATES, load_default=None, metadata={"label": Words("狀態", "State"), "example": "to_let"})
    date = Date(load_default=None, metadata={"label": Words("日期", "Date"), "example": "2026-11-23"})


class OccupancyQuery(Schema):
    """A day."""

    date = Date(load_default=None, metadata={"label": Words("日期", "Date"), "example": "2021-06-30"})
