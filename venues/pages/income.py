"""Income and accounts, for people: a half-year by venue and class, the entries behind it, the balance, the treasury."""

from datetime import date
from typing import Any

from flask import request

from common.errors import Invalid
from common.period import today
from common.roc import HalfYear
from common.web import flash, form_data, now, paged, redirect_to, render
from common.web.tables import FORMS, table_file
from common.words import Words
from venues import income, money, treasury, vocabulary
from venues.models import DECIDES, MoneyEntry
from venues.pages.door import decides, desk_pages, oversees
from venues.schemas import money as shapes

pages = desk_pages("income")


@pages.get("/income", allows=oversees)
def show_income(session: Any, person: Any) -> Any:
    """A half-year's income and sessions; each amount leads to its entries."""
    period = _period()
    found = income.half_year(session, period)
    halves = sorted({HalfYear.of(now()), *_back(HalfYear.of(now()), 6), period}, reverse=True)
    return render(
        "venues/income.html", found=found, period=period, halves=halves, classes=vocabulary.CLASSES, forms=FORMS
    )


@pages.get(f"/income.<any({FORMS}):form>", allows=oversees)
def download_income(session: Any, person: Any, form: str) -> Any:
    """The same as a file."""
    found = income.half_year(session, _period())
    heads = [
        Words("場地", "Venue"), Words("身分", "Class of applicant"), Words("場次", "Sessions"),
        *(Words(f"{month.month}月", f"{month:%Y-%m}") for month in found.months), Words("合計", "Total"),
    ]  # fmt: skip
    rows = [
        [
            str(row.venue.label.zh), str(vocabulary.CLASSES[row.applicant_class].zh), row.sessions,
            *(row.months.get(month, 0) for month in found.months), row.income,
        ]
        for row in found.rows
    ]  # fmt: skip
    title = Words("場地使用費收入", "Income from venues")
    return table_file(form, f"income-{found.period.code}", title, heads, rows)


@pages.get("/income/lines", allows=oversees)
def show_lines(session: Any, person: Any) -> Any:
    """The entries behind one figure."""
    venue, kind, month = request.args.get("venue", ""), request.args.get("class"), _month(request.args.get("month"))
    found = income.lines(
        _period(),
        int(venue) if venue.isdecimal() and len(venue) < 18 else None,
        kind if kind in vocabulary.CLASSES else None,
        month,
    )
    cursor = request.args.get("cursor", "")
    page = paged(session, found, {"cursor": cursor if cursor.isdecimal() else None, "limit": 50}, MoneyEntry.id)
    return render(
        "venues/income_lines.html",
        page=page,
        period=_period(),
        kinds=money.KINDS,
        collected=income.collected,
        month=month,
    )


@pages.get("/accounts", allows=oversees)
def show_accounts(session: Any, person: Any) -> Any:
    """The trial balance, whose money is held, and payments to the treasury with the form for the next one."""
    accounts, held = income.trial_balance(session), list(income.holdings(session))
    return render(
        "venues/accounts.html", accounts=accounts, names=money.ACCOUNTS, difference=sum(each.balance for each in accounts),
        holdings=held, deposits=sum(each.deposit for each in held), to_return=sum(each.to_return for each in held),
        remittances=treasury.remittances(session), waiting=treasury.to_remit(session, today(now())), day=today(now()),
        keeper=person.has(*DECIDES), words=vocabulary,
    )  # fmt: skip


@pages.post("/accounts/remit", allows=decides, again=show_accounts)
def remit(session: Any, person: Any) -> Any:
    """Pay income to the treasury."""
    made = treasury.remit(session, person, now(), **form_data(shapes.Remit))
    flash(Words("已解繳 {n:,} 元。", "NT${n:,} paid to the treasury.").fill(n=made.amount))
    return redirect_to(".show_accounts")


def _period() -> HalfYear:
    try:
        return HalfYear.parse(request.args.get("period", ""))
    except Invalid:
        return HalfYear.of(now())


def _back(period: HalfYear, count: int) -> list[HalfYear]:
    out = []
    for _ in range(count):
        period = period.previous
        out.append(period)
    return out


def _month(text: str | None) -> date | None:
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return month if 1991 < month.year < 2198 else None
