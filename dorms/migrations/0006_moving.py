"""Tenants who ask to move; who comes first at which rooms (D-22); points held against papers, objections to a ranking."""

from datetime import date

import sqlalchemy as sa
from alembic import op

from common import db

revision = "0006"
down_revision = "0003"
branch_labels = None
depends_on = None


parameter = sa.table(
    "parameter",
    sa.column("key", sa.String),
    sa.column("value", sa.Integer),
    sa.column("since", sa.Date),
    sa.column("rule", sa.String),
    sa.column("sample", sa.Boolean),
)


def upgrade() -> None:
    op.add_column("building", sa.Column("women_first", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("round", sa.Column("constraints", db.JsonValue, nullable=False, server_default="{}"))
    op.add_column("round", sa.Column("objection_days", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("round", sa.Column("objections_until", db.UtcInstant(), nullable=True))
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
    op.create_table(
        "point_check",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("application_id", db.BigId, nullable=False),
        sa.Column("item", sa.String(20), nullable=False),
        sa.Column("points", sa.String(12), nullable=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("checked_by_id", db.BigId, nullable=False),
        sa.Column("checked_at", db.UtcInstant(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_point_check_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_point_check"),
        sa.UniqueConstraint("application_id", "item", name="uq_point_check_application_id_item"),
    )
    op.create_table(
        "objection",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("application_id", db.BigId, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", db.UtcInstant(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", db.BigId, nullable=True),
        sa.Column("answered_at", db.UtcInstant(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_objection_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_objection"),
    )
    op.create_index("ix_objection_application_id", "objection", ["application_id"], unique=False)
    op.create_table(
        "replaced_ranking",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("round_id", db.BigId, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("record", db.JsonValue, nullable=False),
        sa.Column("replaced_at", db.UtcInstant(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_replaced_ranking_round_id"),
        sa.PrimaryKeyConstraint("id", name="pk_replaced_ranking"),
        sa.UniqueConstraint("round_id", "edition", name="uq_replaced_ranking_round_id_edition"),
    )
    number = {"key": "dorm.objectionDays", "value": 7, "since": date(2010, 1, 1), "rule": "D-17", "sample": True}
    op.bulk_insert(parameter, [number])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
