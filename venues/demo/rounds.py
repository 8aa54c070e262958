"""Rounds of stalls: one drawn from 540 firms and running, one to register for now, one that waits for its seed."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from common.identity import Person
from common.period import taipei, today
from venues.demo.history import History
from venues.models import Registration, Round
from venues.rounds import checking, conduct, drawing, firms, opening, places, registering, steps, stops
from venues.rounds import words as say
from venues.rounds.opening import ClassWish
from venues.rounds.registering import Entry

FIRMS = 540
STALLS = (("charity", 7), ("food", 6), ("cloth", 4), ("produce", 5), ("hardware", 4))  # 26 places, as in 104 (T-01)
SHARES = (70, 240, 80, 90, 60)
FIRST = (
    "晨光",
    "小滿",
    "青禾",
    "山月",
    "東籬",
    "稻香",
    "白露",
    "秋實",
    "星河",
    "半夏",
    "石泉",
    "長亭",
    "采薇",
    "桐花",
    "望舒",
    "知秋",
)
TRADES = {
    "charity": ("福利協會", "關懷協會", "庇護工場"),
    "food": ("食品行", "茶點舖", "豆花店", "烘焙坊"),
    "cloth": ("布行", "服飾店"),
    "produce": ("農場", "果園"),
    "hardware": ("五金行", "百貨行"),
    "food_truck": ("餐車", "行動咖啡"),
}
GOODS = {
    "charity": "手工皂、布包", "food": "點心、飲品", "cloth": "圍巾、衣物", "produce": "當季蔬果", "hardware": "日用品",
    "food_truck": "熱食、飲品",
}  # fmt: skip
EVERY_PAPER = tuple(say.PAPERS)
PLACE = {"place": "市政大樓 1 樓西側走道", "place_en": "West arcade, ground floor of City Hall"}
SEED = "27314.06"


class Rounds:
    """What officers and firms did with the rounds."""

    def __init__(self, history: History, officer: Person, second: Person, bodies: list[Person]):
        self.history, self.session = history, history.session
        self.officer, self.second, self.bodies = officer, second, bodies
        self.day = today(history.now)
        self._firms = 0

    def load(self) -> None:
        self.running()
        self.to_register()
        self.waiting_for_its_seed()

    def running(self) -> None:
        """The present half-year's stalls: 540 firms, 26 places, and what followed the draw."""
        first, until = half_year(self.day)
        window = taipei(first - timedelta(days=79), "08:00"), taipei(first - timedelta(days=74), "17:00")
        row = self._opened(window[0] - timedelta(days=7), STALLS, "stall", window, first, until, **PLACE)
        self._at(window[0] + timedelta(hours=3), lambda at: self._online(row(), at, ("charity", "food", "cloth")))
        codes = [code for (code, _), share in zip(STALLS, SHARES, strict=True) for _ in range(share)]
        rest = FIRMS - min(3, len(self.bodies))
        self._at(
            window[0] + timedelta(days=2), lambda at: self._on_paper(row(), at, codes[:rest], lacking=(5, 90, 300, 444))
        )
        self._at(window[1], lambda at: opening.close_registration(self.session, self.officer, at, row().id))
        self._at(window[1] + timedelta(days=2), lambda at: self._check(row(), at))
        listed = window[1] + timedelta(days=11)
        known = checking.usual_moment(self.session, listed)
        self._at(listed, lambda at: self._publish(row(), at, known))
        self._at(known + timedelta(hours=2), lambda at: self._draw(row(), at))
        self._at(known + timedelta(days=2), lambda at: self._answers(row(), at))
        self._at(known + timedelta(days=5), lambda at: self._pay(row(), at))
        self._at(known + timedelta(days=8), self._lapse)
        self._at(known + timedelta(days=8, hours=3), lambda at: self._answers(row(), at, everybody=True))
        self._at(known + timedelta(days=9), lambda at: self._pay(row(), at))
        self._at(taipei(first, "06:00"), self._lapse)
        self._at(taipei(first + timedelta(days=21), "11:00"), lambda at: self._warn(row(), at, 1, "貨物占用通道"))
        self._at(taipei(first + timedelta(days=34), "15:30"), lambda at: self._warn(row(), at, 1, "逾時未清場"))
        self._at(taipei(first + timedelta(days=40), "09:00"), lambda at: self._typhoon(row(), at))
        self._at(taipei(first + timedelta(days=43), "06:00"), self._lapse)
        self._at(taipei(first + timedelta(days=58), "10:00"), lambda at: self._leaves(row(), at))
        self._at(taipei(first + timedelta(days=60), "10:00"), lambda at: self._answers(row(), at, everybody=True))
        self._at(taipei(first + timedelta(days=61), "10:00"), lambda at: self._pay(row(), at))

    def to_register(self) -> None:
        """The next half-year's stalls: registration runs now."""
        window = taipei(self.day - timedelta(days=2), "08:00"), taipei(self.day + timedelta(days=3), "17:00")
        first, until = half_year(half_year(self.day)[1])
        if first <= self.day + timedelta(days=20):
            first, until = half_year(until)
        row = self._opened(window[0] - timedelta(days=9), STALLS, "stall", window, first, until, **PLACE)
        others = self.bodies[1:]
        self._at(window[0] + timedelta(hours=4), lambda at: self._online(row(), at, ("food", "cloth"), others))
        codes = [STALLS[n % len(STALLS)][0] for n in range(18)]
        self._at(window[0] + timedelta(hours=7), lambda at: self._on_paper(row(), at, codes, lacking=(2, 3)))

    def waiting_for_its_seed(self) -> None:
        """Food trucks on the plaza: the list is published, its seed becomes known in three days."""
        window = taipei(self.day - timedelta(days=24), "08:00"), taipei(self.day - timedelta(days=19), "17:00")
        first = (self.day.replace(day=1) + timedelta(days=70)).replace(day=1)
        until = (first + timedelta(days=100)).replace(day=1)
        told = {
            "place": "市民廣場",
            "place_en": "Civic Plaza",
            "rent": None,
            "seed_source": "第 115000088 期大樂透中獎號碼，由小到大以空格分隔",
        }
        row = self._opened(window[0] - timedelta(days=6), (("food_truck", 6),), "plaza", window, first, until, **told)
        self._at(window[0] + timedelta(hours=5), lambda at: self._online(row(), at, ("food_truck",) * 2))
        self._at(window[0] + timedelta(days=1), lambda at: self._on_paper(row(), at, ["food_truck"] * 32, lacking=(7,)))
        self._at(window[1], lambda at: opening.close_registration(self.session, self.officer, at, row().id))
        self._at(window[1] + timedelta(days=3), lambda at: self._check(row(), at))
        known = taipei(self.day + timedelta(days=3), "20:30")
        self._at(taipei(self.day - timedelta(days=2), "10:00"), lambda at: self._publish(row(), at, known))

    # --- acts ------------------------------------------------------------------------------------------------------

    def _at(self, moment: datetime, do: Callable[[datetime], object]) -> None:
        self.history.at(moment, lambda at: _quietly(do(at)))

    def _opened(
        self, moment: datetime, classes: tuple[tuple[str, int], ...], kind: str, window: tuple[datetime, datetime],
        first: date, until: date, **told: object,
    ) -> Callable[[], Round]:  # fmt: skip
        made: list[Round] = []
        wishes = [ClassWish(code, number) for code, number in classes]

        def act(at: datetime) -> None:
            made.append(
                opening.open_round(
                    self.session,
                    self.officer,
                    at,
                    kind=kind,
                    classes=wishes,
                    registration_from=window[0],
                    registration_until=window[1],
                    term_from=first,
                    term_until=until,
                    **told,  # type: ignore[arg-type]
                )  # fmt: skip
            )

        self._at(moment, act)
        return lambda: made[0]

    def _entry(self, code: str, papers: tuple[str, ...], **told: str) -> Entry:
        self._firms += 1
        n = self._firms
        kind = "charity" if code == "charity" else "farmer" if code == "produce" else "company"
        person = firms.person_with_check_digit(f"{'AFHBN'[n % 5]}{1 + n % 2}{n * 7919 % 10**7:07d}")
        number = {"charity": f"北市社字第{10_000 + n}號", "farmer": person}.get(kind)
        trades = TRADES[code]
        name = f"{FIRST[n % len(FIRST)]}{FIRST[n // len(FIRST) % len(FIRST)][0]}{trades[n % len(trades)]}"
        filled = {
            "firm_kind": kind, "firm_number": number or firms.with_check_digit(f"{(n * 104_729) % 10**7:07d}"), "firm_name": name,
            "seller_id": person, "seller_name": f"示範販售{n}", "phone": f"0900-{n % 1000:03d}-{n * 37 % 1000:03d}", **told,
        }  # fmt: skip
        return Entry(class_code=code, goods=GOODS[code], papers=papers, **filled)

    def _online(self, row: Round, at: datetime, codes: tuple[str, ...], bodies: list[Person] | None = None) -> None:
        for person, code in zip(self.bodies if bodies is None else bodies, codes, strict=False):
            entry = self._entry(code, EVERY_PAPER, firm_name=person.agency.name)
            registering.register(self.session, person, at, row.id, entry)

    def _on_paper(self, row: Round, at: datetime, codes: list[str], lacking: tuple[int, ...]) -> None:
        lines = [
            (line, self._entry(code, ("checklist",) if line in lacking else EVERY_PAPER))
            for line, code in enumerate(codes, start=2)
        ]
        registering.enter_many(self.session, self.officer, at, row.id, lines)

    def _check(self, row: Round, at: datetime) -> None:
        checking.find_complete_eligible(self.session, self.officer, at, row.id)
        for n, each in enumerate(steps.in_states(self.session, row, say.SUBMITTED)):
            if n % 2:
                checking.refuse(self.session, self.officer, at, each.id, reason="產品責任險保單已過期（T-06）。")
            else:
                due = today(at) + timedelta(days=4)
                checking.ask_for_supplement(
                    self.session, self.officer, at, each.id, what="缺產品責任險保單。", due_on=due
                )

    def _publish(self, row: Round, at: datetime, known: datetime) -> None:
        checking.refuse_overdue(self.session, at)
        checking.publish_list(self.session, self.officer, at, row.id, seed_known_at=known)

    def _draw(self, row: Round, at: datetime) -> None:
        for person in (self.officer, self.second):
            drawing.draw_round(self.session, person, at, row.id, seed=SEED)

    def _answers(self, row: Round, at: datetime, everybody: bool = False) -> None:
        for each in steps.in_states(self.session, row, say.SELECTED):
            by = self.officer
            if each.place_no in (9, 17) and not everybody:
                places.withdraw(self.session, by, at, each.id, reason="另有其他設攤地點。")
            elif each.place_no != 21 or everybody:
                places.accept(self.session, by, at, each.id)

    def _pay(self, row: Round, at: datetime) -> None:
        for each in steps.in_states(self.session, row, say.ACCEPTED):
            places.record_payment(self.session, self.officer, at, each.id, receipt_number=f"S-{row.id}-{each.id:05d}")

    def _holder(self, row: Round, nth: int) -> Registration:
        return steps.in_states(self.session, row, say.HOLDING)[nth]

    def _warn(self, row: Round, at: datetime, nth: int, what: str) -> None:
        conduct.warn(self.session, self.officer, at, self._holder(row, nth).id, what=what)

    def _typhoon(self, row: Round, at: datetime) -> None:
        first, until = today(at) + timedelta(days=1), today(at) + timedelta(days=2)
        reason = "颱風停止上班，停用一天。"
        stops.suspend(self.session, self.officer, at, row.id, reason=reason, first_day=first, until=until)

    def _leaves(self, row: Round, at: datetime) -> None:
        leaver = self._holder(row, 4)
        places.withdraw(self.session, self.officer, at, leaver.id, reason="負責人健康因素。")
        places.record_payout(self.session, self.officer, at, leaver.id, document=f"P-{leaver.id:05d}")

    def _lapse(self, at: datetime) -> None:
        places.lapse_due(self.session, at)


def half_year(day: date) -> tuple[date, date]:
    """The first day of the half-year that `day` lies in, and of the next."""
    if day.month < 7:
        return date(day.year, 1, 1), date(day.year, 7, 1)
    return date(day.year, 7, 1), date(day.year + 1, 1, 1)


def load(history: History, officer: Person, second: Person, bodies: list[Person]) -> None:
    """Plan what happened to the rounds; `bodies` are outside bodies, the one that signs in first."""
    Rounds(history, officer, second, bodies).load()


def _quietly(_: object) -> None:
    """An act’s answer is nobody’s here."""
