"""What every row of dorms stands on: the base, exact decimals, nights, and numbers people read out."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from common import db, roc
from common.period import Period, local, taipei


class Base(DeclarativeBase):
    """Rows of this service's own database."""

    metadata = db.new_metadata()
    type_annotation_map = db.COLUMN_TYPES


class Exact(TypeDecorator[Decimal]):
    """A decimal number kept as text, exact in every database; not for arithmetic there."""

    impl = String(12)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> str | None:
        return None if value is None else f"{value:f}"

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value)


def nights(first: date, until: date) -> Period:
    """The nights from `first` up to, not including, the one of `until`. Raises Invalid unless there is one at least."""
    return Period(taipei(first, "00:00"), taipei(until, "00:00"))


def numbered(now: datetime, letter: str, serial: int) -> str:
    """A number people can read out: 115-D-00042."""
    return f"{roc.roc_year(local(now).year)}-{letter}-{serial:05d}"
