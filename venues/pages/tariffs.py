"""Tariffs of the venues: their versions, the next one typed, looked at and saved, one taken back, one as a file."""

import json
import re
from typing import Any

from flask import Response, g, request
from werkzeug.datastructures import MultiDict

from common.errors import FieldError, Invalid
from common.period import today
from common.schemas import load_form, load_json
from common.web import flash, now, redirect_to, render
from common.web.pages import Form
from common.words import Words
from venues import availability, equipment, tariff_versions, vocabulary
from venues.models import DECIDES, Venue
from venues.pages.door import decides, desk_pages, oversees
from venues.schemas import tariffs as shapes
from venues.tariffs import Tariff
from venues.tariffs.applying import LIMIT_RULES, LIMITS, WINDOW_WORDS
from venues.tariffs.calendar import DAY_WORDS
from venues.tariffs.flat import fields, flat
from venues.tariffs.model import COUNTED_BY
from venues.tariffs.paying import PAY_WORDS
from venues.tariffs.wording import KIND_WORDS, PER_WORDS, conditions, less, what

pages = desk_pages("tariffs")

BLANKS = {"rates": 3, "waivers": 2, "refunds.steps": 2}
FIRST_FIELD = {"rates": ".kind", "waivers": ".label", "refunds.steps": ".days"}
"""Where a fault of a whole row is shown."""
MOST_BYTES = 200_000
NOT_A_TARIFF = Words("這不是收費標準的 JSON 檔", "That is not a tariff’s JSON file")


@pages.get("/tariffs", allows=oversees)
def list_tariffs(session: Any, person: Any) -> Any:
    """Every hall and ground with the version in force and the one to come."""
    rows = []
    for place in availability.venues(session):
        if place.by_slots:
            found = tariff_versions.history(session, place)
            ahead = [row for row in found if row.effective_from > today(now())]
            rows.append((place, next((row for row in found if row not in ahead), None), ahead))
    return render("venues/tariffs.html", rows=rows)


@pages.get("/tariffs/<int:venue_id>", allows=oversees)
def show_tariff(session: Any, person: Any, venue_id: int) -> Any:
    """One venue's versions: in force, to come, past and withdrawn, each row with its conditions."""
    place = availability.venue(session, venue_id, by_slots=True)
    rows = tariff_versions.history(session, place)
    current = next((row for row in rows if row.effective_from <= today(now())), None)
    return render(
        "venues/tariff.html", place=place, rows=rows, current=current, withdrawn=tariff_versions.withdrawn(session, place),
        keeper=person.has(*DECIDES), day=today(now()), **_words(place),
    )  # fmt: skip


@pages.get("/tariffs/<int:venue_id>/<int:tariff_id>.json", allows=oversees)
def take_out(session: Any, person: Any, venue_id: int, tariff_id: int) -> Any:
    """One version as a file."""
    place = availability.venue(session, venue_id, by_slots=True)
    row = tariff_versions.version(session, place, tariff_id)
    told = {"effective_from": f"{row.effective_from}", "note": row.note, **flat(row.tariff)}
    text = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    headers = {"Content-Disposition": f'attachment; filename="{place.code}-{row.version}.json"'}
    return Response(text, content_type="application/json; charset=utf-8", headers=headers)


# ── The next version ─────────────────────────────────────────────────────────


@pages.get("/tariffs/<int:venue_id>/new", allows=decides)
def draft_tariff(session: Any, person: Any, venue_id: int) -> Any:
    """The last version as the start of the next."""
    place = availability.venue(session, venue_id, by_slots=True)
    made = Tariff.from_data("", today(now()), tariff_versions.draft(session, place))
    return _form(session, place, _typed(flat(made)))


@pages.get('/tariffs/<int:venue_id>/<any("preview", "edit", "save", "take-in"):step>', allows=decides)
def start_again(session: Any, person: Any, venue_id: int, step: str) -> Any:
    """The steps of a form opened by their address: back to its beginning."""
    return redirect_to(".draft_tariff", venue_id=venue_id)


@pages.post("/tariffs/<int:venue_id>/take-in", allows=decides, again=show_tariff)
def take_in(session: Any, person: Any, venue_id: int) -> Any:
    """A file put into the form, to be looked over; nothing is saved."""
    place = availability.venue(session, venue_id, by_slots=True)
    return _form(session, place, _typed(_document(_file())))


