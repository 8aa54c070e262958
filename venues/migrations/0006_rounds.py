"""Rounds: classes and their places, registrations, the published list, seeds, the draw and what followed, rent, warnings."""

from datetime import date

import sqlalchemy as sa
from alembic import op

from common import db
from common.db import BigId, JsonValue, UtcInstant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FIRST_DAY = date(2015, 1, 1)

# key, value, rule, sample. T-08 is Tainan's rule; the days are nowhere published.
FIRST_PARAMETERS = (
    ("rounds.answer_days", 7, "T-07", True),
    ("rounds.pay_days", 7, "T-07", True),
    ("rounds.supplement_days", 5, "T-05", True),
    ("rounds.appeal_days", 10, "T-07", True),
    ("rounds.rent_a_day", 300, "T-08", True),
    ("rounds.warnings", 3, "T-08", True),
    ("rounds.ban_months", 6, "T-08", True),
    ("rounds.grave_ban_months", 12, "T-08", True),
)

USUAL = ["checklist", "registration", "firm_card", "seller_card", "application"]
FOOD = [*USUAL, "food_operator", "liability", "lab_test"]
FARM = ["checklist", "farmer_proof", "firm_card", "seller_card", "application"]

# code, kind, prefix of tickets, name, name_en, places (113/7-12), papers, rule
FIRST_CLASSES = (
    (
        "charity",
        "stall",
        "C",
        "公益、福利、身心障礙、原住民（特）",
        "Charity, welfare, disability, indigenous",
        6,
        USUAL,
        "T-03 T-06",
    ),
    ("food", "stall", "F", "食品（食）", "Food", 5, FOOD, "T-03 T-06"),
    ("cloth", "stall", "L", "布疋衣著（布）", "Cloth and clothing", 4, USUAL, "T-03 T-06"),
    ("produce", "stall", "A", "農產（農）", "Farm produce", 5, FARM, "T-03 T-06"),
    ("hardware", "stall", "H", "五金什貨（什）", "Hardware and sundries", 4, USUAL, "T-03 T-06"),
    ("term", "gallery", "G", "畫廊檔期", "Gallery term", 1, ["application"], "G-01"),
    ("half_days", "contributed_venue", "V", "回饋場地日數", "Days at a contributed venue", 15, ["application"], "G-03"),
    ("food_truck", "plaza", "T", "餐車", "Food trucks", 6, FOOD, "T-06"),
)

APPEND_ONLY = (
    "round_listing", "round_seed", "round_result", "round_log", "round_suspension", "registration_step", "round_entry",
)  # fmt: skip


def upgrade() -> None:
    make_rounds()
    make_registrations()
    parameters = [dict(zip(("key", "value", "rule", "sample"), row, strict=True)) for row in FIRST_PARAMETERS]
    parameter = sa.table(
        "round_parameter", sa.column("key"), sa.column("value"), sa.column("since", sa.Date()), sa.column("rule"),
        sa.column("sample", sa.Boolean()),
    )  # fmt: skip
    op.bulk_insert(parameter, [{**row, "since": FIRST_DAY} for row in parameters])
    names = ("code", "kind", "prefix", "name", "name_en", "places", "papers", "rule")
    kinds = sa.table(
        "round_class_kind",
        *(sa.column(name, JsonValue if name == "papers" else None) for name in (*names, "place_in_list")),
    )
    rows = enumerate(FIRST_CLASSES, start=1)
    op.bulk_insert(kinds, [{**dict(zip(names, row, strict=True)), "place_in_list": place} for place, row in rows])
    for table in APPEND_ONLY:
        for statement in db.append_only_guard(op.get_bind(), table):
            op.execute(statement)


