"""The desk checks what came in (T-04…T-06) and publishes the list of tickets with its hash, before the seed is known."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from common import draw as draws
from common.errors import Invalid
from common.identity import Person
from common.period import LATEST, local, taipei, today
from common.words import Words
from venues import availability
from venues.messages import rounds as facts
from venues.models import Registration, Round, RoundListing
from venues.rounds import lottery, opening, parameters, registering
from venues.rounds import words as say
from venues.rounds.steps import desk_registration, desk_round, in_states, move, people_of, record, require

CHECKED_IN = (say.OPEN, say.CHECKING)


def missing(registration: Registration) -> list[str]:
    """The codes of papers asked for that are not ticked."""
    wanted = registration.round.class_of(registration.class_code)
    return [code for code in (wanted.papers if wanted else []) if code not in registration.papers]


def tick_papers(
    session: Session, person: Person, now: datetime, registration_id: int, *, papers: tuple[str, ...], rev: int | None = None
) -> Registration:  # fmt: skip
    """The desk ticks the papers it found in order, with their files beside (T-06); others lose their tick.

    Raises Forbidden, NotFound, NotNow, Stale.
    """
    registration = desk_registration(session, person, registration_id, rev)
    _must_be_checked(registration)
    wanted = registration.round.class_of(registration.class_code)
    registration.papers = [code for code in (wanted.papers if wanted else []) if code in papers]
    session.flush()
    record(session, person, "registration_papers_ticked", registration, now, papers=registration.papers)
    return registration


def find_eligible(
    session: Session, person: Person, now: datetime, registration_id: int, *, rev: int | None = None, note: str = ""
) -> Registration:
    """Find one registration eligible; also after an appeal. Posts RegistrationDecided. Raises Forbidden, NotNow, Stale."""
    registration = desk_registration(session, person, registration_id, rev)
    _must_be_checked(registration)
    require(registration.status != say.ELIGIBLE, "已經判定合格。", "It is found eligible already.")
    _eligible(session, person, now, registration, note)
    facts.tell_registration(session, facts.RegistrationDecided, registration, now, reason=note)
    record(session, person, "registration_eligible", registration, now, note)
    return registration


def find_complete_eligible(
    session: Session, person: Person, now: datetime, round_id: int, *, rev: int | None = None
) -> list[Registration]:
    """Find every registration eligible whose papers are all ticked and that nobody has looked at; returns them. One whose
    firm or seller was barred since (T-08) is left for the desk to judge.

    Posts RegistrationDecided for each made by wire. Raises Forbidden, NotNow, Stale.
    """
    row = desk_round(session, person, round_id, rev)
    require(row.status in CHECKED_IN, "名單已公布，不再審查。", "The list is published; nothing is checked any more.")
    complete = [each for each in in_states(session, row, say.SUBMITTED) if not missing(each)]
    bars = registering.bars_on(session, today(now))
    found = [each for each in complete if not any(registering.is_against(bar, each) for bar in bars)]
    for registration in found:
        _eligible(session, person, now, registration, "")
    session.flush()
    for registration in found:
        facts.tell_registration(session, facts.RegistrationDecided, registration, now)
    record(session, person, "registrations_eligible", row, now, count=len(found))
    return found


def ask_for_supplement(
    session: Session, person: Person, now: datetime, registration_id: int, *, what: str, due_on: date | None = None,
    rev: int | None = None,
) -> Registration:  # fmt: skip
    """Ask for what is missing, until the end of `due_on` (else the usual days). Posts RegistrationSupplementNeeded.

    Raises Forbidden, NotNow, Invalid (field `due_on`), Stale.
    """
    registration = desk_registration(session, person, registration_id, rev)
    _must_be_checked(registration)
    days = parameters.number(session, parameters.SUPPLEMENT_DAYS, today(now)).value
    due = due_on or today(now) + timedelta(days=days)
    if not today(now) <= due < registration.round.term_from:
        words = Words("補正期限要在今天以後、使用期間以前", "The due date lies between today and the term")
        raise Invalid(words, field="due_on")
    registration.supplement, registration.supplement_by = what, due
    move(session, registration, say.SUPPLEMENT_NEEDED, now, person, what)
    facts.tell_registration(session, facts.RegistrationSupplementNeeded, registration, now, reason=what, due_on=due)
    record(session, person, "registration_supplement_asked", registration, now, what)
    return registration


def find_ineligible(
    session: Session, person: Person | None, now: datetime, registration: Registration, *, reason: str
) -> Registration:
    """Find a registration not eligible, with its reason and the day until when an appeal is heard."""
    days = parameters.number(session, parameters.APPEAL_DAYS, today(now)).value
    registration.reason, registration.appeal_by = reason, today(now) + timedelta(days=days)
    registration.supplement, registration.supplement_by = "", None
    move(session, registration, say.INELIGIBLE, now, person, reason)
    facts.tell_registration(
        session, facts.RegistrationDecided, registration, now, reason=reason, due_on=registration.appeal_by
    )
    record(session, person, "registration_ineligible", registration, now, reason)
    return registration


def refuse(
    session: Session, person: Person, now: datetime, registration_id: int, *, reason: str, rev: int | None = None
) -> Registration:
    """The desk finds a registration not eligible. Posts RegistrationDecided. Raises Forbidden, NotNow, Stale."""
    registration = desk_registration(session, person, registration_id, rev)
    _must_be_checked(registration)
    return find_ineligible(session, person, now, registration, reason=reason)


def publish_list(
    session: Session, person: Person, now: datetime, round_id: int, *, seed_known_at: datetime | None = None,
    seed_source: str = "", rev: int | None = None,
) -> Round:  # fmt: skip
    """Publish the eligible tickets with their SHA-256, the places, the source of the seed and the moment it becomes known.

    From now on none of it can change. Posts RoundListPublished. Raises NotNow while something is undecided, Invalid
    (field `seed_known_at`) unless the seed becomes known later than now and before the term, Forbidden, Stale.
    """
    row = desk_round(session, person, round_id, rev)
    require(row.status != say.OPEN, "登記還沒有截止。", "Registration is still open.")
    require(row.status == say.CHECKING, "名單已經公布。", "The list is published already.")
    open_ones = len(in_states(session, row, *say.UNDECIDED))
    require(not open_ones, f"還有 {open_ones} 件沒有審定。", f"{open_ones} are not decided yet.")
    known_at = seed_known_at or row.seed_known_at or usual_moment(session, now)
    if not now < known_at < min(LATEST, taipei(row.term_from, "00:00")):
        zh, en = (
            "種子要在公布名單之後、使用期間之前才會知道",
            "The seed becomes known after the list and before the term",
        )
        raise Invalid(Words(zh, en), field="seed_known_at")
    taking_part = in_states(session, row, say.ELIGIBLE)
    require(bool(taking_part), "沒有合格的登記，不用抽籤。", "Nobody is eligible: there is nothing to draw.")
    row.seed_source, row.seed_known_at = opening.kept_source(seed_source or row.seed_source), known_at
    tickets = sorted(each.ticket for each in taking_part)
    listing = {
        "tickets": tickets,
        "tickets_sha256": draws.tickets_sha256(tickets),
        "classes": [_published(one) for one in row.classes],
        "seed_source": row.seed_source,
        "algorithm": draws.ALGORITHM,
    }
    hashed = lottery.announced_sha256({**listing, "seed_known_at": local(known_at).isoformat()})
    row.listing = RoundListing(
        at=now, by_id=person.id, announced_sha256=hashed, seed_known_at=known_at, **listing
    )  # fmt: skip
    row.status, row.changed_at = say.PUBLISHED, now
    session.flush()
    facts.tell_round(
        session, facts.RoundListPublished, row, now, people=people_of(taking_part), registrations=len(tickets)
    )
    record(session, person, "round_list_published", row, now, tickets=len(tickets), announced_sha256=hashed)
    return row


def usual_moment(session: Session, now: datetime) -> datetime:
    """The close of trading (14:00) on the next working day (C-05)."""
    return taipei(availability.working_day(session, today(now), 1), "14:00")


def refuse_overdue(session: Session, now: datetime) -> int:
    """Papers asked for and not sent until their day: not eligible. Returns how many."""
    late = [
        each
        for row in session.query(Round).filter(Round.status.in_(CHECKED_IN))
        for each in in_states(session, row, say.SUPPLEMENT_NEEDED)
        if each.supplement_by and each.supplement_by < today(now)
    ]
    for registration in late:
        find_ineligible(session, None, now, registration, reason="逾期未補正。")
    return len(late)


def _eligible(session: Session, person: Person, now: datetime, registration: Registration, note: str) -> None:
    registration.reason, registration.appeal_by = "", None
    registration.supplement, registration.supplement_by = "", None
    move(session, registration, say.ELIGIBLE, now, person, note)


def _must_be_checked(registration: Registration) -> None:
    fits = registration.round.status in CHECKED_IN and registration.status not in say.GONE
    require(fits, "名單公布後不再審查。", "Nothing is checked once the list is published.")


def _published(one: object) -> dict[str, object]:
    return {name: getattr(one, name) for name in ("code", "prefix", "name", "name_en", "places")}
