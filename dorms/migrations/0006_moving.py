"""Tenants who ask to move; who comes first at which rooms (D-22); points held against papers, objections to a ranking."""

from datetime import date

import sqlalchemy as sa
from alembic import op

from common import db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


SINCE = date(2026, 7, 1)

# What the first sample tables lack of D-13 and D-14: the way from home, disability, the head's discretion. All three are
# shown to others only within a sum (C-27).
ADDED = (
    (
        "distance",
        "住家距離",
        "Way from home",
        "by_distance",
        {"near_km": 10, "far_km": 30, "middle": 5, "far": 10},
        "D-14",
    ),
    ("disability", "身心障礙", "Disability", "disability", {"each": 5}, "D-13"),
    ("discretion", "首長裁量", "Head’s discretion", "discretion", {"max": 10}, "D-14"),
)
NOTE = "示範表：臺北市西園、信義宿舍自己的積點表尚未取得，數值取自其他機關公開的規定（D-13、D-14）。自本版起計入住家距離、身心障礙與首長裁量。"
NOTE_EN = (
    "Sample: the city’s own table for Xiyuan and Xinyi is not at hand; the values follow other bodies’ published rules "
    "(D-13, D-14). From this version on the way from home, disability and the head’s discretion count."
)

point_table = sa.table(
    "point_table",
    sa.column("id", db.BigId),
    sa.column("version", sa.String),
    sa.column("room_kind", sa.String),
    sa.column("since", sa.Date),
    sa.column("sample", sa.Boolean),
    sa.column("note", sa.Text),
    sa.column("note_en", sa.Text),
)
point_item = sa.table(
    "point_item",
    sa.column("table_id", db.BigId),
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
parameter = sa.table(
    "parameter",
    sa.column("key", sa.String),
    sa.column("value", sa.Integer),
    sa.column("since", sa.Date),
    sa.column("rule", sa.String),
    sa.column("sample", sa.Boolean),
)


def upgrade() -> None:
    op.add_column("building", sa.Column("women_first", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("round", sa.Column("constraints", db.JsonValue, nullable=False, server_default="{}"))
    op.add_column("round", sa.Column("objection_days", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("round", sa.Column("objections_until", db.UtcInstant(), nullable=True))
    with op.batch_alter_table("application") as application:
        application.add_column(sa.Column("lives_in_id", db.BigId, nullable=True))
        application.add_column(sa.Column("needs_accessible", sa.Boolean(), nullable=False, server_default=sa.false()))
        application.add_column(sa.Column("home_km", sa.Integer(), nullable=False, server_default="0"))
        application.add_column(sa.Column("disabled", sa.Boolean(), nullable=False, server_default=sa.false()))
        application.add_column(sa.Column("woman", sa.Boolean(), nullable=False, server_default=sa.false()))
        application.create_foreign_key("fk_application_lives_in_id", "room", ["lives_in_id"], ["id"])
    with op.batch_alter_table("offer") as offer:
        offer.add_column(sa.Column("awaits_id", db.BigId, nullable=True))
        offer.add_column(sa.Column("agreed_at", db.UtcInstant(), nullable=True))
        offer.create_foreign_key("fk_offer_awaits_id", "offer", ["awaits_id"], ["id"])
    op.create_index("ix_offer_awaits_id", "offer", ["awaits_id"], unique=False)
    op.create_table(
        "point_check",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("application_id", db.BigId, nullable=False),
        sa.Column("item", sa.String(20), nullable=False),
        sa.Column("points", sa.String(12), nullable=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("checked_by_id", db.BigId, nullable=False),
        sa.Column("checked_at", db.UtcInstant(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_point_check_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_point_check"),
        sa.UniqueConstraint("application_id", "item", name="uq_point_check_application_id_item"),
    )
    op.create_table(
        "objection",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("application_id", db.BigId, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", db.UtcInstant(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", db.BigId, nullable=True),
        sa.Column("answered_at", db.UtcInstant(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_objection_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_objection"),
    )
    op.create_index("ix_objection_application_id", "objection", ["application_id"], unique=False)
    op.create_table(
        "replaced_ranking",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("round_id", db.BigId, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("record", db.JsonValue, nullable=False),
        sa.Column("replaced_at", db.UtcInstant(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_replaced_ranking_round_id"),
        sa.PrimaryKeyConstraint("id", name="pk_replaced_ranking"),
        sa.UniqueConstraint("round_id", "edition", name="uq_replaced_ranking_round_id_edition"),
    )
    number = {"key": "dorm.objectionDays", "value": 7, "since": date(2010, 1, 1), "rule": "D-17", "sample": True}
    op.bulk_insert(parameter, [number])
    for kind in ("single", "family"):
        _second_table(op.get_bind(), kind)


def _second_table(connection: sa.Connection, kind: str) -> None:
    """The first sample table of a kind with the items it lacked."""
    names = ("code", "label", "label_en", "method", "parameters", "rule")
    first = sa.select(point_table.c.id).where(point_table.c.version == f"{kind}-sample-1")
    copied = sa.select(point_item).where(point_item.c.table_id == connection.scalar(first))
    items = [dict(row._mapping) for row in connection.execute(copied.order_by(point_item.c.place_in_list))]
    items += [dict(zip(names, added, strict=True)) | {"sample": True, "private": True} for added in ADDED]
    version = f"{kind}-sample-2"
    table = {"version": version, "room_kind": kind, "since": SINCE, "sample": True, "note": NOTE, "note_en": NOTE_EN}
    op.bulk_insert(point_table, [table])
    number = connection.scalar(sa.select(point_table.c.id).where(point_table.c.version == version))
    placed = [item | {"table_id": number, "place_in_list": place} for place, item in enumerate(items, start=1)]
    op.bulk_insert(point_item, placed)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
