"""The point tables: their versions, and an administrator's next one, looked at before it is saved."""

from decimal import Decimal as Number
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import today
from common.schemas import Choice, Decimal, Schema, load_form
from common.web import flash, form_data, has_role, now, redirect_to, render, signed_in
from common.words import Words
from dorms import point_tables, points
from dorms import vocabulary as say
from dorms.models import PointTable
from dorms.pages.door import pages, show_typed
from dorms.schemas import tables

keepers = has_role(*point_tables.KEEPERS)
SEPARATOR = "__"


@pages.get("/point-tables", allows=signed_in)
def show_tables(session: Session, person: Person) -> Any:
    """Every version of one kind's table; the form for the next one for administrators."""
    return _shown(session, person)


@pages.post("/point-tables/preview", allows=keepers, again=show_tables)
def preview_table(session: Session, person: Person) -> Any:
    """What the typed amounts would change, with everything typed in its place."""
    kind, amounts = _typed(session)
    changes = point_tables.preview(session, person, room_kind=kind, amounts=amounts)
    show_typed()
    return _shown(session, person, changes=changes)


@pages.post("/point-tables", allows=keepers, again=show_tables)
def save_table(session: Session, person: Person) -> Any:
    """Put the next version in force from its day on."""
    kind, amounts = _typed(session)
    data = form_data(_Version)
    table = point_tables.save(session, person, now(), room_kind=kind, amounts=amounts, **data)
    words = Words(
        "已存 {version}，{since} 起公告的配借適用。", "{version} saved: rounds announced from {since} use it."
    )
    flash(words.fill(version=table.version, since=table.since))
    return redirect_to(".show_tables", kind=kind)


class _Version(Schema):
    """What the form asks beside the amounts."""

    version, since, note, note_en, sample = (
        tables.SavePointTable().load_fields[name] for name in ("version", "since", "note", "note_en", "sample")
    )


class _Kind(Schema):
    room_kind = Choice(say.ROOM_KINDS, required=True, metadata={"label": Words("宿舍種類", "Kind of room")})


def _typed(session: Session) -> tuple[str, dict[str, dict[str, Number]]]:
    """The kind, and every amount of its latest table as typed."""
    kind = load_form(_Kind, request.form)["room_kind"]
    boxes: dict[str, Any] = {
        _box(code, name): Decimal(
            required=True,
            max=999,
            metadata={"label": Words("{item}：{amount}", "{item}: {amount}").fill(item=label, amount=words)},
        )
        for code, label, name, words, _ in _amounts(point_tables.versions(session, kind)[0])
    }
    found: dict[str, dict[str, Number]] = {}
    for box, amount in load_form(Schema.from_dict(boxes, name="Amounts"), request.form).items():
        code, name = box.split(SEPARATOR)
        found.setdefault(code, {})[name] = amount
    return kind, found


def _box(code: str, name: str) -> str:
    return f"{code}{SEPARATOR}{name}"


def _amounts(table: PointTable) -> list[tuple[str, Words, str, Words, str]]:
    """Every amount of a table: item, its label, name, its words, value."""
    return [
        (item.code, Words(item.label, item.label_en), name, point_tables.AMOUNT_WORDS[name], str(value))
        for item in table.items
        for name, value in item.parameters.items()
    ]


def _shown(session: Session, person: Person, changes: list[point_tables.Change] | None = None) -> Any:
    kind = request.values.get("room_kind") or request.args.get("kind") or say.SINGLE
    kind = kind if kind in say.ROOM_KINDS else say.SINGLE
    versions = point_tables.versions(session, kind)
    return render(
        "dorms/point_tables.html",
        say=say,
        kind=kind,
        versions=[(each, _amounts(each)) for each in versions],
        latest=[(_box(code, name), label, words, value) for code, label, name, words, value in _amounts(versions[0])],
        keeper=person.has(*point_tables.KEEPERS),
        today=today(now()),
        changes=changes,
        plain=points.plain,
    )
