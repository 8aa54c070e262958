"""The registers and figures that the vehicle unit keeps beside the cars: posts, places, the site's power, consumption, parameters."""

from typing import Any

from flask import request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.errors import FieldError, Invalid
from common.identity import Person
from common.period import LATEST, Period, today
from common.web import flash, form_data, has_role, now, redirect_to, render
from common.words import Words
from fleet import cards, parameters, registers, upkeep
from fleet.electric import charging
from fleet.models import Charger, Driver, Place, Vehicle
from fleet.pages.door import dispatchers, pages
from fleet.schemas.cards import (
    ChargerChangeForm,
    ChargerForm,
    ConsumptionForm,
    ParameterForm,
    PlaceChangeForm,
    PlaceForm,
    WindowsForm,
)
from fleet.terms import CHARGER_STATES, SEASONS, SUPPLIES
from fleet.trips import find

readers = has_role("dispatcher", "admin", "auditor")
ROWS = 6
"""Windows of a day that the form has room for."""
UNITS = {
    "minutes": Words("分鐘", "minutes"),
    "hours": Words("小時", "hours"),
    "times": Words("次", "times"),
    "percent": Words.same("%"),
    "Wh/km": Words.same("Wh/km"),
}


@pages.get("/registers", allows=readers)
def list_registers(session: Session, person: Person) -> Any:
    """All registers of the unit, each with what it holds."""
    sizes = {
        model: session.scalar(select(func.count()).select_from(model)) or 0 for model in (Vehicle, Driver, Charger, Place)
    }  # fmt: skip
    faulty = session.scalar(select(func.count()).select_from(Charger).where(Charger.state == "faulty")) or 0
    return render(
        "fleet/registers.html", cars=sizes[Vehicle], drivers=sizes[Driver], posts=sizes[Charger], places=sizes[Place], faulty=faulty,
        windows=registers.windows_on(session, today(now())), models=len(registers.models(session)),
        parameters=len(parameters.SET_HERE),
    )  # fmt: skip


# --- posts and places ------------------------------------------------------------------------------------------------


@pages.get("/places", allows=readers)
def list_places(session: Session, person: Person) -> Any:
    """Charging posts and known places, with forms to add one."""
    return render(
        "fleet/places.html", places=session.scalars(select(Place).order_by(Place.km, Place.name)).all(), charger_states=CHARGER_STATES,
        chargers=charging.chargers(session), keeper=person.has(*upkeep.KEEPERS), supplies=SUPPLIES,
    )  # fmt: skip


@pages.post("/places", allows=dispatchers, again=list_places)
def add_place(session: Session, person: Person) -> Any:
    """Add a place."""
    cards.add_place(session, person, now(), **form_data(PlaceForm))
    flash(Words("已加入地點。", "The place is added."))
    return redirect_to(".list_places")


@pages.post("/chargers", allows=dispatchers, again=list_places)
def add_charger(session: Session, person: Person) -> Any:
    """Add a post."""
    cards.add_charger(session, person, now(), **form_data(ChargerForm))
    flash(Words("已加入充電樁。", "The post is added."))
    return redirect_to(".list_places")


@pages.get("/chargers/<int:charger_id>", allows=dispatchers)
def show_charger(session: Session, person: Person, charger_id: int) -> Any:
    """A post's card, to read and to correct, and what is booked on it."""
    post = find(session, Charger, charger_id)
    booked = [slot for slot in charging.slots_within(session, Period(now(), LATEST)) if slot.charger_id == post.id]
    return render(
        "fleet/charger.html", post=post, booked=booked, states=list(CHARGER_STATES.items()), supplies=list(SUPPLIES.items())
    )  # fmt: skip


@pages.post("/chargers/<int:charger_id>", allows=dispatchers, again=show_charger)
def change_charger(session: Session, person: Person, charger_id: int) -> Any:
    """Correct it, or take it out of service and back."""
    post = registers.save_charger(
        session, person, now(), find(session, Charger, charger_id), **form_data(ChargerChangeForm)
    )
    flash(Words("已修改 {code}。", "{code} is changed.").fill(code=post.code))
    return redirect_to(".list_places")


@pages.get("/places/<int:place_id>", allows=dispatchers)
def show_place(session: Session, person: Person, place_id: int) -> Any:
    """A place's card, to correct."""
    return render("fleet/place.html", place=find(session, Place, place_id))


