"""The emergency an application pleads (S-32) and the last day to decide it (S-36)."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking", sa.Column("emergency", sa.Text(), nullable=False, server_default=""))
    op.add_column("booking", sa.Column("decide_by", sa.Date(), nullable=True))
    op.create_index("ix_booking_decide_by", "booking", ["decide_by"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
