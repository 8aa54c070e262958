"""Shapes of the driver's phone: a tap told later, and a passenger's signature."""

from common.schemas import Choice, Dict, Id, Instant, Schema, String
from common.words import Words
from fleet.schemas.taken import DeclineTrip, FinishTrip, StartTrip
from fleet.signing import LONGEST_DRAWING


class ActIn(Schema):
    """One tap, as the phone sends it."""

    key = String(required=True, min_length=8, max_length=60, metadata={"label": Words("識別碼", "Key")})
    trip_id = Id(required=True, metadata={"label": Words("行程", "Trip")})
    what = Choice(
        ("accept", "decline", "start", "finish", "sign", "seen"),
        required=True,
        metadata={"label": Words("動作", "Act")},
    )
    told_at = Instant(required=True, metadata={"label": Words("登錄時間", "Time of the tap")})
    sent_at = Instant(required=True, metadata={"label": Words("送出時間", "Time of sending")})
    vehicle_id = Id(load_default=None, allow_none=True, metadata={"label": Words("看到的車", "Car seen")})
    starts_at = Instant(
        load_default=None, allow_none=True, metadata={"label": Words("看到的出發時間", "Departure seen")}
    )
    data = Dict(load_default=dict, metadata={"label": Words("內容", "Content")})


class Nothing(Schema):
    """An act that needs no more than the tap."""


class SignTrip(Schema):
    """A passenger's signature: the name, and maybe what a finger drew."""

    name = String(
        required=True,
        max_length=60,
        metadata={
            "label": Words("乘客姓名", "Passenger’s name"),
            "ask": Words("請填寫乘客姓名", "Enter the passenger’s name"),
        },
    )
    drawing = String(
        load_default=None, allow_none=True, max_length=LONGEST_DRAWING, metadata={"label": Words("簽名", "Signature")}
    )


DATA: dict[str, type[Schema]] = {
    "accept": Nothing,
    "decline": DeclineTrip,
    "start": StartTrip,
    "finish": FinishTrip,
    "sign": SignTrip,
    "seen": Nothing,
}
"""What each act says beside the tap."""