@pages.post("/places/<int:place_id>", allows=dispatchers, again=show_place)
def change_place(session: Session, person: Person, place_id: int) -> Any:
    """Correct it."""
    data = form_data(PlaceChangeForm)
    for name in ("latitude", "longitude"):
        data[name] = None if data[name] is None else float(data[name])
    place = registers.save_place(session, person, now(), find(session, Place, place_id), **data)
    flash(Words("已修改{name}。", "{name} is changed.").fill(name=Words(place.name, place.name_en)))
    return redirect_to(".list_places")


# --- figures with their days -----------------------------------------------------------------------------------------


@pages.get("/charging/limits", allows=readers)
def show_limits(session: Session, person: Person) -> Any:
    """What all posts together may draw over the day: in force, to come, and before; a form for a new set."""
    day = today(now())
    current = registers.windows_on(session, day)
    return render(
        "fleet/limits.html", sets=registers.window_sets(session), current=current, in_force=current[0].valid_from if current else None,
        day=day, rows=range(ROWS), keeper=person.has(*upkeep.KEEPERS),
    )  # fmt: skip


@pages.post("/charging/limits", allows=dispatchers, again=show_limits)
def set_limits(session: Session, person: Person) -> Any:
    """A new set from a day on."""
    data = form_data(WindowsForm)
    windows = [registers.Window(f"{row['opens']:%H:%M}", row["kw"], row["cheap"]) for row in data["windows"]]
    try:
        registers.set_windows(session, person, now(), windows=windows, valid_from=data["valid_from"])
    except Invalid as refused:
        raise _at_rows(refused) from refused
    over = registers.crowded(session, now(), data["valid_from"])
    if over:
        zh = "已登記。那天有 {n} 段已預約的充電會超過，請到充電板調整。"
        en = "Entered. {n} stretches booked for that day exceed it: see the board."
        flash(Words(zh, en).fill(n=over))
    else:
        flash(Words("已登記，那天起適用。", "Entered; it holds from that day on."))
    return redirect_to(".show_limits")


@pages.get("/charging/consumption", allows=readers)
def show_consumption(session: Session, person: Person) -> Any:
    """What each model draws in each season, with a form for a new figure."""
    figures: dict[str, dict[str, list[Any]]] = {model: {} for model in registers.models(session)}
    for row in registers.consumption(session):
        figures[row.model].setdefault(row.season, []).append(row)
    return render(
        "fleet/consumption.html", figures=figures, seasons=SEASONS, day=today(now()), keeper=person.has(*upkeep.KEEPERS)
    )  # fmt: skip


@pages.post("/charging/consumption", allows=dispatchers, again=show_consumption)
def set_consumption(session: Session, person: Person) -> Any:
    """A new figure from a day on."""
    registers.set_consumption(session, person, now(), **form_data(ConsumptionForm))
    flash(Words("已登記，從生效日起用來推算。", "Entered; predictions use it from its day on."))
    return redirect_to(".show_consumption")


@pages.get("/parameters", allows=readers)
def show_parameters(session: Session, person: Person) -> Any:
    """The parameters set here: in force and to come, with their bounds and basis."""
    day = today(now())
    rows = {}
    for key, found in parameters.versions(session).items():
        ahead = sorted((row for row in found if row.valid_from > day), key=lambda row: row.valid_from)
        rows[key] = (parameters.SET_HERE[key], parameters.on(found, day), ahead)
    groups = (
        (Words("駕駛未接單時的催單", "When a driver stays silent"), parameters.LADDER),
        (Words("電動車與充電", "Electric cars and charging"), parameters.CHARGING),
    )
    return render(
        "fleet/parameters.html", rows=rows, groups=groups, day=day, units=UNITS, keeper=person.has(*upkeep.KEEPERS)
    )  # fmt: skip


@pages.post("/parameters", allows=dispatchers, again=show_parameters)
def set_parameter(session: Session, person: Person) -> Any:
    """A new value from a day on."""
    row = parameters.set_value(session, person, now(), **form_data(ParameterForm))
    flash(
        Words("已登記：{what} {n}。", "Entered: {what} {n}.").fill(what=parameters.SET_HERE[row.key].words, n=row.value)
    )
    return redirect_to(".show_parameters")


def _at_rows(refused: Invalid) -> Invalid:
    """The same faults at the rows that were typed: rows left blank do not count in the set."""
    typed = [
        n for n in range(ROWS) if any(request.form.get(f"windows.{n}.{name}") for name in ("opens", "kw", "cheap"))
    ]
    out = []
    for each in refused.errors:
        parts = each.field.split(".")
        if parts[0] == "windows" and parts[1].isdecimal() and int(parts[1]) < len(typed):
            parts[1] = str(typed[int(parts[1])])
        out.append(FieldError(".".join(parts), each.words))
    return Invalid.many(out)
