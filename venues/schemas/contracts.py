"""Shapes of counters, contracts and the rent that comes in."""

from common.fields import BIGGEST_MONEY
from common.schemas import Choice, Date, Id, Instant, Integer, List, Money, Nested, PageQuery, Schema, String
from common.words import Words
from venues.schemas.taken import WithRev
from venues.terms import CONTRACT_STATES, COUNTER_KINDS

END = {"label": Words("到期日", "Last day"), "example": "2098-12-31"}
RENT = {"label": Words("月租金", "Rent a month"), "example": 30000}


class MakeContract(Schema):
    """A counter let to a party."""

    counter_id = Id(required=True, metadata={"label": Words("櫃位", "Counter"), "example": "1"})
    party = String(required=True, max_length=80, metadata={"label": Words("承租人", "Party"), "example": "好味咖啡"})
    party_number = String(
        load_default="", max_length=10, metadata={"label": Words("統一編號", "Business number"), "example": "12345678"}
    )
    starts_on = Date(required=True, metadata={"label": Words("起租日", "First day"), "example": "2098-01-01"})
    ends_on = Date(required=True, metadata=END)
    rent = Money(required=True, metadata=RENT)
    deposit = Money(load_default=0, metadata={"label": Words("保證金", "Deposit"), "example": 60000})
    notice_days = Integer(
        load_default=None, allow_none=True, min=0, max=730,
        metadata={"label": Words("到期前幾天洽續約", "Renewal, days before the end"), "example": 90},
    )  # fmt: skip


class RenewContract(WithRev):
    """The same party goes on."""

    ends_on = Date(required=True, metadata=END | {"example": "2099-12-31"})
    rent = Money(required=True, metadata=RENT)
    deposit = Money(
        load_default=None, allow_none=True, metadata={"label": Words("保證金", "Deposit"), "example": 60000}
    )


class EndContract(WithRev):
    """An early end."""

    ended_on = Date(required=True, metadata={"label": Words("終止日", "Last day"), "example": "2026-12-31"})
    reason = String(
        required=True, max_length=500, lines=True, metadata={"label": Words("原因", "Reason"), "example": "歇業"}
    )


class RecordRent(Schema):
    """Rent that came in for a month; a negative amount corrects."""

    month = Date(required=True, metadata={"label": Words("月份", "Month"), "example": "2026-11-01"})
    amount = Money(required=True, min=-BIGGEST_MONEY, metadata={"label": Words("金額", "Amount"), "example": 30000})
    receipt = String(
        required=True, max_length=40, metadata={"label": Words("收據號碼", "Receipt"), "example": "R-115-001"}
    )
    paid_on = Date(
        load_default=None, allow_none=True, metadata={"label": Words("收款日", "Paid on"), "example": "2026-11-05"}
    )
    note = String(load_default="", max_length=120, metadata={"label": Words("備註", "Note"), "example": ""})


class ContractQuery(PageQuery):
    """Which contracts."""

    counter_id = Id(load_default=None, metadata={"label": Words("櫃位", "Counter"), "example": "1"})


class CounterOut(Schema):
    """A place that is let by contract."""

    id = Id(required=True)
    code = String(required=True)
    kind = Choice(COUNTER_KINDS, required=True)
    name = String(required=True)
    name_en = String(required=True)


class MonthDueOut(Schema):
    """One month: what is due, what came in, what is open; whole NT$."""

    month = Date(required=True)
    due = Integer(required=True)
    paid = Integer(required=True)
    open = Integer(required=True)


class RentOut(Schema):
    """Rent that came in."""

    id = Id(required=True)
    contract_id = Id(required=True)
    month = Date(required=True)
    amount = Integer(required=True)
    receipt = String(required=True)
    paid_on = Date(required=True)
    note = String(required=True, min_length=0)
    entered_at = Instant(required=True)


class ContractOut(Schema):
    """A contract."""

    id = Id(required=True)
    number = String(required=True)
    counter = Nested(CounterOut, required=True)
    party = String(required=True)
    party_number = String(required=True, min_length=0)
    starts_on = Date(required=True)
    ends_on = Date(required=True)
    ended_on = Date(allow_none=True)
    rent = Integer(required=True)
    deposit = Integer(required=True)
    notice_days = Integer(required=True)
    notice_on = Date(required=True, metadata={"description": "from this day on the renewal is to be talked about"})
    follows_id = Id(allow_none=True)
    reason = String(required=True, min_length=0, max_length=None)
    rev = Integer(required=True)


class ContractWithMonthsOut(ContractOut):
    """A contract with its months."""

    state = Choice(CONTRACT_STATES, required=True)
    months = List(Nested(MonthDueOut), required=True)
    owed = Integer(required=True, metadata={"description": "NT$ still to come for the months that have begun"})
    rents = List(Nested(RentOut), required=True)
