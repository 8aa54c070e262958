"""Several applications for the same slots, collected until a deadline and decided by class and lot."""

import sqlalchemy as sa
from alembic import op

from common.db import BigId, JsonValue, UtcInstant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SEED = "臺灣證券交易所發行量加權股價指數收盤值"


def upgrade() -> None:
    op.add_column("venue", sa.Column("contest_days", sa.Integer(), nullable=False, server_default="3"))
    op.add_column("venue", sa.Column("contest_seed", sa.String(length=120), nullable=False, server_default=SEED))
    op.create_table(
        "contest",
        sa.Column("id", BigId, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_at", UtcInstant(), nullable=False),
        sa.Column("closes_at", UtcInstant(), nullable=False),
        sa.Column("listed_at", UtcInstant(), nullable=True),
        sa.Column("tickets_sha256", sa.String(length=64), nullable=False),
        sa.Column("seed_source", sa.String(length=200), nullable=False),
        sa.Column("seed_at", UtcInstant(), nullable=True),
        sa.Column("seed", sa.String(length=200), nullable=False),
        sa.Column("order", JsonValue, nullable=False),
        sa.Column("decided_at", UtcInstant(), nullable=True),
        sa.Column("decided_by_id", BigId, nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'listed', 'decided', 'void')", name="ck_contest_state_known"),
        sa.PrimaryKeyConstraint("id", name="pk_contest"),
    )
    op.create_index("ix_contest_state_closes_at", "contest", ["state", "closes_at"])
    op.create_table(
        "contest_entry",
        sa.Column("id", BigId, nullable=False),
        sa.Column("contest_id", BigId, nullable=False),
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("joined_at", UtcInstant(), nullable=False),
        sa.Column("ticket", sa.String(length=20), nullable=True),
        sa.Column("result", sa.String(length=5), nullable=True),
        sa.Column("choose_by", UtcInstant(), nullable=True),
        sa.CheckConstraint("result IN ('won', 'lost', 'out')", name="ck_contest_entry_result_known"),
        sa.ForeignKeyConstraint(["contest_id"], ["contest.id"], name="fk_contest_entry_contest_id"),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_contest_entry_booking_id"),
        sa.PrimaryKeyConstraint("id", name="pk_contest_entry"),
        sa.UniqueConstraint("booking_id", name="uq_contest_entry_booking_id"),
        sa.UniqueConstraint("ticket", name="uq_contest_entry_ticket"),
    )
    op.create_index("ix_contest_entry_contest_id", "contest_entry", ["contest_id"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
