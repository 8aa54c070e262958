"""What fleet tells the house. Every fact about a trip has the same body, so that a reader learns one shape."""

from common.messages import Fact, fields

TELL_AFTER = {
    "description": "people are told from then on: until then `fleet.trip_move_undone.v1` may take it back; null: at once"
}


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
    leg = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "`out` or `back` where a car serves only that way (V-31)"},
    )
    merged_into = fields.String(
        load_default=None, allow_none=True, metadata={"description": "number of the trip in whose car it rides (V-20)"}
    )
    car_starts_at = fields.DateTime(
        load_default=None, allow_none=True, metadata={"description": "from when car and driver are needed"}
    )
    car_ends_at = fields.DateTime(
        load_default=None, allow_none=True, metadata={"description": "until when car and driver are needed"}
    )
    capacity_held = fields.Boolean(
        load_default=False, metadata={"description": "whether a car is promised that has not been named yet"}
    )


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

    tell_after = fields.DateTime(allow_none=True, metadata=TELL_AFTER)


class TripMoved(TripFact):
    """Dispatch shifted an assigned trip to another time (V-23), maybe with another car or driver; the driver accepts anew."""

    type = "fleet.trip_moved.v1"

    previous_starts_at = fields.DateTime(required=True, metadata={"description": "departure before the move"})
    previous_ends_at = fields.DateTime(required=True, metadata={"description": "return before the move"})
    tell_after = fields.DateTime(allow_none=True, metadata=TELL_AFTER)


class TripMoveUndone(TripFact):
    """Dispatch took a move back at once: the trip stands as before. Whoever was told nothing yet need not be told."""

    type = "fleet.trip_move_undone.v1"

    undoes = fields.String(required=True, metadata={"description": "`id` of the fact that told of the move"})


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
    no_show = fields.Boolean(load_default=False, metadata={"description": "the car came and nobody did (V-45)"})


class TripReminded(TripFact):
    """A driver has not accepted and departure is near."""

    type = "fleet.trip_reminded.v1"


class TripSeen(TripFact):
    """The driver opened the job on the phone and has not answered yet."""

    type = "fleet.trip_seen.v1"


class TripEscalated(TripFact):
    """The driver has not accepted for `minutes`: the next way of reaching them is tried, and dispatch is told."""

    type = "fleet.trip_escalated.v1"

    minutes = fields.Integer(required=True, metadata={"description": "since the job was given, or became urgent"})
    times = fields.Integer(required=True, metadata={"description": "how often this has happened for this assignment"})
    assigned_at = fields.DateTime(required=True, metadata={"description": "when the job was given"})


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
    survey_code = fields.String(
        allow_none=True, metadata={"description": "opens the trip's survey once, without sign-in (V-42)"}
    )


class TripRecordedLate(TripFact):
    """A trip that already took place was entered afterwards (補單, V-34); a supervisor has to decide."""

    type = "fleet.trip_recorded_late.v1"


class TripMerged(TripFact):
    """It rides along in the car of `merged_into` (V-20); `vehicle_label` names that car, if it is known. Told again when it changes."""

    type = "fleet.trip_merged.v1"

    km_saved = fields.Integer(required=True, metadata={"description": "km not driven because of it"})


class TripUnmerged(TripFact):
    """It no longer rides along and waits for a car of its own."""

    type = "fleet.trip_unmerged.v1"


class TripRidersChanged(TripFact):
    """Others ride along in its car, or do so no longer; `aboard` are all but the driver, the car's time may have changed."""

    type = "fleet.trip_riders_changed.v1"

    aboard = fields.Integer(required=True, metadata={"description": "people in the car at its fullest"})


class TripReopened(TripFact):
    """A trip that was told all cars are taken waits for dispatch again, because there is a car now."""

    type = "fleet.trip_reopened.v1"


class RecallFact(Fact):
    """A car that its owner asked back, or returned."""

    recall_id = fields.String(required=True, metadata={"description": "the recall"})
    vehicle_id = fields.String(required=True, metadata={"description": "the car"})
    vehicle_label = fields.String(required=True, metadata={"description": "its plate"})
    agency_id = fields.String(required=True, metadata={"description": "agency that owns it"})
    supervisor_ids = fields.List(
        fields.String(), required=True, metadata={"description": "supervisors of the owner agency"}
    )
    reason_code = fields.String(required=True, metadata={"description": "why (V-42): epidemic, flood or other"})
    reason_words = fields.String(required=True, metadata={"description": "the same, to be read"})
    starts_at = fields.DateTime(required=True, metadata={"description": "from when the owner has it"})
    until = fields.DateTime(allow_none=True, metadata={"description": "until when; null where nobody has said"})


