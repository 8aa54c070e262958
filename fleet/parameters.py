"""The dated parameters that the vehicle unit sets itself: how silent drivers are asked again, and how cars are charged.

Each is a row of `policy` with its basis (docs/rules.md). A change is a new row from a day on; what has been goes on
counting for its own days. Other parameters (hours of work, licences, costs) rest on rules and come with a release.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import audit
from common.errors import Forbidden, Invalid
from common.identity import Person
from common.period import today
from common.words import Words
from fleet.models import Policy
from fleet.registers import PAST, TWICE
from fleet.upkeep import KEEPERS


@dataclass(frozen=True)
class Parameter:
    """What it means, and between which values (in its own unit) it may be set."""

    words: Words
    least: int
    most: int


LADDER: dict[str, Parameter] = {  # V-12, V-45
    "dispatch.accept_minutes": Parameter(
        Words("駕駛多久沒接單就換下一個管道通知", "After how long a silent driver is asked by the next way"), 5, 240
    ),
    "dispatch.accept_tries": Parameter(Words("最多再通知幾次", "How often at most"), 1, 10),
    "dispatch.accept_within_hours": Parameter(
        Words("出發前多久開始催", "How long before departure the asking begins"), 1, 168
    ),
    "dispatch.remind_hours": Parameter(
        Words("出發前多久提醒未接單的駕駛", "How long before departure a driver is reminded once"), 1, 48
    ),
}
CHARGING: dict[str, Parameter] = {  # V-75, V-76
    "ev.plug_in_below_percent": Parameter(Words("返場電量低於多少要插電", "On return, plug in below"), 20, 95),
    "ev.min_return_percent": Parameter(
        Words("預估回程電量低於多少不派", "Not assigned if expected on return below"), 5, 50
    ),
    "ev.morning_percent": Parameter(Words("夜間充到多少", "Charged overnight to"), 50, 100),
    "ev.efficiency_percent": Parameter(Words("充電效率", "Share of a post’s energy that reaches the battery"), 50, 100),
    "ev.wh_per_km": Parameter(Words("沒有車型資料時的耗電", "Consumption of a model without figures"), 80, 500),
    "ev.overstay_minutes": Parameter(Words("充滿後多久算占用", "Full for how long counts as overstaying"), 5, 120),
    "ev.reserve_minutes": Parameter(
        Words("時段前多久替車保留充電樁", "A post is reserved how long before its slot"), 1, 60
    ),
    "ev.bay_max_hours": Parameter(Words("一次最多充多久", "The longest session"), 1, 24),
}
SET_HERE: Mapping[str, Parameter] = {**LADDER, **CHARGING}


def versions(session: Session) -> dict[str, list[Policy]]:
    """Every version of each parameter that is set here, the newest first."""
    out: dict[str, list[Policy]] = {key: [] for key in SET_HERE}
    rows = select(Policy).where(Policy.key.in_(SET_HERE)).order_by(Policy.valid_from.desc())
    for row in session.scalars(rows):
        out[row.key].append(row)
    return out


def on(found: list[Policy], day: date) -> Policy | None:
    """Of the versions of one parameter, the one in force on `day`."""
    return next((row for row in found if row.valid_from <= day), None)


def set_value(session: Session, person: Person, now: datetime, *, key: str, value: int, valid_from: date) -> Policy:
    """A new value of a parameter from `valid_from` (today or later) on; one set for that very day is replaced.

    The levels of V-76 keep their order: the floor lies below the plug-in threshold, that not above the overnight
    level. Raises Invalid at the field, Forbidden.
    """
    if not person.has(*KEEPERS):
        raise Forbidden
    if key not in SET_HERE:
        raise Invalid(Words("這個參數不在這裡修改", "This parameter is not set here"), field="key")
    allowed = SET_HERE[key]
    if not allowed.least <= value <= allowed.most:
        words = Words("請填 {least} 到 {most}", "Between {least} and {most}")
        raise Invalid(words.fill(least=allowed.least, most=allowed.most), field="value")
    if valid_from < today(now):
        raise Invalid(PAST, field="valid_from")
    found = versions(session)
    _keep_order(found, key, value, valid_from)
    last = on(found[key], valid_from)
    if last is None:
        raise Invalid(Words("這個參數不在這裡修改", "This parameter is not set here"), field="key")
    before = {"value": last.value, "valid_from": str(last.valid_from)}
    row = last
    if last.valid_from != valid_from:
        row = Policy(key=key, unit=last.unit, rule=last.rule, valid_from=valid_from)
        session.add(row)
    row.value, row.sample = value, False
    try:
        session.flush()
    except IntegrityError as twice:
        raise Invalid(TWICE, field="valid_from") from twice
    session.info.pop("fleet.rules", None)
    after = {"value": value, "valid_from": str(valid_from)}
    audit.record(session, person, "parameter.set", f"policy/{key}", now, before=before, after=after)
    return row


def _keep_order(found: Mapping[str, list[Policy]], key: str, value: int, valid_from: date) -> None:
    """On that day and on every later day at which one of the three changes. Raises Invalid at `value`."""
    keys = ("ev.min_return_percent", "ev.plug_in_below_percent", "ev.morning_percent")
    if key not in keys:
        return
    ahead = {row.valid_from for each in keys for row in found[each] if row.valid_from > valid_from}
    until = min((row.valid_from for row in found[key] if row.valid_from > valid_from), default=date.max)
    for day in sorted({valid_from, *(each for each in ahead if each < until)}):
        now_ = {each: row.value for each in keys if (row := on(found[each], day))} | {key: value}
        floor, below, full = (now_.get(each) for each in keys)
        if floor is None or below is None or full is None:
            continue
        if not floor < below <= full:
            words = Words(
                "三個電量要依序：不派 {a}% ＜ 插電 {b}% ≤ 夜間 {c}%",
                "Levels in order: floor {a}% < plug in {b}% ≤ overnight {c}%",
            )
            raise Invalid(words.fill(a=floor, b=below, c=full), field="value")
