"""Slots at the charging posts: a post and a car are taken together on the ledger, or not at all."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import Period, local
from common.reservations import Taken, TakenBy, Want
from common.words import Words
from fleet import holding, rules
from fleet.electric import state_of_charge
from fleet.electric.charging_rows import drop
from fleet.models import Charger, ChargingSlot, Trip, Vehicle
from fleet.models.charging import STEP
from fleet.plans.dispatch import clock_range
from fleet.terms import CHARGER_STATES
from fleet.trips import find

KEEPERS = ("dispatcher", "driver", "admin")
"""Who plugs cars in and may book a post."""


class SlotTaken(Conflict):
    """The post or the car is taken at that time, or the post is out of order."""


def chargers(session: Session) -> list[Charger]:
    """Every post, by code."""
    return list(session.scalars(select(Charger).order_by(Charger.code)))


def slots_within(session: Session, period: Period) -> list[ChargingSlot]:
    """The booked slots that touch `period`, in order of start."""
    rows = select(ChargingSlot).where(
        ChargingSlot.state == "booked", ChargingSlot.starts_at < period.ends_at, ChargingSlot.ends_at > period.starts_at
    )
    return list(session.scalars(rows.order_by(ChargingSlot.starts_at, ChargingSlot.id)))


def book(
    session: Session,
    person: Person,
    now: datetime,
    *,
    charger_id: int,
    vehicle_id: int,
    starts_at: datetime,
    ends_at: datetime,
    target_percent: int,
    need_by: datetime | None = None,
    plan: list[float] | None = None,
) -> ChargingSlot:
    """Take a post for an electric car, at most `ev.bay_max_hours` (V-75). Raises Invalid, SlotTaken, Forbidden.

    `plan` is the power (kW) of each quarter of an hour; without one the car draws what it can.
    """
    if not person.has(*KEEPERS):
        raise Forbidden
    holding.alone(session)
    vehicle = find(session, Vehicle, vehicle_id)
    slot = draft(
        session, person, now, vehicle, charger_id=charger_id, starts_at=starts_at, ends_at=ends_at, target_percent=target_percent
    )  # fmt: skip
    slot.need_by, slot.plan = need_by, plan
    predict(session, slot, now)
    session.add(slot)
    session.flush()
    take(session, slot, now)
    audit.record(
        session, person, "charging.booked", f"charging_slot/{slot.id}", now, after={"charger": slot.charger.code, "vehicle": vehicle.plate}
    )  # fmt: skip
    return slot


def draft(
    session: Session,
    person: Person,
    now: datetime,
    vehicle: Vehicle,
    *,
    charger_id: int,
    starts_at: datetime,
    ends_at: datetime,
    target_percent: int,
) -> ChargingSlot:
    """A slot that satisfies the rules, not yet written nor claimed. Raises Invalid, SlotTaken (a faulty post)."""
    period, charger = Period(starts_at, ends_at), find(session, Charger, charger_id)
    check_time(session, now, period)
    if not vehicle.electric:
        raise Invalid(
            Words("{plate} 不是電動車", "{plate} is not electric").fill(plate=vehicle.plate), field="vehicle_id"
        )
    check_post(charger)
    return ChargingSlot(
        charger=charger, vehicle=vehicle, booked_by_id=person.id, starts_at=period.starts_at, ends_at=period.ends_at,
        target_percent=target_percent, changed_at=now, reserve="", state="booked",
    )  # fmt: skip


def check_time(session: Session, now: datetime, period: Period) -> None:
    """Raises Invalid for a time that has passed, is off the quarter hour or longer than V-75 allows."""
    most = rules.in_force(session, now)["ev.bay_max_hours"]
    if period.ends_at <= now:
        raise Invalid(Words("這段時間已經過了", "That time has passed"), field="ends_at")
    for field, moment in (("starts_at", period.starts_at), ("ends_at", period.ends_at)):
        if moment != quarter(moment):
            raise Invalid(Words("時間以 15 分鐘為單位", "Times go by quarters of an hour"), field=field)
    if period.duration > timedelta(hours=most):
        raise Invalid(Words("一次最多充 {n} 小時", "{n} hours at most").fill(n=most), field="ends_at")


def check_post(charger: Charger) -> None:
    """Raises SlotTaken for a post that cannot be booked."""
    if not charger.usable:
        raise SlotTaken(Words("{code} 故障中", "{code} is out of order").fill(code=charger.code), field="charger_id")


def quarter(moment: datetime, *, up: bool = False) -> datetime:
    """The quarter of an hour that holds `moment`, or with `up` the next one unless `moment` is one."""
    down = moment - timedelta(
        minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond
    )  # fmt: skip
    return down + STEP if up and down < moment else down


def wants(slot: ChargingSlot) -> list[Want]:
    """What the ledger has to hold for it: the post and the car."""
    return [(slot.charger.resource, slot.period), (slot.vehicle.resource, slot.period)]


def take(session: Session, slot: ChargingSlot, now: datetime) -> None:
    """Claim post and car for a written slot; what is only promised of the car passes on where it can (decision 0013).

    Raises SlotTaken with who stands in the way."""
    holding.make_way(session, now, slot.vehicle, slot.period)
    try:
        reservations.claim(session, slot.holder, wants(slot), now=now)
    except Taken as taken:
        raise taken_words(taken.by, slot) from taken


def taken_words(by: Iterable[TakenBy], slot: ChargingSlot) -> SlotTaken:
    """The refusal in words: which of the two is taken, and when."""
    resource, when, _holder = next(iter(by), TakenBy(slot.charger.resource, slot.period, ""))
    mine = resource == slot.charger.resource
    words = Words("{name} {time} 已有安排。", "{name} is taken {time}.").fill(
        name=slot.charger.code if mine else slot.vehicle.plate, time=clock_range(when, slot.period)
    )
    return SlotTaken(words, field="charger_id" if mine else "vehicle_id")


def predict(session: Session, slot: ChargingSlot, now: datetime) -> None:
    """Write down the levels expected at the slot's start and end, in percent."""
    rule = rules.in_force(session, now)
    found = state_of_charge.outlooks(session, [slot.vehicle], slot.starts_at, now, rule, except_holder=slot.holder)
    outlook = found[slot.vehicle.id]
    start = outlook.at(max(slot.starts_at, outlook.since))
    battery, fill = outlook.battery, state_of_charge.fill_of(slot)
    end = state_of_charge.level_at(battery, start, max(slot.starts_at, outlook.since), slot.ends_at, (), [fill])
    slot.from_percent, slot.expected_percent = int(start + 1e-9), int(end + 1e-9)


