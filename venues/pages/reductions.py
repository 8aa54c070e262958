"""Reductions of one booking: the list of those that wait, and the acts on a booking's page."""

from typing import Any

from flask import request

from common.web import flash, form_data, now, paged, redirect_to, render
from common.words import Words
from venues import reductions, vocabulary
from venues.models import Reduction
from venues.models.tariffs import PROPOSED
from venues.pages.bookings import show_booking
from venues.pages.door import decides, desk_pages, oversees
from venues.schemas import reductions as shapes

pages = desk_pages("reductions")

TONES = {"proposed": "wait", "granted": "ok", "refused": "bad", "withdrawn": "mute"}


@pages.get("/reductions", allows=oversees)
def list_reductions(session: Any, person: Any) -> Any:
    """Reductions that wait for somebody else's decision, and all others on request."""
    every = request.args.get("show") == "all"
    found = (reductions.recent() if every else reductions.waiting()).order_by(None)
    cursor = request.args.get("cursor", "")
    page = paged(session, found, {"cursor": cursor if cursor.isdecimal() else None, "limit": 30}, Reduction.id)
    return render(
        "venues/reductions.html", page=page, every=every, tones=TONES, states=shapes.STATE_WORDS, words=vocabulary,
        waiting=PROPOSED,
    )  # fmt: skip


def _booking_again(session: Any, person: Any, reduction_id: int) -> Any:
    row = session.get(Reduction, reduction_id)
    return show_booking(session, person, row.booking_id) if row else list_reductions(session, person)


@pages.post("/bookings/<int:booking_id>/reductions", allows=decides, again=show_booking)
def propose(session: Any, person: Any, booking_id: int) -> Any:
    """Propose one."""
    reductions.propose(session, person, now(), booking_id, **form_data(shapes.ProposeReduction))
    flash(Words("已提出減免，等另一位承辦或管理者決定。", "Proposed. Another officer or an administrator decides."))
    return redirect_to("bookings.show_booking", booking_id=booking_id)


@pages.post("/reductions/<int:reduction_id>/grant", allows=decides, again=_booking_again)
def grant(session: Any, person: Any, reduction_id: int) -> Any:
    """Grant it."""
    row = reductions.grant(session, person, now(), reduction_id, **form_data(shapes.GrantReduction))
    flash(Words("已核可，金額已更新並通知申請單位。", "Granted; the price is changed and the applicant is told."))
    return redirect_to("bookings.show_booking", booking_id=row.booking_id)


@pages.post("/reductions/<int:reduction_id>/refuse", allows=decides, again=_booking_again)
def refuse(session: Any, person: Any, reduction_id: int) -> Any:
    """Refuse it."""
    row = reductions.refuse(session, person, now(), reduction_id, **form_data(shapes.RefuseReduction))
    flash(Words("已決定不減免。", "Refused."))
    return redirect_to("bookings.show_booking", booking_id=row.booking_id)


@pages.post("/reductions/<int:reduction_id>/withdraw", allows=decides, again=_booking_again)
def withdraw(session: Any, person: Any, reduction_id: int) -> Any:
    """Take it back."""
    row = reductions.withdraw(session, person, now(), reduction_id, **form_data(shapes.WithdrawReduction))
    flash(Words("已撤回。", "Withdrawn."))
    return redirect_to("bookings.show_booking", booking_id=row.booking_id)
