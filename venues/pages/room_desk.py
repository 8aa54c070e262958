"""The venue officer's desk for rooms: today, take-over, duty, agreements, fair use, parameters, a room's card."""

from datetime import datetime, timedelta
from typing import Any

from flask import request
from sqlalchemy import select

from common.errors import Invalid
from common.identity import Agency, Person
from common.period import Period, taipei, today
from common.schemas import load_form
from common.web import flash, form_data, now, redirect_to, render, signed_in
from common.words import Words
from venues import agreements, availability, duties, misuse, room_boards, room_cards, room_checks, room_rules, takeovers
from venues.models import DECIDES, RoomAgreement
from venues.pages.door import decides, desk_pages, oversees
from venues.room_terms import ANSWER_TONES, ANSWERS, BREACH_KINDS, CHAIRS, DECISIONS, FEATURES, FOUND, WEEKDAYS
from venues.schemas import rooms as shapes

pages = desk_pages("room_desk")

UNITS = {
    "minutes": Words("分鐘", "minutes"),
    "hours": Words("小時", "hours"),
    "days": Words("天", "days"),
    "times": Words("次", "times"),
    "rooms": Words("間", "rooms"),
    "people": Words("位", "people"),
    "percent": Words.same("%"),
    "hour": Words("點", "o’clock"),
    "person": Words("號", "(number)"),
    "yes_no": Words("", ""),
}
TODAY = {
    "occupied": (Words("使用中", "In use"), "ok"),
    "waiting": (Words("等報到", "Waiting for check-in"), "wait"),
    "coming": (Words("稍後", "Later"), "mute"),
    "over": (Words("已結束", "Over"), "mute"),
    "released": (Words("沒人到，已釋出", "Nobody came; released"), "warn"),
    "taken_over": (Words("首長調用", "Taken over"), "bad"),
}


@pages.get("/rooms/today", allows=oversees)
def show_today(session: Any, person: Any) -> Any:
    """Today's meetings by state, what waits for somebody, and the doors of this desk."""
    rows = room_boards.today_board(session, now())
    shown = request.args.get("show", "")
    waiting = agreements.visible(person).where(RoomAgreement.answer == "", RoomAgreement.answer_by > now())
    return render(
        "venues/rooms_today.html",
        rows=[row for row in rows if shown not in TODAY or row.state == shown],
        shown=shown if shown in TODAY else "",
        all_rows=len(rows),
        counts={key: sum(row.state == key for row in rows) for key in TODAY},
        states=TODAY,
        sparse=sum(row.sparse for row in rows),
        agreements=len(session.scalars(waiting).all()),
        found=len(misuse.found(session, now())),
        duty=room_boards.duties_at(session, now()),
        decides=person.has(*DECIDES),
    )


# --- take-over -------------------------------------------------------------------------------------------------------


@pages.get("/rooms/take-over", allows=decides)
def ask_take_over(session: Any, person: Any) -> Any:
    """A room for a meeting of the city's heads: who would have to leave, and to which room."""
    return _take_over_page(session, person, request.args)


def ask_take_over_again(session: Any, person: Any) -> Any:
    """After a refusal, with everything typed."""
    return _take_over_page(session, person, request.form)


@pages.post("/rooms/take-over", allows=decides, again=ask_take_over_again)
def take_over(session: Any, person: Any) -> Any:
    """Take it; everyone is told."""
    data = form_data(shapes.TakeOverForm)
    period = _period(data)
    meeting, displaced = takeovers.take_over(session, person, now(), period=period, **data)
    moved = sum(each.to is not None for each in displaced)
    words = Words(
        "已調用{room}：{moved} 場移到其他會議室，{lost} 場沒有會議室。都已通知。",
        "{room} is taken over: {moved} moved, {lost} without a room. All are told.",
    )
    flash(words.fill(room=meeting.room.label, moved=moved, lost=len(displaced) - moved))
    return redirect_to("meetings.show_meeting", meeting_id=meeting.id)


def _take_over_page(session: Any, person: Any, values: Any) -> Any:
    plan, wrong = None, None
    if values.get("venue_id") and values.get("day"):
        try:
            data = load_form(shapes.Times, values)
            number = values["venue_id"]
            if number.isdecimal() and len(number) < 18:
                plan = takeovers.preview(session, person, now(), room_id=int(number), period=_period(data))
        except Invalid as problem:
            wrong = problem.errors[0].words if problem.errors else problem.words
    return render(
        "venues/room_takeover.html", rooms=availability.venues(session, "room"), plan=plan, wrong=wrong, values=values,
        chairs=list(CHAIRS.items()), day=today(now()) + timedelta(days=1), first=today(now()),
        notice=room_rules.in_force(session, now())["takeover_days"], agencies=_agencies(session),
    )  # fmt: skip


