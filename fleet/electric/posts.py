"""What the posts themselves report, and what is made of it: connection, status, transactions, meters, overstay.

Called by the charge-point process, each report in a transaction of its own. A report that comes twice (a post repeats
what it got no answer to) changes nothing the second time; one that comes late, after an outage, counts at the time it
happened. The energy of a session goes into the energy accounts when it ends (`energy.record_charged`).
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Conflict, Forbidden, NotFound
from common.identity import Person
from common.messages import post as tell
from common.period import Period
from common.reservations import Taken
from common.words import Words
from fleet import energy, rules
from fleet.electric import charging
from fleet.messages import ChargingOverstayed
from fleet.models import Charger, ChargingSession, ChargingSlot, Driver, Trip, Vehicle
from fleet.terms import CHARGER_CONDITIONS
from fleet.trips import find

EARLY = timedelta(minutes=30)
"""A car may be plugged in this long before its slot and still be taken for it."""
WALK_IN = timedelta(hours=3)
SYSTEM = 0
"""Who booked a walk-in's slot: nobody; the car was simply plugged in."""
FULL_PERCENT = 99


@dataclass(frozen=True)
class Condition:
    """How a post is right now: a key of terms.CHARGER_CONDITIONS, and the session at it, if any."""

    code: str
    session: ChargingSession | None

    @property
    def words(self) -> Words:
        return CHARGER_CONDITIONS[self.code][0]

    @property
    def tone(self) -> str:
        return CHARGER_CONDITIONS[self.code][1]


def conditions(session: Session, posts: Iterable[Charger], now: datetime) -> dict[int, Condition]:
    """How each of these posts is now: faulty, offline, overstayed, charging (by its meter, else by its booking), or free."""
    found = list(posts)
    limit = timedelta(minutes=rules.in_force(session, now)["ev.overstay_minutes"])
    open_ = {each.charger_id: each for each in plugged(session)}
    booked = {slot.charger_id for slot in charging.slots_within(session, Period(now, now + timedelta(seconds=1)))}
    out = {}
    for post in found:
        at = open_.get(post.id)
        full_for = at.full_for(now) if at else None
        if not post.usable:
            code = "faulty"
        elif full_for is not None and full_for >= limit:
            code = "overstay"
        elif post.offline:
            code = "offline"
        elif at and at.ended_at is None or (post.protocol is None and post.id in booked):
            code = "charging"
        else:
            code = "available"
        out[post.id] = Condition(code, at)
    return out


def plugged(session: Session) -> list[ChargingSession]:
    """The sessions whose car still stands at its post, the newest last."""
    return list(
        session.scalars(
            select(ChargingSession).where(ChargingSession.unplugged_at.is_(None)).order_by(ChargingSession.id)
        )
    )


# --- who may speak ----------------------------------------------------------------------------------------------


def renew_secret(session: Session, person: Person, now: datetime, charger_id: int, *, secret: str | None = None) -> str:
    """Give a post a new password for its connection and return it, once; only its hash is kept. Raises Forbidden."""
    if not person.has("admin", "dispatcher"):
        raise Forbidden
    charger = find(session, Charger, charger_id)
    made = secret or secrets.token_urlsafe(24)
    charger.secret_hash = _hashed(made)
    session.flush()
    audit.record(session, person, "charger.secret_renewed", f"charger/{charger.id}", now)
    return made


def known(session: Session, code: str, secret: str) -> bool:
    """Whether a post of this code has this password."""
    charger = session.scalars(select(Charger).where(Charger.code == code)).one_or_none()
    kept = charger.secret_hash if charger else None
    return hmac.compare_digest(kept or _hashed(secrets.token_hex(8)), _hashed(secret)) and kept is not None


