"""Applying for a room: eligibility first, then service, family, home and wishes; points explained to whom they concern."""

import hashlib
import string
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import audit
from common.db import for_update
from common.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from common.identity import Person
from common.messages import post
from common.period import today
from common.roc import day_words
from common.words import Words
from dorms import drafts, eligibility, notices, occupancy, points
from dorms import vocabulary as say
from dorms.messages import ApplicationSubmitted
from dorms.models import Application, Bar, Building, Correction, Room, Round, numbered

YEAR = Decimal("365.25")


class NotEligible(Invalid):
    """An answer ends the application here, with its rule (D-02 to D-05)."""

    words = Words("依你的回答，不能申請這一種宿舍。", "By these answers you cannot apply for this kind of room.")


class RegistrationClosed(Conflict):
    """No round takes applications now."""

    words = Words("目前沒有受理登記的配借。", "No round is open for registration now.")


class AppliedAlready(Conflict):
    """One application each in a round."""

    words = Words("你在這一期已經申請過了。", "You have already applied in this round.")


class Barred(Conflict):
    """A room was given up not long ago (D-19)."""


class HousedAlready(Conflict):
    """This person has a room."""

    words = Words("你已經借用宿舍，不能再申請。", "You already have a room here.")


def apply_for_room(
    session: Session,
    person: Person,
    now: datetime,
    *,
    grade: int,
    years_of_service: Decimal,
    home_status: str,
    room_kind: str | None = None,
    round_id: int | None = None,
    started_on: date | None = None,
    years_elsewhere: Decimal = Decimal(0),
    appraisals: Sequence[str] = (),
    dependants: int = 0,
    home_km: int = 0,
    disabled: bool = False,
    preferences: Sequence[str] = (),
    others_ok: bool = True,
    move: bool = False,
    needs_accessible: bool = False,
    woman: bool = False,
    **answers: bool | None,
) -> Application:
    """Enter an application in an open round, under a code that hides the name.

    `answers` are those of `eligibility.QUESTIONS`. Without `started_on` the start of service is counted back from the
    years given (it breaks ties, D-16). With `move` a tenant asks for another room
    and keeps the present one until the other is theirs; of another kind as anybody else (D-21). Raises NotEligible, Invalid,
    RegistrationClosed, Barred, HousedAlready, AppliedAlready; Forbidden for people who are not staff.
    """
    must_be_staff(person)
    chosen = open_round(session, now, round_id=round_id, kind=room_kind)
    if room_kind is not None and room_kind != chosen.kind:
        raise Invalid(Words("這一期不是這一種宿舍", "This round is for another kind of room"), field="room_kind")
    declared = eligible(chosen.kind, answers, excused(session, chosen, person))
    consistent(started_on, years_of_service, now)
    wishes = known_wishes(session, chosen.kind, preferences)
    home = may_apply(session, person, now, moving_in=chosen.kind if move else None)
    if home is not None and not any(wish != str(home.id) for wish in wishes):
        raise Invalid(
            Words("請選想換去的房間或宿舍", "Choose the rooms or houses you would move to"), field="preferences"
        )
    session.get(Round, chosen.id, **for_update(session))
    row = already(session, chosen, person)
    if row is not None and row.state != say.WITHDRAWN:
        raise AppliedAlready
    if row is None:
        code = _free_code(session, chosen, person)
        row = Application(round_id=chosen.id, person_id=person.id, code=code, number=f"{chosen.id}/{person.id}")
    row.state, row.submitted_at, row.withdrawn_at = say.SUBMITTED, now, None
    row.grade, row.appraisals = grade, list(appraisals)
    row.started_on = started_on or counted_back(now, years_of_service)
    row.years_of_service, row.years_elsewhere = years_of_service, years_elsewhere
    row.dependants, row.home_status, row.declarations = dependants, home_status, declared
    row.home_km, row.disabled = home_km, disabled
    row.preferences, row.others_ok = wishes, others_ok and home is None
    row.lives_in_id = home.id if home else None
    row.needs_accessible, row.woman = needs_accessible, woman
    row.notice_version = notices.in_force(session, today(now)).version
    session.add(row)
    try:
        session.flush()
    except IntegrityError as twice:
        raise AppliedAlready from twice
    row.number = numbered(now, "D", row.id)
    session.flush()
    drafts.drop(session, chosen.id, person)
    session.expire(chosen, ["applications"])
    audit.record(session, person, "dorms.apply", f"application/{row.id}", now, after={"round": chosen.number})
    post(
        session,
        ApplicationSubmitted,
        subject=f"application/{row.id}",
        now=now,
        application_id=str(row.id),
        number=row.number,
        round_id=str(chosen.id),
        person_id=str(person.id),
    )
    return row


