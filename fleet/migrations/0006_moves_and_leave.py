"""The dispatcher's board: moves that can be taken back, trips given a car with an overlap, drivers' leave."""

from datetime import date

import sqlalchemy as sa
from alembic import op

from common.db import BigId, JsonValue, UtcInstant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# key, value, unit, rule. No rule of the city's own was found for it, so it is marked as a sample.
PARAMETERS = (("dispatch.undo_seconds", 10, "seconds", "V-23"),)


def upgrade() -> None:
    op.add_column("trip", sa.Column("flagged_at", UtcInstant(), nullable=True))
    op.create_table(
        "trip_move",
        sa.Column("id", BigId, nullable=False),
        sa.Column("trip_id", BigId, nullable=False),
        sa.Column("moved_by_id", BigId, nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("undo_until", UtcInstant(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("before", JsonValue, nullable=False),
        sa.Column("fact_id", sa.String(36), nullable=False),
        sa.Column("undone_at", UtcInstant(), nullable=True),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name="fk_trip_move_trip_id"),
        sa.PrimaryKeyConstraint("id", name="pk_trip_move"),
    )
    op.create_index("ix_trip_move_trip_id", "trip_move", ["trip_id"])
    op.create_index("ix_trip_move_moved_by_id_undo_until", "trip_move", ["moved_by_id", "undo_until"])
    op.create_table(
        "driver_leave",
        sa.Column("id", BigId, nullable=False),
        sa.Column("driver_id", BigId, nullable=False),
        sa.Column("starts_at", UtcInstant(), nullable=False),
        sa.Column("ends_at", UtcInstant(), nullable=False),
        sa.Column("reason_code", sa.String(12), nullable=False),
        sa.Column("note", sa.String(100), nullable=True),
        sa.Column("entered_by_id", BigId, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("changed_at", UtcInstant(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name="ck_driver_leave_starts_before_it_ends"),
        sa.CheckConstraint(
            "reason_code IN ('annual', 'sick', 'personal', 'training', 'duty', 'other')",
            name="ck_driver_leave_reason_known",
        ),
        sa.CheckConstraint("state IN ('booked', 'cancelled')", name="ck_driver_leave_state_known"),
        sa.ForeignKeyConstraint(["driver_id"], ["driver.id"], name="fk_driver_leave_driver_id"),
        sa.PrimaryKeyConstraint("id", name="pk_driver_leave"),
    )
    op.create_index("ix_driver_leave_driver_id", "driver_leave", ["driver_id"])
    op.create_index("ix_driver_leave_starts_at", "driver_leave", ["starts_at"])
    policy = sa.table(
        "policy",
        sa.column("key", sa.String),
        sa.column("value", sa.Integer),
        sa.column("unit", sa.String),
        sa.column("rule", sa.String),
        sa.column("sample", sa.Boolean),
        sa.column("valid_from", sa.Date),
    )
    op.bulk_insert(
        policy,
        [
            {"key": key, "value": value, "unit": unit, "rule": rule, "sample": True, "valid_from": date(2015, 1, 1)}
            for key, value, unit, rule in PARAMETERS
        ],
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
