"""The charging posts, their slots, and the plan of a day."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import today
from common.schemas import PageQuery, page_of
from common.web import has_role, now, paged
from fleet.api.door import api, insiders
from fleet.electric import charging, charging_day, plug_in, posts
from fleet.models import Charger, ChargingSlot
from fleet.schemas.charging import (
    BookSlot,
    ChargingPlanOut,
    MoveSlot,
    PlanCharging,
    PlugInList,
    PostOut,
    SecretOut,
    SetChargerState,
    SlotOut,
)
from fleet.schemas.taken import Revision
from fleet.trips import find

keepers = has_role(*charging.KEEPERS)
planners = has_role("dispatcher", "admin")


@api.get(
    "/chargers",
    "listChargers",
    query=PageQuery,
    gives=page_of(PostOut),
    allows=insiders,
    about="The charging posts at City Hall (V-70), each with how it is right now.",
)
def list_chargers(session: Session, person: Person, query: dict[str, Any]) -> Any:
    page = paged(session, select(Charger), query, Charger.id)
    found = posts.conditions(session, page["items"], now())
    for post in page["items"]:
        post.condition = found[post.id].code
    return page


@api.post(
    "/chargers/<int:charger_id>/state", "setChargerState", takes=SetChargerState, gives=PostOut, allows=planners,
    about="Take a post out of service, or back into it; its booked sessions wait to be planned anew.",
)  # fmt: skip
def set_charger_state(session: Session, person: Person, data: dict[str, Any], charger_id: int) -> Any:
    return charging.set_state(session, person, now(), charger_id, **data)


@api.post(
    "/chargers/<int:charger_id>/secret", "renewChargerSecret", takes=Revision, gives=SecretOut, allows=planners, secret=True,
    about="A new password for the post’s OCPP connection, shown once; the old one ends.",
)  # fmt: skip
def renew_charger_secret(session: Session, person: Person, data: dict[str, Any], charger_id: int) -> Any:
    charger = find(session, Charger, charger_id)
    charger.expect(data["rev"])
    return {"code": charger.code, "secret": posts.renew_secret(session, person, now(), charger_id)}


@api.get("/charging-slots", "listChargingSlots", query=PageQuery, gives=page_of(SlotOut), allows=insiders,
    about="Slots booked or cancelled, the newest first.",
)  # fmt: skip
def list_charging_slots(session: Session, person: Person, query: dict[str, Any]) -> Any:
    return paged(session, select(ChargingSlot), query, ChargingSlot.id)


@api.post(
    "/charging-slots", "bookChargingSlot", takes=BookSlot, gives=SlotOut, status=201,
    allows=keepers, about="A post and a car, both or neither, for at most the hours of V-75.",
)  # fmt: skip
def book_charging_slot(session: Session, person: Person, data: dict[str, Any]) -> Any:
    return charging.book(session, person, now(), **data)


@api.post(
    "/charging-slots/<int:slot_id>/move", "moveChargingSlot", takes=MoveSlot, gives=SlotOut, allows=keepers,
    about="Another post or time, longer or shorter; one that has begun can only change its end.",
)  # fmt: skip
def move_charging_slot(session: Session, person: Person, data: dict[str, Any], slot_id: int) -> Any:
    return charging.move(session, person, now(), slot_id, **data)


@api.post(
    "/charging-slots/<int:slot_id>/cancel", "cancelChargingSlot", takes=Revision, gives=SlotOut,
    allows=keepers, about="Give a slot back; a running one ends now.",
)  # fmt: skip
def cancel_charging_slot(session: Session, person: Person, data: dict[str, Any], slot_id: int) -> Any:
    return charging.cancel(session, person, now(), slot_id, **data)


@api.get(
    "/charging/plug-in", "listCarsToPlugIn", gives=PlugInList, allows=insiders,
    about="Cars at home below `ev.plug_in_below_percent` (V-76) that do not charge: the soonest to leave first, each with a free post.",
)  # fmt: skip
def list_cars_to_plug_in(session: Session, person: Person) -> Any:
    return {"items": plug_in.waiting(session, now()), "next": None}


@api.post(
    "/charging-plan", "planCharging", takes=PlanCharging, gives=ChargingPlanOut, allows=planners,
    about="The best plan until noon of the day after: cars ready for their next trip under the site’s limit (V-76), or the exact "
    "shortage and who could take the trip. A preview unless `apply` is true.",
)  # fmt: skip
def plan_charging(session: Session, person: Person, data: dict[str, Any]) -> Any:
    found = charging_day.prepare(session, now(), day=max(data["date"] or today(now()), today(now())))
    if data["apply"]:
        charging_day.apply(session, person, now(), found)
    return {
        "starts_at": found.starts_at, "applied": data["apply"], "ready": found.ready, "with_trip": found.with_trip,
        "changes": found.changes, "peak_kw": found.peak_kw, "gap": min(1.0, found.gap),
        "items": [_car(each) for each in found.cars],
        "power": [
            {
                "at": each.at, "limit_kw": each.limit, "contract_kw": each.contract, "planned_kw": load,
                "off_peak": each.cheap, "sample": each.sample,
            }
            for each, load in zip(found.power, found.load, strict=True)
        ],
    }  # fmt: skip


def _car(each: charging_day.CarPlan) -> dict[str, Any]:
    plain = {name: getattr(each, name) for name in ("vehicle", "trip", "percent", "ready", "ready_at", "spare_km")}
    more = {"short_kwh": round(each.short_kwh, 2), "short_km": each.short_km, "words": each.words}
    return plain | more | {"swap_with": [one.id for one in each.swap_with], "stretches": each.stretches}
