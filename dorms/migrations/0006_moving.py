"""Tenants who ask to move; who comes first at which rooms (D-22)."""

import sqlalchemy as sa
from alembic import op

from common import db

revision = "0006"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("building", sa.Column("women_first", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("round", sa.Column("constraints", db.JsonValue, nullable=False, server_default="{}"))
    with op.batch_alter_table("application") as application:
        application.add_column(sa.Column("lives_in_id", db.BigId, nullable=True))
        application.add_column(sa.Column("needs_accessible", sa.Boolean(), nullable=False, server_default=sa.false()))
        application.add_column(sa.Column("woman", sa.Boolean(), nullable=False, server_default=sa.false()))
        application.create_foreign_key("fk_application_lives_in_id", "room", ["lives_in_id"], ["id"])
    with op.batch_alter_table("offer") as offer:
        offer.add_column(sa.Column("awaits_id", db.BigId, nullable=True))
        offer.add_column(sa.Column("agreed_at", db.UtcInstant(), nullable=True))
        offer.create_foreign_key("fk_offer_awaits_id", "offer", ["awaits_id"], ["id"])
    op.create_index("ix_offer_awaits_id", "offer", ["awaits_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
