"""A weekly duty: choose weekdays and the last date, see what is free on each, settle every date, then send all or none."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from common.errors import FieldError, Invalid
from common.identity import Person
from common.period import local, taipei
from common.schemas import load_form
from common.web import flash, form_data, now, redirect_to, render
from common.words import Words
from fleet import rules, series, trips
from fleet.models.trip import BEFORE_LEAVING
from fleet.pages.asking import FIRST, SECOND, asked
from fleet.pages.door import insiders, pages, placed, requesters, show_typed, supervisors
from fleet.pages.forms import TripForm
from fleet.schemas.lifecycle import CancelSeries, ReturnSeries
from fleet.series import Occurrence
from fleet.terms import KINDS

NAMES = (*FIRST, *SECOND)
SKIP = Words("略過這一天", "Leave this date out")


@pages.get("/request/series", allows=requesters)
def ask_series(session: Session, person: Person) -> Any:
    """The dates of a series to be, with what is free on each."""
    return _page(session, person, MultiDict(request.args), ())


def ask_series_again(session: Session, person: Person) -> Any:
    """After a refusal: what is free now, everything chosen still there where it still can be."""
    return _page(session, person, MultiDict(request.form), None)


@pages.post("/request/series", allows=requesters, again=ask_series_again)
def send_series(session: Session, person: Person) -> Any:
    """Send all dates that are not left out, or none."""
    wanted = asked(load_form(TripForm, _answers(request.form)))
    chosen = [one for one in map(_chosen, _days_typed(request.form)) if one is not None]
    try:
        made = series.send(
            session,
            person,
            now(),
            weekdays=_weekdays(request.form),
            last_on=_last_on(request.form),
            dates=chosen,
            **wanted,
        )
    except Invalid as refused:
        raise placed(refused) from refused
    flash(
        Words(
            "已送出 {n} 趟，每一趟都已保留車輛。主管可以一次核可。", "Sent {n} trips, each with a car promised."
        ).fill(n=len(made.trips))
    )
    return redirect_to(".show_series", series_id=made.id)


@pages.get("/series/<int:series_id>", allows=insiders)
def show_series(session: Session, person: Person, series_id: int) -> Any:
    """A series: every date with its state, and what can be done with all of them at once."""
    found = series.get(session, person, series_id)
    coming = [trip for trip in found.trips if trip.status in BEFORE_LEAVING and trip.starts_at > now()]
    own = person.id == found.requester_id or (person.has("supervisor") and person.agency_id == found.agency_id)
    return render(
        "fleet/series.html", series=found, coming=coming, weekdays_chosen=[series.WEEKDAYS[n] for n in found.weekdays],
        may_decide=any(trip.can("approve", person) for trip in found.trips), may_cancel=own and bool(coming),
    )  # fmt: skip


@pages.post("/series/<int:series_id>/approve", allows=supervisors, again=show_series)
def approve_series(session: Session, person: Person, series_id: int) -> Any:
    """Approve every date that waits for it."""
    done = series.approve(session, person, now(), series.get(session, person, series_id))
    flash(Words("已核可 {n} 趟，調度會派車。", "Approved {n} trips; Fleet will assign cars.").fill(n=len(done)))
    return redirect_to(".show_series", series_id=series_id)


@pages.post("/series/<int:series_id>/return", allows=supervisors, again=show_series)
def return_series(session: Session, person: Person, series_id: int) -> Any:
    """Send every undecided date back."""
    found = series.get(session, person, series_id)
    done = series.return_(session, person, now(), found, **form_data(ReturnSeries))
    flash(
        Words("已退回 {n} 趟，申請人會收到原因。", "Sent back {n} trips; the applicant is told why.").fill(n=len(done))
    )
    return redirect_to(".show_series", series_id=series_id)


@pages.post("/series/<int:series_id>/cancel", allows=requesters, again=show_series)
def cancel_series(session: Session, person: Person, series_id: int) -> Any:
    """Call off every date that has not left."""
    found = series.get(session, person, series_id)
    done = series.cancel(session, person, now(), found, **form_data(CancelSeries))
    flash(
        Words("已取消 {n} 趟，相關的人都會收到通知。", "Cancelled {n} trips; all concerned are told.").fill(n=len(done))
    )
    return redirect_to(".show_series", series_id=series_id)


# --- the form ------------------------------------------------------------------------------------------------------


def _page(session: Session, person: Person, values: MultiDict[str, str], errors: Any) -> Any:
    """The page for what was typed; `errors` None keeps those the refusal brought."""
    faults = list(errors or ())
    found: list[Occurrence] = []
    try:
        wanted = asked(load_form(TripForm, _answers(values)))
    except Invalid:
        return redirect_to(".check_answers", **_carried(values))
    chosen = _weekdays(values) or [local(wanted["starts_at"]).weekday()]
    last_on = _last_on(values) or local(wanted["starts_at"]).date() + timedelta(days=28)
    if values.get("show") or values.get("last_on"):
        try:
            found = series.preview(
                session, person, now(), weekdays=chosen, last_on=last_on, without=_struck_off(values), **wanted
            )
        except Invalid as refused:
            faults += placed(refused).errors
    if errors is not None:
        show_typed(values, faults)
    page = render(
        "fleet/ask_series.html", wanted=wanted, found=found, choices=[(each, _choices(each, values)) for each in found],
        weekdays_all=list(enumerate(series.WEEKDAYS)), chosen=chosen, last_on=last_on, without=values.get("without", ""),
        carried=list(_carried(values).items()), free=sum(each.free for each in found),
        most=rules.in_force(session, now())["dispatch.series_dates"], day_words=series.day_words,
        check_url=url_for(".check_answers", **_carried(values)),
        km=trips.estimate_km(session, wanted["destination"], wanted["round_trip"], now()),
    )  # fmt: skip
    page.status_code = 422 if faults else page.status_code
    return page


def _choices(each: Occurrence, values: Mapping[str, str]) -> list[tuple[str, Words, bool]]:
    """What may be done with one date: value, words, whether it is chosen."""
    out: list[tuple[str, Words]] = []
    if each.free:
        out.append(("send", Words("送出", "Send")))
    if each.later:
        start, end = local(each.later.starts_at), local(each.later.ends_at)
        words = Words("改成 {time}", "Use {time}").fill(time=f"{start:%H:%M}–{end:%H:%M}")
        if end.date() == start.date():
            out.append((f"at {start:%H:%M} {end:%H:%M}", words))
    if each.other_kind:
        out.append(
            (f"kind {each.other_kind}", Words("改用{kind}", "Use a {kind}").fill(kind=KINDS[each.other_kind].words))
        )
    out.append(("skip", SKIP))
    typed = values.get(f"on-{each.day}")
    kept = typed if typed in {value for value, _ in out} else ("send" if each.free else "skip")
    return [(value, words, value == kept) for value, words in out]


def _carried(values: Mapping[str, str]) -> dict[str, Any]:
    return {name: values[name] for name in NAMES if values.get(name)}


def _answers(values: Mapping[str, str]) -> MultiDict[str, str]:
    return MultiDict({name: values[name] for name in NAMES if name in values})


def _weekdays(values: MultiDict[str, str]) -> list[int]:
    return sorted(
        {int(each) for each in values.getlist("weekday") if each.isascii() and each.isdecimal() and int(each) < 7}
    )


def _last_on(values: Mapping[str, str]) -> Any:
    return _day(values.get("last_on", ""))


def _struck_off(values: Mapping[str, str]) -> list[date]:
    """The dates typed into the box of exceptions, whatever stands between them; what is no date is passed over."""
    words = values.get("without", "").replace(",", " ").replace("、", " ").split()
    return [day for day in map(_day, words) if day is not None]


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None
    return day if 1991 <= day.year <= 2190 else None


def _days_typed(values: Mapping[str, str]) -> list[tuple[date, str]]:
    found = [(_day(name[3:]), value) for name, value in values.items() if name.startswith("on-")]
    return [(day, value) for day, value in found if day is not None]


def _chosen(typed: tuple[date, str]) -> dict[str, Any] | None:
    """One date as `series.send` takes it; None where it is left out. Raises Invalid for what no list offered."""
    day, value = typed
    kind, *rest = value.split()[:3] or ["skip"]
    if kind == "skip":
        return None
    if kind == "send":
        return {"date": day}
    if kind == "kind" and rest and rest[0] in KINDS:
        return {"date": day, "vehicle_kind": rest[0]}
    if kind == "at" and len(rest) == 2:
        try:
            return {"date": day, "starts_at": taipei(day, rest[0]), "ends_at": taipei(day, rest[1])}
        except ValueError:
            pass
    raise Invalid.many([FieldError(f"on-{day}", Words("請從清單選擇", "Choose from the list"))])
