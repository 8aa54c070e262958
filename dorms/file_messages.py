"""What dorms tells of an application's file: that papers are asked for or came, and corrections; never what they say (C-27)."""

from common.messages import Fact, fields


class SupplementAsked(Fact):
    """Papers of an application are missing and asked for until a day."""

    type = "dorms.application_supplement_asked.v1"

    application_id = fields.String(required=True, metadata={"description": "the application"})
    number = fields.String(required=True, metadata={"description": "its public number"})
    round_id = fields.String(required=True, metadata={"description": "the round"})
    person_id = fields.String(required=True, metadata={"description": "who applied"})
    due_on = fields.Date(required=True, metadata={"description": "last day to send them"})


class Supplemented(Fact):
    """Every paper that was asked for has come in."""

    type = "dorms.application_supplemented.v1"

    application_id = fields.String(required=True, metadata={"description": "the application"})
    number = fields.String(required=True, metadata={"description": "its public number"})
    round_id = fields.String(required=True, metadata={"description": "the round"})
    person_id = fields.String(required=True, metadata={"description": "who applied"})


class CorrectionAsked(Fact):
    """Somebody says that an answer which ends the application is wrong."""

    type = "dorms.correction_asked.v1"

    correction_id = fields.String(required=True, metadata={"description": "the request"})
    round_id = fields.String(required=True, metadata={"description": "the round"})
    round_number = fields.String(required=True, metadata={"description": "its public number"})
    person_id = fields.String(required=True, metadata={"description": "who asks"})


class CorrectionDecided(CorrectionAsked):
    """The dormitory officer decided about it."""

    type = "dorms.correction_decided.v1"

    granted = fields.Boolean(required=True, metadata={"description": "whether the application may go on"})


FILE_FACTS = (SupplementAsked, Supplemented, CorrectionAsked, CorrectionDecided)
