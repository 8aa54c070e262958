"""Counters let by contract: contracts, rent, renewals, ends."""

from typing import Any

from sqlalchemy import select

from common.period import today
from common.schemas import page_of
from common.web import has_role, now, paged
from venues import contracts
from venues.api.door import api, decides
from venues.ground_rules import find
from venues.models import SEES_ALL, Contract
from venues.schemas import contracts as shapes

oversees = has_role(*SEES_ALL)


@api.get("/contracts", "listContracts", query=shapes.ContractQuery, gives=page_of(shapes.ContractOut), allows=oversees)
def list_contracts(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """Contracts of the fixed counters and the bank branch (T-01), newest first."""
    found = select(Contract)
    if query["counter_id"]:
        found = found.where(Contract.counter_id == query["counter_id"])
    return paged(session, found, query, Contract.id)


@api.get("/contracts/<int:contract_id>", "getContract", gives=shapes.ContractWithMonthsOut, allows=oversees)
def get_contract(session: Any, person: Any, contract_id: int) -> Any:
    """One contract, its months and the rent that came in."""
    contract, day = find(session, Contract, contract_id), today(now())
    told = {name: getattr(contract, name) for name in _COLUMNS}
    months = [each._asdict() | {"open": each.open} for each in contracts.months_due(contract, day)]
    return told | {"state": contract.state(day), "months": months, "owed": contracts.owed(contract, day)}


@api.post("/contracts", "makeContract", takes=shapes.MakeContract, gives=shapes.ContractOut, status=201, allows=decides)
def make_contract(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Let a counter to a party; its time is nobody else's."""
    return contracts.make(session, person, now(), **data)


@api.post(
    "/contracts/<int:contract_id>/renew", "renewContract", takes=shapes.RenewContract, gives=shapes.ContractOut,
    status=201, allows=decides,
)  # fmt: skip
def renew_contract(session: Any, person: Any, contract_id: int, data: dict[str, Any]) -> Any:
    """The same party goes on from the day after."""
    return contracts.renew(session, person, now(), contract_id, **data)


@api.post(
    "/contracts/<int:contract_id>/end",
    "endContract",
    takes=shapes.EndContract,
    gives=shapes.ContractOut,
    allows=decides,
)
def end_contract(session: Any, person: Any, contract_id: int, data: dict[str, Any]) -> Any:
    """End a contract early; the counter is free from the day after."""
    return contracts.end(session, person, now(), contract_id, **data)


@api.post(
    "/contracts/<int:contract_id>/rents", "recordContractRent", takes=shapes.RecordRent, gives=shapes.RentOut,
    status=201, allows=decides,
)  # fmt: skip
def record_contract_rent(session: Any, person: Any, contract_id: int, data: dict[str, Any]) -> Any:
    """Write down rent that came in for a month; it is never changed, only corrected by another row."""
    return contracts.record_rent(session, person, now(), contract_id, **data)


_COLUMNS = (
    "id", "number", "counter", "party", "party_number", "starts_on", "ends_on", "ended_on", "rent", "deposit", "notice_days",
    "notice_on", "follows_id", "reason", "rev", "rents",
)  # fmt: skip
