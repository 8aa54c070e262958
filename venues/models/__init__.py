"""Rows of the venues service: places, tariffs, bookings, meetings, equipment, money, and the grounds' other business.

Rows answer questions and change their own state; they send nothing and know no request. People and agencies are read
copies kept by `common.identity`, so they are joined by id without a foreign key.
"""

from venues.models.aftercare import BookingParameter, Breach, Damage, Inspection, Payout, RefundAccount
from venues.models.base import APPLIES, DECIDES, OWN_BODY, SEES_ALL, Base
from venues.models.boards import Board, Posting, posting_board
from venues.models.booking import Booking, BookingEquipment, BookingSlot, BookingStep, MoneyEntry
from venues.models.closures import ClosedPlace, Closure, ClosureLine
from venues.models.contest import Contest, ContestEntry
from venues.models.contracts import Contract, ContractRent, Counter
from venues.models.contributed import (
    ContributedDay,
    ContributedSeed,
    ContributedSurvey,
    ContributedVenue,
    ContributedWish,
)
from venues.models.equipment import PieceFault, PieceHandover
from venues.models.figures import Figure
from venues.models.gallery import WALL, GalleryApplication, GalleryTerm
from venues.models.loans import LentDay, LentStock, LentThing, Loan, LoanItem
from venues.models.meeting import Meeting
from venues.models.papers import Paper, RegistrationPaper
from venues.models.places import DayOff, EquipmentKind, TariffRow, Venue, VenueSlot
from venues.models.registrations import Registration, RegistrationStep, RoundEntry, RoundWarning
from venues.models.room_checks import RoomCheck, SpotCheck
from venues.models.rooms import MeetingSeries, RoomAgreement, RoomBreach, RoomDuty, RoomOperators, RoomPolicy
from venues.models.rounds import (
    ClassKind,
    Round,
    RoundBar,
    RoundClass,
    RoundListing,
    RoundLog,
    RoundParameter,
    RoundResult,
    RoundSeed,
    RoundSuspension,
)
from venues.models.setup_time import SetupTime
from venues.models.tariffs import Reduction, WithdrawnTariff
from venues.models.treasury import Remittance, Remitted
from venues.models.waiting import BookingSeries, WaitingEntry

__all__ = [
    "APPLIES", "Base", "Board", "Booking", "BookingEquipment", "BookingParameter", "BookingSeries", "BookingSlot",
    "BookingStep", "Breach", "ClassKind", "ClosedPlace", "Closure", "ClosureLine", "Contest", "ContestEntry",
    "Contract", "ContractRent", "ContributedDay", "ContributedSeed", "ContributedSurvey", "ContributedVenue",
    "ContributedWish",
    "Counter", "DECIDES", "Damage", "DayOff", "EquipmentKind", "Figure", "GalleryApplication", "GalleryTerm",
    "Inspection", "LentDay", "LentStock", "LentThing", "Loan", "LoanItem", "Meeting", "MeetingSeries", "MoneyEntry",
    "OWN_BODY", "Paper", "Payout", "PieceFault", "PieceHandover", "Posting", "Reduction", "RefundAccount",
    "Registration", "RegistrationPaper", "RegistrationStep", "Remittance", "Remitted", "RoomAgreement", "RoomBreach",
    "RoomCheck", "RoomDuty", "RoomOperators", "RoomPolicy", "Round", "RoundBar", "RoundClass", "RoundEntry",
    "RoundListing", "RoundLog", "RoundParameter", "RoundResult", "RoundSeed", "RoundSuspension", "RoundWarning",
    "SEES_ALL", "SetupTime", "SpotCheck", "TariffRow", "Venue", "VenueSlot", "WALL", "WaitingEntry", "WithdrawnTariff",
    "posting_board",
]  # fmt: skip
