"""The desk of rounds: opened, checked, published, drawn by two officers; paper and files; rent, warnings, stops."""

from datetime import timedelta
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from common.errors import FieldError, Invalid
from common.export import read_table
from common.identity import Person
from common.period import local, today
from common.web import flash, form_data, now, paged, redirect_to, render
from common.words import Words
from venues.models import DECIDES, Registration, Round
from venues.pages.door import decides, oversees
from venues.pages.rounds import pages, show_registration
from venues.rounds import checking, conduct, drawing, opening, paper, parameters, places, registering, steps, stops
from venues.rounds import words as say
from venues.schemas import rounds as taken

ROWS = 6
"""Classes that the form has room for."""

FILTERS: tuple[tuple[str, Words, tuple[str, ...]], ...] = (
    ("all", Words("全部", "All"), ()),
    ("undecided", Words("待審", "To check"), (say.SUBMITTED,)),
    ("papers", Words("待補正", "Papers"), (say.SUPPLEMENT_NEEDED,)),
    ("eligible", Words("合格", "Eligible"), (say.ELIGIBLE,)),
    ("ineligible", Words("不合格", "Not eligible"), (say.INELIGIBLE,)),
    ("places", Words("正取", "Places"), say.HAS_PLACE),
    ("waiting", Words("備取", "Waiting"), (say.WAITING,)),
    ("gone", Words("已離開", "Gone"), say.GONE),
)


@pages.get("/rounds/new", allows=decides)
def show_new(session: Session, person: Person) -> Any:
    """The form for a new round, with the usual classes of its kind (T-03)."""
    kind = request.values.get("kind", "stall")
    kind = kind if kind in say.KINDS else "stall"
    usual = parameters.class_kinds(session, kind)
    day = today(now())
    return render(
        "venues/round_new.html",
        kind=kind,
        usual=usual,
        rows=range(ROWS),
        say=say,
        opens=f"{day + timedelta(days=1)}T09:00",
        closes=f"{day + timedelta(days=6)}T17:00",
        term_from=day + timedelta(days=77),
        rent=parameters.number(session, parameters.RENT_A_DAY, day),
    )


@pages.post("/rounds/new", allows=decides, again=show_new)
def open_round(session: Session, person: Person) -> Any:
    """Keep a draft; it is announced from its desk."""
    data = form_data(taken.OpenRound)
    row = opening.open_round(session, person, now(), **{**data, "draft": True})
    flash(Words("草稿已存，看過再公告。", "Kept as a draft. Look it over, then announce it."))
    return _back(row)


@pages.get("/rounds/<int:round_id>/desk", allows=decides)
def show_desk(session: Session, person: Person, round_id: int) -> Any:
    """A round at the desk: the next step, and its registrations with filters."""
    row = steps.find_round(session, person, round_id)
    counted = steps.counts(session, row)
    by_status = {code: sum(one.get(code, 0) for one in counted.values()) for code in say.STATUSES}
    asked = request.args.get("show", "")
    shown = next((each for each in FILTERS if each[0] == asked), FILTERS[0])
    found = steps.visible(person).where(Registration.round_id == row.id)
    if shown[2]:
        found = found.where(Registration.status.in_(shown[2]))
    class_code = request.args.get("class", "")
    if class_code:
        found = found.where(Registration.class_code == class_code)
    text = request.args.get("cursor", "")
    page = paged(session, found, {"cursor": text if text.isdecimal() else None, "limit": 50}, Registration.id)
    return render(
        "venues/round_desk.html",
        row=row,
        counted=counted,
        by_status=by_status,
        filters=[(code, words, sum(by_status[s] for s in states or say.STATUSES)) for code, words, states in FILTERS],
        shown=shown[0],
        class_code=class_code,
        page=page,
        say=say,
        early=now() < row.registration_until,
        usual_known=local(row.seed_known_at or checking.usual_moment(session, now())).strftime("%Y-%m-%dT%H:%M"),
        source=opening.source_of(row),
        differ=drawing.differ(row),
        own_turn_done=drawing.waits_for_another(row, person),
        bars=conduct.bars(session, today(now())),
        numbers=[(parameters.LABELS[one.key], one) for one in parameters.in_force(session, today(now()))],
        missing=checking.missing,
    )


