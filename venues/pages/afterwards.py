"""What a booking's own page shows of its end: papers, use, inspection, money back, closures and breaches."""

from typing import Any

from common.web import now
from venues import aftercare, breaches, closures, money, papers
from venues.models import Booking, RefundAccount
from venues.vocabulary import APPROVED, AWAITING_INSURANCE, AWAITING_PAYMENT, BREACHES, CONFIRMED, USED

LETTERED = (APPROVED, AWAITING_INSURANCE, AWAITING_PAYMENT, CONFIRMED, *USED)


def afterwards(session: Any, person: Any, booking: Booking) -> dict[str, Any]:
    """What the template `_afterwards.html` tells and offers this person."""
    items = papers.checklist(session, booking)
    return {
        "checklist": items,
        "paper_kinds": papers.KINDS,
        "lacking": papers.needs_reason(session, booking),
        "inspection": aftercare.inspection_of(session, booking),
        "account": session.get(RefundAccount, booking.id),
        "payee": aftercare.payee_of(session, booking),
        "sums": {"held": money.held(booking), "to_return": money.to_return(booking), "owed": money.owed(booking)},
        "can_start": aftercare.can_start(booking, person, now()),
        "can_inspect": aftercare.can_inspect(booking, person, now()),
        "can_breach": breaches.can_record(booking, person),
        "can_send": papers.can_add(booking, person),
        "closure_line": closures.line_of(session, booking.id),
        "breach": breaches.of_booking(session, booking),
        "breach_words": BREACHES,
        "lettered": booking.status in LETTERED or booking.can_decide(person),
    }
