"""Facts in: what happened to cars, halls and rooms becomes messages to people. Database work only."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from common import identity
from common.inbox import Listeners, Received
from services.messenger import ladder, undoing
from services.messenger.letters import LETTERS
from services.messenger.models import Delivery
from services.messenger.parts import part_of

listeners = Listeners(identity.listeners)


def hear(session: Session, fact: Received, now: datetime) -> list[Delivery]:
    """Rows for everyone who has to know, and then what the ladder does; returns the new rows."""
    made = undoing.tell(session, fact, now)
    step = ladder.STEPS.get(fact.type)
    return made + (step(session, fact, now) if step else [])


def tell(session: Session, fact: Received) -> None:
    """Rows for everyone who has to know, there in the inbox at once, and sent by mail, push or LINE; a driver's answer stops the asking."""
    hear(session, fact, datetime.now(UTC))


for kind in LETTERS:
    listeners.on(kind, part_of(kind))(tell)
