"""Keys of 64 bits, as in every other service: a number in an address that fits no key is not there, it is no fault.

SQLite's integers are that wide already.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEYS = {
    "parameter": ("id",),
    "point_table": ("id",),
    "point_item": ("id", "table_id"),
    "room": ("id",),
    "round": ("id", "table_id"),
    "application": ("id", "round_id"),
    "bed": ("id", "room_id"),
    "room_state": ("id", "room_id"),
    "offer": ("id", "application_id", "room_id", "bed_id", "follows_id"),
    "bar": ("id", "offer_id"),
    "tenancy": ("id", "offer_id", "room_id", "bed_id"),
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, columns in KEYS.items():
        changes = ", ".join(f"ALTER COLUMN {column} TYPE BIGINT" for column in columns)
        op.execute(f'ALTER TABLE "{table}" {changes}')
        op.execute(f'ALTER SEQUENCE "{table}_id_seq" AS BIGINT')


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
