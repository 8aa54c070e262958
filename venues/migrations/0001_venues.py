"""Places, tariffs, bookings, meetings, equipment and money."""

import sqlalchemy as sa
from alembic import op

from common import db
from common.migrations import shared

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    shared.create_0001(op)
    op.create_table(
        "day_off",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_day_off")),
    )
    op.create_table(
        "equipment_kind",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=40), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("watts", sa.Integer(), nullable=False),
        sa.Column("saves", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=10), nullable=False),
        sa.Column("place_in_list", sa.Integer(), nullable=False),
        sa.CheckConstraint("units >= 0", name=op.f("ck_equipment_kind_units_not_negative")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_equipment_kind")),
    )
    op.create_table(
        "venue",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("place_en", sa.String(length=120), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("about_en", sa.Text(), nullable=False),
        sa.Column("whole_id", db.BigId, nullable=True),
        sa.Column("manager_id", db.BigId, nullable=True),
        sa.Column("area_m2", sa.Integer(), nullable=True),
        sa.Column("max_people", sa.Integer(), nullable=True),
        sa.Column("max_people_rule", sa.String(length=10), nullable=False),
        sa.Column("max_days", sa.Integer(), nullable=False),
        sa.Column("opens_months", sa.Integer(), nullable=False),
        sa.Column("closes_days", sa.Integer(), nullable=False),
        sa.Column("opens_days", sa.Integer(), nullable=True),
        sa.Column("supplement_days", sa.Integer(), nullable=False),
        sa.Column("window_rule", sa.String(length=10), nullable=False),
        sa.Column("max_overtime", sa.Integer(), nullable=False),
        sa.Column("lends_equipment", sa.Boolean(), nullable=False),
        sa.Column("features", db.JsonValue, nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("place_in_list", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('hall', 'ground', 'room')", name=op.f("ck_venue_kind_known")),
        sa.CheckConstraint("whole_id IS NULL OR whole_id <> id", name=op.f("ck_venue_no_part_of_itself")),
        sa.ForeignKeyConstraint(["whole_id"], ["venue.id"], name=op.f("fk_venue_whole_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue")),
        sa.UniqueConstraint("code", name=op.f("uq_venue_code")),
    )
    op.create_table(
        "meeting",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("room_id", db.BigId, nullable=False),
        sa.Column("booked_by_id", db.BigId, nullable=False),
        sa.Column("agency_id", db.BigId, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("chair", sa.String(length=60), nullable=False),
        sa.Column("attendees", sa.Integer(), nullable=False),
        sa.Column("starts_at", db.UtcInstant(), nullable=False),
        sa.Column("ends_at", db.UtcInstant(), nullable=False),
        sa.Column("booked_at", db.UtcInstant(), nullable=False),
        sa.Column("changed_at", db.UtcInstant(), nullable=False),
        sa.Column("released_at", db.UtcInstant(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("attendees > 0", name=op.f("ck_meeting_somebody_attends")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_meeting_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["room_id"], ["venue.id"], name=op.f("fk_meeting_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    op.create_index("ix_meeting_room_id_starts_at", "meeting", ["room_id", "starts_at"], unique=False)
    op.create_table(
        "tariff",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("venue_id", db.BigId, nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("pay_within_days", sa.Integer(), nullable=False),
        sa.Column("data", db.JsonValue, nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_tariff_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariff")),
        sa.UniqueConstraint("venue_id", "effective_from", name=op.f("uq_tariff_venue_id_effective_from")),
        sa.UniqueConstraint("venue_id", "version", name=op.f("uq_tariff_venue_id_version")),
    )
    op.create_table(
        "venue_slot",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("venue_id", db.BigId, nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("ends", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("name_en", sa.String(length=20), nullable=False),
        sa.CheckConstraint("starts < ends", name=op.f("ck_venue_slot_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_venue_slot_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue_slot")),
        sa.UniqueConstraint("venue_id", "code", name=op.f("uq_venue_slot_venue_id_code")),
    )
    op.create_table(
        "booking",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("venue_id", db.BigId, nullable=False),
        sa.Column("applicant_id", db.BigId, nullable=False),
        sa.Column("agency_id", db.BigId, nullable=False),
        sa.Column("applicant_class", sa.String(length=20), nullable=False),
        sa.Column("event_name", sa.String(length=120), nullable=False),
        sa.Column("event_kind", sa.String(length=20), nullable=False),
        sa.Column("attendees", sa.Integer(), nullable=False),
        sa.Column("event_plan", sa.Text(), nullable=False),
        sa.Column("overtime_minutes", sa.Integer(), nullable=False),
        sa.Column("starts_at", db.UtcInstant(), nullable=False),
        sa.Column("ends_at", db.UtcInstant(), nullable=False),
        sa.Column("tariff_id", db.BigId, nullable=False),
        sa.Column("lines", db.JsonValue, nullable=False),
        sa.Column("fee", sa.Integer(), nullable=False),
        sa.Column("deposit", sa.Integer(), nullable=False),
        sa.Column("submitted_at", db.UtcInstant(), nullable=False),
        sa.Column("changed_at", db.UtcInstant(), nullable=False),
        sa.Column("pay_by", db.UtcInstant(), nullable=True),
        sa.Column("supplement", sa.Text(), nullable=False),
        sa.Column("supplement_by", sa.Date(), nullable=True),
        sa.Column("insurance_policy", sa.String(length=60), nullable=False),
        sa.Column("receipt", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("attendees > 0", name=op.f("ck_booking_somebody_attends")),
        sa.CheckConstraint("fee >= 0 AND deposit >= 0", name=op.f("ck_booking_money_not_negative")),
        sa.CheckConstraint("overtime_minutes >= 0", name=op.f("ck_booking_overtime_not_negative")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_booking_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["tariff_id"], ["tariff.id"], name=op.f("fk_booking_tariff_id")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_booking_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
    )
    op.create_index("ix_booking_agency_id_id", "booking", ["agency_id", "id"], unique=False)
    op.create_index("ix_booking_status_id", "booking", ["status", "id"], unique=False)
    op.create_index("ix_booking_venue_id_starts_at", "booking", ["venue_id", "starts_at"], unique=False)
    op.create_table(
        "booking_equipment",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("booking_id", db.BigId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_booking_equipment_some")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_equipment_booking_id")),
        sa.ForeignKeyConstraint(["kind"], ["equipment_kind.code"], name=op.f("fk_booking_equipment_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_equipment")),
        sa.UniqueConstraint("booking_id", "kind", name=op.f("uq_booking_equipment_booking_id_kind")),
    )
    op.create_index(op.f("ix_booking_equipment_booking_id"), "booking_equipment", ["booking_id"], unique=False)
    op.create_table(
        "booking_slot",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("booking_id", db.BigId, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot", sa.String(length=20), nullable=False),
        sa.Column("starts_at", db.UtcInstant(), nullable=False),
        sa.Column("ends_at", db.UtcInstant(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_slot_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_slot")),
        sa.UniqueConstraint("booking_id", "day", "slot", name=op.f("uq_booking_slot_booking_id_day_slot")),
    )
    op.create_index(op.f("ix_booking_slot_booking_id"), "booking_slot", ["booking_id"], unique=False)
    op.create_table(
        "booking_step",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("booking_id", db.BigId, nullable=False),
        sa.Column("at", db.UtcInstant(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("by_id", db.BigId, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_step_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_step")),
    )
    op.create_index(op.f("ix_booking_step_booking_id"), "booking_step", ["booking_id"], unique=False)
    op.create_table(
        "money_entry",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("booking_id", db.BigId, nullable=False),
        sa.Column("at", db.UtcInstant(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("debit", sa.String(length=12), nullable=False),
        sa.Column("credit", sa.String(length=12), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("label_en", sa.String(length=120), nullable=False),
        sa.Column("rule", sa.String(length=10), nullable=False),
        sa.Column("document", sa.String(length=60), nullable=False),
        sa.Column("by_id", db.BigId, nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_money_entry_amount_positive")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_money_entry_two_accounts")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_money_entry_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_entry")),
    )
    op.create_index(op.f("ix_money_entry_booking_id"), "money_entry", ["booking_id"], unique=False)
    for table in ("money_entry", "booking_step"):
        for statement in db.append_only_guard(op.get_bind(), table):
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("the first migration is not taken back")
