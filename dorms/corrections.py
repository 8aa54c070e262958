"""Corrections 申請更正: a person says, with a paper, why the answer that ends the application is wrong; the officer decides.

A granted correction lets that one question pass for that person in that round (D-02 to D-05). Its reason stays in the row,
not in the log, for it may speak of family or health (C-27).
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit
from common.db import for_update
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.messages import post
from common.uploads import Store
from common.words import Words
from dorms import eligibility, papers
from dorms.file_messages import CorrectionAsked, CorrectionDecided
from dorms.models import Correction, Round

ASKED, GRANTED, REFUSED = "asked", "granted", "refused"
STATES = {
    ASKED: Words("審查中", "Being looked at"),
    GRANTED: Words("准予更正", "Granted"),
    REFUSED: Words("維持原認定", "Not granted"),
}
TONES = {ASKED: "wait", GRANTED: "ok", REFUSED: "mute"}


class AskedAlready(Conflict):
    """The same question is being looked at."""

    words = Words("這一題已經申請更正，審查中。", "A correction of this answer is being looked at already.")


class DecidedAlready(Conflict):
    """Somebody decided already."""

    words = Words("這一件更正已經決定了。", "This correction was decided already.")


def ask(
    session: Session, person: Person, now: datetime, round_: Round, store: Store, *, question: str, why: str,
    files: Collection[tuple[str, bytes]],
) -> Correction:  # fmt: skip
    """Ask for a correction with its papers. Raises Invalid (fields `question`, `why`, `file`), AskedAlready."""
    session.get(Round, round_.id, **for_update(session, Round))
    asked = {each.field for each in eligibility.asked(round_.kind)}
    if question not in asked:
        raise Invalid(Words("請選擇要更正的題目", "Choose the answer to correct"), field="question")
    if not files:
        raise Invalid(Words("請附上證明文件", "Add a paper that proves it"), field="file")
    if any(row.question == question and row.state == ASKED for row in of_person(session, round_.id, person)):
        raise AskedAlready
    row = Correction(round_id=round_.id, person_id=person.id, question=question, why=why, asked_at=now)
    for filename, content in files:
        paper = papers.kept(
            session, person, now, store, row.papers, kind=papers.CORRECTION, filename=filename, content=content
        )
        row.papers.append(paper)
    session.add(row)
    session.flush()
    audit.record(
        session, person, "dorms.ask_correction", f"correction/{row.id}", now,
        after={"question": question, "papers": [paper.sha256 for paper in row.papers]},
    )  # fmt: skip
    post(session, CorrectionAsked, subject=f"correction/{row.id}", now=now, **_told(row))
    return row


def decide(
    session: Session, person: Person, now: datetime, correction_id: int, *, granted: bool, reason: str,
    rev: int | None = None,
) -> Correction:  # fmt: skip
    """Grant it or not, with the reason the person reads. Raises Forbidden, NotFound, DecidedAlready, Stale, Invalid."""
    if not person.has("dorm_officer"):
        raise Forbidden
    row = session.get(Correction, correction_id, **for_update(session, Correction))
    if row is None:
        raise NotFound
    row.expect(rev)
    if row.state != ASKED:
        raise DecidedAlready
    if row.person_id == person.id:
        raise Forbidden(Words("不能決定自己的申請。", "Nobody decides about their own request."))
    if not reason:
        raise Invalid(Words("請寫理由，申請人會看到", "Give the reason; the person reads it"), field="reason")
    row.state, row.reason = GRANTED if granted else REFUSED, reason
    row.decided_at, row.decided_by_id = now, person.id
    session.flush()
    audit.record(session, person, "dorms.decide_correction", f"correction/{row.id}", now, after={"granted": granted})
    post(session, CorrectionDecided, subject=f"correction/{row.id}", now=now, granted=granted, **_told(row))
    return row


def find(session: Session, person: Person, correction_id: int) -> Correction:
    """Raises NotFound for others than who asked and the officer."""
    row = session.get(Correction, correction_id)
    if row is None or not row.can_see(person):
        raise NotFound
    return row


def of_person(session: Session, round_id: int, person: Person) -> list[Correction]:
    """What this person asked for in a round, in order."""
    return of_id(session, round_id, person.id)


def of_id(session: Session, round_id: int, person_id: int) -> list[Correction]:
    """The same, by the person's id."""
    rows = select(Correction).where(Correction.round_id == round_id, Correction.person_id == person_id)
    return list(session.scalars(rows.order_by(Correction.id)))


def mine(session: Session, person: Person) -> list[Correction]:
    """One's own, newest first."""
    rows = select(Correction).where(Correction.person_id == person.id).order_by(Correction.id.desc())
    return list(session.scalars(rows))


def waiting(session: Session) -> list[Correction]:
    """Those to be decided, the oldest first."""
    return list(session.scalars(select(Correction).where(Correction.state == ASKED).order_by(Correction.id)))


def _told(row: Correction) -> dict[str, str]:
    round_number = row.round.number
    ids = {"correction_id": str(row.id), "round_id": str(row.round_id), "person_id": str(row.person_id)}
    return {**ids, "round_number": round_number}
