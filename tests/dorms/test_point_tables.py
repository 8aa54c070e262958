"""Point tables: a new version from a day on, looked at before it is saved; rounds keep the one they were announced with."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from common.errors import Forbidden, Invalid
from common.period import today
from dorms import point_tables, rulebook
from tests.dorms.conftest import add_application, add_round

GRADE = {"grade": {"each": Decimal(5)}}


def save(session, people, now, **changed):
    asked = {"room_kind": "single", "version": "single-116", "since": date(2027, 1, 1), "amounts": GRADE}
    return point_tables.save(session, people["admin"], now, **{**asked, **changed})


def test_a_new_version_counts_from_its_day_on_and_rounds_announced_before_keep_theirs(session, people, now):
    announced = add_round(session, people["dorms"], now)
    table = save(session, people, now)
    assert rulebook.point_table(session, "single", date(2026, 12, 31)) is announced.point_table
    assert rulebook.point_table(session, "single", date(2027, 1, 1)) is table
    before, after = announced.point_table.items, table.items
    assert [item.code for item in after] == [item.code for item in before]
    assert after[0].parameters == {**before[0].parameters, "each": "5"}
    assert [item.parameters for item in after[1:]] == [item.parameters for item in before[1:]]
    later = add_round(session, people["dorms"], now + timedelta(days=60))
    assert later.point_table is table


def test_the_preview_tells_whose_points_would_differ_and_writes_nothing(session, people, now):
    row = add_application(session, add_round(session, people["dorms"], now), people["staff"], now)
    (change,) = point_tables.preview(session, people["admin"], room_kind="single", amounts=GRADE)
    assert (change.code, change.after - change.before) == (row.code, 7)
    assert point_tables.preview(session, people["admin"], room_kind="family", amounts=GRADE) == []
    assert len(point_tables.versions(session, "single")) == 2


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"since": date(2026, 7, 1)}, "since"),
        ({"since": date(2020, 1, 1)}, "since"),
        ({"version": "single-sample-1"}, "version"),
        ({"amounts": {"beauty": {"each": Decimal(1)}}}, "amounts.beauty.each"),
        ({"amounts": {"grade": {"least": Decimal(1)}}}, "amounts.grade.least"),
        ({"amounts": {"grade": {"each": Decimal(-1)}}}, "amounts.grade.each"),
    ],
)
def test_a_version_that_cannot_be_is_refused_at_its_field(session, people, now, changed, field):
    with pytest.raises(Invalid) as refused:
        save(session, people, now, **changed)
    assert refused.value.errors[0].field == field


def test_only_an_administrator_keeps_the_tables(session, people, now):
    for name in ("dorms", "staff"):
        with pytest.raises(Forbidden):
            point_tables.preview(session, people[name], room_kind="single", amounts=GRADE)
        with pytest.raises(Forbidden):
            point_tables.save(
                session, people[name], now, room_kind="single", version="x", since=today(now), amounts=GRADE
            )


def test_the_page_shows_what_changes_keeps_what_was_typed_and_saves(client, opened, applied):
    admin = client(as_="admin")
    page = admin.get("/point-tables?kind=single")
    assert "single-sample-2" in page.text and 'name="grade__each"' in page.text
    latest = admin.api("GET", "/point-tables").json["items"]
    items = next(one for one in latest if one["version"] == "single-sample-2")["items"]
    typed = {f"{item['code']}__{name}": str(value) for item in items for name, value in item["parameters"].items()}
    typed |= {"room_kind": "single", "version": "single-116", "since": "2027-01-01", "sample": "true"}
    looked = admin.submit("/point-tables/preview", {**typed, "grade__each": "5"})
    assert looked.status_code == 200
    assert "會不同的有 2 件" in looked.text and 'value="single-116"' in looked.text
    assert admin.submit("/point-tables", {**typed, "grade__each": "many"}).status_code == 422
    assert admin.submit("/point-tables", {**typed, "grade__each": "5"}).status_code == 303
    assert "single-116" in client(as_="staff").get("/point-tables").text
    assert client(as_="staff").submit("/point-tables", typed).status_code == 403


def test_the_api_previews_and_saves_a_version(client, opened, applied):
    admin = client(as_="admin")
    asked = {"room_kind": "single", "amounts": {"grade": {"each": 5}}}
    assert len(admin.api("POST", "/point-tables/preview", asked).json["changes"]) == 2
    made = admin.api("POST", "/point-tables", {**asked, "version": "single-116", "since": "2027-01-01"})
    assert (made.status_code, made.json["items"][0]["parameters"]["each"]) == (201, "5")