@pages.post("/rounds/<int:round_id>/announce", allows=decides, again=show_desk)
def announce(session: Session, person: Person, round_id: int) -> Any:
    """Let everybody see it."""
    row = opening.announce(session, person, now(), round_id, **form_data(taken.WithRev))
    return _done(row, "已公告。", "Announced.")


@pages.post("/rounds/<int:round_id>/close", allows=decides, again=show_desk)
def close(session: Session, person: Person, round_id: int) -> Any:
    """End registration."""
    row = opening.close_registration(session, person, now(), round_id, **form_data(taken.CloseIn))
    return _done(row, "登記已截止，開始審查資格。", "Registration has ended; papers are checked next.")


@pages.post("/rounds/<int:round_id>/eligible", allows=decides, again=show_desk)
def accept_complete(session: Session, person: Person, round_id: int) -> Any:
    """Everybody whose papers are complete is eligible."""
    found = checking.find_complete_eligible(session, person, now(), round_id, **form_data(taken.WithRev))
    flash(Words("{n} 件文件齊備，判定合格。", "{n} with all papers found eligible.").fill(n=len(found)))
    return redirect_to(".show_desk", round_id=round_id)


@pages.post("/rounds/<int:round_id>/list", allows=decides, again=show_desk)
def publish(session: Session, person: Person, round_id: int) -> Any:
    """Publish the list and its hash."""
    row = checking.publish_list(session, person, now(), round_id, **form_data(taken.PublishIn))
    flash(Words("名單與雜湊值已公布，不能再改。", "The list and its hash are published and cannot change."))
    return redirect_to(".show_draw", round_id=row.id)


@pages.post("/rounds/<int:round_id>/seed", allows=decides, again=show_desk)
def enter_seed(session: Session, person: Person, round_id: int) -> Any:
    """One officer enters the seed."""
    row = drawing.draw_round(session, person, now(), round_id, **form_data(taken.DrawIn))
    if row.result is not None:
        flash(Words("已抽籤，結果已公布。", "Drawn; the result is published."))
        return redirect_to(".show_draw", round_id=row.id)
    if drawing.differ(row):
        zh, en = "與另一位承辦輸入的不同，請兩人都再看一次。", "Not what the other officer entered. Both look again."
        flash(Words(zh, en), "warn")
        return _back(row)
    return _done(row, "已記錄；請另一位承辦輸入同一個種子。", "Kept. Another officer enters the same seed now.")


@pages.post("/rounds/<int:round_id>/suspend", allows=decides, again=show_desk)
def suspend(session: Session, person: Person, round_id: int) -> Any:
    """Suspend the use of the places."""
    row = stops.suspend(session, person, now(), round_id, **form_data(taken.SuspendIn))
    return _done(row, "已暫停使用，預繳租金列入退還。", "Suspended; prepaid rent is being returned.")


@pages.post("/rounds/<int:round_id>/cancel", allows=decides, again=show_desk)
def cancel(session: Session, person: Person, round_id: int) -> Any:
    """Cancel the round."""
    row = stops.cancel(session, person, now(), round_id, **form_data(taken.ReasonIn))
    return _done(row, "已取消這一期。", "Cancelled.")


# --- one registration ------------------------------------------------------------------------------------------------


@pages.post("/registrations/<int:registration_id>/papers-request", allows=decides, again=show_registration)
def ask_papers(session: Session, person: Person, registration_id: int) -> Any:
    """Ask for papers."""
    row = checking.ask_for_supplement(session, person, now(), registration_id, **form_data(taken.AskPapers))
    return _one(row, "已通知補正。", "The firm has been asked.")


@pages.post("/registrations/<int:registration_id>/eligible", allows=decides, again=show_registration)
def find_eligible(session: Session, person: Person, registration_id: int) -> Any:
    """Find it eligible."""
    row = checking.find_eligible(session, person, now(), registration_id, **form_data(taken.NoteIn))
    return _one(row, "判定合格。", "Found eligible.")


@pages.post("/registrations/<int:registration_id>/refuse", allows=decides, again=show_registration)
def refuse(session: Session, person: Person, registration_id: int) -> Any:
    """Find it not eligible."""
    row = checking.refuse(session, person, now(), registration_id, **form_data(taken.ReasonIn))
    return _one(row, "判定不合格，已通知申復期限。", "Not eligible; the firm may appeal.")


