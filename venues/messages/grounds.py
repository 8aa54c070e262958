"""Facts about loans, postings, gallery terms, contributed days and equipment: one body for all. Ids rather than personal data."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from common.messages import Fact, fields, post
from common.period import local
from common.words import Words
from venues.messages.bookings import EquipmentPowered
from venues.models import Booking, ContributedSurvey, EquipmentKind, GalleryApplication, Loan, Posting


class GroundFact(Fact):
    """The body these facts share."""

    thing_id = fields.String(
        required=True, metadata={"description": "the loan, posting, application, survey or booking"}
    )
    number = fields.String(required=True, metadata={"description": "the number people quote"})
    status = fields.String(required=True, metadata={"description": "its state after this fact"})
    applicant_id = fields.String(required=True, metadata={"description": "the person who asked"})
    agency_id = fields.String(required=True, metadata={"description": "the agency or body that asked"})
    what_zh = fields.String(required=True, metadata={"description": "what it is about, in 繁中"})
    what_en = fields.String(required=True, metadata={"description": "what it is about, in English"})
    starts_on = fields.Date(required=True, metadata={"description": "the first day"})
    ends_on = fields.Date(required=True, metadata={"description": "the last day"})
    details_zh = fields.String(metadata={"description": "more in 繁中, when there is more to tell"})
    details_en = fields.String(metadata={"description": "the same in English"})
    reason = fields.String(metadata={"description": "why, in the officer's words"})


class LoanDecided(GroundFact):
    """A loan of things was approved or rejected."""

    type = "venues.loan_decided.v1"


class LoanOverdue(GroundFact):
    """Things lent have not come back in time; told again every few days."""

    type = "venues.loan_overdue.v1"


class PostingDecided(GroundFact):
    """A posting on the electronic boards was approved or rejected."""

    type = "venues.posting_decided.v1"


class GalleryDecided(GroundFact):
    """A school was given a gallery term, or was not chosen for it."""

    type = "venues.gallery_decided.v1"


class ContributedAllotted(GroundFact):
    """The days of a contributed venue were allotted: what one agency got, and why."""

    type = "venues.contributed_allotted.v1"


class EquipmentShort(GroundFact):
    """A booking lost a piece of equipment and there is no other free: somebody must talk to the applicant."""

    type = "venues.equipment_short.v1"


def _post(
    session: Session, fact: type[GroundFact], subject: str, now: datetime, *, details: Words | None = None, **body: Any
) -> None:
    session.flush()
    more = {"details_zh": details.zh, "details_en": details.en} if details else {}
    post(session, fact, subject=subject, now=now, **body, **more)


def tell_loan(session: Session, fact: type[GroundFact], loan: Loan, now: datetime) -> None:
    """Post `fact` about a loan as it stands."""
    _post(
        session, fact, f"loan/{loan.id}", now, thing_id=loan.id, number=loan.number, status=loan.status,
        applicant_id=loan.applicant_id, agency_id=loan.agency_id, what_zh=loan.what.zh, what_en=loan.what.en,
        starts_on=loan.starts_on, ends_on=loan.ends_on, reason=loan.reason,
    )  # fmt: skip


def tell_posting(session: Session, posting: Posting, now: datetime) -> None:
    """Post what was decided about a posting."""
    boards = Words("、".join(each.name for each in posting.boards), ", ".join(each.name_en for each in posting.boards))
    _post(
        session, PostingDecided, f"posting/{posting.id}", now, thing_id=posting.id, number=posting.number,
        status=posting.status, applicant_id=posting.applicant_id, agency_id=posting.agency_id, what_zh=posting.title,
        what_en=posting.title, starts_on=posting.starts_on, ends_on=posting.ends_on, reason=posting.reason, details=boards,
    )  # fmt: skip


def tell_gallery(session: Session, application: GalleryApplication, now: datetime) -> None:
    """Post what became of a school's application."""
    term = application.term
    _post(
        session, GalleryDecided, f"gallery_application/{application.id}", now, thing_id=term.id, number=str(term.number),
        status=application.status, applicant_id=application.applicant_id, agency_id=application.agency_id,
        what_zh=application.title, what_en=application.title, starts_on=term.starts_on, ends_on=term.ends_on,
        reason=application.reason,
    )  # fmt: skip


def tell_allotted(
    session: Session,
    survey: ContributedSurvey,
    now: datetime,
    *,
    agency_id: int,
    person_id: int,
    details: Words,
    got: int,
) -> None:
    """Post what one agency got of a contributed venue's days."""
    first, last = survey.half.first_day, survey.half.last_day
    _post(
        session, ContributedAllotted, f"contributed_survey/{survey.id}", now, thing_id=survey.id, number=survey.half_year,
        status="given" if got else "none", applicant_id=person_id, agency_id=agency_id, what_zh=survey.label.zh,
        what_en=survey.label.en, starts_on=first, ends_on=last, details=details,
    )  # fmt: skip


def tell_short(session: Session, booking: Booking, kind: EquipmentKind, now: datetime) -> None:
    """Post that a booking lost a piece which nothing can take the place of."""
    first, last = _days(booking)
    _post(
        session, EquipmentShort, f"booking/{booking.id}", now, thing_id=booking.id, number=booking.number,
        status=booking.status, applicant_id=booking.applicant_id, agency_id=booking.agency_id,
        what_zh=f"{booking.event_name} {kind.name}", what_en=f"{booking.event_name}, {kind.name_en}", starts_on=first,
        ends_on=last,
    )  # fmt: skip


def tell_power(session: Session, booking: Booking, now: datetime, watts: Sequence[int]) -> None:
    """Tell anew what a booking's equipment draws in each of its slots (`watts`, told in kW rounded up; 0: nothing now)."""
    session.flush()
    for slot, drawn in zip(booking.slots, watts, strict=True):
        post(
            session, EquipmentPowered, subject=f"booking/{booking.id}", now=now, booking_id=booking.id,
            venue_id=booking.venue_id, what=f"{booking.venue.label.zh} {booking.event_name}", kw=-(-drawn // 1000),
            starts_at=slot.starts_at, ends_at=slot.ends_at,
        )  # fmt: skip


def _days(booking: Booking) -> tuple[date, date]:
    return local(booking.starts_at).date(), local(booking.ends_at).date()


def standing(session: Session) -> list[tuple[type[Fact], str, dict[str, Any]]]:
    """Nothing: these facts tell of a decision once, and nobody keeps a copy."""
    return []


FACTS: tuple[type[Fact], ...] = (
    LoanDecided,
    LoanOverdue,
    PostingDecided,
    GalleryDecided,
    ContributedAllotted,
    EquipmentShort,
)
