"""Rows of the dorms service: houses, rooms and beds; rounds, applications, offers, stays; dated rules.

Rows answer questions and change their own state; they send nothing and know no request. People are read copies, so
they are joined by id without a foreign key. A stay is counted in nights and taken from the reservation ledger.
"""

from dorms.models.base import Base, Exact, nights, numbered
from dorms.models.files import ApplicationPaper, Correction, Draft, PrivacyNotice, Statistic, Supplement
from dorms.models.objections import Objection, PointCheck, ReplacedRanking
from dorms.models.rounds import Application, Bar, Offer, Round, Tenancy
from dorms.models.rules import Parameter, PointItem, PointTable
from dorms.models.stock import Bed, Building, Room, RoomState
from dorms.models.tenancies import Contract, InventoryItem, PayTerms, TenancyPhoto, TenancyStep
from dorms.models.upkeep import (
    CheckPlan,
    HouseCheck,
    LegacyHouse,
    LegacyState,
    Repair,
    RepairPhoto,
    ResidenceCase,
    ResidenceStep,
    VisitAct,
)

__all__ = [
    "Application",
    "ApplicationPaper",
    "Bar",
    "Base",
    "Bed",
    "Building",
    "CheckPlan",
    "Contract",
    "Correction",
    "Draft",
    "Exact",
    "HouseCheck",
    "InventoryItem",
    "LegacyHouse",
    "LegacyState",
    "Objection",
    "Offer",
    "Parameter",
    "PayTerms",
    "PointCheck",
    "PointItem",
    "PointTable",
    "PrivacyNotice",
    "Repair",
    "RepairPhoto",
    "ReplacedRanking",
    "ResidenceCase",
    "ResidenceStep",
    "Room",
    "RoomState",
    "Round",
    "Statistic",
    "Supplement",
    "Tenancy",
    "TenancyPhoto",
    "TenancyStep",
    "VisitAct",
    "nights",
    "numbered",
]
