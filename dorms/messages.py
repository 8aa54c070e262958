"""What dorms tells the house: ids and dates, never grades, points, family or home (C-27)."""

from common.messages import Fact, fields
from dorms.file_messages import FILE_FACTS
from dorms.tenancy_messages import TENANCY_FACTS
from dorms.upkeep.messages import FACTS as UPKEEP


class RoundOpened(Fact):
    """A round was announced: who may register, from when to when."""

    type = "dorms.round_opened.v1"

    round_id = fields.String(required=True, metadata={"description": "the round"})
    number = fields.String(required=True, metadata={"description": "its public number, such as 115-2"})
    kind = fields.String(required=True, metadata={"description": "`single` or `family` rooms"})
    registration_from = fields.DateTime(required=True, metadata={"description": "first instant of registration"})
    registration_until = fields.DateTime(required=True, metadata={"description": "first instant after registration"})


class ApplicationSubmitted(Fact):
    """Somebody applied for a room in a round."""

    type = "dorms.application_submitted.v1"

    application_id = fields.String(required=True, metadata={"description": "the application"})
    number = fields.String(required=True, metadata={"description": "its public number"})
    round_id = fields.String(required=True, metadata={"description": "the round"})
    person_id = fields.String(required=True, metadata={"description": "who applied"})


class RankingPublished(Fact):
    """The ranking of a round may be read by everybody, by code."""

    type = "dorms.ranking_published.v1"

    round_id = fields.String(required=True, metadata={"description": "the round"})
    number = fields.String(required=True, metadata={"description": "its public number"})
    applicants = fields.Integer(required=True, metadata={"description": "how many were ranked"})
    tickets_sha256 = fields.String(required=True, metadata={"description": "hash of the list of codes in the draw"})
    person_ids = fields.List(fields.String(), required=True, metadata={"description": "whom to tell, in order of id"})


class OfferMade(Fact):
    """A room was allotted to somebody, who has until `accept_by` to agree."""

    type = "dorms.offer_made.v1"

    offer_id = fields.String(required=True, metadata={"description": "the offer"})
    application_id = fields.String(required=True, metadata={"description": "the application it answers"})
    round_id = fields.String(required=True, metadata={"description": "the round"})
    person_id = fields.String(required=True, metadata={"description": "to whom"})
    room_id = fields.String(required=True, metadata={"description": "the room held"})
    room = fields.String(required=True, metadata={"description": "house and number, in Chinese"})
    room_en = fields.String(required=True, metadata={"description": "house and number, in English"})
    accept_by = fields.DateTime(required=True, metadata={"description": "first instant at which it is too late"})


class OfferAnswered(Fact):
    """An offer came to its end. The parts that every ending shares."""

    offer_id = fields.String(required=True, metadata={"description": "the offer"})
    application_id = fields.String(required=True, metadata={"description": "the application it answers"})
    round_id = fields.String(required=True, metadata={"description": "the round"})
    person_id = fields.String(required=True, metadata={"description": "to whom it was made"})
    room_id = fields.String(required=True, metadata={"description": "the room"})
    room = fields.String(required=True, metadata={"description": "house and number, in Chinese"})
    room_en = fields.String(required=True, metadata={"description": "house and number, in English"})


class OfferAccepted(OfferAnswered):
    """The room was taken: it is let from `stay_from` up to `stay_until`."""

    type = "dorms.offer_accepted.v1"

    stay_from = fields.Date(required=True, metadata={"description": "first night"})
    stay_until = fields.Date(required=True, metadata={"description": "day on which the last night ends"})


class OfferDeclined(OfferAnswered):
    """The room was given up; the next on the list may get it."""

    type = "dorms.offer_declined.v1"

    barred_until = fields.Date(required=True, metadata={"description": "no new application before this day (D-19)"})


class OfferLapsed(OfferAnswered):
    """Nobody answered in time; the room is free again."""

    type = "dorms.offer_lapsed.v1"


class OfferWithdrawn(OfferAnswered):
    """The tenant of the room does not move after all: its person waits again, at the same rank."""

    type = "dorms.offer_withdrawn.v1"


class ObjectionTold(Fact):
    """Something happened to an objection. The parts that both facts share; what it says is not told."""

    objection_id = fields.String(required=True, metadata={"description": "the objection"})
    application_id = fields.String(required=True, metadata={"description": "whose points or rank it is about"})
    number = fields.String(required=True, metadata={"description": "the application's public number"})
    round_id = fields.String(required=True, metadata={"description": "the round"})
    person_id = fields.String(required=True, metadata={"description": "who objected"})


class ObjectionRaised(ObjectionTold):
    """An applicant objects to the published ranking; the officer has to answer before rooms are allotted."""

    type = "dorms.objection_raised.v1"


class ObjectionAnswered(ObjectionTold):
    """The officer has answered an objection."""

    type = "dorms.objection_answered.v1"


class OccupancyChanged(Fact):
    """A room is in another state from a day on."""

    type = "dorms.occupancy_changed.v1"

    room_id = fields.String(required=True, metadata={"description": "the room"})
    building_id = fields.String(required=True, metadata={"description": "its house"})
    before = fields.String(
        required=True, allow_none=True, metadata={"description": "its state until then; null when new"}
    )
    state = fields.String(required=True, metadata={"description": "let, to_let, awaiting_repair, in_repair or closed"})
    since = fields.Date(required=True, metadata={"description": "from this day on"})


FACTS = (
    RoundOpened,
    ApplicationSubmitted,
    RankingPublished,
    OfferMade,
    OfferAccepted,
    OfferDeclined,
    OfferLapsed,
    OfferWithdrawn,
    ObjectionRaised,
    ObjectionAnswered,
    OccupancyChanged,
    *TENANCY_FACTS,
    *UPKEEP,
    *FILE_FACTS,
)