def make_rounds() -> None:
    op.create_table(
        "round_class_kind",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("prefix", sa.String(4), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("name_en", sa.String(60), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("papers", JsonValue, nullable=False),
        sa.Column("rule", sa.String(20), nullable=False),
        sa.Column("place_in_list", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_round_class_kind")),
    )
    op.create_table(
        "round_parameter",
        sa.Column("id", BigId, nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("rule", sa.String(10), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_parameter")),
        sa.UniqueConstraint("key", "since", name=op.f("uq_round_parameter_key_since")),
    )
    op.create_table(
        "round",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("title_en", sa.String(120), nullable=False),
        sa.Column("place", sa.String(80), nullable=False),
        sa.Column("place_en", sa.String(120), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("registration_from", UtcInstant(), nullable=False),
        sa.Column("registration_until", UtcInstant(), nullable=False),
        sa.Column("term_from", sa.Date(), nullable=False),
        sa.Column("term_until", sa.Date(), nullable=False),
        sa.Column("rent", sa.Integer(), nullable=False),
        sa.Column("rent_per", sa.String(4), nullable=False),
        sa.Column("rent_sample", sa.Boolean(), nullable=False),
        sa.Column("seed_source", sa.String(200), nullable=False),
        sa.Column("seed_known_at", UtcInstant(), nullable=True),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_by_id", BigId, nullable=False),
        sa.Column("made_at", UtcInstant(), nullable=False),
        sa.Column("opened_at", UtcInstant(), nullable=True),
        sa.Column("closed_at", UtcInstant(), nullable=True),
        sa.Column("changed_at", UtcInstant(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('stall', 'gallery', 'contributed_venue', 'plaza')", name=op.f("ck_round_kind_known")
        ),
        sa.CheckConstraint(
            "registration_from < registration_until", name=op.f("ck_round_registration_opens_before_it_closes")
        ),
        sa.CheckConstraint("rent >= 0 AND rent_per IN ('day', 'term')", name=op.f("ck_round_rent_known")),
        sa.CheckConstraint("term_from < term_until", name=op.f("ck_round_term_starts_before_it_ends")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
    )
    op.create_table(
        "round_class",
        sa.Column("id", BigId, nullable=False),
        sa.Column("round_id", BigId, nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("prefix", sa.String(20), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("name_en", sa.String(60), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("papers", JsonValue, nullable=False),
        sa.Column("rule", sa.String(20), nullable=False),
        sa.Column("place_in_list", sa.Integer(), nullable=False),
        sa.CheckConstraint("places > 0", name=op.f("ck_round_class_some_places")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_class_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_class")),
        sa.UniqueConstraint("round_id", "code", name=op.f("uq_round_class_round_id_code")),
        sa.UniqueConstraint("round_id", "prefix", name=op.f("uq_round_class_round_id_prefix")),
    )
    op.create_table(
        "round_listing",
        sa.Column("id", BigId, nullable=False),
        sa.Column("round_id", BigId, nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("by_id", BigId, nullable=False),
        sa.Column("tickets", JsonValue, nullable=False),
        sa.Column("tickets_sha256", sa.String(64), nullable=False),
        sa.Column("classes", JsonValue, nullable=False),
        sa.Column("seed_source", sa.String(200), nullable=False),
        sa.Column("seed_known_at", UtcInstant(), nullable=False),
        sa.Column("algorithm", sa.String(40), nullable=False),
        sa.Column("announced_sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_listing_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_listing")),
        sa.UniqueConstraint("round_id", name=op.f("uq_round_listing_round_id")),
    )
    op.create_table(
        "round_seed",
        sa.Column("id", BigId, nullable=False),
        sa.Column("round_id", BigId, nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("by_id", BigId, nullable=False),
        sa.Column("seed", sa.String(200), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("document_sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_seed_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_seed")),
    )
    op.create_index("ix_round_seed_round_id", "round_seed", ["round_id"])
    op.create_table(
        "round_result",
        sa.Column("id", BigId, nullable=False),
        sa.Column("round_id", BigId, nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("by_id", BigId, nullable=False),
        sa.Column("seed", sa.String(200), nullable=False),
        sa.Column("order", JsonValue, nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_result_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_result")),
        sa.UniqueConstraint("round_id", name=op.f("uq_round_result_round_id")),
    )
    op.create_table(
        "round_log",
        sa.Column("id", BigId, nullable=False),
        sa.Column("round_id", BigId, nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("ticket", sa.String(40), nullable=False),
        sa.Column("what", sa.String(12), nullable=False),
        sa.Column("place_no", sa.Integer(), nullable=True),
        sa.Column("passed_to", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_log_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_log")),
    )
    op.create_index("ix_round_log_round_id", "round_log", ["round_id"])
    op.create_table(
        "round_suspension",
        sa.Column("id", BigId, nullable=False),
        sa.Column("round_id", BigId, nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("by_id", BigId, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("first_day < until", name=op.f("ck_round_suspension_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_suspension_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_suspension")),
    )
    op.create_index("ix_round_suspension_round_id", "round_suspension", ["round_id"])
    op.create_table(
        "round_bar",
        sa.Column("id", BigId, nullable=False),
        sa.Column("firm_number", sa.String(20), nullable=False),
        sa.Column("seller_id", sa.String(10), nullable=False),
        sa.Column("barred_from", sa.Date(), nullable=False),
        sa.Column("barred_until", sa.Date(), nullable=False),
        sa.Column("grave", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("registration_id", BigId, nullable=False),
        sa.Column("by_id", BigId, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_bar")),
    )
    op.create_index("ix_round_bar_firm_number", "round_bar", ["firm_number"])


def make_registrations() -> None:
    op.create_table(
        "registration",
        sa.Column("id", BigId, nullable=False),
        sa.Column("round_id", BigId, nullable=False),
        sa.Column("class_code", sa.String(20), nullable=False),
        sa.Column("prefix", sa.String(20), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("firm_kind", sa.String(10), nullable=False),
        sa.Column("firm_number", sa.String(20), nullable=False),
        sa.Column("firm_name", sa.String(80), nullable=False),
        sa.Column("seller_id", sa.String(10), nullable=False),
        sa.Column("seller_name", sa.String(60), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("goods", sa.String(120), nullable=False),
        sa.Column("papers", JsonValue, nullable=False),
        sa.Column("papers_note", sa.Text(), nullable=False),
        sa.Column("person_id", BigId, nullable=True),
        sa.Column("agency_id", BigId, nullable=True),
        sa.Column("entered_by_id", BigId, nullable=True),
        sa.Column("registered_at", UtcInstant(), nullable=False),
        sa.Column("changed_at", UtcInstant(), nullable=False),
        sa.Column("withdrawn_at", UtcInstant(), nullable=True),
        sa.Column("supplement", sa.Text(), nullable=False),
        sa.Column("supplement_by", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("appeal_by", sa.Date(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("place_no", sa.Integer(), nullable=True),
        sa.Column("answer_by", UtcInstant(), nullable=True),
        sa.Column("pay_by", UtcInstant(), nullable=True),
        sa.Column("rent_from", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_registration_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
    )
    op.create_index("ix_registration_agency_id", "registration", ["agency_id"])
    op.create_index("ix_registration_firm_number", "registration", ["firm_number"])
    op.create_index("ix_registration_round_id_status", "registration", ["round_id", "status"])
    op.create_index(
        "uq_registration_one_firm_a_round",
        "registration",
        ["round_id", "firm_number"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index(
        "uq_registration_one_holder_a_place",
        "registration",
        ["round_id", "place_no"],
        unique=True,
        sqlite_where=sa.text("place_no IS NOT NULL"),
        postgresql_where=sa.text("place_no IS NOT NULL"),
    )
    op.create_index(
        "uq_registration_one_seller_a_round",
        "registration",
        ["round_id", "seller_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL AND seller_id <> ''"),
        postgresql_where=sa.text("withdrawn_at IS NULL AND seller_id <> ''"),
    )
    op.create_table(
        "registration_step",
        sa.Column("id", BigId, nullable=False),
        sa.Column("registration_id", BigId, nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("by_id", BigId, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_registration_step_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_step")),
    )
    op.create_index("ix_registration_step_registration_id", "registration_step", ["registration_id"])
    op.create_table(
        "round_entry",
        sa.Column("id", BigId, nullable=False),
        sa.Column("registration_id", BigId, nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("debit", sa.String(12), nullable=False),
        sa.Column("credit", sa.String(12), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(160), nullable=False),
        sa.Column("label_en", sa.String(200), nullable=False),
        sa.Column("rule", sa.String(10), nullable=False),
        sa.Column("document", sa.String(60), nullable=False),
        sa.Column("by_id", BigId, nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_round_entry_amount_positive")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_round_entry_two_accounts")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_round_entry_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_entry")),
    )
    op.create_index("ix_round_entry_registration_id", "round_entry", ["registration_id"])
    op.create_table(
        "round_warning",
        sa.Column("id", BigId, nullable=False),
        sa.Column("registration_id", BigId, nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("grave", sa.Boolean(), nullable=False),
        sa.Column("heeded_at", UtcInstant(), nullable=True),
        sa.Column("by_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_round_warning_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_warning")),
    )
    op.create_index("ix_round_warning_registration_id", "round_warning", ["registration_id"])


def downgrade() -> None:
    raise NotImplementedError("what was published is not taken back")
