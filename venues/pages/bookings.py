"""Following a booking and deciding it: lists, the track, papers, insurance, payment, cancelling with its refund."""

from typing import Any

from flask import request
from sqlalchemy import func, select

from common.errors import FieldError, Invalid
from common.identity import Agency
from common.web import Pages, flash, form_data, has_role, now, paged, redirect_to, render, signed_in
from common.words import Words
from venues import bookings, cancellations, decisions, money, vocabulary
from venues.models import APPLIES, DECIDES, Booking
from venues.refunds import APPLICANT, CAUSES
from venues.schemas import taken
from venues.vocabulary import (
    APPROVED,
    AWAITING_INSURANCE,
    AWAITING_PAYMENT,
    CONFIRMED,
    ENDED,
    SUBMITTED,
    SUPPLEMENT_NEEDED,
)

pages = Pages("bookings")

decides = has_role(*DECIDES)

FILTERS: tuple[tuple[str, Words, tuple[str, ...]], ...] = (
    ("open", Words("進行中", "Open"), (SUBMITTED, SUPPLEMENT_NEEDED, APPROVED, AWAITING_INSURANCE, AWAITING_PAYMENT)),
    ("submitted", Words("待審核", "To decide"), (SUBMITTED,)),
    ("papers", Words("待補正", "Papers asked for"), (SUPPLEMENT_NEEDED,)),
    ("insurance", Words("待投保", "Insurance"), (AWAITING_INSURANCE,)),
    ("payment", Words("待繳費", "Payment"), (AWAITING_PAYMENT,)),
    ("confirmed", Words("已確認", "Confirmed"), (CONFIRMED,)),
    ("ended", Words("已結束", "Ended"), ENDED),
    ("all", Words("全部", "All"), tuple(vocabulary.STATUSES)),
)


@pages.get("/bookings", allows=signed_in)
def show_bookings(session: Any, person: Any) -> Any:
    """The bookings this person may see, with what each waits for; a venue officer's queue comes first."""
    asked = request.args.get("show")
    default = "submitted" if person.has(*DECIDES) else "all"
    shown = next((each for each in FILTERS if each[0] == asked), None) or next(e for e in FILTERS if e[0] == default)
    visible = bookings.visible(person).order_by(None)
    mine = visible.with_only_columns(Booking.status, func.count()).group_by(Booking.status)
    counts: dict[str, int] = {status: count for status, count in session.execute(mine)}  # noqa: C416 - rows, not pairs
    page = paged(session, visible.where(Booking.status.in_(shown[2])), _cursor(), Booking.id)
    agencies = {agency.id: agency for agency in session.scalars(select(Agency))}
    return render(
        "venues/bookings.html",
        page=page,
        shown=shown[0],
        filters=[(code, words, sum(counts.get(status, 0) for status in statuses)) for code, words, statuses in FILTERS],
        agencies=agencies,
        words=vocabulary,
        now=now(),
    )


@pages.get("/desk", allows=decides)
def show_desk(session: Any, person: Any) -> Any:
    """The venue officer's queue."""
    return redirect_to(".show_bookings", show="submitted")


@pages.get("/bookings/<int:booking_id>", allows=signed_in)
def show_booking(session: Any, person: Any, booking_id: int) -> Any:
    """One booking: where it stands, what it costs, and what this person can do about it."""
    booking = bookings.find(session, person, booking_id)
    return render(
        "venues/booking.html",
        booking=booking,
        track=_track(booking),
        words=vocabulary,
        money_kinds=money.KINDS,
        now=now(),
    )


@pages.get("/bookings/<int:booking_id>/cancel", allows=signed_in)
def show_cancel(session: Any, person: Any, booking_id: int) -> Any:
    """What a cancellation returns, before the button that does it."""
    booking = bookings.find(session, person, booking_id)
    if not booking.can_cancel(person, now()):
        return redirect_to(".show_booking", booking_id=booking.id)
    officer = person.has(*DECIDES)
    cause = request.values.get("cause", APPLICANT)
    cause = cause if officer and cause in CAUSES else APPLICANT
    return render(
        "venues/cancel.html",
        booking=booking,
        refund=cancellations.quote_refund(booking, now(), cause),
        paid=sum(money.paid(booking)),
        cause=cause,
        causes=vocabulary.CAUSES if officer else {},
        ladder=booking.tariff_row.tariff.refunds,
    )


@pages.post("/bookings/<int:booking_id>/cancel", allows=signed_in, again=show_cancel)
def cancel(session: Any, person: Any, booking_id: int) -> Any:
    """Cancel, if the refund is still the one shown."""
    data = form_data(taken.Cancel)
    if data["shown"] is None:
        raise Invalid.many([FieldError("", Words("請先確認退費金額", "Please look at the refund first"))])
    booking = cancellations.cancel(session, person, now(), booking_id, **data)
    flash(Words("已取消", "Cancelled"))
    return redirect_to(".show_booking", booking_id=booking.id)


