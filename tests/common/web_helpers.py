"""What tests of doors ask of answers and of the toy's database."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from common.db import Database
from tests.common.toy import Thing
from tests.conftest import PersonAtWork

Open = Callable[..., PersonAtWork]


class Inputs(HTMLParser):
    """The fields of a page's forms, by name, with what stands in them."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._area: str | None = None
        self._text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "input" and told.get("name"):
            self.found.append((str(told["name"]), told.get("value") or ""))
        elif tag == "textarea":
            self._area, self._text = str(told.get("name")), ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            self.found.append((self._area, self._text.removeprefix("\n")))
            self._area = None

    def of(self, name: str) -> list[str]:
        return [value for key, value in self.found if key == name]


def typed(answer: TestResponse) -> Inputs:
    return Inputs(answer.text)


def titles(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Thing.title).order_by(Thing.id)))


def make_thing(database: Database, title: str = "t") -> int:
    def work(session: Any) -> int:
        thing = Thing(title=title)
        session.add(thing)
        session.flush()
        return thing.id

    return database.transact(work)


def assert_problem(answer: TestResponse, status: int, slug: str | None = None) -> dict[str, Any]:
    assert answer.status_code == status, answer.text[:300]
    assert answer.mimetype == "application/problem+json"
    told: dict[str, Any] = answer.get_json(force=True)
    assert set(told) - {"current"} == {"type", "title", "status", "detail", "instance", "errors"}
    assert told["status"] == status and told["title"] and told["detail"] and told["instance"]
    if slug:
        assert told["type"] == f"urn:citykeys:problem:{slug}"
    return told


def fields_of(answer: TestResponse) -> list[str]:
    return [each["field"] for each in assert_problem(answer, 422, "invalid")["errors"]]
