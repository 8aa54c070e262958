"""The equipment desk: what is where, the day's deliveries and returns, damage, another wish, savings, dated figures."""

from typing import Any

from flask import request

from common.period import Period, local, today
from common.web import flash, form_data, now, redirect_to, render, signed_in
from common.web.tables import table_file
from common.words import Words
from venues import bookings, equipment, equipment_changes, figures, pieces, savings
from venues.pages.door import asked_day, asked_half, decides, desk_pages, half_years, oversees
from venues.schemas import equipment as shapes
from venues.schemas.taken import WithRev

pages = desk_pages("equipment")
MOST_PIECES = 20


@pages.get("/equipment", allows=oversees)
def show_equipment(session: Any, person: Any, piece_fault_id: int | None = None) -> Any:
    """Every piece and where it is, events that lack one, and a form for damage."""
    out = {row.piece: row for row in pieces.out(session)}
    broken = {row.piece: row for row in pieces.faults(session)}
    kinds = equipment.kinds(session)
    rows = [(kind, piece, out.get(piece), broken.get(piece)) for kind in kinds for piece in kind.resources]
    return render(
        "venues/equipment.html", rows=rows, kinds=kinds, short=pieces.short(session, now()), name=pieces.piece_words,
        now=now(), here=sum(piece not in out and piece not in broken for _, piece, _, _ in rows), out=len(out),
        broken=len(broken), keeper=decides.passes(person),
    )  # fmt: skip


@pages.post("/equipment/faults", allows=decides, again=show_equipment)
def report_fault(session: Any, person: Any) -> Any:
    """A piece cannot be lent for a while."""
    pieces.report_fault(session, person, now(), **form_data(shapes.ReportPieceFault))
    lacking = pieces.short(session, now())
    if lacking:
        flash(Words("已停借。有活動因此少了設備，請處理。", "Out of stock. An event now lacks a piece."), "warn")
    else:
        flash(Words("已停借；原本排到的活動都換好了。", "Out of stock; every event got another piece."))
    return redirect_to(".show_equipment")


@pages.post("/equipment/faults/<int:piece_fault_id>/repair", allows=decides, again=show_equipment)
def repair(session: Any, person: Any, piece_fault_id: int) -> Any:
    """The piece is whole again."""
    pieces.repair(session, person, now(), piece_fault_id, **form_data(shapes.RepairPiece))
    flash(Words("已恢復出借", "Lent again"))
    return redirect_to(".show_equipment")


# ── The day's list ────────────────────────────────────────────────────────────


@pages.get("/equipment/day", allows=oversees)
def show_day(session: Any, person: Any, booking_id: int | None = None, piece_handover_id: int | None = None) -> Any:
    """What goes out and comes back on a day, and what is late; made to be printed."""
    day = asked_day()
    whole = Period.of_day(day)
    needs = pieces.needs(session, whole)
    late = [row for row in pieces.out(session) if row.is_late(now()) and row.due_back_at < whole.starts_at]
    goes = [need for need in needs if need.handover is None and whole.contains(need.period.starts_at)]
    comes = [
        need
        for need in needs
        if need.handover and not need.handover.returned_at and need.period.ends_at <= whole.ends_at
    ]
    done = [need for need in needs if need.handover and need.handover.returned_at]
    return render(
        "venues/equipment_day.html", day=day, goes=goes, comes=comes, done=done, late=late, name=pieces.piece_words,
        now=now(), keeper=decides.passes(person), ready=("confirmed", "in_use"),
        before=day.fromordinal(day.toordinal() - 1), after=day.fromordinal(day.toordinal() + 1),
    )  # fmt: skip


@pages.post("/bookings/<int:booking_id>/deliveries", allows=decides, again=show_day)
def deliver(session: Any, person: Any, booking_id: int) -> Any:
    """A piece is at its event."""
    row = pieces.deliver(session, person, now(), booking_id, **form_data(shapes.DeliverPiece))
    flash(Words("已送達", "Delivered"))
    return redirect_to(".show_day", day=str(asked_day() if "day" in request.form else local(row.due_back_at).date()))


@pages.post("/equipment/handovers/<int:piece_handover_id>/return", allows=decides, again=show_day)
def bring_back(session: Any, person: Any, piece_handover_id: int) -> Any:
    """A piece is back."""
    row = pieces.bring_back(session, person, now(), piece_handover_id, **form_data(shapes.ReturnPiece))
    flash(Words("已收回", "Back in stock") if not pieces.faults(session) else Words("已收回", "Returned"))
    return redirect_to(".show_day", day=str(asked_day() if "day" in request.form else local(row.due_back_at).date()))


