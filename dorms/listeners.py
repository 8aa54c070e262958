"""Messages in: the read copies of people, and what dorms does when somebody has left the city's service."""

from sqlalchemy.orm import Session

from common import identity
from common.inbox import Listeners, Received
from common.messages import Part, fields
from dorms import offers

listeners = Listeners(identity.listeners)


class PersonLeft(Part):
    person_id = fields.Integer(required=True)


@listeners.on("portal.person_left.v1", PersonLeft)
def leave_the_lists(session: Session, fact: Received) -> None:
    """Whoever left waits for no room: off every list, and a room held for them passes to the next."""
    offers.leave_lists(session, fact.time, fact.body["person_id"])
