"""The driver's phone: acts told without a network, passengers' signatures, asking a silent driver again."""

from datetime import date

import sqlalchemy as sa
from alembic import op

from common.db import BigId, JsonValue, UtcInstant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# All of them are the house's own proposals: no rule of the city names a figure.
PARAMETERS = (
    ("dispatch.accept_minutes", 30, "minutes", "V-12"),
    ("dispatch.accept_within_hours", 48, "hours", "V-12"),
    ("dispatch.accept_tries", 4, "times", "V-12"),
    ("dispatch.sign_link_hours", 72, "hours", "V-13"),
    ("dispatch.offline_hours", 72, "hours", "V-24"),
)


def upgrade() -> None:
    op.create_table(
        "driver_act",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("trip_id", BigId, nullable=False),
        sa.Column("what", sa.String(12), nullable=False),
        sa.Column("data", JsonValue, nullable=False),
        sa.Column("told_at", UtcInstant(), nullable=False),
        sa.Column("received_at", UtcInstant(), nullable=False),
        sa.Column("plausible", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("answer", JsonValue, nullable=False),
        sa.CheckConstraint("outcome IN ('done', 'refused', 'gone')", name="ck_driver_act_outcome_known"),
        sa.PrimaryKeyConstraint("id", name="pk_driver_act"),
        sa.UniqueConstraint("person_id", "key", name="uq_driver_act_once"),
    )
    op.create_index("ix_driver_act_trip_id", "driver_act", ["trip_id"], unique=False)
    op.create_table(
        "trip_signature",
        sa.Column("id", BigId, nullable=False),
        sa.Column("trip_id", BigId, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("how", sa.String(8), nullable=False),
        sa.Column("drawing", sa.Text(), nullable=True),
        sa.Column("driver_person_id", BigId, nullable=False),
        sa.Column("signed_at", UtcInstant(), nullable=False),
        sa.Column("received_at", UtcInstant(), nullable=False),
        sa.CheckConstraint("how IN ('phone', 'link')", name="ck_trip_signature_how_known"),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name="fk_trip_signature_trip_id"),
        sa.PrimaryKeyConstraint("id", name="pk_trip_signature"),
        sa.UniqueConstraint("trip_id", name="uq_trip_signature_trip_id"),
    )
    op.create_table(
        "sign_link",
        sa.Column("id", BigId, nullable=False),
        sa.Column("trip_id", BigId, nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("made_by_id", BigId, nullable=False),
        sa.Column("made_at", UtcInstant(), nullable=False),
        sa.Column("expires_at", UtcInstant(), nullable=False),
        sa.Column("used_at", UtcInstant(), nullable=True),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name="fk_sign_link_trip_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_link"),
        sa.UniqueConstraint("token_sha256", name="uq_sign_link_token_sha256"),
    )
    op.create_index("ix_sign_link_trip_id", "sign_link", ["trip_id"], unique=False)
    op.create_table(
        "trip_nudge",
        sa.Column("id", BigId, nullable=False),
        sa.Column("trip_id", BigId, nullable=False),
        sa.Column("assigned_at", UtcInstant(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcInstant(), nullable=False),
        sa.CheckConstraint("times >= 0", name="ck_trip_nudge_times_not_negative"),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name="fk_trip_nudge_trip_id"),
        sa.PrimaryKeyConstraint("id", name="pk_trip_nudge"),
        sa.UniqueConstraint("trip_id", name="uq_trip_nudge_trip_id"),
    )
    policy = sa.table(
        "policy",
        *(sa.column(name, sa.String) for name in ("key", "unit", "rule")),
        sa.column("value", sa.Integer),
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
