"""Contributed venues (V9, G-03): a half-yearly survey of the agencies' wishes, an allotment anybody can check, and the rest.

open → published → allotted (both in `contributed_draw`). A day given takes the venue's day and one of the half-year's
numbered days in the ledger: never a date twice, never more days than there are. What is left goes first come, first
served; what is not used is given back.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from common import audit, reservations
from common.errors import Conflict, Forbidden, Invalid
from common.identity import Agency, Person
from common.period import Period, today
from common.roc import HalfYear
from common.words import Words
from venues import figures
from venues.ground_rules import find, hold, must_decide
from venues.models import DECIDES, ContributedDay, ContributedSurvey, ContributedVenue, ContributedWish
from venues.refusals import NotNow

TRIES = 8


class DayTaken(Conflict):
    """Another agency has this day."""

    words = Words("這一天已經有機關使用。", "Another agency has this day.")


class NoneLeft(Conflict):
    """All of the half-year's days are given."""

    words = Words("這半年的天數已用完。", "All days of this half-year are taken.")


def surveys(session: Session) -> list[ContributedSurvey]:
    """All surveys, the newest half-year first."""
    rows = select(ContributedSurvey).options(
        selectinload(ContributedSurvey.venue),
        selectinload(ContributedSurvey.days),
        selectinload(ContributedSurvey.wishes),
    )
    return sorted(session.scalars(rows), key=lambda each: (each.half, each.id), reverse=True)


def venues(session: Session) -> list[ContributedVenue]:
    """The venues that are contributed."""
    return list(session.scalars(select(ContributedVenue).where(ContributedVenue.active).order_by(ContributedVenue.id)))


def may_wish(person: Person) -> bool:
    """The city's own agencies, by their officers (G-03)."""
    return person.has("officer", "venue_officer") and person.agency is not None and person.agency.kind == "city"


