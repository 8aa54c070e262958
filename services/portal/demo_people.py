"""Who lives in the demo city: real bureau names, plainly invented bodies and people. Pure data and one generator.

The list is the same on every desk (seeded); no one in it exists.
"""

import random
from collections.abc import Iterator
from typing import NamedTuple

SEED = 1150101


class AgencyEntry(NamedTuple):
    """One body that books: `kind` is "city" (本府機關) or "outside" (府外機關、團體)."""

    code: str
    name: str
    name_en: str
    kind: str
    short: str


class PersonEntry(NamedTuple):
    """One invented person. `signs_in` says whether the desk gives them a password."""

    username: str
    name: str
    name_en: str
    agency: str
    unit: str
    roles: tuple[str, ...]
    phone: str
    lang: str
    signs_in: bool


AGENCIES = (
    AgencyEntry("SEC", "秘書處", "Secretariat", "city", "sec"),
    AgencyEntry("CA", "民政局", "Department of Civil Affairs", "city", "civil"),
    AgencyEntry("FIN", "財政局", "Department of Finance", "city", "finance"),
    AgencyEntry("EDU", "教育局", "Department of Education", "city", "education"),
    AgencyEntry("ECO", "產業發展局", "Department of Economic Development", "city", "economy"),
    AgencyEntry("PW", "工務局", "Public Works Department", "city", "works"),
    AgencyEntry("TRA", "交通局", "Department of Transportation", "city", "transport"),
    AgencyEntry("SOC", "社會局", "Department of Social Welfare", "city", "social"),
    AgencyEntry("LAB", "勞動局", "Department of Labor", "city", "labor"),
    AgencyEntry("POL", "警察局", "Police Department", "city", "police"),
    AgencyEntry("HEA", "衛生局", "Department of Health", "city", "health"),
    AgencyEntry("ENV", "環境保護局", "Department of Environmental Protection", "city", "environment"),
    AgencyEntry("URB", "都市發展局", "Department of Urban Development", "city", "urban"),
    AgencyEntry("FIR", "消防局", "Fire Department", "city", "fire"),
    AgencyEntry("RTS", "捷運工程局", "Department of Rapid Transit Systems", "city", "metro"),
    AgencyEntry("CUL", "文化局", "Department of Cultural Affairs", "city", "culture"),
    AgencyEntry("TPT", "觀光傳播局", "Department of Information and Tourism", "city", "tourism"),
    AgencyEntry("LND", "地政局", "Department of Land", "city", "land"),
    AgencyEntry("MIL", "兵役局", "Department of Military Service", "city", "military"),
    AgencyEntry("SPO", "體育局", "Department of Sports", "city", "sports"),
    AgencyEntry("IT", "資訊局", "Department of Information Technology", "city", "it"),
    AgencyEntry("X01", "示範合唱協會", "Sample Choir Association", "outside", "choir"),
    AgencyEntry("X02", "範例公益基金會", "Example Charity Foundation", "outside", "charity"),
    AgencyEntry("X03", "虛構街舞聯盟", "Imaginary Street Dance League", "outside", "dance"),
    AgencyEntry("X04", "試辦環保志工隊", "Pilot Green Volunteers", "outside", "green"),
    AgencyEntry("X05", "樣本市立國民中學", "Specimen Municipal Junior High School", "outside", "school"),
    AgencyEntry("X06", "虛擬市立國民小學", "Virtual Municipal Elementary School", "outside", "primary"),
    AgencyEntry("X07", "範本市立高級中學", "Template Municipal Senior High School", "outside", "senior"),
)

