"""City Hall's venues, slots, tariffs, equipment and days off, as data with the rules they rest on (S-02…S-13, M-01…M-12).

`load` fills an empty database. Values whose source is not known carry `sample`: they are shown as 示範 until an
administrator sets them (S-05, S-20). Meeting-room floors, sizes and equipment are invented unless a rule is named.
"""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Agency
from venues import government_calendar, grounds
from venues.models import DayOff, EquipmentKind, TariffRow, Venue, VenueSlot
from venues.vocabulary import CITY_AGENCY, MANAGING_AGENCY

SLOTS = (  # S-03
    ("morning", "08:30", "12:30", "上午", "Morning"),
    ("afternoon", "13:30", "17:30", "下午", "Afternoon"),
    ("evening", "18:00", "22:00", "夜間", "Evening"),
)

EFFECTIVE_FROM = date(2023, 11, 9)  # 收費基準 112.11.9 (S-01)

WAIVERS = [
    {
        "classes": [MANAGING_AGENCY, CITY_AGENCY],
        "rule": "S-13",
        "label": ["本府機關學校免收", "City agencies and schools pay nothing"],
    }
]

REFUNDS = {  # PROPOSED from S-33, S-36, S-37; the city's own clause is not known
    "steps": [{"days": 10, "percent": 100}, {"days": 3, "percent": 50}],
    "always": ["government_need", "force_majeure"],
    "rule": "S-36",
    "always_rule": "S-37",
    "sample": True,
}

HALLS: tuple[dict[str, Any], ...] = (
    {
        "code": "atrium",
        "kind": "hall",
        "name": "1樓中庭",
        "name_en": "Atrium",
        "place": "市政大樓 1 樓",
        "place_en": "City Hall, 1F",
        "about": "約 91 坪的室內中庭，舊稱沈葆楨廳。音響以 2 具 300 瓦喇叭為限，12:30–13:30 不得使用。",
        "about_en": "An indoor court of 300 m², formerly Shen Bao-zhen Hall. At most two 300 W speakers, none 12:30–13:30.",
        "area_m2": 300,
        "max_people": 200,
        "max_people_rule": "S-09",
        "max_days": 1,
        "opens_months": 3,
        "closes_days": 10,
        "window_rule": "S-10",
        "fee": (5000, 1250, 20000, False),
    },
    {
        "code": "civic-plaza",
        "kind": "ground",
        "name": "市民廣場",
        "name_en": "Civic Plaza",
        "place": "市政大樓西側",
        "place_en": "West of City Hall",
        "about": "整個廣場，包括新仁愛路段與流水噴泉區。音響以 800 瓦為原則，分散設置。",
        "about_en": "The whole plaza with both its parts. Sound up to 800 W in principle, spread out.",
        "max_people": 5000,
        "max_days": 7,
        "closes_days": 20,
        "window_rule": "S-11",
        "sample": True,
        "fee": (12000, 3000, 50000, True),
        "parts": (
            {
                "code": "civic-plaza-renai",
                "name": "新仁愛路段",
                "name_en": "New Ren’ai Road section",
                "about": "廣場的車道段，可封閉作活動使用。",
                "about_en": "The road section of the plaza, closed for events.",
                "max_people": 3000,
                "fee": (8000, 2000, 30000, True),
            },
            {
                "code": "civic-plaza-fountain",
                "name": "流水噴泉區",
                "name_en": "Fountain area",
                "about": "噴泉旁的鋪面，適合展示與小型演出。",
                "about_en": "The paving beside the fountains, for displays and small shows.",
                "max_people": 1500,
                "fee": (6000, 1500, 30000, True),
            },
        ),
    },
    {
        "code": "east-gate-plaza",
        "kind": "ground",
        "name": "東門廣場",
        "name_en": "East Gate Plaza",
        "place": "市政大樓東側",
        "place_en": "East of City Hall",
        "about": "東門前的硬鋪面廣場。音響以 800 瓦為原則。",
        "about_en": "The paved court before the east gate. Sound up to 800 W in principle.",
        "max_people": 800,
        "max_days": 7,
        "closes_days": 20,
        "window_rule": "S-11",
        "sample": True,
        "fee": (4000, 1000, 20000, True),
    },
    {
        "code": "street-dance-corner",
        "kind": "ground",
        "name": "東南角街舞區",
        "name_en": "South-east street dance corner",
        "place": "市政大樓東南角",
        "place_en": "South-east corner of City Hall",
        "about": "有鏡面與平整地坪，供街舞與小型表演。",
        "about_en": "Mirrors and an even floor, for street dance and small shows.",
        "max_people": 150,
        "max_days": 7,
        "closes_days": 20,
        "window_rule": "S-11",
        "sample": True,
        "fee": (2000, 500, 10000, True),
    },
)

EQUIPMENT = (
    # code, name, English, units, most per booking, watts, saved outside cost (S-19), rule
    ("stage", "活動式舞臺", "Movable stage", 6, 2, 0, 20000, "S-19"),
    ("sound_set", "音響組", "Sound set", 4, 2, 600, 15000, "S-19"),
    ("light_set", "燈光組", "Light set", 4, 2, 1200, 0, "S-20"),
)

EQUIPMENT_FEES = (("stage", 3000), ("sound_set", 2000), ("light_set", 1500))  # S-20: not known, sample values

HALL_ROOMS = (
    ("wu-san-lien", "吳三連廳", "Wu San-lien Hall", "11", 300, ("mic", "projector")),
    ("liu-ming-chuan", "劉銘傳廳", "Liu Ming-chuan Hall", "12", 220, ("mic", "projector")),
    ("n206", "N206 會議室", "Meeting room N206", "2", 120, ("mic", "projector", "stream")),
)