def move(
    session: Session,
    person: Person,
    now: datetime,
    slot_id: int,
    *,
    charger_id: int | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    target_percent: int | None = None,
    plan: list[float] | None = None,
    rev: int | None = None,
) -> ChargingSlot:
    """Another post, another time, longer or shorter; what is left out stays. Released and claimed in one transaction.

    A session that has begun keeps its post and start and can only end sooner or later. Raises Invalid, SlotTaken,
    Forbidden, NotFound, Stale.
    """
    holding.alone(session)
    slot = _open(session, person, now, slot_id, rev)
    charger = slot.charger if charger_id is None else find(session, Charger, charger_id)
    period = Period(starts_at or slot.starts_at, ends_at or slot.ends_at)
    begun = slot.starts_at <= now
    if begun and (charger is not slot.charger or period.starts_at != slot.starts_at):
        raise SlotTaken(Words("已經開始充電，只能改結束時間", "It has begun; only its end can change"))
    check_time(session, now, period)
    if charger is not slot.charger:
        check_post(charger)
    before = {
        "charger": slot.charger.code,
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
    }
    reservations.release(session, slot.holder)
    slot.charger, slot.starts_at, slot.ends_at = charger, period.starts_at, period.ends_at
    slot.target_percent = target_percent or slot.target_percent
    slot.plan, slot.reserve, slot.changed_at = plan, "", now
    with session.no_autoflush:  # one flush, one revision
        predict(session, slot, now)
    session.flush()
    take(session, slot, now)
    after = {"charger": charger.code, "starts_at": slot.starts_at.isoformat(), "ends_at": slot.ends_at.isoformat()}
    audit.record(session, person, "charging.moved", f"charging_slot/{slot.id}", now, before=before, after=after)
    return slot


