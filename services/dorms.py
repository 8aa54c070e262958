"""The dorms service: houses and rooms, applicants, offers, stays."""

from common.service import Chore, Service
from common.words import Words
from dorms import demo, occupancy, offers, retention
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
        Chore("anonymise files whose time is over", 3600, retention.look_after, outside=True),
    ),
    snapshot=occupancy.snapshot,
    demo=demo.load,
)
