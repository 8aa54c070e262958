"""The venues service: halls, grounds, meeting rooms and what is lent with them."""

from common.service import Chore, Service
from common.words import Words
from venues import (
    after_hours,
    aftercare,
    agreements,
    cancellations,
    check_ins,
    contests,
    demo,
    loans,
    suspending,
    waiting,
)
from venues.api import api
from venues.listeners import listeners
from venues.messages import FACTS, snapshot
from venues.models import Base
from venues.pages import PAGES
from venues.rounds import places

SERVICE = Service(
    name="venues",
    title=Words("場地", "Venues"),
    metadata=Base.metadata,
    migrations="venues/migrations",
    facts=FACTS,
    listeners=listeners,
    blueprints=(*PAGES, api),
    chores=(
        Chore("lapse unpaid and unanswered bookings", 60, cancellations.lapse_due),
        Chore("let bookings begin and end", 30, aftercare.turn),
        Chore("carry out closures", 1, suspending.carry_on, outside=True),
        Chore("lapse unanswered agreements about rooms", 60, agreements.lapse_due),
        Chore("release rooms nobody came to", 30, check_ins.release_unused),
        Chore("tell the guards of meetings after hours", 60, after_hours.tell_guards),
        Chore("close windows, lapse answers, begin and end terms of rounds", 60, places.lapse_due),
        Chore("remind of things lent that are overdue", 600, loans.look_after),
        Chore("close contests of the same slots", 60, contests.close_due),
        Chore("offer freed slots to those who wait", 60, waiting.offers_due),
    ),
    snapshot=snapshot,
    demo=demo.load,
)
