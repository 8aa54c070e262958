"""The blueprint of dorms' JSON interface, who may come through its doors, and lists that are put together here."""

from collections.abc import Sequence
from typing import Any

from common.errors import Invalid
from common.web import Api, has_role
from common.words import Words

api = Api("dorms")

STAFF = has_role("staff", "officer", "supervisor", "dispatcher", "driver", "venue_officer", "dorm_officer")
OFFICER = has_role("dorm_officer")


def cut(items: Sequence[Any], query: dict[str, Any]) -> dict[str, Any]:
    """A page of a list that was put together here; the cursor is how many came before."""
    cursor = query["cursor"] or "0"
    if not cursor.isdecimal() or len(cursor) > 9:
        raise Invalid(Words("接續處不正確", "The cursor is not one of ours"), field="cursor")
    first, limit = int(cursor), query["limit"]
    return {"items": items[first : first + limit], "next": str(first + limit) if first + limit < len(items) else None}
