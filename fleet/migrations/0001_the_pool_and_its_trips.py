"""The pool and its trips, and the first version of every parameter they obey."""

from datetime import date

import sqlalchemy as sa
from alembic import op

from common.db import BigId, JsonValue, UtcInstant
from common.migrations import shared

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# key, value, unit, rule. No rule of the city's own was found for any of them, so all are marked as samples.
FIRST_PARAMETERS = (
    ("dispatch.lead_days", 3, "days", "V-16"),
    ("dispatch.max_days_ahead", 366, "days", "V-45"),
    ("dispatch.max_trip_days", 31, "days", "V-45"),
    ("dispatch.passenger_warn_over", 4, "people", "V-33"),
    ("dispatch.late_cancel_hours", 2, "hours", "V-45"),
    ("dispatch.remind_hours", 2, "hours", "V-45"),
    ("dispatch.short_trip_km", 60, "km", "V-71"),
    ("dispatch.assumed_km", 30, "km", "V-76"),
    ("dispatch.over_estimate_km", 60, "km", "V-21"),
    ("driver.max_hours_a_day", 12, "hours", "V-50"),
    ("ev.min_return_percent", 20, "percent", "V-76"),
    ("ev.morning_percent", 90, "percent", "V-76"),
    ("ev.wh_per_km", 170, "Wh/km", "V-76"),
    ("ev.bay_max_hours", 12, "hours", "V-75"),
)