class VehicleRecalled(RecallFact):
    """The owner takes its car out of the pool for a time (V-42); the trips it had are moved or lost, each told by itself."""

    type = "fleet.vehicle_recalled.v1"

    moved = fields.Integer(required=True, metadata={"description": "confirmed trips that got another car"})
    lost = fields.Integer(required=True, metadata={"description": "confirmed trips without a car now"})


class VehicleReturned(RecallFact):
    """A recalled car is back in the pool."""

    type = "fleet.vehicle_returned.v1"


class AgencyNoticed(Fact):
    """An agency's late cancellations and no-shows have reached the number at which its supervisors are told (V-45)."""

    type = "fleet.agency_noticed.v1"

    agency_id = fields.String(required=True, metadata={"description": "the agency"})
    supervisor_ids = fields.List(fields.String(), required=True, metadata={"description": "its supervisors"})
    count = fields.Integer(required=True, metadata={"description": "late cancellations and no-shows in the period"})
    days = fields.Integer(required=True, metadata={"description": "length of the period, days"})
    number = fields.String(required=True, metadata={"description": "number of the latest of them"})


class UpkeepDue(Fact):
    """Something about a car or driver falls due soon or is overdue; dispatch and the owner agency act on it (V-50, V-53…V-60)."""

    type = "fleet.upkeep_due.v1"

    label = fields.String(required=True, metadata={"description": "plate, or driver's name"})
    kind = fields.String(
        required=True, metadata={"description": "inspection, extra, service, insurance, tax, licence, suspension"}
    )
    kind_zh = fields.String(required=True, metadata={"description": "the kind in Chinese"})
    kind_en = fields.String(required=True, metadata={"description": "the kind in English"})
    due_on = fields.Date(required=True, metadata={"description": "the day it is due"})
    status = fields.String(required=True, metadata={"description": "soon or overdue"})
    agency_id = fields.String(
        allow_none=True, metadata={"description": "owner agency of the car, or agency of the driver"}
    )
    blocks = fields.Boolean(
        required=True, metadata={"description": "whether the car or driver stays off the road until it is done"}
    )


class AccidentReported(Fact):
    """An accident was reported (V-56); the supervisor goes to the scene."""

    type = "fleet.accident_reported.v1"

    accident_id = fields.String(required=True, metadata={"description": "the accident"})
    vehicle_label = fields.String(required=True, metadata={"description": "plate"})
    place = fields.String(required=True, metadata={"description": "where"})
    happened_at = fields.DateTime(required=True, metadata={"description": "when"})
    injured = fields.Boolean(required=True, metadata={"description": "whether somebody is hurt"})
    unfit = fields.Boolean(required=True, metadata={"description": "whether the car is out of service"})
    agency_id = fields.String(required=True, metadata={"description": "owner agency of the car"})
    reporter_id = fields.String(required=True, metadata={"description": "who reported it"})
    status = fields.String(required=True, metadata={"description": "step reached (V-56)"})


class ChargingOverstayed(Fact):
    """A car is full and still stands at its post; whoever plugged it in is asked to clear it (V-75)."""

    type = "fleet.charging_overstayed.v1"

    session_id = fields.String(required=True, metadata={"description": "the charging session"})
    charger_code = fields.String(required=True, metadata={"description": "the post, such as C12"})
    vehicle_label = fields.String(required=True, metadata={"description": "the car's plate"})
    person_id = fields.String(required=True, metadata={"description": "who is asked to clear the post"})
    minutes = fields.Integer(required=True, metadata={"description": "minutes since it was full"})


FACTS = (
    TripRequested, TripApproved, TripReturned, TripAssigned, TripFullyBooked, TripChanged, TripCancelled, TripReminded,
    TripSeen, TripEscalated, TripAccepted, TripDeclined, TripReleased, TripStarted, TripFinished, TripSignedOff, TripRecordedLate,
    TripMerged, TripUnmerged, TripRidersChanged, TripReopened, VehicleRecalled, VehicleReturned, AgencyNoticed,
    UpkeepDue, AccidentReported, ChargingOverstayed,
    TripMoved, TripMoveUndone,
)  # fmt: skip
