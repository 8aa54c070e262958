"""The drivers' board: who drives when, how long this day and this week, how much rest, and who may drive at all (V-37, V-50)."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import Period, taipei
from common.words import Words
from fleet import leave, rules
from fleet.board import Board, Group, Row, block, board_of, row_of, trip_bars, trips_within
from fleet.lanes import Line, covered
from fleet.models import Driver, DriverLeave, Trip
from fleet.models.trip import HOLDING
from fleet.terms import LEAVE_REASONS, LICENCE_CLASSES

EXPIRES_SOON = timedelta(days=30)
OFF_ROSTER = Words("不在名冊", "Off the roster")


def read(session: Session, person: Person, now: datetime, line: Line) -> Board:
    """The board of drivers for the days of `line`, for a person who may dispatch."""
    found = [trip for trip in trips_within(session, person, now, line) if trip.driver_id]
    busy = {trip.driver_id for trip in found}
    known = session.scalars(select(Driver).where(or_(Driver.employed, Driver.id.in_(busy))))
    drivers = sorted((each for each in known if each.on_roster or each.id in busy), key=lambda each: each.name.zh)
    away = leave.within(session, line.period)
    around = _jobs_around(session, line)
    rule = rules.in_force(session, now)
    groups = []
    for code, words in LICENCE_CLASSES.items():
        rows = []
        for driver in (each for each in drivers if each.licence_class == code):
            mine = [trip for trip in found if trip.driver_id == driver.id]
            off = [each for each in away if each.driver_id == driver.id]
            rows.append(_row(driver, mine, off, around.get(driver.id, []), rule, now, line))
        if rows:
            groups.append(Group(words, tuple(rows)))
    return board_of(session, person, now, line, tuple(groups), "driver_id", found)


def _row(
    driver: Driver,
    mine: list[Trip],
    away: list[DriverLeave],
    jobs: list[Period],
    rule: rules.Rules,
    now: datetime,
    line: Line,
) -> Row:
    bars = trip_bars(mine, now, line)
    bars += [block(f"v{each.id}", LEAVE_REASONS[each.reason_code], each.period, line) for each in away]
    day = Period.of_day(line.first)
    today_hours, week_hours = _hours(day, jobs), _hours(_week(line), jobs)
    most_day, most_week, least_rest = (
        rule["driver.max_hours_a_day"],
        rule["driver.max_hours_a_week"],
        rule["driver.min_rest_hours"],
    )
    facts = [Words("週 {n}/{most} 小時", "week {n}/{most} h").fill(n=f"{week_hours:g}", most=most_week)]
    if line.days == 1:
        facts.insert(0, Words("日 {n}/{most}", "day {n}/{most}").fill(n=f"{today_hours:g}", most=most_day))
    warnings = []
    if line.days == 1 and today_hours > most_day:
        warnings.append(Words("當日超時", "Over the day’s hours"))
    if week_hours > most_week:
        warnings.append(Words("本週超時", "Over the week’s hours"))
    rest = rest_before(day, jobs)
    if line.days == 1 and rest is not None and rest < timedelta(hours=least_rest):
        told = Words("休息只有 {n} 小時", "Only {n} h of rest")
        warnings.append(told.fill(n=f"{rest / timedelta(hours=1):.3g}"))
    last_day = line.first + timedelta(days=line.days - 1)
    if driver.licence_expires_on < last_day:
        warnings.append(Words("駕照已到期", "Licence expired"))
    elif driver.licence_expires_on < last_day + EXPIRES_SOON:
        words = Words("駕照 {day} 到期", "Licence expires {day}")
        warnings.append(words.fill(day=f"{driver.licence_expires_on.month}/{driver.licence_expires_on.day}"))
    return row_of(
        driver,
        bars,
        off=None if driver.drives_on(line.first) else OFF_ROSTER,
        out=any(trip.status == "under_way" for trip in mine),
        facts=tuple(facts),
        warnings=tuple(warnings),
    )


def rest_before(day: Period, jobs: list[Period]) -> timedelta | None:
    """The rest between the last job before this day and the day's first; None without one of them."""
    first = min((job.starts_at for job in jobs if day.contains(job.starts_at)), default=None)
    earlier = [job.ends_at for job in jobs if first and job.ends_at <= first and job.starts_at < day.starts_at]
    return first - max(earlier) if first and earlier else None


def _hours(within: Period, jobs: list[Period]) -> float:
    """Hours of these jobs that lie within, to a tenth."""
    return round(covered(within, jobs) / timedelta(hours=1), 1)


def _week(line: Line) -> Period:
    monday = line.first - timedelta(days=line.first.weekday())
    return Period(taipei(monday, "00:00"), taipei(monday + timedelta(days=7), "00:00"))


def _jobs_around(session: Session, line: Line) -> dict[int, list[Period]]:
    """Each driver's jobs of the week, and of the day before it (for the rest), as they were reserved or driven."""
    week = _week(line)
    rows = select(Driver.id, Trip.starts_at, Trip.ends_at, Trip.finished_at).join(Driver, Trip.driver_id == Driver.id).where(
        Trip.status.in_((*HOLDING, "finished", "signed_off")),
        Trip.starts_at < week.ends_at, Trip.ends_at > week.starts_at - timedelta(days=1),
    )  # fmt: skip
    out: dict[int, list[Period]] = {}
    for driver_id, starts_at, ends_at, finished_at in session.execute(rows):
        ends = finished_at if finished_at and finished_at > starts_at else ends_at
        out.setdefault(driver_id, []).append(Period(starts_at, ends))
    return out
