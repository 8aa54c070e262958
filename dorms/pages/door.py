"""The blueprint of dorms' pages, who may come, and what its pages share."""

from collections.abc import Iterable
from typing import Any

from flask import g, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from common.identity import Person
from common.web import Pages, database, has_role, now
from common.web.pages import Form
from dorms import applications

pages = Pages("dorms")

STAFF = ("staff", "officer", "supervisor", "dispatcher", "driver", "venue_officer", "dorm_officer")
staff = has_role(*STAFF)
officers = has_role("dorm_officer")


def show_typed(errors: Iterable[Any] = (), **usual: str) -> None:
    """Let the page show what the present form sent, with what is wrong with it; `usual` fills what it did not ask."""
    values: MultiDict[str, str] = MultiDict(request.form)
    for name, value in usual.items():
        values.setdefault(name, value)
    g.form = Form(values, list(errors))


def note_look(person: Person, subject: str, what: str) -> None:
    """Write down, in a transaction of its own, that an officer looks at personal data: pages themselves only read."""
    at = now()

    def write(session: Session) -> None:
        applications.note_look(session, person, at, subject, what)

    database().transact(write)
