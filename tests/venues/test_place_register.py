"""The register of places: entered, corrected and taken out of use without anybody losing what is booked (S-02, M-01)."""

from datetime import time, timedelta

import pytest
from sqlalchemy import select

from common import reservations
from common.audit import AuditEntry
from common.errors import Conflict, Forbidden, Invalid, Stale
from tests.venues.conftest import DAY, EVENT, slots
from venues import availability, bookings, equipment, government_calendar, place_register
from venues.holding import SlotTaken
from venues.models import Booking, Venue
from venues.place_register import InUse, SlotCard

MORNING = SlotCard("morning", "上午", "Morning", time(9), time(12))
AFTERNOON = SlotCard("afternoon", "下午", "Afternoon", time(13), time(17))
HALL = {
    "name": "大禮堂", "name_en": "Great Hall", "place": "", "place_en": "", "about": "", "about_en": "", "manager_id": None,
    "area_m2": None, "max_people": 300, "floor": None, "max_days": 1, "opens_months": 3, "closes_days": 10,
    "supplement_days": 7, "contest_days": 3, "offer_days": 2, "setup_minutes": 0, "clear_minutes": 0, "max_overtime": 240,
    "lends_equipment": False,
}  # fmt: skip


@pytest.fixture
def add(session, people, now):
    def adding(code="great-hall", kind="hall", whole_id=None, slots=(MORNING, AFTERNOON), **told):
        entered = {"code": code, "kind": kind, "whole_id": whole_id, "slots": slots, **HALL, **told}
        return place_register.add(session, people["venues"], now, **entered)

    return adding


@pytest.fixture
def change(session, people, now):
    def changing(place, slots=None, active=True, who="venues", rev=None, **told):
        kept = {name: getattr(place, name) for name in HALL}
        cards = slots if slots is not None else place_register._cards(place)
        entered = {"slots": cards, "active": active, "rev": rev, **kept, **told}
        return place_register.change(session, people[who], now, place.id, **entered)

    return changing


def faults(refused):
    return {each.field for each in refused.value.errors}


def test_an_empty_house_takes_in_city_halls_places_once(session, people, now):
    assert place_register.every(session) == []
    place_register.take_in_city_hall(session, people["admin"], now)
    kinds = [each.kind for each in place_register.every(session)]
    assert (kinds.count("room"), kinds.count("hall")) == (39, 1)
    assert place_register.without_tariff(session) == set()
    assert equipment.kinds(session) and government_calendar.between(session, DAY, DAY)
    with pytest.raises(Conflict):
        place_register.take_in_city_hall(session, people["admin"], now)


