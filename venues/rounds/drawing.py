"""The draw: the public seed entered, the order it gives, and anybody's check of what was published.

The seed is entered by two officers separately, who must agree; or by one, out of the public document it stands in, which
is kept and shown. It is entered once it is known, and every entry is published, so that none can be tried and thrown away.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import Session

from common import audit
from common import draw as draws
from common.identity import Person
from common.period import local, today
from common.words import Words
from venues.messages import rounds as facts
from venues.models import Registration, Round, RoundListing, RoundLog, RoundResult, RoundSeed
from venues.refusals import NotNow
from venues.rounds import lottery, parameters, seeds
from venues.rounds import words as say
from venues.rounds.lottery import Class
from venues.rounds.steps import desk_round, in_states, move, people_of, record, require


def draw_round(
    session: Session,
    person: Person,
    now: datetime,
    round_id: int,
    *,
    seed: str,
    document: str = "",
    rev: int | None = None,
) -> Round:
    """Enter the seed; when a second officer enters the same, or `document` holds it, the round is drawn.

    Every entry is kept, whatever came of it. When the entries differ the round waits on: `differ` tells. Posts RoundDrawn,
    RegistrationSelected and RegistrationWaiting. Raises NotNow before the seed can be known, Invalid (fields `seed`,
    `document`), Forbidden, Stale.
    """
    row = desk_round(session, person, round_id, rev)
    require(row.result is None, "這一期已經抽過籤；種子只能用一次。", "This round is drawn; a seed is used once.")
    require(row.status in say.LISTED and row.listing is not None, "名單還沒有公布。", "The list is not published yet.")
    listing = row.listing
    assert listing is not None  # noqa: S101 - required above
    drawn, entry = seeds.read(
        listing.tickets, now, seed=seed, source=listing.seed_source, known_at=listing.seed_known_at, document=document
    )
    session.add(RoundSeed(round_id=row.id, at=now, by_id=person.id, **entry))
    session.flush()
    session.refresh(row, ["seeds"])
    record(session, person, "round_seed_entered", row, now, seed=drawn.seed, document_sha256=entry["document_sha256"])
    if document or seeds.agreed(row.seeds, person.id, drawn.seed):
        _draw(session, person, now, row, drawn)
    else:
        row.status, row.changed_at = say.SEED_NAMED, now
        session.flush()
    return row


def differ(row: Round) -> bool:
    """Whether the officers' latest entries of the seed are not the same."""
    return row.result is None and seeds.differ(row.seeds)


def waits_for_another(row: Round, person: Person) -> bool:
    """Whether somebody else has to enter the seed now."""
    return row.status == say.SEED_NAMED and set(seeds.latest(row.seeds)) == {person.id}


def classes_of(listing: RoundListing) -> list[Class]:
    """The classes and places as published."""
    return [Class(one["code"], one["prefix"], one["places"]) for one in listing.classes]


def public_record(row: Round) -> dict[str, Any]:
    """Everything published of a round, as anybody may download it. Raises NotNow before the list is published."""
    listing, result = row.listing, row.result
    if listing is None:
        raise NotNow(Words("名單還沒有公布。", "The list is not published yet."))
    classes = classes_of(listing)
    told: dict[str, Any] = {
        "round": row.number,
        "status": row.status,
        "tickets": list(listing.tickets),
        "tickets_sha256": listing.tickets_sha256,
        "announced_sha256": listing.announced_sha256,
        "published_at": local(listing.at).isoformat(),
        "classes": listing.classes,
        "term_until": row.term_until.isoformat(),
        "seed_source": listing.seed_source,
        "seed_known_at": local(listing.seed_known_at).isoformat(),
        "algorithm": listing.algorithm,
        "seed": result.seed if result else "",
        "drawn_at": local(result.at).isoformat() if result else None,
        "order": list(result.order) if result else [],
        "selected": [],
        "waiting": [],
        "results": [],
        "seed_entries": _entries(row),
        "log": [_logged(entry) for entry in row.log],
        "holding": [],
    }
    if result is not None:
        outcomes = lottery.outcomes(result.order, classes)
        chosen = {ticket for one in outcomes for ticket in one.selected}
        told["results"] = [
            {"code": one.code, "selected": list(one.selected), "waiting": list(one.waiting)} for one in outcomes
        ]
        told["selected"] = [ticket for ticket in result.order if ticket in chosen]
        told["waiting"] = [ticket for ticket in result.order if ticket not in chosen]
        standing, _ = lottery.replayed(result.order, classes, told["log"])
        told["holding"] = [{"place_no": no, "ticket": ticket} for no, ticket in sorted(standing.holding.items())]
    return told


def verify(session: Session, row: Round) -> list[Words]:
    """Draw again from what was published, and compare it with the rows the desk works with and with the audit log.

    An empty list means everything agrees. Raises NotNow before the draw.
    """
    told = public_record(row)
    require(row.result is not None, "還沒有抽籤。", "It is not drawn yet.")
    found = lottery.faults(told)
    found += _audit_faults(session, row)
    found += _log_faults(session, row)
    standing, _ = lottery.replayed(told["order"], classes_of(row.listing), told["log"])  # type: ignore[arg-type]
    rows = {each.ticket: each for each in in_states(session, row)}
    holders = {no: each.ticket for each in rows.values() if (no := each.place_no) is not None}
    if row.status in say.AFTER_DRAW and holders != standing.holding:
        found.append(Words("登錄的攤位與公布的不同", "The places kept at the desk are not those published"))
    queue = [ticket for line in standing.waiting.values() for ticket in line]
    states = {ticket: rows[ticket].status if ticket in rows else "" for ticket in queue}
    if row.status in say.AFTER_DRAW and any(state != say.WAITING for state in states.values()):
        found.append(Words("登錄的備取與公布的不同", "The waiting list kept at the desk is not that published"))
    return found


