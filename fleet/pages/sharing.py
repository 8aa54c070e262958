"""What the dispatcher does besides assigning: merge and take apart, look after those without a car, count who did not come."""

from datetime import timedelta
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import today
from common.web import flash, form_data, now, redirect_to, render
from common.words import Words
from fleet import assigning, carpool, discipline, merging, rules, trips
from fleet.models import Trip
from fleet.pages.dispatching import after, show_again
from fleet.pages.door import dispatchers, pages
from fleet.pages.forms import LegForm, MergeForm
from fleet.pages.recalls import day_of
from fleet.pages.trips import show_trip
from fleet.schemas.taken import Revision

LOOK_AHEAD = 7


@pages.get("/sharing", allows=dispatchers)
def show_sharing(session: Session, person: Person) -> Any:
    """Trips of a day that could go in one car, the most kilometres saved first (V-20)."""
    asked = day_of(request.args.get("date", ""))
    days = [asked] if asked else [today(now()) + timedelta(days=n) for n in range(LOOK_AHEAD)]
    by_day = ((day, carpool.of_day(session, now(), day)) for day in days)
    day, found = next((each for each in by_day if each[1]), (days[0], []))  # unasked: the first day that has any
    return render(
        "fleet/sharing.html", day=day, before=day - timedelta(days=1), after=day + timedelta(days=1), found=found,
        saved=sum(each.km_saved for each, _, _ in found),
    )  # fmt: skip


@pages.post("/trips/<int:trip_id>/merge", allows=dispatchers, again=show_trip)
def merge_trip(session: Session, person: Person, trip_id: int) -> Any:
    """This trip rides along in another one's car."""
    return redirect_to(".show_trip", trip_id=_merged(session, person, trip_id).id)


def board_again(session: Session, person: Person, trip_id: int) -> Any:
    """The board after a refusal, as it was looked at: with the proposals, no trip chosen."""
    return show_again(session, person)


@pages.post("/dispatch/<int:trip_id>/merge", allows=dispatchers, again=board_again)
def merge_here(session: Session, person: Person, trip_id: int) -> Any:
    """The same from the board's proposals."""
    _merged(session, person, trip_id)
    return after(session, person)


def _merged(session: Session, person: Person, trip_id: int) -> Trip:
    """Merge as the form says, each trip at the revision that was shown; the keeper. Raises Stale and what `merge` raises."""
    data = form_data(MergeForm)
    keeper = trips.get(session, person, data.pop("keeper_id"))
    other = trips.get(session, person, trip_id)
    other.expect(data.pop("rev"))
    merging.merge(session, person, now(), keeper, others=[other], rev=data.pop("keeper_rev"), **data)
    words = Words(
        "{other} 已併入 {keeper}，相關的人會收到通知。", "{other} now rides with {keeper}; all concerned are told."
    )
    flash(words.fill(other=other.number, keeper=keeper.number))
    return keeper


@pages.post("/trips/<int:trip_id>/unmerge", allows=dispatchers, again=show_trip)
def unmerge_trip(session: Session, person: Person, trip_id: int) -> Any:
    """A car of its own again."""
    trip = merging.unmerge(session, person, now(), trips.get(session, person, trip_id), **form_data(Revision))
    flash(Words("{number} 已拆單，等候派車。", "{number} waits for a car of its own.").fill(number=trip.number))
    return redirect_to(".show_trip", trip_id=trip_id)


@pages.post("/trips/<int:trip_id>/leg", allows=dispatchers, again=show_trip)
def assign_leg(session: Session, person: Person, trip_id: int) -> Any:
    """The same car and driver for one way only (V-31)."""
    trip = assigning.assign(session, person, now(), trips.get(session, person, trip_id), **form_data(LegForm))
    flash(
        Words("{number} 改為只派單程，申請人會收到通知。", "{number} goes one way only; the applicant is told.").fill(
            number=trip.number
        )
    )
    return redirect_to(".show_trip", trip_id=trip_id)


@pages.post("/trips/<int:trip_id>/no-show", allows=dispatchers, again=show_trip)
def note_no_show(session: Session, person: Person, trip_id: int) -> Any:
    """The car came and nobody did."""
    discipline.no_show(session, person, now(), trips.get(session, person, trip_id), **form_data(Revision))
    flash(Words("已登記使用人未到，車與駕駛已釋出。", "Noted as a no-show; car and driver are free."))
    return redirect_to(".show_trip", trip_id=trip_id)


@pages.get("/waiting", allows=dispatchers)
def show_waiting(session: Session, person: Person) -> Any:
    """Coming trips that were told all cars are taken, and whether there is a car now (V-33)."""
    return render("fleet/waiting.html", found=assigning.waiting_for_a_car(session, now()))


@pages.post("/trips/<int:trip_id>/reopen", allows=dispatchers, again=show_trip)
def reopen_trip(session: Session, person: Person, trip_id: int) -> Any:
    """Back into the queue, with the car that came free."""
    trip = assigning.reopen(session, person, now(), trips.get(session, person, trip_id), **form_data(Revision))
    flash(
        Words("{number} 已恢復派車，車輛已保留。", "{number} is back in the queue with a car promised.").fill(
            number=trip.number
        )
    )
    return redirect_to(".show_waiting")


@pages.get("/late-cancels", allows=dispatchers)
def list_late_cancels(session: Session, person: Person) -> Any:
    """Late cancellations and no-shows per agency, with the number at which its supervisors are told (V-45)."""
    rule = rules.in_force(session, now())
    return render(
        "fleet/late_cancels.html", found=discipline.tallies(session, now()), days=rule["dispatch.notice_days"],
        most=rule["dispatch.notice_after"], hours=rule["dispatch.late_cancel_hours"],
        sample=rule.rows["dispatch.notice_after"].sample,
    )  # fmt: skip
