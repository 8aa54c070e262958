"""What the venues service tells the house. One file a subject, each with its facts and who tells them."""

from typing import Any

from sqlalchemy.orm import Session

from common.messages import Fact
from venues.messages import aftercare, bookings, closures, grounds, meetings, rooms, rounds, tariffs, waiting
from venues.messages.aftercare import (
    BookingBarLifted,
    BookingBreached,
    BookingClosed,
    BookingDepositReturned,
    BookingInspected,
    BookingRefunded,
)
from venues.messages.bookings import (
    BookingApproved,
    BookingCancelled,
    BookingChanged,
    BookingConfirmed,
    BookingContested,
    BookingContestLost,
    BookingContestWon,
    BookingFact,
    BookingLapsed,
    BookingRejected,
    BookingSetupAnswered,
    BookingSubmitted,
    BookingSupplementNeeded,
    BookingToBeDrawn,
    EquipmentPowered,
    tell,
)
from venues.messages.closures import (
    BookingRestored,
    BookingSuspended,
    MeetingSuspended,
    VenueClosed,
    VenueReopened,
    names_of,
    tell_closure,
)
from venues.messages.grounds import (
    ContributedAllotted,
    EquipmentShort,
    GalleryDecided,
    LoanDecided,
    LoanOverdue,
    PostingDecided,
    tell_allotted,
    tell_gallery,
    tell_loan,
    tell_posting,
    tell_power,
    tell_short,
)
from venues.messages.meetings import MeetingBooked, MeetingFact, MeetingReleased, tell_meeting
from venues.messages.waiting import SlotFact, SlotOffered, SlotPassedBy, tell_waiting

SUBJECTS = (
    bookings,
    meetings,
    tariffs,
    aftercare,
    closures,
    rooms,
    rounds,
    grounds,
    waiting,
)

FACTS: tuple[type[Fact], ...] = tuple(fact for subject in SUBJECTS for fact in subject.FACTS)


def snapshot(session: Session) -> list[tuple[type[Fact], str, dict[str, Any]]]:
    """What stands at this moment, for a reader that starts anew: every live thing as its latest fact."""
    return [told for subject in SUBJECTS for told in subject.standing(session)]


__all__ = [
    "BookingApproved", "BookingBarLifted", "BookingBreached", "BookingCancelled", "BookingChanged", "BookingClosed",
    "BookingConfirmed", "BookingContestLost", "BookingContestWon", "BookingContested", "BookingDepositReturned",
    "BookingFact", "BookingInspected", "BookingLapsed", "BookingRefunded", "BookingRejected", "BookingRestored",
    "BookingSetupAnswered", "BookingSubmitted", "BookingSupplementNeeded", "BookingSuspended", "BookingToBeDrawn",
    "ContributedAllotted", "EquipmentPowered", "EquipmentShort", "FACTS", "GalleryDecided", "LoanDecided",
    "LoanOverdue", "MeetingBooked", "MeetingFact", "MeetingReleased", "MeetingSuspended", "PostingDecided",
    "SlotFact", "SlotOffered", "SlotPassedBy", "VenueClosed", "VenueReopened", "names_of", "snapshot", "tell",
    "tell_allotted", "tell_closure", "tell_gallery", "tell_loan", "tell_meeting", "tell_posting", "tell_power",
    "tell_short", "tell_waiting",
]  # fmt: skip