# --- duty ------------------------------------------------------------------------------------------------------------


@pages.get("/rooms/duties", allows=oversees)
def show_duties(session: Any, person: Any) -> Any:
    """Times of disaster duty, and what another would move; the form to declare one."""
    plan, wrong = None, None
    if request.args.get("starts_on") and person.has(*DECIDES):
        try:
            data = load_form(shapes.DutyForm, {**request.args, "reason": request.args.get("reason") or "–"})
            plan = duties.preview(session, person, now(), period=_span(data))
        except Invalid as problem:
            wrong = problem.errors[0].words if problem.errors else problem.words
    rooms = availability.venues(session, "room")
    return render(
        "venues/room_duties.html", duties=duties.duties(session), duty_rooms=[room for room in rooms if room.duty_room],
        rooms={str(room.id): room for room in rooms}, plan=plan, wrong=wrong, values=request.args, day=today(now()),
        now=now(), decides=person.has(*DECIDES), agencies=_agencies(session),
    )  # fmt: skip


@pages.post("/rooms/duties", allows=decides, again=show_duties)
def declare_duty(session: Any, person: Any) -> Any:
    """Close the duty rooms; meetings there are moved or given back."""
    data = form_data(shapes.DutyForm)
    duty, _ = duties.declare(session, person, now(), period=_span(data), reason=data["reason"], move=data["move"])
    words = Words(
        "已關閉：{moved} 場移走、{lost} 場釋出，都已通知。", "Closed: {moved} moved, {lost} given back; all are told."
    )
    flash(words.fill(moved=duty.moved, lost=duty.lost))
    return redirect_to(".show_duties")


def show_duties_again(session: Any, person: Any, duty_id: int) -> Any:
    """After a refusal."""
    return show_duties(session, person)


@pages.post("/rooms/duties/<int:duty_id>/lift", allows=decides, again=show_duties_again)
def lift_duty(session: Any, person: Any, duty_id: int) -> Any:
    """The duty is over."""
    duties.lift(session, person, now(), duty_id)
    flash(Words("應變結束，會議室開放了。", "The duty is over; the rooms are open."))
    return redirect_to(".show_duties")


# --- agreements ------------------------------------------------------------------------------------------------------


@pages.get("/rooms/agreements", allows=signed_in)
def show_agreements(session: Any, person: Any) -> Any:
    """Questions about reserved days: to one's own agency to answer, and one's own."""
    rows = session.scalars(agreements.visible(person).order_by(RoomAgreement.id.desc()).limit(100)).all()
    return render(
        "venues/room_agreements.html", rows=rows, answers=ANSWERS, tones=ANSWER_TONES, agencies=_agencies(session), now=now(),
        weekdays_long=WEEKDAYS,
    )  # fmt: skip


def show_agreements_again(session: Any, person: Any, agreement_id: int) -> Any:
    """After a refusal."""
    return show_agreements(session, person)


@pages.post("/rooms/agreements/<int:agreement_id>/answer", allows=signed_in, again=show_agreements_again)
def answer_agreement(session: Any, person: Any, agreement_id: int) -> Any:
    """Agree or decline."""
    data = form_data(shapes.AnswerAgreement)
    agreements.answer(session, person, now(), agreement_id, **data)
    flash(Words("已回覆，申請人會收到通知。", "Answered; whoever asked is told."))
    return redirect_to(".show_agreements")


# --- fair use --------------------------------------------------------------------------------------------------------


@pages.get("/rooms/fairness", allows=oversees)
def show_fairness(session: Any, person: Any) -> Any:
    """What the history shows, with the meetings it rests on; and what was judged before."""
    found = [(each, misuse.meetings_of(session, list(each.meeting_ids))) for each in misuse.found(session, now())]
    ids = {each.person_id for each, _ in found}
    people = {one.id: one for one in session.scalars(select(Person).where(Person.id.in_(ids)))}
    rules = room_rules.in_force(session, now())
    looks = room_checks.spot_checks(session, {one.id for _, meetings in found for one in meetings})
    return render(
        "venues/room_fairness.html", found=found, looks=looks, was=FOUND, people=people, agencies=_agencies(session), kinds=BREACH_KINDS,
        decisions=DECISIONS, breaches=misuse.breaches(session), now=now(), rules=rules, decides=person.has(*DECIDES),
    )  # fmt: skip