@pages.post("/tariffs/<int:venue_id>/edit", allows=decides, again=show_tariff)
def edit_again(session: Any, person: Any, venue_id: int) -> Any:
    """Back from the preview to the form, everything still in it."""
    place = availability.venue(session, venue_id, by_slots=True)
    return _form(session, place, _typed(_document(request.form.get("document", ""))))


def _form_again(session: Any, person: Any, venue_id: int) -> Any:
    return _form(session, availability.venue(session, venue_id, by_slots=True), request.form, g.form.errors)


@pages.post("/tariffs/<int:venue_id>/preview", allows=decides, again=_form_again)
def preview_tariff(session: Any, person: Any, venue_id: int) -> Any:
    """What the typed version would touch; nothing is saved."""
    typed = MultiDict(
        (name, value) for name, value in request.form.items(multi=True) if not _dropped(name)
    )  # rows ticked to go are gone
    data = load_form(shapes.TariffIn, typed)
    try:
        found = _previewed(session, person, venue_id, data)
    except Invalid as refused:
        raise _at_rows(refused, typed) from refused
    return _preview(found, data)


def _preview_again(session: Any, person: Any, venue_id: int) -> Any:
    """After a refusal: the preview as it is now, or the form if the version itself no longer stands."""
    data = load_json(shapes.TariffIn, _document(request.form.get("document", "")))
    try:
        return _preview(_previewed(session, person, venue_id, data), data)
    except Invalid as refused:
        place = availability.venue(session, venue_id, by_slots=True)
        return _form(session, place, _typed(_document(request.form["document"])), _pairs(refused))


@pages.post("/tariffs/<int:venue_id>/save", allows=decides, again=_preview_again)
def save_tariff(session: Any, person: Any, venue_id: int) -> Any:
    """Save what was previewed."""
    told = load_form(shapes.SaveForm, request.form)
    data = load_json(shapes.TariffIn, _document(request.form.get("document", "")))
    row = tariff_versions.save(
        session, person, now(), venue_id=venue_id, effective_from=data["effective_from"], data=_parts(data),
        note=data["note"], **told,
    )  # fmt: skip
    flash(Words("已存為版本 {v}。", "Saved as version {v}.").fill(v=row.version))
    return redirect_to(".show_tariff", venue_id=venue_id)


def _tariff_again(session: Any, person: Any, venue_id: int, tariff_id: int) -> Any:
    return show_tariff(session, person, venue_id)


@pages.post("/tariffs/<int:venue_id>/<int:tariff_id>/withdraw", allows=decides, again=_tariff_again)
def withdraw_tariff(session: Any, person: Any, venue_id: int, tariff_id: int) -> Any:
    """Take back a version still to come."""
    told = load_form(shapes.WithdrawTariff, request.form)
    kept = tariff_versions.withdraw(session, person, now(), venue_id=venue_id, tariff_id=tariff_id, **told)
    flash(Words("已撤回版本 {v}。", "Version {v} is withdrawn.").fill(v=kept.version))
    return redirect_to(".show_tariff", venue_id=venue_id)


# ── What was typed ───────────────────────────────────────────────────────────


def _typed(document: dict[str, Any]) -> MultiDict[str, str]:
    return MultiDict(fields({name: value for name, value in document.items() if name != "shown"}))


def _dropped(name: str) -> bool:
    found = re.match(r"(rates|waivers)\.([0-9]{1,3})\.", name)
    return bool(found and request.form.get(f"{found[1]}.{found[2]}.drop"))


def _numbers(values: MultiDict[str, str], path: str) -> list[int]:
    """The rows of a list in which anything is typed."""
    rows = {
        int(found[1])
        for name, value in values.items(multi=True)
        if value.strip() and (found := re.match(re.escape(path) + r"\.([0-9]{1,3})\.", name))
    }
    return sorted(rows)


