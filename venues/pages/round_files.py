"""What anybody may take along of a draw: tickets, the whole record, a sheet, a checker; and the desk's list."""

import json
from pathlib import Path
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from common.errors import NotFound
from common.export import ODS_TYPE
from common.identity import Person
from common.web import anyone
from common.web.attachments import attachment
from common.web.tables import table_file
from common.words import Words
from venues.models import Round
from venues.pages.door import decides
from venues.pages.rounds import pages
from venues.rounds import check_draw, draw_sheet, drawing, money, steps
from venues.rounds import words as say

CHECKER = Path(check_draw.__file__)
TICKET, CLASS = Words("票號", "Ticket"), Words("類別", "Class")


@pages.get("/rounds/<int:round_id>/tickets.txt", allows=anyone)
def tickets_txt(session: Session, person: Person | None, round_id: int) -> Any:
    """The tickets one a line: the very text whose SHA-256 was published."""
    tickets = drawing.public_record(_listed(session, person, round_id))["tickets"]
    return Response("".join(f"{ticket}\n" for ticket in tickets), content_type="text/plain; charset=utf-8")


@pages.get("/rounds/<int:round_id>/tickets.csv", allows=anyone)
def tickets_csv(session: Session, person: Person | None, round_id: int) -> Any:
    """The tickets with their result, as CSV."""
    return _tickets("csv", _listed(session, person, round_id))


@pages.get("/rounds/<int:round_id>/tickets.ods", allows=anyone)
def tickets_ods(session: Session, person: Person | None, round_id: int) -> Any:
    """The tickets as a sheet; after the draw one that works the result out by formulas."""
    row = _listed(session, person, round_id)
    if row.result is None:
        return _tickets("ods", row)
    return attachment(f"draw-{row.number}.ods", ODS_TYPE, draw_sheet.draw_sheet(drawing.public_record(row)))


@pages.get("/rounds/<int:round_id>/draw.json", allows=anyone)
def draw_json(session: Session, person: Person | None, round_id: int) -> Any:
    """Everything published of the draw."""
    record = drawing.public_record(_listed(session, person, round_id))
    text = json.dumps(record, ensure_ascii=False, indent=1)
    return Response(text, content_type="application/json; charset=utf-8")


@pages.get("/rounds/check_draw.py", allows=anyone)
def checker(session: Session, person: Person | None) -> Any:
    """The stand-alone checker: plain Python over draw.json."""
    return attachment("check_draw.py", "text/x-python; charset=utf-8", CHECKER.read_bytes())


@pages.get("/rounds/<int:round_id>/registrations.csv", allows=decides)
def registrations_csv(session: Session, person: Person, round_id: int) -> Any:
    """The desk's list with states and rent, as CSV."""
    return _registrations(session, "csv", steps.find_round(session, person, round_id))


@pages.get("/rounds/<int:round_id>/registrations.ods", allows=decides)
def registrations_ods(session: Session, person: Person, round_id: int) -> Any:
    """The same as a sheet."""
    return _registrations(session, "ods", steps.find_round(session, person, round_id))


def _listed(session: Session, person: Person | None, round_id: int) -> Round:
    """A round whose list is published. Raises NotFound: before that there is no such file."""
    row = steps.find_round(session, person, round_id)
    if row.listing is None:
        raise NotFound(Words("名單還沒有公布。", "The list is not published yet."))
    return row


def _tickets(form: str, row: Round) -> Response:
    record = drawing.public_record(row)
    names = {one["prefix"]: one["code"] for one in record["classes"]}
    place = {ticket: n for n, ticket in enumerate(record["order"], start=1)}
    chosen = set(record["selected"])
    heads = [TICKET, CLASS, Words("抽籤順序", "Order"), Words("結果", "Result")]
    results = {True: "selected", False: "waiting"}
    rows = [
        (t, names.get(t.rpartition("-")[0], ""), place.get(t, ""), results[t in chosen] if place else "")
        for t in record["tickets"]
    ]
    return table_file(form, f"tickets-{row.number}", Words("名單", "Tickets"), heads, rows)


def _registrations(session: Session, form: str, row: Round) -> Response:
    heads = [
        TICKET, CLASS, Words("廠商", "Firm"), Words("統一編號或字號", "Firm number"), Words("販售人員", "Seller"),
        Words("電話", "Telephone"), Words("狀態", "State"), Words("位置", "Place"), Words("備取", "Waiting"),
        Words("已收租金", "Rent paid"), Words("應收", "Owed"), Words("待退", "To return"),
    ]  # fmt: skip
    rows = [
        (
            each.ticket, each.class_code, each.firm_name, each.firm_number, each.seller_name, each.phone,
            say.STATUSES[each.status].zh, each.place_no or "", each.position or "", money.paid(each), money.owed(each),
            money.to_return(each),
        )
        for each in steps.in_states(session, row)
    ]  # fmt: skip
    return table_file(form, f"registrations-{row.number}", Words("登記名冊", "Registrations"), heads, rows)
