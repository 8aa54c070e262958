"""The driver's phone: one job, one big button (ux.md §5.8)."""

from datetime import timedelta
from typing import Any

from flask import request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import Period, today
from common.web import flash, form_data, now, redirect_to, render
from common.words import Words
from fleet import driving, rules, signing, trips
from fleet.electric import plug_in
from fleet.models import Driver, Trip
from fleet.pages.door import drivers, pages
from fleet.schemas.phone import SignTrip
from fleet.schemas.taken import DeclineTrip, FinishTrip, Revision, StartTrip
from fleet.terms import DECLINE_REASONS, KINDS

PHASES = (Words("接單", "Accept"), Words("出車", "Start"), Words("里程", "Odometer"), Words("完成", "Finish"))
PHASE_OF = {"assigned": 1, "assigned_one_way": 1, "accepted": 2, "under_way": 3, "finished": 4}


UNSIGNED_FOR = timedelta(days=3)
"""How long a trip that nobody signed stays on the driver's page."""


@pages.get("/driver", allows=drivers)
def show_driver(session: Session, person: Person, trip_id: int | None = None) -> Any:
    """The job at hand (or the one chosen), the day's others, and what is done."""
    jobs = driving.jobs(session, person, now())
    day = Period.of_day(today(now()))
    job = next((trip for trip in jobs if trip.id == trip_id), None) or _unsigned(session, person, trip_id)
    if job is None and jobs and (jobs[0].status != "accepted" or jobs[0].starts_at < day.ends_at):
        job = jobs[0]
    mine = select(Trip).join(Driver, Trip.driver_id == Driver.id).where(Driver.person_id == person.id)
    lately = (Trip.status == "finished") & (Trip.finished_at >= now() - UNSIGNED_FOR)
    of_today = Trip.status.in_(("finished", "signed_off")) & (Trip.finished_at >= day.starts_at)
    done = mine.where(lately | of_today)
    done_today = list(session.scalars(done.order_by(Trip.finished_at)))
    planned = session.scalar(
        select(func.count()).select_from(
            mine.where(
                Trip.starts_at < day.ends_at, Trip.ends_at > day.starts_at, Trip.status != "cancelled"
            ).subquery()
        )
    )
    return render(
        "fleet/driver.html", job=job, others=[trip for trip in jobs if trip is not job], done=done_today, planned=planned,
        phases=PHASES, phase=PHASE_OF.get(job.status, 1) if job else 0, kinds=KINDS, today=day, jobs=jobs,
        reasons=list(DECLINE_REASONS.items()), over_km=rules.in_force(session, now())["dispatch.over_estimate_km"],
        plug_in=plug_in.of_driver(session, person, now()),
    )  # fmt: skip


def _unsigned(session: Session, person: Person, trip_id: int | None) -> Trip | None:
    """The chosen trip, where it is the driver's own, finished, and waits for its signature."""
    trip = session.get(Trip, trip_id) if trip_id else None
    return trip if trip and trip.status == "finished" and signing.may_collect(trip, person) else None


@pages.get("/driver/<int:trip_id>", allows=drivers)
def show_job(session: Session, person: Person, trip_id: int) -> Any:
    """The page on one job: where messages lead, and where a refusal leads back."""
    return show_driver(session, person, trip_id)


@pages.post("/driver/<int:trip_id>/accept", allows=drivers, again=show_job)
def accept_job(session: Session, person: Person, trip_id: int) -> Any:
    """Take the job."""
    driving.accept(session, person, now(), trips.get(session, person, trip_id), **form_data(Revision))
    flash(Words("已接單", "Job accepted"))
    return redirect_to(".show_job", trip_id=trip_id)


@pages.get("/driver/<int:trip_id>/decline", allows=drivers)
def ask_decline(session: Session, person: Person, trip_id: int) -> Any:
    """Why not."""
    trip = trips.get(session, person, trip_id)
    if request.method == "GET":
        trip.require("decline", person)
    return render("fleet/decline.html", trip=trip, reasons=list(DECLINE_REASONS.items()))


@pages.post("/driver/<int:trip_id>/decline", allows=drivers, again=ask_decline)
def decline_job(session: Session, person: Person, trip_id: int) -> Any:
    """Cannot go: dispatch finds another."""
    driving.decline(session, person, now(), trips.get(session, person, trip_id), **form_data(DeclineTrip))
    flash(Words("已回報調度，會另派他人。", "Fleet has been told and will find another driver."))
    return redirect_to(".show_driver")


@pages.post("/driver/<int:trip_id>/start", allows=drivers, again=show_job)
def start_job(session: Session, person: Person, trip_id: int) -> Any:
    """Leave."""
    driving.start(session, person, now(), trips.get(session, person, trip_id), **form_data(StartTrip))
    flash(Words("已出車，一路平安。", "On the road. Drive safely."))
    return redirect_to(".show_job", trip_id=trip_id)


@pages.post("/driver/<int:trip_id>/finish", allows=drivers, again=show_job)
def finish_job(session: Session, person: Person, trip_id: int) -> Any:
    """Back."""
    trip, typed = trips.get(session, person, trip_id), form_data(FinishTrip)
    driving.ask_why_far(session, trip, now(), typed["odometer_in"], typed["note"])
    driving.finish(session, person, now(), trip, **typed)
    words = Words("已完成，本趟 {km} 公里。請乘客簽名。", "Done, {km} km. The passenger signs next.")
    flash(words.fill(km=trip.distance_driven))  # whether the car is to be plugged in stands on the page that follows
    return redirect_to(".show_job", trip_id=trip_id)


@pages.post("/driver/<int:trip_id>/sign", allows=drivers, again=show_job)
def sign_job(session: Session, person: Person, trip_id: int) -> Any:
    """The passenger signs on this phone (V-13)."""
    signing.sign_on_phone(session, person, now(), trips.get(session, person, trip_id), **form_data(SignTrip))
    flash(Words("已簽名，這趟完成了。", "Signed. This trip is complete."))
    return redirect_to(".show_driver")
