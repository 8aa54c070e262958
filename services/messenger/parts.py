"""The parts of other services' facts that messenger reads; the rest of each fact is passed over."""

from common.messages import Part, fields


class TripPart(Part):
    trip_id = fields.String(required=True)
    number = fields.String(required=True)
    status = fields.String(required=True)
    rev = fields.Integer(required=True)
    requester_id = fields.Integer(required=True)
    agency_id = fields.Integer(required=True)
    approver_ids = fields.List(fields.Integer(), load_default=list)
    driver_person_id = fields.Integer(allow_none=True, load_default=None)
    previous_driver_person_id = fields.Integer(allow_none=True, load_default=None)
    vehicle_label = fields.String(allow_none=True, load_default=None)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    origin = fields.String(required=True)
    destination = fields.String(required=True)
    passengers = fields.Integer(required=True)
    minutes = fields.Integer(load_default=None)
    assigned_at = fields.AwareDateTime(load_default=None)
    reason = fields.String(allow_none=True, load_default=None)
    leg = fields.String(allow_none=True, load_default=None)
    merged_into = fields.String(allow_none=True, load_default=None)
    capacity_held = fields.Boolean(load_default=False)
    car_starts_at = fields.AwareDateTime(allow_none=True, load_default=None)
    car_ends_at = fields.AwareDateTime(allow_none=True, load_default=None)
    aboard = fields.Integer(load_default=0)
    survey_code = fields.String(allow_none=True, load_default=None)
    tell_after = fields.AwareDateTime(allow_none=True, load_default=None)
    undoes = fields.String(allow_none=True, load_default=None)


class UpkeepPart(Part):
    label = fields.String(required=True)
    kind_zh = fields.String(required=True)
    kind_en = fields.String(required=True)
    due_on = fields.Date(required=True)
    status = fields.String(required=True)
    agency_id = fields.Integer(allow_none=True, load_default=None)


class AccidentPart(Part):
    accident_id = fields.String(required=True)
    vehicle_label = fields.String(required=True)
    place = fields.String(required=True)
    happened_at = fields.AwareDateTime(required=True)
    agency_id = fields.Integer(required=True)
    status = fields.String(required=True)


class RecallPart(Part):
    recall_id = fields.String(required=True)
    vehicle_label = fields.String(required=True)
    supervisor_ids = fields.List(fields.Integer(), required=True)
    reason_words = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(allow_none=True, load_default=None)


class NoticePart(Part):
    agency_id = fields.Integer(required=True)
    supervisor_ids = fields.List(fields.Integer(), required=True)
    count = fields.Integer(required=True)
    days = fields.Integer(required=True)
    number = fields.String(required=True)


class OverstayPart(Part):
    session_id = fields.String(required=True)
    charger_code = fields.String(required=True)
    vehicle_label = fields.String(required=True)
    person_id = fields.Integer(required=True)
    minutes = fields.Integer(required=True)


class BookingPart(Part):
    booking_id = fields.String(required=True)
    number = fields.String(required=True)
    status = fields.String(required=True)
    rev = fields.Integer(required=True)
    venue = fields.String(required=True)
    venue_en = fields.String(required=True)
    applicant_id = fields.Integer(required=True)
    event_name = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    fee = fields.Integer(required=True)
    deposit = fields.Integer(required=True)
    total = fields.Integer(required=True)
    pay_by = fields.AwareDateTime(allow_none=True, load_default=None)
    refund = fields.Integer(allow_none=True, load_default=None)
    reason = fields.String(allow_none=True, load_default=None)
    deducted = fields.Integer(load_default=None)
    claimed = fields.Integer(load_default=None)
    return_by = fields.Date(load_default=None)
    barred_until = fields.Date(load_default=None)


class ClosurePart(Part):
    closure_id = fields.String(required=True)
    venue = fields.String(required=True)
    venue_en = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    reason = fields.String(required=True)
    bookings = fields.Integer(required=True)


class GroundPart(Part):
    thing_id = fields.String(required=True)
    number = fields.String(required=True)
    status = fields.String(required=True)
    applicant_id = fields.Integer(required=True)
    what_zh = fields.String(required=True)
    what_en = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    details_zh = fields.String(load_default="")
    details_en = fields.String(load_default="")
    reason = fields.String(load_default="")


class SlotPart(Part):
    waiting_id = fields.String(required=True)
    rev = fields.Integer(required=True)
    venue = fields.String(required=True)
    venue_en = fields.String(required=True)
    applicant_id = fields.Integer(required=True)
    event_name = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    offered_until = fields.AwareDateTime(allow_none=True, load_default=None)


class MeetingPart(Part):
    meeting_id = fields.String(required=True)
    rev = fields.Integer(required=True)
    room = fields.String(required=True)
    room_en = fields.String(required=True)
    booked_by_id = fields.Integer(required=True)
    title = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    reason = fields.String(load_default=None)
    attendees = fields.Integer(load_default=None)
    status = fields.String(load_default="")
    previous_room = fields.String(load_default="")
    previous_room_en = fields.String(load_default="")
    lost = fields.Boolean(load_default=False)
    offers = fields.String(load_default="")
    offers_en = fields.String(load_default="")
    minutes = fields.Integer(load_default=None)
    manager_agency_id = fields.Integer(load_default=None)
    answer = fields.String(load_default="")
    answer_by = fields.AwareDateTime(load_default=None)
    guard_id = fields.Integer(load_default=None)


class RoomBreachPart(Part):
    breach_id = fields.String(required=True)
    person_id = fields.Integer(required=True)
    agency_id = fields.Integer(required=True)
    kind = fields.String(load_default="")
    kind_en = fields.String(load_default="")
    number = fields.Integer(load_default=None)
    meetings = fields.Integer(load_default=None)
    stops_until = fields.AwareDateTime(allow_none=True, load_default=None)
    reason = fields.String(required=True)


