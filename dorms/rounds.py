"""Rounds 配借: opened with notice, ranked once with a public seed, published by code, allotted, checkable by all."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common import audit
from common import draw as draws
from common.db import for_update
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.messages import post
from common.period import LATEST, add_months, local, today
from common.roc import roc_year
from common.words import Words
from dorms import applications, ranking, rulebook, verification
from dorms import vocabulary as say
from dorms.messages import RankingPublished, RoundOpened
from dorms.models import Application, Offer, Round
from dorms.points import plain

USUAL_SOURCE = Words(
    "登記截止後第一個交易日的臺灣加權股價指數（收盤）",
    "the closing Taiwan stock index of the first trading day after registration",
)


class NotYet(Conflict):
    """The round has not come that far."""


class DoneAlready(Conflict):
    """This step was taken before."""


def open_round(
    session: Session,
    person: Person,
    now: datetime,
    *,
    kind: str,
    registration_from: datetime,
    registration_until: datetime,
    notice: str = "",
    seed_source: str = "",
) -> Round:
    """Announce a round. The point table is the one in force today and stays the round's own (D-15).

    A notice shorter than the usual number of days (D-17) is allowed, and shown. Raises Forbidden, Invalid.
    """
    _must_be_officer(person)
    if not registration_from < registration_until or registration_until > LATEST:
        raise Invalid(
            Words("截止時間要晚於開始時間", "Registration must end after it begins"), field="registration.until"
        )
    if registration_until <= now:
        raise Invalid(Words("截止時間要在現在以後", "Registration must end in the future"), field="registration.until")
    table = rulebook.point_table(session, kind, today(now))
    year = roc_year(local(registration_from).year)
    serial = session.scalar(select(func.count()).select_from(Round).where(Round.number.like(f"{year}-%"))) or 0
    row = Round(
        number=f"{year}-{serial + 1}",
        kind=kind,
        registration_from=registration_from,
        registration_until=registration_until,
        notice=notice,
        seed_source=seed_source or USUAL_SOURCE.zh,
        point_table=table,
        opened_by_id=person.id,
        opened_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(session, person, "dorms.open_round", f"round/{row.id}", now, after={"number": row.number})
    post(
        session,
        RoundOpened,
        subject=f"round/{row.id}",
        now=now,
        round_id=str(row.id),
        number=row.number,
        kind=kind,
        registration_from=registration_from,
        registration_until=registration_until,
    )
    return row


def source_words(row: Round) -> Words:
    """Where the seed comes from; the usual source in both languages, another as the officer wrote it."""
    return USUAL_SOURCE if row.seed_source == USUAL_SOURCE.zh else Words.same(row.seed_source)


def tickets(row: Round) -> list[str]:
    """The codes that take part in the draw; fixed once registration has ended."""
    return sorted(application.code for application in row.standing)


def fixed_tickets(row: Round, now: datetime) -> list[str]:
    """The same, for the public. Raises NotYet while somebody may still register or withdraw."""
    if row.record is not None:
        return list(row.record["draw"]["tickets"])
    if now < row.registration_until:
        raise NotYet(Words("登記截止後公布名單。", "The list is published when registration ends."))
    return tickets(row)


def rank_applicants(
    session: Session,
    person: Person,
    now: datetime,
    round_id: int,
    *,
    seed: str,
    close_early_reason: str = "",
    rev: int | None = None,
) -> Round:
    """Rank a round's applicants: points, earlier start, draw with the public seed (D-16). Done once, so that no seed
    can be tried and thrown away; the officer looks at the result before publishing it.

    Raises NotYet while registration is open, unless a reason to close it early is given; DoneAlready; Invalid.
    """
    _must_be_officer(person)
    row = _locked(session, round_id)
    row.expect(rev)
    if row.ranked_at:
        raise DoneAlready(
            Words("這一期已經排序過；種子只能用一次。", "This round has been ranked; a seed is used only once.")
        )
    if now < row.registration_until:
        _close_early(session, person, now, row, close_early_reason)
    if not row.standing:
        raise NotYet(Words("這一期沒有人申請。", "Nobody applied in this round."))
    drawn = draws.draw(tickets(row), seed, seed_source=row.seed_source)
    scores = {application.code: application.score.total for application in row.standing}
    by_code = {application.code: application for application in row.standing}
    places = ranking.rank(
        [ranking.Entry(code, scores[code], application.started_on) for code, application in by_code.items()], drawn
    )
    for place in places:
        by_code[place.code].rank, by_code[place.code].points = place.rank, scores[place.code]
    row.ranked_at = now
    row.record = {
        "round": row.number,
        "room_kind": row.kind,
        "table_version": row.point_table.version,
        "draw": drawn.published(),
        "ranking": [_published_row(by_code[place.code], place) for place in places],
    }
    session.flush()
    audit.record(
        session,
        person,
        "dorms.rank",
        f"round/{row.id}",
        now,
        after={"seed": drawn.seed, "tickets_sha256": drawn.tickets_sha256, "applicants": len(places)},
    )
    return row


def publish_ranking(session: Session, person: Person, now: datetime, round_id: int, *, rev: int | None = None) -> Round:
    """Let everybody read the ranking, by code, and tell each applicant. Raises NotYet, DoneAlready."""
    _must_be_officer(person)
    row = _locked(session, round_id)
    row.expect(rev)
    if row.ranked_at is None or row.record is None:
        raise NotYet(Words("還沒有排序。", "It is not ranked yet."))
    if row.published_at:
        raise DoneAlready(Words("名次已經公布。", "The ranking is published already."))
    row.published_at = now
    number = rulebook.number(session, rulebook.LIST_MONTHS, today(now))
    row.list_valid_until = add_months(today(now), number.value)
    session.flush()
    audit.record(session, person, "dorms.publish_ranking", f"round/{row.id}", now)
    post(
        session,
        RankingPublished,
        subject=f"round/{row.id}",
        now=now,
        round_id=str(row.id),
        number=row.number,
        applicants=len(row.record["ranking"]),
        tickets_sha256=row.record["draw"]["tickets_sha256"],
        person_ids=[str(person_id) for person_id in sorted(application.person_id for application in row.standing)],
    )
    return row


def find(session: Session, person: Person, round_id: int) -> Round:
    """A round; announced rounds are public. Raises NotFound."""
    row = session.get(Round, round_id)
    if row is None:
        raise NotFound
    return row


def latest(session: Session, limit: int = 20) -> list[Round]:
    """The newest rounds first."""
    return list(session.scalars(select(Round).order_by(Round.id.desc()).limit(limit)))


def public_record(session: Session, person: Person, row: Round) -> dict[str, Any]:
    """What was published of a round, with what followed. Raises NotYet before publication (officers read it earlier)."""
    if row.record is None and row.public:
        raise NotYet(
            Words("保存期限已過，名次與代碼已刪除。", "Its time is over: ranking and codes have been deleted.")
        )
    if row.record is None or not (row.public or person.has("dorm_officer")):
        raise NotYet(Words("名次還沒有公布。", "The ranking is not published yet."))
    return {**row.record, "log": log_of(session, row)} if row.allotted_at else dict(row.record)


def public_allotment(session: Session, person: Person, row: Round) -> dict[str, Any]:
    """The same once rooms are allotted. Raises NotYet before."""
    if not row.allotted_at:
        raise NotYet(Words("還沒有核配。", "Rooms are not allotted yet."))
    return public_record(session, person, row)


def log_of(session: Session, row: Round) -> list[dict[str, Any]]:
    """What happened after the allotment, in order, read from the rows themselves: every offer that came to nothing and
    to whom its room passed (D-19), and everyone who left the list."""
    offers = list(
        session.scalars(select(Offer).join(Application).where(Application.round_id == row.id).order_by(Offer.id))
    )
    follower = {offer.follows_id: offer.application.code for offer in offers if offer.follows_id}
    events: list[tuple[datetime, int, dict[str, Any]]] = []
    for offer in offers:
        if offer.answered_at and offer.state != say.ACCEPTED:
            ended: dict[str, Any] = {
                "code": offer.application.code,
                "what": offer.state,
                "room_id": str(offer.room_id),
                "passed_to": follower.get(offer.id),
                "list_ended": bool(row.list_valid_until and today(offer.answered_at) > row.list_valid_until),
            }
            events.append((offer.answered_at, offer.id, ended))
    for application in row.applications:
        if application.withdrawn_at and application.rank:
            left: dict[str, Any] = {
                "code": application.code,
                "what": say.WITHDRAWN,
                "room_id": None,
                "passed_to": None,
                "list_ended": False,
            }
            events.append((application.withdrawn_at, 0, left))
    return [{"at": local(at).isoformat(), **entry} for at, _, entry in sorted(events, key=lambda event: event[:2])]


def verify(session: Session, person: Person, row: Round) -> list[Words]:
    """Compute the round again from its public record, and compare the record with the offers really made.

    An empty list means everything agrees. Raises NotYet before publication.
    """
    record = public_record(session, person, row)
    found = verification.faults(record)
    if "allotment" not in record:
        return found
    first_offers = {
        offer.application.code: str(offer.room_id)
        for application in row.applications
        for offer in application.offers
        if offer.follows_id is None
    }
    for line in record["allotment"]:
        if first_offers.get(line["code"]) != line["room_id"]:
            found.append(
                Words("{code} 實際通知的房間與公布的不同", "The room offered to {code} is not the one published").fill(
                    code=line["code"]
                )
            )
    ranks = {line["code"]: (line["rank"], line["points"]) for line in record["ranking"]}
    found.extend(_row_faults(row.applications, ranks))
    return found


def _row_faults(rows: Iterable[Application], ranks: dict[str, tuple[int, str]]) -> list[Words]:
    return [
        Words("{code} 登錄的積點或名次與公布的不同", "The points or rank kept for {code} are not those published").fill(
            code=row.code
        )
        for row in rows
        if row.code in ranks and (row.rank, plain(row.points or row.score.total)) != ranks[row.code]
    ]


def _published_row(row: Application, place: ranking.Place) -> dict[str, Any]:
    tied = place.decided_by != "points"
    return {
        "rank": place.rank,
        **applications.snapshot(row),
        "started_on": row.started_on.isoformat() if tied else None,
        "decided_by": place.decided_by,
    }


def _close_early(session: Session, person: Person, now: datetime, row: Round, reason: str) -> None:
    if now <= row.registration_from or not reason:
        raise NotYet(
            Words(
                "登記還沒截止。要提前截止並排序，請寫明理由。",
                "Registration is still open. To close it now and rank, give the reason.",
            ),
            field="close_early_reason",
        )
    before = {"registration_until": row.registration_until.isoformat()}
    row.registration_until = now
    audit.record(session, person, "dorms.close_early", f"round/{row.id}", now, before=before, reason=reason)


def _locked(session: Session, round_id: int) -> Round:
    row = session.get(Round, round_id, **for_update(session))
    if row is None:
        raise NotFound
    return row


def _must_be_officer(person: Person) -> None:
    if not person.has("dorm_officer"):
        raise Forbidden
