"""Fuel and electricity: the half-year compared, what stands out, the books, and slips from a file (ux.md §5.9)."""

import csv
import io
from contextlib import suppress
from datetime import timedelta
from typing import Any

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from werkzeug.datastructures import MultiDict

from common.errors import Invalid
from common.export import read_table
from common.identity import Person
from common.period import today
from common.roc import HalfYear, parse_roc_date, signed
from common.schemas import load_form
from common.web import flash, form_data, has_role, now, redirect_to, render
from common.web.tables import table_file
from common.words import Words
from fleet import energy, slips
from fleet.models import EnergyRecord, Vehicle
from fleet.pages.door import dispatchers, pages, show_typed
from fleet.schemas.energy import EnergySlip, ExplainRise, RecordEnergy, StateTotal
from fleet.schemas.taken import Revision
from fleet.terms import ENERGY_KINDS, ENERGY_UNITS, TOTAL_KINDS

readers = has_role("dispatcher", "admin", "auditor")
recorders = has_role(*energy.RECORDERS)
BASE_YEAR = 95  # C-40
SHOWN = 40
KINDS = {"all": Words("汽柴油合計", "Petrol and diesel"), **ENERGY_KINDS}
COLUMN_WORDS = {
    "plate": Words("車號", "Plate"), "kind": Words("種類", "Kind"), "quantity": Words("數量", "Quantity"), "cost": Words("金額", "Cost"),
    "recorded_on": Words("日期", "Date"), "odometer": Words("里程", "Odometer"),
}  # fmt: skip


@pages.get("/energy", allows=readers)
def show_energy(session: Session, person: Person) -> Any:
    """One half-year against another, what stands out, and the books."""
    period = half_of(request.args.get("period"), HalfYear.of(now()))
    kind = request.args.get("kind", "all")
    kind = kind if kind in KINDS else "all"
    against = half_of(request.args.get("against"), period.year_before)
    found = energy.compare(session, period, against, kind)
    since = today(now()) - timedelta(days=180)
    last_month = today(now()).replace(day=1) - timedelta(days=1)
    newest = (
        select(EnergyRecord)
        .options(joinedload(EnergyRecord.vehicle))
        .order_by(EnergyRecord.recorded_on.desc(), EnergyRecord.id.desc())
    )
    return render(
        "fleet/energy.html", period=period, against=against, kind=kind, found=found, kinds=KINDS, total_kinds=TOTAL_KINDS,
        choices=_choices(period, against), lines=_lines(session, period, against), signed=signed, base_year=BASE_YEAR,
        unusual=energy.unusual(session, now(), since)[:10], over=energy.over_cap(session, now(), last_month), last_month=last_month,
        records=session.scalars(newest.limit(SHOWN)).all(), units=ENERGY_UNITS, keeper=person.has("dispatcher", "admin"),
    )  # fmt: skip


@pages.get("/energy/comparison.<any(csv,ods):form>", allows=readers)
def download_comparison(session: Session, person: Person, form: str) -> Any:
    """The comparison of every kind as a file."""
    period = half_of(request.args.get("period"), HalfYear.of(now()))
    against = half_of(request.args.get("against"), period.year_before)
    heads = [
        Words("種類", "Kind"), Words("單位", "Unit"), Words("本期", "This"), Words("比較期", "Base"), Words("差額", "Difference"),
        Words("增減率（%）", "Rate (%)"), Words("原因", "Cause"), Words("出處", "Source"),
    ]  # fmt: skip
    rows = [
        (TOTAL_KINDS[each.this.kind].zh, each.figures.unit, each.figures.this, each.figures.base, each.figures.difference,
         each.figures.rate_percent, each.cause, each.this.source)
        for each in _lines(session, period, against)
    ]  # fmt: skip
    title = Words("能源比較", "Energy compared")
    return table_file(form, f"energy-{period.code}-{against.code}", title, heads, rows)


@pages.get("/energy/records.<any(csv,ods):form>", allows=readers)
def download_records(session: Session, person: Person, form: str) -> Any:
    """The half-year's records as a file that the import reads again."""
    period = half_of(request.args.get("period"), HalfYear.of(now()))
    rows = session.scalars(
        select(EnergyRecord)
        .options(joinedload(EnergyRecord.vehicle))
        .where(
            EnergyRecord.recorded_on >= period.first_day,
            EnergyRecord.recorded_on <= period.last_day,
            EnergyRecord.withdrawn_at.is_(None),
        )
        .order_by(EnergyRecord.recorded_on, EnergyRecord.id)
    )
    body = [
        (row.vehicle.plate, ENERGY_KINDS[row.kind].zh, row.quantity, row.cost, row.recorded_on, row.odometer)
        for row in rows
    ]
    return table_file(
        form, f"energy-{period.code}", Words("能源紀錄", "Energy records"), list(COLUMN_WORDS.values()), body
    )


@pages.get("/energy/new", allows=recorders)
def ask_energy(session: Session, person: Person) -> Any:
    """A slip as a form."""
    cars = session.scalars(select(Vehicle).where(Vehicle.state != "retired").order_by(Vehicle.plate)).all()
    chosen = request.args.get("vehicle", "")
    return render(
        "fleet/energy_new.html",
        cars=cars,
        chosen=chosen,
        kinds=ENERGY_KINDS,
        day=today(now()),
        keeper=person.has("dispatcher", "admin"),
    )


