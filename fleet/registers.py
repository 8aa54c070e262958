"""The registers of charging, kept by the vehicle unit: posts, known places, the site's power over the day, consumption by season.

A post or a place is corrected, with its revision and an audit entry. Figures that plans rest on are never edited: a new
set holds from a day on (today at the earliest), and only a set for the same day is put in its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import audit
from common.errors import Conflict, FieldError, Forbidden, Invalid
from common.identity import Person
from common.period import LATEST, Period, taipei, today
from common.words import Words
from fleet.electric import charging, charging_offers, site
from fleet.models import Charger, Consumption, Place, SiteWindow, Vehicle
from fleet.upkeep import KEEPERS

SITE_RULE, CONSUMPTION_RULE = "V-70", "V-76"
QUARTERS = 96
PAST = Words("只能從今天或以後的日子起", "From today or a later day only")

TWICE = Words("別人剛剛為同一天登記了，請再看一次", "Somebody has just entered that day; look again")


class Connected(Conflict):
    """A post that speaks to us signs in with its code: that cannot change under it."""

    words = Words(
        "這座樁正以這個編號連線，請先讓它離線再改編號。",
        "The post is connected under this code. Take it off line before changing it.",
    )


@dataclass(frozen=True)
class Window:
    """From a Taipei clock time on ("06:00"), until the next window of the set: kW for all posts together, and whether off-peak."""

    opens: str
    kw: int
    cheap: bool


# --- posts and places ----------------------------------------------------------------------------------------------


def save_charger(
    session: Session, person: Person, now: datetime, charger: Charger, *, rev: int | None = None, code: str, power_kw: int,
    supply: str, bay: str, state: str, fault: str | None = None,
) -> Charger:  # fmt: skip
    """Correct a post's card and put it in or out of service (with the reason). `power_kw`: what one car draws at most.

    Sessions booked from now on are held to the new power, and their levels predicted anew; those on a post out of
    service stay until the board plans them anew. Raises Invalid at the field, Connected, Forbidden, Stale.
    """
    _keeper(person)
    charger.expect(rev)
    if state == "faulty" and not fault:
        raise Invalid(Words("停用請寫明原因", "Say why it is out of service"), field="fault")
    if charger.connected and code != charger.code:
        raise Connected(field="code")
    told = {"code": code, "power_kw": power_kw, "supply": supply, "bay": bay}
    before, weaker = _values(charger, told), (power_kw, supply) != (charger.power_kw, charger.supply)
    if (state, fault) != (charger.state, charger.fault):
        charging.set_state(session, person, now, charger.id, state, fault=fault)
    _set(charger, told)
    _flush(session, "code", Words("已經有這個編號的充電樁", "There is a post with this code"))
    if weaker:
        for slot in charging.slots_within(session, Period(now, LATEST)):
            if slot.charger_id == charger.id:
                slot.plan = [min(float(kw), slot.full_kw) for kw in slot.plan] if slot.plan is not None else None
                slot.changed_at = now
                charging.predict(session, slot, now)
    _note(session, person, now, "charger.changed", f"charger/{charger.id}", before, told)
    return charger


def save_place(session: Session, person: Person, now: datetime, place: Place, **told: Any) -> Place:
    """Correct a known place: names, km one way from City Hall, where it lies (degrees, WGS 84; both or neither).

    Trips asked for already keep their estimate. Raises Invalid, Forbidden.
    """
    _keeper(person)
    if (told["latitude"] is None) != (told["longitude"] is None):
        missing = "latitude" if told["latitude"] is None else "longitude"
        raise Invalid(Words("經緯度要一起填", "Give both degrees or neither"), field=missing)
    before = _values(place, told)
    _set(place, told)
    _flush(session, "name", Words("已經有這個地點", "This place is there already"))
    _note(session, person, now, "place.changed", f"place/{place.id}", before, told)
    return place


# --- what the site may draw ----------------------------------------------------------------------------------------


def windows_on(session: Session, day: date) -> list[SiteWindow]:
    """The windows in force on one Taipei day, in order of the clock."""
    newest = session.scalar(
        select(SiteWindow.valid_from).where(SiteWindow.valid_from <= day).order_by(SiteWindow.valid_from.desc())
    )
    return list(session.scalars(select(SiteWindow).where(SiteWindow.valid_from == newest).order_by(SiteWindow.opens)))


def window_sets(session: Session) -> dict[date, list[SiteWindow]]:
    """Every set by its first day, the newest first."""
    out: dict[date, list[SiteWindow]] = {}
    for row in session.scalars(select(SiteWindow).order_by(SiteWindow.valid_from.desc(), SiteWindow.opens)):
        out.setdefault(row.valid_from, []).append(row)
    return out


def set_windows(
    session: Session, person: Person, now: datetime, *, windows: Sequence[Window], valid_from: date
) -> list[SiteWindow]:
    """What all posts together may draw over the day (V-70), from `valid_from` on; a set for that very day is replaced.

    The first window opens at 00:00, each goes on until the next and the last until 24:00, so no hour is left open.
    Raises Invalid at the field, Forbidden.
    """
    _keeper(person)
    wrong: list[FieldError] = []
    if valid_from < today(now):
        wrong.append(FieldError("valid_from", PAST))
    if not windows or windows[0].opens != "00:00":
        wrong.append(FieldError("windows.0.opens", Words("第一段要從 00:00 開始", "The first starts at 00:00")))
    for n, window in enumerate(windows):
        if n and window.opens <= windows[n - 1].opens:
            wrong.append(FieldError(f"windows.{n}.opens", Words("要比前一段晚", "Must be later than the one before")))
        if int(window.opens[3:]) % 15:
            wrong.append(
                FieldError(f"windows.{n}.opens", Words("時間以 15 分鐘為單位", "Times go by quarters of an hour"))
            )
    if wrong:
        raise Invalid.many(wrong)
    before = [_told(row) for row in windows_on(session, valid_from)]
    session.execute(delete(SiteWindow).where(SiteWindow.valid_from == valid_from))
    closes = [*(window.opens for window in windows[1:]), "24:00"]
    rows = [
        SiteWindow(**asdict(window), closes=end, rule=SITE_RULE, sample=False, valid_from=valid_from)
        for window, end in zip(windows, closes, strict=True)
    ]
    session.add_all(rows)
    _flush(session, "valid_from", TWICE)
    audit.record(
        session, person, "site.limits_set", f"site_windows/{valid_from}", now, before={"windows": before},
        after={"windows": [asdict(window) for window in windows]},
    )  # fmt: skip
    return rows


def crowded(session: Session, now: datetime, day: date) -> int:
    """How many stretches of `day` would draw more than the site may, by what is booked."""
    opens = taipei(day, "00:00")
    power = site.power(session, opens, QUARTERS)
    load = site.load(charging.slots_within(session, Period.of_day(day)), opens, QUARTERS)
    return sum(over.period.ends_at > now for over in charging_offers.overs(power, load))


def _told(row: SiteWindow) -> dict[str, Any]:
    return {"opens": row.opens, "kw": row.kw, "cheap": row.cheap}


# --- what cars draw ------------------------------------------------------------------------------------------------


def consumption(session: Session) -> list[Consumption]:
    """Every figure: by model, season, and the newest first."""
    order = (Consumption.model, Consumption.season, Consumption.valid_from.desc())
    return list(session.scalars(select(Consumption).order_by(*order)))


def models(session: Session) -> list[str]:
    """The makes and models of the electric cars, and those that have figures already."""
    electric = select(Vehicle.brand).where(Vehicle.powertrain == "electric", Vehicle.state != "retired")
    return sorted({*session.scalars(electric), *session.scalars(select(Consumption.model))})


def set_consumption(
    session: Session, person: Person, now: datetime, *, model: str, season: str, wh_per_km: int, valid_from: date
) -> Consumption:
    """What a model draws in a season (Wh/km) from `valid_from` on; a figure for that very day is replaced.

    Predictions made from now on use it. Raises Invalid at the field, Forbidden.
    """
    _keeper(person)
    if valid_from < today(now):
        raise Invalid(PAST, field="valid_from")
    if model not in models(session):
        raise Invalid(Words("請從清單選擇車型", "Choose a model from the list"), field="model")
    place = {"model": model, "season": season, "valid_from": valid_from}
    row = session.scalars(select(Consumption).filter_by(**place)).one_or_none()
    known = select(Consumption).filter_by(model=model, season=season).where(Consumption.valid_from <= valid_from)
    last = session.scalars(known.order_by(Consumption.valid_from.desc())).first()
    before = {"wh_per_km": last.wh_per_km} if last else None
    if row is None:
        row = Consumption(**place, wh_per_km=wh_per_km, rule=CONSUMPTION_RULE, sample=False)
        session.add(row)
    row.wh_per_km, row.sample = wh_per_km, False
    _flush(session, "valid_from", TWICE)
    session.info.pop("fleet.consumption", None)
    after = {**place, "valid_from": str(valid_from), "wh_per_km": wh_per_km}
    audit.record(session, person, "consumption.set", f"consumption/{row.id}", now, before=before, after=after)
    return row


def _keeper(person: Person) -> None:
    if not person.has(*KEEPERS):
        raise Forbidden


def _values(row: Any, names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _set(row: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _flush(session: Session, field: str, words: Words) -> None:
    """Have the constraints speak now, at their field."""
    try:
        session.flush()
    except IntegrityError as twice:
        raise Invalid(words, field=field) from twice


def _note(
    session: Session,
    person: Person,
    now: datetime,
    what: str,
    subject: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    changed = {name: value for name, value in after.items() if before[name] != value}
    if changed:
        audit.record(
            session, person, what, subject, now, before={name: before[name] for name in changed}, after=changed
        )
