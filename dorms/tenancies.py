"""From acceptance to living there: the notarised contract, handing over, renewal, what is deducted (D-10, D-11, D-18…D-21)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import audit, reservations
from common.db import get_held
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.messages import post
from common.period import local, taipei, today
from common.roc import day_words, when_words
from common.words import Words
from dorms import moves, occupancy, offers, rulebook, stays
from dorms import vocabulary as say
from dorms.models import Contract, InventoryItem, Tenancy, TenancyStep, nights
from dorms.tenancy_messages import ContractRecorded, MovedIn, TenancyForfeited

RENEWALS = "dorm.renewals"


class TenancyOver(Conflict):
    """The stay has ended; nothing about it can be changed."""


class NotSigned(Conflict):
    """Nobody moves in before the contract is notarised (D-11)."""

    words = Words("契約公證並登記後才能點交遷入。", "Nobody moves in before the notarised contract is recorded.")


class TooLateToSign(Conflict):
    """The time to sign and notarise has passed (D-18)."""


class DoneAlready(Conflict):
    """This step was taken before."""


class NoFurtherTerm(Conflict):
    """The stay cannot be renewed once more (D-20)."""


def must_keep(person: Person) -> None:
    """Raises Forbidden for anybody but a dormitory officer."""
    if not person.has("dorm_officer"):
        raise Forbidden


def find(session: Session, person: Person, tenancy_id: int) -> Tenancy:
    """A stay its reader may know of. Raises NotFound for others, so that nobody learns who lives where."""
    row = session.get(Tenancy, tenancy_id)
    if row is None or not row.can_see(person):
        raise NotFound
    return row


def hold(session: Session, tenancy_id: int) -> Tenancy:
    """The stay as it is now, held against rivals until the end of the transaction. Raises NotFound."""
    row = get_held(session, Tenancy, tenancy_id)
    if row is None:
        raise NotFound
    return row


def held_for(session: Session, person: Person, tenancy_id: int, rev: int | None) -> Tenancy:
    """The same for the officer's edit. Raises Forbidden, NotFound, Stale, TenancyOver."""
    must_keep(person)
    row = hold(session, tenancy_id)
    row.expect(rev)
    if row.ended_on is not None:
        raise TenancyOver(
            Words("這件借用已經是「{state}」，不能再改。", "This stay is “{state}” and cannot be changed.").fill(
                state=stays.STATES[row.state]
            )
        )
    return row


def note(
    session: Session,
    person: Person | None,
    now: datetime,
    tenancy: Tenancy,
    kind: str,
    day: date | None = None,
    *,
    cause: str | None = None,
    text: str = "",
) -> None:
    """Add to the stay's story, and to the audit log."""
    step = TenancyStep(
        tenancy_id=tenancy.id, at=now, by_id=person.id if person else None, kind=kind, day=day, cause=cause, note=text
    )
    session.add(step)
    session.flush()
    session.expire(tenancy, ["story"])
    after = {"on": day.isoformat() if day else None, "cause": cause}
    audit.record(session, person, f"dorms.{kind}", f"tenancy/{tenancy.id}", now, after=after, reason=text)


# ── The contract ──────────────────────────────────────────────────────────────


def record_contract(
    session: Session,
    person: Person,
    now: datetime,
    tenancy_id: int,
    *,
    number: str,
    notary: str,
    notarised_on: date,
    paid_by: str = stays.BORROWER,
    rev: int | None = None,
) -> Contract:
    """Enter the notarised contract in time (D-11, D-18); from then on the person may move in.

    Raises TooLateToSign, DoneAlready, TenancyOver, Stale, Invalid, Forbidden, NotFound.
    """
    row = held_for(session, person, tenancy_id, rev)
    if row.contracts:
        raise DoneAlready(Words("這件借用的契約已經登記過。", "The contract of this stay is recorded already."))
    if row.sign_by is not None and now >= row.sign_by:
        raise TooLateToSign(
            Words(
                "簽約公證期限 {at} 已過，核配失效。", "The time to sign ended on {at}; the allotment is forfeited."
            ).fill(at=when_words(local(row.sign_by)))
        )
    _not_ahead(notarised_on, now, "notarised_on")
    if notarised_on < today(row.agreed_at):
        raise Invalid(
            Words("公證日不能早於同意借用的日子", "Notarised before the room was taken"), field="notarised_on"
        )
    contract = _contract(session, person, now, row, number, notary, notarised_on, paid_by, row.stay_until)
    note(session, person, now, row, "signed", notarised_on, text=number)
    _tell_contract(session, now, row, contract)
    return contract


