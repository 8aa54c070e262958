"""The dated parameters of meeting rooms: what holds today, and setting a new value from a day on.

The first versions come with a migration, each with its basis in docs/rules.md; a change is a new row, never an edit, so
what has been stays as it was. Values that rest on no rule of the city's own are samples until somebody sets them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import audit
from common.errors import Forbidden, Invalid
from common.identity import Person
from common.period import today
from common.words import Words
from venues.fairness import Limits
from venues.models import DECIDES, RoomPolicy

KEPT = "venues.room_rules"
GUARDS = "room.guards_person"


@dataclass(frozen=True)
class Parameter:
    """What it means, and between which values (in its own unit) it may be set."""

    words: Words
    least: int
    most: int


BOOKING: dict[str, Parameter] = {
    "room.days_ahead": Parameter(Words("最多提前幾天登記", "How many days ahead rooms may be booked"), 1, 365),
    "room.longest_hours": Parameter(Words("一次最多登記幾小時", "The longest meeting"), 1, 24),
    "room.holidays_open": Parameter(
        Words("假日是否開放（1 開放、0 不開放）", "Open on weekends and holidays (1 yes, 0 no)"), 0, 1
    ),
    "room.holiday_notice_days": Parameter(
        Words(
            "假日會議至少提前幾天登記（0 不限）", "Meetings on days off are booked so many days before (0: any time)"
        ),
        0,
        30,
    ),
    "room.buffer_minutes": Parameter(Words("兩場會議之間留多久復原", "Kept free after each meeting"), 0, 60),
    "room.setup_most_minutes": Parameter(Words("布置時間最多多久", "The longest set-up"), 0, 480),
    "room.stream_days": Parameter(
        Words("直播至少提前幾天提出", "Live streams are asked for so many days before"), 0, 30
    ),
    "room.sparse_percent": Parameter(
        Words("人數低於座位幾成時提醒", "Flagged when fewer people than this share of the seats"), 0, 100
    ),
    "room.operators_least": Parameter(Words("機關指定操作人至少幾位", "Named operators of an agency, at least"), 1, 10),
    "room.operators_most": Parameter(Words("機關指定操作人最多幾位", "Named operators of an agency, at most"), 1, 20),
    "room.series_dates": Parameter(Words("系列會議最多幾場", "Most dates in a series"), 2, 60),
}
USE: dict[str, Parameter] = {
    "room.checkin_before_minutes": Parameter(Words("開始前多久可以報到", "Check-in opens before the start"), 0, 60),
    "room.grace_minutes": Parameter(
        Words("開始後多久沒人報到就釋出（0 不釋出）", "Released when nobody came after (0: never)"), 0, 120
    ),
    "room.agreement_hours": Parameter(
        Words("等管理機關同意，最多保留多久", "Held while the managing agency is asked"), 1, 336
    ),
    "room.office_from_hour": Parameter(Words("上班時間從幾點", "Office hours begin at"), 0, 23),
    "room.office_until_hour": Parameter(Words("上班時間到幾點", "Office hours end at"), 1, 23),
    "room.guards_person": Parameter(
        Words("駐警隊收訊息的人員編號（0 不通知）", "The person whom the guards read as (0: not told)"),
        0,
        1_000_000_000,
    ),
    "room.guards_notice_hours": Parameter(
        Words("下班後的會議，幾小時前通知駐警隊", "The guards are told so many hours before"), 1, 168
    ),
    "room.takeover_days": Parameter(
        Words("調用會議室至少提前幾天（緊急除外）", "Taken over so many days before, unless urgent"), 0, 30
    ),
}
FAIRNESS: dict[str, Parameter] = {
    "room.block_days": Parameter(Words("同一事由占用幾天就查", "Days for one cause that are looked into"), 2, 60),
    "room.block_window_days": Parameter(Words("在幾天之內", "Within so many days"), 2, 180),
    "room.same_time_rooms": Parameter(Words("同一事由同時幾間就查", "Rooms at one time for one cause"), 2, 20),
    "room.rebook_hours": Parameter(Words("刪除後多久內再登記同一時段", "Re-booked within this after deleting"), 1, 720),
    "room.rebook_times": Parameter(Words("先占後刪幾次就查", "How often before it is looked into"), 1, 20),
    "room.no_show_times": Parameter(Words("未使用幾次就查", "No-shows before it is looked into"), 1, 20),
    "room.spot_check_times": Parameter(
        Words("抽查不符幾次就查", "Spot checks gone wrong before it is looked into"), 1, 20
    ),
    "room.history_days": Parameter(Words("往回看幾天的紀錄", "Days of history looked at"), 7, 365),
    "room.first_breach_days": Parameter(Words("第一次違規停止登記幾天", "First breach stops booking for"), 0, 365),
    "room.second_breach_days": Parameter(
        Words("再次違規停止登記幾天", "Each further breach stops booking for"), 0, 730
    ),
    "room.breach_memory_days": Parameter(Words("違規紀錄幾天內算再犯", "A breach counts for so many days"), 0, 1095),
}
SET_HERE: Mapping[str, Parameter] = {**BOOKING, **USE, **FAIRNESS}


@dataclass(frozen=True)
class RoomRules:
    """The parameters in force on one day."""

    rows: Mapping[str, RoomPolicy]

    def __getitem__(self, key: str) -> int:
        return self.rows[f"room.{key}"].value

    @property
    def limits(self) -> Limits:
        """What the detection of unfair use works with (M-07)."""
        return Limits(**{one.name: self[one.name] for one in fields(Limits)})


def in_force(session: Session, now: datetime) -> RoomRules:
    """The latest version of each parameter valid on the local day of `now`; read once a session."""
    kept: dict[date, RoomRules] = session.info.setdefault(KEPT, {})
    day = today(now)
    if day not in kept:
        rows = select(RoomPolicy).where(RoomPolicy.valid_from <= day).order_by(RoomPolicy.valid_from)
        kept[day] = RoomRules({row.key: row for row in session.scalars(rows)})
    return kept[day]


def versions(session: Session) -> dict[str, list[RoomPolicy]]:
    """Every version of each parameter, the newest first."""
    out: dict[str, list[RoomPolicy]] = {key: [] for key in SET_HERE}
    for row in session.scalars(select(RoomPolicy).order_by(RoomPolicy.valid_from.desc())):
        if row.key in out:
            out[row.key].append(row)
    return out


def on(found: list[RoomPolicy], day: date) -> RoomPolicy | None:
    """Of the versions of one parameter, the one in force on `day`."""
    return next((row for row in found if row.valid_from <= day), None)


def set_value(session: Session, person: Person, now: datetime, *, key: str, value: int, valid_from: date) -> RoomPolicy:
    """A new value of a parameter from `valid_from` (today or later) on; one set for that very day is replaced.

    Raises Invalid at the field, Forbidden.
    """
    if not person.has(*DECIDES):
        raise Forbidden
    if key not in SET_HERE:
        raise Invalid(Words("沒有這個參數", "There is no such parameter"), field="key")
    allowed = SET_HERE[key]
    if not allowed.least <= value <= allowed.most:
        words = Words("請填 {least} 到 {most}", "Between {least} and {most}")
        raise Invalid(words.fill(least=allowed.least, most=allowed.most), field="value")
    if valid_from < today(now):
        raise Invalid(Words("只能從今天或以後的日子起", "From today or a later day only"), field="valid_from")
    if key == GUARDS and value and not _is_here(session, value):
        raise Invalid(Words("沒有這位人員", "There is no such person"), field="value")
    last = on(versions(session)[key], valid_from)
    if last is None:
        raise Invalid(Words("沒有這個參數", "There is no such parameter"), field="key")
    before = {"value": last.value, "valid_from": str(last.valid_from)}
    row = last
    if last.valid_from != valid_from:
        row = RoomPolicy(key=key, unit=last.unit, rule=last.rule, valid_from=valid_from)
        session.add(row)
    row.value, row.sample = value, False
    try:
        session.flush()
    except IntegrityError as twice:
        words = Words("別人剛剛為同一天登記了，請再看一次", "Somebody has just entered that day; look again")
        raise Invalid(words, field="valid_from") from twice
    session.info.pop(KEPT, None)
    after = {"value": value, "valid_from": str(valid_from)}
    audit.record(session, person, "room_parameter_set", f"room_policy/{key}", now, before=before, after=after)
    return row


def _is_here(session: Session, person_id: int) -> bool:
    found = session.get(Person, person_id)
    return found is not None and found.active
