"""Deliveries, and facts held until people are known."""

import sqlalchemy as sa
from alembic import op

from common import db
from common.migrations import shared

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    shared.create_0001(op)
    op.create_table(
        "delivery",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("once", sa.String(length=120), nullable=False),
        sa.Column("fact_id", sa.String(length=36), nullable=False),
        sa.Column("fact_type", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("person_id", db.BigId, nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("title_zh", sa.String(length=400), nullable=False),
        sa.Column("title_en", sa.String(length=400), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=False),
        sa.Column("invite", db.JsonValue, nullable=True),
        sa.Column("told_at", db.UtcInstant(), nullable=False),
        sa.Column("created_at", db.UtcInstant(), nullable=False),
        sa.Column("expires_at", db.UtcInstant(), nullable=False),
        sa.Column("next_try_at", db.UtcInstant(), nullable=False),
        sa.Column("changed_at", db.UtcInstant(), nullable=False),
        sa.Column("sent_at", db.UtcInstant(), nullable=True),
        sa.Column("read_at", db.UtcInstant(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=400), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.CheckConstraint("channel IN ('inbox', 'mail')", name="ck_delivery_channel_known"),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'read', 'failed', 'expired')", name="ck_delivery_state_known"
        ),
        sa.CheckConstraint("tries >= 0", name="ck_delivery_tries_not_negative"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("once", name="uq_delivery_once"),
    )
    op.create_index("ix_delivery_person", "delivery", ["person_id", "channel", "id"])
    op.create_index("ix_delivery_subject", "delivery", ["source", "subject"])
    op.create_index("ix_delivery_fact", "delivery", ["fact_id"])
    op.create_index("ix_delivery_waiting", "delivery", ["state", "next_try_at"])
    op.create_table(
        "held_fact",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("fact_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("time", db.UtcInstant(), nullable=False),
        sa.Column("seq", db.BigId, nullable=False),
        sa.Column("body", db.JsonValue, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_held_fact"),
        sa.UniqueConstraint("fact_id", name="uq_held_fact_once"),
    )


def downgrade() -> None:
    raise NotImplementedError("the first migration is not taken back")
