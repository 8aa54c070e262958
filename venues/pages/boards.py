"""Electronic boards: their places, a board's days, postings from request to decision."""

from datetime import timedelta
from typing import Any

from flask import request
from sqlalchemy import func

from common.period import today
from common.roc import HalfYear
from common.web import flash, form_data, has_role, now, paged, redirect_to, render, signed_in
from common.words import Words
from venues import boards
from venues.ground_rules import find
from venues.models import Board, Posting
from venues.pages.door import EVERYBODY, applies, asked_cursor, asked_day, decides, desk_pages, oversees
from venues.schemas import boards as shapes
from venues.terms import POSTING_STATES, POSTING_TONES

pages = desk_pages("boards")
readers = has_role(*EVERYBODY)
DAYS = 14


@pages.get("/boards", allows=readers)
def show_boards(session: Any, person: Any) -> Any:
    """The boards with their free places, and the postings this person may see."""
    day = today(now())
    which = request.args.get("show", "")
    seen = boards.visible(person)
    counted = seen.with_only_columns(Posting.status, func.count()).group_by(Posting.status).order_by(None)
    wanted = seen.where(Posting.status == which) if which in POSTING_STATES else seen
    half = HalfYear.of(now())
    rows = [(board, boards.free_places(session, board, day, now())) for board in boards.boards(session)]
    return render(
        "venues/boards.html", rows=rows, page=paged(session, wanted, asked_cursor(), Posting.id), which=which,
        counts=dict(session.execute(counted).all()), states=POSTING_STATES, tones=POSTING_TONES, half=half,
        posted=boards.count(session, half), before=boards.count(session, half.previous),
        may_ask=applies.passes(person), oversees=oversees.passes(person),
    )  # fmt: skip


@pages.get("/boards/<int:board_id>", allows=readers)
def show_board(session: Any, person: Any, board_id: int) -> Any:
    """One board's next days: what it shows, and how many places are free."""
    board, day = find(session, Board, board_id), asked_day()
    shown = boards.showing(session, board, day, day + timedelta(days=DAYS - 1))
    days = [day + timedelta(days=ahead) for ahead in range(DAYS)]
    rows = [
        (
            each,
            [post for post in shown if post.starts_on <= each <= post.ends_on],
            boards.free_places(session, board, each, now()),
        )
        for each in days
    ]
    return render("venues/board.html", board=board, rows=rows, day=day, after=day + timedelta(days=DAYS), seen=person)


@pages.get("/postings/new", allows=applies)
def ask_posting(session: Any, person: Any) -> Any:
    """The form."""
    return render("venues/posting_new.html", boards=boards.boards(session), day=today(now()))


@pages.post("/postings/new", allows=applies, again=ask_posting)
def request_posting(session: Any, person: Any) -> Any:
    """Ask for it; its places are held."""
    posting = boards.request(session, person, now(), **form_data(shapes.RequestPosting))
    return _done(Words("已送出，版位先替你保留。", "Sent; the places are held for you."), posting.id)


@pages.get("/postings/<int:posting_id>", allows=signed_in)
def show_posting(session: Any, person: Any, posting_id: int) -> Any:
    """One posting, and the officer's decision."""
    posting = find(session, Posting, posting_id, person)
    mine = posting.is_of(person) or decides.passes(person)
    return render(
        "venues/posting.html", posting=posting, tones=POSTING_TONES, keeper=decides.passes(person),
        may_withdraw=mine and posting.alive and posting.ends_on >= today(now()),
    )  # fmt: skip


@pages.post("/postings/<int:posting_id>/approve", allows=decides, again=show_posting)
def approve(session: Any, person: Any, posting_id: int) -> Any:
    """Approve it."""
    boards.decide(session, person, now(), posting_id, approve=True, **form_data(shapes.ApprovePosting))
    return _done(Words("已核准，會通知申請單位。", "Approved; the applicant is told."), posting_id)


@pages.post("/postings/<int:posting_id>/reject", allows=decides, again=show_posting)
def reject(session: Any, person: Any, posting_id: int) -> Any:
    """Reject it for a reason."""
    boards.decide(session, person, now(), posting_id, approve=False, **form_data(shapes.RejectPosting))
    return _done(Words("已駁回，版位已釋出。", "Rejected; the places are free again."), posting_id)


@pages.post("/postings/<int:posting_id>/withdraw", allows=signed_in, again=show_posting)
def withdraw(session: Any, person: Any, posting_id: int) -> Any:
    """Take it back."""
    boards.withdraw(session, person, now(), posting_id, **form_data(shapes.WithdrawPosting))
    return _done(Words("已撤回", "Withdrawn"), posting_id)


def _done(said: Words, posting_id: int) -> Any:
    flash(said)
    return redirect_to(".show_posting", posting_id=posting_id)
