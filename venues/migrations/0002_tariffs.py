"""The government's calendar with its kinds of day, who saved a tariff, versions withdrawn, reductions of one booking."""

import sqlalchemy as sa
from alembic import op

from common.db import BigId, JsonValue, UtcInstant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KINDS = "'holiday', 'substitute', 'workday', 'closure', 'ordinary'"
ONE_OPEN = sa.text("state = 'proposed'")


def upgrade() -> None:
    # Written out because a constraint added by itself would make SQLite build the table anew.
    op.execute(
        "ALTER TABLE day_off ADD COLUMN kind VARCHAR(12) NOT NULL DEFAULT 'holiday'"
        f" CONSTRAINT ck_day_off_kind_known CHECK (kind IN ({KINDS}))"
    )
    op.add_column("day_off", sa.Column("source", sa.String(length=40), nullable=False, server_default="holidays"))
    op.add_column("day_off", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("day_off", sa.Column("rev", sa.Integer(), nullable=False, server_default="1"))
    op.execute("UPDATE day_off SET kind = 'substitute' WHERE name LIKE '%補假%'")
    op.add_column("tariff", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.add_column("tariff", sa.Column("saved_by_id", BigId, nullable=True))
    op.add_column("tariff", sa.Column("saved_at", UtcInstant(), nullable=True))
    op.create_table(
        "withdrawn_tariff",
        sa.Column("id", BigId, nullable=False),
        sa.Column("venue_id", BigId, nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("data", JsonValue, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", UtcInstant(), nullable=False),
        sa.Column("withdrawn_by_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_withdrawn_tariff_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawn_tariff")),
    )
    op.create_index(op.f("ix_withdrawn_tariff_venue_id"), "withdrawn_tariff", ["venue_id"], unique=False)
    op.create_table(
        "reduction",
        sa.Column("id", BigId, nullable=False),
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", BigId, nullable=False),
        sa.Column("proposed_at", UtcInstant(), nullable=False),
        sa.Column("decided_by_id", BigId, nullable=True),
        sa.Column("decided_at", UtcInstant(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'granted', 'refused', 'withdrawn')", name=op.f("ck_reduction_state_known")
        ),
        sa.CheckConstraint("part IN ('fee', 'deposit')", name=op.f("ck_reduction_part_known")),
        sa.CheckConstraint("percent BETWEEN 0 AND 100 AND amount >= 0", name=op.f("ck_reduction_within_bounds")),
        sa.CheckConstraint("(percent = 0) <> (amount = 0)", name=op.f("ck_reduction_percent_or_amount")),
        sa.CheckConstraint(
            "state NOT IN ('granted', 'refused') OR decided_by_id <> proposed_by_id",
            name=op.f("ck_reduction_two_people"),
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_reduction_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reduction")),
    )
    op.create_index(op.f("ix_reduction_booking_id"), "reduction", ["booking_id"], unique=False)
    op.create_index(
        "uq_reduction_one_open",
        "reduction",
        ["booking_id"],
        unique=True,
        sqlite_where=ONE_OPEN,
        postgresql_where=ONE_OPEN,
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
