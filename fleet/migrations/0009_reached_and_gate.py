"""How dispatch reached an applicant before cancelling (V-35); what guards saw at the gate (V-28)."""

import sqlalchemy as sa
from alembic import op

from common.db import BigId, UtcInstant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WAYS = "'phone', 'in_person', 'message', 'mail'"


def upgrade() -> None:
    # Written out because a constraint added by itself would make SQLite build the table anew.
    op.execute(
        "ALTER TABLE trip ADD COLUMN reached_by VARCHAR(12)"
        f" CONSTRAINT ck_trip_reached_by_known CHECK (reached_by IN ({WAYS}))"
    )
    op.create_table(
        "gate_check",
        sa.Column("id", BigId, nullable=False),
        sa.Column("trip_id", BigId, nullable=False),
        sa.Column("way", sa.String(4), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("by_id", BigId, nullable=False),
        sa.Column("note", sa.String(100), nullable=True),
        sa.CheckConstraint("way IN ('out', 'in')", name="ck_gate_check_way_known"),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name="fk_gate_check_trip_id"),
        sa.PrimaryKeyConstraint("id", name="pk_gate_check"),
        sa.UniqueConstraint("trip_id", "way", name="uq_gate_check_trip_id_way"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
