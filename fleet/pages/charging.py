"""The charging board: who is plugged in where and when, what needs a hand, and booking a slot."""

from datetime import date, timedelta
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from common.errors import Conflict, Invalid
from common.identity import Person
from common.period import local, taipei, today
from common.schemas import load_form
from common.web import flash, form_data, has_role, now, redirect_to, render
from common.words import Words
from fleet.electric import charging, charging_board, charging_day, charging_offers, posts
from fleet.models import ChargingSlot, Vehicle
from fleet.pages.door import dispatchers, insiders, pages, placed
from fleet.pages.forms import SlotForm
from fleet.schemas.charging import DayForm, MoveForm, OfferForm, OverForm, StateForm
from fleet.schemas.taken import Revision

keepers = has_role(*charging.KEEPERS)
GONE = Words("這段時間沒有可以延後的充電。", "No session can be delayed at that time.")


@pages.get("/charging", allows=insiders)
def show_charging(
    session: Session,
    person: Person,
    slot_id: int | None = None,
    charger_id: int | None = None,
    session_id: int | None = None,
) -> Any:
    """The board of a day, the chosen session, the cars and their next trips; the booking form for those who plug in."""
    day = _day()
    chosen = slot_id or _number(request.args.get("slot", ""))
    slot = session.get(ChargingSlot, chosen) if chosen else None
    keeper, desk = person.has(*charging.KEEPERS), person.has("dispatcher", "admin")
    return render(
        "fleet/charging.html", board=charging_board.board(session, now(), day), cars=charging_board.readiness(session, now()),
        car_options=[(car.id, f"{car.plate} · {car.charge_percent}%") for car in charging_offers.electric_cars(session)],
        post_options=[(post.id, f"{post.code} · {post.power_kw} kW") for post in charging.chargers(session) if post.usable],
        slot=slot if slot and slot.state == "booked" else None, keeper=keeper, desk=desk, day=day, today=today(now()),
        before=day - timedelta(days=1), after=day + timedelta(days=1),
        may_change=slot is not None and (desk or (keeper and slot.booked_by_id == person.id)),
        asked=_asked(session) if keeper else None, hours=range(6, 22), tomorrow=today(now()) + timedelta(days=1),
    )  # fmt: skip


@pages.post("/charging", allows=keepers, again=show_charging)
def book_slot(session: Session, person: Person) -> Any:
    """Take a post for a car."""
    data = form_data(SlotForm)
    day, leave, back = data.pop("date"), data.pop("leave"), data.pop("back")
    starts_at = taipei(day, leave)
    ends_at = taipei(day if back > leave else day + timedelta(days=1), back)
    try:
        slot = charging.book(session, person, now(), starts_at=starts_at, ends_at=ends_at, **data)
    except Invalid as refused:
        raise placed(refused) from refused
    flash(
        Words("已預約 {code} 給 {plate}。", "{code} booked for {plate}.").fill(
            code=slot.charger.code, plate=slot.vehicle.plate
        )
    )
    return redirect_to(".show_charging", date=day)


@pages.post("/charging/<int:slot_id>/cancel", allows=keepers, again=show_charging)
def cancel_slot(session: Session, person: Person, slot_id: int) -> Any:
    """Give it back."""
    slot = charging.cancel(session, person, now(), slot_id, **form_data(Revision))
    flash(Words("已取消充電預約。", "Charging slot cancelled."))
    return redirect_to(".show_charging", date=local(slot.starts_at).date())


@pages.post("/charging/<int:slot_id>/move", allows=keepers, again=show_charging)
def move_slot(session: Session, person: Person, slot_id: int) -> Any:
    """Another post, another time, longer or shorter."""
    data = form_data(MoveForm)
    day, leave, back = data.pop("date"), data.pop("leave"), data.pop("back")
    starts_at = taipei(day, leave)
    ends_at = taipei(day if back > leave else day + timedelta(days=1), back)
    try:
        slot = charging.move(session, person, now(), slot_id, starts_at=starts_at, ends_at=ends_at, **data)
    except Invalid as refused:
        raise placed(refused) from refused
    flash(
        Words("{plate} 已改到 {code}。", "{plate} moved to {code}.").fill(
            plate=slot.vehicle.plate, code=slot.charger.code
        )
    )
    return redirect_to(".show_charging", date=day, slot=slot.id)


