"""Registering a firm for a round: by wire, on paper, or from a file; and what must not be twice (T-04, T-05)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common.errors import Conflict, FieldError, Forbidden, Invalid
from common.identity import Person
from common.period import today
from common.words import Words
from venues.messages import rounds as facts
from venues.models import APPLIES, DECIDES, Registration, Round, RoundBar, RoundClass
from venues.models.registrations import ONE_SELLER
from venues.rounds import firms
from venues.rounds import words as say
from venues.rounds.steps import desk_round, find, find_round, locked, move, record, require

SELLERS_NEEDED = ("stall", "plaza")


class Twice(Conflict):
    """The firm, or its seller, has a registration in this round already (T-04)."""


FIRM_TWICE = Words("這家廠商在這一期已經登記過了（T-04）", "This firm has registered for this round already (T-04)")
SELLER_TWICE = Words(
    "這位販售人員已代表另一家廠商登記；一人只能代表一家（T-04）",
    "This seller stands for another firm in this round; one seller, one firm (T-04)",
)


class Barred(Conflict):
    """The firm or its seller may not register until a day, for a reason (T-08)."""


@dataclass(frozen=True)
class Entry:
    """What is told of a firm. `papers` are the codes of the papers ticked as ready."""

    class_code: str
    firm_number: str
    firm_kind: str = "company"
    firm_name: str = ""
    seller_id: str = ""
    seller_name: str = ""
    phone: str = ""
    goods: str = ""
    papers: tuple[str, ...] = ()
    papers_note: str = ""


def register(session: Session, person: Person, now: datetime, round_id: int, entry: Entry) -> Registration:
    """Register a firm within the window; at the desk this is an entry from paper, until the list is published.

    Posts RegistrationReceived. Raises Forbidden, NotFound, NotNow, Invalid at the field, Twice, Barred.
    """
    if not person.has(*APPLIES):
        raise Forbidden
    on_paper = person.has(*DECIDES)
    if not on_paper:
        find_round(session, None, round_id)
    row = locked(session, round_id, shared=True)
    _must_take(row, now, on_paper)
    if row.kind in SELLERS_NEEDED and person.agency.kind == "city" and not on_paper:
        words = "攤位供公司行號、農民與公益團體登記（T-04）。"
        raise Forbidden(Words(words, "Stalls are for firms, farmers and charities (T-04)."))
    if not entry.firm_name and not on_paper:
        entry = replace(entry, firm_name=person.agency.name)
    entry = checked(row, entry)
    _refuse_barred(session, now, entry)
    _refuse_twice(session, row, entry)
    registration = _row(row, entry, now, None if on_paper else person, person if on_paper else None)
    session.add(registration)
    _flush(session)
    move(session, registration, say.SUBMITTED, now, person)
    facts.tell_registration(session, facts.RegistrationReceived, registration, now)
    record(session, person, "registration_entered" if on_paper else "registration_made", registration, now)
    return registration


def enter_many(
    session: Session, person: Person, now: datetime, round_id: int, entries: list[tuple[int, Entry]]
) -> list[Registration]:
    """Enter paper registrations from a list of (line, entry): all, or none when a line has a fault.

    Raises Invalid with every fault by its line (field `lines.<line>`), Forbidden, NotNow.
    """
    row = desk_round(session, person, round_id)
    _must_take(row, now, True)
    good, wrong = _examined(session, row, now, entries)
    if wrong:
        raise Invalid.many(wrong)
    made = [_row(row, entry, now, None, person) for entry in good]
    session.add_all(made)
    _flush(session)
    for registration in made:
        move(session, registration, say.SUBMITTED, now, person)
    record(session, person, "registrations_entered", row, now, count=len(made))
    return made


def supplement(
    session: Session, person: Person, now: datetime, registration_id: int, *, papers: tuple[str, ...], papers_note: str = "",
    rev: int | None = None,
) -> Registration:  # fmt: skip
    """Send the papers asked for, until the end of the due day. Posts RegistrationPapersSent. Raises NotFound, Forbidden, NotNow, Stale."""
    registration = find(session, person, registration_id)
    registration.expect(rev)
    if not registration.acts(person):
        raise Forbidden
    require(registration.status == say.SUPPLEMENT_NEEDED, "這一件現在不等補件。", "No papers are asked for now.")
    late = registration.supplement_by is not None and today(now) > registration.supplement_by
    require(not late, "補正期限已過。", "The due date has passed.")
    wanted = registration.round.class_of(registration.class_code)
    registration.papers = _papers(wanted, papers)
    registration.papers_note = papers_note or registration.papers_note
    registration.supplement, registration.supplement_by = "", None
    move(session, registration, say.SUBMITTED, now, person, papers_note)
    facts.tell_registration(session, facts.RegistrationPapersSent, registration, now)
    record(session, person, "registration_papers_sent", registration, now, papers=registration.papers)
    return registration


def checked(row: Round, entry: Entry) -> Entry:
    """The entry with its numbers as kept. Raises Invalid with every fault at its field."""
    wrong: list[FieldError] = []
    kept: dict[str, Any] = {}
    wanted = row.class_of(entry.class_code)
    if wanted is None:
        wrong.append(FieldError("class_code", Words("這一期沒有這個類別", "This round has no such class")))
    kind = entry.firm_kind
    try:
        kept["firm_number"] = firms.firm_number(kind, entry.firm_number)
    except Invalid as refused:
        wrong += refused.errors
    if entry.seller_id or row.kind in SELLERS_NEEDED:
        try:
            kept["seller_id"] = firms.seller_number(entry.seller_id)
        except Invalid as refused:
            wrong += refused.errors
    if not entry.firm_name:
        wrong.append(FieldError("firm_name", Words("請填廠商名稱", "Give the firm’s name")))
    if wrong:
        raise Invalid.many(wrong)
    return replace(entry, papers=tuple(_papers(wanted, entry.papers)), **kept)


def last_of(session: Session, person: Person) -> Registration | None:
    """The own body's newest registration, so that a firm's data need not be typed again (T-05)."""
    mine = select(Registration).where(Registration.person_id.is_not(None), Registration.agency_id == person.agency_id)
    return session.scalars(mine.order_by(Registration.id.desc()).limit(1)).first()


def mine_in(session: Session, person: Person | None, row: Round) -> list[Registration]:
    """The own body's registrations in a round, those that stand first."""
    if person is None:
        return []
    found = select(Registration).where(
        Registration.round_id == row.id, Registration.person_id.is_not(None), Registration.agency_id == person.agency_id
    )
    return sorted(session.scalars(found.order_by(Registration.id)), key=lambda each: each.withdrawn_at is not None)


