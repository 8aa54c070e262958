"""Waivers and reductions for one booking: proposed by one officer, decided by another."""

from typing import Any

from common.schemas import page_of
from common.web import has_role, now, paged
from venues import reductions
from venues.api.door import api, decides
from venues.models import Reduction
from venues.schemas import reductions as shapes

oversees = has_role("venue_officer", "admin", "auditor")


@api.get(
    "/reductions", "listReductions", query=shapes.ReductionQuery, gives=page_of(shapes.ReductionOut), allows=oversees
)
def list_reductions(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """Reductions of all bookings, newest first."""
    found = reductions.recent().order_by(None)
    if query["state"]:
        found = found.where(Reduction.state == query["state"])
    return paged(session, found, query, Reduction.id)


@api.post(
    "/bookings/<int:booking_id>/reductions", "proposeReduction", takes=shapes.ProposeReduction, gives=shapes.ReductionOut,
    status=201, allows=decides,
)  # fmt: skip
def propose_reduction(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Propose to take a percentage or an amount off an undecided booking; nothing changes until somebody else grants it."""
    return reductions.propose(session, person, now(), booking_id, **data)


@api.post(
    "/reductions/<int:reduction_id>/grant", "grantReduction", takes=shapes.GrantReduction, gives=shapes.ReductionOut,
    allows=decides,
)  # fmt: skip
def grant_reduction(session: Any, person: Any, reduction_id: int, data: dict[str, Any]) -> Any:
    """Grant what another officer proposed: the booking's quote gets the line."""
    return reductions.grant(session, person, now(), reduction_id, **data)


@api.post(
    "/reductions/<int:reduction_id>/refuse", "refuseReduction", takes=shapes.RefuseReduction, gives=shapes.ReductionOut,
    allows=decides,
)  # fmt: skip
def refuse_reduction(session: Any, person: Any, reduction_id: int, data: dict[str, Any]) -> Any:
    """Refuse what another officer proposed, with a reason."""
    return reductions.refuse(session, person, now(), reduction_id, **data)


@api.post(
    "/reductions/<int:reduction_id>/withdraw", "withdrawReduction", takes=shapes.WithdrawReduction,
    gives=shapes.ReductionOut, allows=decides,
)  # fmt: skip
def withdraw_reduction(session: Any, person: Any, reduction_id: int, data: dict[str, Any]) -> Any:
    """Take one's own proposal back."""
    return reductions.withdraw(session, person, now(), reduction_id, **data)
