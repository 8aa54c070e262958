"""Counters let by contract: the list with what is due, one contract with its months, files."""

from typing import Any

from common.period import today
from common.web import flash, form_data, now, redirect_to, render
from common.web.tables import table_file
from common.words import Words
from venues import contracts, figures
from venues.ground_rules import find
from venues.models import Contract
from venues.pages.door import decides, desk_pages, oversees
from venues.schemas import contracts as shapes
from venues.terms import CONTRACT_STATES, CONTRACT_TONES

pages = desk_pages("contracts")


@pages.get("/contracts", allows=oversees)
def show_contracts(session: Any, person: Any) -> Any:
    """Every counter and who has it; renewals that fall due and rent that is open stand first."""
    day = today(now())
    found = contracts.contracts(session)
    standing = [each for each in found if each.state(day) != "ended"]
    owed = {each.id: contracts.owed(each, day) for each in found}
    counters = contracts.counters(session)
    let = {each.counter_id for each in standing if each.starts_on <= day}
    return render(
        "venues/contracts.html", day=day, standing=standing, owed=owed, states=CONTRACT_STATES, tones=CONTRACT_TONES,
        counters=counters, empty=[each for each in counters if each.id not in let],
        notice=[each for each in standing if each.state(day) == "notice"],
        open=[each for each in found if owed[each.id] > 0], ended=[each for each in found if each.state(day) == "ended"],
        rents=sum(each.rent for each in standing if each.starts_on <= day), keeper=decides.passes(person),
        notice_days=figures.row_on(session, "contract.notice_days", day),
    )  # fmt: skip


@pages.post("/contracts", allows=decides, again=show_contracts)
def make_contract(session: Any, person: Any) -> Any:
    """A new contract."""
    contract = contracts.make(session, person, now(), **form_data(shapes.MakeContract))
    return _done(Words("已登記契約", "The contract is entered"), contract.id)


@pages.get("/contracts/<int:contract_id>", allows=oversees)
def show_contract(session: Any, person: Any, contract_id: int) -> Any:
    """One contract: its months, the rent that came in, and what may be done."""
    contract, day = find(session, Contract, contract_id), today(now())
    state = contract.state(day)
    months = contracts.months_due(contract, day)
    due = next((each.month for each in months if each.open > 0), None)
    return render(
        "venues/contract.html", contract=contract, day=day, state=state, states=CONTRACT_STATES, tones=CONTRACT_TONES,
        months=months, owed=contracts.owed(contract, day), keeper=decides.passes(person), due=due,
        may_renew=not contract.followed_by and not contract.ended_on and state != "ended",
    )  # fmt: skip


@pages.post("/contracts/<int:contract_id>/rents", allows=decides, again=show_contract)
def record_rent(session: Any, person: Any, contract_id: int) -> Any:
    """Rent came in."""
    contracts.record_rent(session, person, now(), contract_id, **form_data(shapes.RecordRent))
    return _done(Words("已登記租金", "The rent is recorded"), contract_id)


@pages.post("/contracts/<int:contract_id>/renew", allows=decides, again=show_contract)
def renew(session: Any, person: Any, contract_id: int) -> Any:
    """The same party goes on."""
    contract = contracts.renew(session, person, now(), contract_id, **form_data(shapes.RenewContract))
    return _done(Words("已續約，這是新的契約。", "Renewed; this is the new contract."), contract.id)


@pages.post("/contracts/<int:contract_id>/end", allows=decides, again=show_contract)
def end(session: Any, person: Any, contract_id: int) -> Any:
    """It ends early."""
    contracts.end(session, person, now(), contract_id, **form_data(shapes.EndContract))
    return _done(Words("已登記提前終止", "The early end is entered"), contract_id)


def _done(said: Words, contract_id: int) -> Any:
    flash(said)
    return redirect_to(".show_contract", contract_id=contract_id)


HEADS = (
    Words("契約", "Contract"), Words("櫃位", "Counter"), Words("承租人", "Party"), Words("統一編號", "Business no."),
    Words("起租日", "From"), Words("到期日", "Until"), Words("狀態", "State"), Words("月租金（元）", "Rent a month, NT$"),
    Words("保證金（元）", "Deposit, NT$"), Words("洽續約日", "Renewal from"), Words("已收租金（元）", "Rent received, NT$"),
    Words("未收租金（元）", "Rent open, NT$"),
)  # fmt: skip


@pages.get("/contracts.<any(csv,ods):form>", allows=oversees)
def download_contracts(session: Any, person: Any, form: str) -> Any:
    """All contracts as a file."""
    day = today(now())
    rows = [
        [
            each.number, each.counter.label.zh, each.party, each.party_number, each.starts_on, each.last_day,
            CONTRACT_STATES[each.state(day)].zh, each.rent, each.deposit, each.notice_on, contracts.total_in(each.rents),
            contracts.owed(each, day),
        ]
        for each in contracts.contracts(session)
    ]  # fmt: skip
    return table_file(form, f"contracts-{day}", Words("櫃位契約", "Counter contracts"), HEADS, rows)
