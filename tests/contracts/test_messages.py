"""Senders and readers keep to the same facts, and the catalogue says what the code does.

`samples/` holds one envelope of each type as it once travelled. They are never rewritten: a log may still hold such facts,
and whoever reads them must be able to. A new fact gets a new sample.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from marshmallow import fields
from sqlalchemy import select

from common.inbox import Listener, received
from common.messages import Fact, Outbox
from services import catalogue
from tests.contracts.city import HOUSE, City

ROOT = Path(__file__).parents[2]
SAMPLES = Path(__file__).parent / "samples"
FACTS: dict[str, type[Fact]] = {fact.type: fact for service in HOUSE.values() for fact in service.facts}
HEARD = [
    pytest.param(kind, listener, id=f"{service.name}-{kind}-{listener.handle.__name__}")
    for service in HOUSE.values()
    for kind, heard in service.listeners.by_type.items()
    for listener in heard
]
ENVELOPE = {
    "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "seq", "epoch", "traceparent", "data",
}  # fmt: skip


def every_fact(kind: type[Fact] = Fact) -> Iterator[type[Fact]]:
    """All facts there are, declared by a service or not."""
    for sub in kind.__subclasses__():
        if "type" in vars(sub) and not sub.__module__.startswith("tests"):
            yield sub
        yield from every_fact(sub)


def same_kind(read: fields.Field, told: fields.Field) -> bool:
    """Whether a reader takes a field as what it is: an id may be read as a number, an instant must be aware."""
    if isinstance(told, fields.List):
        return isinstance(read, fields.List) and same_kind(read.inner, told.inner)
    if type(told) is fields.DateTime:
        return isinstance(read, fields.AwareDateTime)
    if type(told) is fields.String:
        return type(read) in (fields.String, fields.Integer)
    return type(read) is type(told)


def sample(kind: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((SAMPLES / f"{kind}.json").read_text())
    return told


def names_used(path: Path) -> set[str]:
    """The names that a module's code uses, its imports and class statements aside."""
    return {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name | ast.Attribute)
    }


def test_the_catalogue_is_what_the_code_says():
    assert (ROOT / "docs/messages.md").read_text() == catalogue.document(list(HOUSE.values())), (
        "`make docs` makes it anew"
    )


def test_every_fact_is_declared_by_its_sender_and_carries_its_name():
    assert {fact.type for fact in every_fact()} == FACTS.keys()
    for service in HOUSE.values():
        assert {fact.type.split(".")[0] for fact in service.facts} <= {service.name}


@pytest.mark.parametrize("kind", FACTS)
def test_a_fact_explains_itself(kind):
    fact = FACTS[kind]
    assert (fact.__doc__ or "").strip() and fact.__doc__ != Fact.__doc__
    assert [name for name, field in fact().fields.items() if not field.metadata.get("description")] == []


@pytest.mark.parametrize("kind", FACTS)
def test_a_fact_is_told_somewhere(kind):
    """Its class is used in its sender's code, beyond the list of facts."""
    fact = FACTS[kind]
    home = ROOT.joinpath(*fact.__module__.split(".")[:-1])
    told = [
        path
        for path in home.rglob("*.py")
        if fact.__name__ in names_used(path)
        and (path.name != "messages.py" or path.read_text().count(fact.__name__) > 2)
    ]
    assert told != []


@pytest.mark.parametrize(("kind", "listener"), HEARD)
def test_what_is_listened_to_exists(kind, listener):
    assert kind in FACTS
    assert (listener.handle.__doc__ or "").strip(), "the catalogue tells what a reader does by its docstring"


@pytest.mark.parametrize(("kind", "listener"), HEARD)
def test_a_reader_reads_a_part_of_the_fact(kind, listener):
    told = FACTS[kind]().fields
    for name, field in listener.part().fields.items():
        if name not in told:
            assert not field.required, f"{name} is read but not told"
            assert any(name in FACTS[each]().fields for each in kinds_of(listener)), f"{name} is told by nobody"
            continue
        assert same_kind(field, told[name]), f"{name}: {type(field).__name__} is no {type(told[name]).__name__}"
        assert told[name].required or not field.required, f"{name} may be absent"
        assert field.allow_none or not told[name].allow_none, f"{name} may be null"


def kinds_of(listener: Listener) -> list[str]:
    """The facts that are read with the same part."""
    return [each.values[0] for each in HEARD if each.values[1].part is listener.part]


@pytest.mark.parametrize("kind", FACTS)
def test_a_stored_fact_still_fits_its_declaration(kind):
    told = sample(kind)
    assert told.keys() == ENVELOPE
    assert (told["source"], told["type"]) == (kind.split(".")[0], kind)
    assert FACTS[kind]().validate(told["data"]) == {}


@pytest.mark.parametrize(("kind", "listener"), HEARD)
def test_a_stored_fact_is_still_read(kind, listener):
    assert received(listener.part, sample(kind)).type == kind


def test_there_are_no_samples_of_unknown_facts():
    assert {path.stem for path in SAMPLES.glob("*.json")} == FACTS.keys()


def test_what_the_city_told_is_in_the_catalogue_and_was_read_by_all(city: City):
    """Every fact of several weeks fits its declaration; spreading them ran every reader's handlers (see `City.spread`)."""
    told: set[str] = set()
    for name, database in city.databases.items():
        with database.reading() as session:
            for row in session.scalars(select(Outbox)):
                assert FACTS[row.type].type.startswith(f"{name}.")
                assert FACTS[row.type]().validate(row.data) == {}, row.type
                told.add(row.type)
    assert len(told) > len(FACTS) / 2
