"""Drivers off the roster from a day on, with the reason (V-37)."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("driver", sa.Column("off_from", sa.Date(), nullable=True))
    op.add_column("driver", sa.Column("off_reason", sa.String(100), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