# ── Another wish ──────────────────────────────────────────────────────────────


@pages.get("/bookings/<int:booking_id>/equipment", allows=signed_in)
def show_change(session: Any, person: Any, booking_id: int) -> Any:
    """What a booking has, and what else is free then."""
    booking = bookings.find(session, person, booking_id)
    has = {row.kind: row.quantity for row in booking.equipment}
    periods = [slot.period for slot in booking.slots]
    stock = equipment.stock(session, periods, now())
    return render(
        "venues/equipment_change.html", booking=booking, has=has, stock=stock,
        pieces=[pieces.piece_words(each.kind, piece) for each in stock for piece in sorted(pieces.held(session, booking))
                if piece.partition(":")[0] == each.kind.code],
        may=booking.alive and booking.starts_at > now() and (booking.is_of(person) or decides.passes(person)),
        watts=max(pieces.watts(session, booking), default=0),
    )  # fmt: skip


@pages.post("/bookings/<int:booking_id>/equipment", allows=signed_in, again=show_change)
def change(session: Any, person: Any, booking_id: int) -> Any:
    """Swap it in one claim."""
    wanted = {kind.code: _quantity(kind.code) for kind in equipment.kinds(session)}
    rev = form_data(WithRev)["rev"]
    equipment_changes.change(session, person, now(), booking_id, equipment_wanted=wanted, rev=rev)
    flash(Words("設備已改好", "The equipment is changed"))
    return redirect_to("bookings.show_booking", booking_id=booking_id)


def _quantity(code: str) -> int:
    text = request.form.get(code, "")
    return min(int(text), MOST_PIECES) if text.isdecimal() and len(text) < 6 else 0


# ── Savings, figures ──────────────────────────────────────────────────────────

SAVINGS_HEADS = (
    Words("案號", "Number"), Words("日期", "Day"), Words("活動", "Event"), Words("場地", "Venue"), Words("設備", "Equipment"),
    Words("數量", "Pieces"), Words("單件節省（元）", "NT$ each"), Words("節省（元）", "Saved, NT$"),
)  # fmt: skip


@pages.get("/equipment/savings", allows=oversees)
def show_savings(session: Any, person: Any) -> Any:
    """What lending saved in a half-year; every figure leads to its bookings (S-19)."""
    period = asked_half()
    found = savings.of(session, period, now())
    kind = request.args.get("kind", "")
    lines = [line for line in found.lines if not kind or line.kind.code == kind]
    return render(
        "venues/savings.html", found=found, period=period, choices=half_years(period), lines=lines, kind=kind,
        sample=any(line.each.sample for line in found.lines),
    )  # fmt: skip


@pages.get("/equipment/savings.<any(csv,ods):form>", allows=oversees)
def download_savings(session: Any, person: Any, form: str) -> Any:
    """The same as a file."""
    found = savings.of(session, asked_half(), now())
    rows = [
        [
            line.booking.number, local(line.booking.starts_at).date(), line.booking.event_name, line.booking.venue.label.zh,
            line.kind.name, line.quantity, line.each.value, line.amount,
        ]
        for line in found.lines
    ]  # fmt: skip
    rows.append(["合計", None, "", "", "", sum(line.quantity for line in found.lines), None, found.total])
    name = f"equipment-savings-{found.period.code}"
    return table_file(form, name, Words("設備出借節省金額", "Savings by lending equipment"), SAVINGS_HEADS, rows)


@pages.get("/figures", allows=oversees)
def show_figures(session: Any, person: Any) -> Any:
    """The dated figures: in force, to come, and a form for a new value."""
    day = today(now())
    rows = []
    for key, found in figures.versions(session).items():
        past = [row for row in found if row.valid_from <= day]
        rows.append((key, figures.KEYS[key].words, past[0] if past else None, [r for r in found if r.valid_from > day]))
    return render(
        "venues/figures.html", rows=rows, units=figures.UNITS, day=day, keeper=decides.passes(person),
        choices=[(key, meaning.words) for key, meaning in figures.KEYS.items()],
    )  # fmt: skip


@pages.post("/figures", allows=decides, again=show_figures)
def set_figure(session: Any, person: Any) -> Any:
    """A new value from a day on."""
    row = figures.set_value(session, person, now(), **form_data(shapes.SetFigure))
    flash(Words("已登記：{what}", "Entered: {what}").fill(what=figures.KEYS[row.key].words))
    return redirect_to(".show_figures")
