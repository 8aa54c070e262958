"""Shapes of checks, evidence, repairs and the register of legacy houses."""

from typing import Any

from common.schemas import (
    Boolean,
    Choice,
    Date,
    Dict,
    Id,
    Instant,
    Integer,
    Money,
    PageQuery,
    Schema,
    String,
)
from common.words import Words
from dorms.schemas.taken import WithRev
from dorms.upkeep import terms
from dorms.upkeep.districts import DISTRICTS


def _text(zh: str, en: str, example: str, length: int = 500, **more: Any) -> String:
    return String(max_length=length, lines=True, metadata={"label": Words(zh, en), "example": example}, **more)


# ── Checks, taken in ──────────────────────────────────────────────────────────


class PlanChecks(Schema):
    """A year."""

    year = Integer(required=True, min=2015, max=2198, metadata={"label": Words("年度", "Year"), "example": 2026})


class CheckPlanOut(Schema):
    """What a plan added."""

    year = Integer(required=True)
    added = Integer(required=True, metadata={"description": "checks that were not planned before"})


class AppointChecks(PlanChecks):
    """Which checks go on the route of a day."""

    district = Choice(DISTRICTS, required=True, metadata={"label": Words("行政區", "District"), "example": "wanhua"})
    errand = Choice(
        terms.ERRANDS, required=True, metadata={"label": Words("去做什麼", "Errand"), "example": "inspections"}
    )
    day = Date(required=True, metadata={"label": Words("日期", "Day"), "example": "2026-12-08"})
    half = Choice(
        terms.HALVES, load_default=terms.MORNING, metadata={"label": Words("時段", "Half day"), "example": "morning"}
    )
    visitor_id = Id(required=True, metadata={"label": Words("訪視人", "Visitor"), "example": "1"})
    places = Integer(load_default=10, min=1, max=40, metadata={"label": Words("處數", "Places"), "example": 10})


class RecordCheck(WithRev):
    """What was found."""

    result = Choice(terms.RESULTS, required=True, metadata={"label": Words("結果", "Result"), "example": "fine"})
    note = _text("紀錄", "Note", "浴室磁磚一片破裂", load_default="")
    follow_up_by = Date(
        load_default=None,
        allow_none=True,
        metadata={
            "label": Words("改善期限", "Put right by"),
            "description": "the usual days from today when left out, where something has to be put right",
            "example": None,
        },
    )


class VisitActIn(Schema):
    """One record as the visitor's phone sends it: `trip_id` is its name for the job at hand, here the check."""

    key = String(required=True, min_length=8, max_length=60, metadata={"label": Words("識別碼", "Key")})
    trip_id = Id(required=True, metadata={"label": Words("訪視", "Visit")})
    what = Choice(("record",), required=True, metadata={"label": Words("動作", "Act")})
    told_at = Instant(required=True, metadata={"label": Words("登錄時間", "Time of the tap")})
    sent_at = Instant(required=True, metadata={"label": Words("送出時間", "Time of sending")})
    data = Dict(load_default=dict, metadata={"label": Words("內容", "Content")})


class VisitData(Schema):
    """What the record says."""

    result = Choice(terms.RESULTS, required=True, metadata={"label": Words("結果", "Result")})
    note = _text("紀錄", "Note", "", load_default="")
    follow_up_by = Date(load_default=None, allow_none=True, metadata={"label": Words("改善期限", "Put right by")})


class UpkeepNote(WithRev):
    """A sentence for the record."""

    note = _text("說明", "Note", "已更換磁磚", required=True)


class UpkeepReason(WithRev):
    """Why."""

    reason = _text("理由", "Reason", "颱風停班", required=True)


class CheckQuery(PageQuery):
    """Which checks."""

    year = Integer(load_default=None, min=2015, max=2199, metadata={"label": Words("年度", "Year"), "example": 2026})
    kind = Choice(terms.CHECK_KINDS, load_default=None, metadata={"label": Words("種類", "Kind"), "example": "visit"})
    state = Choice(
        terms.CHECK_STATES, load_default=None, metadata={"label": Words("狀態", "State"), "example": "planned"}
    )
    district = Choice(
        DISTRICTS, load_default=None, metadata={"label": Words("行政區", "District"), "example": "wanhua"}
    )
    day = Date(load_default=None, metadata={"label": Words("日期", "Day"), "example": "2026-12-08"})


# ── Evidence, taken in ────────────────────────────────────────────────────────


class WriteLetter(UpkeepNote):
    """A letter and until when to answer it."""

    answer_by = Date(
        load_default=None, allow_none=True, metadata={"label": Words("回覆期限", "Answer by"), "example": None}
    )


class Explain(WithRev):
    """The person's own account."""

    statement = _text("說明", "Your account", "訪視那兩週我出差", 2000, required=True)


class DecideResidence(WithRev):
    """A person's decision, with reasons."""

    decision = Choice(
        terms.DECISIONS, required=True, metadata={"label": Words("決定", "Decision"), "example": "resides"}
    )
    reason = _text("理由", "Reasons", "說明合理，並有水電使用紀錄", 2000, required=True)


# ── Repairs, taken in ─────────────────────────────────────────────────────────


