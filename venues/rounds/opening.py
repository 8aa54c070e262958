"""A round from its draft to the end of registration: draft → open → checking (T-01…T-06)."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from common.errors import FieldError, Forbidden, Invalid
from common.identity import Person
from common.period import LATEST, today
from common.words import Words
from venues.messages import rounds as facts
from venues.models import DECIDES, Round, RoundClass
from venues.rounds import parameters
from venues.rounds import words as say
from venues.rounds.steps import desk_round, in_states, locked, record, require

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{0,19}")
MOST_PLACES = 500


@dataclass(frozen=True)
class ClassWish:
    """A class of places as asked for. Name, prefix and papers are the usual ones where the code is known (T-03, T-06)."""

    code: str
    places: int
    name: str = ""
    name_en: str = ""
    papers: tuple[str, ...] | None = field(default=None)


def open_round(
    session: Session,
    person: Person,
    now: datetime,
    *,
    kind: str,
    classes: list[ClassWish],
    registration_from: datetime,
    registration_until: datetime,
    term_from: date,
    term_until: date,
    title: str = "",
    title_en: str = "",
    place: str = "",
    place_en: str = "",
    notice: str = "",
    rent: int | None = None,
    rent_per: str = "day",
    seed_source: str = "",
    seed_known_at: datetime | None = None,
    draft: bool = False,
) -> Round:
    """Announce a round (or keep it as a draft). Registration and term are half-open; rent is NT$, a sample unless given.

    Posts RoundOpened. Raises Forbidden, Invalid at the field.
    """
    if not person.has(*DECIDES):
        raise Forbidden
    _check_times(now, registration_from, registration_until, term_from, term_until)
    usual = parameters.number(session, parameters.RENT_A_DAY, today(now))
    named = _title(kind, term_from, term_until)
    row = Round(
        kind=kind, title=title or named.zh, title_en=title_en or (title or named.en), place=place, place_en=place_en or place,
        notice=notice, registration_from=registration_from, registration_until=registration_until, term_from=term_from,
        term_until=term_until, rent=(usual.value if kind in ("stall", "plaza") else 0) if rent is None else rent,
        rent_per=rent_per, rent_sample=rent is None, seed_source=kept_source(seed_source), seed_known_at=seed_known_at,
        status=say.DRAFT, opened_by_id=person.id, made_at=now, changed_at=now,
    )  # fmt: skip
    row.classes = _classes(session, kind, classes)
    session.add(row)
    session.flush()
    record(session, person, "round_drafted", row, now, kind=kind, places=row.places)
    return row if draft else announce(session, person, now, row.id)


def announce(session: Session, person: Person, now: datetime, round_id: int, *, rev: int | None = None) -> Round:
    """Let everybody see a draft; registration runs in its window. Posts RoundOpened. Raises NotNow, Forbidden, Stale."""
    row = desk_round(session, person, round_id, rev)
    require(row.status == say.DRAFT, "這一期已經公告。", "This round is announced already.")
    require(now < row.registration_until, "登記期間已經過了，請重新訂定。", "Its registration is over already.")
    row.status, row.opened_at, row.changed_at = say.OPEN, now, now
    facts.tell_round(session, facts.RoundOpened, row, now, people=[], registrations=0)
    record(session, person, "round_announced", row, now)
    return row


def close_registration(
    session: Session, person: Person | None, now: datetime, round_id: int, *, reason: str = "", rev: int | None = None
) -> Round:
    """End registration; what came in is checked next. Before the end of the window a reason is needed, and is shown.

    `person` is None when the window's end closes it. Raises NotNow, Invalid (field `reason`), Forbidden, Stale.
    """
    row = desk_round(session, person, round_id, rev) if person else locked(session, round_id)
    require(row.status == say.OPEN, "這一期不在受理中。", "This round takes no registrations now.")
    if now < row.registration_until:
        if not reason:
            words = Words("還沒到截止時間；提前截止請寫理由", "It is still open: give the reason for closing early")
            raise Invalid(words, field="reason")
        row.registration_until, row.reason = max(now, row.registration_from + _MOMENT), reason
    row.status, row.closed_at, row.changed_at = say.CHECKING, now, now
    session.flush()
    received = len(in_states(session, row, *say.UNDECIDED, say.ELIGIBLE, say.INELIGIBLE))
    record(session, person, "round_closed", row, now, reason, registrations=received)
    return row


def kept_source(typed: str) -> str:
    """The source as kept; the usual one under one name, whichever language it was typed in."""
    return say.USUAL_SOURCE.zh if typed in ("", say.USUAL_SOURCE.en) else typed


def source_of(row: Round) -> Words:
    """Where the seed comes from: the usual source in both languages, another as the officer wrote it."""
    return say.source_words(row.seed_source)


_MOMENT = datetime.resolution


def _check_times(now: datetime, opens: datetime, closes: datetime, first: date, until: date) -> None:
    wrong = []
    if not opens < closes or closes > LATEST:
        wrong.append(FieldError("registration.until", Words("截止時間要晚於開始時間", "It must end after it begins")))
    elif closes <= now:
        wrong.append(FieldError("registration.until", Words("截止時間要在現在以後", "It must end in the future")))
    if not first < until or until > LATEST.date():
        wrong.append(FieldError("term.until", Words("使用期間要先開始再結束", "The term must end after it begins")))
    elif first < today(closes):
        wrong.append(
            FieldError("term.from", Words("使用期間要在登記截止以後開始", "The term begins after registration ends"))
        )
    if wrong:
        raise Invalid.many(wrong)


def _classes(session: Session, kind: str, wishes: list[ClassWish]) -> list[RoundClass]:
    usual = {one.code: one for one in parameters.class_kinds(session, kind)}
    out, prefixes = [], set[str]()
    for place, wish in enumerate(wishes):
        known = usual.get(wish.code)
        prefix = known.prefix if known else wish.code.upper().replace("_", "")
        at = f"classes.{place}.code"
        if not CODE.fullmatch(wish.code) or not prefix:
            raise Invalid(Words("代碼用英文字母與數字", "Letters and digits only"), field=at)
        if prefix in prefixes:
            raise Invalid(Words("類別不能重複", "Each class once"), field=at)
        if not 0 < wish.places <= MOST_PLACES:
            words = Words("每類 1 到 {n} 個", "1 to {n} of each class").fill(n=MOST_PLACES)
            raise Invalid(words, field=f"classes.{place}.places")
        prefixes.add(prefix)
        told: dict[str, Any] = {
            "name": wish.name or (known.name if known else wish.code),
            "name_en": wish.name_en or (known.name_en if known else wish.name or wish.code),
            "papers": list(wish.papers if wish.papers is not None else known.papers if known else ()),
            "rule": known.rule if known else "",
        }
        out.append(RoundClass(code=wish.code, prefix=prefix, places=wish.places, place_in_list=place, **told))
    if not out:
        raise Invalid(Words("至少要有一個類別", "At least one class"), field="classes")
    return out


def _title(kind: str, first: date, until: date) -> Words:
    year = first.year - 1911
    zh, en = "{year}年{month}月起{what}", "{what} from {first}"
    return Words(zh, en).fill(year=year, month=first.month, what=say.KINDS[kind], first=f"{first:%b %Y}")
