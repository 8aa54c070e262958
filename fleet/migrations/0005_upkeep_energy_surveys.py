"""Upkeep, accidents, energy, money and surveys, and the first version of every parameter they obey."""

import secrets
from datetime import date

import sqlalchemy as sa
from alembic import op

from common.db import BigId, JsonValue, UtcInstant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# key, value, unit, rule, sample. `sample` marks what rests on no rule in force here (proposed, remembered, or another body's).
PARAMETERS = (
    ("upkeep.exempt_years", 5, "years", "V-53", False),
    ("upkeep.twice_from_years", 10, "years", "V-54", True),
    ("upkeep.window_days", 30, "days", "V-54", True),
    ("upkeep.service_km", 5_000, "km", "V-60", True),
    ("upkeep.service_months", 6, "months", "V-60", True),
    ("upkeep.warn_days", 30, "days", "V-60", True),
    ("upkeep.warn_km", 500, "km", "V-60", True),
    ("upkeep.inspection_blocks", 1, "yes/no", "V-50", True),
    ("upkeep.insurance_blocks", 1, "yes/no", "V-50", True),
    ("upkeep.service_blocks", 0, "yes/no", "V-60", True),
    ("upkeep.tax_blocks", 0, "yes/no", "V-50", True),
    ("upkeep.suspend_months", 12, "months", "V-57", True),
    ("upkeep.reinspect_months", 3, "months", "V-57", True),
    ("retire.overhaul_percent", 10, "percent", "V-58", True),
    ("retire.fuel_over_percent", 40, "percent", "V-58", True),
    ("retire.repair_percent", 20, "percent", "V-58", True),
    ("retire.repair_years", 3, "years", "V-58", True),
    ("retire.years", 10, "years", "V-59", True),
    ("retire.km", 125_000, "km", "V-59", True),
    ("energy.cap_litres", 151, "L/month", "V-61", True),
    ("energy.cap_hybrid_litres", 100, "L/month", "V-61", True),
    ("energy.outlier_tenths", 35, "MAD / 10", "V-51", True),
    ("energy.petrol_cents", 3_040, "NT$0.01/L", "V-27", True),
    ("energy.diesel_cents", 2_790, "NT$0.01/L", "V-27", True),
    ("energy.electricity_cents", 420, "NT$0.01/kWh", "V-27", True),
    ("cost.driver_hour", 260, "NT$/hour", "V-27", True),
    ("cost.own_car_month", 18_000, "NT$/month", "V-40", True),
    ("cost.own_km_per_l", 10, "km/L", "V-40", True),
    ("survey.open_days", 14, "days", "V-42", True),
    ("survey.group_below", 5, "answers", "V-43", True),
)

policy = sa.table(
    "policy",
    sa.column("key", sa.String),
    sa.column("value", sa.Integer),
    sa.column("unit", sa.String),
    sa.column("rule", sa.String),
    sa.column("sample", sa.Boolean),
    sa.column("valid_from", sa.Date),
)


