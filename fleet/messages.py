"""What fleet tells the house. Every fact about a trip has the same body, so that a reader learns one shape."""

from common.messages import Fact, fields


class TripFact(Fact):
    """A trip as it stands after the event. Ids, never names or phones."""

    trip_id = fields.String(required=True, metadata={"description": "the trip"})
    number = fields.String(required=True, metadata={"description": "its number, such as 115-11-00001"})
    status = fields.String(required=True, metadata={"description": "state after the event (V-31)"})
    rev = fields.Integer(
        required=True, metadata={"description": "revision of the trip; serves as SEQUENCE in calendars"}
    )
    requester_id = fields.String(required=True, metadata={"description": "person who asked for it and signs it off"})
    agency_id = fields.String(required=True, metadata={"description": "agency it is for"})
    approver_ids = fields.List(
        fields.String(), required=True, metadata={"description": "persons who may approve it, or the one who did"}
    )
    dispatcher_id = fields.String(allow_none=True, metadata={"description": "person who assigned the car"})
    driver_person_id = fields.String(
        allow_none=True, metadata={"description": "person who drives, if a driver is assigned"}
    )
    previous_driver_person_id = fields.String(
        allow_none=True, metadata={"description": "driver who had the job before this event and has it no longer"}
    )
    vehicle_id = fields.String(allow_none=True, metadata={"description": "assigned car"})
    vehicle_label = fields.String(allow_none=True, metadata={"description": "its plate"})
    starts_at = fields.DateTime(required=True, metadata={"description": "approved departure"})
    ends_at = fields.DateTime(required=True, metadata={"description": "approved return"})
    origin = fields.String(required=True, metadata={"description": "pick-up"})
    destination = fields.String(required=True, metadata={"description": "destination"})
    purpose_code = fields.String(required=True, metadata={"description": "purpose (V-18)"})
    passengers = fields.Integer(required=True, metadata={"description": "number of people"})
    reason = fields.String(allow_none=True, metadata={"description": "why, in the actor's words, where one was given"})


class TripRequested(TripFact):
    """A car was asked for, or a returned request was sent again; a supervisor of the agency has to decide."""

    type = "fleet.trip_requested.v1"


class TripApproved(TripFact):
    """The supervisor approved; the dispatcher has to assign a car."""

    type = "fleet.trip_approved.v1"


class TripReturned(TripFact):
    """The supervisor sent the request back; `reason` says why."""

    type = "fleet.trip_returned.v1"


class TripAssigned(TripFact):
    """A car (and a driver where one is needed) was given, for the first time or anew; the driver has to accept."""

    type = "fleet.trip_assigned.v1"


class TripFullyBooked(TripFact):
    """No car is left for it (V-33); `reason` says what the dispatcher advises."""

    type = "fleet.trip_fully_booked.v1"


class TripChanged(TripFact):
    """The request changed. A car that was assigned has been released (V-32); `previous_driver_person_id` had it."""

    type = "fleet.trip_changed.v1"


class TripCancelled(TripFact):
    """The trip will not take place; `driver_person_id` and `vehicle_label` name who and what was assigned."""

    type = "fleet.trip_cancelled.v1"

    late = fields.Boolean(
        required=True, metadata={"description": "within the late-cancel hours before departure (V-45)"}
    )
    by_id = fields.String(allow_none=True, metadata={"description": "person who cancelled"})


class TripReminded(TripFact):
    """A driver has not accepted and departure is near."""

    type = "fleet.trip_reminded.v1"


class TripAccepted(TripFact):
    """The driver accepted the job."""

    type = "fleet.trip_accepted.v1"


class TripDeclined(TripFact):
    """The driver (`previous_driver_person_id`) cannot drive; car and driver are released and the trip waits for dispatch."""

    type = "fleet.trip_declined.v1"


class TripReleased(TripFact):
    """Car and driver were taken back because the driver left the roster; the trip waits for dispatch again."""

    type = "fleet.trip_released.v1"


class TripStarted(TripFact):
    """The car left."""

    type = "fleet.trip_started.v1"

    odometer_out = fields.Integer(required=True, metadata={"description": "km on leaving"})


class TripFinished(TripFact):
    """The car is back; the requester has to sign off."""

    type = "fleet.trip_finished.v1"

    odometer_out = fields.Integer(required=True, metadata={"description": "km on leaving"})
    odometer_in = fields.Integer(required=True, metadata={"description": "km on return"})
    finished_at = fields.DateTime(required=True, metadata={"description": "actual return"})


class TripSignedOff(TripFact):
    """The user countersigned (V-13); a survey may be sent."""

    type = "fleet.trip_signed_off.v1"

    distance_km = fields.Integer(required=True, metadata={"description": "km driven"})


class TripRecordedLate(TripFact):
    """A trip that already took place was entered afterwards (補單, V-34); a supervisor has to decide."""

    type = "fleet.trip_recorded_late.v1"


FACTS = (
    TripRequested, TripApproved, TripReturned, TripAssigned, TripFullyBooked, TripChanged, TripCancelled, TripReminded,
    TripAccepted, TripDeclined, TripReleased, TripStarted, TripFinished, TripSignedOff, TripRecordedLate,
)  # fmt: skip
