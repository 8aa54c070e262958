"""Empty application forms as .odt, one for the city's own and one for others, for who applies on paper (S-16).

Their rows are the fields an application takes (`ApplyForBooking`): what is added there stands on the paper too.
"""

from collections.abc import Sequence
from typing import Any

from common.errors import NotFound
from common.export import ODT_TYPE, odt_bytes
from common.period import today
from common.roc import roc_date
from common.web import Pages, anyone, now
from common.web.attachments import attachment
from common.words import Words
from venues import availability, equipment, papers, vocabulary
from venues.models import Venue
from venues.schemas import taken
from venues.tariffs import Tariff

pages = Pages("forms")

CITY, OUTSIDE = "city", "outside"
NAMES = {CITY: "本府機關學校", OUTSIDE: "府外機關團體"}
CLASSES = {
    CITY: (vocabulary.MANAGING_AGENCY, vocabulary.CITY_AGENCY),
    OUTSIDE: (vocabulary.GOVERNMENT, vocabulary.REGISTERED_BODY),
}
WHO = {
    CITY: ("機關（學校）名稱", "承辦單位及承辦人", "電話與電子郵件", "單位主管核章"),
    OUTSIDE: ("機關（團體）名稱", "立案（登記）字號", "負責人", "地址", "聯絡人、電話與電子郵件", "用印"),
}
DATE = "中華民國　　年　　月　　日"
SLOT_ROWS = 3
YES_NO = "□ 是　□ 否"


@pages.get("/<int:venue_id>/form-<any(city,outside):whose>.odt", allows=anyone)
def take_form(session: Any, person: Any, venue_id: int, whose: str) -> Any:
    """The form of one hall, to print or to fill in and mail (S-11, S-16)."""
    place = availability.venue(session, venue_id)
    if not place.by_slots:
        raise NotFound
    row = availability.tariff_row(session, place, today(now()))
    title = f"{place.label.zh}使用申請表（{NAMES[whose]}）"
    parts = (
        f"收費標準 {row.version} 版；{roc_date(now())}產製。請用民國日期填寫，□ 請勾選。",
        [(head, "") for head in WHO[whose]],
        "申請內容",
        wanted(session, place, row.tariff, whose),
        _attached(place, whose),
        _limits(place),
        f"申請日期：{DATE}",
    )
    return attachment(f"{title}.odt", ODT_TYPE, odt_bytes(title, parts))


def wanted(session: Any, place: Venue, tariff: Tariff, whose: str) -> Sequence[tuple[str, str]]:
    """One row for each field of an application: its label and what is to be filled in."""
    window = (tariff.applying.window or place.window).words.zh
    blanks = {
        "venue_id": f"{place.label.zh}（{window}申請）",
        "slots": _slots(place),
        "applicant_class": _choices([vocabulary.CLASSES[code] for code in CLASSES[whose]]),
        "equipment": "\n".join(f"□ {kind.name}　　　（最多 {kind.most}）" for kind in equipment.kinds(session)),
        "overtime_minutes": f"　　　分鐘（最多 {place.max_overtime} 分鐘）",
        "event_kind": _choices(list(vocabulary.EVENT_KINDS.values())),
        "attendees": f"　　　人（{place.max_people} 人以下）" if place.max_people else "　　　人",
        "charity_sale": YES_NO,
        "event_plan": "\n" * 6,
        "undertakes": YES_NO,
        "may_contest": YES_NO,
    }
    without = set() if place.lends_equipment else {"equipment"}
    if tariff.applying.emergency:
        blanks["emergency"] = f"（只限使用日前 {tariff.applying.emergency.n} 天為止之不可預見事件）\n\n"
    else:
        without.add("emergency")
    shape = taken.ApplyForBooking()
    labels: dict[str, Words] = {name: field.metadata["label"] for name, field in shape.load_fields.items()}
    return [(label.zh, blanks.get(name, "")) for name, label in labels.items() if name not in without]


def _slots(place: Venue) -> str:
    line = "　".join(f"□ {slot.label.zh} {slot.starts}–{slot.ends}" for slot in place.plan)
    return "\n".join(f"{DATE}\n{line}" for _ in range(SLOT_ROWS))


def _choices(several: list[Words]) -> str:
    return "　".join(f"□ {one.zh}" for one in several)


def _attached(place: Venue, whose: str) -> str:
    """The papers that come with it, those for a stage or a charity sale too."""
    kinds = papers.needed(place, CLASSES[whose][-1], stage=True, charity_sale=True)
    named = (papers.KINDS[kind] for kind in kinds)
    return "應附文件：\n" + "\n".join(f"□ {kind.words.zh}：{kind.about.zh}（{kind.rule}）" for kind in named)


def _limits(place: Venue) -> str:
    said = [
        *(f"{limit.zh}（S-15）" for limit in papers.sound_limits(place)),
        *(f"不得有{one.zh}（S-14）" for one in papers.PROHIBITED),
    ]
    return "使用限制：\n" + "\n".join(said)
