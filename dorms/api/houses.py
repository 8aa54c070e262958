"""The register of legacy houses and land (D-07)."""

from typing import Any

from sqlalchemy.orm import Session

from common.identity import Person
from common.schemas import PageQuery, page_of
from common.web import now
from dorms.api.door import OFFICER, api, cut
from dorms.models import LegacyHouse
from dorms.schemas import upkeep as shapes
from dorms.upkeep import houses


@api.get("/legacy-houses", "listLegacyHouses", query=PageQuery, gives=page_of(shapes.LegacyHouseOut), allows=OFFICER)
def list_legacy_houses(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """The register, by number."""
    return cut([_house(row) for row in houses.register(session)], query)


@api.get("/legacy-houses/<int:house_id>", "getLegacyHouse", gives=shapes.LegacyHouseOut, allows=OFFICER)
def get_legacy_house(session: Session, person: Person, house_id: int) -> dict[str, Any]:
    """One house or piece of land."""
    return _house(houses.find(session, house_id))


@api.post(
    "/legacy-houses/<int:house_id>/state",
    "changeLegacyHouse",
    takes=shapes.ChangeHouseState,
    gives=shapes.LegacyHouseOut,
    allows=OFFICER,
)
def change_legacy_house(session: Session, person: Person, house_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Write its next state. None is ever allotted anew (D-07)."""
    return _house(houses.change_state(session, person, now(), house_id, **data))


def _house(row: LegacyHouse) -> dict[str, Any]:
    plain = ("id", "code", "kind", "place", "place_en", "area_m2", "state", "rev")
    return {**{name: getattr(row, name) for name in plain}, "since": row.states[-1].since}
