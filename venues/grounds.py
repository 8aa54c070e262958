"""What City Hall lends and lets besides its halls, as data: things by the count, boards, counters, a contributed venue.

Quantities, boards and names of counters are samples: the reports tell only that there are 19 counters and a bank (T-01),
boards at gates and lifts (G-05), and SOGO's eighth floor (G-03).
"""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from venues.models import Board, ContributedVenue, Counter, LentStock, LentThing

FROM = date(2023, 11, 9)

THINGS = (
    # code, name, English, unit, English, how many, most a loan
    ("table", "折疊長桌", "Folding table", "張", "table", 60, 30),
    ("chair", "折疊椅", "Folding chair", "張", "chair", 300, 150),
    ("tent", "帳篷", "Tent", "頂", "tent", 12, 6),
    ("wheelchair", "輪椅", "Wheelchair", "台", "wheelchair", 10, 4),
    ("umbrella", "愛心傘", "Umbrella", "把", "umbrella", 80, 40),
)

BOARDS = (
    # code, name, English, postings a day
    ("gate-north", "北門廳看板", "North gate board", 6),
    ("gate-south", "南門廳看板", "South gate board", 6),
    ("gate-east", "東門廳看板", "East gate board", 6),
    ("gate-west", "西門廳看板", "West gate board", 6),
    ("lift-north", "北區電梯看板", "North lifts board", 8),
    ("lift-south", "南區電梯看板", "South lifts board", 8),
)

TRADES = (
    ("郵局", "Post office"), ("便利商店", "Convenience store"), ("書店", "Bookshop"), ("花店", "Florist"),
    ("咖啡", "Coffee"), ("麵包", "Bakery"), ("自助餐", "Canteen"), ("素食", "Vegetarian food"), ("水果", "Fruit"),
    ("理髮", "Hairdresser"), ("洗衣", "Laundry"), ("眼鏡", "Optician"), ("藥局", "Pharmacy"), ("影印", "Copy shop"),
    ("鑰匙與修鞋", "Keys and shoes"), ("農特產品", "Farm products"), ("庇護工場", "Sheltered workshop"),
    ("旅遊服務", "Travel desk"), ("通訊", "Phones"),
)  # fmt: skip


def load(session: Session) -> None:
    """Fill an empty database; does nothing when there is a counter already."""
    if session.scalars(select(Counter.id).limit(1)).first():
        return
    for place, (code, name, name_en, unit, unit_en, many, most) in enumerate(THINGS):
        thing = LentThing(
            code=code, name=name, name_en=name_en, unit=unit, unit_en=unit_en, most=most, place_in_list=place
        )
        thing.stocks.append(LentStock(valid_from=FROM, quantity=many))
        session.add(thing)
    for place, (code, name, name_en, places) in enumerate(BOARDS):
        session.add(Board(code=code, name=name, name_en=name_en, places=places, sample=True, place_in_list=place))
    for number, (name, name_en) in enumerate(TRADES, start=1):
        session.add(Counter(code=f"B1-{number:02d}", kind="counter", name=name, name_en=name_en, place_in_list=number))
    session.add(Counter(code="F1-BK", kind="bank", name="銀行分行", name_en="Bank branch", place_in_list=99))
    session.add(
        ContributedVenue(
            code="sogo-8f", name="SOGO 復興館 8 樓", name_en="SOGO Fuxing, 8F", place="忠孝東路三段 300 號 8 樓",
            place_en="8F, 300 Zhongxiao E. Rd. Sec. 3", rule="G-03",
        )
    )  # fmt: skip
    session.flush()