class RequestRepair(Schema):
    """What is broken (D-41), or what is to be done at own cost (D-42)."""

    part = Choice(terms.PARTS, required=True, metadata={"label": Words("部位", "Part"), "example": "water"})
    what = _text("狀況", "What is wrong", "浴室洗手台下方漏水", 1000, required=True)
    payer = Choice(
        terms.PAYERS, load_default=terms.AGENCY, metadata={"label": Words("費用", "Who pays"), "example": "agency"}
    )
    accepts_terms = Boolean(
        load_default=False,
        metadata={
            "label": Words("同意自費修繕的條件", "Terms of works at own cost accepted"),
            "description": "needed for `own`: no harm to the structure, no removal, no compensation (D-42)",
            "example": False,
        },
    )
    room_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"label": Words("房間", "Room"), "description": "for officers; else one’s own", "example": None},
    )
    house_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"label": Words("眷舍", "Legacy house"), "description": "for officers", "example": None},
    )


OUT_OF_TURN = Words("先辦這一件的理由", "Why this one goes first")


class DecideRepair(WithRev):
    """Yes with an estimate, or no with a reason."""

    approve = Boolean(required=True, metadata={"label": Words("同意", "Approve"), "example": True})
    reason = _text("理由", "Reason", "", load_default="")
    estimate = Money(
        load_default=None, allow_none=True, metadata={"label": Words("估價（元）", "Estimate (NT$)"), "example": 4500}
    )
    out_of_turn = String(
        load_default="", max_length=300, metadata={"label": OUT_OF_TURN, "example": "漏水波及樓下，須先處理"}
    )


class StartRepair(WithRev):
    """Who does it, and from which day."""

    contractor = String(
        required=True, max_length=80, metadata={"label": Words("廠商", "Contractor"), "example": "大安水電行"}
    )
    started_on = Date(
        load_default=None, allow_none=True, metadata={"label": Words("開工日", "First day"), "example": None}
    )
    out_of_turn = String(load_default="", max_length=300, metadata={"label": OUT_OF_TURN, "example": "漏水波及樓下"})


class CompleteRepair(WithRev):
    """Done and accepted."""

    finished_on = Date(
        load_default=None, allow_none=True, metadata={"label": Words("完工日", "Done on"), "example": None}
    )
    cost = Money(
        load_default=None, allow_none=True, metadata={"label": Words("實際費用（元）", "Cost (NT$)"), "example": 4200}
    )
    acceptance = _text("驗收紀錄", "Acceptance", "試水正常", load_default="")


# ── The register, taken in ────────────────────────────────────────────────────


class ChangeHouseState(WithRev):
    """Its next state."""

    state = Choice(terms.HOUSE_STATES, required=True, metadata={"label": Words("狀態", "State"), "example": "vacant"})
    since = Date(required=True, metadata={"label": Words("自哪一天起", "From"), "example": "2026-11-23"})
    reason = String(
        required=True, max_length=200, metadata={"label": Words("理由", "Reason"), "example": "續住人遷出點交"}
    )


# ── Given out ─────────────────────────────────────────────────────────────────


class HouseCheckOut(Schema):
    """A check, an inventory or a visit."""

    id = Id(required=True)
    number = String(required=True)
    year = Integer(required=True)
    kind = String(required=True)
    turn = Integer(required=True)
    room_id = Id(allow_none=True)
    house_id = Id(allow_none=True)
    place = String(required=True)
    district = String(required=True)
    state = String(required=True)
    due_on = Date(required=True)
    day = Date(allow_none=True)
    half = String(required=True)
    result = String(allow_none=True)
    note = String(required=True, min_length=0, max_length=None)
    recorded_at = Instant(allow_none=True)
    follow_up_by = Date(allow_none=True)
    followed_up_at = Instant(allow_none=True)
    rule = String(required=True)
    rev = Integer(required=True)


class RepairOut(Schema):
    """A repair; `ahead` is how many earlier applications wait before it (D-41)."""

    id = Id(required=True)
    number = String(required=True)
    room_id = Id(allow_none=True)
    house_id = Id(allow_none=True)
    place = String(required=True)
    part = String(required=True)
    what = String(required=True, min_length=0, max_length=None)
    payer = String(required=True)
    status = String(required=True, attribute="state")
    requested_at = Instant(required=True)
    ahead = Integer(required=True)
    reason = String(required=True, min_length=0, max_length=None)
    out_of_turn = String(required=True, min_length=0, max_length=None)
    estimate = Money(allow_none=True)
    contractor = String(required=True, min_length=0)
    started_on = Date(allow_none=True)
    finished_on = Date(allow_none=True)
    cost = Money(allow_none=True)
    out_of_stock = Boolean(required=True, metadata={"description": "the empty room is kept from letting meanwhile"})
    photos = Integer(required=True, metadata={"description": "how many photos it has"})
    rev = Integer(required=True)


class LegacyHouseOut(Schema):
    """A house or a piece of land on the register. Who stays there is not told."""

    id = Id(required=True)
    code = String(required=True)
    kind = String(required=True)
    place = String(required=True)
    place_en = String(required=True)
    area_m2 = Integer(required=True)
    state = String(required=True)
    since = Date(required=True)
    rev = Integer(required=True)
