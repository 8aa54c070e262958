"""Shapes of the gate's list."""

from common.schemas import Choice, Schema, String
from common.words import Words
from fleet.terms import GATE_WAYS


class TickForm(Schema):
    """A car passes the gate; `note` says what did not agree with its order (V-28)."""

    way = Choice(GATE_WAYS, required=True, metadata={"label": Words("出場或進場", "Out or in")})
    note = String(load_default=None, max_length=100, metadata={"label": Words("不符之處", "What did not agree")})
