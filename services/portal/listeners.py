"""Facts in: bookings of the other services become the agenda and the waiting list of the home page. Database work only."""

from datetime import date, timedelta
from typing import Any

from marshmallow import fields
from sqlalchemy.orm import Session

from common.inbox import Listeners, Received
from common.messages import Part
from common.period import Period
from common.words import Words
from services.portal import agenda, homes, moving_out, room_files

listeners = Listeners(homes.listeners, moving_out.listeners, room_files.listeners)

TRIP_FACTS = tuple(
    f"fleet.trip_{event}.v1"
    for event in (
        "requested", "approved", "returned", "assigned", "fully_booked", "changed", "cancelled", "accepted", "declined",
        "released", "started", "finished", "signed_off", "recorded_late", "merged", "unmerged", "riders_changed",
        "reopened", "moved", "move_undone",
    )
)  # fmt: skip
BOOKING_FACTS = tuple(
    f"venues.booking_{event}.v1"
    for event in (
        "submitted", "supplement_needed", "contested", "to_be_drawn", "contest_won", "contest_lost", "setup_answered",
        "approved", "rejected", "repriced", "changed", "confirmed", "cancelled", "lapsed", "inspected",
        "deposit_returned", "refunded", "closed", "breached", "bar_lifted", "suspended", "restored",
    )
)  # fmt: skip
DRIVING = ("assigned", "assigned_one_way", "accepted", "under_way", "finished", "signed_off")
TRIP_OVER = ("cancelled",)
BOOKING_OVER = ("cancelled", "lapsed", "rejected", "suspended")


class TripPart(Part):
    trip_id = fields.String(required=True)
    status = fields.String(required=True)
    rev = fields.Integer(required=True)
    requester_id = fields.Integer(required=True)
    agency_id = fields.Integer(required=True)
    driver_person_id = fields.Integer(allow_none=True, load_default=None)
    previous_driver_person_id = fields.Integer(allow_none=True, load_default=None)
    vehicle_label = fields.String(allow_none=True, load_default=None)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    car_starts_at = fields.AwareDateTime(allow_none=True, load_default=None)
    car_ends_at = fields.AwareDateTime(allow_none=True, load_default=None)
    origin = fields.String(required=True)
    destination = fields.String(required=True)


class BookingPart(Part):
    booking_id = fields.String(required=True)
    status = fields.String(required=True)
    rev = fields.Integer(required=True)
    applicant_id = fields.Integer(required=True)
    venue = fields.String(required=True)
    venue_en = fields.String(required=True)
    event_name = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)


class MeetingPart(Part):
    meeting_id = fields.String(required=True)
    rev = fields.Integer(required=True)
    booked_by_id = fields.Integer(required=True)
    room = fields.String(required=True)
    room_en = fields.String(required=True)
    title = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)


class MeetingMovedPart(MeetingPart):
    status = fields.String(required=True)


class MeetingTakenOverPart(MeetingPart):
    lost = fields.Boolean(required=True)


class AgreementAskedPart(MeetingPart):
    agreement_id = fields.String(required=True)
    manager_agency_id = fields.Integer(required=True)


class AgreementAnsweredPart(MeetingPart):
    agreement_id = fields.String(required=True)
    answer = fields.String(required=True)


class RegistrationPart(Part):
    registration_id = fields.String(required=True)
    round_id = fields.String(required=True)
    round_title = fields.String(required=True)
    round_title_en = fields.String(required=True)
    status = fields.String(required=True)
    person_id = fields.Integer(required=True)


class RoundPart(Part):
    round_id = fields.String(required=True)


class OfferPart(Part):
    offer_id = fields.String(required=True)
    person_id = fields.Integer(required=True)
    room = fields.String(required=True)
    room_en = fields.String(required=True)


class OfferMadePart(OfferPart):
    accept_by = fields.AwareDateTime(required=True)