def must_be_staff(person: Person) -> None:
    """Raises Forbidden for outside bodies: rooms are for the city's own people."""
    if not person.has("staff", "officer", "supervisor", "dispatcher", "driver", "venue_officer", "dorm_officer"):
        raise Forbidden(Words("宿舍只借給本府同仁。", "Rooms are for the city’s own staff."))


def excused(session: Session, round_: Round, person: Person) -> frozenset[str]:
    """The questions that a granted correction lets pass for this person in this round."""
    granted = select(Correction.question).where(
        Correction.round_id == round_.id, Correction.person_id == person.id, Correction.state == "granted"
    )
    return frozenset(session.scalars(granted))


def eligible(
    room_kind: str, answers: Mapping[str, bool | None], let_pass: frozenset[str] = frozenset()
) -> dict[str, bool]:
    """The answers, complete. Raises NotEligible with every field that ends the application and its rule; the fields in
    `let_pass` end nothing."""
    complete = eligibility.complete(room_kind, answers)
    refused = [error for error in eligibility.refusals(room_kind, complete) if error.field not in let_pass]
    if refused:
        raise NotEligible(errors=refused)
    return complete


def may_apply(session: Session, person: Person, now: datetime, *, moving_in: str | None = None) -> Room | None:
    """The room left behind by a tenant who asks to move to another of this kind; None for people without a room, and for
    a tenant who applies anew for another kind, whose room is given back once the new one is taken (D-21).

    Raises Barred (D-19), HousedAlready for tenants who do not ask to move, Invalid.
    """
    bar = bar_of(session, person, now)
    if bar is not None:
        raise Barred(
            Words(
                "你曾放棄核配的宿舍，{until}以前不能再申請（規則 {rule}）。",
                "You gave up a room: no new application before {until} (rule {rule}).",
            ).fill(until=day_words(bar.until, year=True), rule=bar.rule)
        )
    tenancy = occupancy.current_stay(session, person.id)
    if tenancy is not None and moving_in is None:
        raise HousedAlready
    if tenancy is None and moving_in is not None:
        raise Invalid(Words("你沒有借用宿舍，不能申請換住", "You have no room to move from"), field="move")
    return tenancy.room if tenancy and tenancy.room.kind == moving_in else None


def bar_of(session: Session, person: Person, now: datetime) -> Bar | None:
    """The bar that keeps this person from applying now, if any."""
    day = today(now)
    return session.scalars(
        select(Bar).where(Bar.person_id == person.id, Bar.since <= day, Bar.until > day).order_by(Bar.until.desc())
    ).first()


def open_rounds(session: Session, now: datetime) -> list[Round]:
    """The rounds that take applications now, those closing first at the top."""
    rows = select(Round).where(
        Round.registration_from <= now, Round.registration_until > now, Round.ranked_at.is_(None)
    )
    return list(session.scalars(rows.order_by(Round.registration_until, Round.id)))


def open_round(session: Session, now: datetime, *, round_id: int | None = None, kind: str | None = None) -> Round:
    """The round meant: by id, else the one for a kind that closes first. Raises RegistrationClosed, NotFound."""
    if round_id is not None:
        row = session.get(Round, round_id)
        if row is None:
            raise NotFound
        if row.stage(now) != say.OPEN:
            raise RegistrationClosed(Words("這一期不在受理登記的期間。", "This round does not take applications now."))
        return row
    for row in open_rounds(session, now):
        if kind in (None, row.kind):
            return row
    raise RegistrationClosed


def already(session: Session, round_: Round, person: Person) -> Application | None:
    """The application this person has in a round."""
    return session.scalars(
        select(Application).where(Application.round_id == round_.id, Application.person_id == person.id)
    ).first()


def known_wishes(session: Session, kind: str, preferences: Sequence[str]) -> list[str]:
    """The wishes, once each. Raises Invalid at the first that is no house and no room of this kind."""
    rooms = {str(room_id) for room_id in session.scalars(select(Room.id).where(Room.kind == kind))}
    houses = set(session.scalars(select(Building.id)))
    wrong = [
        FieldError(f"preferences.{place}", Words("沒有這間房或這棟宿舍", "There is no such room or house"))
        for place, wish in enumerate(preferences)
        if wish not in rooms | houses
    ]
    if wrong:
        raise Invalid.many(wrong)
    return list(dict.fromkeys(preferences))


