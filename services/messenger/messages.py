"""What messenger tells the house."""

from common.messages import Fact, fields


class DeliveryChanged(Fact):
    """A message to a person came into being or got further. Ids only: the words stay here.

    The envelope's `subject` is what the message is about, in its sender's words: `trip/31`, `booking/8`.
    """

    type = "messenger.delivery_changed.v1"

    delivery_id = fields.String(required=True, metadata={"description": "the delivery"})
    service = fields.String(
        required=True, metadata={"description": "whose subject it is: `fleet`, `venues` or `dorms`"}
    )
    person_id = fields.String(required=True, metadata={"description": "to whom"})
    channel = fields.String(required=True, metadata={"description": "`inbox`, `push`, `line` or `mail`"})
    state = fields.String(
        required=True, metadata={"description": "`queued`, `sent`, `read`, `accepted`, `failed` or `expired`"}
    )
    at = fields.DateTime(required=True, metadata={"description": "since when"})


FACTS = (DeliveryChanged,)
