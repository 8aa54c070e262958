"""Waiting lists for slots that are full, series of dates, setting up outside the hours."""

import sqlalchemy as sa
from alembic import op

from common.db import BigId, JsonValue, UtcInstant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATES = "'waiting', 'offered', 'taken_up', 'passed_by', 'withdrawn'"


def upgrade() -> None:
    op.add_column("venue", sa.Column("offer_days", sa.Integer(), nullable=False, server_default="2"))
    op.add_column("venue", sa.Column("setup_minutes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("venue", sa.Column("clear_minutes", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "waiting_entry",
        sa.Column("id", BigId, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("venue_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("agency_id", BigId, nullable=False),
        sa.Column("asked", JsonValue, nullable=False),
        sa.Column("starts_at", UtcInstant(), nullable=False),
        sa.Column("ends_at", UtcInstant(), nullable=False),
        sa.Column("since", UtcInstant(), nullable=False),
        sa.Column("offered_until", UtcInstant(), nullable=True),
        sa.Column("booking_id", BigId, nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name="ck_waiting_entry_starts_before_it_ends"),
        sa.CheckConstraint(f"state IN ({STATES})", name="ck_waiting_entry_state_known"),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name="fk_waiting_entry_venue_id"),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_waiting_entry_booking_id"),
        sa.PrimaryKeyConstraint("id", name="pk_waiting_entry"),
    )
    op.create_index("ix_waiting_entry_state_venue_id", "waiting_entry", ["state", "venue_id"])
    op.create_index("ix_waiting_entry_agency_id", "waiting_entry", ["agency_id"])
    op.create_table(
        "booking_series",
        sa.Column("id", BigId, nullable=False),
        sa.Column("venue_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("agency_id", BigId, nullable=False),
        sa.Column("made_at", UtcInstant(), nullable=False),
        sa.Column("left_out", JsonValue, nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name="fk_booking_series_venue_id"),
        sa.PrimaryKeyConstraint("id", name="pk_booking_series"),
    )
    op.create_table(
        "series_member",
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("series_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_series_member_booking_id"),
        sa.ForeignKeyConstraint(["series_id"], ["booking_series.id"], name="fk_series_member_series_id"),
        sa.PrimaryKeyConstraint("booking_id", name="pk_series_member"),
    )
    op.create_index("ix_series_member_series_id", "series_member", ["series_id"])
    op.create_table(
        "setup_time",
        sa.Column("id", BigId, nullable=False),
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("starts_at", UtcInstant(), nullable=False),
        sa.Column("ends_at", UtcInstant(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcInstant(), nullable=False),
        sa.Column("asked_by_id", BigId, nullable=False),
        sa.Column("answered_at", UtcInstant(), nullable=True),
        sa.Column("answered_by_id", BigId, nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name="ck_setup_time_starts_before_it_ends"),
        sa.CheckConstraint(
            "state IN ('asked', 'consented', 'refused', 'taken_back')", name="ck_setup_time_state_known"
        ),
        sa.CheckConstraint("purpose IN ('setup', 'clearing')", name="ck_setup_time_purpose_known"),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_setup_time_booking_id"),
        sa.PrimaryKeyConstraint("id", name="pk_setup_time"),
    )
    op.create_index("ix_setup_time_booking_id", "setup_time", ["booking_id"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