@pages.post("/charging/ease", allows=dispatchers, again=show_charging)
def ease_site(session: Session, person: Person) -> Any:
    """〔延後 2 輛〕: move the sessions that can wait out of the crowded stretch."""
    data = form_data(OverForm)
    day = local(data["starts_at"]).date()
    over = next(
        (
            each.over
            for each in charging_board.board(session, now(), day).warnings
            if each.over.period.starts_at == data["starts_at"]
        ),
        None,
    )
    moved = charging_offers.ease(session, person, now(), over) if over else []
    if not moved:
        raise Conflict(GONE)
    plates = "、".join(slot.vehicle.plate for slot in moved)
    flash(Words("已延後 {plates}。", "Delayed: {plates}.").fill(plates=plates))
    return redirect_to(".show_charging", date=day)


@pages.post("/charging/chargers/<int:charger_id>/state", allows=dispatchers, again=show_charging)
def set_charger_state(session: Session, person: Person, charger_id: int) -> Any:
    """Out of service, or back."""
    charger = charging.set_state(session, person, now(), charger_id, **form_data(StateForm))
    told = (
        Words("{code} 已停用。", "{code} is out of service.")
        if charger.state == "faulty"
        else Words("{code} 已恢復。", "{code} is back.")
    )
    flash(told.fill(code=charger.code))
    return redirect_to(".show_charging", date=request.args.get("date"))


@pages.post("/charging/sessions/<int:session_id>/tell", allows=dispatchers, again=show_charging)
def tell_driver(session: Session, person: Person, session_id: int) -> Any:
    """〔通知駕駛〕: the car is full and stands in the way."""
    row = posts.tell_driver(session, person, now(), session_id)
    flash(
        Words("已通知 {plate} 的駕駛移車。", "The driver of {plate} is asked to move it.").fill(
            plate=row.vehicle.plate if row.vehicle else ""
        )
    )
    return redirect_to(".show_charging")


@pages.get("/charging/plan", allows=dispatchers)
def show_charging_plan(session: Session, person: Person) -> Any:
    """The best plan until noon of the day after, before anything is booked."""
    found = charging_day.prepare(session, now(), day=max(_day(), today(now())))
    return render(
        "fleet/charging_plan.html", plan=found, day=_day(), today=today(now()), short=charging_day.shortages(found.cars)
    )


@pages.post("/charging/plan", allows=dispatchers, again=show_charging_plan)
def apply_charging_plan(session: Session, person: Person) -> Any:
    """Book and move as planned now; all of it or nothing."""
    day = form_data(DayForm)["date"]
    found = charging_day.prepare(session, now(), day=max(day, today(now())))
    charging_day.apply(session, person, now(), found)
    flash(Words("已照計畫排好，{n} 筆新增或改排。", "Planned: {n} sessions added or moved.").fill(n=found.changes))
    return redirect_to(".show_charging", date=day)


def _asked(session: Session) -> dict[str, Any] | None:
    """What the suggestion form asked, and the slots that would do."""
    if "vehicle" not in request.args:
        return None
    try:
        data = load_form(OfferForm, request.args)
    except Invalid:  # an address typed by hand: the form is shown again, empty
        return None
    vehicle = session.get(Vehicle, data["vehicle"])
    if vehicle is None:
        return None
    need_by = taipei(data["by_day"], data["by"])
    try:
        found = charging_offers.offers(session, now(), vehicle, need_by=need_by, target_percent=data["target"])
    except Invalid as refused:
        return {
            **data,
            "car": vehicle,
            "need_by": need_by,
            "offers": [],
            "wrong": (refused.errors[0].words if refused.errors else refused.words),
        }
    return {**data, "car": vehicle, "need_by": need_by, "offers": found, "wrong": None}


def _day() -> date:
    try:
        day = date.fromisoformat(request.args.get("date", ""))
    except ValueError:
        return today(now())
    return day if 1991 <= day.year <= 2190 else today(now())


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None
