"""Rows of the fleet. They answer questions and change their own state; they send nothing and know no request.

People and agencies are read copies (`common.identity`), so their ids carry no foreign key: a copy may lag or be gone.
"""

from fleet.models.assets import Driver, Vehicle
from fleet.models.base import Base
from fleet.models.board import DriverLeave, TripMove
from fleet.models.cards import DriverCard, StandingCost, TripCost, VehicleCard
from fleet.models.charging import Charger, ChargingSession, ChargingSlot, Consumption, PowerCut, SiteWindow
from fleet.models.driving import DriverAct, Nudge, SignLink, TripSignature
from fleet.models.energy import EnergyCause, EnergyRecord, EnergyTotal
from fleet.models.gate import GateCheck
from fleet.models.parameters import NumberSeries, Place, Policy
from fleet.models.recalls import PoolMembership, Recall
from fleet.models.series import Series
from fleet.models.surveys import SurveyAnswer, SurveyKey
from fleet.models.trip import Trip, TripDelivery, TripEvent, WrongState
from fleet.models.upkeep import Accident, AccidentStep, Appointment, DueNotice, Suspension, UpkeepRecord

__all__ = [
    "Accident",
    "AccidentStep",
    "Appointment",
    "Base",
    "Charger",
    "ChargingSession",
    "ChargingSlot",
    "Consumption",
    "Driver",
    "DriverAct",
    "DriverCard",
    "DueNotice",
    "EnergyCause",
    "EnergyRecord",
    "EnergyTotal",
    "GateCheck",
    "Nudge",
    "DriverLeave",
    "NumberSeries",
    "Place",
    "Policy",
    "PoolMembership",
    "Recall",
    "Series",
    "SignLink",
    "StandingCost",
    "SurveyAnswer",
    "SurveyKey",
    "Suspension",
    "PowerCut",
    "SiteWindow",
    "Trip",
    "TripCost",
    "TripDelivery",
    "TripEvent",
    "TripSignature",
    "UpkeepRecord",
    "TripMove",
    "Vehicle",
    "VehicleCard",
    "WrongState",
]
