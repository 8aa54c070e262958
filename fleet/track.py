"""How far a trip has come, as the steps people know: who did each, when, and what is still to come."""

from dataclasses import dataclass
from datetime import datetime

from common.words import Words
from fleet.models import Trip, TripEvent
from fleet.terms import LEGS


@dataclass(frozen=True)
class Step:
    """One step of the track. state: past, on (waited for), next, bad."""

    label: Words
    state: str
    who: Words | None = None
    when: datetime | None = None
    detail: str | Words | None = None


PATH = (
    ("requested", Words("已送出", "Sent"), Words("送出", "Send")),
    ("approved", Words("主管核可", "Approved"), Words("主管核可", "Approval")),
    ("assigned", Words("已派車", "Car assigned"), Words("派車", "Assignment")),
    ("accepted", Words("已接單", "Driver accepted"), Words("駕駛接單", "Driver’s acceptance")),
    ("started", Words("出車", "Left"), Words("出車", "Departure")),
    ("finished", Words("回場", "Returned"), Words("回場", "Return")),
    ("signed_off", Words("簽證", "Signed off"), Words("使用人簽證", "Sign-off")),
)
REACHED = {
    "submitted": 1, "approved": 2, "fully_booked": 2, "assigned": 3, "assigned_one_way": 3, "merged": 3, "accepted": 4,
    "under_way": 5, "finished": 6, "signed_off": 7,
}  # fmt: skip
STOPPED = {
    "returned": Words("主管退回", "Sent back"),
    "fully_booked": Words("公務車已派滿", "Fully booked"),
    "cancelled": Words("已取消", "Cancelled"),
}


def track_of(trip: Trip) -> list[Step]:
    """The steps of a trip in order. A self-driven trip has no acceptance; a stopped one ends with why."""
    last = {event.what: event for event in trip.events}
    last["requested"] = last.get("requested") or last.get("recorded_late") or TripEvent(at=trip.requested_at)
    last["assigned"] = last.get("reassigned") or last.get("assigned") or TripEvent(at=trip.requested_at)
    if trip.merged_into is not None:  # it goes as far as the car it rides in
        last["assigned"] = last.get("merged", last["assigned"])
        last |= {event.what: event for event in trip.merged_into.events if event.what in ("accepted", "started")}
    reached = _reached(trip)
    steps = []
    for place, (what, done, coming) in enumerate(PATH):
        if what == "accepted" and not trip.needs_driver:
            continue
        if place < reached:
            event = last.get(what)
            words = _MERGED if what == "assigned" and trip.merged_into is not None else done
            steps.append(Step(words, "past", _name(event), event.at if event else None, _detail(what, trip)))
        elif trip.status in STOPPED:
            break
        else:
            waited = place == reached or (place == reached + 1 and not trip.needs_driver and reached == 3)
            steps.append(Step(coming, "on" if waited and not any(step.state == "on" for step in steps) else "next"))
    if trip.status in STOPPED:
        event = last.get(trip.status)
        steps.append(Step(STOPPED[trip.status], "bad", _name(event), event.at if event else None, trip.answer))
    return steps


_MERGED = Words("已併單", "Sharing a car")


def _reached(trip: Trip) -> int:
    if trip.status == "merged":
        return max(3, REACHED.get(trip.carried_by.status, 3))
    return REACHED.get(trip.status, _reached_before_stop(trip))


def _reached_before_stop(trip: Trip) -> int:
    if trip.status == "returned":
        return 1
    times = (trip.requested_at, trip.approved_at, trip.assigned_at, trip.accepted_at)
    return next((place for place, at in enumerate(times) if at is None), len(times))


def _name(event: TripEvent | None) -> Words | None:
    return event.who.words if event is not None and event.who is not None else None


def _detail(what: str, trip: Trip) -> str | Words | None:
    vehicle = trip.carried_by.vehicle
    if what == "assigned" and vehicle:
        leg = LEGS[trip.leg] if trip.leg else None
        return Words("{car}，只派{leg}", "{car}, {leg} only").fill(car=vehicle.label, leg=leg) if leg else vehicle.label
    if what == "finished" and trip.distance_driven is not None:
        return f"{trip.distance_driven:,} km"
    return None