def cancel(session: Session, person: Person, now: datetime, slot_id: int, *, rev: int | None = None) -> ChargingSlot:
    """Give the slot back; a running one ends now. Raises NotFound, Forbidden, Stale, SlotTaken when it is over."""
    slot = _open(session, person, now, slot_id, rev)
    drop(session, slot, now)
    audit.record(session, person, "charging.cancelled", f"charging_slot/{slot.id}", now, before={"state": "booked"})
    return slot


def draft_for_trip(
    session: Session,
    person: Person,
    now: datetime,
    trip: Trip,
    vehicle: Vehicle,
    period: Period,
    given: Mapping[str, Any],
) -> ChargingSlot:
    """The session that is to be booked together with `trip`, written but not yet claimed: it ends before the car leaves."""
    slot = draft(session, person, now, vehicle, **given)
    if slot.ends_at > period.starts_at:
        words = Words("充電要在 {time} 出發前結束", "Charging must end before departure at {time}")
        raise Invalid(words.fill(time=local(period.starts_at).strftime("%H:%M")), field="charging.ends_at")
    slot.trip_id, slot.need_by = trip.id, period.starts_at
    predict(session, slot, now)
    session.add(slot)
    session.flush()
    return slot


def set_state(
    session: Session,
    person: Person,
    now: datetime,
    charger_id: int,
    state: str,
    *,
    fault: str | None = None,
    rev: int | None = None,
) -> Charger:
    """Take a post out of service, or back into it. Its booked sessions stay, and the board asks to re-plan them."""
    if not person.has("dispatcher", "admin"):
        raise Forbidden
    if state not in CHARGER_STATES:
        raise Invalid(Words("沒有這個狀態", "There is no such state"), field="state")
    charger = find(session, Charger, charger_id)
    charger.expect(rev)
    before, charger.state, charger.fault = charger.state, state, fault if state == "faulty" else None
    session.flush()
    audit.record(
        session, person, "charger.state", f"charger/{charger.id}", now, before={"state": before}, after={"state": state}, reason=fault or ""
    )  # fmt: skip
    return charger


def on_faulty_posts(session: Session, now: datetime) -> list[ChargingSlot]:
    """Booked sessions, running or to come, on posts that are out of order: they need another slot."""
    rows = (
        select(ChargingSlot).join(Charger, Charger.id == ChargingSlot.charger_id)
        .where(ChargingSlot.state == "booked", ChargingSlot.ends_at > now, Charger.state == "faulty")
    )  # fmt: skip
    return list(session.scalars(rows.order_by(ChargingSlot.starts_at)))


def _open(session: Session, person: Person, now: datetime, slot_id: int, rev: int | None) -> ChargingSlot:
    """The slot, if this person may still change it."""
    if not person.has(*KEEPERS):
        raise Forbidden
    slot = find(session, ChargingSlot, slot_id, lock=True)  # its post may answer at this very moment
    slot.expect(rev)
    if slot.state != "booked":
        raise NotFound
    if not person.has("dispatcher", "admin") and slot.booked_by_id != person.id:
        raise Forbidden
    if slot.ends_at <= now:
        raise SlotTaken(Words("這次充電已經結束", "This session is over"))
    return slot
