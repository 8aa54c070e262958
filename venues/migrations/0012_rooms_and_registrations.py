"""Papers of registrations as files (T-06); rooms checked after a meeting (M-06) and looked into (M-07)."""

from datetime import date

import sqlalchemy as sa
from alembic import op

from common.db import BigId, JsonValue, UtcInstant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FIRST_DAY = date(2015, 1, 1)

# key, value, unit, rule, sample
ROOM_PARAMETERS = (
    ("room.office_from_hour", 8, "hour", "M-06", True),
    ("room.office_until_hour", 18, "hour", "M-06", True),
    ("room.guards_person", 0, "person", "M-06", True),
    ("room.guards_notice_hours", 24, "hours", "M-06", True),
    ("room.spot_check_times", 1, "times", "M-07", True),
    ("room.operators_least", 2, "people", "M-09", False),
    ("room.operators_most", 3, "people", "M-09", False),
)


def upgrade() -> None:
    make_registration_papers()
    make_room_checks()
    make_operators()
    op.add_column("meeting", sa.Column("refreshments", sa.String(100), nullable=False, server_default=""))
    op.add_column("meeting", sa.Column("guards_told", sa.String(60), nullable=False, server_default=""))
    policy = sa.table(
        "room_policy", sa.column("key"), sa.column("value"), sa.column("unit"), sa.column("rule"),
        sa.column("sample", sa.Boolean()), sa.column("valid_from", sa.Date()),
    )  # fmt: skip
    named = ("key", "value", "unit", "rule", "sample")
    op.bulk_insert(policy, [dict(zip(named, row, strict=True)) | {"valid_from": FIRST_DAY} for row in ROOM_PARAMETERS])


def make_operators() -> None:
    op.create_table(
        "room_operators",
        sa.Column("id", BigId, nullable=False),
        sa.Column("agency_id", BigId, nullable=False),
        sa.Column("person_ids", JsonValue, nullable=False),
        sa.Column("set_at", UtcInstant(), nullable=False),
        sa.Column("set_by_id", BigId, nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_operators")),
        sa.UniqueConstraint("agency_id", name=op.f("uq_room_operators_agency_id")),
    )


def make_room_checks() -> None:
    op.create_table(
        "room_check",
        sa.Column("id", BigId, nullable=False),
        sa.Column("meeting_id", BigId, nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("by_id", BigId, nullable=False),
        sa.Column("present", sa.String(60), nullable=False),
        sa.Column("restored", sa.Boolean(), nullable=False),
        sa.Column("clean", sa.Boolean(), nullable=False),
        sa.Column("damage", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_room_check_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_check")),
        sa.UniqueConstraint("meeting_id", name=op.f("uq_room_check_meeting_id")),
    )
    op.create_table(
        "spot_check",
        sa.Column("id", BigId, nullable=False),
        sa.Column("meeting_id", BigId, nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("by_id", BigId, nullable=False),
        sa.Column("found", sa.String(10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("found IN ('in_order', 'empty', 'other_use')", name=op.f("ck_spot_check_found_known")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_spot_check_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check")),
    )
    op.create_index("ix_spot_check_meeting_id", "spot_check", ["meeting_id"])


def make_registration_papers() -> None:
    op.create_table(
        "registration_paper",
        sa.Column("id", BigId, nullable=False),
        sa.Column("registration_id", BigId, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("filename", sa.String(120), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("stored", sa.String(40), nullable=False),
        sa.Column("sent_at", UtcInstant(), nullable=False),
        sa.Column("by_id", BigId, nullable=False),
        sa.Column("deleted_at", UtcInstant(), nullable=True),
        sa.Column("deleted_by_id", BigId, nullable=True),
        sa.Column("deleted_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_registration_paper_not_empty")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_registration_paper_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_paper")),
        sa.UniqueConstraint("stored", name=op.f("uq_registration_paper_stored")),
    )
    op.create_index("ix_registration_paper_registration_id", "registration_paper", ["registration_id"])
    parameter = sa.table(
        "round_parameter", sa.column("key"), sa.column("value"), sa.column("since", sa.Date()), sa.column("rule"),
        sa.column("sample", sa.Boolean()),
    )  # fmt: skip
    told = {"key": "rounds.paper_months", "value": 12, "since": FIRST_DAY, "rule": "T-06", "sample": False}
    op.bulk_insert(parameter, [told])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
