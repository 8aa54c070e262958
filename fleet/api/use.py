"""How the pool was used."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from common.errors import Invalid
from common.identity import Person
from common.period import Period, add_months, taipei, today
from common.web import has_role, now
from common.words import Words
from fleet import use
from fleet.api.door import api
from fleet.schemas.use import UseQuery, UseReport


@api.get(
    "/use", "getUseReport", query=UseQuery, gives=UseReport, allows=has_role("dispatcher", "admin", "auditor"),
    about="Trips, km, hours, energy, cost and use rate by car or by agency, for any stretch of days (V-14, V-24, V-27).",
)  # fmt: skip
def get_use_report(session: Session, person: Person, query: dict[str, Any]) -> Any:
    first: date = query["from_"] or today(now()).replace(day=1)
    until: date = query["until"] or add_months(first, 1)
    if until <= first:
        raise Invalid(Words("迄日要晚於起日", "The end must be after the start"), field="until")
    period = Period(taipei(first, "00:00"), taipei(until, "00:00"))
    found = use.by_vehicle(session, period) if query["by"] == "vehicle" else use.by_agency(session, period)
    return {
        "from_": first,
        "until": until,
        "items": [use.as_told(each) for each in found],
        "total": use.as_told(use.total_of(found)),
    }
