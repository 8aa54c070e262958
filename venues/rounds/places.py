"""After the draw: places accepted, paid, declined or left; the waiting list moves up by the order drawn."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.errors import Forbidden, Invalid
from common.identity import Person
from common.period import today
from common.words import Words
from venues.messages import rounds as facts
from venues.models import Registration, Round, RoundLog
from venues.rounds import checking, money, opening, parameters
from venues.rounds import words as say
from venues.rounds.steps import desk_registration, find, in_states, locked, move, record, require


def accept(
    session: Session, person: Person, now: datetime, registration_id: int, *, rev: int | None = None
) -> Registration:
    """Take the place: the rent to the end of the term, but for suspended days, is due within the usual days; without rent
    the place is had at once.

    Posts RegistrationAccepted. Raises NotFound, Forbidden, NotNow after the deadline, Stale.
    """
    registration = _mine(session, person, registration_id, rev)
    row = registration.round
    require(registration.status == say.SELECTED, "這一件現在不用回覆。", "There is nothing to accept now.")
    goes_on = row.status in say.AFTER_DRAW and today(now) < row.term_until
    require(goes_on, "這一期已經結束。", "This round is over already.")
    in_time = registration.answer_by is not None and now < registration.answer_by
    require(in_time, "回覆期限已過，位子已遞補。", "The deadline has passed; the place went to the next.")
    registration.answer_by = None
    registration.rent_from = money.first_day(row, today(now))
    money.charge(registration, now, person)
    money.settle(registration, now, person, Words("暫停使用", "Suspended"))
    due = money.owed(registration)
    if due:
        days = parameters.number(session, parameters.PAY_DAYS, today(now)).value
        registration.pay_by = now + timedelta(days=days)
    move(session, registration, say.ACCEPTED if due else say.HOLDING, now, person)
    facts.tell_registration(session, facts.RegistrationAccepted, registration, now, amount=due)
    record(session, person, "registration_accepted", registration, now, due=due)
    return registration


def record_payment(
    session: Session, person: Person, now: datetime, registration_id: int, *, receipt_number: str, amount: int | None = None,
    rev: int | None = None,
) -> Registration:  # fmt: skip
    """Record that the rent came in, under a receipt. `amount`, when given, must be what is owed.

    Posts RegistrationSettled. Raises Forbidden, NotNow, Invalid (field `amount`), Stale.
    """
    registration = desk_registration(session, person, registration_id, rev)
    require(registration.status == say.ACCEPTED, "這一件現在不等租金。", "No rent is awaited from this one now.")
    due = money.owed(registration)
    if amount is not None and amount != due:
        words = Words("應繳 {due:,} 元，金額要相同", "NT${due:,} is due; the amount must be the same")
        raise Invalid(words.fill(due=due), field="amount")
    if due:
        money.pay(registration, now, person, receipt_number)
    registration.pay_by = None
    move(session, registration, say.HOLDING, now, person, receipt_number)
    facts.tell_registration(session, facts.RegistrationSettled, registration, now, amount=due)
    record(session, person, "registration_paid", registration, now, amount=due, receipt=receipt_number)
    return registration


def record_payout(
    session: Session, person: Person, now: datetime, registration_id: int, *, document: str, rev: int | None = None
) -> Registration:
    """Record that a refund was paid out, under its document. Raises Forbidden, NotNow, Stale."""
    registration = desk_registration(session, person, registration_id, rev)
    require(bool(money.to_return(registration)), "沒有待退的款項。", "Nothing is to be returned.")
    amount = money.pay_out(registration, now, person, document)
    registration.changed_at = now
    session.flush()
    record(session, person, "registration_refund_paid", registration, now, amount=amount, document=document)
    return registration


def withdraw(
    session: Session, person: Person, now: datetime, registration_id: int, *, reason: str = "", rev: int | None = None
) -> Registration:
    """Withdraw, at any time: before the list is published nothing remains of it; after it the ticket stays listed and the
    next moves up; a place that was had is left, and rent for the days not used comes back (T-02).

    Posts RegistrationWithdrawn, and RegistrationMovedUp for the next. Raises NotFound, Forbidden, NotNow, Stale.
    """
    registration = _mine(session, person, registration_id, rev)
    row = registration.round
    if registration.status in (say.SELECTED, say.ACCEPTED, say.HOLDING) and row.status in say.AFTER_DRAW:
        status = say.DECLINED if registration.status == say.SELECTED else say.LEFT
        vacate(session, row, registration, status, now, person, reason)
        return registration
    fits = (
        (registration.status == say.WAITING and row.status in say.AFTER_DRAW)
        or (registration.status == say.ELIGIBLE and row.status in say.LISTED)
        or (row.status in say.BEFORE_LIST and registration.status not in say.GONE)
    )
    require(fits, "這一件已經結束，不能撤回。", "This one has ended and cannot be withdrawn.")
    if registration.status == say.WAITING:
        _log(session, row, registration, say.WITHDRAWN, now, None, "")
    registration.withdrawn_at, registration.reason = now, reason
    move(session, registration, say.WITHDRAWN, now, person, reason)
    facts.tell_registration(session, facts.RegistrationWithdrawn, registration, now, reason=reason, amount=0)
    record(session, person, "registration_withdrawn", registration, now, reason)
    return registration


def vacate(
    session: Session, row: Round, registration: Registration, status: str, now: datetime, by: Person | None, reason: str = "", *,
    refund: bool = True,
) -> int:  # fmt: skip
    """End the holding of a place and pass it to the next who waits; returns the refund. The round is locked already.

    Without `refund` what was prepaid is kept (a grave breach, T-08).
    """
    place_no, registration.place_no = registration.place_no, None
    registration.answer_by = registration.pay_by = None
    registration.left_on, registration.reason = money.first_day(row, today(now)), reason
    why = say.STATUSES[status]
    amount = money.settle(registration, now, by, why) if refund else 0
    if not refund:
        money.earn(registration, now, by, Words("收回攤位，租金不退", "Place taken back, rent is not returned"))
    move(session, registration, status, now, by, reason)
    session.flush()
    following = _next(session, row, registration.class_code) if today(now) < row.term_until else None
    if following is not None:
        _move_up(session, now, following, place_no)
    passed_to = following.ticket if following else ""
    _log(session, row, registration, status, now, place_no, passed_to)
    facts.tell_registration(session, facts.RegistrationWithdrawn, registration, now, reason=reason, amount=amount)
    told = {"refund": amount, "place_no": place_no, "passed_to": passed_to}
    record(session, by, f"registration_{status}", registration, now, reason, **told)
    return amount


def lapse_due(session: Session, now: datetime) -> int:
    """What happens by itself: windows close, papers and answers that did not come lapse, terms begin and end."""
    done = 0
    for row in session.scalars(select(Round).where(Round.status == say.OPEN, Round.registration_until <= now)):
        opening.close_registration(session, None, now, row.id)
        done += 1
    done += checking.refuse_overdue(session, now)
    running = select(Round.id).where(Round.status.in_(say.AFTER_DRAW)).order_by(Round.id)
    for round_id in list(session.scalars(running)):
        done += _lapse_round(session, locked(session, round_id), now)
    return done


def _lapse_round(session: Session, row: Round, now: datetime) -> int:
    late = [
        each
        for each in in_states(session, row, say.SELECTED, say.ACCEPTED)
        if min(filter(None, (each.answer_by, each.pay_by)), default=now + _LATER) <= now
    ]
    for registration in late:
        reason = "逾期未回覆。" if registration.status == say.SELECTED else "逾期未繳租金。"
        vacate(session, row, registration, say.LAPSED, now, None, reason)
    day = today(now)
    suspended = any(each.first_day <= day < each.until for each in row.suspensions)
    wanted = say.SUSPENDED if suspended else say.RUNNING if day >= row.term_from else say.DRAWN
    if day >= row.term_until:
        _end(session, row, now)
    elif wanted != row.status:
        row.status, row.changed_at = wanted, now
        record(session, None, f"round_{wanted}", row, now)
        session.flush()
    return len(late)


def _end(session: Session, row: Round, now: datetime) -> None:
    for registration in in_states(session, row, say.SELECTED):
        vacate(session, row, registration, say.LAPSED, now, None, "期滿前未回覆。")
    for registration in in_states(session, row, say.HOLDING, say.ACCEPTED):
        money.earn(registration, now, None, Words("期滿轉收入", "Earned at the end of the term"))
        registration.pay_by = None
        move(session, registration, say.FINISHED, now, None)
        facts.tell_registration(session, facts.RegistrationFinished, registration, now)
    row.status, row.changed_at = say.ENDED, now
    session.flush()
    record(session, None, "round_ended", row, now)


def _move_up(session: Session, now: datetime, registration: Registration, place_no: int | None) -> None:
    days = parameters.number(session, parameters.ANSWER_DAYS, today(now)).value
    registration.place_no, registration.answer_by = place_no, now + timedelta(days=days)
    move(session, registration, say.SELECTED, now, None)
    facts.tell_registration(session, facts.RegistrationMovedUp, registration, now)


def _next(session: Session, row: Round, class_code: str) -> Registration | None:
    waiting = select(Registration).where(
        Registration.round_id == row.id, Registration.class_code == class_code, Registration.status == say.WAITING
    )
    return session.scalars(waiting.order_by(Registration.position).limit(1)).first()


def _log(
    session: Session,
    row: Round,
    registration: Registration,
    what: str,
    now: datetime,
    place_no: int | None,
    passed_to: str,
) -> None:
    row.log.append(RoundLog(at=now, ticket=registration.ticket, what=what, place_no=place_no, passed_to=passed_to))
    session.flush()


def _mine(session: Session, person: Person, registration_id: int, rev: int | None) -> Registration:
    """The registration of the own body (or one on paper, at the desk), its round locked."""
    registration = find(session, person, registration_id)
    if not registration.acts(person):
        raise Forbidden
    locked(session, registration.round_id)
    session.refresh(registration)
    registration.expect(rev)
    return registration


_LATER = timedelta(days=1)
