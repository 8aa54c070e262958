"""Contests of the same slots: the desk's list, the page anybody may check a draw on, another choice for who lost."""

from typing import Any

from flask import request
from sqlalchemy import select

from common import draw
from common.schemas import load_form
from common.web import anyone, flash, form_data, has_role, now, paged, redirect_to, render
from common.words import Words
from venues import bookings, contests, second_choice, vocabulary
from venues.models import APPLIES, Contest
from venues.models.contest import DECIDED, LISTED, OPEN
from venues.pages.door import decides, desk_pages, oversees
from venues.pages.halls import chosen_slots, month_of
from venues.schemas import contests as shapes
from venues.schemas import taken

pages = desk_pages("contests")

applies = has_role(*APPLIES)


@pages.get("/contests", allows=oversees)
def show_contests(session: Any, person: Any) -> Any:
    """Every contest, newest first, with what each waits for."""
    text = request.args.get("cursor", "")
    query = {"cursor": text if text.isdecimal() else None, "limit": 30}
    return render("venues/contests.html", page=paged(session, select(Contest), query, Contest.id), now=now())


@pages.get("/contests/<int:contest_id>", allows=anyone)
def show_contest(session: Any, person: Any, contest_id: int) -> Any:
    """The published list, its hash, the seed and the order, with the way to check it; names only for those who may read them."""
    contest = contests.find(session, contest_id)
    seen = [entry for entry in contest.entries if person is not None and entry.booking.can_see(person)]
    return render(
        "venues/contest.html",
        contest=contest,
        venue=contest.entries[0].booking.venue,
        seen=seen,
        mine={entry.ticket for entry in seen if entry.booking.is_of(person)},
        faults=draw.faults(contest.published) if contest.order else [],
        recipe=draw.RECIPE,
        description=draw.DESCRIPTION,
        algorithm=draw.ALGORITHM,
        words=vocabulary,
        track=_track(contest),
        now=now(),
    )


@pages.post("/contests/<int:contest_id>/draw", allows=decides, again=show_contest)
def draw_tie(session: Any, person: Any, contest_id: int) -> Any:
    """The officer enters the public seed."""
    contests.draw_tie(session, person, now(), contest_id, **form_data(shapes.DrawTie))
    flash(Words("已抽籤，結果已通知各申請單位。", "Drawn; every applicant has been told."))
    return redirect_to(".show_contest", contest_id=contest_id)


@pages.get("/bookings/<int:booking_id>/slots", allows=applies)
def show_other_slots(session: Any, person: Any, booking_id: int) -> Any:
    """The month again, for whom a contest gave nothing."""
    booking = bookings.find(session, person, booking_id)
    until = second_choice.may_choose(session, booking, now()) if booking.is_of(person) else None
    if until is None:
        return redirect_to("bookings.show_booking", booking_id=booking.id)
    return render(
        "venues/other_slots.html",
        booking=booking,
        place=booking.venue,
        until=until,
        picked=request.values.getlist("slot"),
        **month_of(session, booking.venue, now(), booking.applicant_class),
    )


@pages.post("/bookings/<int:booking_id>/slots", allows=applies, again=show_other_slots)
def choose_other_slots(session: Any, person: Any, booking_id: int) -> Any:
    """Take other slots."""
    booking = bookings.find(session, person, booking_id)
    rev = load_form(taken.WithRev, request.form)["rev"]
    chosen = chosen_slots(booking.venue)
    second_choice.choose(session, person, now(), booking_id, slots=chosen, rev=rev)
    flash(Words("已改選，檔期替你保留，等場地承辦審核。", "Chosen. The slots are held for you until the decision."))
    return redirect_to("bookings.show_booking", booking_id=booking_id)


def _track(contest: Contest) -> list[dict[str, Any]]:
    """Entries → list and hash → seed → result; a contest that classes alone decide has neither list nor seed."""
    passed = {OPEN: 0, LISTED: 1}.get(contest.state, 2)
    entries = {"label": Words("受理", "Entries"), "when": contest.closes_at, "state": "on" if passed == 0 else "past"}
    result = {"label": Words("結果", "Result"), "when": contest.decided_at, "state": "past" if passed == 2 else "next"}
    if contest.state == DECIDED and not contest.order:
        result["detail"] = Words("依順位決定，不需抽籤。", "Decided by class; no draw was needed.")
    if contest.listed_at is None:
        return [entries, result]
    listed = {"label": Words("公布名單與雜湊值", "List and hash published"), "when": contest.listed_at, "state": "past"}
    seed = {
        "label": Words("種子公開，抽籤", "Seed known, drawn"),
        "when": contest.seed_at,
        "detail": Words.same(contest.seed_source),
        "state": "on" if contest.state == LISTED else "past",
    }
    return [entries, listed, seed, result]
