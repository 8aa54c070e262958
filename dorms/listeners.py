"""Messages in: the read copies of people, and what dorms does when somebody has left the city's service."""

from sqlalchemy.orm import Session

from common import identity
from common.inbox import Listeners, Received
from common.messages import Part, fields
from dorms import move_outs, offers

listeners = Listeners(identity.listeners)


class PersonLeft(Part):
    person_id = fields.Integer(required=True)
    kind = fields.String(required=True)
    left_on = fields.Date(required=True)


@listeners.on("portal.person_left.v1", PersonLeft)
def leave_the_lists(session: Session, fact: Received) -> None:
    """Whoever left waits for no room: off every list, and a room held for them passes to the next. Whoever lives in a
    room has so long to move out (D-45)."""
    offers.leave_lists(session, fact.time, fact.body["person_id"])
    move_outs.start_by_fact(session, fact.time, fact.body["person_id"], fact.body["kind"], fact.body["left_on"])
