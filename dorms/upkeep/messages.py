"""What checks, evidence and repairs tell the house: who, where and when; never what was found in a home (C-27)."""

from common.messages import Fact, fields


class AtHome(Fact):
    """Something about the place somebody borrows. The parts that all share."""

    person_id = fields.String(required=True, metadata={"description": "who borrows the place, or asked"})
    number = fields.String(required=True, metadata={"description": "the number people quote"})
    room = fields.String(required=True, metadata={"description": "the room or house, in Chinese"})
    room_en = fields.String(required=True, metadata={"description": "the room or house, in English"})
    rev = fields.Integer(required=True, metadata={"description": "revision of the row"})


class CheckFact(AtHome):
    """A check of a home."""

    check_id = fields.String(required=True, metadata={"description": "the check; of a place's two, the first"})
    kind = fields.String(required=True, metadata={"description": "what is checked, in Chinese"})
    kind_en = fields.String(required=True, metadata={"description": "what is checked, in English"})


class CheckAppointed(CheckFact):
    """A resident is told beforehand when the dwelling is checked or the furniture counted (D-40). Visits are not told."""

    type = "dorms.check_appointed.v1"

    starts_at = fields.DateTime(required=True, metadata={"description": "start of the half day"})
    ends_at = fields.DateTime(required=True, metadata={"description": "its end"})


class CheckCalledOff(CheckFact):
    """An appointed check does not take place on its day; a new day is told later."""

    type = "dorms.check_called_off.v1"

    starts_at = fields.DateTime(required=True, metadata={"description": "when it would have been"})
    ends_at = fields.DateTime(required=True, metadata={"description": "when it would have ended"})


class CheckRecorded(CheckFact):
    """A check or a visit took place."""

    type = "dorms.check_recorded.v1"

    status = fields.String(required=True, metadata={"description": "fine, faults, not_met or resides"})
    follow_up_by = fields.Date(
        required=True, allow_none=True, metadata={"description": "by when something is put right; null when nothing"}
    )


class CheckFollowedUp(CheckFact):
    """What a check found is put right."""

    type = "dorms.check_followed_up.v1"


class ResidenceAsked(AtHome):
    """Somebody is asked in writing to explain why they were not met at home (D-43)."""

    type = "dorms.residence_asked.v1"

    case_id = fields.String(required=True, metadata={"description": "the case"})
    answer_by = fields.Date(required=True, metadata={"description": "last day to answer"})


class ResidenceExplained(AtHome):
    """They explained."""

    type = "dorms.residence_explained.v1"

    case_id = fields.String(required=True, metadata={"description": "the case"})


class ResidenceHeard(AtHome):
    """The explanation, or that none came, was put on record by an officer."""

    type = "dorms.residence_heard.v1"

    case_id = fields.String(required=True, metadata={"description": "the case"})


class ResidenceDecided(AtHome):
    """An officer decided, with reasons that the person reads on the case's page."""

    type = "dorms.residence_decided.v1"

    case_id = fields.String(required=True, metadata={"description": "the case"})
    status = fields.String(required=True, metadata={"description": "resides or does_not_reside"})


class RepairFact(AtHome):
    """A repair, or works at own cost."""

    repair_id = fields.String(required=True, metadata={"description": "the repair"})
    status = fields.String(
        required=True,
        metadata={"description": "requested, approved, under_way, completed, refused or taken_back"},
    )
    payer = fields.String(required=True, metadata={"description": "`agency`, or `own` for works that need consent"})


class RepairRequested(RepairFact):
    """Somebody asked for a repair (D-41), or for consent to works at own cost (D-42)."""

    type = "dorms.repair_requested.v1"


class RepairDecided(RepairFact):
    """It was approved or refused; the reason stands on its page."""

    type = "dorms.repair_decided.v1"


class RepairStarted(RepairFact):
    """Work begins."""

    type = "dorms.repair_started.v1"

    started_on = fields.Date(required=True, metadata={"description": "first day of work"})
    contractor = fields.String(required=True, metadata={"description": "who does it; may be empty"})


class RepairCompleted(RepairFact):
    """The work is done and was accepted by the officer."""

    type = "dorms.repair_completed.v1"

    finished_on = fields.Date(required=True, metadata={"description": "day on which it was done"})


class RepairTakenBack(RepairFact):
    """Whoever asked takes it back."""

    type = "dorms.repair_taken_back.v1"


FACTS = (
    CheckAppointed,
    CheckCalledOff,
    CheckRecorded,
    CheckFollowedUp,
    ResidenceAsked,
    ResidenceExplained,
    ResidenceHeard,
    ResidenceDecided,
    RepairRequested,
    RepairDecided,
    RepairStarted,
    RepairCompleted,
    RepairTakenBack,
)
