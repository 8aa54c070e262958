"""The month for payroll, for people and as a file: allowance and fee by the day (D-30 to D-33)."""

from datetime import date
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import add_months, today
from common.web import now, render
from common.web.tables import FORMS, table_file
from common.words import Words
from dorms import dues, payroll
from dorms.pages.door import note_look, officers, pages


@pages.get("/payroll", allows=officers)
def show_payroll(session: Session, person: Person) -> Any:
    """Whom to deduct how much for a month. The look is written down (C-27)."""
    first = _month()
    note_look(person, f"payroll/{first:%Y-%m}", "payroll")
    this = today(now()).replace(day=1)
    months = sorted({*(add_months(this, -back) for back in range(6)), first}, reverse=True)
    return render(
        "dorms/payroll.html",
        found=payroll.month(session, first),
        months=months,
        rates=payroll.rates_on(session, first),
        rounding=dues.ROUNDING,
        forms=FORMS,
    )


@pages.get(f"/payroll.<any({FORMS}):form>", allows=officers)
def download_payroll(session: Session, person: Person, form: str) -> Any:
    """The same as a file for payroll."""
    first = _month()
    note_look(person, f"payroll/{first:%Y-%m}", "payroll file")
    heads = [
        Words("房間", "Room"), Words("姓名", "Name"), Words("機關", "Agency"), Words("起日", "From"), Words("迄日", "To"),
        Words("日數", "Days"), Words("依據", "Basis"), Words("房租津貼", "Rent allowance"), Words("管理費", "Management fee"),
        Words("合計", "Total"),
    ]  # fmt: skip
    rows = []
    for line in payroll.month(session, first).lines:
        who = line.tenancy.person
        rows.append(
            [
                line.tenancy.room.words.zh, who.name if who else "", who.agency.name if who and who.agency else "",
                line.first, line.last, line.days, line.basis.zh, line.allowance, line.fee, line.total,
            ]
        )  # fmt: skip
    title = Words("宿舍扣繳清冊 {month}", "Quarters, payroll {month}").fill(month=f"{first:%Y-%m}")
    return table_file(form, f"dorm-payroll-{first:%Y-%m}", title, heads, rows)


def _month() -> date:
    """The month asked for, else the present one."""
    try:
        asked = date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        return today(now()).replace(day=1)
    return asked if 1991 < asked.year < 2198 else today(now()).replace(day=1)
