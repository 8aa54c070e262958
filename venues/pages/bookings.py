"""Following a booking and deciding it: lists, the track, papers, insurance, payment, cancelling with its refund."""

from typing import Any

from flask import request
from sqlalchemy import func, select

from common.errors import FieldError, Invalid
from common.identity import Agency
from common.web import flash, form_data, has_role, now, paged, redirect_to, render, signed_in
from common.words import Words
from venues import (
    bookings,
    cancellations,
    contests,
    decisions,
    money,
    reductions,
    second_choice,
    setting_up,
    vocabulary,
)
from venues.models import APPLIES, DECIDES, SEES_ALL, Booking
from venues.models.setup_time import PURPOSES
from venues.pages.afterwards import afterwards
from venues.pages.door import decides, desk_pages
from venues.refunds import APPLICANT, CAUSES
from venues.schemas import taken
from venues.schemas.reductions import PARTS, STATE_WORDS
from venues.vocabulary import (
    APPROVED,
    AWAITING_INSURANCE,
    AWAITING_PAYMENT,
    CLOSED,
    CONFIRMED,
    CONTESTED,
    ENDED,
    IN_USE,
    INSPECTION,
    SUBMITTED,
    SUPPLEMENT_NEEDED,
    SUSPENDED,
)

pages = desk_pages("bookings")

FILTERS: tuple[tuple[str, Words, tuple[str, ...]], ...] = (
    (
        "open",
        Words("進行中", "Open"),
        (SUBMITTED, SUPPLEMENT_NEEDED, CONTESTED, APPROVED, AWAITING_INSURANCE, AWAITING_PAYMENT),
    ),
    ("submitted", Words("待審核", "To decide"), (SUBMITTED,)),
    ("contested", Words("同時段多件", "Contested"), (CONTESTED,)),
    ("papers", Words("待補正", "Papers asked for"), (SUPPLEMENT_NEEDED,)),
    ("insurance", Words("待投保", "Insurance"), (AWAITING_INSURANCE,)),
    ("payment", Words("待繳費", "Payment"), (AWAITING_PAYMENT,)),
    ("confirmed", Words("已確認", "Confirmed"), (CONFIRMED,)),
    ("after", Words("使用與檢查", "Use and inspection"), (IN_USE, INSPECTION)),
    ("ended", Words("已結束", "Ended"), (CLOSED, *ENDED)),
    ("all", Words("全部", "All"), tuple(vocabulary.STATUSES)),
)


OVERDUE = "overdue"
OVERDUE_FILTER = (OVERDUE, Words("逾期未決", "Decision overdue"), (SUBMITTED,))
"""What the officer should have decided by now (S-36); shown where a hall's rule sets a day and some are late."""


@pages.get("/bookings", allows=signed_in)
def show_bookings(session: Any, person: Any) -> Any:
    """The bookings this person may see, with what each waits for; a venue officer's queue comes first."""
    asked = request.args.get("show")
    officer = person.has(*SEES_ALL)
    default = "submitted" if person.has(*DECIDES) else "all"
    known = {each[0]: each for each in (*FILTERS, *([OVERDUE_FILTER] if officer else []))}
    shown = known.get(asked or default) or known[default]
    visible = bookings.visible(person).order_by(None)
    mine = visible.with_only_columns(Booking.status, func.count()).group_by(Booking.status)
    counts: dict[str, int] = {status: count for status, count in session.execute(mine)}  # noqa: C416 - rows, not pairs
    late = bookings.overdue(now())
    picked = visible.where(Booking.status.in_(shown[2]))
    page = paged(session, picked.where(late) if shown[0] == OVERDUE else picked, _cursor(), Booking.id)
    over = session.scalar(select(func.count()).select_from(visible.where(late).subquery())) if officer else 0
    chips = [(code, words, sum(counts.get(status, 0) for status in statuses)) for code, words, statuses in FILTERS]
    if over or shown[0] == OVERDUE:
        chips.insert(2, (OVERDUE, OVERDUE_FILTER[1], over or 0))
    agencies = {agency.id: agency for agency in session.scalars(select(Agency))}
    return render(
        "venues/bookings.html",
        page=page,
        shown=shown[0],
        filters=chips,
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
    entry = contests.entry_of(session, booking) if booking.status == CONTESTED else None
    return render(
        "venues/booking.html",
        booking=booking,
        contest=entry and entry.contest,
        setup_times=setting_up.of(session, booking),
        setup_purposes=PURPOSES,
        choose_by=second_choice.may_choose(session, booking, now()),
        track=_track(booking),
        words=vocabulary,
        money_kinds=money.KINDS,
        reductions=reductions.all_of(session, booking) if person.has(*SEES_ALL) else [],
        reduction_states=STATE_WORDS,
        reduction_parts=PARTS,
        now=now(),
        **afterwards(session, person, booking),
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
    return {"cursor": text if text.isdecimal() else None, "limit": 30}


AHEAD_PAYING = (SUBMITTED, APPROVED, AWAITING_INSURANCE, AWAITING_PAYMENT, CONFIRMED, INSPECTION, CLOSED)
AHEAD_FREE = (SUBMITTED, APPROVED, CONFIRMED, INSPECTION, CLOSED)
DONE = (CONFIRMED, CLOSED)
RECORDED = (AWAITING_INSURANCE, AWAITING_PAYMENT)
STEP_WORDS = {
    SUBMITTED: Words("送件", "Submitted"),
    SUPPLEMENT_NEEDED: Words("要求補正", "Papers asked for"),
    CONTESTED: Words("同時段多件", "Contested"),
    APPROVED: Words("核准", "Approved"),
    AWAITING_INSURANCE: Words("投保公共意外責任險", "Liability insurance"),
    AWAITING_PAYMENT: Words("繳費", "Payment"),
    CONFIRMED: Words("檔期成立", "Confirmed"),
    IN_USE: Words("開始使用", "Use began"),
    INSPECTION: Words("場復檢查", "Inspection"),
    CLOSED: Words("結案", "Closed"),
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
        before = booking.steps[index - 1].status if index else None
        if before == SUSPENDED:
            told["label"] = Words("重新開放，檔期恢復", "Reopened, booking restored")
        elif step.status == SUBMITTED and index:
            told["label"] = Words("補件送出", "Papers sent")
        elif step.status == INSPECTION and before == INSPECTION:
            told["label"] = Words("檢查完成", "Inspected")
        if step.status in RECORDED:  # shown with what ended the waiting: who recorded what, when
            done = after if after and after.status not in ENDED else None
            told |= {
                "who": done and done.by and done.by.words,
                "when": done and done.at,
                "detail": done.note if done else "",
            }
        if step.status == CONFIRMED and booking.total:
            told |= {"who": None, "detail": ""}
        told["state"] = "bad" if step.status in ENDED else "past" if after or step.status in DONE else "on"
        out.append(told)
    if booking.alive or booking.status == INSPECTION:
        plan = AHEAD_PAYING if booking.total else AHEAD_FREE
        at = CONFIRMED if booking.status == IN_USE else booking.status
        reached = at if at in plan else SUBMITTED
        out += [{"label": STEP_WORDS[status], "state": "next"} for status in plan[plan.index(reached) + 1 :]]
    return out
