"""The monthly list of use (V-24): by month and agency, on the screen, on paper, as a file."""

from datetime import date
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import add_months, today
from common.web import has_role, now, render
from common.web.tables import table_file
from common.words import Words
from fleet import uselist
from fleet.pages.door import pages

readers = has_role(*uselist.READERS)
TITLE = Words("公務車輛使用清冊", "List of car use")
HEADS = (
    Words("日期", "Date"), Words("派車單號", "Order"), Words("車號", "Plate"), Words("駕駛", "Driver"), Words("機關", "Agency"),
    Words("使用人", "User"), Words("事由", "Purpose"), Words("行程", "Way"), Words("人數", "People"), Words("出場", "Out"),
    Words("回場", "Back"), Words("出場里程", "Odometer out"), Words("回場里程", "Odometer in"), Words("公里", "km"),
    Words("填報", "Filed"), Words("備註", "Note"),
)  # fmt: skip


@pages.get("/use-list", allows=readers)
def show_use_list(session: Session, person: Person) -> Any:
    """The trips of a month, with when each user filed the record."""
    month, found = _asked(session, person)
    return render(
        "fleet/uselist.html", month=month, found=found, agencies=uselist.agencies(session, person), title=TITLE,
        before=add_months(month, -1), after=add_months(month, 1), desk=person.has(*uselist.WIDE), made_at=now(),
        chosen={"month": f"{month:%Y-%m}", "agency": found.agency.id if found.agency else None},
    )  # fmt: skip


@pages.get("/use-list.<any(csv,ods):form>", allows=readers)
def download_use_list(session: Session, person: Person, form: str) -> Any:
    """The same as a file."""
    month, found = _asked(session, person)
    whose = f"-{found.agency.id}" if found.agency else ""
    return table_file(form, f"use-list-{month:%Y-%m}{whose}", TITLE, HEADS, map(uselist.cells, found.lines))


def _asked(session: Session, person: Person) -> tuple[date, uselist.UseList]:
    """Which month (else the present one) and agency the address names; the list."""
    first = today(now()).replace(day=1)
    try:
        month = date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        month = first
    month = month if 1991 <= month.year <= 2190 else first
    number = request.args.get("agency", "")
    agency = int(number) if number.isascii() and number.isdecimal() and len(number) < 18 else None
    return month, uselist.of_month(session, person, month, agency)
