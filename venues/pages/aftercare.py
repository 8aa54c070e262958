"""The end of a booking, for people: opening the venue, the inspection and its record, money back, letters to print."""

from typing import Any

from common.errors import NotFound
from common.period import local, today
from common.roc import roc_date
from common.web import flash, form_data, has_role, now, redirect_to, render, signed_in
from common.web.attachments import sent_files, store
from common.words import Words
from venues import aftercare, availability, bookings, money, papers, parameters, vocabulary
from venues.models import DECIDES, SEES_ALL, RefundAccount
from venues.pages.afterwards import LETTERED
from venues.pages.door import decides, desk_pages
from venues.schemas import aftercare as shapes

pages = desk_pages("aftercare")

oversees = has_role(*SEES_ALL)
ROWS = 5
"""Damages the form has room for."""


@pages.get("/bookings/<int:booking_id>/inspection", allows=decides)
def show_inspection(session: Any, person: Any, booking_id: int) -> Any:
    """The form for how the venue was found; once done, its record."""
    booking = bookings.find(session, person, booking_id)
    if aftercare.inspection_of(session, booking) is not None:
        return redirect_to(".show_protocol", booking_id=booking.id)
    if not aftercare.can_inspect(booking, person, now()):
        return redirect_to("bookings.show_booking", booking_id=booking.id)
    days = parameters.in_force(session, parameters.DEPOSIT_BACK_DAYS, today(now()))
    return render(
        "venues/inspection.html",
        booking=booking,
        held=money.held(booking),
        rows=range(ROWS),
        days=days,
        words=vocabulary,
    )


@pages.post("/bookings/<int:booking_id>/inspection", allows=decides, again=show_inspection)
def inspect(session: Any, person: Any, booking_id: int) -> Any:
    """Write the inspection down, with its photos."""
    data = form_data(shapes.Inspect)
    for filename, content in sent_files("photos"):
        papers.add(
            session, person, now(), booking_id, store(), kind=papers.DAMAGE_PHOTO, filename=filename, content=content
        )
    made = aftercare.inspect(session, person, now(), booking_id, **data)
    if made.claimed:
        said = Words("已登記。損害超過保證金 {n:,} 元，另行求償。", "Recorded. NT${n:,} beyond the deposit is claimed.")
        flash(said.fill(n=made.claimed), "warn")
    else:
        flash(Words("已登記檢查結果，並通知申請單位。", "The result is recorded and the applicant told."))
    return redirect_to(".show_protocol", booking_id=booking_id)


@pages.get("/bookings/<int:booking_id>/protocol", allows=signed_in)
def show_protocol(session: Any, person: Any, booking_id: int) -> Any:
    """The record of the inspection, to print and sign."""
    booking = bookings.find(session, person, booking_id)
    made = aftercare.inspected(session, booking)
    photos = [
        paper
        for paper in papers.of_booking(session, booking)
        if paper.kind == papers.DAMAGE_PHOTO and paper.deleted_at is None
    ]
    return render(
        "venues/protocol.html", booking=booking, made=made, photos=photos, day=roc_date(made.at),
        return_by=roc_date(made.return_by), use=[roc_date(slot.starts_at) for slot in booking.slots[:1]],
    )  # fmt: skip


@pages.get("/bookings/<int:booking_id>/letter", allows=signed_in)
def show_letter(session: Any, person: Any, booking_id: int) -> Any:
    """The letter of approval: as it would be now, for the officer; as it was, for the applicant."""
    booking = bookings.find(session, person, booking_id)
    drafted = booking.can_decide(person)
    if not drafted and booking.status not in LETTERED:
        raise NotFound
    pay_by = (
        availability.pay_by(session, booking.tariff_row, now(), local(booking.starts_at).date())
        if drafted
        else booking.pay_by
    )
    approved = next((step.at for step in booking.steps if step.status == vocabulary.APPROVED), now())
    return render(
        "venues/letter.html", booking=booking, drafted=drafted, day=roc_date(now() if drafted else approved), words=vocabulary,
        pay_by=pay_by and f"{roc_date(pay_by)} {local(pay_by):%H:%M}", limits=papers.sound_limits(booking.venue),
        slots=[(roc_date(slot.starts_at), slot) for slot in booking.slots], prohibited=papers.PROHIBITED,
        lacking=papers.needs_reason(session, booking), kinds=papers.KINDS, needed=papers.needed_for(booking),
        free=not booking.total,
    )  # fmt: skip