def test_a_new_hall_is_applied_for_once_it_has_a_tariff(session, people, halls, add, now):
    hall = add()
    assert place_register.without_tariff(session) == {hall.id}
    asked = {**EVENT, "venue_id": hall.id, "slots": slots("morning")}
    with pytest.raises(Invalid):
        bookings.apply(session, people["group"], now, **asked)
    row = availability.tariff_row(session, halls["atrium"], DAY)
    session.add(type(row)(venue_id=hall.id, version="1", effective_from=row.effective_from, data=row.data))
    session.flush()
    assert bookings.apply(session, people["group"], now, **asked).starts_at.hour == 1  # 09:00 in Taipei
    assert (
        session.scalars(select(AuditEntry).where(AuditEntry.action == "place_added")).one().after["code"]
        == "great-hall"
    )


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"slots": ()}, "slots"),
        ({"slots": (MORNING, MORNING._replace(starts=time(12), ends=time(13)))}, "slots.1.code"),
        ({"slots": (AFTERNOON, MORNING._replace(ends=time(14)))}, "slots.0.starts"),
        ({"slots": (MORNING._replace(ends=time(9)),)}, "slots.0.ends"),
        ({"opens_months": 1, "closes_days": 28}, "closes_days"),
        ({"code": "atrium"}, "code"),
        ({"kind": "room"}, "slots"),
        ({"kind": "room", "slots": (), "max_people": None}, "max_people"),
        ({"kind": "ground", "whole_id": 1}, "whole_id"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(halls, add, told, field):
    with pytest.raises(Invalid) as refused:
        add(**{"code": "other", **told})
    assert faults(refused) == {field}


def test_a_new_part_belongs_to_whoever_has_the_whole(session, desk, halls, people, add, now):
    whole = desk.apply("group", venue="east-gate-plaza", chosen=slots("morning", day=DAY + timedelta(days=10)))
    cards = place_register._cards(halls["east-gate-plaza"])
    part = add("east-gate-north", "ground", halls["east-gate-plaza"].id, cards, closes_days=20)
    mine = [row.resource for row in reservations.held_by(session, whole.holder)]
    assert sorted(mine) == sorted([halls["east-gate-plaza"].resource, part.resource])
    with pytest.raises(SlotTaken):
        desk.apply("officer", venue="east-gate-plaza", chosen=slots("morning", day=DAY + timedelta(days=10)))
    halls["part"] = part
    with pytest.raises(SlotTaken):
        desk.apply("officer", venue="part", chosen=slots("morning", day=DAY + timedelta(days=10)))
    assert desk.apply("officer", venue="part", chosen=slots("evening", day=DAY + timedelta(days=10))).id
    with pytest.raises(Invalid):
        add("corner", "ground", part.id, cards)


def test_a_slot_keeps_its_times_while_somebody_is_to_come(session, desk, halls, change):
    desk.apply("group", chosen=slots("morning"))
    atrium = halls["atrium"]
    morning, afternoon, evening = place_register._cards(atrium)
    with pytest.raises(Invalid) as refused:
        change(atrium, (morning._replace(starts=time(9)), afternoon, evening))
    assert faults(refused) == {"slots.0.starts"}
    session.refresh(atrium)
    with pytest.raises(Invalid) as refused:
        change(atrium, (afternoon, evening))
    assert faults(refused) == {"slots"}
    session.refresh(atrium)
    changed = change(atrium, (morning._replace(name="早上"), afternoon._replace(starts=time(14))))
    session.refresh(changed, ["slot_rows"])
    assert [(slot.code, slot.starts, slot.label.zh) for slot in changed.plan] == [
        ("morning", "08:30", "早上"), ("afternoon", "14:00", "下午"),
    ]  # fmt: skip


def test_a_place_goes_out_of_use_when_nobody_has_it_any_more(session, desk, halls, people, change, now):
    booking = desk.apply("group", chosen=slots("morning"))
    with pytest.raises(InUse):
        change(halls["atrium"], active=False)
    session.refresh(halls["atrium"])
    bookings_open = session.get(Booking, booking.id)
    reservations.release(session, bookings_open.holder)
    assert change(halls["atrium"], active=False).active is False
    assert "atrium" not in {each.code for each in availability.venues(session)}
    assert halls["atrium"] in place_register.every(session)
    assert change(halls["atrium"], active=True).active


def test_corrected_figures_hold_for_the_next_application_and_are_no_samples_any_more(session, desk, halls, change):
    plaza = halls["civic-plaza"]
    assert plaza.sample
    rev = plaza.rev
    assert change(plaza, rev=rev, max_people=100).sample is False
    with pytest.raises(Invalid) as refused:
        desk.apply("group", venue="civic-plaza", chosen=slots("morning", day=DAY + timedelta(days=15)))
    assert faults(refused) == {"attendees"}
    with pytest.raises(Stale):
        change(plaza, rev=rev, max_people=200)


@pytest.mark.parametrize("who", ["officer", "group", "auditor"])
def test_only_the_venue_desk_and_administrators_keep_the_register(session, halls, change, who):
    with pytest.raises(Forbidden):
        change(halls["atrium"], who=who)


# ── On the pages ─────────────────────────────────────────────────────────────

TYPED = {
    "kind": "hall", "code": "great-hall", "name": "大禮堂", "name_en": "Great Hall", "max_people": "300",
    "slots.0.code": "morning", "slots.0.name": "上午", "slots.0.name_en": "Morning", "slots.0.starts": "09:00",
    "slots.0.ends": "12:00",
}  # fmt: skip


def test_an_empty_house_is_filled_from_its_page(client, people):
    admin = client(as_="admin")
    assert "載入市政大樓的場地" in admin.get("/places").text
    assert admin.submit("/places/city-hall").status_code == 303
    assert admin.submit("/places/city-hall").status_code == 409
    assert "1樓中庭" in admin.get("/places").text
    assert client(as_="auditor").get("/places").status_code == 200
    assert client(as_="auditor").get("/places/new").status_code == 403
    assert client(as_="group").get("/places").status_code == 403


def test_a_place_is_typed_corrected_and_nothing_typed_is_lost(client, ids, database):
    officer = client(as_="venues")
    wrong = officer.submit("/places/new", {**TYPED, "code": "Great Hall", "slots.2.name": "晚上"})
    assert wrong.status_code == 422
    assert all(f'value="{typed}"' in wrong.text for typed in ("Great Hall", "大禮堂", "09:00", "晚上"))
    assert officer.submit("/places/new", TYPED).status_code == 303
    with database.reading() as session:
        hall = session.scalars(select(Venue).where(Venue.code == "great-hall")).one()
        rev, path = hall.rev, f"/places/{hall.id}"
    assert "還沒有收費標準" in officer.get(path).text
    changed = {name: value for name, value in TYPED.items() if name not in ("kind", "code")} | {"rev": str(rev)}
    late = {"slots.1.code": "late", "slots.1.name": "深夜", "slots.1.name_en": "Late", "slots.1.starts": "11:00"}
    clash = officer.submit(path, {**changed, **late, "slots.1.ends": "13:00", "active": "1"})
    assert (clash.status_code, 'id="f-slots-1-starts-e"' in clash.text or "重疊" in clash.text) == (422, True)
    moved = {**changed, **late, "slots.1.ends": "13:00", "slots.0.drop": "1", "active": "1"}
    assert officer.submit(path, moved).status_code == 303
    assert officer.submit(path, moved).status_code == 409
    with database.reading() as session:
        assert [slot.code for slot in session.get(Venue, hall.id).plan] == ["late"]
