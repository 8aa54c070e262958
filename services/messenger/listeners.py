"""Facts in: what happened to cars, halls and rooms becomes messages to people. Database work only."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from common import identity
from common.inbox import Listeners, Received
from services.messenger import deliveries
from services.messenger.letters import LETTERS
from services.messenger.parts import part_of

listeners = Listeners(identity.listeners)


def tell(session: Session, fact: Received) -> None:
    """Rows for everyone who has to know; they are read in the inbox at once, and the sender mails them."""
    deliveries.tell(session, fact, datetime.now(UTC))


for kind in LETTERS:
    listeners.on(kind, part_of(kind))(tell)
