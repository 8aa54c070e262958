"""Papers of an application 佐證文件: which are needed and why, sending them in, taking them away, asking for what is missing.

Which are needed follows from the answers of eligibility and the lines of points (D-02 to D-05, D-13, D-14). Files lie in a
`common.uploads.Store`. Family, home and disability are read by the owner and the dormitory officer only (C-27).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit
from common.db import for_update
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.messages import post
from common.period import today
from common.uploads import Store, examine
from common.words import Words
from dorms import applications
from dorms import vocabulary as say
from dorms.file_messages import SupplementAsked, Supplemented
from dorms.models import Application, ApplicationPaper, Round, Supplement

SERVICE, ELSEWHERE, APPRAISALS, HOUSEHOLD = "service", "elsewhere", "appraisals", "household"
PROPERTY, DISABILITY, POSTED_FAR, CORRECTION, OTHER = "property", "disability", "posted_far", "correction", "other"
MOST_FILES = 30


class NotNow(Conflict):
    """Papers are not taken now."""


@dataclass(frozen=True)
class Kind:
    """One kind of paper: its name, what it proves, and the rule that asks for it."""

    words: Words
    about: Words
    rule: str


KINDS = {
    SERVICE: Kind(
        Words("在職及年資證明", "Proof of service"), Words("證明職等、到職日與年資", "Proves grade, start date and years"), "D-13",
    ),
    ELSEWHERE: Kind(
        Words("他機關服務證明", "Proof of service elsewhere"),
        Words("他機關年資折半計算的依據", "For the years elsewhere that count half"), "D-13",
    ),
    APPRAISALS: Kind(
        Words("考績通知書", "Appraisal notices"), Words("證明最近 3 年考績", "Proves the appraisals of the last 3 years"), "D-13",
    ),
    HOUSEHOLD: Kind(
        Words("戶口名簿或戶籍謄本", "Household register"), Words("證明同住的眷口", "Proves the family that lives in"), "D-03",
    ),
    PROPERTY: Kind(
        Words("財產歸屬或房屋稅籍清單", "Property or house-tax list"),
        Words("本人與配偶各一份，證明自有住宅狀況", "One each for you and your spouse; proves home ownership"), "D-14",
    ),
    DISABILITY: Kind(
        Words("身心障礙證明", "Disability certificate"),
        Words(
            "同住的成年子女有身心障礙、或需要無障礙房間時",
            "When an adult child with a disability lives in, or an accessible room is needed",
        ),
        "D-03",
    ),
    POSTED_FAR: Kind(
        Words("首長同意函", "The head’s consent"),
        Words("曾獲輔助購宅、調到當日無法往返的地方時", "When helped to buy a home, and posted too far to return the same day"), "D-04",
    ),
    CORRECTION: Kind(
        Words("更正的證明文件", "Proof for a correction"), Words("證明原來的認定有誤", "Shows why the answer is wrong"), "C-22",
    ),
    OTHER: Kind(Words("其他文件", "Another paper"), Words("承辦要求的文件", "What the officer asked for"), "D-10"),
}  # fmt: skip
CHOICES = {code: kind.words for code, kind in KINDS.items() if code != CORRECTION}


@dataclass(frozen=True)
class Item:
    """One line of the checklist: a kind, whether it is needed or asked for here, and what was sent in of it."""

    kind: str
    needed: bool
    asked: bool
    sent: Sequence[ApplicationPaper]

    @property
    def about(self) -> Kind:
        return KINDS[self.kind]

    @property
    def there(self) -> bool:
        return any(paper.deleted_at is None for paper in self.sent)


def needed(application: Application) -> list[str]:
    """The kinds an application needs, in the order of the list."""
    facts = application.facts
    asked = {SERVICE}
    if facts.years_elsewhere:
        asked.add(ELSEWHERE)
    if facts.appraisals:
        asked.add(APPRAISALS)
    if facts.dependants or application.room_kind == say.FAMILY:
        asked.add(HOUSEHOLD)
    if facts.home_status != "here":
        asked.add(PROPERTY)
    if application.declarations.get("posted_far"):
        asked.add(POSTED_FAR)
    return [kind for kind in KINDS if kind in asked]


def of_application(session: Session, application: Application) -> list[ApplicationPaper]:
    """Everything that was ever sent in, taken-away ones too, in order."""
    rows = select(ApplicationPaper).where(ApplicationPaper.application_id == application.id)
    return list(session.scalars(rows.order_by(ApplicationPaper.id)))


def checklist(session: Session, application: Application) -> list[Item]:
    """What is needed, what was asked for, and what else was sent in."""
    sent, wanted = of_application(session, application), needed(application)
    open_now = open_supplement(session, application)
    asked = open_now.kinds if open_now else []
    items = []
    for kind in KINDS:
        mine = [paper for paper in sent if paper.kind == kind]
        if kind in wanted or kind in asked or mine:
            items.append(Item(kind, kind in wanted or kind in asked, kind in asked, mine))
    return items


def missing(session: Session, application: Application) -> list[str]:
    """The kinds that are needed and not there yet."""
    return [item.kind for item in checklist(session, application) if item.needed and not item.there]


@dataclass(frozen=True)
class Lacking:
    """An application whose papers are not all there: what is missing, and what was asked for until when."""

    application: Application
    missing: Sequence[str]
    asked: Supplement | None


def lacking(session: Session, person: Person, round_: Round) -> list[Lacking]:
    """The applications of a round with papers missing, what was asked for first, by its day. Raises Forbidden."""
    if not person.has("dorm_officer"):
        raise Forbidden
    standing = [row for row in round_.standing if row.state == say.SUBMITTED and not row.anonymised_at]
    ids = [row.id for row in standing]
    there: dict[int, set[str]] = {}
    for paper in session.scalars(
        select(ApplicationPaper).where(ApplicationPaper.application_id.in_(ids), ApplicationPaper.deleted_at.is_(None))
    ):
        there.setdefault(paper.application_id or 0, set()).add(paper.kind)
    open_now = select(Supplement).where(Supplement.application_id.in_(ids), Supplement.answered_at.is_(None))
    asked = {row.application_id: row for row in session.scalars(open_now.order_by(Supplement.id))}
    rows = []
    for row in standing:
        wanted = {*needed(row), *(asked[row.id].kinds if row.id in asked else [])}
        missing_here = [kind for kind in KINDS if kind in wanted - there.get(row.id, set())]
        if missing_here or row.id in asked:
            rows.append(Lacking(row, missing_here, asked.get(row.id)))
    return sorted(rows, key=lambda each: (each.asked is None, each.asked.due_on if each.asked else date.max))


def open_supplement(session: Session, application: Application) -> Supplement | None:
    """What is asked for and has not come yet."""
    rows = select(Supplement).where(Supplement.application_id == application.id, Supplement.answered_at.is_(None))
    return session.scalars(rows.order_by(Supplement.id.desc())).first()


def can_send(session: Session, application: Application, person: Person, now: datetime) -> bool:
    """Its owner until registration ends, and until the due day while papers are asked for; the officer until it is ranked."""
    if application.state == say.WITHDRAWN or application.anonymised_at:
        return False
    asked = open_supplement(session, application)
    if person.has("dorm_officer"):
        return asked is not None or application.round.ranked_at is None
    if not application.is_of(person):
        return False
    if asked is not None and today(now) <= asked.due_on:
        return True
    return application.round.stage(now) == say.OPEN


def add(
    session: Session, person: Person, now: datetime, application_id: int, store: Store, *, kind: str, filename: str,
    content: bytes,
) -> ApplicationPaper:  # fmt: skip
    """Send a paper in: its type is judged by its content, pictures are drawn anew. Raises NotFound, NotNow, Invalid."""
    application = locked(session, person, application_id)
    if not can_send(session, application, person, now):
        raise NotNow(
            Words(
                "現在不收文件：登記期間內、或承辦要求補件時才能送。",
                "No papers are taken now: only while registration runs, or when they were asked for.",
            )
        )
    if kind not in CHOICES:
        raise Invalid(Words("請選擇文件種類", "Choose the kind of paper"), field="kind")
    there = [paper for paper in of_application(session, application) if paper.deleted_at is None]
    paper = kept(session, person, now, store, there, kind=kind, filename=filename, content=content)
    paper.application_id = application.id
    session.add(paper)
    session.flush()
    told = {"kind": kind, "paper": paper.id, "sha256": paper.sha256, "size": paper.size}
    audit.record(session, person, "dorms.paper_sent", f"application/{application.id}", now, after=told)
    _answer(session, now, application)
    return paper


def kept(
    session: Session, person: Person, now: datetime, store: Store, there: Sequence[ApplicationPaper], *, kind: str,
    filename: str, content: bytes,
) -> ApplicationPaper:  # fmt: skip
    """The row of a file that is examined and stored with this transaction; not yet of any file. Raises Invalid."""
    upload = examine(filename, content)
    if len(there) >= MOST_FILES:
        raise Invalid(Words("一件最多 {n} 份文件", "{n} papers at most").fill(n=MOST_FILES), field="file")
    if any(paper.kind == kind and paper.sha256 == upload.sha256 for paper in there):
        raise Invalid(Words("這份文件已經送過了", "This paper was sent in already"), field="file")
    return ApplicationPaper(
        kind=kind, filename=upload.name, media_type=upload.media_type, size=len(upload.content), sha256=upload.sha256,
        stored=store.keep_with(session, upload.content), sent_at=now, by_id=person.id,
    )  # fmt: skip


def read(session: Session, person: Person, paper_id: int) -> ApplicationPaper:
    """A paper that is still there, for the owner of its file and the officer. Raises NotFound."""
    paper = session.get(ApplicationPaper, paper_id)
    whole = None if paper is None else paper.application or paper.correction
    if paper is None or paper.deleted_at is not None or whole is None or not whole.can_see(person):
        raise NotFound
    return paper


def delete(
    session: Session, person: Person, now: datetime, paper_id: int, store: Store, *, reason: str
) -> ApplicationPaper:
    """Take a paper of an application away: the row stays, the file goes with the commit. Its sender while papers are
    taken, and the officer. Raises NotFound, Forbidden, NotNow."""
    paper = read(session, person, paper_id)
    if paper.application_id is None:
        raise Forbidden
    application = locked(session, person, paper.application_id)
    session.refresh(paper)
    if paper.deleted_at is not None:
        raise NotFound
    if not can_send(session, application, person, now):
        raise NotNow(Words("現在不能刪除文件。", "No paper can be taken away now."))
    paper.deleted_at, paper.deleted_by_id, paper.deleted_reason = now, person.id, reason
    session.flush()
    store.drop_with(session, paper.stored)
    told = {"kind": paper.kind, "paper": paper.id, "sha256": paper.sha256}
    audit.record(session, person, "dorms.paper_deleted", f"application/{application.id}", now, before=told)
    return paper


def ask(
    session: Session, person: Person, now: datetime, application_id: int, *, kinds: Sequence[str], due_on: date,
    note: str = "",
) -> Supplement:  # fmt: skip
    """Ask for what is missing until a day, and tell the person. Raises Forbidden, Invalid, NotNow."""
    if not person.has("dorm_officer"):
        raise Forbidden
    application = locked(session, person, application_id)
    if application.state != say.SUBMITTED or application.round.ranked_at:
        raise NotNow(Words("排序以後不能再要求補件。", "Papers cannot be asked for after the ranking."))
    if open_supplement(session, application):
        raise NotNow(Words("已經要求補件，還沒補齊。", "Papers were asked for already and have not come yet."))
    wanted = [kind for kind in CHOICES if kind in kinds]
    if not wanted:
        raise Invalid(Words("請勾選要補的文件", "Tick the papers to ask for"), field="kinds")
    if due_on < today(now):
        raise Invalid(Words("期限不能早於今天", "The day lies in the past"), field="due_on")
    row = Supplement(
        application_id=application.id, kinds=wanted, note=note, asked_at=now, asked_by_id=person.id, due_on=due_on
    )
    session.add(row)
    session.flush()
    subject = f"application/{application.id}"
    audit.record(
        session, person, "dorms.ask_papers", subject, now, after={"kinds": wanted, "due_on": due_on.isoformat()}
    )
    post(session, SupplementAsked, subject=subject, now=now, due_on=due_on, **_told(application))
    return row


def locked(session: Session, person: Person, application_id: int) -> Application:
    """An application its reader may see, held until the transaction ends. Raises NotFound."""
    session.get(Application, application_id, **for_update(session, Application))
    return applications.find(session, person, application_id)


def _answer(session: Session, now: datetime, application: Application) -> None:
    """Close what was asked for once every kind of it came after the asking."""
    asked = open_supplement(session, application)
    if asked is None:
        return
    came = {
        paper.kind
        for paper in of_application(session, application)
        if paper.deleted_at is None and paper.sent_at >= asked.asked_at
    }
    if set(asked.kinds) <= came:
        asked.answered_at = now
        session.flush()
        post(session, Supplemented, subject=f"application/{application.id}", now=now, **_told(application))


def _told(application: Application) -> dict[str, str]:
    return {
        "application_id": str(application.id),
        "number": application.number,
        "round_id": str(application.round_id),
        "person_id": str(application.person_id),
    }
