"""Points held against papers, objections to a published ranking, and the ranking published anew after a correction."""

import hashlib
import json
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit
from common import draw as draws
from common.db import for_update
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.messages import post
from common.words import Words
from dorms import applications, rounds
from dorms import vocabulary as say
from dorms.messages import ObjectionAnswered, ObjectionRaised
from dorms.models import Application, Objection, PointCheck, ReplacedRanking, Round
from dorms.points import plain

MOST = Decimal(999)


class WindowClosed(Conflict):
    """Objections are taken from publication to a stated instant."""

    words = Words("現在不在異議期間。", "Objections are not taken now.")


class Unanswered(Conflict):
    """Something stands against allotting the rooms."""


def check_line(
    session: Session,
    person: Person,
    now: datetime,
    application_id: int,
    *,
    item: str,
    points: Decimal | None = None,
    reason: str = "",
) -> Application:
    """Hold one line of points against the papers: as claimed, or other points with a reason; its applicant sees both.

    A later check of the same line replaces it. Raises Forbidden, NotFound, Invalid (field `item`, `points`, `reason`),
    Conflict once the rooms are allotted.
    """
    if not person.has("dorm_officer"):
        raise Forbidden
    row = applications.find(session, person, application_id)
    round_ = _locked(session, row.round_id)
    if round_.allotted_at or row.state == say.WITHDRAWN:
        raise Conflict(Words("核配後不能再更正積點。", "Points are not corrected once rooms are allotted."))
    known = next((each for each in round_.point_table.items if each.code == item), None)
    if known is None:
        raise Invalid(Words("積點表沒有這一項", "The point table has no such item"), field="item")
    if points is not None and not reason:
        raise Invalid(Words("請寫明更正的理由", "Give the reason for the correction"), field="reason")
    most = Decimal(str(known.parameters.get("max", MOST)))
    if points is not None and not 0 <= points <= most:
        raise Invalid(
            Words("這一項是 0 到 {most} 分", "This item is 0 to {most} points").fill(most=plain(most)), field="points"
        )
    check = next((each for each in row.checks if each.item == item), None)
    before = _told(check)
    if check is None:
        check = PointCheck(item=item)
        row.checks.append(check)
    check.points, check.reason, check.checked_by_id, check.checked_at = points, reason, person.id, now
    session.flush()
    audit.record(session, person, "dorms.check_points", f"application/{row.id}", now, before, _told(check), reason)
    return row


def raise_objection(session: Session, person: Person, now: datetime, application_id: int, *, reason: str) -> Objection:
    """Object to one's points or rank, with a reason. Raises WindowClosed, Conflict while an earlier one is unanswered."""
    row = applications.find(session, person, application_id)
    if not row.is_of(person):
        raise Forbidden(Words("只有申請人本人能提出異議。", "Only the applicant can object."))
    round_ = _locked(session, row.round_id)
    if not round_.takes_objections(now) or row.state == say.WITHDRAWN:
        raise WindowClosed
    if any(each.answered_at is None for each in row.objections):
        raise Conflict(Words("前一件異議還沒答覆。", "Your earlier objection is not answered yet."))
    objection = Objection(application=row, reason=reason, made_at=now)
    session.add(objection)
    session.flush()
    audit.record(session, person, "dorms.object", f"objection/{objection.id}", now)
    post(session, ObjectionRaised, subject=f"objection/{objection.id}", now=now, **_parties(objection))
    return objection


def answer(
    session: Session, person: Person, now: datetime, objection_id: int, *, answer: str, rev: int | None = None
) -> Objection:
    """Answer an objection; corrections of points are entered line by line, and the ranking then published anew."""
    if not person.has("dorm_officer"):
        raise Forbidden
    objection = session.get(Objection, objection_id)
    if objection is None:
        raise NotFound
    _locked(session, objection.application.round_id)
    session.refresh(objection)
    objection.expect(rev)
    if objection.answered_at is not None:
        raise Conflict(Words("這件異議已經答覆。", "This objection is answered already."))
    objection.answer, objection.answered_by_id, objection.answered_at = answer, person.id, now
    session.flush()
    audit.record(session, person, "dorms.answer_objection", f"objection/{objection.id}", now, reason=answer)
    post(session, ObjectionAnswered, subject=f"objection/{objection.id}", now=now, **_parties(objection))
    return objection


