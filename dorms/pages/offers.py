"""An offer: until when, what it costs, what refusing means; then yes or no."""

from typing import Any

from sqlalchemy.orm import Session

from common.identity import Person
from common.period import today
from common.roc import day_words
from common.web import flash, form_data, now, redirect_to, render, signed_in
from common.words import Words
from dorms import applications, offers, payroll, rulebook, schemas
from dorms import vocabulary as say
from dorms.pages.door import note_look, pages


@pages.get("/offers/<int:offer_id>", allows=signed_in)
def show_offer(session: Session, person: Person, offer_id: int) -> Any:
    """The offer page. An officer's look is written down (C-27)."""
    offer = offers.find(session, person, offer_id)
    if offer.person_id != person.id:
        note_look(person, f"offer/{offer.id}", "offer")
    day = today(offer.made_at)
    years = rulebook.number(session, rulebook.BAR_YEARS, today(now()))
    return render(
        "dorms/offer.html",
        say=say,
        offer=offer,
        own=offer.person_id == person.id,
        given=applications.given(offer.application),
        accept_days=rulebook.number(session, rulebook.ACCEPT_DAYS, day),
        term=rulebook.number(session, rulebook.TERM_YEARS, day),
        bar=years,
        fee=rulebook.number(session, f"{payroll.FEE}{offer.room.kind}", day),
        barred_until=rulebook.whole_years_later(today(now()), years.value),
        rent=(
            rulebook.number(session, rulebook.RENT_LEAST, day),
            rulebook.number(session, rulebook.RENT_MOST, day),
        ),
    )


@pages.post("/offers/<int:offer_id>/accept", allows=signed_in, again=show_offer)
def accept(session: Session, person: Person, offer_id: int) -> Any:
    """Take the room."""
    tenancy = offers.accept(session, person, now(), offer_id, **form_data(schemas.WithRev))
    if tenancy is None:
        flash(Words("已記下你的同意，等借用人換住後生效。", "Noted; it takes effect once its tenant moves."))
        return redirect_to(".show_offer", offer_id=offer_id)
    words = Words(
        "已同意借用 {room}。請在 {day}前簽約公證並遷入。",
        "{room} is yours. Sign, notarise and move in by {day}.",
    )
    flash(words.fill(room=tenancy.room.words, day=day_words(tenancy.move_in_by) if tenancy.move_in_by else ""))
    return redirect_to(".show_offer", offer_id=offer_id)


@pages.post("/offers/<int:offer_id>/decline", allows=signed_in, again=show_offer)
def decline(session: Session, person: Person, offer_id: int) -> Any:
    """Give the room up."""
    offer = offers.decline(session, person, now(), offer_id, **form_data(schemas.WithRev))
    flash(Words("已放棄 {room}。", "{room} given up.").fill(room=offer.room.words), "info")
    return redirect_to(".show_offer", offer_id=offer_id)
