"""The supervisor's desk: what waits for approval in the own agency (V-12)."""

from typing import Any

from flask import request
from sqlalchemy.orm import Session, joinedload

from common.identity import Person
from common.web import flash, form_data, now, redirect_to, render
from common.words import Words
from fleet import trips
from fleet.models import Trip
from fleet.pages.door import pages, supervisors
from fleet.schemas.taken import ReturnTrip, Revision
from fleet.terms import KINDS

USUAL_REASONS = (  # V-22
    Words("用車事由不詳", "Purpose unclear"),
    Words("日期不符", "Date does not match"),
    Words("非奉派行程", "Not an ordered errand"),
    Words("可搭大眾運輸", "Public transport serves"),
)


@pages.get("/approvals", allows=supervisors)
def list_approvals(session: Session, person: Person) -> Any:
    """What this supervisor may decide, soonest departure first; and what was decided lately."""
    mine = trips.visible(person).where(Trip.agency_id == person.agency_id)
    options = (joinedload(Trip.requester), joinedload(Trip.agency))
    waiting = session.scalars(
        mine.where(Trip.status == "submitted").options(*options).order_by(Trip.starts_at)
    ).unique()
    decided = session.scalars(
        mine.where(Trip.approver_id == person.id).options(*options).order_by(Trip.changed_at.desc()).limit(8)
    ).unique()
    found = list(waiting)
    return render(
        "fleet/approvals.html", waiting=[trip for trip in found if trip.can("approve", person)],
        own=[trip for trip in found if trip.requester_id == person.id], decided=list(decided), kinds=KINDS,
    )  # fmt: skip


def list_again(session: Session, person: Person, trip_id: int) -> Any:
    """The list as it stands now, after a refusal: somebody else may have decided."""
    return list_approvals(session, person)


@pages.post("/approvals/<int:trip_id>/approve", allows=supervisors, again=list_again)
def approve_trip(session: Session, person: Person, trip_id: int) -> Any:
    """Approve one."""
    trip = trips.approve(session, person, now(), trips.get(session, person, trip_id), **form_data(Revision))
    flash(
        Words("已核可 {number}，調度會派車。", "Approved {number}; Fleet will assign a car.").fill(number=trip.number)
    )
    return redirect_to(".list_approvals")


@pages.get("/approvals/<int:trip_id>/return", allows=supervisors)
def ask_reason(session: Session, person: Person, trip_id: int) -> Any:
    """Say why it is sent back."""
    trip = trips.get(session, person, trip_id)
    if request.method == "GET":
        trip.require("return", person)
    return render("fleet/return.html", trip=trip, usual=USUAL_REASONS)


@pages.post("/approvals/<int:trip_id>/return", allows=supervisors, again=ask_reason)
def return_trip(session: Session, person: Person, trip_id: int) -> Any:
    """Send one back."""
    trip = trips.return_(session, person, now(), trips.get(session, person, trip_id), **form_data(ReturnTrip))
    flash(
        Words("已退回 {number}，申請人會收到原因。", "Sent back {number}; the applicant is told why.").fill(
            number=trip.number
        )
    )
    return redirect_to(".list_approvals")
