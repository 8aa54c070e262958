"""Houses, rooms and beds; rounds, applications, offers, tenancies; dated rules; and the tables every service has."""

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
        "building",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("place_en", sa.String(length=120), nullable=False),
        sa.Column("place_in_list", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_building"),
    )
    op.create_table(
        "parameter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("rule", sa.String(length=10), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_parameter"),
        sa.UniqueConstraint("key", "since", name="uq_parameter_key_since"),
    )
    op.create_table(
        "point_table",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("room_kind", sa.String(length=10), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("note_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_point_table"),
        sa.UniqueConstraint("room_kind", "since", name="uq_point_table_room_kind_since"),
        sa.UniqueConstraint("version", name="uq_point_table_version"),
    )
    op.create_table(
        "point_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("place_in_list", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("label_en", sa.String(length=80), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("parameters", db.JsonValue, nullable=False),
        sa.Column("rule", sa.String(length=10), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["table_id"], ["point_table.id"], name="fk_point_item_table_id"),
        sa.PrimaryKeyConstraint("id", name="pk_point_item"),
        sa.UniqueConstraint("table_id", "code", name="uq_point_item_table_id_code"),
    )
    op.create_table(
        "room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("building_id", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("accessible", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('single', 'family')", name="ck_room_kind_known"),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name="fk_room_building_id"),
        sa.PrimaryKeyConstraint("id", name="pk_room"),
        sa.UniqueConstraint("building_id", "number", name="uq_room_building_id_number"),
    )
    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("registration_from", db.UtcInstant(), nullable=False),
        sa.Column("registration_until", db.UtcInstant(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("seed_source", sa.String(length=200), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("opened_by_id", db.BigId, nullable=False),
        sa.Column("opened_at", db.UtcInstant(), nullable=False),
        sa.Column("ranked_at", db.UtcInstant(), nullable=True),
        sa.Column("published_at", db.UtcInstant(), nullable=True),
        sa.Column("allotted_at", db.UtcInstant(), nullable=True),
        sa.Column("list_valid_until", sa.Date(), nullable=True),
        sa.Column("record", db.JsonValue, nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('single', 'family')", name="ck_round_kind_known"),
        sa.CheckConstraint(
            "registration_from < registration_until", name="ck_round_registration_opens_before_it_closes"
        ),
        sa.ForeignKeyConstraint(["table_id"], ["point_table.id"], name="fk_round_table_id"),
        sa.PrimaryKeyConstraint("id", name="pk_round"),
        sa.UniqueConstraint("number", name="uq_round_number"),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", db.BigId, nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("submitted_at", db.UtcInstant(), nullable=False),
        sa.Column("withdrawn_at", db.UtcInstant(), nullable=True),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("years_of_service", sa.String(12), nullable=False),
        sa.Column("years_elsewhere", sa.String(12), nullable=False),
        sa.Column("appraisals", db.JsonValue, nullable=False),
        sa.Column("dependants", sa.Integer(), nullable=False),
        sa.Column("home_status", sa.String(length=12), nullable=False),
        sa.Column("declarations", db.JsonValue, nullable=False),
        sa.Column("preferences", db.JsonValue, nullable=False),
        sa.Column("others_ok", sa.Boolean(), nullable=False),
        sa.Column("points", sa.String(12), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_application_round_id"),
        sa.PrimaryKeyConstraint("id", name="pk_application"),
        sa.UniqueConstraint("number", name="uq_application_number"),
        sa.UniqueConstraint("round_id", "code", name="uq_application_round_id_code"),
        sa.UniqueConstraint("round_id", "person_id", name="uq_application_one_each"),
    )
    op.create_index("ix_application_person", "application", ["person_id"], unique=False)
    op.create_table(
        "bed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=4), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_bed_room_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bed"),
        sa.UniqueConstraint("room_id", "label", name="uq_bed_room_id_label"),
    )
    op.create_table(
        "room_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "state IN ('let', 'to_let', 'awaiting_repair', 'in_repair', 'closed')", name="ck_room_state_state_known"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_room_state_room_id"),
        sa.PrimaryKeyConstraint("id", name="pk_room_state"),
    )
    op.create_index("ix_room_state_room", "room_state", ["room_id", "since"], unique=False)
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("person_id", db.BigId, nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("bed_id", sa.Integer(), nullable=False),
        sa.Column("follows_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("made_at", db.UtcInstant(), nullable=False),
        sa.Column("accept_by", db.UtcInstant(), nullable=False),
        sa.Column("answered_at", db.UtcInstant(), nullable=True),
        sa.Column("stay_from", sa.Date(), nullable=False),
        sa.Column("stay_until", sa.Date(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('made', 'accepted', 'declined', 'lapsed', 'withdrawn')", name="ck_offer_state_known"
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_offer_application_id"),
        sa.ForeignKeyConstraint(["bed_id"], ["bed.id"], name="fk_offer_bed_id"),
        sa.ForeignKeyConstraint(["follows_id"], ["offer.id"], name="fk_offer_follows_id"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_offer_room_id"),
        sa.PrimaryKeyConstraint("id", name="pk_offer"),
    )
    op.create_index("ix_offer_open", "offer", ["state", "accept_by"], unique=False)
    op.create_index("ix_offer_person_id", "offer", ["person_id"], unique=False)
    op.create_table(
        "bar",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", db.BigId, nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("rule", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="fk_bar_offer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bar"),
    )
    op.create_index("ix_bar_person_id", "bar", ["person_id"], unique=False)
    op.create_table(
        "tenancy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=True),
        sa.Column("person_id", db.BigId, nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("bed_id", sa.Integer(), nullable=False),
        sa.Column("stay_from", sa.Date(), nullable=False),
        sa.Column("stay_until", sa.Date(), nullable=False),
        sa.Column("move_in_by", sa.Date(), nullable=True),
        sa.Column("agreed_at", db.UtcInstant(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bed_id"], ["bed.id"], name="fk_tenancy_bed_id"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="fk_tenancy_offer_id"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_tenancy_room_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tenancy"),
        sa.UniqueConstraint("offer_id", name="uq_tenancy_offer_id"),
    )
    op.create_index("ix_tenancy_person_id", "tenancy", ["person_id"], unique=False)
    op.create_index("ix_tenancy_room_id", "tenancy", ["room_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_tenancy_room_id", table_name="tenancy")
    op.drop_index("ix_tenancy_person_id", table_name="tenancy")
    op.drop_table("tenancy")
    op.drop_index("ix_bar_person_id", table_name="bar")
    op.drop_table("bar")
    op.drop_index("ix_offer_person_id", table_name="offer")
    op.drop_index("ix_offer_open", table_name="offer")
    op.drop_table("offer")
    op.drop_index("ix_room_state_room", table_name="room_state")
    op.drop_table("room_state")
    op.drop_table("bed")
    op.drop_index("ix_application_person", table_name="application")
    op.drop_table("application")
    op.drop_table("round")
    op.drop_table("room")
    op.drop_table("point_item")
    op.drop_table("point_table")
    op.drop_table("parameter")
    op.drop_table("building")
