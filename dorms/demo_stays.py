"""Believable stays for the demo: contracts and hand-overs, some clocks of moving out, one of them overdue."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import add_months, taipei, today
from dorms import deductions, inventory, move_outs, stays, tenancies
from dorms.models import Application, Tenancy

NOTARY = "臺灣臺北地方法院公證處"


def settle_in(session: Session, officer: Person, application: Application) -> None:
    """Who took a room has the contract notarised two days later, moves in the day after and confirms the list."""
    row = session.scalars(select(Tenancy).where(Tenancy.offer_id == application.offers[-1].id)).one()
    signed = row.agreed_at + timedelta(days=2)
    year = today(signed).year - 1911
    tenancies.record_contract(
        session,
        officer,
        signed,
        row.id,
        number=f"{year} 年度北院民公字第 {1200 + row.id} 號",
        notary=NOTARY,
        notarised_on=today(signed),
    )
    moved = signed + timedelta(days=1)
    items = [
        {"name": name, "quantity": quantity, "condition": stays.GOOD if place else stays.WORN, "remark": ""}
        for place, (name, quantity) in enumerate(stays.USUAL_FURNITURE)
    ]
    tenancies.move_in(session, officer, moved, row.id, moved_in_on=today(moved), items=items)
    if application.person is not None:
        inventory.agree(session, application.person, moved + timedelta(hours=3), row.id)


def tell(session: Session, officer: Person, now: datetime) -> None:
    """Of those who live there: one retires, one was transferred and is overdue, one has more time, one is on leave for
    a small child, and three pay no allowance by the head's approval."""
    living = select(Tenancy).where(Tenancy.ended_on.is_(None), Tenancy.offer_id.is_(None)).order_by(Tenancy.id)
    rows = list(session.scalars(living.limit(9)))
    if len(rows) < 9:
        return
    _, retiring, overdue, given_time, on_leave, *approved = rows[:8]
    _start(session, officer, now, retiring, "retirement", 50, "屆齡退休")
    _start(session, officer, now, overdue, "transfer", 105, "調任其他機關")
    moved = _start(session, officer, now, given_time, "unpaid_leave", 80, "留職停薪進修")
    move_outs.extend(
        session,
        officer,
        now - timedelta(days=9),
        moved.id,
        leave_by=add_months(moved.leave_by or today(now), 2),
        approval=f"{today(now).year - 1911} 秘總字第 0912 號",
        reason="家人住院，請求延長",
    )
    _start(session, officer, now, on_leave, "child_care", 60, "子女 1 歲")
    for row in approved:
        deductions.set_pay(
            session, officer, now, row.id, since=row.stay_from, grade=7, deducted=False, reason="首長核准住單房間"
        )


def _start(session: Session, officer: Person, now: datetime, row: Tenancy, cause: str, days: int, why: str) -> Tenancy:
    """The clock began so many days ago, or with the stay if that is shorter."""
    day = max(today(now) - timedelta(days=days), row.stay_from + timedelta(days=1))
    return move_outs.start(session, officer, taipei(day, "10:00"), row.id, cause=cause, since=day, reason=why)