def upgrade() -> None:
    shared.create_0001(op)
    op.create_table(
        "charger",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("power_kw", sa.Integer(), nullable=False),
        sa.Column("bay", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('in_service', 'faulty')", name="ck_charger_state_known"),
        sa.CheckConstraint("power_kw > 0", name="ck_charger_power_positive"),
        sa.PrimaryKeyConstraint("id", name="pk_charger"),
        sa.UniqueConstraint("code", name="uq_charger_code"),
    )
    op.create_table(
        "driver",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("licence_class", sa.String(12), nullable=False),
        sa.Column("licence_expires_on", sa.Date(), nullable=False),
        sa.Column("employed", sa.Boolean(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "licence_class IN ('small', 'small_pro', 'large_pro')", name="ck_driver_licence_class_known"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_driver"),
        sa.UniqueConstraint("person_id", name="uq_driver_person_id"),
    )
    op.create_table(
        "number_series",
        sa.Column("series", sa.String(12), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name="pk_number_series"),
    )
    op.create_table(
        "place",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("name_en", sa.String(80), nullable=False),
        sa.Column("km", sa.Integer(), nullable=False),
        sa.CheckConstraint("km >= 0", name="ck_place_km_not_negative"),
        sa.PrimaryKeyConstraint("id", name="pk_place"),
        sa.UniqueConstraint("name", name="uq_place_name"),
    )
    policy = op.create_table(
        "policy",
        sa.Column("id", BigId, nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("rule", sa.String(8), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policy"),
        sa.UniqueConstraint("key", "valid_from", name="uq_policy_key_valid_from"),
    )
    op.create_table(
        "vehicle",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plate", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("powertrain", sa.String(12), nullable=False),
        sa.Column("owner_agency_id", BigId, nullable=False),
        sa.Column("asset_number", sa.String(24), nullable=False),
        sa.Column("bay", sa.String(12), nullable=False),
        sa.Column("brand", sa.String(40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("colour", sa.String(12), nullable=False),
        sa.Column("battery_kwh", sa.Integer(), nullable=True),
        sa.Column("charge_percent", sa.Integer(), nullable=True),
        sa.Column("odometer_km", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('sedan', 'seven_seater', 'van9')", name="ck_vehicle_kind_known"),
        sa.CheckConstraint(
            "powertrain IN ('petrol', 'diesel', 'hybrid', 'electric')", name="ck_vehicle_powertrain_known"
        ),
        sa.CheckConstraint("state IN ('in_service', 'repair', 'suspended', 'retired')", name="ck_vehicle_state_known"),
        sa.CheckConstraint("charge_percent BETWEEN 0 AND 100", name="ck_vehicle_charge_is_a_percentage"),
        sa.CheckConstraint("odometer_km >= 0", name="ck_vehicle_odometer_not_negative"),
        sa.CheckConstraint("seats BETWEEN 2 AND 9", name="ck_vehicle_seats_of_a_small_vehicle"),
        sa.PrimaryKeyConstraint("id", name="pk_vehicle"),
        sa.UniqueConstraint("plate", name="uq_vehicle_plate"),
    )
    op.create_index("ix_vehicle_owner_agency_id", "vehicle", ["owner_agency_id"], unique=False)
    op.create_table(
        "charging_slot",
        sa.Column("id", BigId, nullable=False),
        sa.Column("charger_id", BigId, nullable=False),
        sa.Column("vehicle_id", BigId, nullable=False),
        sa.Column("booked_by_id", BigId, nullable=False),
        sa.Column("starts_at", UtcInstant(), nullable=False),
        sa.Column("ends_at", UtcInstant(), nullable=False),
        sa.Column("target_percent", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("changed_at", UtcInstant(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('booked', 'cancelled')", name="ck_charging_slot_state_known"),
        sa.CheckConstraint("starts_at < ends_at", name="ck_charging_slot_starts_before_it_ends"),
        sa.CheckConstraint("target_percent BETWEEN 1 AND 100", name="ck_charging_slot_target_is_a_percentage"),
        sa.ForeignKeyConstraint(["charger_id"], ["charger.id"], name="fk_charging_slot_charger_id"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name="fk_charging_slot_vehicle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_charging_slot"),
    )
    op.create_index("ix_charging_slot_charger_id", "charging_slot", ["charger_id"], unique=False)
    op.create_index("ix_charging_slot_starts_at", "charging_slot", ["starts_at"], unique=False)
    op.create_index("ix_charging_slot_vehicle_id", "charging_slot", ["vehicle_id"], unique=False)
    op.create_table(
        "trip",
        sa.Column("id", BigId, nullable=False),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("requester_id", BigId, nullable=False),
        sa.Column("agency_id", BigId, nullable=False),
        sa.Column("purpose_code", sa.String(16), nullable=False),
        sa.Column("purpose", sa.String(100), nullable=False),
        sa.Column("origin", sa.String(100), nullable=False),
        sa.Column("destination", sa.String(100), nullable=False),
        sa.Column("passengers", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcInstant(), nullable=False),
        sa.Column("ends_at", UtcInstant(), nullable=False),
        sa.Column("round_trip", sa.Boolean(), nullable=False),
        sa.Column("needs_driver", sa.Boolean(), nullable=False),
        sa.Column("vehicle_kind", sa.String(16), nullable=True),
        sa.Column("may_share", sa.Boolean(), nullable=False),
        sa.Column("urgent_reason", sa.String(200), nullable=True),
        sa.Column("recorded_late", sa.Boolean(), nullable=False),
        sa.Column("distance_km", sa.Integer(), nullable=False),
        sa.Column("approver_id", BigId, nullable=True),
        sa.Column("dispatcher_id", BigId, nullable=True),
        sa.Column("vehicle_id", BigId, nullable=True),
        sa.Column("driver_id", BigId, nullable=True),
        sa.Column("merged_into_id", BigId, nullable=True),
        sa.Column("reasons", JsonValue, nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("late_cancel", sa.Boolean(), nullable=False),
        sa.Column("odometer_out", sa.Integer(), nullable=True),
        sa.Column("odometer_in", sa.Integer(), nullable=True),
        sa.Column("requested_at", UtcInstant(), nullable=False),
        sa.Column("approved_at", UtcInstant(), nullable=True),
        sa.Column("assigned_at", UtcInstant(), nullable=True),
        sa.Column("accepted_at", UtcInstant(), nullable=True),
        sa.Column("started_at", UtcInstant(), nullable=True),
        sa.Column("finished_at", UtcInstant(), nullable=True),
        sa.Column("signed_off_at", UtcInstant(), nullable=True),
        sa.Column("cancelled_at", UtcInstant(), nullable=True),
        sa.Column("reminded_at", UtcInstant(), nullable=True),
        sa.Column("changed_at", UtcInstant(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "purpose_code IN ('meeting', 'supervision', 'site_visit', 'guests', 'event', 'emergency')",
            name="ck_trip_purpose_known",
        ),
        sa.CheckConstraint(
            "status IN ('submitted', 'approved', 'returned', 'assigned', 'assigned_one_way', 'merged', 'fully_booked', 'accepted', 'under_way', 'finished', 'signed_off', 'cancelled')",
            name="ck_trip_status_known",
        ),
        sa.CheckConstraint(
            "vehicle_id IS NOT NULL OR status NOT IN ('assigned', 'assigned_one_way', 'accepted', 'under_way')",
            name="ck_trip_a_car_from_assignment_on",
        ),
        sa.CheckConstraint(
            "odometer_in IS NULL OR odometer_in >= odometer_out", name="ck_trip_odometer_never_runs_back"
        ),
        sa.CheckConstraint("passengers BETWEEN 1 AND 99", name="ck_trip_passengers_counted"),
        sa.CheckConstraint("starts_at < ends_at", name="ck_trip_starts_before_it_ends"),
        sa.ForeignKeyConstraint(["driver_id"], ["driver.id"], name="fk_trip_driver_id"),
        sa.ForeignKeyConstraint(["merged_into_id"], ["trip.id"], name="fk_trip_merged_into_id"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name="fk_trip_vehicle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_trip"),
        sa.UniqueConstraint("number", name="uq_trip_number"),
    )
    op.create_index("ix_trip_agency_id_starts_at", "trip", ["agency_id", "starts_at"], unique=False)
    op.create_index("ix_trip_driver_id", "trip", ["driver_id"], unique=False)
    op.create_index("ix_trip_ends_at", "trip", ["ends_at"], unique=False)
    op.create_index("ix_trip_requester_id_starts_at", "trip", ["requester_id", "starts_at"], unique=False)
    op.create_index("ix_trip_starts_at", "trip", ["starts_at"], unique=False)
    op.create_index("ix_trip_status_starts_at", "trip", ["status", "starts_at"], unique=False)
    op.create_index("ix_trip_vehicle_id", "trip", ["vehicle_id"], unique=False)
    op.create_table(
        "trip_delivery",
        sa.Column("id", BigId, nullable=False),
        sa.Column("trip_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("changed_at", UtcInstant(), nullable=False),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name="fk_trip_delivery_trip_id"),
        sa.PrimaryKeyConstraint("id", name="pk_trip_delivery"),
        sa.UniqueConstraint("trip_id", "person_id", "channel", name="uq_trip_delivery_trip_id_person_id_channel"),
    )
    op.create_index("ix_trip_delivery_trip_id", "trip_delivery", ["trip_id"], unique=False)
    op.create_table(
        "trip_event",
        sa.Column("id", BigId, nullable=False),
        sa.Column("trip_id", BigId, nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("who_id", BigId, nullable=True),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name="fk_trip_event_trip_id"),
        sa.PrimaryKeyConstraint("id", name="pk_trip_event"),
    )
    op.create_index("ix_trip_event_trip_id", "trip_event", ["trip_id"], unique=False)

    op.bulk_insert(
        policy,
        [
            {"key": key, "value": value, "unit": unit, "rule": rule, "sample": True, "valid_from": date(2015, 1, 1)}
            for key, value, unit, rule in FIRST_PARAMETERS
        ],
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