def upgrade() -> None:
    op.create_table(
        "due_notice",
        sa.Column("id", BigId, nullable=False),
        sa.Column("subject", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("told_at", UtcInstant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('inspection', 'extra', 'service', 'insurance', 'tax', 'licence', 'suspension')",
            name="ck_due_notice_kind_known",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_due_notice"),
        sa.UniqueConstraint("subject", "kind", "due_on", "overdue", name="uq_due_notice_subject_kind_due_on_overdue"),
    )
    op.create_table(
        "energy_cause",
        sa.Column("id", BigId, nullable=False),
        sa.Column("period", sa.String(6), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("words", sa.String(200), nullable=False),
        sa.Column("by_id", BigId, nullable=True),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.CheckConstraint("kind IN ('petrol', 'diesel', 'electricity', 'fuel')", name="ck_energy_cause_kind_known"),
        sa.PrimaryKeyConstraint("id", name="pk_energy_cause"),
        sa.UniqueConstraint("period", "kind", name="uq_energy_cause_period_kind"),
    )
    op.create_table(
        "energy_total",
        sa.Column("id", BigId, nullable=False),
        sa.Column("period", sa.String(6), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.CheckConstraint("kind IN ('petrol', 'diesel', 'electricity', 'fuel')", name="ck_energy_total_kind_known"),
        sa.PrimaryKeyConstraint("id", name="pk_energy_total"),
        sa.UniqueConstraint("period", "kind", name="uq_energy_total_period_kind"),
    )
    op.create_table(
        "survey_key",
        sa.Column("id", BigId, nullable=False),
        sa.Column("secret", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_survey_key"),
    )
    op.create_table(
        "driver_card",
        sa.Column("driver_id", BigId, autoincrement=False, nullable=False),
        sa.Column("staff_number", sa.String(20), nullable=True),
        sa.Column("hired_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("kept_vehicle_id", BigId, nullable=True),
        sa.Column("deputy_id", BigId, nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("hired_on <= left_on", name="ck_driver_card_hired_before_left"),
        sa.ForeignKeyConstraint(["deputy_id"], ["driver.id"], name="fk_driver_card_deputy_id"),
        sa.ForeignKeyConstraint(["driver_id"], ["driver.id"], name="fk_driver_card_driver_id"),
        sa.ForeignKeyConstraint(["kept_vehicle_id"], ["vehicle.id"], name="fk_driver_card_kept_vehicle_id"),
        sa.PrimaryKeyConstraint("driver_id", name="pk_driver_card"),
    )
    op.create_table(
        "energy_record",
        sa.Column("id", BigId, nullable=False),
        sa.Column("vehicle_id", BigId, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("odometer", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("entered_by_id", BigId, nullable=True),
        sa.Column("entered_at", UtcInstant(), nullable=False),
        sa.Column("withdrawn_at", UtcInstant(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('petrol', 'diesel', 'electricity')", name="ck_energy_record_kind_known"),
        sa.CheckConstraint(
            "source IN ('form', 'api', 'import', 'charging', 'demo')", name="ck_energy_record_source_known"
        ),
        sa.CheckConstraint("cost >= 0", name="ck_energy_record_cost_not_negative"),
        sa.CheckConstraint("odometer >= 0", name="ck_energy_record_odometer_not_negative"),
        sa.CheckConstraint("quantity > 0", name="ck_energy_record_quantity_positive"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name="fk_energy_record_vehicle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_energy_record"),
        sa.UniqueConstraint("fingerprint", name="uq_energy_record_fingerprint"),
    )
    op.create_index("ix_energy_record_recorded_on", "energy_record", ["recorded_on"], unique=False)
    op.create_index(
        "ix_energy_record_vehicle_id_recorded_on", "energy_record", ["vehicle_id", "recorded_on"], unique=False
    )
    op.create_table(
        "standing_cost",
        sa.Column("id", BigId, nullable=False),
        sa.Column("vehicle_id", BigId, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("monthly", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.CheckConstraint("kind IN ('depreciation', 'lease', 'parking')", name="ck_standing_cost_kind_known"),
        sa.CheckConstraint("monthly >= 0", name="ck_standing_cost_monthly_not_negative"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name="fk_standing_cost_vehicle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_standing_cost"),
    )
    op.create_index(
        "ix_standing_cost_vehicle_id_kind_valid_from",
        "standing_cost",
        ["vehicle_id", "kind", "valid_from"],
        unique=True,
    )
    op.create_table(
        "suspension",
        sa.Column("id", BigId, nullable=False),
        sa.Column("vehicle_id", BigId, nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(100), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("ended_on >= from_day", name="ck_suspension_ended_after_it_began"),
        sa.CheckConstraint("from_day < until_day", name="ck_suspension_from_before_until"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name="fk_suspension_vehicle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_suspension"),
    )
    op.create_index("ix_suspension_vehicle_id", "suspension", ["vehicle_id"], unique=False)
    op.create_table(
        "upkeep_appointment",
        sa.Column("id", BigId, nullable=False),
        sa.Column("vehicle_id", BigId, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("starts_at", UtcInstant(), nullable=False),
        sa.Column("ends_at", UtcInstant(), nullable=False),
        sa.Column("workshop", sa.String(60), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("booked_by_id", BigId, nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('inspection', 'extra', 'service', 'insurance', 'tax', 'repair', 'overhaul')",
            name="ck_upkeep_appointment_kind_known",
        ),
        sa.CheckConstraint("state IN ('booked', 'done', 'cancelled')", name="ck_upkeep_appointment_state_known"),
        sa.CheckConstraint("starts_at < ends_at", name="ck_upkeep_appointment_starts_before_it_ends"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name="fk_upkeep_appointment_vehicle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_upkeep_appointment"),
    )
    op.create_index("ix_upkeep_appointment_starts_at", "upkeep_appointment", ["starts_at"], unique=False)
    op.create_index("ix_upkeep_appointment_vehicle_id", "upkeep_appointment", ["vehicle_id"], unique=False)
    op.create_table(
        "upkeep_record",
        sa.Column("id", BigId, nullable=False),
        sa.Column("vehicle_id", BigId, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("odometer", sa.Integer(), nullable=True),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("workshop", sa.String(60), nullable=False),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("recorded_by_id", BigId, nullable=True),
        sa.Column("recorded_at", UtcInstant(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('inspection', 'extra', 'service', 'insurance', 'tax', 'repair', 'overhaul')",
            name="ck_upkeep_record_kind_known",
        ),
        sa.CheckConstraint("cost >= 0", name="ck_upkeep_record_cost_not_negative"),
        sa.CheckConstraint("odometer >= 0", name="ck_upkeep_record_odometer_not_negative"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name="fk_upkeep_record_vehicle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_upkeep_record"),
    )
    op.create_index(
        "ix_upkeep_record_vehicle_id_kind_done_on", "upkeep_record", ["vehicle_id", "kind", "done_on"], unique=False
    )
    op.create_table(
        "vehicle_card",
        sa.Column("vehicle_id", BigId, autoincrement=False, nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("engine_cc", sa.Integer(), nullable=True),
        sa.Column("new_price", sa.Integer(), nullable=True),
        sa.Column("maker_km_per_unit", sa.BigInteger(), nullable=True),
        sa.Column("insurer", sa.String(40), nullable=True),
        sa.Column("insured_from", sa.Date(), nullable=True),
        sa.Column("insured_until", sa.Date(), nullable=True),
        sa.Column("tax_paid_until", sa.Date(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("engine_cc BETWEEN 0 AND 20000", name="ck_vehicle_card_engine_cc_sensible"),
        sa.CheckConstraint("insured_from <= insured_until", name="ck_vehicle_card_insured_from_before_until"),
        sa.CheckConstraint("new_price >= 0", name="ck_vehicle_card_new_price_not_negative"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name="fk_vehicle_card_vehicle_id"),
        sa.PrimaryKeyConstraint("vehicle_id", name="pk_vehicle_card"),
    )
    op.create_table(
        "accident",
        sa.Column("id", BigId, nullable=False),
        sa.Column("vehicle_id", BigId, nullable=False),
        sa.Column("driver_id", BigId, nullable=True),
        sa.Column("trip_id", BigId, nullable=True),
        sa.Column("happened_at", UtcInstant(), nullable=False),
        sa.Column("place", sa.String(100), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("injured", sa.Boolean(), nullable=False),
        sa.Column("unfit", sa.Boolean(), nullable=False),
        sa.Column("heavy", sa.Boolean(), nullable=False),
        sa.Column("step", sa.String(12), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "step IN ('reported', 'scene', 'insurer', 'settled', 'closed')", name="ck_accident_step_known"
        ),
        sa.ForeignKeyConstraint(["driver_id"], ["driver.id"], name="fk_accident_driver_id"),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name="fk_accident_trip_id"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name="fk_accident_vehicle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_accident"),
    )
    op.create_index("ix_accident_vehicle_id", "accident", ["vehicle_id"], unique=False)
    op.create_table(
        "survey_answer",
        sa.Column("trip_id", BigId, autoincrement=False, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("chips", JsonValue, nullable=False),
        sa.Column("words", sa.String(200), nullable=True),
        sa.Column("answered_at", UtcInstant(), nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name="ck_survey_answer_score_on_the_scale"),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name="fk_survey_answer_trip_id"),
        sa.PrimaryKeyConstraint("trip_id", name="pk_survey_answer"),
    )
    op.create_index("ix_survey_answer_answered_at", "survey_answer", ["answered_at"], unique=False)
    op.create_index("ix_survey_answer_score", "survey_answer", ["score"], unique=False)
    op.create_table(
        "trip_cost",
        sa.Column("id", BigId, nullable=False),
        sa.Column("trip_id", BigId, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(100), nullable=True),
        sa.CheckConstraint("kind IN ('toll', 'parking', 'cleaning', 'other')", name="ck_trip_cost_kind_known"),
        sa.CheckConstraint("amount > 0", name="ck_trip_cost_amount_positive"),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name="fk_trip_cost_trip_id"),
        sa.PrimaryKeyConstraint("id", name="pk_trip_cost"),
    )
    op.create_index("ix_trip_cost_trip_id", "trip_cost", ["trip_id"], unique=False)
    op.create_table(
        "accident_step",
        sa.Column("id", BigId, nullable=False),
        sa.Column("accident_id", BigId, nullable=False),
        sa.Column("step", sa.String(12), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("who_id", BigId, nullable=True),
        sa.Column("note", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["accident_id"], ["accident.id"], name="fk_accident_step_accident_id"),
        sa.PrimaryKeyConstraint("id", name="pk_accident_step"),
        sa.UniqueConstraint("accident_id", "step", name="uq_accident_step_accident_id_step"),
    )
    op.create_index("ix_accident_step_accident_id", "accident_step", ["accident_id"], unique=False)
    survey_key = sa.table("survey_key", sa.column("secret", sa.LargeBinary))
    op.bulk_insert(survey_key, [{"secret": secrets.token_bytes(32)}])
    op.bulk_insert(
        policy,
        [
            {"key": key, "value": value, "unit": unit, "rule": rule, "sample": sample, "valid_from": date(2015, 1, 1)}
            for key, value, unit, rule, sample in PARAMETERS
        ],
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
