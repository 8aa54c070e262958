"""people sign in"""

import sqlalchemy as sa
from alembic import op

from common.db import BigId, JsonValue, UtcInstant
from common.migrations import shared

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    shared.create_0001(op)
    op.create_table(
        "account",
        sa.Column("person_id", BigId, autoincrement=False, nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=True),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcInstant(), nullable=True),
        sa.Column("earlier", JsonValue, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_account"),
    )
    op.create_table(
        "session",
        sa.Column("id", BigId, nullable=False),
        sa.Column("sid", sa.String(32), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.Column("seen_at", UtcInstant(), nullable=False),
        sa.Column("expires_at", UtcInstant(), nullable=False),
        sa.Column("address", sa.String(60), nullable=False),
        sa.Column("user_agent", sa.String(300), nullable=False),
        sa.Column("ended_at", UtcInstant(), nullable=True),
        sa.CheckConstraint("kind IN ('browser', 'api')", name="ck_session_kind_known"),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
        sa.UniqueConstraint("secret_sha256", name="uq_session_secret_sha256"),
        sa.UniqueConstraint("sid", name="uq_session_sid"),
    )
    op.create_index("ix_session_person_id", "session", ["person_id"])
    op.create_table(
        "sign_in_failure",
        sa.Column("id", BigId, nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("address", sa.String(60), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_failure"),
    )
    op.create_index("ix_sign_in_failure_account", "sign_in_failure", ["account", "at"])
    op.create_index("ix_sign_in_failure_address", "sign_in_failure", ["address", "at"])
    gates = op.create_table(
        "sign_in_gate",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_sign_in_gate"),
    )
    op.bulk_insert(gates, [{"number": number} for number in range(256)])
    op.create_table(
        "password_link",
        sa.Column("id", BigId, nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("made_by", BigId, nullable=True),
        sa.Column("expires_at", UtcInstant(), nullable=False),
        sa.Column("used_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_password_link"),
        sa.UniqueConstraint("token_sha256", name="uq_password_link_token_sha256"),
    )
    op.create_index("ix_password_link_person_id", "password_link", ["person_id"])
    op.create_table(
        "feed_card",
        sa.Column("feed_id", BigId, autoincrement=False, nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.Column("read_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("feed_id", name="pk_feed_card"),
    )
    op.create_table(
        "agenda_item",
        sa.Column("id", BigId, nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("title_en", sa.String(200), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("place_en", sa.String(200), nullable=False),
        sa.Column("starts_at", UtcInstant(), nullable=False),
        sa.Column("ends_at", UtcInstant(), nullable=False),
        sa.Column("status", sa.String(30), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agenda_item"),
        sa.UniqueConstraint("source", "subject", "person_id", name="uq_agenda_item_source_subject_person_id"),
    )
    op.create_index("ix_agenda_item_person", "agenda_item", ["person_id", "ends_at"])
    op.create_table(
        "waiting_item",
        sa.Column("id", BigId, nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("person_id", BigId, nullable=True),
        sa.Column("role", sa.String(20), nullable=True),
        sa.Column("agency_id", BigId, nullable=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("title_en", sa.String(200), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("since", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_waiting_item"),
        sa.UniqueConstraint("source", "subject", name="uq_waiting_item_source_subject"),
    )
    op.create_index("ix_waiting_item_person_id", "waiting_item", ["person_id"])


def downgrade() -> None:
    raise NotImplementedError("the first migration is not undone; restore a backup instead")
