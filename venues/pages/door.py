"""The second menu of the venue officer's desk, and who decides."""

from datetime import date

from flask import request

from common.period import today
from common.roc import HalfYear
from common.web import Heading, Pages, Section, has_role, now, sections_of
from common.words import Words
from venues.models import APPLIES, DECIDES, SEES_ALL

decides = has_role(*DECIDES)
oversees = has_role(*SEES_ALL)
applies = has_role(*APPLIES)

EVERYBODY = tuple(dict.fromkeys((*SEES_ALL, *APPLIES, "supervisor")))
CITY = tuple(role for role in EVERYBODY if role != "group")

# The rooms of the venue officer's desk, in the order they are walked through: key, words, endpoint, who sees it.
SECTIONS: tuple[Section, ...] = (
    ("bookings", Words("案件", "Bookings"), "bookings.show_bookings", SEES_ALL),
    ("contests", Words("同時段競爭", "Contested"), "contests.show_contests", SEES_ALL),
    ("waiting", Words("候補", "Waiting"), "waiting.show_waiting", SEES_ALL),
    ("reductions", Words("減免", "Reductions"), "reductions.list_reductions", SEES_ALL),
    ("bars", Words("違規", "Breaches"), "breaches.list_bars", SEES_ALL),
    ("rooms", Words("會議室", "Meeting rooms"), "room_desk.show_today", SEES_ALL),
    ("rounds", Words("檔期與抽籤", "Rounds and draws"), "rounds.show_rounds", SEES_ALL),
    ("gallery", Words("畫廊", "Gallery"), "gallery.show_gallery", EVERYBODY),
    ("equipment", Words("設備", "Equipment"), "equipment.show_equipment", SEES_ALL),
    ("loans", Words("借用", "Lending"), "loans.show_loans", EVERYBODY),
    ("boards", Words("電子看板", "Boards"), "boards.show_boards", EVERYBODY),
    ("income", Words("收入", "Income"), "income.show_income", SEES_ALL),
    ("contracts", Words("契約", "Contracts"), "contracts.show_contracts", SEES_ALL),
    ("contributed", Words("回饋場地", "Contributed"), "contributed.show_surveys", CITY),
    ("places", Words("場地主檔", "Places"), "place_register.show_places", SEES_ALL),
    ("tariffs", Words("收費標準", "Tariffs"), "tariffs.list_tariffs", SEES_ALL),
    ("calendar", Words("行事曆", "Calendar"), "calendar.show_calendar", SEES_ALL),
    ("closures", Words("停止使用", "Closures"), "closures.list_closures", SEES_ALL),
)

# What stands under which heading where somebody sees more of them than one line holds.
HEADINGS: tuple[Heading, ...] = (
    (Words("申請", "Applications"), ("bookings", "contests", "waiting", "reductions", "bars")),
    (Words("會議室", "Rooms"), ("rooms",)),
    (Words("檔期", "Rounds"), ("rounds", "gallery")),
    (Words("器材", "Equipment"), ("equipment", "loans", "boards")),
    (Words("收支", "Money"), ("income", "contracts", "contributed")),
    (Words("設定", "Settings"), ("places", "tariffs", "calendar", "closures")),
)


def desk_pages(name: str) -> Pages:
    """A blueprint of pages whose templates know `sections` and `headings`."""
    pages = Pages(name)
    pages.context_processor(sections_of(SECTIONS, HEADINGS))
    return pages


def asked_day(name: str = "day") -> date:
    """The day the address asks for; today when it names none that can be."""
    try:
        day = date.fromisoformat(request.values.get(name, ""))
    except ValueError:
        return today(now())
    return day if date(1991, 1, 1) < day < date(2198, 1, 1) else today(now())


def asked_half(name: str = "period") -> HalfYear:
    """The half-year the address asks for; the present one when it names none. Raises Invalid."""
    text = request.values.get(name, "")
    return HalfYear.parse(text, field=name) if text else HalfYear.of(now())


def half_years(around: HalfYear, back: int = 6) -> list[HalfYear]:
    """The half-years to choose from: the present one and those before, with the one that is looked at."""
    out = [HalfYear.of(now())]
    for _ in range(back):
        out.append(out[-1].previous)
    return out if around in out else sorted([*out, around], reverse=True)


def asked_cursor() -> dict[str, object]:
    """Where a list goes on, thirty rows a page."""
    text = request.args.get("cursor", "")
    return {"cursor": text if text.isdecimal() and len(text) < 18 else None, "limit": 30}
