"""The list of furniture of a room: confirmed by the borrower, compared when it comes back (D-42)."""

from datetime import datetime

from sqlalchemy.orm import Session

from common.errors import Conflict, Forbidden
from common.identity import Person
from common.period import today
from common.words import Words
from dorms import stays, tenancies
from dorms.models import InventoryItem, Tenancy


def agree(
    session: Session, person: Person, now: datetime, tenancy_id: int, *, remark: str = "", rev: int | None = None
) -> Tenancy:
    """The borrower confirms the list of furniture, or says what is different, once. Raises DoneAlready, Conflict."""
    tenancies.find(session, person, tenancy_id)
    row = tenancies.hold(session, tenancy_id)
    row.expect(rev)
    if row.person_id != person.id:
        raise Forbidden(Words("只有借用人本人能確認。", "Only the borrower can confirm."))
    if row.state != stays.LIVING or not row.items:
        raise Conflict(Words("目前沒有要確認的點交清單。", "There is no list to confirm now."))
    if agreed(row):
        raise tenancies.DoneAlready(Words("點交清單已確認。", "The list is confirmed already."))
    tenancies.note(session, person, now, row, "inventory_agreed", today(now), text=remark)
    return row


def agreed(row: Tenancy) -> bool:
    """Whether the borrower has confirmed the list."""
    return any(step.kind == "inventory_agreed" for step in row.story)


def differences(row: Tenancy) -> list[InventoryItem]:
    """The lines that came back fewer or worse."""
    return [item for item in row.items if item.differs]
