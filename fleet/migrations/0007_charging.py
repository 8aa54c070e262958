"""Electric cars and their posts: readings of charge, power limits, consumption by season, metered sessions."""

from datetime import date

import sqlalchemy as sa
from alembic import op

from common.db import BigId, JsonValue, UtcInstant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FIRST_DAY = date(2015, 1, 1)

# key, value, unit, rule. None rests on a rule of the city's own, so all are marked as samples.
FIRST_PARAMETERS = (
    ("ev.plug_in_below_percent", 60, "percent", "V-76"),
    ("ev.overstay_minutes", 15, "minutes", "V-75"),
    ("ev.reserve_minutes", 10, "minutes", "V-76"),
    ("ev.efficiency_percent", 92, "percent", "V-76"),
)

# What the posts together may draw: opens, closes, kW, off-peak.
FIRST_WINDOWS = (("00:00", "06:00", 160, True), ("06:00", "22:00", 120, False), ("22:00", "24:00", 160, True))

# Wh/km of each model in mild weather; more with the cooling of summer and the heating of winter. Makers' figures from memory.
FIRST_CONSUMPTION = (
    ("Tesla Model 3", 150), ("Hyundai Ioniq 5", 172), ("Toyota bZ4X", 178), ("Nissan Leaf", 165), ("Kia EV6", 174),
    ("Luxgen n7", 190), ("Volkswagen ID. Buzz", 225),
)  # fmt: skip
SEASON_PERCENT = (("mild", 100), ("hot", 112), ("cold", 108))


def upgrade() -> None:
    for column in (
        sa.Column("charge_read_at", UtcInstant(), nullable=True),
        sa.Column("charge_source", sa.String(8), nullable=True),
        sa.Column("ac_kw", sa.Integer(), nullable=True),
        sa.Column("dc_kw", sa.Integer(), nullable=True),
    ):
        op.add_column("vehicle", column)
    for column in (
        sa.Column("supply", sa.String(2), nullable=False, server_default="ac"),
        sa.Column("fault", sa.String(80), nullable=True),
        sa.Column("secret_hash", sa.String(64), nullable=True),
        sa.Column("protocol", sa.String(12), nullable=True),
        sa.Column("connected", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("seen_at", UtcInstant(), nullable=True),
        sa.Column("reported", sa.String(20), nullable=True),
    ):
        op.add_column("charger", column)
    with op.batch_alter_table("charging_slot") as slot:
        slot.add_column(sa.Column("trip_id", BigId, nullable=True))
        slot.add_column(sa.Column("need_by", UtcInstant(), nullable=True))
        slot.add_column(sa.Column("from_percent", sa.Integer(), nullable=True))
        slot.add_column(sa.Column("expected_percent", sa.Integer(), nullable=True))
        slot.add_column(sa.Column("plan", JsonValue, nullable=True))
        slot.add_column(sa.Column("reserve", sa.String(10), nullable=False, server_default=""))
        slot.create_foreign_key("fk_charging_slot_trip_id", "trip", ["trip_id"], ["id"])
    op.create_index("ix_charging_slot_trip_id", "charging_slot", ["trip_id"])
    op.create_table(
        "charging_session",
        sa.Column("id", BigId, nullable=False),
        sa.Column("charger_id", BigId, nullable=False),
        sa.Column("vehicle_id", BigId, nullable=True),
        sa.Column("slot_id", BigId, nullable=True),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("started_at", UtcInstant(), nullable=False),
        sa.Column("ended_at", UtcInstant(), nullable=True),
        sa.Column("meter_start_wh", sa.Integer(), nullable=False),
        sa.Column("meter_wh", sa.Integer(), nullable=False),
        sa.Column("meter_at", UtcInstant(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("full_at", UtcInstant(), nullable=True),
        sa.Column("unplugged_at", UtcInstant(), nullable=True),
        sa.Column("told_at", UtcInstant(), nullable=True),
        sa.CheckConstraint("meter_wh >= meter_start_wh", name="ck_charging_session_meter_never_runs_back"),
        sa.ForeignKeyConstraint(["charger_id"], ["charger.id"], name="fk_charging_session_charger_id"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name="fk_charging_session_vehicle_id"),
        sa.ForeignKeyConstraint(["slot_id"], ["charging_slot.id"], name="fk_charging_session_slot_id"),
        sa.PrimaryKeyConstraint("id", name="pk_charging_session"),
        sa.UniqueConstraint("charger_id", "reference", name="uq_charging_session_charger_id_reference"),
    )
    for column in ("vehicle_id", "slot_id", "ended_at"):
        op.create_index(f"ix_charging_session_{column}", "charging_session", [column])
    consumption = op.create_table(
        "consumption",
        sa.Column("id", BigId, nullable=False),
        sa.Column("model", sa.String(40), nullable=False),
        sa.Column("season", sa.String(8), nullable=False),
        sa.Column("wh_per_km", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(8), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.CheckConstraint("season IN ('hot', 'cold', 'mild')", name="ck_consumption_season_known"),
        sa.CheckConstraint("wh_per_km BETWEEN 50 AND 2000", name="ck_consumption_believable"),
        sa.PrimaryKeyConstraint("id", name="pk_consumption"),
        sa.UniqueConstraint("model", "season", "valid_from", name="uq_consumption_model_season_valid_from"),
    )
    window = op.create_table(
        "site_window",
        sa.Column("id", BigId, nullable=False),
        sa.Column("opens", sa.String(5), nullable=False),
        sa.Column("closes", sa.String(5), nullable=False),
        sa.Column("kw", sa.Integer(), nullable=False),
        sa.Column("cheap", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.String(8), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.CheckConstraint("kw >= 0", name="ck_site_window_kw_not_negative"),
        sa.PrimaryKeyConstraint("id", name="pk_site_window"),
        sa.UniqueConstraint("opens", "valid_from", name="uq_site_window_opens_valid_from"),
    )
    op.create_table(
        "power_cut",
        sa.Column("id", BigId, nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("what", sa.String(120), nullable=False),
        sa.Column("starts_at", UtcInstant(), nullable=False),
        sa.Column("ends_at", UtcInstant(), nullable=False),
        sa.Column("kw", sa.Integer(), nullable=False),
        sa.Column("told_at", UtcInstant(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name="ck_power_cut_starts_before_it_ends"),
        sa.CheckConstraint("kw >= 0", name="ck_power_cut_kw_not_negative"),
        sa.PrimaryKeyConstraint("id", name="pk_power_cut"),
        sa.UniqueConstraint("subject", "starts_at", name="uq_power_cut_subject_starts_at"),
    )
    op.create_index("ix_power_cut_ends_at", "power_cut", ["ends_at"])

    sample = {"sample": True, "valid_from": FIRST_DAY}
    policy = sa.table(
        "policy",
        *(sa.column(name) for name in ("key", "value", "unit", "rule", "sample")),
        sa.column("valid_from", sa.Date()),
    )
    op.bulk_insert(
        policy,
        [
            {"key": key, "value": value, "unit": unit, "rule": rule, **sample}
            for key, value, unit, rule in FIRST_PARAMETERS
        ],
    )
    op.bulk_insert(
        window,
        [
            {"opens": opens, "closes": closes, "kw": kw, "cheap": cheap, "rule": "V-70", **sample}
            for opens, closes, kw, cheap in FIRST_WINDOWS
        ],
    )
    op.bulk_insert(
        consumption,
        [
            {"model": model, "season": season, "wh_per_km": wh * percent // 100, "rule": "V-76", **sample}
            for model, wh in FIRST_CONSUMPTION
            for season, percent in SEASON_PERCENT
        ],
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