def bar_of(session: Session, firm_number: str, seller_id: str, day: Any) -> RoundBar | None:
    """The bar that stands against a firm or its seller on a day."""
    someone = RoundBar.firm_number == firm_number
    if seller_id:
        someone = someone | (RoundBar.seller_id == seller_id)
    on = select(RoundBar).where(someone, RoundBar.barred_from <= day, RoundBar.barred_until > day)
    return session.scalars(on.order_by(RoundBar.barred_until.desc()).limit(1)).first()


def _must_take(row: Round, now: datetime, on_paper: bool) -> None:
    if on_paper:
        fits = row.status in (say.OPEN, say.CHECKING) and now >= row.registration_from
        require(fits, "名單公布後不能再登錄。", "Nothing is entered once the list is published.")
        return
    if row.status == say.OPEN and now < row.registration_from:
        require(False, "登記還沒有開始。", "Registration has not begun.")
    require(row.registering(now), "登記已經截止。", "Registration has ended.")


def _row(row: Round, entry: Entry, now: datetime, person: Person | None, officer: Person | None) -> Registration:
    wanted = row.class_of(entry.class_code)
    assert wanted is not None  # noqa: S101 - `checked` refuses other classes
    told = {**vars(entry), "papers": list(entry.papers)}
    return Registration(
        round=row, prefix=wanted.prefix, status=say.SUBMITTED, registered_at=now, changed_at=now,
        person_id=person.id if person else None, agency_id=person.agency_id if person else None,
        entered_by_id=officer.id if officer else None, **told,
    )  # fmt: skip


