"""The base of fleet's own tables, and the constraint every coded column carries."""

from collections.abc import Iterable

from sqlalchemy.orm import DeclarativeBase

from common import db


class Base(DeclarativeBase):
    """Rows of this service's own database."""

    metadata = db.new_metadata()
    type_annotation_map = db.COLUMN_TYPES


def one_of(column: str, codes: Iterable[str]) -> str:
    """SQL of a check that `column` holds one of `codes`."""
    return f"{column} IN ({', '.join(repr(code) for code in codes)})"
