"""The blueprint of fleet's pages, who may come, and what its pages share."""

from typing import Any

from flask import g
from werkzeug.datastructures import MultiDict

from common.errors import FieldError, Invalid
from common.web import Pages, Section, has_role, sections_of
from common.web.pages import Form
from common.words import Words
from fleet.models.trip import REQUESTING_ROLES

pages = Pages("fleet")

insiders = has_role(
    "officer", "supervisor", "dispatcher", "driver", "venue_officer", "dorm_officer", "staff", "auditor", "admin"
)
requesters = has_role(*REQUESTING_ROLES)
supervisors = has_role("supervisor")
dispatchers = has_role("dispatcher", "admin")
drivers = has_role("driver")

# The rooms of the vehicle unit's desk, in the order they are walked through: key, words, endpoint, who sees it.
SECTIONS: tuple[Section, ...] = (
    ("board", Words("派車板", "Board"), ".show_dispatch", ("dispatcher", "admin")),
    ("replan", Words("整日重排", "Replan"), ".show_replan", ("dispatcher", "admin")),
    ("charging", Words("充電", "Charging"), ".show_charging", ("dispatcher", "admin")),
    ("sharing", Words("併車", "Sharing"), ".show_sharing", ("dispatcher", "admin")),
    ("waiting", Words("候補", "Waiting"), ".show_waiting", ("dispatcher", "admin")),
    ("recalls", Words("召回", "Recalls"), ".list_recalls", ("dispatcher", "admin")),
    ("gate", Words("門口查核", "Gate"), ".show_gate", ("dispatcher", "admin", "auditor")),
    ("late", Words("臨時取消", "Late cancels"), ".list_late_cancels", ("dispatcher", "admin")),
    ("vehicles", Words("車籍", "Cars"), ".list_vehicles", ("dispatcher", "admin", "auditor")),
    ("registers", Words("名冊", "Registers"), ".list_registers", ("dispatcher", "admin", "auditor")),
    ("upkeep", Words("維護", "Upkeep"), ".show_upkeep", ("dispatcher", "admin", "auditor")),
    ("report", Words("使用月報", "Use report"), ".show_report", ("dispatcher", "admin", "auditor")),
    ("uselist", Words("用車清冊", "Use list"), ".show_use_list", ("dispatcher", "admin", "auditor")),
    ("energy", Words("能源", "Energy"), ".show_energy", ("dispatcher", "admin", "auditor")),
    ("costs", Words("成本", "Costs"), ".show_costs", ("dispatcher", "admin", "auditor")),
    ("satisfaction", Words("滿意度", "Satisfaction"), ".show_satisfaction", ("dispatcher", "admin", "auditor")),
    ("sizing", Words("車隊規模", "Fleet size"), ".show_sizing", ("dispatcher", "admin", "auditor")),
)

PLACED = {"starts_at": "leave", "ends_at": "back"}
"""Where a fault of an instant is shown on forms that ask for a day and a clock time."""


pages.context_processor(sections_of(SECTIONS))


def placed(refused: Invalid) -> Invalid:
    """The same refusal, at the fields of a form that asks for day and time apart."""
    return Invalid.many(FieldError(PLACED.get(each.field, each.field), each.words) for each in refused.errors)


def show_typed(values: MultiDict[str, str], errors: Any = ()) -> None:
    """Have the page show these values and faults in its form."""
    g.form = Form(values, list(errors))
