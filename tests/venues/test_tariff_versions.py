"""Versions of a tariff: looked at first, saved for a day from today on, never edited; open applications keep their price."""

import copy
from datetime import date, timedelta

import pytest

from common.audit import AuditEntry
from common.errors import Forbidden, Invalid, NotFound
from common.messages import Outbox
from common.period import today
from tests.venues.conftest import DAY, slots
from venues import availability, bookings, cancellations, reductions, tariff_versions
from venues.models import TariffRow, Venue
from venues.refunds import FORCE_MAJEURE, GOVERNMENT_NEED
from venues.tariff_versions import InUse, PreviewMoved

SOON = date(2026, 12, 1)


@pytest.fixture
def versions(desk, session, people, now):
    return Versions(desk, session, people, now)


class Versions:
    """Drafting, looking and saving in one open session, as the administrator."""

    def __init__(self, desk, session, people, now):
        self.desk, self.session, self.people, self.now = desk, session, people, now
        self.place = desk.halls["atrium"]

    def dearer(self, slot=6000, **changes):
        data = copy.deepcopy(tariff_versions.draft(self.session, self.place))
        next(rate for rate in data["rates"] if rate["kind"] == "slot")["amount"] = slot
        return {**data, **changes}

    def look(self, data, day=SOON, who="admin", now=None):
        told = {"venue_id": self.place.id, "effective_from": day, "data": data}
        return tariff_versions.preview(self.session, self.people[who], now or self.now, **told)

    def save(self, data, day=SOON, *, shown=None, requote=False, who="admin"):
        found = shown or self.look(data, day, who).token
        told = {"venue_id": self.place.id, "effective_from": day, "data": data, "note": "調整", "shown": found}
        return tariff_versions.save(self.session, self.people[who], self.now, **told, requote=requote)

    def withdraw(self, row, who="admin"):
        told = {"venue_id": self.place.id, "tariff_id": row.id, "reason": "緩議"}
        return tariff_versions.withdraw(self.session, self.people[who], self.now, **told)


def said(session, kind):
    return [row.data for row in session.query(Outbox).order_by(Outbox.id) if row.type == f"venues.{kind}.v1"]


def test_the_next_version_holds_for_applications_from_its_day_on(versions, desk, session, now):
    row = versions.save(versions.dearer())
    assert (row.version, row.effective_from, row.note) == ("115-12-01", SOON, "調整")
    place = desk.halls["atrium"]
    assert availability.tariff_row(session, place, SOON - timedelta(days=1)).version == "112-11-09"
    assert availability.tariff_row(session, place, SOON).version == "115-12-01"
    wish = {"venue_id": place.id, "slots": slots("morning"), "what_if": True}
    assert bookings.wish(session, None, now, **wish).quote.fee == 5000
    assert bookings.wish(session, None, now + timedelta(days=8), **wish).quote.fee == 6000
    entry = session.query(AuditEntry).filter_by(action="tariff_saved").one()
    assert (entry.actor_name, entry.after["version"], entry.reason) == ("admin", "115-12-01", "調整")


def test_the_preview_names_what_is_touched_and_by_how_much(versions, desk):
    undecided = desk.apply()
    owing = desk.approve(desk.apply(chosen=slots("evening")))
    desk.confirmed(chosen=slots("morning", day=DAY + timedelta(days=1)))
    free = desk.apply("officer2", chosen=slots("morning", day=DAY + timedelta(days=2)))
    found = versions.look(versions.dearer())
    told = [(each.booking, each.total, each.difference, each.undecided) for each in found.touched]
    assert told == [(undecided, 32000, 2000, True), (owing, 26000, 1000, False), (free, 0, 0, True)]
    assert undecided.total == 30000
    later = versions.look(versions.dearer(), day=DAY + timedelta(days=1))
    assert [each.booking for each in later.touched] == [free]


