"""Shorthand for what people do in a round, from its window to its draw."""

from datetime import date, datetime, timedelta
from typing import Any

from common.period import taipei
from venues.models import Registration, Round
from venues.rounds import checking, drawing, firms, opening, registering
from venues.rounds.opening import ClassWish
from venues.rounds.registering import Entry

T03 = (("charity", 6), ("food", 5), ("cloth", 4), ("produce", 5), ("hardware", 4))
OPENS, CLOSES = taipei(date(2026, 11, 23), "08:00"), taipei(date(2026, 11, 28), "17:00")
TERM = (date(2027, 1, 1), date(2027, 7, 1))
KNOWN = taipei(date(2026, 12, 8), "14:00")


def firm(n: int) -> str:
    return firms.with_check_digit(f"{1_000_000 + 7 * n}")


def seller(n: int) -> str:
    return firms.person_with_check_digit(f"A1{n:07d}")


def entry(n: int, class_code: str = "food", papers: tuple[str, ...] | None = None, **changes: Any) -> Entry:
    every = (
        "checklist",
        "registration",
        "firm_card",
        "seller_card",
        "application",
        "food_operator",
        "liability",
        "lab_test",
    )
    told = {"firm_number": firm(n), "firm_name": f"第{n}商行", "seller_id": seller(n), "phone": "02-2720-0000"}
    return Entry(class_code=class_code, **{**told, "papers": every if papers is None else papers, **changes})  # type: ignore[arg-type]


class RoundDesk:
    """One open session's officers, and a round as it goes along."""

    def __init__(self, session: Any, people: dict[str, Any], now: datetime):
        self.session, self.people, self.now = session, people, now
        self.officer, self.second, self.group = people["venues"], people["admin"], people["group"]

    def open(self, classes: Any = T03, **changes: Any) -> Round:
        told: dict[str, Any] = {
            "kind": "stall", "registration_from": OPENS, "registration_until": CLOSES, "term_from": TERM[0],
            "term_until": TERM[1], "seed_known_at": KNOWN, **changes,
        }  # fmt: skip
        wishes = [ClassWish(code, places) for code, places in classes]
        return opening.open_round(self.session, self.officer, self.now, classes=wishes, **told)

    def register(self, row: Round, *entries: Entry, who: Any = None) -> list[Registration]:
        person = who or self.officer
        return [registering.register(self.session, person, self.now, row.id, each) for each in entries]

    def fill(self, row: Round, count: int, codes: Any = ("food",)) -> list[Registration]:
        lines = [(n + 2, entry(n, codes[n % len(codes)])) for n in range(count)]
        return registering.enter_many(self.session, self.officer, self.now, row.id, lines)

    def publish(self, row: Round, at: datetime | None = None) -> Round:
        at = at or CLOSES + timedelta(days=3)
        if row.status == "open":
            opening.close_registration(self.session, self.officer, at, row.id)
        checking.find_complete_eligible(self.session, self.officer, at, row.id)
        for each in self.session.query(Registration).filter_by(round_id=row.id, status="submitted"):
            checking.find_eligible(self.session, self.officer, at, each.id)
        return checking.publish_list(self.session, self.officer, at, row.id)

    def draw(self, row: Round, seed: str = "27650.11", at: datetime = KNOWN) -> Round:
        drawing.draw_round(self.session, self.officer, at, row.id, seed=seed)
        return drawing.draw_round(self.session, self.second, at, row.id, seed=seed)

    def drawn(self, count: int = 12, classes: Any = (("food", 3),), **changes: Any) -> Round:
        row = self.open(classes, **changes)
        self.fill(row, count, [code for code, _ in classes])
        return self.draw(self.publish(row))

    def of(self, row: Round, ticket: str) -> Registration:
        return self.session.get_one(Registration, int(ticket.rpartition("-")[2]))  # type: ignore[no-any-return]