@pages.post("/registrations/<int:registration_id>/payment", allows=decides, again=show_registration)
def record_payment(session: Session, person: Person, registration_id: int) -> Any:
    """Record the rent."""
    row = places.record_payment(session, person, now(), registration_id, **form_data(taken.PaymentIn))
    return _one(row, "已收租金。", "The rent is recorded.")


@pages.post("/registrations/<int:registration_id>/payout", allows=decides, again=show_registration)
def record_payout(session: Session, person: Person, registration_id: int) -> Any:
    """Record a refund paid out."""
    row = places.record_payout(session, person, now(), registration_id, **form_data(taken.PayoutIn))
    return _one(row, "已登錄退款。", "The refund is recorded.")


@pages.post("/registrations/<int:registration_id>/warn", allows=decides, again=show_registration)
def warn(session: Session, person: Person, registration_id: int) -> Any:
    """Warn the holder."""
    row = conduct.warn(session, person, now(), registration_id, **form_data(taken.WarnIn))
    if row.status == say.EXPELLED:
        return _one(row, "已收回攤位並停權。", "The place is taken back and the firm barred.")
    return _one(row, "已勸導並通知。", "Warned.")


@pages.post("/warnings/<int:warning_id>/heeded", allows=decides)
def heed(session: Session, person: Person, warning_id: int) -> Any:
    """Note that a warning was heeded."""
    return _one(conduct.heed(session, person, now(), warning_id), "已註記改善。", "Noted as heeded.")


# --- a file of paper registrations -----------------------------------------------------------------------------------


@pages.get("/rounds/<int:round_id>/file", allows=decides)
def show_file(session: Session, person: Person, round_id: int) -> Any:
    """Choose a file of paper registrations."""
    row = steps.find_round(session, person, round_id)
    return render("venues/round_file.html", row=row, columns=paper.COLUMNS, say=say)


@pages.post("/rounds/<int:round_id>/file", allows=decides, again=show_file)
def take_file(session: Session, person: Person, round_id: int) -> Any:
    """Enter the registrations of a file, all or none."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(Words("請選擇檔案", "Choose a file"), field="file")
    sent.stream.seek(0)  # a transaction tried again reads it once more
    entries = paper.entries(read_table(sent.filename, sent.stream.read()))
    try:
        made = registering.enter_many(session, person, now(), round_id, entries)
    except Invalid as refused:
        raise Invalid.many([FieldError("file", each.words) for each in refused.errors]) from refused
    flash(Words("已登錄 {n} 件。", "{n} entered.").fill(n=len(made)))
    return redirect_to(".show_desk", round_id=round_id, show="undecided")


# --- parameters ------------------------------------------------------------------------------------------------------


@pages.get("/rounds/parameters", allows=oversees)
def show_parameters(session: Session, person: Person) -> Any:
    """The dated numbers of rounds: in force and to come, with bounds and basis."""
    day = today(now())
    rows = []
    for one in parameters.in_force(session, day):
        ahead = [(each.value, each.since) for each in parameters.coming(session, one.key, day)]
        rows.append((one.key, parameters.LABELS[one.key], parameters.BOUNDS[one.key], one, ahead))
    return render("venues/round_parameters.html", rows=rows, day=day, keeper=person.has(*DECIDES))


@pages.post("/rounds/parameters", allows=decides, again=show_parameters)
def set_parameter(session: Session, person: Person) -> Any:
    """A new value from a day on."""
    row = parameters.set_value(session, person, now(), **form_data(taken.ParameterForm))
    words = Words("已登記：{what} {n}。", "Entered: {what} {n}.")
    flash(words.fill(what=parameters.LABELS[row.key], n=row.value))
    return redirect_to(".show_parameters")


def _one(row: Registration, zh: str, en: str) -> Any:
    flash(Words(zh, en))
    return redirect_to(".show_registration", registration_id=row.id)


def _done(row: Round, zh: str, en: str) -> Any:
    flash(Words(zh, en))
    return _back(row)


def _back(row: Round) -> Any:
    return redirect_to(".show_desk", round_id=row.id)