class OfferAcceptedPart(OfferPart):
    stay_from = fields.Date(required=True)


@listeners.on(TRIP_FACTS, TripPart)
def keep_trip(session: Session, fact: Received) -> None:
    """A trip stands on its requester's agenda, and on its driver's once there is one; somebody may have to act."""
    trip = fact.body
    subject, url = f"trip/{trip['trip_id']}", f"/fleet/trips/{trip['trip_id']}"
    title = Words("用車：{to}", "Car to {to}").fill(to=trip["destination"])
    shared = {
        "place": Words.same(trip["origin"]),
        "starts_at": trip["starts_at"],
        "ends_at": trip["ends_at"],
        "status": trip["status"],
        "sequence": trip["rev"],
        "cancelled": trip["status"] in TRIP_OVER,
        "changed_at": fact.time,
    }
    agenda.put(session, "fleet", subject, trip["requester_id"], title=title, url=url, **shared)
    driver = trip["driver_person_id"] if trip["status"] in (*DRIVING, *TRIP_OVER) else None
    if driver:
        job = Words("出車：{to}", "Drive to {to}").fill(to=trip["destination"])
        place = Words.same(" · ".join(filter(None, (trip["origin"], trip["vehicle_label"]))))
        agenda.put(
            session,
            "fleet",
            subject + agenda.AS_DRIVER,
            driver,
            title=job,
            url=f"/fleet/driver/{trip['trip_id']}",
            **(shared | {"place": place} | _car_time(trip)),
        )
    for item in agenda.holders(session, "fleet", subject + agenda.AS_DRIVER):
        if item.person_id != driver and not item.cancelled:
            agenda.cancel(
                session,
                "fleet",
                subject + agenda.AS_DRIVER,
                item.person_id,
                sequence=trip["rev"],
                status="cancelled",
                now=fact.time,
            )
    waits = {
        "submitted": ("approve", None, "supervisor", trip["agency_id"]),
        "approved": ("assign", None, "dispatcher", None),
        "returned": ("revise", trip["requester_id"], None, None),
        "assigned": ("accept", driver, None, None) if driver else None,
        "assigned_one_way": ("accept", driver, None, None) if driver else None,
        "finished": ("sign_off", trip["requester_id"], None, None),
    }.get(trip["status"])
    if waits is None:
        agenda.settle(session, "fleet", subject)
        return
    kind, person_id, role, agency_id = waits
    to = f"/fleet/driver/{trip['trip_id']}" if kind == "accept" else url
    agenda.wait(
        session,
        "fleet",
        subject,
        kind,
        title=title,
        url=to,
        now=fact.time,
        person_id=person_id,
        role=role,
        agency_id=agency_id,
    )


def _car_time(trip: dict[str, Any]) -> dict[str, Any]:
    """When the driver is needed: one way, or longer for those who ride along (V-20, V-31)."""
    return {
        "starts_at": trip["car_starts_at"] or trip["starts_at"],
        "ends_at": trip["car_ends_at"] or trip["ends_at"],
    }


@listeners.on(BOOKING_FACTS, BookingPart)
def keep_booking(session: Session, fact: Received) -> None:
    """A venue booking stands on its applicant's agenda; the venue officer or the applicant may have to act."""
    booking = fact.body
    subject, url = f"booking/{booking['booking_id']}", f"/venues/bookings/{booking['booking_id']}"
    title = Words.same(booking["event_name"])
    agenda.put(
        session, "venues", subject, booking["applicant_id"], title=title, url=url,
        place=Words(booking["venue"], booking["venue_en"]), starts_at=booking["starts_at"], ends_at=booking["ends_at"],
        status=booking["status"], sequence=booking["rev"], cancelled=booking["status"] in BOOKING_OVER, changed_at=fact.time,
    )  # fmt: skip
    mine = booking["applicant_id"]
    waits = {
        "submitted": ("decide", None, "venue_officer"),
        "contested": ("decide", None, "venue_officer"),
        "supplement_needed": ("supplement", mine, None),
        "awaiting_insurance": ("insure", mine, None),
        "awaiting_payment": ("pay", mine, None),
    }.get(booking["status"])
    if waits is None:
        agenda.settle(session, "venues", subject)
        return
    kind, person_id, role = waits
    agenda.wait(session, "venues", subject, kind, title=title, url=url, now=fact.time, person_id=person_id, role=role)