SURNAMES = (
    ("陳", "Chen"), ("林", "Lin"), ("黃", "Huang"), ("張", "Chang"), ("李", "Li"), ("王", "Wang"), ("吳", "Wu"),
    ("劉", "Liu"), ("蔡", "Tsai"), ("楊", "Yang"), ("許", "Hsu"), ("鄭", "Cheng"), ("謝", "Hsieh"), ("郭", "Kuo"),
    ("洪", "Hung"), ("曾", "Tseng"), ("邱", "Chiu"), ("廖", "Liao"), ("賴", "Lai"), ("周", "Chou"), ("葉", "Yeh"),
    ("蘇", "Su"), ("莊", "Chuang"), ("江", "Chiang"), ("呂", "Lu"), ("何", "Ho"), ("蕭", "Hsiao"), ("羅", "Lo"),
    ("高", "Kao"), ("潘", "Pan"), ("簡", "Chien"), ("朱", "Chu"), ("鍾", "Chung"), ("彭", "Peng"),
)  # fmt: skip
# Given names of plants, weather and places: readable, and plainly made up.
GIVEN = (
    ("竹青", "Chu-ching"), ("小滿", "Hsiao-man"), ("雲林", "Yun-lin"), ("松濤", "Sung-tao"), ("晴川", "Ching-chuan"),
    ("桐花", "Tung-hua"), ("山月", "Shan-yueh"), ("采薇", "Tsai-wei"), ("立夏", "Li-hsia"), ("白露", "Pai-lu"),
    ("海棠", "Hai-tang"), ("東籬", "Tung-li"), ("南風", "Nan-feng"), ("北辰", "Pei-chen"), ("西樓", "Hsi-lou"),
    ("春雷", "Chun-lei"), ("秋實", "Chiu-shih"), ("冬青", "Tung-ching"), ("夏木", "Hsia-mu"), ("墨香", "Mo-hsiang"),
    ("石泉", "Shih-chuan"), ("溪石", "Hsi-shih"), ("稻香", "Tao-hsiang"), ("茶山", "Cha-shan"), ("樟木", "Chang-mu"),
    ("梧桐", "Wu-tung"), ("杏雨", "Hsing-yu"), ("荷風", "Ho-feng"), ("霜葉", "Shuang-yeh"), ("晨曦", "Chen-hsi"),
    ("星河", "Hsing-ho"), ("潮生", "Chao-sheng"), ("望舒", "Wang-shu"), ("知秋", "Chih-chiu"), ("半夏", "Pan-hsia"),
    ("連翹", "Lien-chiao"), ("青禾", "Ching-ho"), ("長亭", "Chang-ting"), ("遠帆", "Yuan-fan"), ("停雲", "Ting-yun"),
)  # fmt: skip
UNITS = ("秘書室", "第一科", "第二科", "第三科", "企劃科", "綜合科", "會計室", "人事室")

NAMED = (
    PersonEntry(
        "officer", "林小滿", "Lin Hsiao-man", "CUL", "第二科", ("officer", "staff"), "2720-8889 #3501", "zh", True
    ),
    PersonEntry(
        "supervisor",
        "王立夏",
        "Wang Li-hsia",
        "CUL",
        "第二科",
        ("supervisor", "officer", "staff"),
        "2720-8889 #3500",
        "zh",
        True,
    ),
    PersonEntry(
        "officer2", "張白露", "Chang Pai-lu", "SOC", "綜合科", ("officer", "staff"), "2720-8889 #1601", "zh", True
    ),
    PersonEntry(
        "dispatcher",
        "陳松濤",
        "Chen Sung-tao",
        "SEC",
        "車輛管理科",
        ("dispatcher", "staff"),
        "2720-8889 #2345",
        "zh",
        True,
    ),
    PersonEntry(
        "driver", "高遠帆", "Kao Yuan-fan", "SEC", "車輛管理科", ("driver", "staff"), "0900-000-001", "zh", True
    ),
    PersonEntry(
        "driver2", "蘇南風", "Su Nan-feng", "SEC", "車輛管理科", ("driver", "staff"), "0900-000-002", "zh", True
    ),
    PersonEntry(
        "venues",
        "楊采薇",
        "Yang Tsai-wei",
        "SEC",
        "場地管理科",
        ("venue_officer", "staff"),
        "2720-8889 #2360",
        "zh",
        True,
    ),
    PersonEntry("group", "吳星河", "Wu Hsing-ho", "X01", "行政組", ("group",), "0900-000-100", "zh", True),
    PersonEntry(
        "dorms",
        "許冬青",
        "Hsu Tung-ching",
        "SEC",
        "財產管理科",
        ("dorm_officer", "staff"),
        "2720-8889 #2380",
        "zh",
        True,
    ),
    PersonEntry("staff", "黃青禾", "Huang Ching-ho", "PW", "第一科", ("staff",), "2720-8889 #8101", "zh", True),
    PersonEntry("staff2", "劉知秋", "Liu Chih-chiu", "TRA", "第三科", ("staff",), "2720-8889 #6901", "zh", True),
    PersonEntry(
        "auditor", "鄭北辰", "Cheng Pei-chen", "SEC", "政風室", ("auditor", "staff"), "2720-8889 #2400", "zh", True
    ),
    PersonEntry(
        "admin", "謝停雲", "Hsieh Ting-yun", "IT", "系統管理科", ("admin", "staff"), "2720-8889 #2500", "zh", True
    ),
)

