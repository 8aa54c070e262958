"""Rows of the venues service: places, tariffs, bookings, meetings, equipment, money.

Rows answer questions and change their own state; they send nothing and know no request. People and agencies are read
copies kept by `common.identity`, so they are joined by id without a foreign key.
"""

from venues.models.base import APPLIES, DECIDES, OWN_BODY, SEES_ALL, Base
from venues.models.booking import Booking, BookingEquipment, BookingSlot, BookingStep, MoneyEntry
from venues.models.meeting import Meeting
from venues.models.places import DayOff, EquipmentKind, TariffRow, Venue, VenueSlot

__all__ = [
    "APPLIES", "DECIDES", "OWN_BODY", "SEES_ALL", "Base", "Booking", "BookingEquipment", "BookingSlot", "BookingStep",
    "DayOff", "EquipmentKind", "Meeting", "MoneyEntry", "TariffRow", "Venue", "VenueSlot",
]  # fmt: skip