@pages.post("/bookings/<int:booking_id>/supplement", allows=has_role(*APPLIES), again=show_booking)
def send_supplement(session: Any, person: Any, booking_id: int) -> Any:
    """The applicant sends the papers asked for."""
    booking = bookings.supplement(session, person, now(), booking_id, **form_data(taken.SendSupplement))
    flash(Words("已補件，場地承辦會再審核。", "Sent. The venue officer will look at it again."))
    return redirect_to(".show_booking", booking_id=booking.id)


@pages.post("/bookings/<int:booking_id>/supplement-request", allows=decides, again=show_booking)
def ask_for_supplement(session: Any, person: Any, booking_id: int) -> Any:
    """The officer asks for papers."""
    decisions.ask_for_supplement(session, person, now(), booking_id, **form_data(taken.AskForSupplement))
    return _done(Words("已通知補正", "The applicant has been asked"), booking_id)


@pages.post("/bookings/<int:booking_id>/approve", allows=decides, again=show_booking)
def approve(session: Any, person: Any, booking_id: int) -> Any:
    """The officer approves."""
    booking = decisions.approve(session, person, now(), booking_id, **form_data(taken.Approve))
    if booking.status == CONFIRMED:
        return _done(Words("已核准，檔期成立。", "Approved and confirmed."), booking_id)
    return _done(Words("已核准，等保險與繳費。", "Approved; insurance and payment come next."), booking_id)


@pages.post("/bookings/<int:booking_id>/reject", allows=decides, again=show_booking)
def reject(session: Any, person: Any, booking_id: int) -> Any:
    """The officer rejects, with a reason."""
    decisions.reject(session, person, now(), booking_id, **form_data(taken.Reject))
    return _done(Words("已駁回，檔期已釋出。", "Rejected; the slots are free again."), booking_id)


@pages.post("/bookings/<int:booking_id>/insurance", allows=decides, again=show_booking)
def record_insurance(session: Any, person: Any, booking_id: int) -> Any:
    """The officer records the policy."""
    decisions.record_insurance(session, person, now(), booking_id, **form_data(taken.RecordInsurance))
    return _done(Words("已登錄保單", "The policy has been recorded"), booking_id)


@pages.post("/bookings/<int:booking_id>/payment", allows=decides, again=show_booking)
def record_payment(session: Any, person: Any, booking_id: int) -> Any:
    """The officer records the payment."""
    decisions.record_payment(session, person, now(), booking_id, **form_data(taken.RecordPayment))
    return _done(Words("已收款，檔期成立。", "Paid and confirmed."), booking_id)


def _done(said: Words, booking_id: int) -> Any:
    flash(said)
    return redirect_to(".show_booking", booking_id=booking_id)


def _cursor() -> dict[str, Any]:
    text = request.args.get("cursor", "")
    return {"cursor": text if text.isdigit() else None, "limit": 30}


AHEAD_PAYING = (SUBMITTED, APPROVED, AWAITING_INSURANCE, AWAITING_PAYMENT, CONFIRMED)
AHEAD_FREE = (SUBMITTED, APPROVED, CONFIRMED)
RECORDED = (AWAITING_INSURANCE, AWAITING_PAYMENT)
STEP_WORDS = {
    SUBMITTED: Words("送件", "Submitted"),
    SUPPLEMENT_NEEDED: Words("要求補正", "Papers asked for"),
    APPROVED: Words("核准", "Approved"),
    AWAITING_INSURANCE: Words("投保公共意外責任險", "Liability insurance"),
    AWAITING_PAYMENT: Words("繳費", "Payment"),
    CONFIRMED: Words("檔期成立", "Confirmed"),
    **{status: vocabulary.STATUSES[status] for status in ENDED},
}


def _track(booking: Booking) -> list[dict[str, Any]]:
    """What happened, what is under way, and what is still to come."""
    out: list[dict[str, Any]] = []
    following = [*booking.steps[1:], None]
    for index, (step, after) in enumerate(zip(booking.steps, following, strict=True)):
        told: dict[str, Any] = {
            "label": STEP_WORDS[step.status],
            "who": step.by and step.by.words,
            "when": step.at,
            "detail": step.note,
        }
        if step.status == SUBMITTED and index:
            told["label"] = Words("補件送出", "Papers sent")
        if step.status in RECORDED:  # shown with what ended the waiting: who recorded what, when
            done = after if after and after.status not in ENDED else None
            told |= {
                "who": done and done.by and done.by.words,
                "when": done and done.at,
                "detail": done.note if done else "",
            }
        if step.status == CONFIRMED and booking.total:
            told |= {"who": None, "detail": ""}
        told["state"] = "bad" if step.status in ENDED else "past" if after or step.status == CONFIRMED else "on"
        out.append(told)
    if booking.alive:
        plan = AHEAD_PAYING if booking.total else AHEAD_FREE
        reached = booking.status if booking.status in plan else SUBMITTED
        out += [{"label": STEP_WORDS[status], "state": "next"} for status in plan[plan.index(reached) + 1 :]]
    return out
