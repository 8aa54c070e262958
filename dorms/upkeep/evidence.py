"""Evidence that somebody may not live where they borrow: two visits, a letter, a hearing, a decision by a person.

The order is fixed and nothing is concluded by itself: no number of visits ends a loan (D-43, D-44). The decision that
somebody does not live there only says so, with reasons; what follows from the contract is done there (D-46).
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from common import audit
from common.db import insert_all_or_none
from common.errors import Conflict, Forbidden, Invalid
from common.identity import Person
from common.messages import post
from common.period import today
from common.words import Words
from dorms.models import HouseCheck, ResidenceCase, ResidenceStep
from dorms.occupancy import may_keep_stock
from dorms.upkeep import planning, rows, terms
from dorms.upkeep.messages import ResidenceAsked, ResidenceDecided, ResidenceExplained, ResidenceHeard


class OpenAlready(Conflict):
    """The place has an open case."""

    words = Words("這一處已經有查證中的案件。", "This place has an open case already.")


def open_case(session: Session, person: Person, now: datetime, check_id: int) -> ResidenceCase:
    """Begin with a visit that met nobody, and plan the second. Raises NotNow, OpenAlready, Forbidden."""
    may_keep_stock(person)
    due_on = today(now) + timedelta(days=rows.days(session, rows.ABSENCE_DAYS, today(now)))
    planning.hold_year(session, person, now, today(now).year)  # before the check, as whoever records one does
    check = rows.hold(session, HouseCheck, person, check_id)
    if check.kind != terms.VISIT or check.result != terms.NOT_MET or check.recorded_at is None:
        raise rows.NotNow
    row = {
        "room_id": check.room_id,
        "house_id": check.house_id,
        "person_id": check.person_id,
        "open_at": check.place_key,
        "opened_at": now,
        "opened_by_id": person.id,
        "statement": "",
        "rev": 1,
    }
    if not insert_all_or_none(session, ResidenceCase.__table__, [row], guard="residence_case_one_open"):  # type: ignore[arg-type]
        raise OpenAlready
    case = session.scalars(select(ResidenceCase).where(ResidenceCase.open_at == check.place_key)).one()
    words = terms.RESULTS[terms.NOT_MET].zh
    case.steps = [
        ResidenceStep(
            step=terms.FIRST, at=check.seen_at, by_id=check.recorded_by_id or person.id, check_id=check.id, note=words
        )
    ]
    planning.add_visit(session, person, now, check, due_on)
    session.flush()
    audit.record(session, person, "dorms.residence_opened", f"case/{case.id}", now, after={"check": check.id})
    return case


def write(
    session: Session,
    person: Person,
    now: datetime,
    case_id: int,
    *,
    note: str,
    answer_by: date | None = None,
    rev: int | None = None,
) -> ResidenceCase:
    """Ask the person in writing to explain, after the second visit. Raises Invalid, NotNow, Stale, Forbidden."""
    case = _at_step(session, person, case_id, terms.LETTER, rev)
    least = today(now) + timedelta(days=rows.days(session, rows.EXPLAIN_DAYS, today(now)))
    if answer_by is not None and answer_by <= today(now):
        raise Invalid(Words("回覆期限要晚於今天", "The day to answer by must lie ahead"), field="answer_by")
    last = answer_by or least
    _add(session, case, person, now, terms.LETTER, note, answer_by=last)
    _tell(session, now, case, ResidenceAsked, answer_by=last)
    return case


def explain(
    session: Session, person: Person, now: datetime, case_id: int, *, statement: str, rev: int | None = None
) -> ResidenceCase:
    """The person's own account, until the hearing is on record. Raises NotNow, Forbidden, Stale."""
    case = rows.hold(session, ResidenceCase, person, case_id, rev)
    if case.person_id != person.id:
        raise Forbidden(Words("只有當事人能送出說明。", "Only the person concerned can explain."))
    if case.next_step != terms.HEARING:
        raise rows.NotNow
    case.statement, case.stated_at = statement, now
    session.flush()
    _tell(session, now, case, ResidenceExplained)
    audit.record(session, person, "dorms.residence_explained", f"case/{case.id}", now)
    return case


def hear(
    session: Session, person: Person, now: datetime, case_id: int, *, note: str, rev: int | None = None
) -> ResidenceCase:
    """Put the hearing on record: after the person explained, or once the time to do so is over. Raises NotNow, Stale."""
    case = _at_step(session, person, case_id, terms.HEARING, rev)
    letter = case.step(terms.LETTER)
    if case.stated_at is None and letter and letter.answer_by and today(now) <= letter.answer_by:
        raise rows.NotNow(
            Words(
                "當事人還在說明期限內，請等他說明或期限過後。", "The person still has time to explain: wait for that."
            )
        )
    _add(session, case, person, now, terms.HEARING, note)
    _tell(session, now, case, ResidenceHeard)
    return case


def decide(
    session: Session,
    person: Person,
    now: datetime,
    case_id: int,
    *,
    decision: str,
    reason: str,
    rev: int | None = None,
) -> ResidenceCase:
    """An officer decides and says why. Against the person only after every step before it. Raises NotNow, Stale."""
    may_keep_stock(person)
    case = rows.hold(session, ResidenceCase, person, case_id, rev)
    if not case.is_open:
        raise rows.NotNow
    if decision == terms.DOES_NOT_RESIDE and case.next_step != terms.DECISION:
        raise rows.NotNow(
            Words("四個步驟都完成後才能這樣認定。", "That can be found only after all four steps before it.")
        )
    case.decision, case.open_at = decision, None
    _add(session, case, person, now, terms.DECISION, reason)
    _tell(session, now, case, ResidenceDecided, status=decision)
    return case


def cases(session: Session, person: Person) -> list[ResidenceCase]:
    """The cases this person may know of, open ones first, newest first."""
    found = select(ResidenceCase)
    if not person.has("dorm_officer"):
        found = found.where(ResidenceCase.person_id == person.id)
    known = [row for row in session.scalars(found.order_by(ResidenceCase.id.desc())) if row.can_see(person)]
    return sorted(known, key=lambda row: not row.is_open)


def case_of(session: Session, check: HouseCheck) -> ResidenceCase | None:
    """The open case of a check's place, or the one that the check is a step of."""
    found = select(ResidenceCase).where(ResidenceCase.open_at == check.place_key)
    open_one = session.scalars(found).first()
    step = session.scalars(select(ResidenceStep).where(ResidenceStep.check_id == check.id)).first()
    return open_one or (step.case if step else None)


def _at_step(session: Session, person: Person, case_id: int, step: str, rev: int | None) -> ResidenceCase:
    may_keep_stock(person)
    case = rows.hold(session, ResidenceCase, person, case_id, rev)
    if case.next_step != step:
        raise rows.NotNow
    return case


def _add(
    session: Session, case: ResidenceCase, person: Person, now: datetime, step: str, note: str, **more: Any
) -> None:
    """The next step; the case's revision rises with it."""
    case.steps.append(ResidenceStep(step=step, at=now, by_id=person.id, note=note, **more))
    flag_modified(case, "statement")  # the steps are rows of their own; the case is what two people edit
    session.flush()
    audit.record(session, person, f"dorms.residence_{step}", f"case/{case.id}", now, reason=note)


def _tell(session: Session, now: datetime, case: ResidenceCase, fact: Any, **more: Any) -> None:
    if case.person_id is not None:
        body = rows.told(case, case.person_id, case.number, case.rev, case_id=str(case.id), **more)
        post(session, fact, subject=f"case/{case.id}", now=now, **body)
