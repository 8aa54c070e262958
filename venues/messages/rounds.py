"""Facts about rounds and registrations. A registration made on paper has nobody to tell by wire: no fact is told of it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.messages import Fact, fields, post
from venues.models import Registration, Round
from venues.rounds import words as say


class RoundFact(Fact):
    """The body all facts about a round share."""

    round_id = fields.String(required=True, metadata={"description": "the round"})
    number = fields.String(required=True, metadata={"description": "the number people quote, such as 115-R-003"})
    rev = fields.Integer(required=True, metadata={"description": "rises with each change"})
    kind = fields.String(required=True, metadata={"description": "stall, gallery, contributed_venue or plaza"})
    status = fields.String(required=True, metadata={"description": "its state after this fact"})
    round_title = fields.String(required=True, metadata={"description": "what it is called, in 繁中"})
    round_title_en = fields.String(required=True, metadata={"description": "what it is called, in English"})
    places = fields.Integer(required=True, metadata={"description": "places of all classes"})
    registrations = fields.Integer(required=True, metadata={"description": "how many take part at this moment"})
    tickets_sha256 = fields.String(
        required=True, metadata={"description": "the published list’s SHA-256; empty before"}
    )
    announced_sha256 = fields.String(
        required=True, metadata={"description": "SHA-256 of list, places, source and method together; empty before"}
    )
    seed = fields.String(required=True, metadata={"description": "the public seed; empty before the draw"})
    seed_known_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "when the seed becomes known"}
    )
    person_ids = fields.List(
        fields.String(), required=True, metadata={"description": "the people who registered and are still in it"}
    )
    reason = fields.String(metadata={"description": "why: of a suspension or cancellation"})


class RoundOpened(RoundFact):
    """A round was announced; registration runs in its window."""

    type = "venues.round_opened.v1"


class RoundListPublished(RoundFact):
    """The list of tickets was published with its hash, before its seed is known."""

    type = "venues.round_list_published.v1"


class RoundDrawn(RoundFact):
    """A round was drawn with the public seed."""

    type = "venues.round_drawn.v1"


class RoundSuspended(RoundFact):
    """A round’s places are not used for some days; prepaid rent comes back (T-02)."""

    type = "venues.round_suspended.v1"


class RoundCancelled(RoundFact):
    """A round was cancelled; what was prepaid for days to come is returned."""

    type = "venues.round_cancelled.v1"


class RegistrationFact(Fact):
    """The body all facts about a registration share."""

    registration_id = fields.String(required=True, metadata={"description": "the registration"})
    round_id = fields.String(required=True, metadata={"description": "the round"})
    number = fields.String(required=True, metadata={"description": "the round’s number"})
    round_title = fields.String(required=True, metadata={"description": "the round, in 繁中"})
    round_title_en = fields.String(required=True, metadata={"description": "the round, in English"})
    rev = fields.Integer(required=True, metadata={"description": "rises with each change"})
    status = fields.String(required=True, metadata={"description": "its state after this fact"})
    person_id = fields.String(required=True, metadata={"description": "the person who registered"})
    ticket = fields.String(required=True, metadata={"description": "the code it is drawn under"})
    class_code = fields.String(required=True, metadata={"description": "the class it stands in"})
    position = fields.Integer(
        required=True, allow_none=True, metadata={"description": "place in the waiting list, from 1"}
    )
    place_no = fields.Integer(required=True, allow_none=True, metadata={"description": "the number of its place"})
    answer_by = fields.DateTime(required=True, allow_none=True, metadata={"description": "until when to answer"})
    pay_by = fields.DateTime(required=True, allow_none=True, metadata={"description": "until when to pay the rent"})
    due_on = fields.Date(
        required=True, allow_none=True, metadata={"description": "until when: papers, an appeal; or barred until"}
    )
    amount = fields.Integer(required=True, allow_none=True, metadata={"description": "whole NT$: rent due, or refund"})
    reason = fields.String(metadata={"description": "why, in the officer’s words"})


class RegistrationReceived(RegistrationFact):
    """A firm registered for a round."""

    type = "venues.registration_received.v1"


class RegistrationSupplementNeeded(RegistrationFact):
    """The desk asks for papers, due on `due_on`; `reason` says which."""

    type = "venues.registration_supplement_needed.v1"


class RegistrationPapersSent(RegistrationFact):
    """A firm sent the papers it was asked for; the desk looks at them."""

    type = "venues.registration_papers_sent.v1"


class RegistrationDecided(RegistrationFact):
    """A registration was found eligible, or not (`status`), for `reason`, with an appeal until `due_on`."""

    type = "venues.registration_decided.v1"


class RegistrationSelected(RegistrationFact):
    """A ticket was drawn for a place; the firm answers by `answer_by`."""

    type = "venues.registration_selected.v1"


class RegistrationWaiting(RegistrationFact):
    """A ticket was drawn for the waiting list, at `position`."""

    type = "venues.registration_waiting.v1"


class RegistrationMovedUp(RegistrationFact):
    """A place came free and passed to this ticket, by the order drawn."""

    type = "venues.registration_moved_up.v1"


class RegistrationAccepted(RegistrationFact):
    """A firm took its place; `amount` of rent is due by `pay_by`."""

    type = "venues.registration_accepted.v1"


class RegistrationSettled(RegistrationFact):
    """Nothing is owed for a place any more: the rent came in (`amount`), or fell away with suspended days."""

    type = "venues.registration_settled.v1"


class RegistrationFinished(RegistrationFact):
    """A place was kept to the end of its term."""

    type = "venues.registration_finished.v1"


class RegistrationWithdrawn(RegistrationFact):
    """A registration ended before the term did: withdrawn, declined, lapsed, left or expelled; `amount` is refunded."""

    type = "venues.registration_withdrawn.v1"


class RegistrationWarned(RegistrationFact):
    """The holder of a place was warned; after too many, `due_on` tells until when the firm is barred (T-08)."""

    type = "venues.registration_warned.v1"


def tell_round(
    session: Session, fact: type[RoundFact], row: Round, now: datetime, *, people: list[int], registrations: int,
    reason: str = "",
) -> None:  # fmt: skip
    """Post `fact` about a round as it stands now. Flushes first, so that `rev` is the new one."""
    session.flush()
    body = round_body(row, people, registrations) | {"reason": reason}
    post(session, fact, subject=f"round/{row.id}", now=now, **body)


def round_body(row: Round, people: list[int], registrations: int) -> dict[str, Any]:
    """A round as its facts tell it."""
    return {
        "round_id": str(row.id),
        "number": row.number,
        "rev": row.rev,
        "kind": row.kind,
        "status": row.status,
        "round_title": row.label.zh,
        "round_title_en": row.label.en,
        "places": row.places,
        "registrations": registrations,
        "tickets_sha256": row.listing.tickets_sha256 if row.listing else "",
        "announced_sha256": row.listing.announced_sha256 if row.listing else "",
        "seed": row.result.seed if row.result else "",
        "seed_known_at": row.seed_known_at,
        "person_ids": [str(one) for one in people],
    }


def tell_registration(
    session: Session, fact: type[RegistrationFact], registration: Registration, now: datetime, *, reason: str = "",
    due_on: date | None = None, amount: int | None = None,
) -> None:  # fmt: skip
    """Post `fact` about a registration as it stands now; nothing when it was made on paper."""
    if registration.person_id is None:
        return
    session.flush()
    body = registration_body(registration) | {"reason": reason, "due_on": due_on, "amount": amount}
    post(session, fact, subject=f"registration/{registration.id}", now=now, **body)


def registration_body(registration: Registration) -> dict[str, Any]:
    """A registration as its facts tell it."""
    return {
        "registration_id": str(registration.id),
        "round_id": str(registration.round_id),
        "number": registration.round.number,
        "round_title": registration.round.label.zh,
        "round_title_en": registration.round.label.en,
        "rev": registration.rev,
        "status": registration.status,
        "person_id": str(registration.person_id),
        "ticket": registration.ticket,
        "class_code": registration.class_code,
        "position": registration.position,
        "place_no": registration.place_no,
        "answer_by": registration.answer_by,
        "pay_by": registration.pay_by,
        "due_on": None,
        "amount": None,
    }


LATEST: dict[str, type[RegistrationFact]] = {
    say.SUBMITTED: RegistrationReceived,
    say.SUPPLEMENT_NEEDED: RegistrationSupplementNeeded,
    say.ELIGIBLE: RegistrationDecided,
    say.INELIGIBLE: RegistrationDecided,
    say.SELECTED: RegistrationSelected,
    say.WAITING: RegistrationWaiting,
    say.ACCEPTED: RegistrationAccepted,
}


def standing(session: Session) -> list[tuple[type[Fact], str, dict[str, Any]]]:
    """Every registration that something is still to come for, as its latest fact, for a reader that starts anew."""
    live = select(Registration).where(Registration.status.in_(LATEST), Registration.person_id.is_not(None))
    return [
        (LATEST[each.status], f"registration/{each.id}", registration_body(each))
        for each in session.scalars(live.order_by(Registration.id))
    ]


FACTS: tuple[type[Fact], ...] = (
    RoundOpened,
    RoundListPublished,
    RoundDrawn,
    RoundSuspended,
    RoundCancelled,
    RegistrationReceived,
    RegistrationSupplementNeeded,
    RegistrationPapersSent,
    RegistrationDecided,
    RegistrationSelected,
    RegistrationWaiting,
    RegistrationMovedUp,
    RegistrationAccepted,
    RegistrationSettled,
    RegistrationFinished,
    RegistrationWithdrawn,
    RegistrationWarned,
)
