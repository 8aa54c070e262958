"""The demo's upkeep: eleven legacy houses and a piece of land on the register, this year's and next year's checks under way,
evidence being gathered in one case, and repairs at every stage. Addresses and stayers are invented samples."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import taipei, today
from common.words import Words
from dorms import vocabulary as say
from dorms.models import HouseCheck, Room
from dorms.upkeep import evidence, houses, planning, repairs, rows, terms, visiting

SAMPLE = "示範資料，非實際門牌。"

# number, kind, address, in English, m², state, from, who stays
REGISTER = (
    ("M-01", "house", "臺北市大安區青田街示範 1 號", "1 Sample, Qingtian Street, Da’an District", 92, "lawful_stayer", "林○○"),
    ("M-02", "house", "臺北市大安區潮州街示範 2 號", "2 Sample, Chaozhou Street, Da’an District", 78, "lawful_stayer", "陳○○"),
    ("M-03", "house", "臺北市中正區牯嶺街示範 3 號", "3 Sample, Guling Street, Zhongzheng District", 85, "lawful_stayer", "黃○○"),
    ("M-04", "house", "臺北市中正區南昌路示範 4 號", "4 Sample, Nanchang Road, Zhongzheng District", 66, "vacant", ""),
    ("M-05", "house", "臺北市中正區杭州南路示範 5 號", "5 Sample, Hangzhou South Road, Zhongzheng District", 70, "vacant", ""),
    ("M-06", "house", "臺北市中山區長春路示範 6 號", "6 Sample, Changchun Road, Zhongshan District", 58, "vacant", ""),
    ("M-07", "house", "臺北市中山區吉林路示範 7 號", "7 Sample, Jilin Road, Zhongshan District", 61, "unlawful", ""),
    ("M-08", "house", "臺北市信義區吳興街示範 8 號", "8 Sample, Wuxing Street, Xinyi District", 49, "in_use", ""),
    ("M-09", "house", "臺北市松山區八德路示範 9 號", "9 Sample, Bade Road, Songshan District", 53, "vacant", ""),
    ("M-10", "house", "臺北市萬華區莒光路示範 10 號", "10 Sample, Juguang Road, Wanhua District", 64, "in_use", ""),
    ("M-11", "house", "臺北市文山區木柵路示範 11 號", "11 Sample, Muzha Road, Wenshan District", 72, "vacant", ""),
    ("L-01", "land", "臺北市大安區和平東路示範地段", "Sample lot, Heping East Road, Da’an District", 310, "vacant", ""),
)  # fmt: skip
FIRST_KEPT = date(1983, 4, 29)

BROKEN = {
    say.AWAITING_REPAIR: (
        ("water", "浴室漏水到樓下", 18_500),
        ("electric", "配電盤老舊須更換", 26_000),
        ("structure", "地板受潮隆起", 42_000),
    ),
    say.IN_REPAIR: (("electric", "重新配電", 31_000), ("water", "浴室更新", 88_000)),
}  # fmt: skip


def load(session: Session, officer: Person, now: datetime) -> None:
    """Fill it; rooms and their residents are there already."""
    for code, kind, place, place_en, area, state, who in REGISTER:
        since = FIRST_KEPT if state == terms.LAWFUL else date(2015, 1, 1)
        houses.add(
            session, officer, taipei(date(2015, 1, 5), "10:00"), code=code, kind=kind, place=Words(place, place_en), area_m2=area,
            state=state, since=since, occupant=who, note=SAMPLE,
        )  # fmt: skip
    _checks(session, officer, now)
    _repairs(session, officer, now)


def _checks(session: Session, officer: Person, now: datetime) -> None:
    """This year: half of it done, one route for today, one announced, something to put right, one case."""
    day = today(now)
    planning.make_plan(session, officer, now - timedelta(days=40), day.year)
    if (day + timedelta(days=8)).year == day.year:
        _route(session, officer, now - timedelta(days=30), terms.INSPECTIONS, "wanhua", day - timedelta(days=20), 12)
        _route(session, officer, now - timedelta(days=15), terms.VISITS, "wanhua", day - timedelta(days=5), 10)
        _route(session, officer, now - timedelta(days=12), terms.VISITS, "daan", day - timedelta(days=4), 2)
        _record_past(session, officer, day)
        _route(session, officer, now, terms.VISITS, "xinyi", day, 6)
        _route(session, officer, now, terms.INSPECTIONS, "xinyi", day + timedelta(days=8), 8)
    planning.make_plan(session, officer, now, day.year + 1)


def _route(session: Session, officer: Person, at: datetime, errand: str, district: str, day: date, places: int) -> None:
    planning.appoint(
        session, officer, at, year=day.year, district=district, errand=errand, day=day, half=terms.MORNING,
        visitor_id=officer.id, places=places,
    )  # fmt: skip


def _record_past(session: Session, officer: Person, day: date) -> None:
    """What was found on the days gone by."""
    past = select(HouseCheck).where(HouseCheck.state == terms.APPOINTED, HouseCheck.day < day).order_by(HouseCheck.id)
    unmet: list[HouseCheck] = []
    for number, row in enumerate(session.scalars(past).all()):
        on = row.day or day
        at = taipei(on, "10:30") + timedelta(minutes=number)
        result, note = (terms.RESIDES, "") if row.kind == terms.VISIT else (terms.FINE, "")
        if row.kind == terms.VISIT and number % 7 == 3:
            result, note = terms.NOT_MET, "按鈴三次無人應門，信箱未滿"
        elif row.kind == terms.INSPECTION and number % 9 == 4:
            result, note = terms.FAULTS, "陽台堆置雜物，請清除"
        elif row.kind == terms.FURNITURE and number % 11 == 5:
            result, note = terms.FAULTS, "書桌抽屜損壞，請報修"
        visiting.record(session, officer, at, row.id, result=result, note=note)
        if result == terms.NOT_MET and row.person_id is not None:
            unmet.append(row)
    if unmet:
        evidence.open_case(session, officer, taipei(day - timedelta(days=3), "14:00"), unmet[0].id)


def _repairs(session: Session, officer: Person, now: datetime) -> None:
    """Rooms that wait for repair or are in repair have their requests; residents asked for more, one out of turn."""
    rooms: dict[str | None, list[Room]] = {state: [] for state in BROKEN}
    for room in session.scalars(select(Room).order_by(Room.id)):
        if room.state in rooms:
            rooms[room.state].append(room)
    stages = [
        (room, *works)
        for state in (say.IN_REPAIR, say.AWAITING_REPAIR)
        for room, works in zip(rooms[state], BROKEN[state], strict=False)
    ]
    for number, (room, part, what, estimate) in enumerate(stages):
        at = now - timedelta(days=60 - number)
        row = repairs.request(session, officer, at, part=part, what=what, room_id=room.id)
        repairs.decide(session, officer, at + timedelta(hours=3), row.id, approve=True, estimate=estimate)
        if room.state == say.IN_REPAIR:
            repairs.start(session, officer, at + timedelta(days=9), row.id, contractor="示範營造有限公司")
    _residents_ask(session, officer, now)


def _residents_ask(session: Session, officer: Person, now: datetime) -> None:
    known = [session.get_one(Person, each.person_id) for each in list(rows.residents(session, today(now)).values())[:6]]
    asked = (
        ("doors", "大門鎖芯卡住，鑰匙不易轉動", 22),
        ("electric", "浴室電燈閃爍", 12),
        ("water", "洗手台下方漏水", 6),
        ("furniture", "書桌抽屜損壞", 2),
    )
    made = [
        repairs.request(session, person, now - timedelta(days=days), part=part, what=what)
        for person, (part, what, days) in zip(known, asked, strict=False)
    ]
    if len(known) > 5:
        repairs.request(
            session,
            known[5],
            now - timedelta(days=3),
            part="other",
            what="自費加裝浴室扶手",
            payer=terms.OWN,
            accepts_terms=True,
        )
    if len(made) > 2:
        first, _, leak = made[:3]
        why = "漏水已波及樓下住戶，須先處理"
        repairs.decide(
            session, officer, now - timedelta(days=5), leak.id, approve=True, estimate=3_500, out_of_turn=why
        )
        repairs.start(session, officer, now - timedelta(days=4), leak.id, contractor="示範水電行")
        repairs.complete(session, officer, now - timedelta(days=3), leak.id, cost=3_200, acceptance="試水正常")
        why = "房間無法上鎖，先於空房修繕辦理"
        repairs.decide(
            session, officer, now - timedelta(days=2), first.id, approve=True, estimate=1_200, out_of_turn=why
        )