def _put_meeting(session: Session, fact: Received, status: str) -> None:
    meeting = fact.body
    agenda.put(
        session, "venues", f"meeting/{meeting['meeting_id']}", meeting["booked_by_id"], title=Words.same(meeting["title"]),
        url=f"/venues/meetings/{meeting['meeting_id']}", place=Words(meeting["room"], meeting["room_en"]),
        starts_at=meeting["starts_at"], ends_at=meeting["ends_at"], status=status, sequence=meeting["rev"], cancelled=False,
        changed_at=fact.time,
    )  # fmt: skip


def _end_meeting(session: Session, fact: Received, status: str) -> None:
    meeting = fact.body
    for item in agenda.holders(session, "venues", f"meeting/{meeting['meeting_id']}"):
        item.sequence, item.status, item.changed_at = meeting["rev"], status, fact.time
        if fact.time > item.starts_at:
            item.ends_at = min(item.ends_at, fact.time)
        else:
            item.cancelled = True


@listeners.on("venues.meeting_booked.v1", MeetingPart)
def keep_meeting(session: Session, fact: Received) -> None:
    """A meeting stands on the agenda of whoever booked its room."""
    _put_meeting(session, fact, "confirmed")


@listeners.on("venues.meeting_moved.v1", MeetingMovedPart)
def move_meeting(session: Session, fact: Received) -> None:
    """It stands where it is now, with its new title."""
    _put_meeting(session, fact, "held" if fact.body["status"] == "held" else "confirmed")


@listeners.on("venues.meeting_taken_over.v1", MeetingTakenOverPart)
def rehouse_meeting(session: Session, fact: Received) -> None:
    """It stands in its new room, or is off the agenda where there was none."""
    if fact.body["lost"]:
        _end_meeting(session, fact, "suspended")
    else:
        _put_meeting(session, fact, "confirmed")


@listeners.on(
    ("venues.meeting_released.v1", "venues.meeting_released_unused.v1", "venues.meeting_suspended.v1"), MeetingPart
)
def drop_meeting(session: Session, fact: Received) -> None:
    """A room given back before the meeting is off the agenda; given back during it, the meeting has ended."""
    _end_meeting(session, fact, "released")


@listeners.on("venues.meeting_agreement_asked.v1", AgreementAskedPart)
def ask_agreement(session: Session, fact: Received) -> None:
    """The managing agency's officers have something to answer; the meeting stands as held (M-03)."""
    asked = fact.body
    _put_meeting(session, fact, "held")
    title = Words("{room}：{title}", "{room}: {title}").fill(
        room=Words(asked["room"], asked["room_en"]), title=asked["title"]
    )
    agenda.wait(
        session, "venues", f"room_agreement/{asked['agreement_id']}", "agree", title=title, url="/venues/rooms/agreements",
        now=fact.time, role="officer", agency_id=asked["manager_agency_id"],
    )  # fmt: skip


@listeners.on("venues.meeting_agreement_answered.v1", AgreementAnsweredPart)
def settle_agreement(session: Session, fact: Received) -> None:
    """Nobody has to answer any more; what was declined or lapsed is off the agenda."""
    answered = fact.body
    agenda.settle(session, "venues", f"room_agreement/{answered['agreement_id']}")
    if answered["answer"] in ("declined", "lapsed"):
        _end_meeting(session, fact, "rejected" if answered["answer"] == "declined" else "lapsed")


