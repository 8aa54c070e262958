"""Who books rooms for an agency: kept by its supervisor, or by the venue officer for any agency (M-09)."""

from typing import Any

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session

from common.errors import NotFound
from common.identity import Agency, Person
from common.web import flash, form_data, has_role, now, redirect_to, render
from common.words import Words
from venues import operators, room_rules
from venues.models import DECIDES
from venues.pages.room_desk import pages
from venues.schemas import rooms as shapes

keeps = has_role("supervisor", *DECIDES)


@pages.get("/rooms/operators", allows=keeps)
def show_operators(session: Session, person: Person) -> Any:
    """The named operators of one's own agency; the desk chooses the agency."""
    desk = person.has(*DECIDES)
    asked = request.values.get("agency_id", "") if desk else ""
    agency = session.get(Agency, int(asked)) if asked.isdecimal() and len(asked) < 18 else person.agency
    if agency is None or agency.kind != "city":
        raise NotFound
    agencies = session.scalars(select(Agency).where(Agency.kind == "city").order_by(Agency.id)).all() if desk else []
    return render(
        "venues/room_operators.html", agency=agency, agencies=agencies, desk=desk, row=operators.row_of(session, agency.id),
        named=operators.named(session, agency.id), candidates=operators.candidates(session, agency.id),
        rules=room_rules.in_force(session, now()),
    )  # fmt: skip


@pages.post("/rooms/operators", allows=keeps, again=show_operators)
def set_operators(session: Session, person: Person) -> Any:
    """Name them, or nobody."""
    data = form_data(shapes.SetOperatorsForm)
    agency_id = data.pop("agency_id")
    row = operators.set_for(session, person, now(), agency_id, **data)
    if row.person_ids:
        flash(Words("已指定 {n} 位操作人。", "{n} operators are named.").fill(n=len(row.person_ids)))
    else:
        flash(Words("沒有指定操作人，同仁都可登記。", "Nobody is named: every colleague may book."))
    return redirect_to(".show_operators", agency_id=agency_id)