@pages.post("/rooms/fairness", allows=decides, again=show_fairness)
def decide_finding(session: Any, person: Any) -> Any:
    """Confirm it as a breach, or not."""
    breach = misuse.decide(session, person, now(), **form_data(shapes.DecideFinding))
    if breach.decision == "confirmed":
        flash(
            Words("已登錄違規，當事人與機關會收到通知。", "The breach is recorded; the person and the agency are told.")
        )
    else:
        flash(Words("已註記不成立。", "Noted as no breach."))
    return redirect_to(".show_fairness")


def show_fairness_again(session: Any, person: Any, breach_id: int) -> Any:
    """After a refusal."""
    return show_fairness(session, person)


@pages.post("/rooms/breaches/<int:breach_id>/lift", allows=decides, again=show_fairness_again)
def lift_breach(session: Any, person: Any, breach_id: int) -> Any:
    """End a stop before its time."""
    misuse.lift(session, person, now(), breach_id, **form_data(shapes.LiftBreach))
    flash(Words("已恢復登記，當事人會收到通知。", "Booking is open again; the person is told."))
    return redirect_to(".show_fairness")


# --- parameters, a room's card ---------------------------------------------------------------------------------------


@pages.get("/rooms/parameters", allows=oversees)
def show_parameters(session: Any, person: Any) -> Any:
    """The parameters of rooms: in force and to come, with bounds and basis; and the rooms' cards."""
    day = today(now())
    rows = {}
    for key, found in room_rules.versions(session).items():
        ahead = sorted((row for row in found if row.valid_from > day), key=lambda row: row.valid_from)
        rows[key] = (room_rules.SET_HERE[key], room_rules.on(found, day), ahead)
    groups = (
        (Words("登記", "Booking"), room_rules.BOOKING),
        (Words("報到、同意與調用", "Check-in, agreement, take-over"), room_rules.USE),
        (Words("公平使用", "Fair use"), room_rules.FAIRNESS),
    )
    return render(
        "venues/room_parameters.html", rows=rows, groups=groups, day=day, units=UNITS, decides=person.has(*DECIDES),
        rooms=availability.venues(session, "room"), weekdays_long=WEEKDAYS, features=FEATURES,
    )  # fmt: skip


@pages.post("/rooms/parameters", allows=decides, again=show_parameters)
def set_parameter(session: Any, person: Any) -> Any:
    """A new value from a day on."""
    row = room_rules.set_value(session, person, now(), **form_data(shapes.SetRoomParameter))
    words = Words("已登記：{what} {n}。", "Entered: {what} {n}.")
    flash(words.fill(what=room_rules.SET_HERE[row.key].words, n=row.value))
    return redirect_to(".show_parameters")


@pages.get("/rooms/<int:room_id>/card", allows=decides)
def show_card(session: Any, person: Any, room_id: int) -> Any:
    """What is kept of a room: reserved day, seats, equipment, duty."""
    room = availability.venue(session, room_id, by_slots=False)
    return render("venues/room_card.html", room=room, weekdays_long=WEEKDAYS, features=FEATURES)


@pages.post("/rooms/<int:room_id>/card", allows=decides, again=show_card)
def change_card(session: Any, person: Any, room_id: int) -> Any:
    """Correct it."""
    room = room_cards.change(session, person, now(), room_id, **form_data(shapes.RoomCardForm))
    flash(Words("已修改{room}。", "{room} is changed.").fill(room=room.label))
    return redirect_to(".show_parameters")


def _period(data: dict[str, Any]) -> Period:
    """The period of a day and two times, taken out of what was typed."""
    return Period.of_local(data.pop("day"), *(f"{data.pop(name):%H:%M}" for name in ("starts", "ends")))


def _span(data: dict[str, Any]) -> Period:
    """From a day's time to another day's time."""
    moments: list[datetime] = []
    for day, clock in (("starts_on", "starts"), ("ends_on", "ends")):
        moments.append(taipei(data[day], data[clock]))
    return Period(*moments)


def _agencies(session: Any) -> dict[int, Agency]:
    return {agency.id: agency for agency in session.scalars(select(Agency))}