def _hashed(secret: str) -> str:
    """Secrets are long and random, so one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def at(session: Session, code: str) -> Charger:
    """The post of this code. Raises NotFound."""
    charger = session.scalars(select(Charger).where(Charger.code == code)).one_or_none()
    if charger is None:
        raise NotFound
    return charger


# --- connection and status --------------------------------------------------------------------------------------


def connected(session: Session, now: datetime, code: str, protocol: str) -> None:
    """The post opened its connection."""
    charger = at(session, code)
    charger.connected, charger.protocol, charger.seen_at = True, protocol, now


def gone(session: Session, now: datetime, code: str) -> None:
    """Its connection closed, or it was not heard for too long. What it charges goes on; what it meters comes later."""
    charger = at(session, code)
    charger.connected, charger.seen_at = False, now


def all_gone(session: Session) -> None:
    """Nobody is connected: the charge-point process has just begun."""
    for charger in session.scalars(select(Charger).where(Charger.connected)):
        charger.connected = False


def heard(session: Session, now: datetime, code: str) -> None:
    """It said something."""
    at(session, code).seen_at = now


def status(session: Session, now: datetime, code: str, reported: str, fault: str | None = None) -> None:
    """The connector's own word: `Available`, `Occupied`, `Charging`, `Faulted`, … A fault takes the post out of service.

    The post itself can end a fault that it reported itself, not one that people wrote down. Free again means unplugged.
    """
    charger = at(session, code)
    own = charger.reported == "Faulted"
    charger.reported, charger.seen_at = reported[:20], now
    if reported == "Faulted" and charger.state != "faulty":
        charger.state, charger.fault = "faulty", (fault or "Faulted")[:80]
        audit.record(
            session, None, "charger.state", f"charger/{charger.id}", now, after={"state": "faulty"}, reason=fault or ""
        )
    elif reported != "Faulted" and own and charger.state == "faulty":
        charger.state, charger.fault = "in_service", None
        audit.record(session, None, "charger.state", f"charger/{charger.id}", now, after={"state": "in_service"})
    if reported == "Available":
        for each in open_at(session, charger):
            each.unplugged_at = now
            each.ended_at = each.ended_at or now


def tag_known(session: Session, tag: str) -> Vehicle | None:
    """The car whose card this is: its plate. None for a stranger's."""
    plate = tag.strip().upper()
    return session.scalars(select(Vehicle).where(Vehicle.plate == plate, Vehicle.state != "retired")).one_or_none()


# --- transactions -----------------------------------------------------------------------------------------------


def started(
    session: Session, now: datetime, code: str, *, reference: str | None, tag: str, meter_wh: int, started_at: datetime
) -> ChargingSession:
    """A transaction began at `started_at`. The same one reported again is the same row.

    A post of OCPP 1.6 has no number of its own: then the start itself tells one from another, and the row's id becomes
    its number. It belongs to the slot booked for this car there and then; without one the rest of the free time is
    booked for it, as far as nobody else has it.
    """
    charger = at(session, code)
    reference = reference or f"{started_at.isoformat()}|{meter_wh}"[:40]
    known_ = session.scalars(
        select(ChargingSession).filter_by(charger_id=charger.id, reference=reference)
    ).one_or_none()
    if known_ is not None:
        return known_
    for left in open_at(session, charger):  # the post forgot to say that it ended
        left.unplugged_at = left.ended_at = left.ended_at or started_at
    vehicle = tag_known(session, tag)
    slot = _slot_for(session, charger, vehicle, started_at, now) if vehicle else None
    row = ChargingSession(
        charger=charger, vehicle=vehicle, slot=slot, reference=reference, started_at=started_at, meter_start_wh=meter_wh,
        meter_wh=meter_wh, meter_at=started_at,
    )  # fmt: skip
    session.add(row)
    charger.seen_at = now
    session.flush()
    return row


def metered(
    session: Session, now: datetime, row: ChargingSession, *, meter_wh: int | None, percent: int | None, at_: datetime
) -> None:
    """A reading of meter (Wh) and, where the post tells it, of the battery (percent). Older readings change nothing."""
    if at_ < row.meter_at:
        return
    row.meter_at = at_
    if meter_wh is not None:
        row.meter_wh = max(row.meter_wh, meter_wh)
    if percent is not None:
        row.percent = max(0, min(100, percent))
        if row.vehicle:
            row.vehicle.read_charge(row.percent, "post", at_)
        target = row.slot.target_percent if row.slot else FULL_PERCENT
        if row.full_at is None and row.percent >= min(target, FULL_PERCENT):
            row.full_at = at_
    row.charger.seen_at = now


def suspended(session: Session, now: datetime, code: str) -> None:
    """The car takes no more (`SuspendedEV`): it is full, and waits to be unplugged."""
    for row in open_at(session, at(session, code)):
        row.full_at = row.full_at or now


def ended(session: Session, now: datetime, row: ChargingSession, *, meter_wh: int | None, ended_at: datetime) -> None:
    """The transaction is over; the rest of its slot is free from now on. Told again it changes nothing."""
    if row.ended_at is not None:
        return
    row.ended_at = max(ended_at, row.started_at)
    row.meter_wh = max(row.meter_wh, meter_wh or 0)
    if row.vehicle_id is not None and row.meter_wh > row.meter_start_wh:
        energy.record_charged(
            session, row.vehicle_id, Decimal(row.meter_wh - row.meter_start_wh) / 1000, row.ended_at, f"ocpp:{row.id}"
        )
    row.charger.seen_at = now
    slot = row.slot
    if slot and slot.state == "booked" and slot.starts_at < now < slot.ends_at and slot.booked_by_id == SYSTEM:
        reservations.release(session, slot.holder, from_=now)


