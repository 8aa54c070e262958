"""How large the fleet has to be: the curve, the busy days, and what another fleet would have done on the real log."""

from typing import Any

from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from common.errors import Invalid
from common.identity import Person
from common.schemas import load_form
from common.web import has_role, now, render
from fleet import fleetsize
from fleet.pages.door import pages, show_typed
from fleet.schemas.sizing import SizingQuery
from fleet.terms import KINDS

LEVELS = (95, 99, 100)
MOST_LOST = 20


@pages.get("/sizing", allows=has_role(*fleetsize.SEEN_BY))
def show_sizing(session: Session, person: Person) -> Any:
    """The curve of cars against days served; with another fleet, the trips it would have lost."""
    blank = load_form(SizingQuery, {})
    try:
        asked = load_form(SizingQuery, request.args)
        days = fleetsize.days_meant(now(), asked["from_"], asked["until"])
        found = fleetsize.size(session, person, now(), *days, remove=asked["remove"], swap=asked["swap"])
    except Invalid as refused:
        asked = blank
        days = fleetsize.days_meant(now(), None, None)
        found = fleetsize.size(session, person, now(), *days)
        show_typed(request.args, refused.errors)
    else:
        typed = {
            "from": days[0].isoformat(),
            "until": days[1].isoformat(),
            "remove": asked["remove"],
            "swap": asked["swap"],
        }
        show_typed(MultiDict({name: str(value) for name, value in typed.items()}))
    return render(
        "fleet/sizing.html", found=found, asked=asked, kinds=KINDS, levels=[(each, found.least_for(each)) for each in LEVELS],
        trying=bool(asked["remove"] or asked["swap"]), most_lost=MOST_LOST,
    )  # fmt: skip
