"""Closures, the venues they close, and what was done about each booking and meeting."""

import sqlalchemy as sa
from alembic import op

from common import db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closure",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("everything", sa.Boolean(), nullable=False),
        sa.Column("starts_at", db.UtcInstant(), nullable=False),
        sa.Column("ends_at", db.UtcInstant(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ground", sa.String(length=20), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("refunded", db.BigId, nullable=False),
        sa.Column("made_at", db.UtcInstant(), nullable=False),
        sa.Column("by_id", db.BigId, nullable=False),
        sa.Column("carried_out_at", db.UtcInstant(), nullable=True),
        sa.Column("reopened_at", db.UtcInstant(), nullable=True),
        sa.Column("reopened_by_id", db.BigId, nullable=True),
        sa.Column("reopened_reason", sa.Text(), nullable=False),
        sa.Column("restores", sa.Boolean(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "ground IN ('government_need', 'force_majeure', 'renovation')", name=op.f("ck_closure_ground_known")
        ),
        sa.CheckConstraint(
            "state IN ('recorded', 'carried_out', 'reopening', 'reopened')", name=op.f("ck_closure_state_known")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_closure_starts_before_it_ends")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    op.create_index("ix_closure_state_ends_at", "closure", ["state", "ends_at"], unique=False)
    op.create_table(
        "closed_place",
        sa.Column("closure_id", db.BigId, autoincrement=False, nullable=False),
        sa.Column("venue_id", db.BigId, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["closure_id"], ["closure.id"], name=op.f("fk_closed_place_closure_id")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_closed_place_venue_id")),
        sa.PrimaryKeyConstraint("closure_id", "venue_id", name=op.f("pk_closed_place")),
    )
    op.create_table(
        "closure_line",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("closure_id", db.BigId, nullable=False),
        sa.Column("booking_id", db.BigId, nullable=True),
        sa.Column("meeting_id", db.BigId, nullable=True),
        sa.Column("status_before", sa.String(length=20), nullable=False),
        sa.Column("refund", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("at", db.UtcInstant(), nullable=False),
        sa.Column("wants_back", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('suspended', 'released', 'restored', 'kept')", name=op.f("ck_closure_line_outcome_known")
        ),
        sa.CheckConstraint(
            "(booking_id IS NULL) <> (meeting_id IS NULL)", name=op.f("ck_closure_line_a_booking_or_a_meeting")
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_closure_line_booking_id")),
        sa.ForeignKeyConstraint(["closure_id"], ["closure.id"], name=op.f("fk_closure_line_closure_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_closure_line_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure_line")),
        sa.UniqueConstraint("closure_id", "booking_id", name="suspended_once"),
        sa.UniqueConstraint("closure_id", "meeting_id", name="released_once"),
    )
    op.create_index("ix_closure_line_booking_id", "closure_line", ["booking_id"], unique=False)
    op.create_index("ix_closure_line_closure_id_id", "closure_line", ["closure_id", "id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("what happened is not taken back")
