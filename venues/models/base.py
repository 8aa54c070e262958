"""The base of this service's rows, and who may do what to them."""

from sqlalchemy.orm import DeclarativeBase

from common import db


class Base(DeclarativeBase):
    """Rows of this service's own database."""

    metadata = db.new_metadata()
    type_annotation_map = db.COLUMN_TYPES


OWN_BODY = ("officer", "supervisor", "group")
APPLIES = ("officer", "group", "venue_officer")
DECIDES = ("venue_officer", "admin")
SEES_ALL = ("venue_officer", "admin", "auditor")
