"""The registers of cars and drivers, each with its card (V-36, V-37; ux.md §5.13). Posts, places and figures: `registers`."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from common.identity import Agency, Person, with_role
from common.period import today
from common.web import flash, form_data, has_role, now, redirect_to, render
from common.words import Words
from fleet import cards, on_roster, pool, rules, upkeep, workshop
from fleet.due import due_items
from fleet.models import Driver, DriverCard, StandingCost, Suspension, Vehicle, VehicleCard
from fleet.pages.door import dispatchers, pages
from fleet.schemas.cards import (
    STATES_BY_HAND,
    DriverForm,
    MonthlyCostForm,
    OffRosterForm,
    VehicleChangeForm,
    VehicleForm,
)
from fleet.schemas.taken import Revision
from fleet.schemas.upkeep import DUE_STATES, SuspendForm
from fleet.terms import KINDS, LICENCE_CLASSES, POWERTRAINS, STANDING_COSTS, VEHICLE_STATES
from fleet.trips import find

readers = has_role("dispatcher", "admin", "auditor")


@pages.get("/vehicles", allows=readers)
def list_vehicles(session: Session, person: Person) -> Any:
    """Every car, retired ones last."""
    found = session.scalars(select(Vehicle).options(joinedload(Vehicle.owner)).order_by(Vehicle.plate)).all()
    return render(
        "fleet/vehicles.html", found=sorted(found, key=lambda car: (car.state == "retired", car.plate)), kinds=KINDS,
        powertrains=POWERTRAINS, states=VEHICLE_STATES, keeper=person.has(*upkeep.KEEPERS),
    )  # fmt: skip


@pages.get("/vehicles/new", allows=dispatchers)
def ask_vehicle(session: Session, person: Person) -> Any:
    """A new car as a form."""
    return render("fleet/vehicle_edit.html", car=None, card=None, **_choices(session))


@pages.post("/vehicles/new", allows=dispatchers, again=ask_vehicle)
def add_vehicle(session: Session, person: Person) -> Any:
    """Add it."""
    data = form_data(VehicleForm)
    data.pop("rev")
    car = cards.save_vehicle(session, person, now(), None, **data)
    flash(Words("已加入 {plate}。", "{plate} is added.").fill(plate=car.plate))
    return redirect_to(".show_vehicle", vehicle_id=car.id)


@pages.get("/vehicles/<int:vehicle_id>", allows=readers)
def show_vehicle(session: Session, person: Person, vehicle_id: int) -> Any:
    """One car's card: data, papers, what is due, costs, history."""
    car = find(session, Vehicle, vehicle_id)
    rule, day = rules.in_force(session, now()), today(now())
    costs = (
        select(StandingCost)
        .where(StandingCost.vehicle_id == car.id)
        .order_by(StandingCost.kind, StandingCost.valid_from.desc())
    )
    suspended = select(Suspension).where(Suspension.vehicle_id == car.id, Suspension.ended_on.is_(None))
    return render(
        "fleet/vehicle.html", car=car, card=session.get(VehicleCard, car.id), kinds=KINDS, powertrains=POWERTRAINS, states=VEHICLE_STATES,
        due=[(each, each.state(day, rule)) for each in due_items(session, now(), [car])], due_states=DUE_STATES,
        costs=session.scalars(costs).all(), cost_kinds=STANDING_COSTS, history=cards.history(session, car), day=day,
        suspension=session.scalars(suspended).first(), keeper=person.has(*upkeep.KEEPERS),
    )  # fmt: skip


@pages.get("/vehicles/<int:vehicle_id>/edit", allows=dispatchers)
def edit_vehicle(session: Session, person: Person, vehicle_id: int) -> Any:
    """The card as a form."""
    car = find(session, Vehicle, vehicle_id)
    return render("fleet/vehicle_edit.html", car=car, card=session.get(VehicleCard, car.id), **_choices(session))


@pages.post("/vehicles/<int:vehicle_id>/edit", allows=dispatchers, again=edit_vehicle)
def change_vehicle(session: Session, person: Person, vehicle_id: int) -> Any:
    """Correct it."""
    car = cards.save_vehicle(session, person, now(), find(session, Vehicle, vehicle_id), **form_data(VehicleChangeForm))
    flash(Words("已修改 {plate}。", "{plate} is changed.").fill(plate=car.plate))
    return redirect_to(".show_vehicle", vehicle_id=car.id)


@pages.post("/vehicles/<int:vehicle_id>/cost", allows=dispatchers, again=show_vehicle)
def set_cost(session: Session, person: Person, vehicle_id: int) -> Any:
    """A new version of a monthly cost."""
    cards.set_monthly_cost(session, person, now(), vehicle_id, **form_data(MonthlyCostForm))
    flash(Words("已登記，從生效日起計。", "Entered; it counts from its day."))
    return redirect_to(".show_vehicle", vehicle_id=vehicle_id)


