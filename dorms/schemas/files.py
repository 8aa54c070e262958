"""Shapes of files and stock: papers, what is asked for, corrections, looks with their purpose; houses, rooms and beds."""

from common.schemas import Boolean, Choice, Date, Dict, Id, Instant, Integer, Length, List, Nested, Schema, String
from common.words import Words
from dorms import papers, stock
from dorms import vocabulary as say
from dorms.my_data import PURPOSES
from dorms.schemas.taken import WithRev


class PaperForm(Schema):
    """Which paper is sent."""

    kind = Choice(papers.CHOICES, required=True, metadata={"label": Words("文件種類", "Kind of paper")})


class TakeAwayForm(Schema):
    """Why a paper is taken away."""

    reason = String(required=True, max_length=500, metadata={"label": Words("原因", "Reason")})


class AskForApplicationPapers(Schema):
    """What is asked for, until when."""

    kinds = List(
        Choice(papers.CHOICES), required=True, validate=Length(min=1),
        metadata={"label": Words("要補的文件", "Papers to ask for"), "example": ["property"]},
    )  # fmt: skip
    due_on = Date(required=True, metadata={"label": Words("補件期限", "Last day"), "example": "2026-12-07"})
    note = String(
        load_default="",
        max_length=500,
        lines=True,
        metadata={"label": Words("說明", "What to mind"), "example": "請附本人與配偶各一份"},
    )


class CorrectionForm(Schema):
    """What is to be set right, and why."""

    question = String(required=True, max_length=30, metadata={"label": Words("要更正的回答", "The answer")})
    why = String(required=True, max_length=1000, lines=True, metadata={"label": Words("為什麼有誤", "Why it is wrong")})


class DecideCorrection(WithRev):
    """Granted or not, and why."""

    granted = Boolean(required=True, metadata={"label": Words("決定", "Decision"), "example": True})
    reason = String(
        required=True, max_length=1000, lines=True, metadata={"label": Words("理由", "Reason"), "example": "證明屬實"}
    )


class PurposeForm(Schema):
    """Why family and home are looked at."""

    purpose = Choice(
        [key for key in PURPOSES if key not in ("paper", "names of applicants")], required=True,
        metadata={"label": Words("查看目的", "Purpose")},
    )  # fmt: skip


class BuildingForm(Schema):
    """What is known of a house."""

    name = String(required=True, max_length=40, metadata={"label": Words("名稱", "Name")})
    name_en = String(required=True, max_length=80, metadata={"label": Words("英文名稱", "English name")})
    place = String(load_default="", max_length=120, metadata={"label": Words("地址", "Address")})
    place_en = String(load_default="", max_length=120, metadata={"label": Words("英文地址", "English address")})


class NewBuildingForm(BuildingForm):
    """A house to put on the register."""

    id = String(required=True, max_length=20, metadata={"label": Words("代號", "Code")})


class RoomForm(Schema):
    """What is known of a room."""

    number = String(required=True, max_length=10, metadata={"label": Words("房號", "Number")})
    kind = Choice(say.ROOM_KINDS, required=True, metadata={"label": Words("種類", "Kind")})
    floor = Integer(required=True, min=-3, max=60, metadata={"label": Words("樓層", "Floor")})
    accessible = Boolean(load_default=False, metadata={"label": Words("無障礙", "Accessible")})


class NewRoomForm(RoomForm):
    """A room to put on the register."""

    since = Date(required=True, metadata={"label": Words("起日", "From"), "example": "2026-11-20"})
    beds = Integer(load_default=1, min=1, max=len(stock.LABELS), metadata={"label": Words("床數", "Beds")})
    state = Choice(
        stock.CHANGEABLE, load_default=say.TO_LET, metadata={"label": Words("狀態", "State"), "example": "in_repair"}
    )


class ChangeRoomState(Schema):
    """A room's next state."""

    state = Choice(stock.CHANGEABLE, required=True, metadata={"label": Words("狀態", "State"), "example": "in_repair"})
    since = Date(required=True, metadata={"label": Words("起日", "From"), "example": "2026-11-20"})
    reason = String(required=True, max_length=200, metadata={"label": Words("理由", "Reason"), "example": "證明屬實"})


class LookOut(Schema):
    """One look of somebody else at one's data (C-27)."""

    at = Instant(required=True)
    by = String(required=True)
    why = String(required=True)
    why_en = String(required=True)
    family_and_home = Boolean(required=True, metadata={"description": "whether family and home were shown"})


class ChapterOut(Schema):
    """One state in a room's story."""

    state = String(required=True)
    since = Date(required=True)
    until = Date(required=True, allow_none=True, metadata={"description": "day of the next state; null while it lasts"})
    reason = String(required=True, min_length=0)


class RoomHistoryOut(Schema):
    """A room's states, the latest first (D-47)."""

    items = List(Nested(ChapterOut), required=True, max_length=1000)


class PaperNeededOut(Schema):
    """One kind of paper of an application."""

    kind = String(required=True)
    needed = Boolean(required=True)
    there = Boolean(required=True)
    rule = String(required=True)


class PapersOut(Schema):
    """The papers of an application, and what is asked for until when."""

    items = List(Nested(PaperNeededOut), required=True)
    asked = List(String(), required=True)
    due_on = Date(required=True, allow_none=True)


class PapersAskedOut(Schema):
    """What is asked for."""

    application_id = Id(required=True)
    kinds = List(String(), required=True)
    due_on = Date(required=True)
    note = String(required=True, min_length=0, max_length=500)


class CorrectionOut(Schema):
    """A correction of an answer of eligibility, without what it says."""

    id = Id(required=True)
    round_id = Id(required=True)
    question = String(required=True)
    status = String(required=True, attribute="state", metadata={"description": "asked, granted or refused"})
    asked_at = Instant(required=True)
    decided_at = Instant(required=True, allow_none=True)
    rev = Integer(required=True)


class MyDormitoryData(Schema):
    """Everything held of one person, by kind; each row has the fields that are kept."""

    applications = List(Dict(), required=True)
    drafts = List(Dict(), required=True)
    corrections = List(Dict(), required=True)
    papers = List(Dict(), required=True)
    supplements = List(Dict(), required=True)
    offers = List(Dict(), required=True)
    stays = List(Dict(), required=True)
    bars = List(Dict(), required=True)
    looks = List(Dict(), required=True)
