"""What dorms tells the house about stays: ids, rooms and days; why somebody has to leave only as its kind (C-27)."""

from common.messages import Fact, fields


class TenancyFact(Fact):
    """Something happened in a stay. The parts that all of these facts share."""

    tenancy_id = fields.String(required=True, metadata={"description": "the stay"})
    offer_id = fields.String(
        required=True, allow_none=True, metadata={"description": "the offer it follows from; null for older stays"}
    )
    person_id = fields.String(required=True, metadata={"description": "who lives there"})
    room_id = fields.String(required=True, metadata={"description": "the room"})
    room = fields.String(required=True, metadata={"description": "house and number, in Chinese"})
    room_en = fields.String(required=True, metadata={"description": "house and number, in English"})


class ContractRecorded(TenancyFact):
    """A notarised contract was entered, the first one or a renewal."""

    type = "dorms.tenancy_signed.v1"

    number = fields.String(required=True, metadata={"description": "number of the notarised contract"})
    notarised_on = fields.Date(required=True, metadata={"description": "day of the notary"})
    stay_until = fields.Date(required=True, metadata={"description": "day on which the term ends"})
    move_in_by = fields.Date(
        required=True, allow_none=True, metadata={"description": "last day to move in; null at a renewal"}
    )
    status = fields.String(required=True, metadata={"description": "`first` or `renewed`"})


class MovedIn(TenancyFact):
    """The room was handed over item by item; allowance and fee count from this day."""

    type = "dorms.tenancy_moved_in.v1"

    moved_in_on = fields.Date(required=True, metadata={"description": "the day"})
    items = fields.Integer(required=True, metadata={"description": "lines of the list of furniture"})


class TenancyForfeited(TenancyFact):
    """No contract in time: the room passes to the next (D-18)."""

    type = "dorms.tenancy_forfeited.v1"


class LeavingFact(TenancyFact):
    """The clock of moving out. The parts that its facts share."""

    kind = fields.String(required=True, metadata={"description": "why, in Chinese"})
    kind_en = fields.String(required=True, metadata={"description": "why, in English"})
    status = fields.String(
        required=True,
        metadata={"description": "`own`: the person moves out; `family`: their family does (death in service)"},
    )
    leave_by = fields.Date(required=True, metadata={"description": "last day to hand the room back"})


class MoveOutStarted(LeavingFact):
    """A stay has to end: the clock of moving out runs (D-45)."""

    type = "dorms.tenancy_leaving.v1"


class MoveOutExtended(LeavingFact):
    """More time to move out was approved."""

    type = "dorms.tenancy_leaving_extended.v1"


class MoveOutStopped(LeavingFact):
    """Nobody has to move out any more; `leave_by` is the day that no longer holds."""

    type = "dorms.tenancy_leaving_stopped.v1"


class MoveOutDue(LeavingFact):
    """A reminder: the day to hand back comes near or has passed. `kind` is the end of the term where no clock runs."""

    type = "dorms.tenancy_due.v1"

    days_left = fields.Integer(required=True, metadata={"description": "whole days until it; negative once overdue"})
    overdue = fields.Boolean(required=True, metadata={"description": "whether the day has passed"})


class HandedBack(TenancyFact):
    """The room came back item by item; the stay is over."""

    type = "dorms.tenancy_handed_back.v1"

    handed_back_on = fields.Date(required=True, metadata={"description": "the day; fee and allowance end with it"})
    differences = fields.Integer(required=True, metadata={"description": "lines that came back fewer or worse"})
    room_state = fields.String(
        required=True, metadata={"description": "`to_let` or `awaiting_repair`; `let` while somebody has another bed"}
    )


TENANCY_FACTS = (
    ContractRecorded,
    MovedIn,
    TenancyForfeited,
    MoveOutStarted,
    MoveOutExtended,
    MoveOutStopped,
    MoveOutDue,
    HandedBack,
)
