"""Stock for the officer: houses, rooms, beds, a room's story and its next state; the figures over the years, as files too."""

from typing import Any

from sqlalchemy.orm import Session

from common.export import CSV_TYPE, ODS_TYPE, csv_bytes, ods_bytes
from common.identity import Person
from common.period import today
from common.web import flash, form_data, now, redirect_to, render, signed_in
from common.web.attachments import attachment
from common.words import Words
from dorms import occupancy, stock
from dorms import vocabulary as say
from dorms.pages.door import officers, pages
from dorms.schemas import files as shapes

STATES = [(code, say.ROOM_STATES[code]) for code in stock.CHANGEABLE]
KINDS = list(say.ROOM_KINDS.items())


@pages.get("/stock", allows=officers)
def show_stock(session: Session, person: Person) -> Any:
    """Every house with its rooms, and the forms to add one."""
    houses = [
        (house, occupancy.count(session, today(now()), house.id), occupancy.all_rooms(session, house.id))
        for house in occupancy.buildings(session)
    ]
    return render("dorms/stock.html", say=say, houses=houses, kinds=KINDS, states=STATES, day=today(now()))


@pages.post("/stock/buildings", allows=officers, again=show_stock)
def add_building(session: Session, person: Person) -> Any:
    """Put a house on the register."""
    row = stock.add_building(session, person, now(), **form_data(shapes.NewBuildingForm))
    flash(Words("已建立{name}。", "{name} added.").fill(name=row.words))
    return redirect_to(".show_building", building_id=row.id)


@pages.get("/stock/buildings/<building_id>", allows=officers)
def show_building(session: Session, person: Person, building_id: str) -> Any:
    """One house: what is known of it, its rooms, and the form for one more."""
    house = stock.find_building(session, building_id)
    rooms = occupancy.all_rooms(session, house.id)
    return render("dorms/stock_building.html", say=say, house=house, rooms=rooms, kinds=KINDS, states=STATES)


@pages.post("/stock/buildings/<building_id>", allows=officers, again=show_building)
def change_building(session: Session, person: Person, building_id: str) -> Any:
    """Change a house's name or place."""
    stock.change_building(session, person, now(), building_id, **form_data(shapes.BuildingForm))
    flash(Words("已更新。", "Changed."))
    return redirect_to(".show_building", building_id=building_id)


@pages.post("/stock/buildings/<building_id>/rooms", allows=officers, again=show_building)
def add_room(session: Session, person: Person, building_id: str) -> Any:
    """Put a room on the register."""
    stock.find_building(session, building_id)
    room = stock.add_room(session, person, now(), building_id=building_id, **form_data(shapes.NewRoomForm))
    flash(Words("已建立 {room}。", "{room} added.").fill(room=room.words))
    return redirect_to(".show_stock_room", room_id=room.id)


@pages.get("/stock/rooms/<int:room_id>", allows=officers)
def show_stock_room(session: Session, person: Person, room_id: int) -> Any:
    """A room: its story with reasons, its beds, and what can be changed."""
    room = occupancy.find_room(session, room_id)
    return render(
        "dorms/stock_room.html",
        say=say,
        room=room,
        story=stock.story(room),
        beds=stock.beds_tonight(session, room, now()),
        kinds=KINDS,
        states=[(code, words) for code, words in STATES if code != room.state],
        day=today(now()),
        most=len(stock.LABELS),
    )


@pages.post("/stock/rooms/<int:room_id>", allows=officers, again=show_stock_room)
def change_room(session: Session, person: Person, room_id: int) -> Any:
    """Change what is known of a room."""
    stock.change_room(session, person, now(), room_id, **form_data(shapes.RoomForm))
    flash(Words("已更新。", "Changed."))
    return redirect_to(".show_stock_room", room_id=room_id)


@pages.post("/stock/rooms/<int:room_id>/state", allows=officers, again=show_stock_room)
def change_room_state(session: Session, person: Person, room_id: int) -> Any:
    """Close it, put it in repair, or back."""
    room = stock.set_state(session, person, now(), room_id, **form_data(shapes.ChangeRoomState))
    words = Words("{room} 現在是「{state}」。", "{room} is now “{state}”.")
    flash(words.fill(room=room.words, state=say.ROOM_STATES[room.state or say.CLOSED]))
    return redirect_to(".show_stock_room", room_id=room_id)


@pages.post("/stock/rooms/<int:room_id>/beds", allows=officers, again=show_stock_room)
def add_bed(session: Session, person: Person, room_id: int) -> Any:
    """One more bed."""
    bed = stock.add_bed(session, person, now(), room_id)
    flash(Words("已增加 {label} 床。", "Bed {label} added.").fill(label=bed.label))
    return redirect_to(".show_stock_room", room_id=room_id)


def _its_room(session: Session, person: Person, room_id: int, bed_id: int) -> Any:
    return show_stock_room(session, person, room_id)


@pages.post("/stock/rooms/<int:room_id>/beds/<int:bed_id>/remove", allows=officers, again=_its_room)
def remove_bed(session: Session, person: Person, room_id: int, bed_id: int) -> Any:
    """One bed fewer, when nobody ever had it."""
    stock.remove_bed(session, person, now(), room_id, bed_id)
    flash(Words("已移除這一床。", "The bed is gone."))
    return redirect_to(".show_stock_room", room_id=room_id)


@pages.get("/rooms/years", allows=signed_in)
def show_years(session: Session, person: Person) -> Any:
    """The figures at the end of every half-year (D-47)."""
    return render("dorms/years.html", say=say, counts=stock.over_time(session, now()))


@pages.get("/rooms/years.<any(csv,ods):form>", allows=signed_in)
def download_years(session: Session, person: Person, form: str) -> Any:
    """The same as a file."""
    heads = [
        "日期",
        "總間數",
        *(words.zh for words in say.ROOM_STATES.values()),
        "可配借",
        "可配借率（%）",
        "借用率（%）",
    ]
    rows = [
        [
            count.on, count.total, *(count.of(state) for state in say.ROOM_STATES), count.lendable, count.lendable_percent,
            count.let_percent,
        ]
        for count in stock.over_time(session, now())
    ]  # fmt: skip
    if form == "csv":
        return attachment("dormitory-rooms.csv", CSV_TYPE, csv_bytes(heads, rows))
    return attachment("dormitory-rooms.ods", ODS_TYPE, ods_bytes("宿舍房間", heads, rows))
