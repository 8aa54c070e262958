"""The tables that every service has, as of its first migration. Later changes get functions of their own."""

from typing import Any

import sqlalchemy as sa

from common.db import BigId, JsonValue, UtcInstant, append_only_guard, no_overlap_guard

ACTIVE = "state IN ('held', 'confirmed')"


def create_0001(op: Any) -> None:
    """Ledger, outbox, inbox, read copies of people, audit, idempotency; with their guards."""
    connection = op.get_bind()
    op.create_table(
        "reservation",
        sa.Column("id", BigId, nullable=False),
        sa.Column("resource", sa.String(80), nullable=False),
        sa.Column("starts_at", UtcInstant(), nullable=False),
        sa.Column("ends_at", UtcInstant(), nullable=False),
        sa.Column("holder", sa.String(80), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("expires_at", UtcInstant(), nullable=True),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name="ck_reservation_starts_before_it_ends"),
        sa.CheckConstraint("state IN ('held', 'confirmed', 'released', 'expired')", name="ck_reservation_state_known"),
        sa.PrimaryKeyConstraint("id", name="pk_reservation"),
    )
    op.create_index(
        "ix_reservation_active",
        "reservation",
        ["resource", "starts_at"],
        sqlite_where=sa.text(ACTIVE),
        postgresql_where=sa.text(ACTIVE),
    )
    op.create_index("ix_reservation_holder", "reservation", ["holder"])
    for statement in no_overlap_guard(connection):
        op.execute(statement)
    _messages(op)
    _people(op)
    _audit(op)
    for table in ("audit_entry", "audit_chain"):
        for statement in append_only_guard(connection, table):
            op.execute(statement)


def _messages(op: Any) -> None:
    op.create_table(
        "outbox",
        sa.Column("id", BigId, nullable=False),
        sa.Column("seq", BigId, nullable=True),
        sa.Column("event_id", sa.String(36), nullable=False),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("time", UtcInstant(), nullable=False),
        sa.Column("data", JsonValue, nullable=False),
        sa.Column("traceparent", sa.String(55), nullable=False),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("seq", name="uq_outbox_seq"),
        sa.UniqueConstraint("event_id", name="uq_outbox_event_id"),
    )
    op.create_index(
        "ix_outbox_unnumbered",
        "outbox",
        ["id"],
        sqlite_where=sa.text("seq IS NULL"),
        postgresql_where=sa.text("seq IS NULL"),
    )
    op.create_table(
        "source_state",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("last_seq", BigId, nullable=False),
        sa.Column("published", BigId, nullable=False),
        sa.Column("pruned_to", BigId, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_source_state"),
    )
    op.create_table(
        "inbox_cursor",
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("last_seq", BigId, nullable=False),
        sa.Column("moved_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("source", name="pk_inbox_cursor"),
    )
    op.create_table(
        "inbox_parked",
        sa.Column("id", BigId, nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", BigId, nullable=False),
        sa.Column("envelope", JsonValue, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("parked_at", UtcInstant(), nullable=False),
        sa.Column("settled_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_parked"),
    )
    op.create_table(
        "idempotency",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("request_sha256", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", JsonValue, nullable=True),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_idempotency"),
        sa.UniqueConstraint("person_id", "key", name="idempotency_once"),
    )


def _people(op: Any) -> None:
    op.create_table(
        "agency",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agency"),
        sa.UniqueConstraint("code", name="uq_agency_code"),
    )
    op.create_table(
        "person",
        sa.Column("id", BigId, nullable=False),
        sa.Column("username", sa.String(60), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("agency_id", BigId, nullable=False),
        sa.Column("unit", sa.String(80), nullable=False),
        sa.Column("roles", JsonValue, nullable=False),
        sa.Column("mail", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("lang", sa.String(2), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name="fk_person_agency_id"),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("username", name="uq_person_username"),
    )
    op.create_index("ix_person_agency_id", "person", ["agency_id"])
    op.create_table(
        "feed",
        sa.Column("id", BigId, nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("service", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("ref", sa.String(40), nullable=False),
        sa.Column("revoked_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_feed"),
        sa.UniqueConstraint("token_sha256", name="uq_feed_token_sha256"),
    )
    op.create_index("ix_feed_person_id", "feed", ["person_id"])
    op.create_table(
        "ended_session",
        sa.Column("sid", sa.String(64), nullable=False),
        sa.Column("ended_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name="pk_ended_session"),
    )


def _audit(op: Any) -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", BigId, nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("actor_id", BigId, nullable=True),
        sa.Column("actor_name", sa.String(80), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("before", JsonValue, nullable=True),
        sa.Column("after", JsonValue, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("address", sa.String(60), nullable=False),
        sa.Column("request_id", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
    )
    for column in ("actor_id", "action", "subject"):
        op.create_index(f"ix_audit_entry_{column}", "audit_entry", [column])
    op.create_table(
        "audit_chain",
        sa.Column("seq", BigId, nullable=False),
        sa.Column("entry_id", BigId, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_chain"),
        sa.UniqueConstraint("entry_id", name="uq_audit_chain_entry_id"),
    )
