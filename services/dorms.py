"""The dorms service: houses and rooms, applicants, offers, stays."""

from common.service import Chore, Service
from common.words import Words
from dorms import demo, move_outs, occupancy, offers, retention, tenancies
from dorms.api import api
from dorms.listeners import listeners
from dorms.messages import FACTS
from dorms.models import Base
from dorms.pages import PAGES

SERVICE = Service(
    name="dorms",
    title=Words("宿舍", "Dormitory"),
    metadata=Base.metadata,
    migrations="dorms/migrations",
    facts=FACTS,
    listeners=listeners,
    blueprints=(*PAGES, api),
    chores=(
        Chore("lapse offers nobody answered", 30, offers.lapse_due),
        Chore("pass on rooms nobody signed for", 30, tenancies.forfeit_due),
        Chore("remind of rooms to hand back", 600, move_outs.remind_due),
        Chore("anonymise files whose time is over", 3600, retention.look_after, outside=True),
    ),
    snapshot=occupancy.snapshot,
    demo=demo.load,
)