def open_survey(
    session: Session, person: Person, now: datetime, *, venue_id: int, half_year: HalfYear, closes_on: date
) -> ContributedSurvey:
    """Ask the agencies for their wishes until `closes_on`. Raises Forbidden, Invalid."""
    must_decide(person)
    venue = find(session, ContributedVenue, venue_id)
    if not today(now) <= closes_on < half_year.last_day:
        raise Invalid(
            Words("登記截止日要在今天之後、半年結束之前", "Wishes close between today and the half-year’s end"),
            field="closes_on",
        )
    day = half_year.first_day
    survey = ContributedSurvey(
        venue_id=venue.id, half_year=half_year.code, quota=figures.value_on(session, "contributed.quota", day),
        most_wishes=figures.value_on(session, "contributed.most_wishes", day), status="open", closes_on=closes_on,
        opened_at=now,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(survey)
    except IntegrityError as twice:
        raise Invalid(Words("這個半年已經調查過了", "This half-year has its survey"), field="half_year") from twice
    after = {"half_year": half_year.code, "quota": survey.quota, "closes_on": str(closes_on)}
    audit.record(session, person, "contributed_survey_opened", f"contributed_survey/{survey.id}", now, after=after)
    return survey


def wish(
    session: Session, person: Person, now: datetime, survey_id: int, *, days: Sequence[date], purpose: str = ""
) -> ContributedSurvey:
    """An agency's wishes, the dearest first; sent again they take the place of the earlier ones.

    Raises Forbidden, NotNow after the closing day, Invalid (field `days`).
    """
    if not may_wish(person):
        raise Forbidden
    survey = hold(session, ContributedSurvey, survey_id)
    if survey.status != "open" or today(now) > survey.closes_on:
        raise NotNow(Words("登記已截止。", "Wishes have closed."))
    _check_days(survey, days)
    session.execute(
        delete(ContributedWish).where(
            ContributedWish.survey_id == survey.id, ContributedWish.agency_id == person.agency_id
        )
    )
    for rank, day in enumerate(days, start=1):
        session.add(
            ContributedWish(
                survey_id=survey.id, agency_id=person.agency_id, rank=rank, day=day, purpose=purpose, person_id=person.id,
                at=now,
            )
        )  # fmt: skip
    session.flush()
    session.expire(survey, ["wishes"])
    after = {"days": [str(day) for day in days]}
    audit.record(session, person, "contributed_wished", f"contributed_survey/{survey.id}", now, after=after)
    return survey


def take(
    session: Session, person: Person, now: datetime, survey_id: int, *, day: date, purpose: str = ""
) -> ContributedDay:
    """A day that was left over or given back, to whoever comes first. Raises Forbidden, NotNow, Invalid, DayTaken, NoneLeft."""
    if not may_wish(person):
        raise Forbidden
    survey = find(session, ContributedSurvey, survey_id)
    if survey.status != "allotted":
        raise NotNow(Words("分配完成後才能選剩下的日子。", "What is left can be had after the allotment."))
    _check_days(survey, [day])
    if day < today(now):
        raise Invalid(Words("這一天已經過了", "That day has passed"), field="day")
    row = give(session, survey, day, person.agency_id, person.id, purpose, "first_come", now, "")
    audit.record(session, person, "contributed_day_taken", f"contributed_day/{row.id}", now, after={"day": str(day)})
    return row


def give_back(
    session: Session, person: Person, now: datetime, day_id: int, *, reason: str = "", rev: int | None = None
) -> ContributedDay:
    """An agency does not use its day after all: date and count are free again. Raises Forbidden, NotNow, Stale."""
    row = find(session, ContributedDay, day_id)
    row.expect(rev)
    if not (person.has(*DECIDES) or (may_wish(person) and person.agency_id == row.agency_id)):
        raise Forbidden
    if row.given_back_at is not None or row.day < today(now):
        raise NotNow
    row.given_back_at = now
    row.reason = reason or row.reason
    reservations.release(session, row.holder)
    session.flush()
    audit.record(
        session, person, "contributed_day_given_back", f"contributed_day/{row.id}", now, after={"day": str(row.day)},
        reason=reason,
    )  # fmt: skip
    return row


def name_of(wish: ContributedWish) -> Words:
    """An agency's name."""
    return wish.agency.words if wish.agency else Words.same(ticket_of(wish))


def ticket_of(wish: ContributedWish) -> str:
    """The code an agency is drawn under: its own."""
    agency: Agency | None = wish.agency
    return agency.code if agency else str(wish.agency_id)


def give(
    session: Session, survey: ContributedSurvey, day: date, agency_id: int, person_id: int, purpose: str, how: str,
    now: datetime, reason: str,
) -> ContributedDay:  # fmt: skip
    """Give a day: the venue's day and one of the half-year's numbered days, in one claim. Raises DayTaken, NoneLeft."""
    row = ContributedDay(
        survey_id=survey.id, day=day, agency_id=agency_id, person_id=person_id, purpose=purpose, how=how, given_at=now,
        reason=reason,
    )  # fmt: skip
    session.add(row)
    session.flush()
    date_, half = (survey.venue.resource, Period.of_day(day)), survey.half.period
    for _ in range(survey.quota + TRIES):
        lane = next(iter(reservations.free(session, survey.lanes, half, now)), None)
        if lane is None:
            raise NoneLeft(field="day")
        try:
            reservations.claim(session, row.holder, [date_, (lane, half)], now=now)
        except reservations.Taken as taken:
            if any(by.resource == date_[0] for by in taken.by):
                raise DayTaken(field="day") from taken
            continue
        session.expire(survey, ["days"])
        return row
    raise DayTaken(field="day")


def _check_days(survey: ContributedSurvey, days: Sequence[date]) -> None:
    if not days:
        raise Invalid(Words("請至少選一天", "Choose a day at least"), field="days")
    if len(days) > survey.most_wishes:
        raise Invalid(Words("最多 {n} 天", "{n} days at most").fill(n=survey.most_wishes), field="days")
    if len(set(days)) != len(days):
        raise Invalid(Words("同一天只能登記一次", "Each day once only"), field="days")
    if any(not survey.half.first_day <= day <= survey.half.last_day for day in days):
        raise Invalid(
            Words("日期要在{half}之內", "The days lie in the {half}").fill(half=survey.half.label), field="days"
        )
