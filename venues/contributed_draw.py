"""The draw of a contributed venue's half-year (G-03), by the scheme of the rounds (T-01): what decides is fixed before chance.

After the closing day the list is published: the agencies, their wishes, the number of days, the source of the seed and the
moment it becomes known, under one SHA-256. Nothing of it changes afterwards. From that moment on two officers enter the
seed, or one out of its document; days are given by the published wishes and the order drawn, and anybody can do it again.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit, draw
from common.errors import Invalid
from common.identity import Person
from common.period import local, taipei, today
from common.roc import day_words
from common.words import Words
from venues import allocation, contributed, messages
from venues.allocation import Answer
from venues.contributed import name_of, ticket_of
from venues.ground_rules import hold, must_decide
from venues.models import ContributedSeed, ContributedSurvey, ContributedWish
from venues.refusals import NotNow
from venues.rounds import checking, lottery, opening, seeds

ANNOUNCED = ("tickets_sha256", "wishes", "quota", "seed_source", "seed_known_at", "algorithm")
PUBLISHED_ACT = "contributed_list_published"


def publish(
    session: Session, person: Person, now: datetime, survey_id: int, *, seed_from: str = "",
    seed_known_at: datetime | None = None, rev: int | None = None,
) -> ContributedSurvey:  # fmt: skip
    """Close the survey: fix agencies, wishes, days, the seed's source and its moment under one SHA-256.

    Source and moment are the usual ones of the rounds unless told. Raises Forbidden, NotNow (not open, the closing day is
    not over, or nobody wished), Invalid (field `seed_known_at`) unless it lies after now and within the half-year, Stale.
    """
    must_decide(person)
    survey = hold(session, ContributedSurvey, survey_id)
    survey.expect(rev)
    if survey.status != "open":
        raise NotNow
    if today(now) <= survey.closes_on:
        words = Words("登記到 {day} 止，之後才能公布名單。", "Wishes run to {day}; the list comes after that.")
        raise NotNow(words.fill(day=day_words(survey.closes_on)))
    wishes = _wishes(survey)
    if not wishes:
        raise NotNow(Words("還沒有機關登記。", "No agency has wished yet."))
    known_at = seed_known_at or checking.usual_moment(session, now)
    if not now < known_at < taipei(survey.half.last_day, "00:00"):
        words = Words("種子要在公布名單之後、半年結束之前才會知道", "The seed becomes known after the list and in time")
        raise Invalid(words, field="seed_known_at")
    survey.tickets, survey.tickets_sha256 = sorted(wishes), draw.tickets_sha256(wishes)
    survey.listed, survey.seed_from, survey.seed_known_at = wishes, opening.kept_source(seed_from), known_at
    survey.announced_sha256 = lottery.announced_sha256(announced(survey), ANNOUNCED)
    survey.status, survey.published_at = "published", now
    session.flush()
    after = {
        "tickets_sha256": survey.tickets_sha256, "announced_sha256": survey.announced_sha256, "agencies": len(wishes),
        "seed_from": survey.seed_from, "seed_known_at": local(known_at).isoformat(),
    }  # fmt: skip
    audit.record(session, person, PUBLISHED_ACT, f"contributed_survey/{survey.id}", now, after=after)
    return survey


def allot(
    session: Session, person: Person, now: datetime, survey_id: int, *, seed: str, document: str = "",
    rev: int | None = None,
) -> ContributedSurvey:  # fmt: skip
    """Enter the seed; when a second officer enters the same, or `document` holds it, the days are given.

    Every entry is kept, whatever came of it; when they differ the survey waits on: `differ` tells. Every agency is told
    what it got, and why. Raises Forbidden, NotNow (not published, before the seed can be known), Invalid (fields `seed`,
    `document`), Stale.
    """
    must_decide(person)
    survey = hold(session, ContributedSurvey, survey_id)
    survey.expect(rev)
    if survey.status != "published":
        raise NotNow
    known_at = survey.seed_known_at or survey.published_at or now
    drawn, entry = seeds.read(
        survey.tickets, now, seed=seed, source=survey.seed_from, known_at=known_at, document=document
    )
    session.add(ContributedSeed(survey_id=survey.id, at=now, by_id=person.id, **entry))
    session.flush()
    session.refresh(survey, ["seeds"])
    after = {"seed": drawn.seed, "document_sha256": entry["document_sha256"]}
    audit.record(session, person, "contributed_seed_entered", f"contributed_survey/{survey.id}", now, after=after)
    if document or seeds.agreed(survey.seeds, person.id, drawn.seed):
        _allot(session, person, now, survey, drawn)
    return survey


def differ(survey: ContributedSurvey) -> bool:
    """Whether the officers' latest entries of the seed are not the same."""
    return survey.status == "published" and seeds.differ(survey.seeds)


