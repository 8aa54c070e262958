"""Operations on the versions of the point tables."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Person
from common.schemas import PageQuery, page_of
from common.web import has_role, now, paged, signed_in
from dorms import point_tables
from dorms.api.door import api
from dorms.models import PointTable
from dorms.schemas import tables

keepers = has_role(*point_tables.KEEPERS)


@api.get("/point-tables", "listPointTables", query=PageQuery, gives=page_of(tables.PointTableOut), allows=signed_in)
def list_point_tables(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """Every version of the point tables, newest first (D-15)."""
    return paged(session, select(PointTable), query, PointTable.id)


@api.post(
    "/point-tables/preview",
    "previewPointTable",
    takes=tables.PreviewPointTable,
    gives=tables.PointPreviewOut,
    allows=keepers,
)
def preview_point_table(session: Session, person: Person, data: dict[str, Any]) -> dict[str, Any]:
    """Which applications not ranked yet would count differently by other amounts. Nothing is written."""
    return {"changes": point_tables.preview(session, person, **data)}


@api.post(
    "/point-tables",
    "savePointTable",
    takes=tables.SavePointTable,
    gives=tables.PointTableOut,
    status=201,
    allows=keepers,
)
def save_point_table(session: Session, person: Person, data: dict[str, Any]) -> PointTable:
    """Put a new version of the latest table in force from a day on; rounds announced before keep theirs (D-15)."""
    return point_tables.save(session, person, now(), **data)