def of(session: Session, code: str, reference: str) -> ChargingSession | None:
    """The session of this number at this post; for OCPP 1.6 the number is the row's id."""
    charger = at(session, code)
    found = session.scalars(select(ChargingSession).filter_by(charger_id=charger.id, reference=reference)).one_or_none()
    if found is None and reference.isdecimal() and len(reference) < 18:
        row = session.get(ChargingSession, int(reference))
        found = row if row is not None and row.charger_id == charger.id else None
    return found


def open_at(session: Session, charger: Charger) -> list[ChargingSession]:
    """The sessions whose car stands at this post: one, unless it forgot to report an end."""
    rows = select(ChargingSession).where(
        ChargingSession.charger_id == charger.id, ChargingSession.unplugged_at.is_(None)
    )
    return list(session.scalars(rows))


def _slot_for(
    session: Session, charger: Charger, vehicle: Vehicle, started_at: datetime, now: datetime
) -> ChargingSlot | None:
    """The slot this plugging-in is for; else one made for a walk-in, unless others have the time."""
    mine = select(ChargingSlot).where(
        ChargingSlot.charger_id == charger.id, ChargingSlot.vehicle_id == vehicle.id, ChargingSlot.state == "booked",
        ChargingSlot.starts_at <= started_at + EARLY, ChargingSlot.ends_at > started_at,
    )  # fmt: skip
    if slot := session.scalars(mine.order_by(ChargingSlot.starts_at)).first():
        return slot
    first, last = charging.quarter(started_at), charging.quarter(started_at + WALK_IN)
    taken = reservations.taken(session, [charger.resource, vehicle.resource], Period(first, last), now)
    ahead = [each.period.starts_at for each in taken if each.period.starts_at > started_at]
    until = charging.quarter(min([last, *ahead]))
    if not vehicle.electric or until <= started_at or any(each.period.contains(started_at) for each in taken):
        return None
    slot = ChargingSlot(
        charger=charger, vehicle=vehicle, booked_by_id=SYSTEM, starts_at=first, ends_at=until, target_percent=90,
        changed_at=now, reserve="accepted", state="booked",
    )  # fmt: skip
    charging.predict(session, slot, now)
    session.add(slot)
    session.flush()
    try:
        with session.begin_nested():
            reservations.claim(session, slot.holder, charging.wants(slot), now=now)
    except Taken:  # somebody was quicker: the car charges all the same, without a booking
        slot.state = "cancelled"
        return None
    return slot


# --- overstay ---------------------------------------------------------------------------------------------------


def overstaying(session: Session, now: datetime) -> list[ChargingSession]:
    """Cars that are full (or done) and still stand at the post for longer than `ev.overstay_minutes` (V-75)."""
    limit = timedelta(minutes=rules.in_force(session, now)["ev.overstay_minutes"])
    done = or_(ChargingSession.full_at.is_not(None), ChargingSession.ended_at.is_not(None))
    rows = select(ChargingSession).where(ChargingSession.unplugged_at.is_(None), done)
    return [each for each in session.scalars(rows) if (each.full_for(now) or timedelta()) >= limit]


class NobodyToTell(Conflict):
    """No driver is known for this car."""


def tell_driver(session: Session, person: Person, now: datetime, session_id: int) -> ChargingSession:
    """〔通知駕駛〕: ask whoever plugged the car in, or drove it last, to clear the post. Raises Forbidden, NotFound, NobodyToTell."""
    if not person.has("dispatcher", "admin"):
        raise Forbidden
    row = find(session, ChargingSession, session_id)
    if not row.plugged or row.vehicle is None:
        raise NotFound
    who = _keeper_of(session, row)
    if who is None:
        raise NobodyToTell(
            Words("找不到這輛車的駕駛，請以電話聯絡。", "No driver is known for this car; please phone.")
        )
    full = row.full_for(now) or timedelta()
    row.told_at = now
    tell(
        session, ChargingOverstayed, subject=f"charging_session/{row.id}", now=now, session_id=row.id,
        charger_code=row.charger.code, vehicle_label=row.vehicle.plate, person_id=who, minutes=int(full / timedelta(minutes=1)),
    )  # fmt: skip
    audit.record(
        session, person, "charging.driver_told", f"charging_session/{row.id}", now, after={"vehicle": row.vehicle.plate}
    )
    session.flush()
    return row


def _keeper_of(session: Session, row: ChargingSession) -> int | None:
    """The person to ask: the driver of the car's last trip before, else who booked the slot."""
    last = (
        select(Driver.person_id).join(Trip, Trip.driver_id == Driver.id)
        .where(Trip.vehicle_id == row.vehicle_id, Trip.starts_at <= row.started_at, Trip.status != "cancelled")
        .order_by(Trip.starts_at.desc())
    )  # fmt: skip
    found = session.scalars(last.limit(1)).first()
    return found or (row.slot.booked_by_id or None if row.slot else None)
