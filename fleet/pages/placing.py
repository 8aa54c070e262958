"""What is done on the board: placing a trip, taking the move back, saying that all cars are taken, drivers' leave."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from common.errors import FieldError, Invalid
from common.identity import Person
from common.period import local, taipei, today
from common.web import flash, form_data, now
from common.words import Words
from fleet import assigning, leave, moving, trips
from fleet.models import Trip
from fleet.pages.dispatching import after, show_again
from fleet.pages.door import dispatchers, pages, placed
from fleet.pages.forms import DeskCancelForm
from fleet.schemas.board import CancelLeave, LeaveForm, PlaceForm
from fleet.schemas.taken import Revision


@pages.post("/dispatch/<int:trip_id>/place", allows=dispatchers, again=show_again)
def place_trip(session: Session, person: Person, trip_id: int) -> Any:
    """Give the trip this car, driver or time; what the form leaves out stays."""
    trip = trips.get(session, person, trip_id)
    form = form_data(PlaceForm)
    shift = timedelta(minutes=form.pop("shift"))
    starts_at, ends_at = _times(trip, form.pop("date"), form.pop("leave"), form.pop("until"), form.pop("back"))
    if shift:
        starts_at, ends_at = starts_at + shift, ends_at + shift
    try:
        moving.place(session, person, now(), trip, starts_at=starts_at, ends_at=ends_at, **form)
    except Invalid as refused:
        raise placed(refused) from refused
    return after(session, person)


@pages.post("/dispatch/moves/<int:move_id>/undo", allows=dispatchers, again=show_again)
def undo_move(session: Session, person: Person, move_id: int) -> Any:
    """Take the own move back."""
    trip = moving.undo(session, person, now(), move_id, **form_data(Revision))
    flash(Words("已復原 {number}。", "{number}: taken back.").fill(number=trip.number))
    return after(session, person)


@pages.post("/dispatch/<int:trip_id>/full", allows=dispatchers, again=show_again)
def answer_full(session: Session, person: Person, trip_id: int) -> Any:
    """No car is left: say so, with what to do instead."""
    trip = assigning.answer_full(session, person, now(), trips.get(session, person, trip_id), **form_data(Revision))
    flash(Words("已回覆 {number} 公務車已派滿。", "{number}: told that all cars are taken.").fill(number=trip.number))
    return after(session, person)


@pages.post("/dispatch/<int:trip_id>/cancel", allows=dispatchers, again=show_again)
def cancel_here(session: Session, person: Person, trip_id: int) -> Any:
    """Call it off from the board; the applicant has been reached first (V-35)."""
    form = form_data(DeskCancelForm)
    if form["reached_at"]:
        form["reached_at"] = taipei(today(now()), form["reached_at"])
    reason, trip = form.pop("cancel_reason"), trips.get(session, person, trip_id)
    try:
        trips.cancel(session, person, now(), trip, reason=reason, **form)
    except Invalid as refused:
        renamed = (FieldError("cancel_reason" if e.field == "reason" else e.field, e.words) for e in refused.errors)
        raise Invalid.many(renamed) from refused
    words = Words("已取消 {number}，相關的人都會收到通知。", "{number} is cancelled. Everyone concerned is being told.")
    flash(words.fill(number=trip.number))
    return after(session, person)


@pages.post("/dispatch/drivers/leave", allows=dispatchers, again=show_again)
def enter_leave(session: Session, person: Person) -> Any:
    """A driver is away."""
    form = form_data(LeaveForm)
    starts_at = taipei(form.pop("date"), form.pop("leave"))
    ends_at = taipei(form.pop("until"), form.pop("back"))
    try:
        away = leave.enter(session, person, now(), starts_at=starts_at, ends_at=ends_at, **form)
    except Invalid as refused:
        raise placed(refused) from refused
    flash(Words("已登記{who}請假。", "{who}: leave entered.").fill(who=away.driver.name))
    return after(session, person)


@pages.post("/dispatch/leave/<int:leave_id>/cancel", allows=dispatchers, again=show_again)
def cancel_leave(session: Session, person: Person, leave_id: int) -> Any:
    """The driver is back."""
    away = leave.cancel(session, person, now(), leave_id, **form_data(CancelLeave))
    flash(Words("{who}的請假已取消。", "{who}: leave cancelled.").fill(who=away.driver.name))
    return after(session, person)


def _times(
    trip: Trip, day: date | None, start: time | None, until: date | None, back: time | None
) -> tuple[datetime, datetime]:
    """The instants of the form's day and clock times; each that is left out stays as it is."""
    first, last = local(trip.starts_at), local(trip.ends_at)
    moved = (day - first.date()) if day else timedelta()
    starts_at = taipei(first.date() + moved, (start or first.time()))
    ends_at = taipei(until or (last.date() + moved), (back or last.time()))
    return starts_at, ends_at
