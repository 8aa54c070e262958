"""A round stopped from outside: suspended for some days, or cancelled; prepaid rent for days not used comes back (T-02)."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from common.errors import Invalid
from common.identity import Person
from common.period import today
from common.words import Words
from venues.messages import rounds as facts
from venues.models import Registration, Round, RoundSuspension
from venues.rounds import money
from venues.rounds import words as say
from venues.rounds.steps import desk_round, in_states, move, people_of, record, require


def suspend(
    session: Session, person: Person, now: datetime, round_id: int, *, reason: str, first_day: date, until: date | None = None,
    rev: int | None = None,
) -> Round:  # fmt: skip
    """Suspend the use of all places from `first_day` up to and not including `until` (else the end of the term).

    Rent prepaid for those days is returned, what is not paid yet lowered. Posts RoundSuspended, and
    RegistrationSettled where nothing is owed any more. Raises NotNow, Invalid
    (fields `first_day`, `until`), Forbidden, Stale.
    """
    row = desk_round(session, person, round_id, rev)
    require(row.status in say.AFTER_DRAW, "抽籤後才能暫停使用。", "Only a drawn round can be suspended.")
    until = until or row.term_until
    if not max(today(now), row.term_from) <= first_day < row.term_until:
        words = Words("要在今天以後、使用期間之內", "From today on, within the term")
        raise Invalid(words, field="first_day")
    if not first_day < until <= row.term_until:
        raise Invalid(
            Words("恢復日要晚於開始日、在使用期間之內", "After the first day, within the term"), field="until"
        )
    row.suspensions.append(RoundSuspension(at=now, by_id=person.id, first_day=first_day, until=until, reason=reason))
    if first_day <= today(now):
        row.status = say.SUSPENDED
    row.reason, row.changed_at = reason, now
    session.flush()
    concerned = in_states(session, row, say.ACCEPTED, say.HOLDING)
    returned = sum(money.settle(each, now, person, Words("暫停使用", "Suspended")) for each in concerned)
    for each in (one for one in concerned if one.status == say.ACCEPTED and not money.owed(one)):
        each.pay_by = None  # nothing is left to be paid, so nothing can lapse
        move(session, each, say.HOLDING, now, person, reason)
        facts.tell_registration(session, facts.RegistrationSettled, each, now, reason=reason, amount=0)
    taking_part = [*concerned, *in_states(session, row, say.SELECTED, say.WAITING)]
    facts.tell_round(
        session, facts.RoundSuspended, row, now, people=people_of(taking_part), registrations=len(taking_part), reason=reason
    )  # fmt: skip
    record(session, person, "round_suspended", row, now, reason, first_day=first_day, until=until, returned=returned)
    return row


def cancel(
    session: Session, person: Person, now: datetime, round_id: int, *, reason: str, rev: int | None = None
) -> Round:
    """Cancel a round at any time before its end; rent prepaid for days to come is returned.

    Posts RoundCancelled. Raises NotNow, Forbidden, Stale.
    """
    row = desk_round(session, person, round_id, rev)
    require(row.status not in (say.ENDED, say.CANCELLED), "這一期已經結束。", "This round is over already.")
    taking_part = [each for each in in_states(session, row) if each.status not in (*say.GONE, say.INELIGIBLE)]
    returned = sum(_stop(session, person, now, row, each) for each in taking_part if each.status in say.HAS_PLACE)
    row.status, row.reason, row.changed_at = say.CANCELLED, reason, now
    facts.tell_round(
        session, facts.RoundCancelled, row, now, people=people_of(taking_part), registrations=len(taking_part), reason=reason
    )  # fmt: skip
    record(session, person, "round_cancelled", row, now, reason, returned=returned)
    return row


def _stop(session: Session, person: Person, now: datetime, row: Round, registration: Registration) -> int:
    registration.left_on = money.first_day(row, today(now))
    registration.answer_by = registration.pay_by = None
    amount = money.settle(registration, now, person, Words("取消", "Cancelled"))
    money.earn(registration, now, person, Words("已使用天數轉收入", "Earned for the days used"))
    move(session, registration, say.FINISHED, now, person)
    return amount
