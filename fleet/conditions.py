"""What a request must satisfy, and when it is urgent or a cancellation late. Each value is a dated parameter."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from common.errors import FieldError, Invalid
from common.period import Period, local, today
from common.words import Words
from fleet import rules
from fleet.models import Trip
from fleet.terms import KINDS


def check(
    session: Session, now: datetime, *, late_entry: bool = False, before: Trip | None = None, **asked: Any
) -> None:
    """Raises Invalid naming every field that cannot stand. `before` is the trip as it was: only a new time is measured anew."""
    errors: list[FieldError] = []
    starts_at, ends_at = asked["starts_at"], asked["ends_at"]
    if not starts_at < ends_at:
        errors.append(FieldError("ends_at", Words("回程時間要晚於出發時間", "Return must be after departure")))
    else:
        Period(starts_at, ends_at)
        moved = before is None or (before.starts_at, before.ends_at) != (starts_at, ends_at)
        if moved and not late_entry:
            errors += _time_errors(rules.in_force(session, now), now, starts_at, ends_at, asked.get("urgent_reason"))
    errors += seat_errors(asked["passengers"], asked.get("needs_driver", True), asked.get("vehicle_kind"))
    if errors:
        raise Invalid.many(errors)


def _time_errors(
    rule: rules.Rules, now: datetime, starts_at: datetime, ends_at: datetime, urgent: str | None
) -> list[FieldError]:
    day = today(now)
    if starts_at < now:
        return [
            FieldError(
                "starts_at",
                Words("出發時間已經過了；事後補登請用補單", "Departure has passed; use a late entry instead"),
            )
        ]
    errors = []
    ahead, longest = rule["dispatch.max_days_ahead"], rule["dispatch.max_trip_days"]
    if (local(starts_at).date() - day).days > ahead:
        words = Words("最多可申請 {n} 天內的用車", "Cars can be asked for {n} days ahead at most").fill(n=ahead)
        errors.append(FieldError("starts_at", words))
    if ends_at - starts_at > timedelta(days=longest):
        errors.append(
            FieldError("ends_at", Words("一趟最長 {n} 天", "A trip may last {n} days at most").fill(n=longest))
        )
    if is_urgent(rule, now, starts_at) and not urgent:
        words = Words(
            "距用車不到 {n} 天，將列為緊急申請，請寫明原因。",
            "Less than {n} days ahead: this becomes an urgent request. Say why.",
        )
        errors.append(FieldError("urgent_reason", words.fill(n=rule["dispatch.lead_days"])))
    return errors


def seat_errors(passengers: int, needs_driver: bool, kind: str | None) -> list[FieldError]:
    """Whether any car, and one of the kind asked for, seats them all; more than fit one car are asked for twice (V-33)."""
    driver = 1 if needs_driver else 0
    most = max(each.seats for each in KINDS.values()) - driver
    if passengers > most:
        words = Words("一輛車最多坐 {n} 人，請分兩筆申請", "One car takes {n} people at most; send two requests").fill(
            n=most
        )
        return [FieldError("passengers", words)]
    if kind and passengers + driver > KINDS[kind].seats:
        words = Words("{kind}坐不下 {n} 人", "A {kind} does not seat {n}").fill(kind=KINDS[kind].words, n=passengers)
        return [FieldError("vehicle_kind", words)]
    return []


def is_urgent(rule: rules.Rules, now: datetime, starts_at: datetime) -> bool:
    """Whether it is asked for later than the lead time allows (V-16); calendar days."""
    return (local(starts_at).date() - today(now)).days < rule["dispatch.lead_days"]


def is_late(session: Session, trip: Trip, now: datetime) -> bool:
    """Whether cancelling now counts as late (V-45)."""
    return now > trip.starts_at - timedelta(hours=rules.in_force(session, now)["dispatch.late_cancel_hours"])


def needs_new_decision(trip: Trip, new: dict[str, Any]) -> bool:
    days = [
        (local(start).date(), local(end).date())
        for start, end in ((trip.starts_at, trip.ends_at), (new["starts_at"], new["ends_at"]))
    ]
    return days[0] != days[1] or trip.purpose_code != new["purpose_code"]
