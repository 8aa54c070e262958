"""師生畫廊 (V6): terms in a numbered series, one school a term, hung and taken down within it (G-01, G-02)."""

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from common import audit, reservations
from common.errors import Conflict, Invalid
from common.identity import Person
from common.period import today
from common.roc import day_words
from common.words import Words
from venues import figures, messages
from venues.ground_rules import find, hold, must_apply, must_decide
from venues.models import WALL, GalleryApplication, GalleryTerm
from venues.refusals import NotNow

TRIES = 8


class TermTaken(Conflict):
    """Another term has these days."""


def terms(session: Session) -> list[GalleryTerm]:
    """All terms, the newest first."""
    rows = select(GalleryTerm).options(selectinload(GalleryTerm.applications))
    return list(session.scalars(rows.order_by(GalleryTerm.starts_on.desc())))


def next_number(session: Session) -> int:
    """The number that follows the series (第N檔)."""
    return (session.scalar(select(func.max(GalleryTerm.number))) or 0) + 1


def plan(
    session: Session, person: Person, now: datetime, *, starts_on: date, ends_on: date, number: int | None = None,
    apply_by: date | None = None,
) -> GalleryTerm:  # fmt: skip
    """A new term, numbered next in the series unless told; its days are taken in the ledger.

    `apply_by` is so many days before it begins unless told (G-02, sample). Raises Forbidden, Invalid, TermTaken.
    """
    must_decide(person)
    if ends_on < starts_on:
        raise Invalid(Words("最後一天要在開始日之後", "The last day lies before the first"), field="ends_on")
    most = figures.value_on(session, "gallery.most_days", starts_on)
    if (ends_on - starts_on).days + 1 > most:
        raise Invalid(Words("一檔最長 {n} 天", "A term lasts {n} days at most").fill(n=most), field="ends_on")
    before = figures.value_on(session, "gallery.apply_days", starts_on)
    apply_by = apply_by or starts_on - timedelta(days=before)
    if apply_by >= starts_on:
        raise Invalid(Words("申請期限要在開始日之前", "Applications end before the term begins"), field="apply_by")
    term = _numbered(session, number, starts_on, ends_on, apply_by)
    try:
        reservations.claim(session, term.holder, [(WALL, term.period)], now=now)
    except reservations.Taken as taken:
        other = find(session, GalleryTerm, int(taken.by[0].holder.partition(":")[2])) if taken.by else None
        words = Words("這段時間已排{term}", "{term} has these days")
        label = other.label if other else Words("另一檔", "Another term")
        raise TermTaken(words.fill(term=label), field="starts_on") from taken
    after = {"number": term.number, "starts_on": str(starts_on), "ends_on": str(ends_on)}
    audit.record(session, person, "gallery_term_planned", f"gallery_term/{term.id}", now, after=after)
    return term


def apply(
    session: Session, person: Person, now: datetime, term_id: int, *, title: str, works: int, heaviest_kg: int,
    about: str = "",
) -> GalleryApplication:  # fmt: skip
    """A school asks for a term, until its closing day. Raises Forbidden, NotNow, Invalid (works too heavy, asked already)."""
    must_apply(person)
    term = hold(session, GalleryTerm, term_id)  # against the assignment: whoever applies is answered by it
    if today(now) > term.apply_by or term.show is not None:
        raise NotNow(Words("這一檔已截止申請。", "Applications for this term have closed."))
    most = figures.value_on(session, "gallery.heaviest_kg", term.starts_on)
    if heaviest_kg > most:
        words = Words("單件作品最重 {n} 公斤", "A work weighs {n} kg at most").fill(n=most)
        raise Invalid(words, field="heaviest_kg")
    row = GalleryApplication(
        agency_id=person.agency_id, applicant_id=person.id, status="applied", title=title, about=about, works=works,
        heaviest_kg=heaviest_kg, applied_at=now, term_id=term.id,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as twice:
        raise Invalid(Words("貴校已申請這一檔", "You have applied for this term already"), field="title") from twice
    session.refresh(term)
    audit.record(session, person, "gallery_applied", f"gallery_application/{row.id}", now, after={"term": term.number})
    return row


def assign(
    session: Session, person: Person, now: datetime, term_id: int, *, application_id: int, reason: str = "",
    hangs_on: date | None = None, comes_down_on: date | None = None, rev: int | None = None,
) -> GalleryTerm:  # fmt: skip
    """Give a term to one school; the others are told that they were not chosen, and why.

    Hung on the term's first day and taken down on its last unless told. Raises Forbidden, NotNow, Invalid, Stale.
    """
    must_decide(person)
    term = hold(session, GalleryTerm, term_id)
    term.expect(rev)
    if term.show is not None:
        raise NotNow(Words("這一檔已經排定。", "This term is assigned already."))
    chosen = next((each for each in term.applications if each.id == application_id), None)
    if chosen is None:
        raise Invalid(Words("請選一所申請的學校", "Choose a school that applied"), field="application_id")
    _hang(term, hangs_on or term.starts_on, comes_down_on or term.ends_on)
    for each in term.applications:
        each.status = "assigned" if each is chosen else "declined"
        each.reason = reason
        messages.tell_gallery(session, each, now)
    after = {"term": term.number, "agency": chosen.agency_id, "declined": len(term.applications) - 1}
    audit.record(session, person, "gallery_term_assigned", f"gallery_term/{term.id}", now, after=after, reason=reason)
    return term


def hang(
    session: Session, person: Person, now: datetime, term_id: int, *, hangs_on: date, comes_down_on: date,
    rev: int | None = None,
) -> GalleryTerm:  # fmt: skip
    """Other days for hanging and taking down, within the term. Raises Forbidden, NotNow, Invalid, Stale."""
    must_decide(person)
    term = hold(session, GalleryTerm, term_id)
    term.expect(rev)
    if term.show is None:
        raise NotNow(Words("這一檔還沒有排定。", "This term is not assigned yet."))
    before = {"hangs_on": str(term.hangs_on), "comes_down_on": str(term.comes_down_on)}
    _hang(term, hangs_on, comes_down_on)
    after = {"hangs_on": str(hangs_on), "comes_down_on": str(comes_down_on)}
    session.flush()
    audit.record(session, person, "gallery_hanging_set", f"gallery_term/{term.id}", now, before=before, after=after)
    return term


def _numbered(session: Session, number: int | None, starts_on: date, ends_on: date, apply_by: date) -> GalleryTerm:
    """The term, written. Its number is unique: a rival who took the next one meanwhile leaves the one after it."""
    for _ in range(1 if number else TRIES):
        term = GalleryTerm(
            number=number or next_number(session), starts_on=starts_on, ends_on=ends_on, apply_by=apply_by
        )
        try:
            with session.begin_nested():
                session.add(term)
        except IntegrityError:
            continue
        return term
    raise Invalid(Words("已經有這一檔", "There is such a term already"), field="number")


def _hang(term: GalleryTerm, hangs_on: date, comes_down_on: date) -> None:
    if not term.starts_on <= hangs_on <= comes_down_on <= term.ends_on:
        words = Words("佈展與撤展要在 {a} 到 {b} 之間", "Hanging and taking down lie between {a} and {b}")
        raise Invalid(
            words.fill(a=day_words(term.starts_on, year=True), b=day_words(term.ends_on, year=True)), field="hangs_on"
        )
    term.hangs_on, term.comes_down_on = hangs_on, comes_down_on
