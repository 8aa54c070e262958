"""The blueprint of fleet's pages, who may come, and what its pages share."""

from typing import Any

from flask import g
from werkzeug.datastructures import MultiDict

from common.errors import FieldError, Invalid
from common.web import Pages, has_role
from common.web.pages import Form
from fleet.models.trip import REQUESTING_ROLES

pages = Pages("fleet")

insiders = has_role(
    "officer", "supervisor", "dispatcher", "driver", "venue_officer", "dorm_officer", "staff", "auditor", "admin"
)
requesters = has_role(*REQUESTING_ROLES)
supervisors = has_role("supervisor")
dispatchers = has_role("dispatcher", "admin")
drivers = has_role("driver")

PLACED = {"starts_at": "leave", "ends_at": "back"}
"""Where a fault of an instant is shown on forms that ask for a day and a clock time."""


def placed(refused: Invalid) -> Invalid:
    """The same refusal, at the fields of a form that asks for day and time apart."""
    return Invalid.many(FieldError(PLACED.get(each.field, each.field), each.words) for each in refused.errors)


def show_typed(values: MultiDict[str, str], errors: Any = ()) -> None:
    """Have the page show these values and faults in its form."""
    g.form = Form(values, list(errors))