def waits_for_another(survey: ContributedSurvey, person: Person) -> bool:
    """Whether somebody else has to enter the seed now."""
    return survey.status == "published" and set(seeds.latest(survey.seeds)) == {person.id}


def announced(survey: ContributedSurvey) -> dict[str, Any]:
    """What is fixed before the seed is known, under the names the hash is taken over."""
    return {
        "tickets_sha256": survey.tickets_sha256, "wishes": survey.listed, "quota": survey.quota,
        "seed_source": survey.seed_from, "algorithm": draw.ALGORITHM,
        "seed_known_at": local(survey.seed_known_at).isoformat() if survey.seed_known_at else "",
    }  # fmt: skip


def entries(survey: ContributedSurvey) -> list[dict[str, Any]]:
    """Every entry of the seed, officers by number; nothing before the allotment, so that nobody copies."""
    return seeds.told(survey.seeds) if survey.status == "allotted" else []


def answers_of(survey: ContributedSurvey) -> list[tuple[Answer, Words]]:
    """Every wish's answer with its reason, in the order drawn; nothing before the allotment."""
    first = _firsts(survey)
    found = [Answer.from_data(data) for data in survey.results]
    return [(answer, _reason(answer, survey, first)) for answer in found]


def faults(session: Session, survey: ContributedSurvey) -> list[Words]:
    """Draw and allot again from what was published, compare it with the rows and with the audit log, and tell every
    difference; nothing: it is right."""
    published = {
        "tickets": survey.tickets, "tickets_sha256": survey.tickets_sha256, "seed": survey.seed,
        "algorithm": draw.ALGORITHM, "order": survey.draw_order,
    }  # fmt: skip
    found = draw.faults(published)
    if survey.announced_sha256 != _audited(session, survey):
        found.append(Words("公布的雜湊值與當時的稽核紀錄不同", "The hash is not the one the audit log has"))
    if survey.announced_sha256:
        if survey.announced_sha256 != lottery.announced_sha256(announced(survey), ANNOUNCED):
            zh, en = "志願、天數、種子來源或時間與公布時的不同", "Wishes, days, source or time are not those published"
            found.append(Words(zh, en))
        if survey.listed != _wishes(survey):
            found.append(Words("登記的志願與公布的不同", "The wishes kept are not those published"))
        if survey.seed_known_at is None or survey.allotted_at is None or survey.allotted_at < survey.seed_known_at:
            found.append(Words("抽序早於種子公布的時間", "It was drawn before the seed could be known"))
    try:
        again = [answer.to_data() for answer in allocation.allot(_published(survey), survey.draw_order, survey.quota)]
    except ValueError:
        again = []
    if again != list(survey.results):
        found.append(Words("分配結果與登記和抽序算出的不同", "The days given are not those that wishes and order give"))
    given = {(each["ticket"], each["day"]) for each in survey.results if each["round"]}
    rows = {
        (each.agency.code if each.agency else str(each.agency_id), each.day.isoformat())
        for each in survey.days
        if each.how == "allotted"
    }
    if rows != given:
        found.append(Words("登錄的日子與分配結果不同", "The days kept are not those allotted"))
    return found


