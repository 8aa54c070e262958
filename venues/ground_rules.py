"""What the use cases of the grounds' other business share: who may ask, who decides, and how a row is found."""

from typing import Protocol, TypeVar, cast

from sqlalchemy.orm import Session

from common.db import get_held
from common.errors import Forbidden, NotFound
from common.identity import Person
from common.words import Words
from venues.models import APPLIES, DECIDES, Base

Row = TypeVar("Row", bound=Base)


class _Seen(Protocol):
    def can_see(self, person: Person) -> bool: ...


def find(session: Session, row: type[Row], row_id: int, person: Person | None = None) -> Row:
    """The row; with `person`, only if that person may know of it. Raises NotFound."""
    return _known(session.get(row, row_id), person)


def hold(session: Session, row: type[Row], row_id: int, person: Person | None = None) -> Row:
    """The same, as it is now and held against rivals until the end of the transaction. Raises NotFound."""
    return _known(get_held(session, row, row_id), person)


def _known(found: Row | None, person: Person | None) -> Row:
    if found is None or (person is not None and not cast(_Seen, found).can_see(person)):
        raise NotFound
    return found


def must_decide(person: Person) -> None:
    """Raises Forbidden for anybody but a venue officer."""
    if not person.has(*DECIDES):
        raise Forbidden


def must_apply(person: Person) -> None:
    """Raises Forbidden for somebody who acts for no agency or registered body (S-12)."""
    if not person.has(*APPLIES) or person.agency is None or not person.agency.active:
        raise Forbidden(
            Words("個人不能申請；請由機關或立案團體申請。", "Individuals cannot ask; an agency or body can.")
        )
