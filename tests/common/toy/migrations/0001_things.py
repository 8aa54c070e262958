"""things"""

import sqlalchemy as sa
from alembic import op

from common.db import BigId, UtcInstant
from common.migrations import shared

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    shared.create_0001(op)
    op.create_table(
        "thing",
        sa.Column("id", BigId, nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_thing"),
    )