class RoundPart(Part):
    round_id = fields.String(required=True)
    number = fields.String(required=True)
    status = fields.String(required=True)
    round_title = fields.String(required=True)
    round_title_en = fields.String(required=True)
    tickets_sha256 = fields.String(required=True)
    seed_known_at = fields.AwareDateTime(required=True, allow_none=True)
    person_ids = fields.List(fields.Integer(), required=True)
    reason = fields.String(load_default=None)


class RegistrationPart(Part):
    registration_id = fields.String(required=True)
    round_id = fields.String(required=True)
    number = fields.String(required=True)
    round_title = fields.String(required=True)
    round_title_en = fields.String(required=True)
    status = fields.String(required=True)
    person_id = fields.Integer(required=True)
    ticket = fields.String(required=True)
    position = fields.Integer(required=True, allow_none=True)
    place_no = fields.Integer(required=True, allow_none=True)
    answer_by = fields.AwareDateTime(required=True, allow_none=True)
    pay_by = fields.AwareDateTime(required=True, allow_none=True)
    due_on = fields.Date(required=True, allow_none=True)
    amount = fields.Integer(required=True, allow_none=True)
    reason = fields.String(load_default=None)


class ApplicationPart(Part):
    application_id = fields.String(required=True)
    number = fields.String(required=True)
    round_id = fields.String(required=True)
    person_id = fields.Integer(required=True)


class SupplementPart(ApplicationPart):
    due_on = fields.Date(required=True)


class CorrectionPart(Part):
    correction_id = fields.String(required=True)
    round_number = fields.String(required=True)
    person_id = fields.Integer(required=True)


class RankingPart(Part):
    round_id = fields.String(required=True)
    number = fields.String(required=True)
    person_ids = fields.List(fields.Integer(), required=True)


class TenancyPart(Part):
    tenancy_id = fields.String(required=True)
    person_id = fields.Integer(required=True)
    room = fields.String(required=True)
    room_en = fields.String(required=True)
    status = fields.String(load_default=None)
    number = fields.String(load_default=None)
    stay_until = fields.Date(load_default=None)
    move_in_by = fields.Date(allow_none=True, load_default=None)
    items = fields.Integer(load_default=None)
    kind = fields.String(load_default=None)
    kind_en = fields.String(load_default=None)
    leave_by = fields.Date(load_default=None)
    handed_back_on = fields.Date(load_default=None)


class OfferPart(Part):
    offer_id = fields.String(required=True)
    application_id = fields.String(required=True)
    round_id = fields.String(required=True)
    person_id = fields.Integer(required=True)
    room = fields.String(required=True)
    room_en = fields.String(required=True)
    accept_by = fields.AwareDateTime(allow_none=True, load_default=None)
    stay_from = fields.Date(allow_none=True, load_default=None)
    stay_until = fields.Date(allow_none=True, load_default=None)
    barred_until = fields.Date(allow_none=True, load_default=None)


class HomePart(Part):
    person_id = fields.Integer(required=True)
    number = fields.String(required=True)
    room = fields.String(required=True)
    room_en = fields.String(required=True)
    rev = fields.Integer(required=True)


class CheckPart(HomePart):
    check_id = fields.String(required=True)
    kind = fields.String(required=True)
    kind_en = fields.String(required=True)
    starts_at = fields.AwareDateTime(load_default=None)
    ends_at = fields.AwareDateTime(load_default=None)
    status = fields.String(load_default=None)
    follow_up_by = fields.Date(allow_none=True, load_default=None)


class ResidencePart(HomePart):
    case_id = fields.String(required=True)
    answer_by = fields.Date(load_default=None)
    status = fields.String(load_default=None)


class RepairPart(HomePart):
    repair_id = fields.String(required=True)
    status = fields.String(required=True)
    started_on = fields.Date(load_default=None)
    finished_on = fields.Date(load_default=None)
    contractor = fields.String(load_default=None)


_PARTS: tuple[tuple[str, type[Part]], ...] = (
    ("fleet.trip_", TripPart),
    ("fleet.vehicle_re", RecallPart),
    ("fleet.agency_noticed", NoticePart),
    ("fleet.upkeep_", UpkeepPart),
    ("fleet.accident_", AccidentPart),
    ("fleet.charging_overstayed", OverstayPart),
    ("venues.booking_", BookingPart),
    ("venues.slot_", SlotPart),
    ("venues.meeting_", MeetingPart),
    ("venues.venue_", ClosurePart),
    ("venues.room_breach_", RoomBreachPart),
    ("venues.round_", RoundPart),
    ("venues.registration_", RegistrationPart),
    ("venues.loan_", GroundPart),
    ("venues.posting_", GroundPart),
    ("venues.gallery_", GroundPart),
    ("venues.contributed_", GroundPart),
    ("venues.equipment_short", GroundPart),
    ("dorms.application_supplement_asked", SupplementPart),
    ("dorms.application_", ApplicationPart),
    ("dorms.objection_", ApplicationPart),
    ("dorms.correction_", CorrectionPart),
    ("dorms.ranking_", RankingPart),
    ("dorms.offer_", OfferPart),
    ("dorms.tenancy_", TenancyPart),
    ("dorms.check_", CheckPart),
    ("dorms.residence_", ResidencePart),
    ("dorms.repair_", RepairPart),
)


def part_of(fact_type: str) -> type[Part]:
    """The part that is read of facts of this type. Raises StopIteration for one that is not read at all."""
    return next(part for prefix, part in _PARTS if fact_type.startswith(prefix))
