"""The venues service: halls, grounds, meeting rooms and what is lent with them."""

from common.service import Chore, Service
from common.words import Words
from venues import cancellations, demo
from venues.api import api
from venues.listeners import listeners
from venues.messages import FACTS, snapshot
from venues.models import Base
from venues.pages import PAGES

SERVICE = Service(
    name="venues",
    title=Words("場地", "Venues"),
    metadata=Base.metadata,
    migrations="venues/migrations",
    facts=FACTS,
    listeners=listeners,
    blueprints=(*PAGES, api),
    chores=(Chore("lapse unpaid and unanswered bookings", 60, cancellations.lapse_due),),
    snapshot=snapshot,
    demo=demo.load,
)
