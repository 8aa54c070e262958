"""What is deducted for a stay from which day on: the grade, and the head's approval not to (D-30, D-31)."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from common.errors import Invalid
from common.identity import Person
from common.words import Words
from dorms import tenancies
from dorms import vocabulary as say
from dorms.models import PayTerms


def set_pay(
    session: Session,
    person: Person,
    now: datetime,
    tenancy_id: int,
    *,
    since: date,
    grade: int,
    deducted: bool,
    reason: str = "",
    rev: int | None = None,
) -> PayTerms:
    """From a day on: another grade (D-31), or no deduction by the head's approval (D-30, single rooms only).

    Raises Invalid when the exemption has no reason or the room is for families; Stale, TenancyOver, Forbidden, NotFound.
    """
    row = tenancies.held_for(session, person, tenancy_id, rev)
    if not deducted and row.room.kind != say.SINGLE:
        raise Invalid(
            Words("多房間職務宿舍一律扣繳（規則 D-30）", "In family quarters it is always deducted (rule D-30)"),
            field="deducted",
        )
    if not deducted and not reason:
        raise Invalid(Words("請填首長核准文號或理由", "Give the head’s approval or the reason"), field="reason")
    if since < row.stay_from:
        raise Invalid(Words("不能早於借用起日", "Not before the stay began"), field="since")
    terms = next((each for each in row.pay_terms if each.since == since), None)
    if terms is None:
        terms = PayTerms(tenancy_id=row.id, since=since)
        session.add(terms)
    terms.grade, terms.deducted, terms.reason = grade, deducted, reason
    session.flush()
    session.expire(row, ["pay_terms"])
    said = Words("第 {grade} 職等，{what}", "grade {grade}, {what}").fill(
        grade=grade, what=Words("扣房租津貼", "deducted") if deducted else Words("不扣房租津貼", "not deducted")
    )
    tenancies.note(session, person, now, row, "pay", since, text="；".join(filter(None, (said.zh, reason))))
    return terms
