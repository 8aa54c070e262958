"""Shapes of files and stock: papers, what is asked for, corrections, looks with their purpose; houses, rooms and beds."""

from common.schemas import Boolean, Choice, Date, Instant, Integer, Length, List, Nested, Schema, String
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


class AskForPapersForm(Schema):
    """What is asked for, until when."""

    kinds = List(
        Choice(papers.CHOICES), required=True, validate=Length(min=1),
        metadata={"label": Words("要補的文件", "Papers to ask for")},
    )  # fmt: skip
    due_on = Date(required=True, metadata={"label": Words("補件期限", "Last day")})
    note = String(load_default="", max_length=500, lines=True, metadata={"label": Words("說明", "What to mind")})


class CorrectionForm(Schema):
    """What is to be set right, and why."""

    question = String(required=True, max_length=30, metadata={"label": Words("要更正的回答", "The answer")})
    why = String(required=True, max_length=1000, lines=True, metadata={"label": Words("為什麼有誤", "Why it is wrong")})


class DecideCorrectionForm(WithRev):
    """Granted or not, and why."""

    granted = Boolean(required=True, metadata={"label": Words("決定", "Decision")})
    reason = String(required=True, max_length=1000, lines=True, metadata={"label": Words("理由", "Reason")})


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

    since = Date(required=True, metadata={"label": Words("起日", "From")})
    beds = Integer(load_default=1, min=1, max=len(stock.LABELS), metadata={"label": Words("床數", "Beds")})
    state = Choice(stock.CHANGEABLE, load_default=say.TO_LET, metadata={"label": Words("狀態", "State")})


class RoomStateForm(Schema):
    """A room's next state."""

    state = Choice(stock.CHANGEABLE, required=True, metadata={"label": Words("狀態", "State")})
    since = Date(required=True, metadata={"label": Words("起日", "From")})
    reason = String(required=True, max_length=200, metadata={"label": Words("理由", "Reason")})


class DormLookOut(Schema):
    """One look of somebody else at one's data (C-27)."""

    at = Instant(required=True)
    by = String(required=True)
    why = String(required=True)
    why_en = String(required=True)
    family_and_home = Boolean(required=True, metadata={"description": "whether family and home were shown"})


class DormLooksOut(Schema):
    """Every look at an application, the latest first."""

    items = List(Nested(DormLookOut), required=True, max_length=1000)


class DormChapterOut(Schema):
    """One state in a room's story."""

    state = String(required=True)
    since = Date(required=True)
    until = Date(required=True, allow_none=True, metadata={"description": "day of the next state; null while it lasts"})
    reason = String(required=True)


class DormRoomHistoryOut(Schema):
    """A room's states, the latest first (D-47)."""

    items = List(Nested(DormChapterOut), required=True, max_length=1000)
