"""Shapes of the register of places, as typed."""

import re

from common.errors import Invalid
from common.schemas import Boolean, Choice, Clock, Id, Integer, List, Nested, Schema, String
from common.words import Words
from venues import vocabulary
from venues.place_register import MOST_SLOTS
from venues.schemas.taken import WithRev


def _a_code(text: str) -> None:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text):
        raise Invalid(
            Words("代碼用英文小寫、數字和連字號，例如 east-hall", "Lower case, digits and hyphens, such as east-hall")
        )


def _number(words: Words, least: int, most: int, **more: object) -> Integer:
    return Integer(min=least, max=most, metadata={"label": words}, **more)


class SlotForm(Schema):
    """One slot of a day (S-03)."""

    code = String(required=True, max_length=20, validate=_a_code, metadata={"label": Words("代碼", "Code")})
    name = String(required=True, max_length=20, metadata={"label": Words("名稱", "Name")})
    name_en = String(required=True, max_length=20, metadata={"label": Words("英文名稱", "English name")})
    starts = Clock(required=True, metadata={"label": Words("開始", "Start")})
    ends = Clock(required=True, metadata={"label": Words("結束", "End")})


class PlaceForm(WithRev):
    """What is kept of a place."""

    name = String(required=True, max_length=80, metadata={"label": Words("名稱", "Name")})
    name_en = String(required=True, max_length=80, metadata={"label": Words("英文名稱", "English name")})
    place = String(load_default="", max_length=120, metadata={"label": Words("位置", "Where")})
    place_en = String(load_default="", max_length=120, metadata={"label": Words("英文位置", "Where, in English")})
    about = String(load_default="", max_length=1000, lines=True, metadata={"label": Words("說明", "About")})
    about_en = String(
        load_default="", max_length=1000, lines=True, metadata={"label": Words("英文說明", "About, in English")}
    )
    manager_id = Id(load_default=None, allow_none=True, metadata={"label": Words("管理機關", "Managing agency")})
    area_m2 = _number(Words("面積", "Area"), 1, 1_000_000, load_default=None, allow_none=True)
    max_people = _number(Words("容納人數", "People at most"), 1, 200_000, load_default=None, allow_none=True)
    floor = _number(Words("樓層", "Floor"), -10, 200, load_default=None, allow_none=True)
    active = Boolean(load_default=False, metadata={"label": Words("使用中", "In use")})
    max_days = _number(Words("一次最多幾天", "Days at most"), 1, 60, load_default=1)
    opens_months = _number(Words("幾個月前開放申請", "Opens, months ahead"), 1, 36, load_default=3)
    closes_days = _number(Words("幾天前截止", "Closes, days ahead"), 0, 365, load_default=10)
    supplement_days = _number(Words("補正期限", "Days for papers"), 1, 60, load_default=7)
    contest_days = _number(Words("多件並存的天數", "Days a contest stays open"), 1, 30, load_default=3)
    offer_days = _number(Words("候補回覆天數", "Days to take up an offer"), 1, 30, load_default=2)
    setup_minutes = _number(Words("使用前緩衝", "Kept free before"), 0, 720, load_default=0)
    clear_minutes = _number(Words("使用後緩衝", "Kept free after"), 0, 720, load_default=0)
    max_overtime = _number(Words("逾時上限", "Overtime at most"), 0, 720, load_default=240)
    lends_equipment = Boolean(load_default=False, metadata={"label": Words("出借設備", "Equipment is lent")})
    slots = List(Nested(SlotForm), load_default=list, max_length=MOST_SLOTS, metadata={"label": Words("時段", "Slots")})


class NewPlaceForm(PlaceForm):
    """A new place: its code, kind and whole stay for good."""

    code = String(required=True, max_length=40, validate=_a_code, metadata={"label": Words("代碼", "Code")})
    kind = Choice(vocabulary.VENUE_KINDS, required=True, metadata={"label": Words("種類", "Kind")})
    whole_id = Id(load_default=None, allow_none=True, metadata={"label": Words("屬於", "Part of")})
