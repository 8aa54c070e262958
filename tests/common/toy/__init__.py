"""A small service of the tests' own: things with a title and a count, and a door of every kind."""

from datetime import datetime
from typing import Any

from flask import Response, request
from marshmallow import fields
from sqlalchemy import String, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from common import audit, db
from common.db import BigId, Revised, for_update
from common.errors import Conflict, NotFound
from common.messages import Fact
from common.schemas import Id, Integer, List, Nested, PageQuery, Schema, page_of
from common.schemas import String as Text
from common.service import Service
from common.web import Api, Pages, anyone, flash, form_data, has_role, now, paged, redirect_to, render, signed_in
from common.words import Words


class Base(DeclarativeBase):
    """Rows of the toy's own database."""

    metadata = db.new_metadata()
    type_annotation_map = db.COLUMN_TYPES


class Thing(Revised, Base):
    """Something with a count."""

    __tablename__ = "thing"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(String(80), default="")
    count: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime | None]


class ThingMade(Fact):
    """A thing was made."""

    type = "toy.thing_made.v1"
    thing_id = fields.String(required=True, metadata={"description": "which"})
    title = fields.String(required=True, metadata={"description": "what it is called"})
    at = fields.DateTime(metadata={"description": "when it is wanted"})


class Note(Schema):
    title = Text(required=True, max_length=20, metadata={"label": Words("標題", "Title")})
    body = Text(lines=True, max_length=2000, load_default="", metadata={"label": Words("內容", "Body")})
    count = Integer(min=0, max=9, load_default=0, metadata={"label": Words("數量", "Count")})


class PartIn(Schema):
    size = Integer(min=1, required=True)


class ThingIn(Schema):
    title = Text(required=True, max_length=80)
    count = Integer(load_default=0)
    parts = List(Nested(PartIn), load_default=list)


class ThingChange(Schema):
    title = Text(required=True)
    rev = Integer(load_default=None)


class ThingOut(Schema):
    id = Id()
    rev = Integer()
    title = Text()
    count = Integer()


class TitleTaken(Conflict):
    """Another thing has this title."""

    words = Words("這個標題已經有人用了。", "That title is taken.")


pages = Pages("toy")
api = Api("toy")


@pages.get("/hello", allows=anyone)
def hello(session: Session, person: Any) -> Response:
    return render("toy/words.html", words=f"{request.remote_addr} {person.username if person else '-'}")


@pages.get("/mine", allows=signed_in)
def mine(session: Session, person: Any) -> Response:
    return render("toy/words.html", words=person.username)


@pages.get("/desk", allows=has_role("admin"))
def desk(session: Session, person: Any) -> Response:
    return render("toy/words.html", words="the desk")


@pages.post("/desk", allows=has_role("admin"), again=desk)
def act_at_desk(session: Session, person: Any) -> Response:
    session.add(Thing(title="by an administrator"))
    return redirect_to(".desk")


@pages.get("/write", allows=signed_in)
def show_form(session: Session, person: Any) -> Response:
    return render("toy/form.html")


@pages.post("/write", allows=signed_in, again=show_form)
def write(session: Session, person: Any) -> Response:
    data = form_data(Note)
    thing = Thing(title=data["title"], count=data["count"])
    session.add(thing)
    session.flush()
    audit.record(session, person, "write", f"thing/{thing.id}", now())
    if session.scalar(select(func.count()).where(Thing.title == data["title"])) > 1:
        raise TitleTaken
    flash(Words("已送出", "Sent"))
    return redirect_to(".mine")


@pages.post("/bare-act", allows=signed_in)
def act_without_a_page(session: Session, person: Any) -> Response:
    raise TitleTaken


@pages.get("/breaks", allows=anyone)
def show_broken(session: Session, person: Any) -> Response:
    raise RuntimeError("secret inside: /var/lib/toy")


@pages.post("/breaks", allows=anyone)
def break_down(session: Session, person: Any) -> Response:
    session.add(Thing(title="half done"))
    session.flush()
    raise RuntimeError("secret inside: /var/lib/toy")


@pages.get("/things/<int:thing_id>", allows=signed_in)
def show_thing(session: Session, person: Any, thing_id: int) -> Response:
    return render("toy/words.html", words=found(session, thing_id).title)


@api.post("/things", "makeThing", takes=ThingIn, gives=ThingOut, status=201, allows=has_role("officer"))
def make_thing(session: Session, person: Any, data: dict[str, Any]) -> Thing:
    """Make a thing."""
    thing = Thing(title=data["title"], count=data["count"])
    session.add(thing)
    session.flush()
    return thing


@api.post("/secrets", "makeSecret", takes=ThingIn, gives=ThingOut, status=201, allows=signed_in, secret=True)
def make_secret(session: Session, person: Any, data: dict[str, Any]) -> Thing:
    """Make a thing whose answer is shown once."""
    return make_thing(session, person, data)


@api.get("/things", "listThings", query=PageQuery, gives=page_of(ThingOut), allows=signed_in)
def list_things(session: Session, person: Any, query: dict[str, Any]) -> dict[str, Any]:
    """All things, newest first."""
    return paged(session, select(Thing), query, Thing.id)


@api.get("/things/<int:thing_id>", "getThing", gives=ThingOut, allows=signed_in)
def get_thing(session: Session, person: Any, thing_id: int) -> Thing:
    """One thing."""
    return found(session, thing_id)


@api.patch("/things/<int:thing_id>", "changeThing", takes=ThingChange, gives=ThingOut, allows=has_role("officer"))
def change_thing(session: Session, person: Any, data: dict[str, Any], thing_id: int) -> Thing:
    """Give a thing another title."""
    thing = found(session, thing_id, **for_update(session))
    thing.expect(data["rev"])
    thing.title = data["title"]
    session.flush()
    return thing


@api.delete("/things/<int:thing_id>", "dropThing", allows=has_role("admin"))
def drop_thing(session: Session, person: Any, thing_id: int) -> None:
    """Take a thing away."""
    session.delete(found(session, thing_id))


@api.get("/breaks", "breakDown", gives=ThingOut, allows=anyone)
def break_api(session: Session, person: Any) -> Thing:
    """Fail."""
    raise RuntimeError("secret inside: /var/lib/toy")


def found(session: Session, thing_id: int, **options: Any) -> Thing:
    thing = session.get(Thing, thing_id, **options)
    if thing is None:
        raise NotFound
    return thing


SERVICE = Service(
    name="toy",
    title=Words("玩具", "Toy"),
    metadata=Base.metadata,
    migrations="tests/common/toy/migrations",
    facts=(ThingMade,),
    blueprints=(pages, api),
)
