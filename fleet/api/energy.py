"""Fuel and electricity."""

from typing import Any

from sqlalchemy.orm import Session

from common.identity import Person
from common.roc import HalfYear
from common.web import has_role, now
from fleet import energy
from fleet.api.door import api
from fleet.schemas.energy import CompareQuery, ComparisonOut, EnergyRecordOut, RecordEnergy


@api.post(
    "/energy", "recordEnergy", takes=RecordEnergy, gives=EnergyRecordOut, status=201, allows=has_role(*energy.RECORDERS),
    about="Write down a refuelling or a charging; the odometer must fit between the car's other readings (V-38, V-51).",
)  # fmt: skip
def record_energy(session: Session, person: Person, data: dict[str, Any]) -> Any:
    return energy.record(session, person, now(), source="api", **data)


@api.get(
    "/energy/comparison", "compareEnergy", query=CompareQuery, gives=ComparisonOut,
    allows=has_role("dispatcher", "admin", "auditor", "supervisor"),
    about="A half-year against another (the base year, or the year before): difference and rate, two decimals (C-40, C-41).",
)  # fmt: skip
def compare_energy(session: Session, person: Person, query: dict[str, Any]) -> Any:
    period = HalfYear.parse(query["period"])
    against = HalfYear.parse(query["against"]) if query["against"] else period.year_before
    found = energy.compare(session, period, against, query["kind"])
    sources = [each.source for each in (found.this, found.base) if each.source]
    return {
        "period": period.code, "against": against.code, "kind": query["kind"], "unit": found.figures.unit, "this": found.figures.this,
        "base": found.figures.base, "difference": found.figures.difference, "rate_percent": found.figures.rate_percent,
        "cause": found.cause, "source": "；".join(dict.fromkeys(sources)) or None,
    }  # fmt: skip
