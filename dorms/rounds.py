"""Rounds 配借: opened with notice, ranked once with a public seed, published by code, allotted, checkable by all."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common import audit
from common import draw as draws
from common.db import for_update
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.messages import post
from common.period import LATEST, add_months, local, taipei, today
from common.roc import roc_year
from common.words import Words
from dorms import applications, ranking, round_log, rulebook, verification, working_days
from dorms import vocabulary as say
from dorms.messages import RankingPublished, RoundOpened
from dorms.models import Application, Building, Round, Tenancy
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
    end_on_working_day: bool = False,
    accessible_first: bool = True,
    women_first: Sequence[str] | None = None,
    first_timers_first: bool = False,
    objection_days: int = 0,
) -> Round:
    """Announce a round. The point table is the one in force today and stays the round's own (D-15).

    `end_on_working_day` moves a last day that is a day off (D-17). `women_first` names the houses in whose single rooms
    women come first (D-22), those so marked when left out; `first_timers_first` puts people who have or had a room here
    after all others (D-17); for `objection_days` after publication applicants may object.

    A notice shorter than the usual number of days (D-17) is allowed, and shown. Raises Forbidden, Invalid.
    """
    _must_be_officer(person)
    if not registration_from < registration_until or registration_until > LATEST:
        raise Invalid(
            Words("截止時間要晚於開始時間", "Registration must end after it begins"), field="registration.until"
        )
    if registration_until <= now:
        raise Invalid(Words("截止時間要在現在以後", "Registration must end in the future"), field="registration.until")
    if end_on_working_day:
        registration_until = working_days.moved_instant(registration_until)
    table = rulebook.point_table(session, kind, today(now))
    constraints = {
        "accessible_first": accessible_first,
        "women_first": _houses(session, women_first) if kind == say.SINGLE else [],
        "first_timers_first": first_timers_first,
    }
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
        constraints=constraints,
        objection_days=objection_days,
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


def _houses(session: Session, named: Sequence[str] | None) -> list[str]:
    """The houses named, or those marked (D-22). Raises Invalid for one that is none."""
    houses = list(session.scalars(select(Building).order_by(Building.place_in_list)))
    if named is None:
        return [house.id for house in houses if house.women_first]
    if set(named) - {house.id for house in houses}:
        raise Invalid(Words("沒有這棟宿舍", "There is no such house"), field="women_first")
    return [house.id for house in houses if house.id in named]


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
    row.ranked_at = now
    row.record = {
        "round": row.number,
        "room_kind": row.kind,
        "table_version": row.point_table.version,
        "draw": drawn.published(),
        "ranking": put_in_order(session, row, drawn),
    }
    session.flush()
    audit.record(
        session,
        person,
        "dorms.rank",
        f"round/{row.id}",
        now,
        after={"seed": drawn.seed, "tickets_sha256": drawn.tickets_sha256, "applicants": len(row.standing)},
    )
    return row


def put_in_order(session: Session, row: Round, drawn: draws.Draw) -> list[dict[str, Any]]:
    """Rank the applicants by their points as they stand, and give the ranking as it is published."""
    drawn_codes = set(drawn.tickets)
    by_code = {application.code: application for application in row.applications if application.code in drawn_codes}
    scores = {code: application.score.total for code, application in by_code.items()}
    again = _housed_before(session, row) if row.constraints.get("first_timers_first") else None
    entries = [
        ranking.Entry(code, scores[code], application.started_on, again is not None and application.person_id in again)
        for code, application in by_code.items()
    ]
    places = ranking.rank(entries, drawn)
    for place in places:
        by_code[place.code].rank, by_code[place.code].points = place.rank, scores[place.code]
    out = [_published_row(by_code[place.code], place) for place in places]
    if again is not None:
        for told in out:
            told["again"] = by_code[told["code"]].person_id in again
    return out


def _housed_before(session: Session, row: Round) -> set[int]:
    """Which applicants have or had a room here."""
    people = [application.person_id for application in row.applications]
    return set(session.scalars(select(Tenancy.person_id).where(Tenancy.person_id.in_(people))))


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
    if row.objection_days:
        last = working_days.moved(today(now) + timedelta(days=row.objection_days))
        row.objections_until = taipei(last, "17:00")
    row.list_valid_until = add_months(today(now), number.value)
    session.flush()
    audit.record(session, person, "dorms.publish_ranking", f"round/{row.id}", now)
    tell_ranked(session, now, row)
    return row


def tell_ranked(session: Session, now: datetime, row: Round) -> None:
    """Tell every applicant that a ranking was published."""
    if row.record is None:
        return
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
    return {**row.record, "log": round_log.log_of(session, row)} if row.allotted_at else dict(row.record)


def public_allotment(session: Session, person: Person, row: Round) -> dict[str, Any]:
    """The same once rooms are allotted. Raises NotYet before."""
    if not row.allotted_at:
        raise NotYet(Words("還沒有核配。", "Rooms are not allotted yet."))
    return public_record(session, person, row)


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
    homes = {room["tenant"]: room["id"] for room in record["rooms"] if room.get("tenant")}
    for line in record["allotment"]:
        offered = None if line["room_id"] == homes.get(line["code"]) else line["room_id"]
        if first_offers.get(line["code"]) != offered:
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
