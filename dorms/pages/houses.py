"""The register of legacy houses and land, for officers: nothing is let here (D-07)."""

from typing import Any

from sqlalchemy.orm import Session

from common.identity import Person
from common.period import today
from common.web import flash, form_data, now, redirect_to, render
from common.words import Words
from dorms.pages.door import note_look, officers, pages
from dorms.schemas import upkeep as shapes
from dorms.upkeep import houses, terms
from dorms.upkeep.districts import DISTRICTS, district_of


@pages.get("/legacy", allows=officers)
def show_houses(session: Session, person: Person) -> Any:
    """All of them with their state, and how many are in each."""
    register = houses.register(session)
    counted = {code: sum(row.state == code for row in register) for code in terms.HOUSE_STATES}
    return render(
        "dorms/houses.html",
        terms=terms,
        register=[(row, DISTRICTS[district_of(row.place)]) for row in register],
        counted=counted,
    )


@pages.get("/legacy/<int:house_id>", allows=officers)
def show_house(session: Session, person: Person, house_id: int) -> Any:
    """One, with its history. Who stays there is personal data: the look is written down (C-27)."""
    house = houses.find(session, house_id)
    if house.occupant:
        note_look(person, f"house/{house.id}", "occupant")
    return render("dorms/legacy_house.html", terms=terms, row=house, today=today(now()))


@pages.post("/legacy/<int:house_id>/state", allows=officers, again=show_house)
def change_house(session: Session, person: Person, house_id: int) -> Any:
    """Its next state."""
    houses.change_state(session, person, now(), house_id, **form_data(shapes.ChangeHouseState))
    flash(Words("已更新狀態", "State updated"))
    return redirect_to(".show_house", house_id=house_id)
