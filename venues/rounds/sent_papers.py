"""Papers of a registration as files (T-06): sent in by the firm, read by it and by the round's officers, taken away.

The files lie in a `common.uploads.Store`; a row keeps who sent what and its SHA-256. A policy and a laboratory test say
their day: they may be so many months old.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from common import audit
from common.errors import Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import add_months, today
from common.uploads import Store, examine
from common.words import Words
from venues.models import DECIDES, Registration, RegistrationPaper
from venues.refusals import NotNow
from venues.rounds import parameters
from venues.rounds import words as say
from venues.rounds.checking import CHECKED_IN
from venues.rounds.steps import find

DATED = ("liability", "lab_test")
MOST_FILES = 40

CLOSED = Words(
    "現在不收文件：登記期間內、或承辦要求補正時才能送。",
    "No papers are taken now: only while registration runs, or when the desk asked for them.",
)


@dataclass(frozen=True)
class Item:
    """One line of the checklist: a paper, whether the class needs it, whether it is ticked, and the files sent in of it."""

    kind: str
    needed: bool
    ticked: bool
    sent: Sequence[RegistrationPaper]

    @property
    def words(self) -> Words:
        return say.PAPERS[self.kind]

    @property
    def there(self) -> bool:
        """Whether a file of it lies there."""
        return any(paper.deleted_at is None for paper in self.sent)


def of_registration(session: Session, registration: Registration) -> list[RegistrationPaper]:
    """Everything that was ever sent in for a registration, taken-away ones too, in order."""
    found = select(RegistrationPaper).where(RegistrationPaper.registration_id == registration.id)
    loaded = found.options(selectinload(RegistrationPaper.by), selectinload(RegistrationPaper.deleted_by))
    return list(session.scalars(loaded.order_by(RegistrationPaper.id)))


def checklist(session: Session, registration: Registration) -> list[Item]:
    """The papers that the class needs, and others that were sent, in the order of the list."""
    wanted = registration.round.class_of(registration.class_code)
    asked = wanted.papers if wanted else []
    sent = of_registration(session, registration)
    items = []
    for kind in say.PAPERS:
        mine = [paper for paper in sent if paper.kind == kind]
        if kind in asked or mine:
            items.append(Item(kind, kind in asked, kind in registration.papers, mine))
    return items


def can_send(registration: Registration, person: Person, now: datetime) -> bool:
    """The firm within the window until it is decided, and until the due day while papers are asked for; the desk until the
    list is published."""
    if registration.round.status not in CHECKED_IN or registration.status in say.GONE:
        return False
    if person.has(*DECIDES):
        return True
    if not registration.is_of(person):
        return False
    if registration.status == say.SUPPLEMENT_NEEDED:
        return registration.supplement_by is None or today(now) <= registration.supplement_by
    return registration.status == say.SUBMITTED and registration.round.registering(now)


def can_read(registration: Registration, person: Person) -> bool:
    """Whether the person may open the files: the firm itself and the round's officers, nobody else."""
    return registration.is_of(person) or person.has(*DECIDES)


def add(
    session: Session, person: Person, now: datetime, registration_id: int, store: Store, *, kind: str, filename: str,
    content: bytes, issued_on: date | None = None,
) -> RegistrationPaper:  # fmt: skip
    """Send a paper in and tick it; its type is judged by its content, pictures are drawn anew (T-06).

    Raises NotFound, Forbidden, NotNow, Invalid (fields `kind`, `issued_on`, `file`).
    """
    registration = find(session, person, registration_id)
    if not can_read(registration, person):
        raise Forbidden
    if not can_send(registration, person, now):
        raise NotNow(CLOSED)
    if kind not in say.PAPERS:
        raise Invalid(Words("請選擇文件種類", "Choose the kind of paper"), field="kind")
    _must_be_recent(session, now, kind, issued_on)
    upload = examine(filename, content)
    there = [paper for paper in of_registration(session, registration) if paper.deleted_at is None]
    if len(there) >= MOST_FILES:
        words = Words("一件最多 {n} 份文件", "{n} papers at most for one registration").fill(n=MOST_FILES)
        raise Invalid(words, field="file")
    if any(paper.kind == kind and paper.sha256 == upload.sha256 for paper in there):
        raise Invalid(Words("這份文件已經送過了", "This paper was sent in already"), field="file")
    paper = RegistrationPaper(
        registration=registration, kind=kind, issued_on=issued_on if kind in DATED else None, filename=upload.name,
        media_type=upload.media_type, size=len(upload.content), sha256=upload.sha256, stored=store.keep_with(session, upload.content),
        sent_at=now, by_id=person.id,
    )  # fmt: skip
    session.add(paper)
    _tick(registration, kind, True)
    session.flush()
    after = {"kind": kind, "paper": paper.id, "sha256": paper.sha256, "size": paper.size}
    audit.record(session, person, "registration_paper_sent", f"registration/{registration.id}", now, after=after)
    return paper


def read(session: Session, person: Person, paper_id: int) -> RegistrationPaper:
    """A paper that is still there, if this person may open it. Raises NotFound."""
    paper = session.get(RegistrationPaper, paper_id)
    if paper is None or paper.deleted_at is not None or not can_read(paper.registration, person):
        raise NotFound
    return paper


def delete(
    session: Session, person: Person, now: datetime, paper_id: int, store: Store, *, reason: str
) -> RegistrationPaper:
    """Take a paper away for a reason: the row stays, the file goes after the commit. The firm while papers are taken; the
    desk always. The last file of an undecided registration's paper takes its tick along.

    Raises NotFound, NotNow.
    """
    paper = read(session, person, paper_id)
    registration = paper.registration
    if not person.has(*DECIDES) and not can_send(registration, person, now):
        raise NotNow(CLOSED)
    paper.deleted_at, paper.deleted_by_id, paper.deleted_reason = now, person.id, reason
    left = [each for each in of_registration(session, registration) if each.kind == paper.kind and not each.deleted_at]
    if not left and registration.status in say.UNDECIDED:
        _tick(registration, paper.kind, False)
    session.flush()
    store.drop_with(session, paper.stored)
    before = {"kind": paper.kind, "paper": paper.id, "sha256": paper.sha256}
    subject = f"registration/{registration.id}"
    audit.record(session, person, "registration_paper_deleted", subject, now, before=before, reason=reason)
    return paper


def _tick(registration: Registration, kind: str, ticked: bool) -> None:
    """Tick or untick one paper, where its class asks for it; the ticks stay in the order of the class."""
    wanted = registration.round.class_of(registration.class_code)
    now_ticked = {*registration.papers, kind} if ticked else {*registration.papers} - {kind}
    registration.papers = [code for code in (wanted.papers if wanted else []) if code in now_ticked]


def _must_be_recent(session: Session, now: datetime, kind: str, issued_on: date | None) -> None:
    if kind not in DATED:
        return
    if issued_on is None:
        raise Invalid(Words("請填保單或報告的日期", "Give the day of the policy or the test"), field="issued_on")
    day = today(now)
    months = parameters.number(session, parameters.PAPER_MONTHS, day).value
    if issued_on > day:
        raise Invalid(Words("日期不能晚於今天", "The day cannot lie ahead"), field="issued_on")
    if add_months(issued_on, months) < day:
        words = Words("這份文件已超過 {n} 個月（T-06）", "This paper is more than {n} months old (T-06)").fill(n=months)
        raise Invalid(words, field="issued_on")