@pages.post("/energy/new", allows=recorders, again=ask_energy)
def record_energy(session: Session, person: Person) -> Any:
    """Write it down."""
    row = energy.record(session, person, now(), **form_data(RecordEnergy))
    words = Words("已登記 {plate} {n} {unit}。", "Recorded {n} {unit} for {plate}.")
    flash(words.fill(plate=row.vehicle.plate, n=row.quantity, unit=ENERGY_UNITS[row.kind]))
    return redirect_to(".show_energy" if readers.passes(person) else ".ask_energy")


@pages.post(
    "/energy/<int:record_id>/withdraw",
    allows=dispatchers,
    again=lambda session, person, record_id: show_energy(session, person),
)
def withdraw_energy(session: Session, person: Person, record_id: int) -> Any:
    """Take a wrong one out of the sums."""
    energy.withdraw(session, person, now(), record_id, **form_data(Revision))
    flash(Words("已作廢；紀錄還在，不再計入。", "Withdrawn. It stays on record and no longer counts."))
    return redirect_to(".show_energy")


@pages.post("/energy/cause", allows=dispatchers, again=show_energy)
def explain_rise(session: Session, person: Person) -> Any:
    """Say why use rose (C-41)."""
    data = form_data(ExplainRise)
    period = HalfYear.parse(data.pop("period"))
    energy.explain(session, person, now(), period=period, **data)
    flash(Words("已記下原因。", "The cause is noted."))
    return redirect_to(".show_energy", period=period.code, kind="all" if data["kind"] == "fuel" else data["kind"])


@pages.post("/energy/total", allows=dispatchers, again=show_energy)
def state_total(session: Session, person: Person) -> Any:
    """Enter a total from a report."""
    data = form_data(StateTotal)
    period = HalfYear.parse(data.pop("period"))
    energy.state_total(session, person, now(), period=period, **data)
    flash(Words("已登記報告中的總量。", "The report’s total is entered."))
    return redirect_to(".show_energy", period=period.code)


# --- a file of slips -------------------------------------------------------------------------------------------------


@pages.get("/energy/import", allows=dispatchers)
def ask_file(session: Session, person: Person) -> Any:
    """Choose a file; after a refusal, every line with its fault."""
    found: list[slips.Slip] = []
    text = ""
    if request.method == "POST":
        try:
            rows = _rows()
            found, text = _examined(session, rows), _as_text(rows)
        except Invalid as refused:
            show_typed(request.form, refused.errors)
    good = sum(each.good for each in found)
    return render(
        "fleet/energy_import.html", slips=found, text=text, columns=COLUMN_WORDS, names=slips.COLUMNS, good=good
    )


@pages.post("/energy/import", allows=dispatchers, again=ask_file)
def import_file(session: Session, person: Person) -> Any:
    """Write the slips of a file, all of them, or the good ones where that was asked for."""
    found = _examined(session, _rows())
    count = slips.take_in(session, person, now(), found, only_good=request.form.get("only_good") == "1")
    known = sum(slip.known for slip in found)
    words = Words("已登記 {n} 筆；{known} 筆先前登記過。", "Recorded {n}; {known} were there already.")
    flash(words.fill(n=count, known=known))
    return redirect_to(".show_energy")


def _rows() -> list[list[str]]:
    """The rows of the file that was sent, or of the text carried from the page before."""
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        sent.stream.seek(0)  # a transaction tried again, and the page after a refusal, read it once more
        return read_table(sent.filename, sent.stream.read())
    if request.form.get("lines"):
        return read_table("lines.csv", request.form["lines"].encode())
    raise Invalid(Words("請選擇檔案", "Choose a file"), field="file")


def _examined(session: Session, rows: list[list[str]]) -> list[slips.Slip]:
    found = slips.lines_of(rows)
    for slip in found:
        try:
            slip.data = load_form(EnergySlip, MultiDict(_as_typed(slip.raw)))
        except Invalid as refused:
            slip.faults = refused.errors
    return slips.examine(session, now(), found)


def _as_typed(raw: dict[str, str]) -> dict[str, str]:
    """The cells as the form would have them: kinds by their Chinese names, days of the Republic's calendar."""
    kinds = {words.zh: code for code, words in ENERGY_KINDS.items()}
    typed = dict(raw, kind=kinds.get(raw["kind"], raw["kind"].lower()), recorded_on=raw["recorded_on"][:10])
    with suppress(Invalid):  # an ISO day, or none at all: the shape says which
        typed["recorded_on"] = parse_roc_date(raw["recorded_on"]).isoformat()
    return typed


def _as_text(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def half_of(text: str | None, usual: HalfYear) -> HalfYear:
    """The half-year asked for in an address; `usual` where it is none."""
    try:
        return HalfYear.parse(text or "")
    except Invalid:
        return usual


def _choices(*chosen: HalfYear) -> list[HalfYear]:
    """The half-years one may look at: eight back from now, the base year, and those of the city's reports."""
    half, found = HalfYear.of(now()), set(chosen)
    for _ in range(8):
        found.add(half)
        half = half.previous
    return sorted(found | {HalfYear(year, 1) for year in (BASE_YEAR, 104, 109, 110)}, reverse=True)


def _lines(session: Session, period: HalfYear, against: HalfYear) -> list[energy.Compared]:
    return [energy.compare(session, period, against, kind) for kind in ("all", *ENERGY_KINDS)]