def _at_rows(refused: Invalid, typed: MultiDict[str, str]) -> Invalid:
    """The same faults at the rows that were typed: rows left blank or ticked to go do not count in the version."""
    out = []
    for each in refused.errors:
        found = re.match(r"(rates|waivers|refunds\.steps)\.([0-9]+)(.*)", each.field)
        if found:
            rows = _numbers(typed, found[1])
            at = rows[int(found[2])] if int(found[2]) < len(rows) else int(found[2])
            out.append(FieldError(f"{found[1]}.{at}{found[3] or FIRST_FIELD[found[1]]}", each.words))
        else:
            out.append(each)
    return Invalid.many(out)


def _pairs(refused: Invalid) -> list[tuple[str, Words]]:
    return [(each.field, each.words) for each in refused.errors]


def _file() -> str:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(Words("請選擇檔案", "Choose a file"), field="file")
    sent.stream.seek(0)  # a transaction tried again reads it once more
    raw = sent.stream.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise Invalid(Words("檔案太大", "The file is too large"), field="file")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(NOT_A_TARIFF, field="file") from None


def _document(text: str) -> dict[str, Any]:
    """A version out of JSON, in the shape that `load_json` takes. Raises Invalid (field `file`)."""
    try:
        told = json.loads(text)
        load_json(shapes.TariffIn, told)
    except (ValueError, RecursionError):
        raise Invalid(NOT_A_TARIFF, field="file") from None
    except Invalid as refused:
        first = refused.errors[0]
        words = Words("{at}：{what}", "{at}: {what}").fill(at=first.field, what=first.words)
        raise Invalid(words, field="file") from refused
    checked: dict[str, Any] = told
    return checked


def _parts(data: dict[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in ("rates", "waivers", "refunds", "pay", "applying")}


# ── What the pages show ──────────────────────────────────────────────────────


def _previewed(session: Any, person: Any, venue_id: int, data: dict[str, Any]) -> tariff_versions.Preview:
    return tariff_versions.preview(
        session, person, now(), venue_id=venue_id, effective_from=data["effective_from"], data=_parts(data)
    )


def _preview(found: tariff_versions.Preview, data: dict[str, Any]) -> Any:
    document = {"effective_from": f"{data['effective_from']}", "note": data["note"], **flat(found.tariff)}
    return render(
        "venues/tariff_preview.html", place=found.venue, found=found, note=data["note"], statuses=vocabulary,
        document=json.dumps(document, ensure_ascii=False), **_words(found.venue),
    )  # fmt: skip


def _form(session: Any, place: Venue, values: MultiDict[str, str], errors: Any = ()) -> Any:
    g.form = Form(values, [FieldError(field, words) for field, words in errors])
    rows = {}
    for path, blanks in BLANKS.items():
        numbers = _numbers(values, path)
        after = numbers[-1] + 1 if numbers else 0
        rows[path] = [*numbers, *range(after, after + blanks)]
    pers = sorted({per for counted in COUNTED_BY.values() for per in counted}, key=list(PER_WORDS).index)
    return render(
        "venues/tariff_edit.html", place=place, rows=rows, day=today(now()), kinds=KIND_WORDS, pers=[(per, PER_WORDS[per]) for per in pers],
        days=DAY_WORDS, events=vocabulary.EVENT_KINDS, classes=vocabulary.CLASSES, causes=vocabulary.CAUSES,
        windows=[(kind, words.fill(opens="N", closes="M")) for kind, words in WINDOW_WORDS.items()], limits=LIMITS,
        limit_rules=LIMIT_RULES, pay_kinds=[(kind, words.fill(n="N")) for kind, words in PAY_WORDS.items()],
        equipment=equipment.kinds(session),
        typed={path: set(_numbers(values, path)) for path in BLANKS},
    )  # fmt: skip


def _words(place: Venue) -> dict[str, Any]:
    """What the tables of rates need to speak."""
    names = {
        "parts": {part.code: Words(part.name, part.name_en) for part in place.parts},
        "events": vocabulary.EVENT_KINDS,
        "classes": vocabulary.CLASSES,
        "slots": {slot.code: slot.label for slot in place.plan},
    }
    return {
        "what": what,
        "class_words": vocabulary.CLASSES,
        "per_words": PER_WORDS,
        "conditions": lambda when: conditions(when, names),
        "less": lambda waiver: less(waiver, names),
    }