@pages.post("/vehicles/<int:vehicle_id>/suspend", allows=dispatchers, again=show_vehicle)
def suspend_vehicle(session: Session, person: Person, vehicle_id: int) -> Any:
    """Hand the plates in (V-57)."""
    workshop.suspend(session, person, now(), vehicle_id, **form_data(SuspendForm))
    flash(Words("已報停，不再派這輛車。", "Plates handed in; the car is no longer assigned."))
    return redirect_to(".show_vehicle", vehicle_id=vehicle_id)


@pages.post("/vehicles/<int:vehicle_id>/resume", allows=dispatchers, again=show_vehicle)
def resume_vehicle(session: Session, person: Person, vehicle_id: int) -> Any:
    """The plates are back."""
    workshop.resume(session, person, now(), vehicle_id, **form_data(Revision))
    flash(Words("已恢復；報停滿三個月的車要先檢驗。", "Back; after three months it is inspected first."))
    return redirect_to(".show_vehicle", vehicle_id=vehicle_id)


def _choices(session: Session) -> dict[str, Any]:
    agencies = session.scalars(select(Agency).where(Agency.kind == "city").order_by(Agency.code)).all()
    return {
        "agencies": [(agency.id, agency.words) for agency in agencies], "kinds": [(code, kind.words) for code, kind in KINDS.items()],
        "powertrains": list(POWERTRAINS.items()), "states": list(STATES_BY_HAND.items()),
    }  # fmt: skip


# --- drivers ---------------------------------------------------------------------------------------------------------


@pages.get("/drivers", allows=readers)
def list_drivers(session: Session, person: Person) -> Any:
    """The roster."""
    found = session.scalars(select(Driver).order_by(Driver.employed.desc(), Driver.id)).all()
    return render(
        "fleet/drivers.html", found=found, classes=LICENCE_CLASSES, day=today(now()), keeper=person.has(*upkeep.KEEPERS)
    )


@pages.get("/drivers/new", allows=dispatchers)
def ask_driver(session: Session, person: Person) -> Any:
    """Put a person on the roster."""
    return _driver_page(session, None)


@pages.post("/drivers/new", allows=dispatchers, again=ask_driver)
def add_driver(session: Session, person: Person) -> Any:
    """Do it."""
    data = form_data(DriverForm)
    data.pop("rev")
    driver = cards.save_driver(session, person, now(), None, **data)
    flash(Words("已加入駕駛名冊。", "On the roster."))
    return redirect_to(".show_driver_card", driver_id=driver.id)


@pages.get("/drivers/<int:driver_id>", allows=dispatchers)
def show_driver_card(session: Session, person: Person, driver_id: int) -> Any:
    """A driver's card, to read and to correct."""
    return _driver_page(session, find(session, Driver, driver_id))


@pages.post("/drivers/<int:driver_id>", allows=dispatchers, again=show_driver_card)
def change_driver(session: Session, person: Person, driver_id: int) -> Any:
    """Correct it."""
    cards.save_driver(session, person, now(), find(session, Driver, driver_id), **form_data(DriverForm))
    flash(Words("已修改駕駛資料。", "The card is changed."))
    return redirect_to(".show_driver_card", driver_id=driver_id)


@pages.post("/drivers/<int:driver_id>/off", allows=dispatchers, again=show_driver_card)
def take_off_roster(session: Session, person: Person, driver_id: int) -> Any:
    """Off the roster from a day on; later trips wait for dispatch again."""
    released = on_roster.take_off(session, person, now(), driver_id, **form_data(OffRosterForm))
    words = Words("已離開名冊，{n} 趟等候重新派車。", "Off the roster; {n} trips wait for dispatch again.")
    flash(words.fill(n=len(released)))
    return redirect_to(".show_driver_card", driver_id=driver_id)


@pages.post("/drivers/<int:driver_id>/back", allows=dispatchers, again=show_driver_card)
def put_back_on_roster(session: Session, person: Person, driver_id: int) -> Any:
    """Back on it."""
    on_roster.put_back(session, person, now(), driver_id, **form_data(Revision))
    flash(Words("已回到駕駛名冊。", "Back on the roster."))
    return redirect_to(".show_driver_card", driver_id=driver_id)


def _driver_page(session: Session, driver: Driver | None) -> Any:
    listed = set(session.scalars(select(Driver.person_id)))
    card = session.get(DriverCard, driver.id) if driver else None
    return render(
        "fleet/driver_card.html", driver=driver, card=card, day=today(now()),
        given=on_roster.trips_after(session, driver, now(), None) if driver else (), classes=list(LICENCE_CLASSES.items()),
        people=[(each.id, each.words) for each in with_role(session, "driver") if each.id not in listed],
        cars=[(car.id, car.plate) for car in pool.vehicles(session)],
        others=[(each.id, each.name) for each in pool.drivers(session) if each is not driver],
    )  # fmt: skip
