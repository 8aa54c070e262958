"""Contributed venues are drawn as rounds are: wishes, source and moment published under one hash, every entry of the seed kept."""

import sqlalchemy as sa
from alembic import op

from common import db

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    nothing = sa.text("'{}'")
    op.add_column("contributed_survey", sa.Column("listed", db.JsonValue, nullable=False, server_default=nothing))
    op.add_column(
        "contributed_survey", sa.Column("announced_sha256", sa.String(length=64), nullable=False, server_default="")
    )
    op.add_column("contributed_survey", sa.Column("seed_known_at", db.UtcInstant(), nullable=True))
    op.create_table(
        "contributed_seed",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("survey_id", db.BigId, nullable=False),
        sa.Column("at", db.UtcInstant(), nullable=False),
        sa.Column("by_id", db.BigId, nullable=False),
        sa.Column("seed", sa.String(length=200), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["contributed_survey.id"], name=op.f("fk_contributed_seed_survey_id")),
        sa.PrimaryKeyConstraint("id", name="pk_contributed_seed"),
    )
    op.create_index("ix_contributed_seed_survey_id", "contributed_seed", ["survey_id"])
    for statement in db.append_only_guard(op.get_bind(), "contributed_seed"):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