@pages.get("/bookings/<int:booking_id>/undertaking", allows=signed_in)
def show_undertaking(session: Any, person: Any, booking_id: int) -> Any:
    """The undertaking, filled in, to print, sign and send in."""
    booking = bookings.find(session, person, booking_id)
    needed = papers.needed_for(booking)
    return render(
        "venues/undertaking.html", booking=booking, limits=papers.sound_limits(booking.venue), prohibited=papers.PROHIBITED,
        typhoon=papers.TYPHOON in needed, slots=[(roc_date(slot.starts_at), slot) for slot in booking.slots],
        day=roc_date(now()), agreed=booking.undertaken_at and roc_date(booking.undertaken_at),
    )  # fmt: skip


@pages.get("/bookings/<int:booking_id>/settle", allows=signed_in)
def show_settling(session: Any, person: Any, booking_id: int) -> Any:
    """What is held, to be returned and owed, where it goes, and the forms that settle it."""
    booking = bookings.find(session, person, booking_id)
    return render("venues/settle.html", booking=booking, **_settling(session, booking))


def _settling(session: Any, booking: Any) -> dict[str, Any]:
    return {
        "inspection": aftercare.inspection_of(session, booking),
        "account": session.get(RefundAccount, booking.id),
        "payee": aftercare.payee_of(session, booking),
        "sums": {"held": money.held(booking), "to_return": money.to_return(booking), "owed": money.owed(booking)},
        "money_kinds": money.KINDS,
        "accounts": money.ACCOUNTS,
        "words": vocabulary,
    }


@pages.post("/bookings/<int:booking_id>/start", allows=decides, again=show_settling)
def start(session: Any, person: Any, booking_id: int) -> Any:
    """Open the venue."""
    aftercare.start(session, person, now(), booking_id, **form_data(shapes.StartUse))
    flash(Words("已開啟場地，使用中。", "The venue is open; in use."))
    return redirect_to("bookings.show_booking", booking_id=booking_id)


@pages.post("/bookings/<int:booking_id>/return-deposit", allows=decides, again=show_settling)
def return_deposit(session: Any, person: Any, booking_id: int) -> Any:
    """Pay the deposit back."""
    aftercare.return_deposit(session, person, now(), booking_id, **form_data(shapes.PayBack))
    flash(Words("已登記退還保證金，並通知申請單位。", "The deposit is returned and the applicant told."))
    return redirect_to("bookings.show_booking", booking_id=booking_id)


@pages.post("/bookings/<int:booking_id>/pay-refund", allows=decides, again=show_settling)
def pay_refund(session: Any, person: Any, booking_id: int) -> Any:
    """Pay a refund out."""
    aftercare.pay_refund(session, person, now(), booking_id, **form_data(shapes.PayBack))
    flash(Words("已登記退款，並通知申請單位。", "The refund is paid out and the applicant told."))
    return redirect_to("bookings.show_booking", booking_id=booking_id)


@pages.post("/bookings/<int:booking_id>/pay-claim", allows=decides, again=show_settling)
def pay_claim(session: Any, person: Any, booking_id: int) -> Any:
    """Record that a claim came in."""
    aftercare.pay_claim(session, person, now(), booking_id, **form_data(shapes.PayClaim))
    flash(Words("已登記賠償款。", "The compensation is recorded."))
    return redirect_to("bookings.show_booking", booking_id=booking_id)


@pages.post("/bookings/<int:booking_id>/account", allows=signed_in, again=show_settling)
def give_account(session: Any, person: Any, booking_id: int) -> Any:
    """Say where money goes back to."""
    aftercare.give_account(session, person, now(), booking_id, **form_data(shapes.GiveAccount))
    flash(Words("已登記退款帳戶。", "The account is kept."))
    return redirect_to(".show_settling", booking_id=booking_id)


# ── Parameters ────────────────────────────────────────────────────────────────


@pages.get("/booking-parameters", allows=oversees)
def show_parameters(session: Any, person: Any) -> Any:
    """The parameters of a booking's end: in force and to come, with their basis."""
    day = today(now())
    rows = [
        (key, about, parameters.in_force(session, key, day), parameters.coming(session, key, day))
        for key, about in parameters.SET_HERE.items()
    ]
    return render("venues/parameters.html", rows=rows, day=day, keeper=person.has(*DECIDES))


@pages.post("/booking-parameters", allows=decides, again=show_parameters)
def set_parameter(session: Any, person: Any) -> Any:
    """A new value from a day on."""
    row = parameters.set_value(session, person, now(), **form_data(shapes.ParameterForm))
    about = parameters.SET_HERE[row.key]
    said = Words("已登記：{what} {n} {unit}。", "Entered: {what} {n} {unit}.")
    flash(said.fill(what=about.words, n=row.value, unit=about.unit))
    return redirect_to(".show_parameters")
