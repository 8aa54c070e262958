"""Where known places lie, and the first version of the parameters of drivers' rest, sharing, cost and sizing."""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# key, value, unit, rule. No rule of the city's own was found for any of them, so all are marked as samples.
FIRST_PARAMETERS = (
    ("driver.min_rest_hours", 11, "hours", "V-50"),
    ("driver.max_hours_a_week", 50, "hours", "V-50"),
    ("driver.max_hours_in_a_row", 4, "hours", "V-50"),
    ("driver.break_minutes", 30, "minutes", "V-50"),
    ("driver.hours_a_day_away", 8, "hours", "V-50"),
    ("driver.licence_sedan", 1, "rank", "V-50"),
    ("driver.licence_seven_seater", 1, "rank", "V-50"),
    ("driver.licence_van9", 1, "rank", "V-50"),
    ("sharing.max_shift_minutes", 30, "minutes", "V-20"),
    ("sharing.max_detour_km", 5, "km", "V-20"),
    ("sharing.km_an_hour", 30, "km/h", "V-20"),
    ("sharing.road_percent", 130, "percent", "V-20"),
    ("cost.petrol", 270, "NT$/100 km", "V-71"),
    ("cost.diesel", 250, "NT$/100 km", "V-71"),
    ("cost.hybrid", 160, "NT$/100 km", "V-71"),
    ("cost.electric", 60, "NT$/100 km", "V-71"),
    ("cost.kind_sedan", 100, "percent", "V-71"),
    ("cost.kind_seven_seater", 120, "percent", "V-71"),
    ("cost.kind_van9", 140, "percent", "V-71"),
    ("dispatch.shift_minutes", 180, "minutes", "V-23"),
    ("dispatch.lent_days", 28, "days", "V-42"),
    ("sizing.turnaround_minutes", 30, "minutes", "V-70"),
    ("sizing.ev_battery_kwh", 60, "kWh", "V-71"),
)


def upgrade() -> None:
    op.add_column("place", sa.Column("latitude", sa.Float(), nullable=True))
    op.add_column("place", sa.Column("longitude", sa.Float(), nullable=True))
    policy = sa.table(
        "policy", sa.column("key", sa.String), sa.column("value", sa.Integer), sa.column("unit", sa.String),
        sa.column("rule", sa.String), sa.column("sample", sa.Boolean), sa.column("valid_from", sa.Date),
    )  # fmt: skip
    op.bulk_insert(
        policy,
        [
            {"key": key, "value": value, "unit": unit, "rule": rule, "sample": True, "valid_from": date(2015, 1, 1)}
            for key, value, unit, rule in FIRST_PARAMETERS
        ],
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