def test_an_open_application_keeps_its_price_unless_it_is_asked_to_be_quoted_anew(versions, desk, session):
    booking = desk.apply()
    versions.save(versions.dearer())
    assert (booking.total, booking.tariff_version, said(session, "booking_repriced")) == (30000, "112-11-09", [])


def test_only_the_undecided_are_quoted_anew_and_are_told(versions, desk, session):
    undecided, owing = desk.apply(), desk.approve(desk.apply(chosen=slots("evening")))
    rev = undecided.rev
    versions.save(versions.dearer(), requote=True)
    assert (undecided.total, undecided.tariff_version) == (32000, "115-12-01")
    assert undecided.rev > rev
    assert sum(line.amount for line in undecided.quote_lines) == 32000
    assert (owing.total, owing.tariff_version) == (25000, "112-11-09")
    assert [(told["booking_id"], told["total"]) for told in said(session, "booking_repriced")] == [
        (f"{undecided.id}", 32000)
    ]
    assert session.query(AuditEntry).filter_by(action="booking_requoted").one().before["total"] == 30000


def test_a_granted_reduction_survives_being_quoted_anew(versions, desk, session, people, now):
    booking = desk.apply()
    told = {"part": "fee", "percent": 50, "amount": 0, "rule": "S-13", "reason": "合辦"}
    row = reductions.propose(session, people["venues"], now, booking.id, **told)
    reductions.grant(session, people["admin"], now, row.id)
    versions.save(versions.dearer(), requote=True)
    assert (booking.fee, booking.deposit) == (6000, 20000)


def test_what_is_saved_is_what_was_shown(versions, desk):
    data = versions.dearer()
    shown = versions.look(data).token
    desk.apply()
    with pytest.raises(PreviewMoved):
        versions.save(data, shown=shown)
    with pytest.raises(PreviewMoved):
        versions.save(versions.dearer(7000), shown=versions.look(data).token)


@pytest.mark.parametrize("days", [-1, 800])
def test_no_version_begins_in_the_past_or_in_a_far_future(versions, now, days):
    with pytest.raises(Invalid) as refused:
        versions.look(versions.dearer(), today(now) + timedelta(days=days))
    assert refused.value.errors[0].field == "effective_from"


def test_two_versions_do_not_begin_on_one_day(versions):
    versions.save(versions.dearer(), day=SOON)
    with pytest.raises(Invalid) as refused:
        versions.look(versions.dearer(7000), day=SOON)
    assert refused.value.errors[0].field == "effective_from"


def test_a_version_with_a_tie_or_a_gap_is_refused_at_its_row(versions):
    data = versions.dearer()
    data["rates"].append({"kind": "slot", "amount": 1, "rule": "S-05"})
    with pytest.raises(Invalid) as refused:
        versions.look(data)
    assert refused.value.errors[0].field == f"rates.{len(data['rates']) - 1}"
    with pytest.raises(Invalid):
        versions.look({**data, "rates": []})


def test_a_version_to_come_is_withdrawn_and_kept(versions, desk, session):
    row = versions.save(versions.dearer())
    kept = versions.withdraw(row)
    assert (kept.version, kept.reason, len(kept.data["rates"])) == ("115-12-01", "緩議", 7)
    assert [each.version for each in tariff_versions.history(session, desk.halls["atrium"])] == ["112-11-09"]
    assert tariff_versions.withdrawn(session, desk.halls["atrium"]) == [kept]
    assert versions.save(versions.dearer(7000)).version == "115-12-01"


def test_a_version_in_force_or_with_applications_under_it_stays(versions, desk, now, session):
    desk.apply()
    with pytest.raises(InUse):
        versions.withdraw(versions.save(versions.dearer(), requote=True))
    with pytest.raises(InUse):
        versions.withdraw(versions.save(versions.dearer(), day=today(now)))
    with pytest.raises(NotFound):
        told = {
            "venue_id": desk.halls["civic-plaza"].id,
            "tariff_id": session.query(TariffRow).first().id,
            "reason": "x",
        }
        tariff_versions.withdraw(session, versions.people["admin"], now, **told)