def republish(
    session: Session, person: Person, now: datetime, round_id: int, *, reason: str, rev: int | None = None
) -> Round:
    """Rank again by the corrected points with the same draw, publish it beside the one it replaces, tell every applicant.

    Raises Forbidden, NotYet before publication, DoneAlready after the allotment, Conflict when no points were corrected.
    """
    if not person.has("dorm_officer"):
        raise Forbidden
    row = _locked(session, round_id)
    row.expect(rev)
    if row.published_at is None or row.record is None:
        raise rounds.NotYet(Words("名次還沒有公布。", "The ranking is not published yet."))
    if row.allotted_at:
        raise rounds.DoneAlready(Words("這一期已經核配過。", "Rooms were allotted in this round already."))
    if not corrected(row):
        raise Conflict(Words("沒有更正過的積點。", "No points were corrected."))
    before, edition = row.record, int(row.record.get("edition", 1))
    session.add(ReplacedRanking(round_id=row.id, edition=edition, record=before, replaced_at=now, reason=reason))
    drawn = draws.draw(before["draw"]["tickets"], before["draw"]["seed"], seed_source=row.seed_source)
    replaced = {"edition": edition + 1, "replaces_sha256": fingerprint(before), "replaced_because": reason}
    ranking = rounds.put_in_order(session, row, drawn)
    row.record = {**before, **replaced, "ranking": ranking}
    session.flush()
    audit.record(session, person, "dorms.republish_ranking", f"round/{row.id}", now, after=replaced, reason=reason)
    rounds.tell_ranked(session, now, row)
    return row


def corrected(row: Round) -> list[Application]:
    """Whose points are no longer those the ranking was made with."""
    return [each for each in row.standing if each.rank and each.points != each.score.total]


def must_be_settled(session: Session, row: Round, now: datetime) -> None:
    """Raises Unanswered while the window is open, an objection has no answer or a correction is not published."""
    if row.takes_objections(now):
        raise Unanswered(Words("異議期間還沒結束。", "The time for objections is not over."))
    if open_objections(session, row):
        raise Unanswered(Words("還有異議沒有答覆。", "An objection has no answer yet."))
    if corrected(row):
        raise Unanswered(
            Words("有更正的積點，請先重新排序公布。", "Points were corrected: publish the ranking anew first.")
        )


def open_objections(session: Session, row: Round) -> list[Objection]:
    """The objections of a round without an answer, the oldest first."""
    rows = select(Objection).join(Application).where(Application.round_id == row.id, Objection.answered_at.is_(None))
    return list(session.scalars(rows.order_by(Objection.id)))


def earlier(session: Session, row: Round) -> list[ReplacedRanking]:
    """The rankings of a round that were replaced, the first first."""
    rows = select(ReplacedRanking).where(ReplacedRanking.round_id == row.id)
    return list(session.scalars(rows.order_by(ReplacedRanking.edition)))


def fingerprint(record: dict[str, object]) -> str:
    """SHA-256 of a record as JSON with sorted keys, no spaces and every character as it is."""
    text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _locked(session: Session, round_id: int) -> Round:
    row = session.get(Round, round_id, **for_update(session))
    if row is None:
        raise NotFound
    return row


def _told(check: PointCheck | None) -> dict[str, str | None] | None:
    if check is None:
        return None
    return {"item": check.item, "points": None if check.points is None else plain(check.points)}


def _parties(objection: Objection) -> dict[str, str]:
    row = objection.application
    return {
        "objection_id": str(objection.id),
        "application_id": str(row.id),
        "number": row.number,
        "round_id": str(row.round_id),
        "person_id": str(row.person_id),
    }