FLOORS = {
    2: ("0202", "0204", "0205", "S205", "S208"),
    3: ("0301", "0303", "N301", "S302"),
    4: ("0402", "0404", "N403", "S405"),
    5: ("0501", "0503", "N502", "S504"),
    6: ("0602", "0604", "N601"),
    7: ("0701", "0703", "N702", "S705"),
    8: ("0801", "0803", "N802"),
    9: ("0902", "0904", "S901"),
    10: ("1001", "1003", "N1002"),
    11: ("1102", "S1101"),
    12: ("1201",),
}  # with the three halls above: 39 rooms (M-01); 0204, 0205 and 0803 are named in M-04

DUTY_ROOMS = {"0204", "0205", "0803"}

CALENDAR_YEARS = (2025, 2026, 2027)  # C-03…C-05; later years are taken in on the calendar's page

# M-03: each room keeps one day a week for its managing agency. Which day is not known: by the order of the list, a sample.


def tariff_data(slot: int, hour: int, deposit: int, sample: bool) -> dict[str, Any]:
    """A tariff's `data`: so much a slot, an hour begun of overtime, an event's deposit, and the sample equipment fees."""
    rates: list[dict[str, Any]] = [
        {"kind": "slot", "amount": slot, "rule": "S-05" if sample else "S-04", "sample": sample},
        {"kind": "gap", "amount": 0, "rule": "S-07", "sample": sample},
        {"kind": "overtime", "amount": hour, "rule": "S-06", "sample": sample},
        {"kind": "deposit", "amount": deposit, "rule": "S-05" if sample else "S-04", "sample": sample},
    ]
    names = {code: [name, english] for code, name, english, *_ in EQUIPMENT}
    rates += [
        {"kind": "equipment", "of": code, "amount": amount, "rule": "S-20", "sample": True, "label": names[code]}
        for code, amount in EQUIPMENT_FEES
    ]
    return {"rates": rates, "waivers": WAIVERS, "refunds": REFUNDS}


def load(session: Session) -> None:
    """Fill an empty database with City Hall's places; does nothing when there is a venue already."""
    if session.scalars(select(Venue.id).limit(1)).first():
        return
    agencies = session.scalars(select(Agency).where(Agency.kind == "city", Agency.active).order_by(Agency.id)).all()
    manager = agencies[0].id if agencies else None
    order = 0
    for row in HALLS:
        order += 10
        whole = _hall(session, row, manager, order)
        for number, part in enumerate(row.get("parts", ()), start=1):
            inherited = {key: value for key, value in row.items() if key not in ("parts", "code", "fee")}
            _hall(session, {**inherited, **part}, manager, order + number, whole)
    _rooms(session, [agency.id for agency in agencies], order)
    for place, (code, name, name_en, units, most, watts, saves, rule) in enumerate(EQUIPMENT):
        session.add(
            EquipmentKind(
                code=code, name=name, name_en=name_en, units=units, most=most, watts=watts, saves=saves, rule=rule,
                place_in_list=place,
            )
        )  # fmt: skip
    session.add_all(
        DayOff(day=each.day, kind=each.kind, name=each.name, name_en=each.name_en, source=government_calendar.source())
        for year in CALENDAR_YEARS
        for each in government_calendar.proposed(year)
    )
    grounds.load(session)
    session.flush()


def _hall(session: Session, row: dict[str, Any], manager: int | None, order: int, whole: Venue | None = None) -> Venue:
    columns = {key: value for key, value in row.items() if key not in ("fee", "parts")}
    venue = Venue(**columns, manager_id=manager, place_in_list=order, whole=whole, lends_equipment=True)
    venue.slot_rows = [
        VenueSlot(code=code, starts=starts, ends=ends, name=name, name_en=name_en)
        for code, starts, ends, name, name_en in SLOTS
    ]
    session.add(venue)
    session.flush()
    session.add(
        TariffRow(venue_id=venue.id, version="112-11-09", effective_from=EFFECTIVE_FROM, data=tariff_data(*row["fee"]))
    )
    return venue


def _rooms(session: Session, agencies: list[int], order: int) -> None:
    manager = agencies[0] if agencies else None
    for code, name, name_en, floor, seats, features in HALL_ROOMS:
        order += 1
        _room(session, code, name, name_en, floor, seats, list(features), manager, order)
    for storey, codes in FLOORS.items():
        for index, code in enumerate(codes):
            order += 1
            kit = ["projector", "whiteboard"][: 1 + (index % 2)]
            owner = agencies[(storey * 3 + index) % len(agencies)] if agencies else None
            named = (code.lower(), f"{code} 會議室", f"Meeting room {code}", str(storey))
            _room(session, *named, (16, 24, 40, 12, 60)[index], kit, owner, order)


def _room(
    session: Session, code: str, name: str, name_en: str, floor: str, seats: int, features: list[str],
    manager: int | None, order: int,
) -> None:  # fmt: skip
    duty = code.upper() in DUTY_ROOMS
    session.add(
        Venue(
            code=code, kind="room", name=name, name_en=name_en, place=f"市政大樓 {floor} 樓", place_en=f"City Hall, {floor}F",
            about="颱風、防汛及災害應變期間改作應變使用（M-04）。" if duty else "",
            about_en="Given over to disaster duty in typhoons and floods (M-04)." if duty else "",
            max_people=seats, max_people_rule="M-11", features=features, manager_id=manager, opens_days=90, window_rule="M-02",
            place_in_list=order, floor=int(floor), duty_room=duty, reserved_weekday=order % 5,
        )
    )  # fmt: skip
