"""The base of fleet's own tables, the constraint every coded column carries, and how quantities are kept."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from common import db


class Base(DeclarativeBase):
    """Rows of this service's own database."""

    metadata = db.new_metadata()
    type_annotation_map = db.COLUMN_TYPES


def one_of(column: str, codes: Iterable[str]) -> str:
    """SQL of a check that `column` holds one of `codes`."""
    return f"{column} IN ({', '.join(repr(code) for code in codes)})"


class Hundredths(TypeDecorator[Decimal]):
    """A quantity with two decimals (L, kWh, km/L), kept as a whole number of hundredths: exact on every database, sums too."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        return None if value is None else int((Decimal(value) * 100).to_integral_value(ROUND_HALF_UP))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)) / 100
