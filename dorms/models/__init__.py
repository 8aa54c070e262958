"""Rows of the dorms service: houses, rooms and beds; rounds, applications, offers, stays; dated rules.

Rows answer questions and change their own state; they send nothing and know no request. People are read copies, so
they are joined by id without a foreign key. A stay is counted in nights and taken from the reservation ledger.
"""

from dorms.models.base import Base, Exact, nights, numbered
from dorms.models.files import ApplicationPaper, Correction, Draft, PrivacyNotice, Statistic, Supplement
from dorms.models.rounds import Application, Bar, Offer, Round, Tenancy
from dorms.models.rules import Parameter, PointItem, PointTable
from dorms.models.stock import Bed, Building, Room, RoomState

__all__ = [
    "Application",
    "ApplicationPaper",
    "Bar",
    "Base",
    "Bed",
    "Building",
    "Correction",
    "Draft",
    "Exact",
    "Offer",
    "Parameter",
    "PointItem",
    "PointTable",
    "PrivacyNotice",
    "Room",
    "RoomState",
    "Round",
    "Statistic",
    "Supplement",
    "Tenancy",
    "nights",
    "numbered",
]