def _draw(session: Session, person: Person, now: datetime, row: Round, drawn: draws.Draw) -> None:
    row.result = RoundResult(at=now, by_id=person.id, seed=drawn.seed, order=list(drawn.order))
    row.status, row.changed_at = say.DRAWN, now
    rows = {each.ticket: each for each in in_states(session, row, say.ELIGIBLE)}
    classes = classes_of(row.listing)  # type: ignore[arg-type]
    standing = lottery.drawn(drawn.order, classes)
    position = {t: n for queue in standing.waiting.values() for n, t in enumerate(queue, start=1)}
    answer_by = now + timedelta(days=parameters.number(session, parameters.ANSWER_DAYS, today(now)).value)
    _leave_out(row, now, classes, standing, [ticket for ticket in drawn.order if ticket not in rows])
    for place_no, ticket in standing.holding.items():
        rows[ticket].place_no, rows[ticket].answer_by = place_no, answer_by
        rows[ticket].position = position.get(ticket)
        move(session, rows[ticket], say.SELECTED, now, None)
    for ticket in (ticket for queue in standing.waiting.values() for ticket in queue):
        rows[ticket].position = position[ticket]
        move(session, rows[ticket], say.WAITING, now, None)
    session.flush()
    told = {"seed": drawn.seed, "tickets_sha256": drawn.tickets_sha256}
    record(session, person, "round_drawn", row, now, order_sha256=_order_sha256(drawn.order), **told)
    facts.tell_round(session, facts.RoundDrawn, row, now, people=people_of(rows.values()), registrations=len(rows))
    _tell(session, rows.values(), now)


def _leave_out(
    row: Round, now: datetime, classes: list[Class], standing: lottery.Standing, withdrawn: list[str]
) -> None:
    """Those who withdrew after the list was published are drawn, and give way to the next at once: the log says so."""
    code_of = {one.prefix: one.code for one in classes}
    for ticket in withdrawn:
        place, following = lottery.leave(standing, code_of[lottery.prefix_of(ticket)], ticket)
        told = {"what": say.WITHDRAWN, "place_no": place, "passed_to": following}
        row.log.append(RoundLog(at=now, ticket=ticket, **told))


def _tell(session: Session, rows: Any, now: datetime) -> None:
    fact = {say.SELECTED: facts.RegistrationSelected, say.WAITING: facts.RegistrationWaiting}
    for registration in rows:
        facts.tell_registration(session, fact[registration.status], registration, now)


def _entries(row: Round) -> list[dict[str, Any]]:
    """Every entry of the seed; officers by number, not by name. Nothing before somebody else entered it too."""
    if row.result is None:
        return []
    return seeds.told(row.seeds)


def _logged(entry: RoundLog) -> dict[str, Any]:
    told = {"at": local(entry.at).isoformat(), "ticket": entry.ticket, "what": entry.what}
    return told | {"place_no": entry.place_no, "passed_to": entry.passed_to}


def _order_sha256(order: Any) -> str:
    return hashlib.sha256("\n".join(order).encode()).hexdigest()


def _audit_faults(session: Session, row: Round) -> list[Words]:
    """What the audit log, chained by hash, says of the publication and the draw."""
    found = []
    kept: dict[str, Any] = {}
    acts = ("round_list_published", "round_drawn")
    entries = select(audit.AuditEntry).where(audit.AuditEntry.subject == f"round/{row.id}")
    for entry in session.scalars(entries.where(audit.AuditEntry.action.in_(acts)).order_by(audit.AuditEntry.id)):
        for name, value in (entry.after or {}).items():
            kept.setdefault(name, value)
    if row.listing is None or kept.get("announced_sha256") != row.listing.announced_sha256:
        found.append(Words("名單與公布當時的稽核紀錄不同", "The list is not the one the audit log has"))
    if row.result is None or kept.get("order_sha256") != _order_sha256(row.result.order):
        found.append(Words("抽籤順序與當時的稽核紀錄不同", "The order is not the one the audit log has"))
    return found


def _log_faults(session: Session, row: Round) -> list[Words]:
    """Whether those who left by the log are those of whom the audit log says so: no entry made up, none taken away."""
    listed = set(row.listing.tickets) if row.listing else set()
    subjects = select(literal("registration/") + cast(Registration.id, String)).where(Registration.round_id == row.id)
    acts = [f"registration_{status}" for status in say.GONE]
    entries = select(audit.AuditEntry.subject, audit.AuditEntry.action).where(
        audit.AuditEntry.action.in_(acts), audit.AuditEntry.subject.in_(subjects)
    )
    tickets = {f"registration/{each.id}": each.ticket for each in in_states(session, row)}
    kept = [(tickets[subject], action.removeprefix("registration_")) for subject, action in session.execute(entries)]
    told = [(entry.ticket, entry.what) for entry in row.log]
    if sorted(told) != sorted(each for each in kept if each[0] in listed):
        return [Words("離開與遞補的紀錄與稽核紀錄不同", "Who left and moved up is not what the audit log has")]
    return []


def own_ticket(registrations: list[Registration]) -> str:
    """The ticket of the registration that stands, for the page that marks it."""
    return next((each.ticket for each in registrations if each.withdrawn_at is None), "")