def extend_signing(
    session: Session,
    person: Person,
    now: datetime,
    tenancy_id: int,
    *,
    until: date,
    reason: str,
    rev: int | None = None,
) -> Tenancy:
    """Give more time to sign, approved before the present deadline (D-18). Raises TooLateToSign, DoneAlready, Invalid."""
    row = held_for(session, person, tenancy_id, rev)
    if row.contracts or row.sign_by is None:
        raise DoneAlready(Words("契約不必再簽。", "There is nothing left to sign."))
    if now >= row.sign_by:
        raise TooLateToSign(
            Words("期限已過，延期須事先核准。", "The deadline has passed; more time is approved beforehand.")
        )
    sign_by = taipei(until, offers.OFFICE_CLOSES)
    if sign_by <= row.sign_by:
        raise Invalid(Words("新期限要晚於原期限", "The new deadline must be later"), field="until")
    row.sign_by, row.move_in_by = sign_by, until
    note(session, person, now, row, "sign_by", until, text=reason)
    return row


def forfeit_due(session: Session, now: datetime) -> int:
    """End the stays whose contract was not recorded in time and pass their rooms on (D-18); returns how many."""
    due = select(Tenancy.id).where(Tenancy.sign_by <= now, Tenancy.ended_on.is_(None), Tenancy.moved_in_on.is_(None))
    count = 0
    for tenancy_id in session.scalars(due.order_by(Tenancy.id)).all():
        row = hold(session, tenancy_id)
        if row.ended_on is None and not row.contracts and row.sign_by is not None and row.sign_by <= now:
            fall_through(session, None, now, row, stays.FORFEITED)
            count += 1
    return count


def fall_through(session: Session, person: Person | None, now: datetime, row: Tenancy, ending: str) -> None:
    """End a stay before anybody moved in: the bed is free at once, and the next on the list is offered the room."""
    row.ending, row.ended_on = ending, today(now)
    row.leaving = row.leave_by = None
    note(session, person, now, row, ending)
    if not occupancy.lived_in(session, row.room):
        occupancy.enter_state(session, now, row.room, say.TO_LET, today(now))
    if ending == stays.FORFEITED:
        post(session, TenancyForfeited, subject=f"tenancy/{row.id}", now=now, **told(row))
    if row.offer is None:
        reservations.release(session, row.holder)
        return
    moves.lock_rounds(session, row.offer)
    state = say.LAPSED if ending == stays.FORFEITED else say.WITHDRAWN
    row.offer.end(state, now)
    row.offer.application.state = state
    offers.pass_on(session, now, row.offer)


def renew(
    session: Session,
    person: Person,
    now: datetime,
    tenancy_id: int,
    *,
    number: str,
    notary: str,
    notarised_on: date,
    paid_by: str = stays.BORROWER,
    rev: int | None = None,
) -> Contract:
    """One more term by a further notarised contract (D-20), from the end of the present one.

    Raises NoFurtherTerm, Taken, TenancyOver, Stale, Invalid, Forbidden, NotFound.
    """
    row = held_for(session, person, tenancy_id, rev)
    if row.moved_in_on is None:
        raise NoFurtherTerm(Words("遷入後才能續約。", "A stay is renewed after moving in."))
    if row.leaving is not None:
        raise NoFurtherTerm(Words("遷出期限進行中，不能續約。", "The clock of moving out runs; no renewal."))
    most = rulebook.number(session, RENEWALS, today(now))
    if sum(contract.renewal for contract in row.contracts) >= most.value:
        raise NoFurtherTerm(
            Words("續約以 {n} 次為限（規則 {rule}）。", "At most {n} renewal(s) (rule {rule}).").fill(
                n=most.value, rule=most.rule
            )
        )
    _not_ahead(notarised_on, now, "notarised_on")
    years = rulebook.number(session, rulebook.TERM_YEARS, today(now)).value
    begins = row.stay_until
    prolong(session, now, row, rulebook.whole_years_later(begins, years))
    contract = _contract(session, person, now, row, number, notary, notarised_on, paid_by, row.stay_until)
    contract.renewal, contract.stay_from, row.reminded = True, begins, None
    note(session, person, now, row, "renewed", row.stay_until, text=number)
    _tell_contract(session, now, row, contract)
    return contract


