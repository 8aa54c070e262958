"""What the dormitory holds of a person, for that person to read and to copy (C-22), and who looked at it (C-27)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from common.audit import AuditEntry
from common.identity import Person
from common.period import local
from common.words import Words
from dorms import corrections, drafts, offers, papers
from dorms.models import Application, ApplicationPaper, Bar, Supplement, Tenancy
from dorms.points import plain

LOOKED = "dorms.looked_at"
PURPOSES = {
    "application": Words("處理申請", "Handling the application"),
    "check": Words("核對積點與證明文件", "Checking points against papers"),
    "correction": Words("審查更正", "Looking at a correction"),
    "objection": Words("處理異議", "Handling an objection"),
    "offer": Words("處理核配", "Handling the allotment"),
    "paper": Words("開啟證明文件", "Opening a paper"),
    "names of applicants": Words("排序與核配作業（看到姓名）", "Ranking and allotment (names shown)"),
    "inquiry": Words("回覆查詢或陳情", "Answering an inquiry"),
}
KINDS = {
    "applications": Words("申請", "Applications"),
    "drafts": Words("草稿", "Drafts"),
    "corrections": Words("更正申請", "Corrections"),
    "papers": Words("文件", "Papers"),
    "supplements": Words("補件要求", "Papers asked for"),
    "offers": Words("核配", "Offers"),
    "stays": Words("借用", "Stays"),
    "bars": Words("停止申請期間", "Times without applications"),
    "looks": Words("查看紀錄", "Looks at it"),
}
UNMASKED = " (family and home shown)"


@dataclass(frozen=True)
class Look:
    """One look at somebody's data: who, when, and why."""

    at: datetime
    by: str
    why: Words
    family_and_home: bool


def looks(session: Session, application: Application) -> list[Look]:
    """Who looked at an application, the offer made on it or the list of its round with names; the latest first."""
    subjects = [
        f"application/{application.id}", f"round/{application.round_id}", *(f"offer/{row.id}" for row in application.offers),
        *(f"correction/{row.id}" for row in corrections.of_id(session, application.round_id, application.person_id)),
    ]  # fmt: skip
    rows = select(AuditEntry).where(AuditEntry.action == LOOKED, AuditEntry.subject.in_(subjects))
    rows = rows.where(AuditEntry.at >= _begun(session, application), AuditEntry.actor_id != application.person_id)
    entries = list(session.scalars(rows.order_by(AuditEntry.id.desc()).limit(200)))
    ids = {entry.actor_id for entry in entries}
    names = {person.id: person.name for person in session.scalars(select(Person).where(Person.id.in_(ids)))}
    return [_look(entry, names.get(entry.actor_id or 0, entry.actor_name)) for entry in entries]


def held(session: Session, person: Person) -> dict[str, list[dict[str, Any]]]:
    """Everything the dormitory holds of this person, by kind, as plain values."""
    rows = select(Application).where(Application.person_id == person.id).order_by(Application.id)
    mine = list(session.scalars(rows))
    sent = select(ApplicationPaper).where(
        or_(
            ApplicationPaper.application_id.in_([row.id for row in mine]),
            ApplicationPaper.correction_id.in_([row.id for row in corrections.mine(session, person)]),
        )
    )
    asked = select(Supplement).where(Supplement.application_id.in_([row.id for row in mine]))
    stays = select(Tenancy).where(Tenancy.person_id == person.id).order_by(Tenancy.id)
    bars = select(Bar).where(Bar.person_id == person.id).order_by(Bar.id)
    return {
        "applications": [_application(row) for row in mine],
        "drafts": [
            {"round": row.round.number, "saved_at": row.saved_at, **row.typed} for row in drafts.mine(session, person)
        ],
        "corrections": [_columns(row, "person_id") for row in corrections.mine(session, person)],
        "papers": [_paper(row) for row in session.scalars(sent.order_by(ApplicationPaper.id))],
        "supplements": [_columns(row) for row in session.scalars(asked.order_by(Supplement.id))],
        "offers": [
            {**_columns(row, "person_id"), "room": row.room.words.zh} for row in reversed(offers.mine(session, person))
        ],
        "stays": [{**_columns(row, "person_id"), "room": row.room.words.zh} for row in session.scalars(stays)],
        "bars": [_columns(row, "person_id") for row in session.scalars(bars)],
        "looks": [
            {"application": row.number, "at": look.at, "by": look.by, "why": look.why.zh}
            for row in mine
            for look in looks(session, row)
        ],
    }


def plain_values(value: Any) -> Any:
    """The same fit for JSON: instants in Taipei time, numbers exact as text."""
    if isinstance(value, dict):
        return {name: plain_values(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(inner) for inner in value]
    if isinstance(value, datetime):
        return local(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def flat(data: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, int, str, str]]:
    """The same as rows: kind, which one, field, value."""
    for kind, rows in plain_values(data).items():
        for number, row in enumerate(rows, start=1):
            for name, value in row.items():
                yield kind, number, name, "" if value is None else str(value)


def _application(row: Application) -> dict[str, Any]:
    lines = {line.label.zh: plain(line.points) for line in row.score.lines}
    return {**_columns(row, "person_id", "anonymised_at"), "round": row.round.number, "points_by_item": lines}


def _paper(row: ApplicationPaper) -> dict[str, Any]:
    return {**_columns(row, "stored", "by_id", "deleted_by_id"), "kind_words": papers.KINDS[row.kind].words.zh}


def _columns(row: Any, *without: str) -> dict[str, Any]:
    return {
        column.key: getattr(row, column.key)
        for column in row.__table__.columns
        if column.key not in {*without, "rev", "decided_by_id", "asked_by_id"}
    }


def _begun(session: Session, application: Application) -> datetime:
    """When data of this person first lay there: a correction may come before the application."""
    asked = [row.asked_at for row in corrections.of_id(session, application.round_id, application.person_id)]
    return min([application.submitted_at, *asked])


def _look(entry: AuditEntry, by: str) -> Look:
    shown = entry.reason.endswith(UNMASKED)
    why = PURPOSES.get(entry.reason.removesuffix(UNMASKED), Words.same(entry.reason))
    return Look(entry.at, by, why, shown)
