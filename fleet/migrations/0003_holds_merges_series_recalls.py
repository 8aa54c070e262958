"""Cars held before they are given, trips merged or one way, series, recalls, and since when cars belong to the pool."""

from datetime import date

import sqlalchemy as sa
from alembic import op

from common.db import BigId, JsonValue, UtcInstant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# key, value, unit, rule. None rests on a rule of the city's own: all are samples.
FIRST_PARAMETERS = (
    ("dispatch.km_an_hour", 25, "km/h", "V-31"),
    ("dispatch.notice_after", 3, "times", "V-45"),
    ("dispatch.notice_days", 90, "days", "V-45"),
    ("dispatch.series_dates", 60, "dates", "V-45"),
)
SINCE = date(2015, 1, 1)

# name, type, constraints. Written out because a constraint added by itself would make SQLite build the table anew.
NEW_OF_TRIP = (
    ("series_id", BigId, "CONSTRAINT fk_trip_series_id REFERENCES trip_series (id)"),
    ("beside_id", BigId, "CONSTRAINT fk_trip_beside_id REFERENCES trip (id)"),
    ("capacity_held", sa.Boolean(), "DEFAULT false NOT NULL"),
    ("leg", sa.String(4), "CONSTRAINT ck_trip_leg_known CHECK (leg IN ('out', 'back'))"),
    ("car_starts_at", UtcInstant(), ""),
    (
        "car_ends_at", UtcInstant(),
        "CONSTRAINT ck_trip_car_time_runs_forward CHECK (car_starts_at < car_ends_at)"
        " CONSTRAINT ck_trip_car_time_whole CHECK ((car_starts_at IS NULL) = (car_ends_at IS NULL))",
    ),
    ("km_saved", sa.Integer(), "CONSTRAINT ck_trip_merged_into_another CHECK (merged_into_id IS NOT NULL OR status <> 'merged')"),
    ("no_show", sa.Boolean(), "DEFAULT false NOT NULL"),
    ("reached_at", UtcInstant(), ""),
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "trip_series",
        sa.Column("id", BigId, nullable=False),
        sa.Column("requester_id", BigId, nullable=False),
        sa.Column("agency_id", BigId, nullable=False),
        sa.Column("weekdays", JsonValue, nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.CheckConstraint("first_on <= last_on", name="ck_trip_series_first_before_last"),
        sa.PrimaryKeyConstraint("id", name="pk_trip_series"),
    )
    op.create_index("ix_trip_series_requester_id", "trip_series", ["requester_id"])
    for name, type_, rest in NEW_OF_TRIP:
        told = type_.compile(dialect=op.get_bind().dialect)
        op.execute(f"ALTER TABLE trip ADD COLUMN {name} {told} {rest}")
    op.create_index("ix_trip_merged_into_id", "trip", ["merged_into_id"])
    op.create_index("ix_trip_series_id", "trip", ["series_id"])
    op.create_table(
        "recall",
        sa.Column("id", BigId, nullable=False),
        sa.Column("vehicle_id", BigId, nullable=False),
        sa.Column("agency_id", BigId, nullable=False),
        sa.Column("asked_by_id", BigId, nullable=False),
        sa.Column("reason_code", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_at", UtcInstant(), nullable=False),
        sa.Column("ends_at", UtcInstant(), nullable=True),
        sa.Column("returned_at", UtcInstant(), nullable=True),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name="ck_recall_starts_before_it_ends"),
        sa.CheckConstraint("reason_code IN ('epidemic', 'flood', 'other')", name="ck_recall_reason_known"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name="fk_recall_vehicle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_recall"),
    )
    for column in ("vehicle_id", "agency_id", "starts_at"):
        op.create_index(f"ix_recall_{column}", "recall", [column])
    membership = op.create_table(
        "pool_membership",
        sa.Column("id", BigId, nullable=False),
        sa.Column("vehicle_id", BigId, nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("joined_on < left_on", name="ck_pool_membership_joins_before_it_leaves"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name="fk_pool_membership_vehicle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_pool_membership"),
    )
    op.create_index("ix_pool_membership_vehicle_id", "pool_membership", ["vehicle_id"])
    cars = [row.id for row in op.get_bind().execute(sa.text("SELECT id FROM vehicle ORDER BY id"))]
    if cars:
        op.bulk_insert(membership, [{"vehicle_id": car, "joined_on": SINCE, "left_on": None, "rev": 1} for car in cars])
    series = sa.table("number_series", sa.column("series"), sa.column("last"))
    op.bulk_insert(series, [{"series": "pool", "last": 0}])
    policy = sa.table(
        "policy",
        *(sa.column(name) for name in ("key", "value", "unit", "rule")), sa.column("sample", sa.Boolean()), sa.column("valid_from", sa.Date()),
    )  # fmt: skip
    op.bulk_insert(
        policy,
        [
            {"key": key, "value": value, "unit": unit, "rule": rule, "sample": True, "valid_from": SINCE}
            for key, value, unit, rule in FIRST_PARAMETERS
        ],
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
