"""The dated numbers and point tables that rounds need, each with its rule; samples until Taipei's own are known (D-15).

Numbers: `dorm.*` of the parameter sheet; the term (D-20) and the life of the list (D-17) are other bodies' as well.
Points: grade and seniority after the shares of one body and the yearly points of another (D-14), appraisals of three
years (D-13), home (D-14); single rooms count personal points only.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

from common import db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SINCE = date(2010, 1, 1)

NUMBERS = (
    ("dorm.acceptDays", 15, "D-18"),
    ("dorm.forfeitBanYears", 1, "D-19"),
    ("dorm.noticeDays", 20, "D-17"),
    ("dorm.termYears", 5, "D-20"),
    ("dorm.listMonths", 6, "D-17"),
    ("dorm.rentAllowanceLeast", 500, "D-31"),
    ("dorm.rentAllowanceMost", 700, "D-31"),
)

GRADE = ("grade", "職等", "Grade", "per_grade", {"each": "4", "max": "60"}, "D-14", False)
SENIORITY = (
    "seniority",
    "年資",
    "Seniority",
    "per_year",
    {"each": "5", "max": "30", "elsewhere_weight": "0.5"},
    "D-13",
    False,
)
APPRAISALS = (
    "appraisals",
    "考績",
    "Appraisals",
    "appraisals",
    {"last": 3, "A": "2", "B": "1", "C": "0", "D": "0"},
    "D-13",
    False,
)
HOME = ("home", "居住狀況", "Home", "by_home", {"none": "10", "elsewhere": "4", "here": "0"}, "D-14", True)
NOT_COUNTED = ("dependants", "眷口", "Dependants", "not_counted", {}, "D-14", True)
DEPENDANTS = ("dependants", "眷口", "Dependants", "per_head", {"each": "3", "max": "15"}, "D-13", True)

NOTE = "示範表：臺北市西園、信義宿舍自己的積點表尚未取得，數值取自其他機關公開的規定（D-13、D-14）。"
NOTE_EN = (
    "Sample: the city’s own table for Xiyuan and Xinyi is not at hand; the values follow other bodies’ published rules "
    "(D-13, D-14)."
)

TABLES = (
    ("single-sample-1", "single", (GRADE, SENIORITY, APPRAISALS, HOME, NOT_COUNTED)),
    ("family-sample-1", "family", (GRADE, SENIORITY, APPRAISALS, DEPENDANTS, HOME)),
)

parameter = sa.table(
    "parameter",
    sa.column("key", sa.String),
    sa.column("value", sa.Integer),
    sa.column("since", sa.Date),
    sa.column("rule", sa.String),
    sa.column("sample", sa.Boolean),
)
point_table = sa.table(
    "point_table",
    sa.column("id", sa.Integer),
    sa.column("version", sa.String),
    sa.column("room_kind", sa.String),
    sa.column("since", sa.Date),
    sa.column("sample", sa.Boolean),
    sa.column("note", sa.Text),
    sa.column("note_en", sa.Text),
)
point_item = sa.table(
    "point_item",
    sa.column("table_id", sa.Integer),
    sa.column("place_in_list", sa.Integer),
    sa.column("code", sa.String),
    sa.column("label", sa.String),
    sa.column("label_en", sa.String),
    sa.column("method", sa.String),
    sa.column("parameters", db.JsonValue),
    sa.column("rule", sa.String),
    sa.column("sample", sa.Boolean),
    sa.column("private", sa.Boolean),
)


def upgrade() -> None:
    op.bulk_insert(
        parameter,
        [{"key": key, "value": value, "since": SINCE, "rule": rule, "sample": True} for key, value, rule in NUMBERS],
    )
    connection = op.get_bind()
    for version, room_kind, items in TABLES:
        table = {"version": version, "room_kind": room_kind, "since": SINCE, "sample": True}
        op.bulk_insert(point_table, [table | {"note": NOTE, "note_en": NOTE_EN}])
        number = connection.scalar(sa.select(point_table.c.id).where(point_table.c.version == version))
        names = ("code", "label", "label_en", "method", "parameters", "rule", "private")
        op.bulk_insert(
            point_item,
            [
                {"table_id": number, "place_in_list": place, "sample": True} | dict(zip(names, item, strict=True))
                for place, item in enumerate(items, start=1)
            ],
        )


def downgrade() -> None:
    for table in (point_item, point_table, parameter):
        op.execute(sa.delete(table))