def _papers(wanted: RoundClass | None, ticked: tuple[str, ...]) -> list[str]:
    asked = wanted.papers if wanted else []
    return [code for code in asked if code in ticked]


def _refuse_barred(session: Session, now: datetime, entry: Entry) -> None:
    bar = bar_of(session, entry.firm_number, entry.seller_id, today(now))
    if bar is not None:
        raise Barred(barred_words(bar), field="firm_number")


def barred_words(bar: RoundBar) -> Words:
    """Until when and why somebody is barred."""
    zh, en = "停權到 {until}，原因：{reason}（T-08）", "Barred until {until}: {reason} (T-08)"
    return Words(zh, en).fill(until=bar.barred_until.isoformat(), reason=bar.reason)


def _refuse_twice(session: Session, row: Round, entry: Entry) -> None:
    stands = select(Registration.id).where(Registration.round_id == row.id, Registration.withdrawn_at.is_(None))
    if session.scalar(stands.where(Registration.firm_number == entry.firm_number).limit(1)):
        raise Twice(FIRM_TWICE, field="firm_number")
    if entry.seller_id and session.scalar(stands.where(Registration.seller_id == entry.seller_id).limit(1)):
        raise Twice(SELLER_TWICE, field="seller_id")


def _flush(session: Session) -> None:
    """The constraints have the last word: of two at the same moment one is refused."""
    try:
        session.flush()
    except IntegrityError as refused:
        told = str(refused.orig)
        if ONE_SELLER in told or "registration.seller_id" in told:
            raise Twice(SELLER_TWICE, field="seller_id") from refused
        raise Twice(FIRM_TWICE, field="firm_number") from refused


def _examined(
    session: Session, row: Round, now: datetime, entries: list[tuple[int, Entry]]
) -> tuple[list[Entry], list[FieldError]]:
    """The entries as kept, and every fault with its line."""
    stand = session.execute(
        select(Registration.firm_number, Registration.seller_id).where(
            Registration.round_id == row.id, Registration.withdrawn_at.is_(None)
        )
    ).all()
    numbers, sellers = {each[0] for each in stand}, {each[1] for each in stand}
    bars = bars_on(session, today(now))
    good: list[Entry] = []
    wrong: list[FieldError] = []
    for line, typed in entries:
        try:
            entry = checked(row, typed)
        except Invalid as refused:
            wrong += [_at_line(line, each.words) for each in refused.errors]
            continue
        bar = next((bar for bar in bars if is_against(bar, entry)), None)
        if bar is not None:
            wrong.append(_at_line(line, barred_words(bar)))
        if entry.firm_number in numbers:
            wrong.append(_at_line(line, FIRM_TWICE))
        if entry.seller_id and entry.seller_id in sellers:
            wrong.append(_at_line(line, SELLER_TWICE))
        numbers.add(entry.firm_number)
        sellers.add(entry.seller_id)
        good.append(entry)
    return good, wrong


def bars_on(session: Session, day: date) -> list[RoundBar]:
    """Every bar that stands on a day."""
    return list(session.scalars(select(RoundBar).where(RoundBar.barred_from <= day, RoundBar.barred_until > day)))


def is_against(bar: RoundBar, entry: Entry | Registration) -> bool:
    """Whether it bars this firm, or its seller."""
    return bar.firm_number == entry.firm_number or (bool(bar.seller_id) and bar.seller_id == entry.seller_id)


def _at_line(line: int, words: Words) -> FieldError:
    return FieldError(f"lines.{line}", Words("第 {n} 列：{what}", "Line {n}: {what}").fill(n=line, what=words))