def prolong(session: Session, now: datetime, row: Tenancy, until: date) -> None:
    """Take the bed for the nights from the end of the term up to `until`. Raises Taken when somebody else has them."""
    further = [(row.bed.resource, nights(row.stay_until, until))]
    reservations.claim(session, row.holder, further, now=now)
    row.stay_until = until


# ── Handing over ──────────────────────────────────────────────────────────────


def move_in(
    session: Session,
    person: Person,
    now: datetime,
    tenancy_id: int,
    *,
    moved_in_on: date,
    items: Sequence[Mapping[str, Any]] = (),
    rev: int | None = None,
) -> Tenancy:
    """Hand the room over item by item (D-42); allowance and fee count from this day (D-32).

    Raises NotSigned, DoneAlready, TenancyOver, Stale, Invalid, Forbidden, NotFound.
    """
    row = held_for(session, person, tenancy_id, rev)
    if row.moved_in_on is not None:
        raise DoneAlready(
            Words("已在 {day}點交遷入。", "Moved in on {day} already.").fill(day=day_words(row.moved_in_on))
        )
    if not row.contracts:
        raise NotSigned
    _not_ahead(moved_in_on, now, "moved_in_on")
    if moved_in_on < row.contracts[0].notarised_on:
        raise Invalid(Words("遷入日不能早於公證日", "Nobody moves in before notarising"), field="moved_in_on")
    row.moved_in_on = moved_in_on
    for place, item in enumerate(items, start=1):
        session.add(InventoryItem(tenancy_id=row.id, place_in_list=place, self_built=False, **item))
    session.flush()
    session.expire(row, ["items"])
    note(session, person, now, row, "moved_in", moved_in_on)
    post(
        session,
        MovedIn,
        subject=f"tenancy/{row.id}",
        now=now,
        moved_in_on=moved_in_on,
        items=len(row.items),
        **told(row),
    )
    return row


# ── Lists ─────────────────────────────────────────────────────────────────────


def listed(session: Session, show: str, day: date, most: int = 200) -> list[Tenancy]:
    """The stays of one state (`stays.STATES`, `overdue`, or all that run), the most pressing first."""
    rows = select(Tenancy)
    ended = show in stays.ENDED
    rows = rows.where(Tenancy.ending == show if ended else Tenancy.ended_on.is_(None))
    if ended:
        return list(session.scalars(rows.order_by(Tenancy.ended_on.desc(), Tenancy.id.desc()).limit(most)))
    found = sorted(session.scalars(rows), key=lambda row: (pressing(row), row.id))
    if show == "overdue":
        return [row for row in found if row.is_overdue(day)]
    return [row for row in found if show in ("", row.state)]


def pressing(row: Tenancy) -> date:
    """The day by which the next step of a running stay is due."""
    if row.moved_in_on is None and row.move_in_by is not None:
        return row.move_in_by
    return row.due_on


def told(row: Tenancy) -> dict[str, Any]:
    """What every fact about a stay tells: ids and the room, nothing of grade, family or conduct (C-27)."""
    return {
        "tenancy_id": str(row.id),
        "offer_id": str(row.offer_id) if row.offer_id else None,
        "person_id": str(row.person_id),
        "room_id": str(row.room_id),
        "room": row.room.words.zh,
        "room_en": row.room.words.en,
    }


def _contract(
    session: Session,
    person: Person,
    now: datetime,
    row: Tenancy,
    number: str,
    notary: str,
    notarised_on: date,
    paid_by: str,
    until: date,
) -> Contract:
    contract = Contract(
        tenancy_id=row.id,
        number=number,
        notary=notary,
        notarised_on=notarised_on,
        paid_by=paid_by,
        renewal=False,
        stay_from=row.stay_from,
        stay_until=until,
        recorded_at=now,
        recorded_by_id=person.id,
    )
    session.add(contract)
    try:
        session.flush()
    except IntegrityError as twice:
        raise DoneAlready from twice
    session.expire(row, ["contracts"])
    return contract


def _tell_contract(session: Session, now: datetime, row: Tenancy, contract: Contract) -> None:
    post(
        session,
        ContractRecorded,
        subject=f"tenancy/{row.id}",
        now=now,
        number=contract.number,
        notarised_on=contract.notarised_on,
        stay_until=contract.stay_until,
        move_in_by=None if contract.renewal else row.move_in_by,
        status="renewed" if contract.renewal else "first",
        **told(row),
    )


def _not_ahead(day: date, now: datetime, field: str) -> None:
    if day > today(now):
        raise Invalid(Words("日期不能在今天以後", "The day cannot lie ahead"), field=field)