def _allot(session: Session, person: Person, now: datetime, survey: ContributedSurvey, drawn: draw.Draw) -> None:
    first = _firsts(survey)
    answers = allocation.allot(_published(survey), drawn.order, survey.quota)
    survey.seed, survey.seed_source, survey.draw_order = drawn.seed, survey.seed_from, list(drawn.order)
    survey.results = [answer.to_data() for answer in answers]
    survey.status, survey.allotted_at = "allotted", now
    for answer in answers:
        if answer.given:
            row = first[answer.ticket]
            reason = _reason(answer, survey, first).zh
            contributed.give(
                session, survey, answer.day, row.agency_id, row.person_id, row.purpose, "allotted", now, reason
            )
    _tell(session, survey, first, answers, now)
    after = {"seed": drawn.seed, "given": sum(answer.given for answer in answers), "wishes": len(answers)}
    audit.record(session, person, "contributed_allotted", f"contributed_survey/{survey.id}", now, after=after)


def _wishes(survey: ContributedSurvey) -> dict[str, list[str]]:
    """Each agency's days by its code, the dearest first, as they are kept now."""
    out: dict[str, list[str]] = {}
    for each in sorted(survey.wishes, key=lambda row: row.rank):
        out.setdefault(ticket_of(each), []).append(each.day.isoformat())
    return dict(sorted(out.items()))


def _published(survey: ContributedSurvey) -> dict[str, list[date]]:
    """The wishes as published; those kept, for a list of the time when wishes were not published with it."""
    wishes: Mapping[str, Any] = survey.listed or _wishes(survey)
    return {ticket: [date.fromisoformat(day) for day in days] for ticket, days in wishes.items()}


def _firsts(survey: ContributedSurvey) -> dict[str, ContributedWish]:
    """Each agency's dearest wish."""
    out: dict[str, ContributedWish] = {}
    for each in sorted(survey.wishes, key=lambda row: row.rank):
        out.setdefault(ticket_of(each), each)
    return out


def _audited(session: Session, survey: ContributedSurvey) -> str:
    """The hash that the audit log, chained by hash, has of the publication."""
    acts = select(audit.AuditEntry).where(
        audit.AuditEntry.subject == f"contributed_survey/{survey.id}", audit.AuditEntry.action == PUBLISHED_ACT
    )
    entry = session.scalars(acts.order_by(audit.AuditEntry.id).limit(1)).first()
    return str((entry.after or {}).get("announced_sha256", "")) if entry else ""


def _reason(answer: Answer, survey: ContributedSurvey, first: dict[str, ContributedWish]) -> Words:
    place = {ticket: number for number, ticket in enumerate(survey.draw_order, start=1)}
    return answer.reason({ticket: name_of(row) for ticket, row in first.items()}, place)


def _tell(
    session: Session, survey: ContributedSurvey, first: dict[str, ContributedWish], answers: list[Answer], now: datetime
) -> None:
    for ticket, row in first.items():
        mine = [answer for answer in answers if answer.ticket == ticket]
        got = sum(answer.given for answer in mine)
        lines = [_line(answer, _reason(answer, survey, first)) for answer in mine]
        details = Words("\n".join(line.zh for line in lines), "\n".join(line.en for line in lines))
        messages.tell_allotted(
            session, survey, now, agency_id=row.agency_id, person_id=row.person_id, details=details, got=got
        )


def _line(answer: Answer, reason: Words) -> Words:
    words = Words("志願 {rank} {day}：{got}（{reason}）", "Wish {rank}, {day}: {got} ({reason})")
    got = Words("分配", "given") if answer.given else Words("未分配", "not given")
    return words.fill(rank=answer.rank, day=day_words(answer.day), got=got, reason=reason)
