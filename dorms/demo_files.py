"""The demo's files: papers sent and asked for, a draft, a correction to decide, looks of the officer, and files long gone."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import taipei, today
from common.uploads import Store
from dorms import applications, corrections, drafts, papers
from dorms import vocabulary as say
from dorms.models import Application, Round, Statistic
from dorms.my_data import UNMASKED

PAGE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
NAMES = {
    papers.SERVICE: "在職證明.pdf",
    papers.ELSEWHERE: "前機關服務證明.pdf",
    papers.APPRAISALS: "考績通知書.pdf",
    papers.PROPERTY: "財產歸屬清單.pdf",
}
DRAFT = {
    "on_establishment": "true",
    "lives_alone": "true",
    "had_home_loan": "false",
    "bought_quarters": "false",
    "spouse_housed": "false",
    "grade": "7",
    "started_on": "2019-08-01",
    "home_status": "none",
}
# round, outcome, points, year and month of sending
LONG_AGO = (
    ("109-1", say.DECLINED, 58, (2020, 3)),
    ("109-1", say.WAITING, 52, (2020, 3)),
    ("109-1", say.WITHDRAWN, 47, (2020, 4)),
    ("110-1", say.WAITING, 61, (2021, 3)),
    ("110-1", say.LAPSED, 66, (2021, 4)),
    ("111-1", say.WAITING, 55, (2022, 3)),
)


def load(session: Session, now: datetime, officer: Person, people: dict[str, Person], asker: Person) -> None:
    """After the rounds: `staff` sent every paper, `staff2` is asked for some, `officer2` began to apply."""
    day = today(now)
    to_rank, opened = session.scalars(select(Round).order_by(Round.id.desc()).limit(2)).all()[::-1]
    folder = session.info.get("uploads_dir")
    mine = {row.person_id: row for row in to_rank.applications}
    staff, staff2 = mine[people["staff"].id], mine[people["staff2"].id]
    if folder is not None:
        store = Store(folder)
        for kind in papers.needed(staff):
            _send(session, people["staff"], store, staff, kind)
        _send(session, people["staff2"], store, staff2, papers.SERVICE)
        corrections.ask(
            session, asker, now - timedelta(hours=26), opened, store, question="had_home_loan",
            why="輔助購宅貸款在 108 年已全數返還，並經確認不再列為受輔助人。", files=[("清償證明.pdf", PAGE)],
        )  # fmt: skip
    asked_at = taipei(day - timedelta(days=2), "10:40")
    papers.ask(
        session, officer, asked_at, staff2.id, kinds=[papers.APPRAISALS, papers.PROPERTY],
        due_on=day + timedelta(days=5), note="財產歸屬清單請附本人與配偶各一份。",
    )  # fmt: skip
    for purpose, at in (("check", asked_at), ("check" + UNMASKED, asked_at + timedelta(minutes=4))):
        for row in (staff, staff2):
            applications.note_look(session, officer, at, f"application/{row.id}", purpose)
    if "officer2" in people:
        drafts.keep(session, people["officer2"], now - timedelta(hours=3), opened.id, DRAFT)
    for number, outcome, points, (year, month) in LONG_AGO:
        session.add(
            Statistic(
                what="application", round_number=number, room_kind=say.SINGLE, points=Decimal(points), outcome=outcome,
                began=date(year, month, 1), ended=date(year, month + 7, 1), anonymised_on=date(year + 3, month + 7, 2),
            )
        )  # fmt: skip
    session.flush()


def _send(session: Session, person: Person, store: Store, row: Application, kind: str) -> None:
    at = row.submitted_at + timedelta(minutes=20)
    papers.add(session, person, at, row.id, store, kind=kind, filename=NAMES.get(kind, "文件.pdf"), content=PAGE)
