"""Legacy houses and land (D-07), checks and visits with their evidence (D-40, D-43, D-44), repairs (D-41, D-42).

The numbers of times a year are the manual's (D-40); visits, absence, notice and follow-up are samples until Taipei's own
are known (D-44).
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

from common.db import BigId, JsonValue, UtcInstant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SINCE = date(2010, 1, 1)

# key, value, rule, sample
NUMBERS = (
    ("dorm.inspectionsPerYear", 1, "D-40", False),
    ("dorm.furniturePerYear", 1, "D-40", False),
    ("dorm.visitsPerYear", 2, "D-44", True),
    ("dorm.absenceDays", 30, "D-44", True),
    ("dorm.checkNoticeDays", 7, "D-40", True),
    ("dorm.followUpDays", 30, "D-40", True),
    ("dorm.explainDays", 14, "D-43", True),
)


def upgrade() -> None:
    make_register()
    make_checks()
    make_evidence()
    make_repairs()
    parameter = sa.table(
        "parameter",
        sa.column("key", sa.String),
        sa.column("value", sa.Integer),
        sa.column("since", sa.Date),
        sa.column("rule", sa.String),
        sa.column("sample", sa.Boolean),
    )
    named = ("key", "value", "rule", "sample")
    op.bulk_insert(parameter, [dict(zip(named, row, strict=True)) | {"since": SINCE} for row in NUMBERS])


def make_register() -> None:
    op.create_table(
        "legacy_house",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("place_en", sa.String(120), nullable=False),
        sa.Column("area_m2", sa.Integer(), nullable=False),
        sa.Column("parcel", sa.String(60), nullable=False),
        sa.Column("occupant", sa.String(60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('house', 'land')", name=op.f("ck_legacy_house_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legacy_house")),
        sa.UniqueConstraint("code", name=op.f("uq_legacy_house_code")),
    )
    op.create_table(
        "legacy_state",
        sa.Column("id", BigId, nullable=False),
        sa.Column("house_id", BigId, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.CheckConstraint(
            "state IN ('lawful_stayer', 'vacant', 'unlawful', 'in_use', 'passed_on')",
            name=op.f("ck_legacy_state_state_known"),
        ),
        sa.ForeignKeyConstraint(["house_id"], ["legacy_house.id"], name=op.f("fk_legacy_state_house_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legacy_state")),
    )
    op.create_index(op.f("ix_legacy_state_house"), "legacy_state", ["house_id", "since"])


def make_checks() -> None:
    op.create_table(
        "check_plan",
        sa.Column("year", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("made_at", UtcInstant(), nullable=False),
        sa.Column("made_by_id", BigId, nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_check_plan")),
    )
    op.create_table(
        "house_check",
        sa.Column("id", BigId, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("room_id", BigId, nullable=True),
        sa.Column("house_id", BigId, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("person_id", BigId, nullable=True),
        sa.Column("visitor_id", BigId, nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("half", sa.String(10), nullable=False),
        sa.Column("appointed_at", UtcInstant(), nullable=True),
        sa.Column("result", sa.String(12), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("told_at", UtcInstant(), nullable=True),
        sa.Column("recorded_at", UtcInstant(), nullable=True),
        sa.Column("recorded_by_id", BigId, nullable=True),
        sa.Column("follow_up_by", sa.Date(), nullable=True),
        sa.Column("followed_up_at", UtcInstant(), nullable=True),
        sa.Column("follow_up_note", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('inspection', 'furniture', 'visit')", name=op.f("ck_house_check_kind_known")),
        sa.CheckConstraint("(room_id IS NULL) <> (house_id IS NULL)", name=op.f("ck_house_check_one_place")),
        sa.CheckConstraint(
            "state IN ('planned', 'appointed', 'done', 'called_off')", name=op.f("ck_house_check_state_known")
        ),
        sa.ForeignKeyConstraint(["house_id"], ["legacy_house.id"], name=op.f("fk_house_check_house_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_house_check_room_id")),
        sa.ForeignKeyConstraint(["year"], ["check_plan.year"], name=op.f("fk_house_check_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house_check")),
        sa.UniqueConstraint("year", "kind", "house_id", "turn", name=op.f("uq_house_check_house_once")),
        sa.UniqueConstraint("year", "kind", "room_id", "turn", name=op.f("uq_house_check_room_once")),
    )
    op.create_index(op.f("ix_house_check_day"), "house_check", ["day", "visitor_id"])
    op.create_index(op.f("ix_house_check_person"), "house_check", ["person_id"])
    op.create_index(op.f("ix_house_check_room_id"), "house_check", ["room_id"])
    op.create_table(
        "visit_act",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("check_id", BigId, nullable=False),
        sa.Column("data", JsonValue, nullable=False),
        sa.Column("told_at", UtcInstant(), nullable=False),
        sa.Column("received_at", UtcInstant(), nullable=False),
        sa.Column("answer", JsonValue, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_act")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_visit_act_once")),
    )
    op.create_index(op.f("ix_visit_act_check_id"), "visit_act", ["check_id"])


def make_evidence() -> None:
    op.create_table(
        "residence_case",
        sa.Column("id", BigId, nullable=False),
        sa.Column("room_id", BigId, nullable=True),
        sa.Column("house_id", BigId, nullable=True),
        sa.Column("person_id", BigId, nullable=True),
        sa.Column("open_at", sa.String(30), nullable=True),
        sa.Column("opened_at", UtcInstant(), nullable=False),
        sa.Column("opened_by_id", BigId, nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("stated_at", UtcInstant(), nullable=True),
        sa.Column("decision", sa.String(20), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("(room_id IS NULL) <> (house_id IS NULL)", name=op.f("ck_residence_case_one_place")),
        sa.ForeignKeyConstraint(["house_id"], ["legacy_house.id"], name=op.f("fk_residence_case_house_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_residence_case_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residence_case")),
        sa.UniqueConstraint("open_at", name=op.f("uq_residence_case_one_open")),
    )
    op.create_index(op.f("ix_residence_case_person_id"), "residence_case", ["person_id"])
    op.create_table(
        "residence_step",
        sa.Column("id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("step", sa.String(10), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("by_id", BigId, nullable=False),
        sa.Column("check_id", BigId, nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "step IN ('visit_1', 'visit_2', 'letter', 'hearing', 'decision')", name=op.f("ck_residence_step_step_known")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["residence_case.id"], name=op.f("fk_residence_step_case_id")),
        sa.ForeignKeyConstraint(["check_id"], ["house_check.id"], name=op.f("fk_residence_step_check_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residence_step")),
        sa.UniqueConstraint("case_id", "step", name=op.f("uq_residence_step_once")),
    )


def make_repairs() -> None:
    op.create_table(
        "repair",
        sa.Column("id", BigId, nullable=False),
        sa.Column("room_id", BigId, nullable=True),
        sa.Column("house_id", BigId, nullable=True),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("payer", sa.String(10), nullable=False),
        sa.Column("part", sa.String(12), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("requested_at", UtcInstant(), nullable=False),
        sa.Column("decided_at", UtcInstant(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("out_of_turn", sa.Text(), nullable=False),
        sa.Column("estimate", sa.Integer(), nullable=True),
        sa.Column("contractor", sa.String(80), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("finished_on", sa.Date(), nullable=True),
        sa.Column("cost", sa.Integer(), nullable=True),
        sa.Column("accepted_at", UtcInstant(), nullable=True),
        sa.Column("accepted_by_id", BigId, nullable=True),
        sa.Column("acceptance", sa.Text(), nullable=False),
        sa.Column("out_of_stock", sa.Boolean(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("estimate >= 0 AND cost >= 0", name=op.f("ck_repair_amounts_not_negative")),
        sa.CheckConstraint("(room_id IS NULL) <> (house_id IS NULL)", name=op.f("ck_repair_one_place")),
        sa.CheckConstraint("payer IN ('agency', 'own')", name=op.f("ck_repair_payer_known")),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'under_way', 'completed', 'refused', 'taken_back')",
            name=op.f("ck_repair_state_known"),
        ),
        sa.ForeignKeyConstraint(["house_id"], ["legacy_house.id"], name=op.f("fk_repair_house_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_repair_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair")),
    )
    op.create_index(op.f("ix_repair_person_id"), "repair", ["person_id"])
    op.create_index(op.f("ix_repair_room_id"), "repair", ["room_id"])
    op.create_index(op.f("ix_repair_state"), "repair", ["state", "id"])
    op.create_table(
        "repair_photo",
        sa.Column("id", BigId, nullable=False),
        sa.Column("repair_id", BigId, nullable=False),
        sa.Column("filename", sa.String(120), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("stored", sa.String(40), nullable=False),
        sa.Column("sent_at", UtcInstant(), nullable=False),
        sa.Column("by_id", BigId, nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_repair_photo_not_empty")),
        sa.ForeignKeyConstraint(["repair_id"], ["repair.id"], name=op.f("fk_repair_photo_repair_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair_photo")),
        sa.UniqueConstraint("stored", name=op.f("uq_repair_photo_stored")),
    )
    op.create_index(op.f("ix_repair_photo_repair_id"), "repair_photo", ["repair_id"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