# Named, so that everybody else is who they were before there were more schools than one.
TEACHERS = {
    "X06": PersonEntry(
        "primary-officer", "洪半夏", "Hung Pan-hsia", "X06", "教務處", ("group",), "0900-000-136", "zh", True
    ),
    "X07": PersonEntry(
        "senior-officer", "簡連翹", "Chien Lien-chiao", "X07", "教務處", ("group",), "0900-000-137", "zh", True
    ),
}

DRIVERS = 28
STAFF = 92


def people() -> Iterator[PersonEntry]:
    """Everybody: the thirteen demo sign-ins, an officer and a supervisor of every agency, drivers, staff, teachers.
    Deterministic."""
    rng = random.Random(SEED)  # noqa: S311 - invented names, not secrets
    taken = {person.name for person in NAMED}
    yield from NAMED

    def invent() -> tuple[str, str]:
        while True:
            (surname, surname_en), (given, given_en) = rng.choice(SURNAMES), rng.choice(GIVEN)
            if surname + given not in taken:
                taken.add(surname + given)
                return surname + given, f"{surname_en} {given_en}"

    for number, agency in enumerate(AGENCIES):
        if agency.code in TEACHERS:
            continue
        outside = agency.kind == "outside"
        for post, roles in (
            ("officer", ("group",) if outside else ("officer", "staff")),
            ("supervisor", ("supervisor", "officer", "staff")),
        ):
            if outside and post == "supervisor":
                continue
            name, name_en = invent()
            phone = (
                f"0900-000-{110 + number}" if outside else f"2720-8889 #{5000 + number * 10 + (post == 'supervisor')}"
            )
            unit = "行政組" if outside else rng.choice(UNITS)
            yield PersonEntry(f"{agency.short}-{post}", name, name_en, agency.code, unit, roles, phone, "zh", True)
    for number in range(3, 3 + DRIVERS):
        name, name_en = invent()
        owner = "SEC" if number % 3 == 0 else rng.choice([a.code for a in AGENCIES if a.kind == "city"])
        yield PersonEntry(
            f"driver{number}",
            name,
            name_en,
            owner,
            "車輛管理科",
            ("driver", "staff"),
            f"0900-000-{number:03d}",
            "zh",
            False,
        )
    for number in range(3, 3 + STAFF):
        name, name_en = invent()
        agency = rng.choice([a for a in AGENCIES if a.kind == "city"])
        lang = "en" if rng.random() < 0.04 else "zh"
        yield PersonEntry(
            f"staff{number}",
            name,
            name_en,
            agency.code,
            rng.choice(UNITS),
            ("staff",),
            f"2720-8889 #{6000 + number}",
            lang,
            False,
        )
    yield from TEACHERS.values()
