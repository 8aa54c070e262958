"""Equipment on its way, lent things, gallery terms, contracts, contributed venues, boards, and their dated figures."""

from datetime import date

import sqlalchemy as sa
from alembic import op

from common import db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FIGURES = (
    # key, value, unit, rule, sample: the first version of each; S-19 is worked out from two reports, the others are samples
    ("saving.stage", 20000, "NT$", "S-19", True),
    ("saving.sound_set", 15000, "NT$", "S-19", True),
    ("saving.light_set", 0, "NT$", "S-19", True),
    ("loan.most_days", 14, "days", "S-20", True),
    ("loan.remind_days", 3, "days", "S-20", True),
    ("gallery.heaviest_kg", 20, "kg", "G-02", True),
    ("gallery.apply_days", 20, "days", "G-02", True),
    ("gallery.most_days", 153, "days", "G-01", True),
    ("contract.notice_days", 90, "days", "T-01", True),
    ("contributed.quota", 15, "days", "G-03", False),
    ("contributed.most_wishes", 5, "days", "G-03", True),
    ("board.most_days", 14, "days", "G-05", True),
)


# fmt: off
def upgrade() -> None:
    op.create_table(
        "board",
        sa.Column("id", db.BigId, nullable=False), sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=40), nullable=False), sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False), sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("place_in_list", sa.Integer(), nullable=False),
        sa.CheckConstraint("places > 0", name=op.f("ck_board_some_places")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board")),
        sa.UniqueConstraint("code", name=op.f("uq_board_code")),
    )
    op.create_table(
        "contributed_venue",
        sa.Column("id", db.BigId, nullable=False), sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("place_en", sa.String(length=120), nullable=False),
        sa.Column("rule", sa.String(length=10), nullable=False), sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contributed_venue")),
        sa.UniqueConstraint("code", name=op.f("uq_contributed_venue_code")),
    )
    op.create_table(
        "counter",
        sa.Column("id", db.BigId, nullable=False), sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=40), nullable=False),
        sa.Column("place_in_list", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('counter', 'bank')", name=op.f("ck_counter_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter")),
        sa.UniqueConstraint("code", name=op.f("uq_counter_code")),
    )
    op.create_table(
        "figure",
        sa.Column("id", db.BigId, nullable=False), sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False), sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.String(length=10), nullable=False), sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.CheckConstraint("value >= 0", name=op.f("ck_figure_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure")),
        sa.UniqueConstraint("key", "valid_from", name=op.f("uq_figure_key_valid_from")),
    )
    op.create_table(
        "gallery_term",
        sa.Column("id", db.BigId, nullable=False), sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False), sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("apply_by", sa.Date(), nullable=False), sa.Column("hangs_on", sa.Date(), nullable=True),
        sa.Column("comes_down_on", sa.Date(), nullable=True), sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(hangs_on IS NULL AND comes_down_on IS NULL) OR (starts_on <= hangs_on AND hangs_on <= comes_down_on AND comes_down_on <= ends_on)",
            name=op.f("ck_gallery_term_hangs_within_the_term"),
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_gallery_term_number_positive")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_gallery_term_starts_before_it_ends")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gallery_term")),
        sa.UniqueConstraint("number", name=op.f("uq_gallery_term_number")),
    )
    op.create_table(
        "lent_thing",
        sa.Column("id", db.BigId, nullable=False), sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("unit_en", sa.String(length=10), nullable=False), sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False), sa.Column("place_in_list", sa.Integer(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("most > 0", name=op.f("ck_lent_thing_some_at_a_time")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lent_thing")),
        sa.UniqueConstraint("code", name=op.f("uq_lent_thing_code")),
    )
    op.create_table(
        "loan",
        sa.Column("id", db.BigId, nullable=False), sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("agency_id", db.BigId, nullable=False), sa.Column("applicant_id", db.BigId, nullable=False),
        sa.Column("purpose", sa.String(length=120), nullable=False), sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False), sa.Column("requested_at", db.UtcInstant(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False), sa.Column("handed_out_at", db.UtcInstant(), nullable=True),
        sa.Column("returned_at", db.UtcInstant(), nullable=True), sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('requested', 'approved', 'rejected', 'out', 'returned', 'cancelled')",
            name=op.f("ck_loan_status_known"),
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_loan_starts_before_it_ends")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan")),
    )
    op.create_index("ix_loan_agency_id_id", "loan", ["agency_id", "id"], unique=False)
    op.create_index("ix_loan_status_ends_on", "loan", ["status", "ends_on"], unique=False)
    op.create_table(
        "posting",
        sa.Column("id", db.BigId, nullable=False), sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("agency_id", db.BigId, nullable=False), sa.Column("applicant_id", db.BigId, nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False), sa.Column("text", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False), sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("requested_at", db.UtcInstant(), nullable=False), sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('requested', 'approved', 'rejected', 'withdrawn')", name=op.f("ck_posting_status_known")
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_posting_starts_before_it_ends")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
    )
    op.create_index("ix_posting_agency_id_id", "posting", ["agency_id", "id"], unique=False)
    op.create_index("ix_posting_status_starts_on", "posting", ["status", "starts_on"], unique=False)
    op.create_table(
        "contract",
        sa.Column("id", db.BigId, nullable=False), sa.Column("counter_id", db.BigId, nullable=False),
        sa.Column("party", sa.String(length=80), nullable=False),
        sa.Column("party_number", sa.String(length=10), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False), sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("rent", sa.Integer(), nullable=False), sa.Column("deposit", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False), sa.Column("follows_id", db.BigId, nullable=True),
        sa.Column("made_at", db.UtcInstant(), nullable=False), sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False), sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("ended_on IS NULL OR ended_on <= ends_on", name=op.f("ck_contract_ended_within_its_time")),
        sa.CheckConstraint("rent >= 0 AND deposit >= 0", name=op.f("ck_contract_money_not_negative")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_contract_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["counter_id"], ["counter.id"], name=op.f("fk_contract_counter_id")),
        sa.ForeignKeyConstraint(["follows_id"], ["contract.id"], name=op.f("fk_contract_follows_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("follows_id", name=op.f("uq_contract_follows_id")),
    )
    op.create_index(op.f("ix_contract_counter_id"), "contract", ["counter_id"], unique=False)
    op.create_table(
        "contributed_survey",
        sa.Column("id", db.BigId, nullable=False), sa.Column("venue_id", db.BigId, nullable=False),
        sa.Column("half_year", sa.String(length=6), nullable=False), sa.Column("quota", sa.Integer(), nullable=False),
        sa.Column("most_wishes", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False), sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("opened_at", db.UtcInstant(), nullable=False),
        sa.Column("published_at", db.UtcInstant(), nullable=True), sa.Column("tickets", db.JsonValue, nullable=False),
        sa.Column("tickets_sha256", sa.String(length=64), nullable=False),
        sa.Column("seed_from", sa.String(length=200), nullable=False),
        sa.Column("seed", sa.String(length=200), nullable=False),
        sa.Column("seed_source", sa.String(length=200), nullable=False),
        sa.Column("draw_order", db.JsonValue, nullable=False), sa.Column("results", db.JsonValue, nullable=False),
        sa.Column("allotted_at", db.UtcInstant(), nullable=True), sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'published', 'allotted')", name=op.f("ck_contributed_survey_status_known")
        ),
        sa.CheckConstraint("quota > 0", name=op.f("ck_contributed_survey_some_days")),
        sa.ForeignKeyConstraint(["venue_id"], ["contributed_venue.id"], name=op.f("fk_contributed_survey_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contributed_survey")),
        sa.UniqueConstraint("venue_id", "half_year", name=op.f("uq_contributed_survey_venue_id_half_year")),
    )
    op.create_table(
        "gallery_application",
        sa.Column("id", db.BigId, nullable=False), sa.Column("term_id", db.BigId, nullable=False),
        sa.Column("agency_id", db.BigId, nullable=False), sa.Column("applicant_id", db.BigId, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False), sa.Column("about", sa.Text(), nullable=False),
        sa.Column("works", sa.Integer(), nullable=False), sa.Column("heaviest_kg", sa.Integer(), nullable=False),
        sa.Column("applied_at", db.UtcInstant(), nullable=False), sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('applied', 'assigned', 'declined')", name=op.f("ck_gallery_application_status_known")
        ),
        sa.CheckConstraint("works > 0 AND heaviest_kg > 0", name=op.f("ck_gallery_application_something_hangs")),
        sa.ForeignKeyConstraint(["term_id"], ["gallery_term.id"], name=op.f("fk_gallery_application_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gallery_application")),
        sa.UniqueConstraint("term_id", "agency_id", name=op.f("uq_gallery_application_term_id_agency_id")),
    )
    op.create_index(
        "uq_gallery_application_one_school_a_term",
        "gallery_application",
        ["term_id"],
        unique=True,
        sqlite_where=sa.text("status = 'assigned'"),
        postgresql_where=sa.text("status = 'assigned'"),
    )
    op.create_table(
        "lent_day",
        sa.Column("thing_id", db.BigId, nullable=False), sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False), sa.Column("promised", sa.Integer(), nullable=False),
        sa.Column("short", sa.Integer(), nullable=False),
        sa.CheckConstraint("promised <= stock + short", name=op.f("ck_lent_day_never_more_than_there_are")),
        sa.CheckConstraint("promised >= 0 AND stock >= 0 AND short >= 0", name=op.f("ck_lent_day_counts_not_negative")),
        sa.ForeignKeyConstraint(["thing_id"], ["lent_thing.id"], name=op.f("fk_lent_day_thing_id")),
        sa.PrimaryKeyConstraint("thing_id", "day", name=op.f("pk_lent_day")),
    )
    op.create_table(
        "lent_stock",
        sa.Column("id", db.BigId, nullable=False), sa.Column("thing_id", db.BigId, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False), sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_lent_stock_not_negative")),
        sa.ForeignKeyConstraint(["thing_id"], ["lent_thing.id"], name=op.f("fk_lent_stock_thing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lent_stock")),
        sa.UniqueConstraint("thing_id", "valid_from", name=op.f("uq_lent_stock_thing_id_valid_from")),
    )
    op.create_table(
        "loan_item",
        sa.Column("id", db.BigId, nullable=False), sa.Column("loan_id", db.BigId, nullable=False),
        sa.Column("thing_id", db.BigId, nullable=False), sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("handed_out", sa.Integer(), nullable=False), sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("damaged", sa.Integer(), nullable=False), sa.Column("missing", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "good >= 0 AND damaged >= 0 AND missing >= 0 AND good + damaged + missing <= handed_out",
            name=op.f("ck_loan_item_not_more_back_than_out"),
        ),
        sa.CheckConstraint(
            "handed_out >= 0 AND handed_out <= quantity", name=op.f("ck_loan_item_not_more_than_promised")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_loan_item_some")),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_loan_item_loan_id")),
        sa.ForeignKeyConstraint(["thing_id"], ["lent_thing.id"], name=op.f("fk_loan_item_thing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_item")),
        sa.UniqueConstraint("loan_id", "thing_id", name=op.f("uq_loan_item_loan_id_thing_id")),
    )
    op.create_table(
        "posting_board",
        sa.Column("posting_id", db.BigId, nullable=False), sa.Column("board_id", db.BigId, nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_posting_board_board_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_posting_board_posting_id")),
        sa.PrimaryKeyConstraint("posting_id", "board_id", name=op.f("pk_posting_board")),
    )
    op.create_table(
        "contract_rent",
        sa.Column("id", db.BigId, nullable=False), sa.Column("contract_id", db.BigId, nullable=False),
        sa.Column("month", sa.Date(), nullable=False), sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(length=40), nullable=False), sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.Column("entered_at", db.UtcInstant(), nullable=False), sa.Column("by_id", db.BigId, nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_contract_rent_some_amount")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_rent_contract_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_rent")),
        sa.UniqueConstraint("contract_id", "month", "receipt", name=op.f("uq_contract_rent_contract_id_month_receipt")),
    )
    op.create_index(op.f("ix_contract_rent_contract_id"), "contract_rent", ["contract_id"], unique=False)
    op.create_table(
        "contributed_day",
        sa.Column("id", db.BigId, nullable=False), sa.Column("survey_id", db.BigId, nullable=False),
        sa.Column("day", sa.Date(), nullable=False), sa.Column("agency_id", db.BigId, nullable=False),
        sa.Column("person_id", db.BigId, nullable=False), sa.Column("purpose", sa.String(length=80), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False), sa.Column("given_at", db.UtcInstant(), nullable=False),
        sa.Column("given_back_at", db.UtcInstant(), nullable=True), sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("how IN ('allotted', 'first_come')", name=op.f("ck_contributed_day_how_known")),
        sa.ForeignKeyConstraint(["survey_id"], ["contributed_survey.id"], name=op.f("fk_contributed_day_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contributed_day")),
    )
    op.create_index(op.f("ix_contributed_day_survey_id"), "contributed_day", ["survey_id"], unique=False)
    op.create_table(
        "contributed_wish",
        sa.Column("id", db.BigId, nullable=False), sa.Column("survey_id", db.BigId, nullable=False),
        sa.Column("agency_id", db.BigId, nullable=False), sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False), sa.Column("purpose", sa.String(length=80), nullable=False),
        sa.Column("person_id", db.BigId, nullable=False), sa.Column("at", db.UtcInstant(), nullable=False),
        sa.CheckConstraint("rank > 0", name=op.f("ck_contributed_wish_rank_positive")),
        sa.ForeignKeyConstraint(["survey_id"], ["contributed_survey.id"], name=op.f("fk_contributed_wish_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contributed_wish")),
        sa.UniqueConstraint("survey_id", "agency_id", "day", name=op.f("uq_contributed_wish_survey_id_agency_id_day")),
        sa.UniqueConstraint(
            "survey_id", "agency_id", "rank", name=op.f("uq_contributed_wish_survey_id_agency_id_rank")
        ),
    )
    op.create_table(
        "piece_fault",
        sa.Column("id", db.BigId, nullable=False), sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("piece", sa.String(length=30), nullable=False), sa.Column("booking_id", db.BigId, nullable=True),
        sa.Column("note", sa.Text(), nullable=False), sa.Column("since", db.UtcInstant(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True), sa.Column("reported_by_id", db.BigId, nullable=False),
        sa.Column("repaired_at", db.UtcInstant(), nullable=True), sa.Column("repair_note", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "repaired_at IS NULL OR repaired_at >= since", name=op.f("ck_piece_fault_repaired_after_it_broke")
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_piece_fault_booking_id")),
        sa.ForeignKeyConstraint(["kind"], ["equipment_kind.code"], name=op.f("fk_piece_fault_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_piece_fault")),
    )
    op.create_index(op.f("ix_piece_fault_piece"), "piece_fault", ["piece"], unique=False)
    op.create_table(
        "piece_handover",
        sa.Column("id", db.BigId, nullable=False), sa.Column("booking_id", db.BigId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("piece", sa.String(length=30), nullable=False),
        sa.Column("due_back_at", db.UtcInstant(), nullable=False),
        sa.Column("delivered_at", db.UtcInstant(), nullable=False),
        sa.Column("delivered_by_id", db.BigId, nullable=False),
        sa.Column("condition_out", sa.String(length=200), nullable=False),
        sa.Column("returned_at", db.UtcInstant(), nullable=True), sa.Column("returned_by_id", db.BigId, nullable=True),
        sa.Column("condition_in", sa.String(length=200), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "returned_at IS NULL OR returned_at >= delivered_at", name=op.f("ck_piece_handover_back_after_it_left")
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_piece_handover_booking_id")),
        sa.ForeignKeyConstraint(["kind"], ["equipment_kind.code"], name=op.f("fk_piece_handover_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_piece_handover")),
        sa.UniqueConstraint("booking_id", "piece", name=op.f("uq_piece_handover_booking_id_piece")),
    )
    op.create_index(
        "uq_piece_handover_out_once",
        "piece_handover",
        ["piece"],
        unique=True,
        sqlite_where=sa.text("returned_at IS NULL"),
        postgresql_where=sa.text("returned_at IS NULL"),
    )
    for statement in db.append_only_guard(op.get_bind(), "contract_rent"):
        op.execute(statement)
    figure = sa.table(
        "figure", sa.column("key"), sa.column("value"), sa.column("unit"), sa.column("rule"), sa.column("sample"),
        sa.column("valid_from", sa.Date()),
    )  # fmt: skip
    names = ("key", "value", "unit", "rule", "sample")
    op.bulk_insert(figure, [dict(zip(names, row, strict=True)) | {"valid_from": date(2011, 1, 1)} for row in FIGURES])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