def counted_back(now: datetime, years: Decimal) -> date:
    """The day service began, counted back from its years."""
    return today(now) - timedelta(days=int(years * YEAR))


def consistent(started_on: date | None, years: Decimal, now: datetime) -> None:
    """Raises Invalid when the start lies ahead, or the years are more than have passed since it."""
    if started_on is None:
        return
    passed = Decimal((today(now) - started_on).days) / YEAR
    if passed < 0:
        raise Invalid(Words("到職日不能在今天以後", "The start date cannot lie ahead"), field="started_on")
    if years > passed + Decimal("0.5"):
        raise Invalid(
            Words(
                "年資多於到職日至今的時間，請再看一次", "More years than have passed since the start date. Check them"
            ),
            field="years_of_service",
        )


def facts_of(data: Mapping[str, Any]) -> points.Facts:
    """What points are counted from, out of the answers of an application."""
    return points.Facts(
        grade=data["grade"],
        years_of_service=data["years_of_service"],
        years_elsewhere=data["years_elsewhere"],
        appraisals=tuple(data["appraisals"]),
        dependants=data["dependants"],
        home_status=data["home_status"],
        home_km=data["home_km"],
        disabled=data["disabled"],
    )


def estimate(round_: Round, facts: points.Facts) -> points.Score:
    """What an application in this round would count (試算); nothing is written."""
    return points.score(round_.point_table.table, facts)


def given(row: Application) -> dict[str, Any] | None:
    """What the allotment gave this application and why, as published; None before."""
    lines = (row.round.record or {}).get("allotment", [])
    return next((line for line in lines if line["code"] == row.code), None)


def ties(row: Application) -> int:
    """How many others have the same points in the published ranking (D-16)."""
    if not row.round.public or row.points is None:
        return 0
    return sum(other.points == row.points for other in row.round.standing if other.rank) - 1


def find(session: Session, person: Person, application_id: int) -> Application:
    """An application its reader may see. Raises NotFound for others, so that nobody learns who applied."""
    row = session.get(Application, application_id)
    if row is None or row.anonymised_at or not row.can_see(person):
        raise NotFound
    return row


def note_look(session: Session, person: Person, now: datetime, subject: str, what: str) -> None:
    """Write down that an officer looked at somebody's personal data (C-27)."""
    audit.record(session, person, "dorms.looked_at", subject, now, reason=what)


def mine(session: Session, person: Person) -> list[Application]:
    """One's own applications, newest first."""
    rows = select(Application).where(Application.person_id == person.id).order_by(Application.id.desc())
    return list(session.scalars(rows))


def withdraw(session: Session, person: Person, now: datetime, application_id: int) -> Application:
    """Take an application back before it is ranked; while registration is open one may apply again. Else Conflict."""
    row = find(session, person, application_id)
    if not row.is_of(person):
        raise Forbidden
    if row.state != say.SUBMITTED or row.round.ranked_at:
        raise Conflict(
            Words("已經排序，不能撤回；核配後可以放棄。", "It is ranked already; you may decline an offer later.")
        )
    row.withdraw(now)
    audit.record(session, person, "dorms.withdraw", f"application/{row.id}", now)
    return row


def _free_code(session: Session, round_: Round, person: Person) -> str:
    """A code that hides the name: last three digits of the person's number and a letter free in this round."""
    digits = f"{person.id % 1000:03d}"
    used = set(session.scalars(select(Application.code).where(Application.round_id == round_.id)))
    return next(code for code in _codes(digits, f"{round_.id}/{person.id}") if code not in used)


def _codes(digits: str, key: str) -> Iterator[str]:
    letters = string.ascii_uppercase.replace("I", "").replace("O", "")
    start = int(hashlib.sha256(key.encode()).hexdigest(), 16) % len(letters)
    ordered = letters[start:] + letters[:start]
    yield from (digits + letter for letter in ordered)
    yield from (digits + letter + second for letter in ordered for second in letters)


def snapshot(row: Application) -> dict[str, Any]:
    """What others may see of an application, by code: wishes and points with family and home in one sum."""
    score = row.score
    return {
        "code": row.code,
        "points": points.plain(score.total),
        "items": points.published_items(score.lines),
        "preferences": list(row.preferences),
        "others_ok": row.others_ok,
        "first": row.first,
    }
