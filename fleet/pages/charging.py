"""The charging posts today: who is plugged in when, and booking a slot."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.errors import Invalid
from common.identity import Person
from common.period import Period, taipei, today
from common.web import flash, form_data, has_role, now, redirect_to, render
from common.words import Words
from fleet import charging
from fleet.models import Vehicle
from fleet.pages.door import insiders, pages, placed
from fleet.pages.forms import SlotForm
from fleet.schemas.taken import Revision

keepers = has_role(*charging.KEEPERS)


@pages.get("/charging", allows=insiders)
def show_charging(session: Session, person: Person, slot_id: int | None = None) -> Any:
    """Every post with today's slots; the booking form for those who plug in."""
    day = today(now())
    slots = charging.slots_within(session, Period.of_day(day))
    electric = session.scalars(
        select(Vehicle).where(Vehicle.powertrain == "electric", Vehicle.state == "in_service").order_by(Vehicle.plate)
    ).all()
    posts = charging.chargers(session)
    return render(
        "fleet/charging.html", posts=posts, slots={post.id: [slot for slot in slots if slot.charger_id == post.id] for post in posts},
        electric=electric, keeper=person.has(*charging.KEEPERS), day=day,
    )  # fmt: skip


@pages.post("/charging", allows=keepers, again=show_charging)
def book_slot(session: Session, person: Person) -> Any:
    """Take a post for a car."""
    data = form_data(SlotForm)
    day, leave, back = data.pop("date"), data.pop("leave"), data.pop("back")
    starts_at, ends_at = taipei(day, leave), taipei(day, back)
    try:
        slot = charging.book(session, person, now(), starts_at=starts_at, ends_at=ends_at, **data)
    except Invalid as refused:
        raise placed(refused) from refused
    flash(
        Words("已預約 {code} 給 {plate}。", "{code} booked for {plate}.").fill(
            code=slot.charger.code, plate=slot.vehicle.plate
        )
    )
    return redirect_to(".show_charging")


@pages.post("/charging/<int:slot_id>/cancel", allows=keepers, again=show_charging)
def cancel_slot(session: Session, person: Person, slot_id: int) -> Any:
    """Give it back."""
    charging.cancel(session, person, now(), slot_id, **form_data(Revision))
    flash(Words("已取消充電預約。", "Charging slot cancelled."))
    return redirect_to(".show_charging")
