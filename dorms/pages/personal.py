"""Personal data: the notice, what is held of me and who looked, opening family and home for a purpose; how long files stay."""

import json
from datetime import date
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from common.export import CSV_TYPE, ODS_TYPE, csv_bytes, ods_bytes
from common.identity import Person
from common.period import today
from common.web import form_data, has_role, now, render, signed_in
from common.web.attachments import attachment
from dorms import applications, my_data, notices, points, retention, rulebook
from dorms import vocabulary as say
from dorms.pages.applications import application_page, show_application
from dorms.pages.door import officers, pages
from dorms.schemas import files as shapes

oversees = has_role("dorm_officer", "auditor")


@pages.get("/privacy", allows=signed_in)
def show_privacy(session: Session, person: Person) -> Any:
    """The notice of C-21, what is published of the file (C-24), and how long it is kept (C-26)."""
    day = today(now())
    notice = notices.in_force(session, day)
    return render(
        "dorms/privacy.html",
        notice=notice,
        told=notices.told(notice, before_the_form=True),
        published=notices.told(notice, before_the_form=False),
        kept=[(words, after, rulebook.number(session, key, day)) for words, after, key in retention.CLASSES.values()],
    )


@pages.get("/my-data", allows=signed_in)
def show_my_data(session: Session, person: Person) -> Any:
    """Everything the dormitory holds of me, and who looked at it (C-22, C-27)."""
    mine = applications.mine(session, person)
    held = my_data.plain_values(my_data.held(session, person))
    return render(
        "dorms/my_data.html",
        held=held,
        kinds=my_data.KINDS,
        looks=[(row, look) for row in mine for look in my_data.looks(session, row)],
    )


@pages.get("/my-data.<any(json,csv):form>", allows=signed_in)
def download_my_data(session: Session, person: Person, form: str) -> Any:
    """The same to take along."""
    held = my_data.held(session, person)
    if form == "csv":
        rows = csv_bytes(["類別", "第幾筆", "欄位", "內容"], my_data.flat(held))
        return attachment("my-dormitory-data.csv", CSV_TYPE, rows)
    told = json.dumps(my_data.plain_values(held), ensure_ascii=False, indent=1)
    return attachment("my-dormitory-data.json", "application/json; charset=utf-8", told.encode())


@pages.post("/applications/<int:application_id>/open", allows=officers, again=show_application)
def open_application(session: Session, person: Person, application_id: int) -> Any:
    """Show family and home for a purpose; who, when and why is written down and shown to the person (C-27)."""
    row = applications.find(session, person, application_id)
    purpose = form_data(shapes.PurposeForm)["purpose"]
    applications.note_look(session, person, now(), f"application/{row.id}", purpose + my_data.UNMASKED)
    return application_page(session, person, row, whole=True)


@pages.get("/retention", allows=oversees)
def show_retention(session: Session, person: Person) -> Any:
    """What is due today and until the end of the year, by class, and what was done (C-26)."""
    day = today(now())
    return render(
        "dorms/retention.html",
        overdue=retention.due(session, person, day),
        this_year=retention.due(session, person, date(day.year, 12, 31)),
        done=[(year, retention.CLASSES[what][0], count) for year, what, count in retention.done(session, person)],
        year=day.year,
    )


@pages.get("/retention/statistics.<any(csv,ods):form>", allows=oversees)
def download_statistics(session: Session, person: Person, form: str) -> Response:
    """The flat rows that stay, as a file."""
    heads = ["類別", "期別", "宿舍種類", "積點", "結果", "開始月份", "結束月份", "去識別化日期"]
    rows = [
        [
            retention.CLASSES[row.what][0].zh, row.round_number, say.ROOM_KINDS[row.room_kind].zh,
            None if row.points is None else points.plain(row.points),
            retention.OUTCOMES[row.outcome].zh, row.began, row.ended, row.anonymised_on,
        ]
        for row in retention.statistics(session, person)
    ]  # fmt: skip
    if form == "csv":
        return attachment("dormitory-statistics.csv", CSV_TYPE, csv_bytes(heads, rows))
    return attachment("dormitory-statistics.ods", ODS_TYPE, ods_bytes("宿舍統計", heads, rows))
