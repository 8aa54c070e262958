"""Electronic boards: their free places, postings asked for, decided, taken back."""

from typing import Any

from common.schemas import page_of
from common.web import now, paged, signed_in
from venues import boards
from venues.api.door import api, applies, decides
from venues.ground_rules import find
from venues.models import Posting
from venues.schemas import boards as shapes


@api.get("/boards", "listBoards", query=shapes.BoardQuery, gives=shapes.BoardsOut, allows=signed_in)
def list_boards(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """The boards, and how many places each has left on a day (G-05)."""
    names = ("id", "code", "name", "name_en", "places")
    items = [
        {name: getattr(board, name) for name in names}
        | {"free": boards.free_places(session, board, query["day"], now())}
        for board in boards.boards(session)
    ]
    return {"items": items, "next": None}


@api.post(
    "/postings", "requestPosting", takes=shapes.RequestPosting, gives=shapes.PostingOut, status=201, allows=applies
)
def request_posting(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Ask for a notice on some boards; the places are held until the decision (V11)."""
    return boards.request(session, person, now(), **data)


@api.get("/postings", "listPostings", query=shapes.PostingQuery, gives=page_of(shapes.PostingOut), allows=signed_in)
def list_postings(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """The postings this person may see, newest first."""
    found = boards.visible(person)
    if query["status"]:
        found = found.where(Posting.status == query["status"])
    return paged(session, found, query, Posting.id)


@api.get("/postings/<int:posting_id>", "getPosting", gives=shapes.PostingOut, allows=signed_in)
def get_posting(session: Any, person: Any, posting_id: int) -> Any:
    """One posting."""
    return find(session, Posting, posting_id, person)


@api.post(
    "/postings/<int:posting_id>/approve",
    "approvePosting",
    takes=shapes.ApprovePosting,
    gives=shapes.PostingOut,
    allows=decides,
)
def approve_posting(session: Any, person: Any, posting_id: int, data: dict[str, Any]) -> Any:
    """Approve a posting; who asked is told."""
    return boards.decide(session, person, now(), posting_id, approve=True, **data)


@api.post(
    "/postings/<int:posting_id>/reject",
    "rejectPosting",
    takes=shapes.RejectPosting,
    gives=shapes.PostingOut,
    allows=decides,
)
def reject_posting(session: Any, person: Any, posting_id: int, data: dict[str, Any]) -> Any:
    """Reject a posting for a reason; its places are free again."""
    return boards.decide(session, person, now(), posting_id, approve=False, **data)


@api.post(
    "/postings/<int:posting_id>/withdraw",
    "withdrawPosting",
    takes=shapes.WithdrawPosting,
    gives=shapes.PostingOut,
    allows=signed_in,
)
def withdraw_posting(session: Any, person: Any, posting_id: int, data: dict[str, Any]) -> Any:
    """Take a posting back; from now on its places are free."""
    return boards.withdraw(session, person, now(), posting_id, **data)
