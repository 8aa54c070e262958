"""Income, balances, holdings, and payments to the treasury."""

from typing import Any

from common.schemas import page_of
from common.web import has_role, now, paged
from venues import income, treasury
from venues.api.door import api, decides
from venues.models import SEES_ALL, MoneyEntry
from venues.schemas import money as shapes

oversees = has_role(*SEES_ALL)


@api.get("/income", "getIncome", query=shapes.IncomeQuery, gives=shapes.IncomeOut, allows=oversees)
def get_income(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """Income and sessions of a half-year by month, venue and class of applicant (S-17, S-21)."""
    found = income.half_year(session, query["period"])
    rows = [
        {
            "venue_id": row.venue.id, "applicant_class": row.applicant_class, "sessions": row.sessions, "income": row.income,
            "months": [{"month": f"{month:%Y-%m}", "income": row.months.get(month, 0)} for month in found.months],
        }
        for row in found.rows
    ]  # fmt: skip
    return {"period": found.period.code, "rows": rows, "sessions": found.sessions, "total": found.total}


@api.get(
    "/income/lines", "listIncomeLines", query=shapes.IncomeLineQuery, gives=page_of(shapes.EntryOut), allows=oversees
)
def list_income_lines(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """The entries behind a figure of `getIncome`, newest first."""
    found = income.lines(query["period"], query["venue_id"], query["applicant_class"])
    return paged(session, found, query, MoneyEntry.id)


@api.get("/trial-balance", "getTrialBalance", gives=shapes.TrialBalanceOut, allows=oversees)
def get_trial_balance(session: Any, person: Any) -> Any:
    """Every account's debits, credits and balance; the balances add up to nothing."""
    accounts = income.trial_balance(session)
    items = [
        {"code": each.code, "debit": each.debit, "credit": each.credit, "balance": each.balance} for each in accounts
    ]
    return {"items": items, "difference": sum(each.balance for each in accounts), "next": None}


@api.get("/holdings", "listHoldings", gives=shapes.HoldingsOut, allows=oversees)
def list_holdings(session: Any, person: Any) -> Any:
    """Whose deposits and refunds the house holds now."""
    found = list(income.holdings(session))
    items = [
        {"booking_id": h.booking.id, "agency_id": h.booking.agency_id, "deposit": h.deposit, "to_return": h.to_return}
        for h in found
    ]
    sums = {"deposits": sum(h.deposit for h in found), "to_return": sum(h.to_return for h in found)}
    return {"items": items, **sums, "next": None}


@api.post("/remittances", "remitIncome", takes=shapes.Remit, gives=shapes.RemittanceOut, status=201, allows=decides)
def remit_income(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Pay all income up to a day to the treasury under a document number; each entry once (S-17)."""
    return treasury.remit(session, person, now(), **data)


@api.get("/remittances", "listRemittances", gives=shapes.RemittancesOut, allows=oversees)
def list_remittances(session: Any, person: Any) -> Any:
    """All payments to the treasury, the newest first."""
    return {"items": treasury.remittances(session), "next": None}
