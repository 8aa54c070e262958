"""The notice people read before they fill in the form (C-21), with what is published of the file (C-24); in versions."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.words import Words
from dorms.models import PrivacyNotice
from dorms.rulebook import NoSuchRule

SIX_THINGS = ("agency", "purpose", "kinds", "use", "rights", "effect")


def in_force(session: Session, day: date) -> PrivacyNotice:
    """The notice of that day. Raises NoSuchRule in an installation without one."""
    rows = select(PrivacyNotice).where(PrivacyNotice.since <= day).order_by(PrivacyNotice.since.desc())
    row = session.scalars(rows.limit(1)).first()
    if row is None:
        raise NoSuchRule(f"privacy notice on {day}")
    return row


def told(notice: PrivacyNotice, *, before_the_form: bool) -> list[tuple[Words, Words]]:
    """Its parts as title and text: the six things told before the form (C-21), or those published besides (C-24)."""
    return [
        (Words(part["title"], part["title_en"]), Words(part["zh"], part["en"]))
        for part in notice.parts
        if (part["key"] in SIX_THINGS) == before_the_form
    ]
