"""Things lent by the count: what is free, asking, deciding, handing out, taking back, the stock."""

from typing import Any

from common.period import today
from common.schemas import page_of
from common.web import now, paged, signed_in
from venues import lending, loans
from venues.api.door import api, applies, decides
from venues.ground_rules import find
from venues.models import LentThing, Loan
from venues.schemas import loans as shapes


@api.get("/lent-things", "listLentThings", query=shapes.LentThingQuery, gives=shapes.LentThingsOut, allows=signed_in)
def list_lent_things(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """What is lent, how many there are, and how many are free throughout some days (today, unless told)."""
    first = query["starts_on"] or today(now())
    last = max(query["ends_on"] or first, first)
    things = lending.things(session)
    return {"items": [_thing(session, thing, first, min(last, _year_on(first))) for thing in things], "next": None}


@api.post(
    "/lent-things", "addLentThing", takes=shapes.AddLentThing, gives=shapes.LentThingOut, status=201, allows=decides
)
def add_lent_thing(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """A new kind of thing, and how many there are from a day on."""
    thing = lending.add_thing(session, person, now(), **data)
    return _thing(session, thing, today(now()), today(now()))


@api.post(
    "/lent-things/<int:lent_thing_id>/stock", "setLentStock", takes=shapes.SetLentStock, gives=shapes.LentThingOut,
    allows=decides,
)  # fmt: skip
def set_lent_stock(session: Any, person: Any, lent_thing_id: int, data: dict[str, Any]) -> Any:
    """How many there are from a day on; never fewer than are promised."""
    thing = lending.set_stock(session, person, now(), lent_thing_id, **data)
    return _thing(session, thing, data["valid_from"], data["valid_from"])


@api.post("/loans", "requestLoan", takes=shapes.RequestLoan, gives=shapes.LoanOut, status=201, allows=applies)
def request_loan(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Ask to borrow things from one day to another; they are promised from now on, first come, first served (V4)."""
    return loans.request(session, person, now(), **data)


@api.get("/loans", "listLoans", query=shapes.LoanQuery, gives=page_of(shapes.LoanOut), allows=signed_in)
def list_loans(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """The loans this person may see, newest first."""
    found = loans.visible(person)
    if query["status"]:
        found = found.where(Loan.status == query["status"])
    return paged(session, found, query, Loan.id)


@api.get("/loans/<int:loan_id>", "getLoan", gives=shapes.LoanOut, allows=signed_in)
def get_loan(session: Any, person: Any, loan_id: int) -> Any:
    """One loan."""
    return find(session, Loan, loan_id, person)


@api.post("/loans/<int:loan_id>/approve", "approveLoan", takes=shapes.ApproveLoan, gives=shapes.LoanOut, allows=decides)
def approve_loan(session: Any, person: Any, loan_id: int, data: dict[str, Any]) -> Any:
    """Approve a request; who asked is told."""
    return loans.decide(session, person, now(), loan_id, approve=True, **data)


@api.post("/loans/<int:loan_id>/reject", "rejectLoan", takes=shapes.RejectLoan, gives=shapes.LoanOut, allows=decides)
def reject_loan(session: Any, person: Any, loan_id: int, data: dict[str, Any]) -> Any:
    """Reject a request for a reason; its things are free again."""
    return loans.decide(session, person, now(), loan_id, approve=False, **data)


@api.post("/loans/<int:loan_id>/cancel", "cancelLoan", takes=shapes.CancelLoan, gives=shapes.LoanOut, allows=signed_in)
def cancel_loan(session: Any, person: Any, loan_id: int, data: dict[str, Any]) -> Any:
    """Call a loan off before anything was handed out."""
    return loans.cancel(session, person, now(), loan_id, **data)


@api.post(
    "/loans/<int:loan_id>/hand-out", "handOutLoan", takes=shapes.HandOutLoan, gives=shapes.LoanOut, allows=decides
)
def hand_out_loan(session: Any, person: Any, loan_id: int, data: dict[str, Any]) -> Any:
    """Write down how many of each thing were handed out."""
    return loans.hand_out(session, person, now(), loan_id, counts=data["items"], rev=data["rev"])


@api.post(
    "/loans/<int:loan_id>/take-back", "takeBackLoan", takes=shapes.TakeBackLoan, gives=shapes.LoanOut, allows=decides
)
def take_back_loan(session: Any, person: Any, loan_id: int, data: dict[str, Any]) -> Any:
    """Write down what came back: whole, damaged, missing. Damaged and missing ones leave the stock."""
    return loans.take_back(session, person, now(), loan_id, **data)


def _year_on(day: Any) -> Any:
    return day.fromordinal(day.toordinal() + 366)


def _thing(session: Any, thing: LentThing, first: Any, last: Any) -> dict[str, Any]:
    names = ("id", "code", "name", "name_en", "unit", "most", "active", "rev")
    told = {name: getattr(thing, name) for name in names}
    late = lending.late(session, thing.id, now())
    return told | {
        "stock": thing.stock_on(first),
        "free": lending.free(session, thing, first, last, now()),
        "overdue": late,
    }
