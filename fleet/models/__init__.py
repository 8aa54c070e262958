"""Rows of the fleet. They answer questions and change their own state; they send nothing and know no request.

People and agencies are read copies (`common.identity`), so their ids carry no foreign key: a copy may lag or be gone.
"""

from fleet.models.assets import Charger, ChargingSlot, Driver, Vehicle
from fleet.models.base import Base
from fleet.models.parameters import NumberSeries, Place, Policy
from fleet.models.trip import Trip, TripDelivery, TripEvent, WrongState

__all__ = [
    "Base",
    "Charger",
    "ChargingSlot",
    "Driver",
    "NumberSeries",
    "Place",
    "Policy",
    "Trip",
    "TripDelivery",
    "TripEvent",
    "Vehicle",
    "WrongState",
]
