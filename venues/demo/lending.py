"""Equipment on its way and things lent by the count, in every state."""

from datetime import datetime, timedelta
from typing import Any

from common.identity import Person
from common.period import Period, taipei, today
from venues import lending, loans, pieces
from venues.demo.history import History
from venues.loans import Back

# who (index), thing, how many, first day, last day, how far it comes
LOANS = (
    (0, {"table": 20, "chair": 80}, -30, -28, "returned"),
    (1, {"tent": 4}, -24, -22, "damaged"),
    (2, {"wheelchair": 2}, -18, -15, "returned"),
    (3, {"umbrella": 30}, -12, -10, "overdue"),
    (4, {"chair": 60, "table": 10}, -2, 3, "out"),
    (5, {"tent": 3, "chair": 40}, 0, 2, "approved"),
    (1, {"wheelchair": 3}, 6, 8, "approved"),
    (0, {"table": 12, "chair": 48}, 9, 10, "requested"),
    (2, {"tent": 5}, 14, 16, "requested"),
    (3, {"chair": 150}, 20, 21, "rejected"),
    (4, {"umbrella": 20}, 11, 12, "cancelled"),
)
PURPOSES = ("里民活動", "跨局處研習", "社區健檢", "志工表揚", "防災演練", "節慶市集")


def load(history: History, officer: Person, people: list[Person]) -> None:
    """Equipment out and back each day of the last weeks; loans; things that broke."""
    _equipment(history, officer)
    for number, (who, wanted, first, last, ends) in enumerate(LOANS):
        _loan(history, officer, people[who % len(people)], wanted, first, last, ends, PURPOSES[number % len(PURPOSES)])
    for days in range(-14, 1):
        at = taipei(today(history.now) + timedelta(days=days), "08:00")
        history.at(at, lambda then: _remind(history, then))


def _remind(history: History, at: datetime) -> None:
    loans.look_after(history.session, at)


def _equipment(history: History, officer: Person) -> None:
    session, left = history.session, list[str]()

    def out(at: datetime) -> None:
        for need in pieces.needs(session, Period.of_day(today(at))):
            if need.booking.status == "confirmed" and need.handover is None and not need.still_at:
                pieces.deliver(session, officer, at, need.booking.id, piece=need.piece, condition="完好")

    def back(at: datetime) -> None:
        for row in pieces.out(session):
            if row.due_back_at > at or row.piece in left:
                continue
            if at > history.now - timedelta(days=21) and not left and row.piece.startswith("stage"):
                left.append(row.piece)
                continue
            pieces.bring_back(session, officer, at, row.id, condition="完好")

    for days in range(-40, 1):
        day = today(history.now) + timedelta(days=days)
        history.at(taipei(day, "07:30"), out)
        history.at(taipei(day, "22:40"), back)
    history.at(
        history.hour(-20, 10), lambda at: _break(history, officer, at, "sound_set:4", "喇叭單邊無聲", mended=True)
    )
    history.at(history.hour(-2, 16), lambda at: _break(history, officer, at, "light_set:4", "燈架腳座彎曲"))


def _break(history: History, officer: Person, at: datetime, piece: str, note: str, *, mended: bool = False) -> None:
    expected = today(at) + timedelta(days=9)
    fault = pieces.report_fault(history.session, officer, at, piece=piece, note=note, expected_on=expected)
    if mended:
        history.at(
            at + timedelta(days=6),
            lambda then: pieces.repair(history.session, officer, then, fault.id, note="已更換單體"),
        )


def _loan(
    history: History,
    officer: Person,
    who: Person,
    wanted: dict[str, int],
    first: int,
    last: int,
    ends: str,
    purpose: str,
) -> None:
    session, day = history.session, today(history.now)

    def ask(at: datetime) -> None:
        ids = {thing.code: thing.id for thing in lending.things(session)}
        items = {ids[code]: count for code, count in wanted.items()}
        told: dict[str, Any] = {"starts_on": day + timedelta(days=first), "ends_on": day + timedelta(days=last)}
        loan = loans.request(session, who, at, items=items, purpose=purpose, **told)
        if ends == "cancelled":
            history.at(at + timedelta(hours=4), lambda then: loans.cancel(session, who, then, loan.id))
        elif ends != "requested":
            history.at(at + timedelta(hours=5), lambda then: _decide(loan.id, then))
        if ends in ("out", "overdue", "returned", "damaged"):
            history.at(taipei(told["starts_on"], "09:10"), lambda then: _hand_out(loan.id, items, then))
        if ends in ("returned", "damaged"):
            broken = 1 if ends == "damaged" else 0
            history.at(taipei(told["ends_on"], "16:30"), lambda then: _take_back(loan.id, items, broken, then))

    def _decide(loan_id: int, at: datetime) -> None:
        reason = "當天已另有大型活動使用全部折疊椅。" if ends == "rejected" else ""
        loans.decide(session, officer, at, loan_id, approve=ends != "rejected", reason=reason)

    def _hand_out(loan_id: int, items: dict[int, int], at: datetime) -> None:
        loans.hand_out(session, officer, at, loan_id, counts=items)

    def _take_back(loan_id: int, items: dict[int, int], broken: int, at: datetime) -> None:
        counts = {thing: Back(count - broken, broken, 0) for thing, count in items.items()}
        loans.take_back(session, officer, at, loan_id, counts=counts)

    history.at(history.hour(min(first - 4, -1), 10), ask)
