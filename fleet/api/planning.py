"""Planning a day anew, and how large the fleet has to be."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from common.errors import NotFound
from common.identity import Person
from common.web import has_role, now
from fleet import fleetsize, replanning
from fleet.api.door import api, dispatchers
from fleet.plans.planning import Step
from fleet.schemas.planning import ReplanDay, ReplanOut
from fleet.schemas.sizing import SizingOut, SizingQuery


def look_at_day(session: Session, person: Person, data: dict[str, Any], day: str) -> replanning.Preview | None:
    """The plan, solved before anything is written; None where an earlier preview's changes are sent to be done."""
    if data["apply"] and data["changes"]:
        return None
    return replanning.preview(session, person, now(), day_of(day), seconds=data["seconds"], move=data["move"])


@api.post(
    "/days/<day>/replan", "replanDay", takes=ReplanDay, gives=ReplanOut, allows=dispatchers, first=look_at_day,
    about="The best plan for the trips of a day that have not left: a preview, or done all at once (V-15, V-23, V-71).",
)  # fmt: skip
def replan_day(
    session: Session, person: Person, data: dict[str, Any], day: str, found: replanning.Preview | None
) -> Any:
    on = day_of(day)
    if found is None:
        done = replanning.apply(session, person, now(), on, [Step(**each) for each in data["changes"]])
        return {"day": on, "applied": True, "changes": done, "left": [], **dict.fromkeys(NOT_PLANNED)}
    changes = found.changes
    if data["apply"] and found.steps:
        after = {change.trip.id: change.trip for change in replanning.apply(session, person, now(), on, found.steps)}
        changes = tuple(replace(change, trip=after[change.trip.id]) for change in changes)
    return {
        "day": on, "applied": data["apply"], "proven": found.proven, "gap_percent": Decimal(str(round(found.gap * 100, 2))),
        "before": found.now._asdict(), "after": found.then._asdict(), "changes": changes, "left": found.left,
    }  # fmt: skip


NOT_PLANNED = ("proven", "gap_percent", "before", "after")


def day_of(text: str) -> date:
    """The day an address names. Raises NotFound for what is no day of ours."""
    try:
        day = date.fromisoformat(text)
    except ValueError as wrong:
        raise NotFound from wrong
    if not 1991 <= day.year <= 2190:
        raise NotFound
    return day


@api.get(
    "/sizing", "getSizing", query=SizingQuery, gives=SizingOut, allows=has_role(*fleetsize.SEEN_BY),
    about="The least cars for a past period, days served by number of cars, and the log replayed with another fleet (V-70, V-71).",
)  # fmt: skip
def get_sizing(session: Session, person: Person, query: dict[str, Any]) -> Any:
    first, last = fleetsize.days_meant(now(), query["from_"], query["until"])
    found = fleetsize.size(session, person, now(), first, last, remove=query["remove"], swap=query["swap"])
    levels = [{**vars(each), "served_percent": Decimal(str(each.served_percent))} for each in found.levels]
    return {
        **vars(found), "levels": levels, "lost_trip_ids": [trip.id for trip in found.lost],
        "lost_by_agency": [{"agency_id": key, "trips": count} for key, count in sorted(found.then.by_agency.items())],
        "energy_now": found.today.energy, "energy_then": found.then.energy,
    }  # fmt: skip