@listeners.on(
    tuple(
        f"venues.registration_{event}.v1"
        for event in (
            "supplement_needed", "papers_sent", "decided", "selected", "moved_up", "accepted", "settled", "finished",
            "withdrawn",
        )
    ),
    RegistrationPart,
)  # fmt: skip
def keep_registration(session: Session, fact: Received) -> None:
    """A registration waits for its firm: for papers (T-06), for an answer to the place drawn or passed on (T-05), for the
    rent; until it is done, or the registration is over."""
    told = fact.body
    subject = f"{_round_subject(told['round_id'])}{told['registration_id']}"
    waits = {"supplement_needed": "round_papers", "selected": "take_place", "accepted": "pay_rent"}
    kind = waits.get(told["status"])
    if kind is None:
        agenda.settle(session, "venues", subject)
        return
    agenda.wait(
        session, "venues", subject, kind, title=Words(told["round_title"], told["round_title_en"]),
        url=f"/venues/registrations/{told['registration_id']}", now=fact.time, person_id=told["person_id"],
    )  # fmt: skip


@listeners.on("venues.round_cancelled.v1", RoundPart)
def drop_round(session: Session, fact: Received) -> None:
    """Nobody has to answer for a round that was cancelled."""
    agenda.settle_all(session, "venues", _round_subject(fact.body["round_id"]))


def _round_subject(round_id: str) -> str:
    return f"round/{round_id}/registration/"


@listeners.on("dorms.offer_made.v1", OfferMadePart)
def keep_offer(session: Session, fact: Received) -> None:
    """The last half-hour to accept a room stands on the agenda (D-18)."""
    offer = fact.body
    subject, url = f"offer/{offer['offer_id']}", f"/dorms/offers/{offer['offer_id']}"
    room = Words(offer["room"], offer["room_en"])
    title = Words("回覆宿舍配借：{room}", "Answer the room offer: {room}").fill(room=room)
    agenda.put(
        session, "dorms", subject, offer["person_id"], title=title, url=url, place=room,
        starts_at=offer["accept_by"] - timedelta(minutes=30), ends_at=offer["accept_by"], status="offered", sequence=0, cancelled=False,
        changed_at=fact.time,
    )  # fmt: skip
    agenda.wait(session, "dorms", subject, "answer", title=title, url=url, now=fact.time, person_id=offer["person_id"])


@listeners.on("dorms.offer_accepted.v1", OfferAcceptedPart)
def keep_stay(session: Session, fact: Received) -> None:
    """An accepted room: the day of moving in stands where the deadline stood."""
    offer = fact.body
    subject = f"offer/{offer['offer_id']}"
    agenda.settle(session, "dorms", subject)
    room = Words(offer["room"], offer["room_en"])
    day = office_hours(offer["stay_from"])
    agenda.put(
        session, "dorms", subject, offer["person_id"], title=Words("遷入宿舍：{room}", "Move in: {room}").fill(room=room),
        url=f"/dorms/offers/{offer['offer_id']}", place=room,
        starts_at=day.starts_at, ends_at=day.ends_at, status="accepted", sequence=1, cancelled=False, changed_at=fact.time,
    )  # fmt: skip


@listeners.on(("dorms.offer_declined.v1", "dorms.offer_lapsed.v1", "dorms.offer_withdrawn.v1"), OfferPart)
def drop_offer(session: Session, fact: Received) -> None:
    """A room given up, not answered or taken back is off the agenda."""
    offer = fact.body
    subject, status = f"offer/{offer['offer_id']}", fact.type.removeprefix("dorms.offer_").removesuffix(".v1")
    agenda.settle(session, "dorms", subject)
    agenda.cancel(session, "dorms", subject, offer["person_id"], sequence=1, status=status, now=fact.time)


def office_hours(day: date) -> Period:
    """City Hall's core day (C-01)."""
    return Period.of_local(day, "09:00", "17:00")
