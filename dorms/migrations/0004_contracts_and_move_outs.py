"""Contracts, furniture, photos, what is deducted and the story of a stay; clocks of moving out; their dated numbers.

Stays that run already keep running: one without an offer was lived in before this register was kept, and one that was
accepted earlier has no time limit to sign, since nobody told its person of one that ends it by itself.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

from common import db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SINCE = date(2010, 1, 1)

# key, value, rule, sample
NUMBERS = (
    ("dorm.rentAllowance.junior", 500, "D-31", True),
    ("dorm.rentAllowance.associate", 600, "D-31", True),
    ("dorm.rentAllowance.senior", 700, "D-31", True),
    ("dorm.managementFee.single", 300, "D-33", True),
    ("dorm.managementFee.family", 500, "D-33", True),
    ("dorm.renewals", 1, "D-20", True),
    ("dorm.moveOut.leave", 3, "D-45", False),
    ("dorm.moveOut.removal", 1, "D-45", False),
    ("dorm.moveOut.death", 3, "D-45", False),
    ("dorm.moveOut.home_loan", 3, "D-04", False),
    ("dorm.moveOut.family_gone", 3, "D-21", True),
)

parameter = sa.table(
    "parameter",
    sa.column("key", sa.String),
    sa.column("value", sa.Integer),
    sa.column("since", sa.Date),
    sa.column("rule", sa.String),
    sa.column("sample", sa.Boolean),
)


def upgrade() -> None:
    with op.batch_alter_table("tenancy") as table:
        table.add_column(sa.Column("ending", sa.String(length=12), nullable=True))
        table.add_column(sa.Column("sign_by", db.UtcInstant(), nullable=True))
        table.add_column(sa.Column("moved_in_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("leaving", sa.String(length=20), nullable=True))
        table.add_column(sa.Column("leave_from", sa.Date(), nullable=True))
        table.add_column(sa.Column("leave_by", sa.Date(), nullable=True))
        table.add_column(sa.Column("reminded", sa.Integer(), nullable=True))
    op.execute("UPDATE tenancy SET moved_in_on = stay_from WHERE offer_id IS NULL")
    op.execute("UPDATE tenancy SET ending = 'handed_back' WHERE ended_on IS NOT NULL")
    with op.batch_alter_table("tenancy") as table:
        table.create_check_constraint(
            op.f("ck_tenancy_ending_known"), "ending IN ('forfeited', 'withdrawn', 'handed_back', 'moved')"
        )
        table.create_check_constraint(op.f("ck_tenancy_ends_in_some_way"), "(ending IS NULL) = (ended_on IS NULL)")
        table.create_check_constraint(
            op.f("ck_tenancy_clock_has_cause_and_day"), "(leaving IS NULL) = (leave_by IS NULL)"
        )
    op.create_table(
        "contract",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("tenancy_id", db.BigId, nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("notary", sa.String(length=80), nullable=False),
        sa.Column("notarised_on", sa.Date(), nullable=False),
        sa.Column("paid_by", sa.String(length=10), nullable=False),
        sa.Column("renewal", sa.Boolean(), nullable=False),
        sa.Column("stay_from", sa.Date(), nullable=False),
        sa.Column("stay_until", sa.Date(), nullable=False),
        sa.Column("recorded_at", db.UtcInstant(), nullable=False),
        sa.Column("recorded_by_id", db.BigId, nullable=False),
        sa.CheckConstraint("paid_by IN ('borrower', 'agency')", name="ck_contract_payer_known"),
        sa.ForeignKeyConstraint(["tenancy_id"], ["tenancy.id"], name="fk_contract_tenancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_contract"),
        sa.UniqueConstraint("tenancy_id", "stay_until", name="uq_contract_one_a_term"),
    )
    op.create_table(
        "inventory_item",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("tenancy_id", db.BigId, nullable=False),
        sa.Column("place_in_list", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("self_built", sa.Boolean(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("condition", sa.String(length=10), nullable=False),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column("quantity_back", sa.Integer(), nullable=True),
        sa.Column("condition_back", sa.String(length=10), nullable=True),
        sa.Column("remark_back", sa.String(length=200), nullable=False),
        sa.CheckConstraint("quantity >= 0 AND quantity_back >= 0", name="ck_inventory_item_quantities_not_negative"),
        sa.ForeignKeyConstraint(["tenancy_id"], ["tenancy.id"], name="fk_inventory_item_tenancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_inventory_item"),
        sa.UniqueConstraint("tenancy_id", "place_in_list", name="uq_inventory_item_tenancy_id_place_in_list"),
    )
    op.create_table(
        "tenancy_photo",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("tenancy_id", db.BigId, nullable=False),
        sa.Column("taken_at", sa.String(length=10), nullable=False),
        sa.Column("filename", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stored", sa.String(length=40), nullable=False),
        sa.Column("sent_at", db.UtcInstant(), nullable=False),
        sa.Column("by_id", db.BigId, nullable=False),
        sa.CheckConstraint("size > 0", name="ck_tenancy_photo_not_empty"),
        sa.ForeignKeyConstraint(["tenancy_id"], ["tenancy.id"], name="fk_tenancy_photo_tenancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tenancy_photo"),
        sa.UniqueConstraint("stored", name="uq_tenancy_photo_stored"),
    )
    op.create_index("ix_tenancy_photo_tenancy_id", "tenancy_photo", ["tenancy_id"], unique=False)
    op.create_table(
        "pay_terms",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("tenancy_id", db.BigId, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("deducted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["tenancy_id"], ["tenancy.id"], name="fk_pay_terms_tenancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_pay_terms"),
        sa.UniqueConstraint("tenancy_id", "since", name="uq_pay_terms_one_a_day"),
    )
    op.create_table(
        "tenancy_step",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("tenancy_id", db.BigId, nullable=False),
        sa.Column("at", db.UtcInstant(), nullable=False),
        sa.Column("by_id", db.BigId, nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("cause", sa.String(length=20), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenancy_id"], ["tenancy.id"], name="fk_tenancy_step_tenancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tenancy_step"),
    )
    op.create_index("ix_tenancy_step_tenancy_id", "tenancy_step", ["tenancy_id"], unique=False)
    op.bulk_insert(
        parameter,
        [
            {"key": key, "value": value, "since": SINCE, "rule": rule, "sample": sample}
            for key, value, rule, sample in NUMBERS
        ],
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