@pytest.mark.parametrize("who", ["officer", "group", "auditor"])
def test_only_the_venue_desk_and_administrators_may(versions, who):
    with pytest.raises(Forbidden):
        versions.look(versions.dearer(), who=who)


def test_a_part_without_a_tariff_of_its_own_has_its_wholes_with_its_own_rows(versions, desk, session, now):
    whole = desk.halls["civic-plaza"]
    part = Venue(
        code="plaza-corner", kind="ground", name="轉角", name_en="Corner", whole=whole, max_days=1, closes_days=20, max_people=100
    )  # fmt: skip
    part.slot_rows = [
        type(row)(code=row.code, starts=row.starts, ends=row.ends, name=row.name, name_en=row.name_en)
        for row in whole.slot_rows
    ]
    session.add(part)
    session.flush()
    session.refresh(whole)
    versions.place = whole
    data = versions.dearer(12000)
    data["rates"].append({"kind": "slot", "amount": 900, "rule": "S-05", "sample": True, "parts": ["plaza-corner"]})
    versions.save(data, day=today(now))
    far = slots("morning", day=date(2026, 12, 20))
    told = {"slots": far, "what_if": True}
    assert bookings.wish(session, None, now, venue_id=part.id, **told).quote.fee == 900
    assert bookings.wish(session, None, now, venue_id=whole.id, **told).quote.fee == 12000


def test_saturdays_and_uses_are_priced_when_the_version_names_them(versions, desk, session, now):
    data = versions.dearer(5000)
    data["rates"].append({"kind": "slot", "amount": 6000, "rule": "S-05", "days": ["saturday", "sunday", "holiday"]})
    data["rates"].append({"kind": "slot", "amount": 2000, "rule": "S-05", "events": ["公益"]})
    versions.save(data, day=today(now))
    saturday, friday = slots("morning"), slots("morning", day=date(2026, 12, 25))
    assert desk.apply(chosen=saturday).fee == 6000
    assert desk.apply(chosen=friday).fee == 6000  # Constitution Day
    assert desk.apply(chosen=slots("morning", day=date(2026, 12, 24))).fee == 5000
    assert desk.apply(chosen=slots("afternoon"), event_kind="公益").fee == 2000


def test_a_refund_goes_by_the_version_the_booking_was_made_under(versions, desk, now):
    booking = desk.confirmed()
    ladder = {
        "steps": [{"days": 30, "percent": 100}],
        "always": ["force_majeure", "government_need"],
        "rule": "S-34",
        "always_rule": "S-37",
    }
    versions.save(versions.dearer(refunds=ladder), day=today(now))
    five_before = now + timedelta(days=14)
    assert cancellations.quote_refund(booking, five_before).fee == 5000
    for cause in (GOVERNMENT_NEED, FORCE_MAJEURE):
        assert cancellations.quote_refund(booking, five_before, cause).total == booking.total
    newer = desk.confirmed(chosen=slots("morning", day=DAY + timedelta(days=1)))
    assert cancellations.quote_refund(newer, five_before).fee == 0


def test_the_deadline_to_pay_is_that_of_the_version(versions, desk, now):
    pay = {"kind": "before_use", "days": 7, "rule": "S-32", "sample": False}
    versions.save(versions.dearer(pay=pay), day=today(now))
    assert desk.approve(desk.apply()).pay_by.date() == date(2026, 12, 5)


def test_applications_that_contend_for_a_slot_are_open_too(versions, desk):
    first = desk.apply("group", chosen=slots("morning"))
    other = desk.apply("officer", chosen=slots("morning"), may_contest=True)
    found = versions.look(versions.dearer())
    assert [(each.booking, each.undecided) for each in found.touched] == [(first, True), (other, True)]
    versions.save(versions.dearer(), requote=True)
    assert (first.fee, first.status, other.fee) == (6000, "contested", 0)
