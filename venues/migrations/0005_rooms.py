"""Meeting rooms, whole: dated parameters, series, agreements, duty periods, breaches, check-in."""

import re
from datetime import date

import sqlalchemy as sa
from alembic import op

from common import db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

START = date(2015, 5, 1)  # M-01: in force since 104.5.1

# key, value, unit, rule, sample
PARAMETERS = (
    ("room.days_ahead", 90, "days", "M-02", False),
    ("room.longest_hours", 24, "hours", "M-05", True),
    ("room.holidays_open", 1, "yes_no", "M-10", True),
    ("room.holiday_notice_days", 0, "days", "M-10", True),
    ("room.buffer_minutes", 0, "minutes", "M-06", True),
    ("room.setup_most_minutes", 120, "minutes", "M-06", True),
    ("room.stream_days", 3, "days", "M-10 M-12", True),
    ("room.sparse_percent", 30, "percent", "M-10", True),
    ("room.series_dates", 26, "times", "M-07", True),
    ("room.checkin_before_minutes", 15, "minutes", "M-05", True),
    ("room.grace_minutes", 15, "minutes", "M-05", True),
    ("room.agreement_hours", 48, "hours", "M-03", True),
    ("room.takeover_days", 1, "days", "M-10", True),
    ("room.first_breach_days", 30, "days", "M-08", False),
    ("room.second_breach_days", 90, "days", "M-08", True),
    ("room.breach_memory_days", 365, "days", "M-08", True),
    ("room.block_days", 5, "days", "M-07", True),
    ("room.block_window_days", 14, "days", "M-07", True),
    ("room.same_time_rooms", 3, "rooms", "M-10", True),
    ("room.rebook_hours", 24, "hours", "M-07", True),
    ("room.rebook_times", 2, "times", "M-07", True),
    ("room.no_show_times", 3, "times", "M-05 M-07", True),
    ("room.history_days", 90, "days", "M-07", True),
)


def upgrade() -> None:
    policy = op.create_table(
        "room_policy",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("rule", sa.String(12), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_policy")),
        sa.UniqueConstraint("key", "valid_from", name=op.f("uq_room_policy_key_valid_from")),
    )
    named = ("key", "value", "unit", "rule", "sample")
    op.bulk_insert(policy, [dict(zip(named, row, strict=True)) | {"valid_from": START} for row in PARAMETERS])
    op.create_table(
        "meeting_series",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("booked_by_id", db.BigId, nullable=False),
        sa.Column("agency_id", db.BigId, nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("made_at", db.UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_series")),
    )
    _columns()
    _agreements_and_duties()
    _breaches()


def _columns() -> None:
    op.add_column("meeting", sa.Column("series_id", db.BigId, nullable=True))
    op.add_column("meeting", sa.Column("needs", db.JsonValue, nullable=False, server_default="[]"))
    op.add_column("meeting", sa.Column("setup_minutes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("meeting", sa.Column("clear_minutes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("meeting", sa.Column("private", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("meeting", sa.Column("priority", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("meeting", sa.Column("held_until", db.UtcInstant(), nullable=True))
    op.add_column("meeting", sa.Column("checked_in_at", db.UtcInstant(), nullable=True))
    op.add_column("meeting", sa.Column("checked_in_by_id", db.BigId, nullable=True))
    op.add_column("meeting", sa.Column("ended_as", sa.String(12), nullable=False, server_default=""))
    op.create_index("ix_meeting_starts_at", "meeting", ["starts_at"], unique=False)
    op.create_index("ix_meeting_series_id", "meeting", ["series_id"], unique=False)
    op.add_column("venue", sa.Column("floor", sa.Integer(), nullable=True))
    op.add_column("venue", sa.Column("reserved_weekday", sa.Integer(), nullable=True))
    op.add_column("venue", sa.Column("duty_room", sa.Boolean(), nullable=False, server_default=sa.false()))
    venue = sa.table(
        "venue", sa.column("id"), sa.column("kind"), sa.column("code"), sa.column("place"), sa.column("place_in_list"),
        sa.column("floor"), sa.column("reserved_weekday"), sa.column("duty_room", sa.Boolean()),
    )  # fmt: skip
    rooms = sa.select(venue.c.id, venue.c.code, venue.c.place, venue.c.place_in_list).where(venue.c.kind == "room")
    for key, code, place, order in op.get_bind().execute(rooms).all():
        found = re.search(r"(\d+) 樓", place)
        told = {"floor": int(found[1]) if found else None, "reserved_weekday": order % 5}
        told["duty_room"] = code in ("0204", "0205", "0803")
        op.execute(venue.update().where(venue.c.id == key).values(**told))


def _agreements_and_duties() -> None:
    op.create_table(
        "room_agreement",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("meeting_id", db.BigId, nullable=False),
        sa.Column("agency_id", db.BigId, nullable=False),
        sa.Column("asked_at", db.UtcInstant(), nullable=False),
        sa.Column("answer_by", db.UtcInstant(), nullable=False),
        sa.Column("answer", sa.String(12), nullable=False),
        sa.Column("answered_at", db.UtcInstant(), nullable=True),
        sa.Column("answered_by_id", db.BigId, nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_room_agreement_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_agreement")),
    )
    op.create_index("ix_room_agreement_agency_id_answer", "room_agreement", ["agency_id", "answer"], unique=False)
    op.create_index("ix_room_agreement_meeting_id", "room_agreement", ["meeting_id"], unique=False)
    op.create_table(
        "room_duty",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("starts_at", db.UtcInstant(), nullable=False),
        sa.Column("ends_at", db.UtcInstant(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("room_ids", db.JsonValue, nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("declared_by_id", db.BigId, nullable=False),
        sa.Column("declared_at", db.UtcInstant(), nullable=False),
        sa.Column("lifted_at", db.UtcInstant(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_room_duty_starts_before_it_ends")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_duty")),
    )


def _breaches() -> None:
    op.create_table(
        "room_breach",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("person_id", db.BigId, nullable=False),
        sa.Column("agency_id", db.BigId, nullable=False),
        sa.Column("evidence", db.JsonValue, nullable=False),
        sa.Column("decision", sa.String(12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", db.UtcInstant(), nullable=False),
        sa.Column("decided_by_id", db.BigId, nullable=False),
        sa.Column("stops_until", db.UtcInstant(), nullable=True),
        sa.Column("lifted_at", db.UtcInstant(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("decision IN ('confirmed', 'dismissed')", name=op.f("ck_room_breach_decision_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_breach")),
        sa.UniqueConstraint("key", name=op.f("uq_room_breach_key")),
    )
    op.create_index("ix_room_breach_person_id", "room_breach", ["person_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
