"""Handing back 點交返還: item by item against the list, what was built stays (D-42), and the room is free from that day."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from common import reservations
from common.errors import FieldError, Invalid
from common.identity import Person
from common.messages import post
from common.period import taipei, today
from common.words import Words
from dorms import inventory, occupancy, stays, tenancies
from dorms.models import InventoryItem, Tenancy
from dorms.tenancy_messages import HandedBack


def hand_back(
    session: Session,
    person: Person,
    now: datetime,
    tenancy_id: int,
    *,
    handed_back_on: date,
    room_state: str,
    items: Sequence[Mapping[str, Any]] = (),
    self_built: Sequence[Mapping[str, Any]] = (),
    note: str = "",
    rev: int | None = None,
) -> Tenancy:
    """End the stay: every line of the list is checked, the bed is free from this day on, the room is to let or awaits
    repair, unless somebody else has another bed of it; allowance and fee end with the day (D-32).

    Raises NotSigned before a contract, TenancyOver a second time, Stale, Invalid, Forbidden, NotFound.
    """
    row = tenancies.held_for(session, person, tenancy_id, rev)
    if row.moved_in_on is None and not row.contracts:
        raise tenancies.NotSigned(
            Words("還沒有簽約遷入，逾期會自動失效。", "Nothing was signed; it ends by itself in time.")
        )
    begun = row.moved_in_on or row.contracts[0].notarised_on
    if not begun <= handed_back_on <= today(now):
        raise Invalid(
            Words("點交日要在遷入日與今天之間", "Between moving in and today, please"), field="handed_back_on"
        )
    _check(row, items)
    _keep_what_was_built(session, row, self_built)
    reservations.release(session, row.holder, from_=taipei(handed_back_on, "00:00"))
    row.ending, row.ended_on = stays.HANDED_BACK, handed_back_on
    occupancy.hold(session, row.room)
    if not occupancy.lived_in(session, row.room):
        since = max(handed_back_on, row.room.states[-1].since)
        occupancy.enter_state(session, now, row.room, room_state, since, note[:200])
    session.expire(row, ["items"])
    different = inventory.differences(row)
    tenancies.note(session, person, now, row, "handed_back", handed_back_on, text=note)
    post(
        session,
        HandedBack,
        subject=f"tenancy/{row.id}",
        now=now,
        handed_back_on=handed_back_on,
        differences=len(different),
        room_state=row.room.state,
        **tenancies.told(row),
    )
    return row


def _check(row: Tenancy, items: Sequence[Mapping[str, Any]]) -> None:
    """Write down how each line came back. Raises Invalid for a line left out, named twice or not of this stay."""
    open_lines = {item.id: item for item in row.items}
    wrong = []
    for place, back in enumerate(items):
        item = open_lines.pop(back["item_id"], None)
        if item is None:
            said = Words("清單裡沒有這一項，或填了兩次", "Not on the list, or named twice")
            wrong.append(FieldError(f"items.{place}.item_id", said))
            continue
        if (back["condition"] == stays.MISSING) != (back["quantity"] == 0):
            said = Words("數量 0 才是缺少；缺少時數量填 0", "Missing means none came back: quantity 0")
            wrong.append(FieldError(f"items.{place}.condition", said))
        item.quantity_back, item.condition_back = back["quantity"], back["condition"]
        item.remark_back = back.get("remark", "")
    if open_lines:
        said = Words("還沒有點交：{names}", "Not checked yet: {names}").fill(
            names="、".join(item.name for item in open_lines.values())
        )
        wrong.append(FieldError("items", said))
    if wrong:
        raise Invalid.many(wrong)


def _keep_what_was_built(session: Session, row: Tenancy, built: Sequence[Mapping[str, Any]]) -> None:
    """What the borrower built belongs to the agency: listed, not taken away, not paid for (D-42)."""
    after = max((item.place_in_list for item in row.items), default=0)
    for place, each in enumerate(built, start=after + 1):
        session.add(
            InventoryItem(
                tenancy_id=row.id,
                place_in_list=place,
                name=each["name"],
                self_built=True,
                quantity=0,
                condition=stays.GOOD,
                quantity_back=each["quantity"],
                condition_back=stays.GOOD,
                remark_back=each.get("remark", ""),
            )
        )
