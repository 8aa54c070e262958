"""Push and LINE: devices, links, and the order in which ways are tried."""

import sqlalchemy as sa
from alembic import op

from common import db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHANNELS = "channel IN ('inbox', 'push', 'line', 'mail')"
STATES = "state IN ('queued', 'sending', 'sent', 'read', 'accepted', 'failed', 'expired')"


def upgrade() -> None:
    with op.batch_alter_table(
        "delivery"
    ) as batch:  # SQLite cannot change a constraint: there the table is written anew
        for name, check in (("ck_delivery_channel_known", CHANNELS), ("ck_delivery_state_known", STATES)):
            batch.drop_constraint(name, type_="check")
            batch.create_check_constraint(name, check)
    ladder = op.create_table(
        "ladder",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.String(length=8), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint("channel IN ('push', 'line', 'mail', 'call')", name="ck_ladder_channel_known"),
        sa.PrimaryKeyConstraint("id", name="pk_ladder"),
        sa.UniqueConstraint("position", name="uq_ladder_position"),
        sa.UniqueConstraint("channel", name="uq_ladder_channel"),
    )
    op.bulk_insert(
        ladder,
        [
            {"position": n, "channel": channel, "rule": "V-12", "sample": True}
            for n, channel in enumerate(("push", "line", "mail", "call"), start=1)
        ],
    )
    op.create_table(
        "push_device",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("person_id", db.BigId, nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("endpoint_sha256", sa.String(length=64), nullable=False),
        sa.Column("p256dh", sa.String(length=120), nullable=False),
        sa.Column("auth", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("added_at", db.UtcInstant(), nullable=False),
        sa.Column("reached_at", db.UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_push_device"),
        sa.UniqueConstraint("endpoint_sha256", name="uq_push_device_once"),
    )
    op.create_index("ix_push_device_person_id", "push_device", ["person_id"])
    op.create_table(
        "line_link",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("person_id", db.BigId, nullable=False),
        sa.Column("user_id", sa.String(length=50), nullable=False),
        sa.Column("linked_at", db.UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_line_link"),
        sa.UniqueConstraint("person_id", name="uq_line_link_person"),
        sa.UniqueConstraint("user_id", name="uq_line_link_user"),
    )
    op.create_table(
        "line_code",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("person_id", db.BigId, nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("expires_at", db.UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_line_code"),
        sa.UniqueConstraint("code_sha256", name="uq_line_code_once"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
