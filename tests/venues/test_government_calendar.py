"""The government's calendar as data: drafted from the package, corrected by hand, true for old years and for 115."""

from datetime import date

import pytest
from sqlalchemy import event, insert

from common.audit import AuditEntry
from common.errors import Forbidden, Invalid, NotFound, Stale
from venues import government_calendar
from venues.government_calendar import between, fill, proposed, remove_day, set_day, year_rows
from venues.models import DayOff
from venues.tariffs import Calendar

WEEKDAYS_OFF_115 = """
    01-01 02-16 02-17 02-18 02-19 02-20 02-27 04-03 04-06 05-01 06-19 09-25 09-28 10-09 10-26 12-25
"""  # C-05


def of_year(session, year):
    return between(session, date(year, 1, 1), date(year, 12, 31))


def test_115_has_120_days_off_on_the_weekdays_that_were_announced():
    calendar = Calendar({each.day: each.kind for each in proposed(2026)})
    assert calendar.days_off(2026) == 120
    found = [f"{each.day:%m-%d}" for each in proposed(2026) if each.day.weekday() < 5]
    assert found == WEEKDAYS_OFF_115.split()


def test_114_works_on_its_one_make_up_saturday_and_later_years_on_none():
    assert [each.day for each in proposed(2025) if each.kind == "workday"] == [date(2025, 2, 8)]
    assert not [each for year in range(2026, 2031) for each in proposed(year) if each.kind == "workday"]
    calendar = Calendar({each.day: each.kind for each in proposed(2025)})
    assert calendar.is_working(date(2025, 2, 8))
    assert (calendar.kind_of(date(2025, 2, 8)), calendar.kind_of(date(2025, 1, 27))) == ("weekday", "holiday")
    assert calendar.working_day_after(date(2025, 2, 7), 1) == date(2025, 2, 8)


def test_substitutes_are_told_from_holidays():
    kinds = {each.day: each.kind for each in proposed(2026)}
    assert (kinds[date(2026, 10, 10)], kinds[date(2026, 10, 9)]) == ("holiday", "substitute")


def test_every_name_fits_its_column():
    for year in range(2012, 2031):
        assert all(0 < len(each.name) <= 40 and 0 < len(each.name_en) <= 60 for each in proposed(year))


def test_a_typhoon_stops_the_office_and_moves_a_deadline_but_no_price(desk, session, people, now):
    told = {
        "day": date(2026, 11, 25),
        "kind": "closure",
        "name": "颱風停止上班",
        "name_en": "Typhoon",
        "reason": "府公告",
    }
    set_day(session, people["admin"], now, **told)
    assert desk.approve(desk.apply()).pay_by.date() == date(2026, 11, 27)
    assert of_year(session, 2026).kind_of(date(2026, 11, 25)) == "weekday"
    assert session.query(AuditEntry).filter_by(action="calendar_day_set").one().reason == "府公告"


def test_what_was_corrected_by_hand_stays_when_the_year_is_taken_in_again(session, people, now):
    admin = people["admin"]
    assert fill(session, admin, now, year=2028).added == len(proposed(2028))
    new_year = session.get(DayOff, date(2028, 1, 1))
    set_day(
        session, admin, now, day=new_year.day, kind="workday", name="補班", name_en="Worked", reason="試", rev=new_year.rev
    )  # fmt: skip
    remove_day(session, admin, now, day=date(2028, 5, 1), reason="試")
    set_day(session, admin, now, day=date(2028, 7, 3), kind="closure", name="停止上班", name_en="Closed", reason="試")
    session.delete(session.get(DayOff, date(2028, 12, 25)))
    session.flush()
    told = fill(session, admin, now, year=2028)
    assert (told.added, told.changed, told.removed, told.kept) == (1, 0, 0, 2)
    calendar = of_year(session, 2028)
    assert [calendar.is_working(date(2028, *day)) for day in ((1, 1), (5, 1), (7, 3), (12, 25))] == [
        True,
        True,
        False,
        False,
    ]
    assert len(year_rows(session, 2028)) == len(proposed(2028)) + 1


def test_a_day_added_by_hand_goes_when_it_is_removed(session, people, now):
    set_day(
        session, people["venues"], now, day=date(2026, 8, 3), kind="closure", name="停", name_en="Closed", reason="試"
    )
    remove_day(session, people["venues"], now, day=date(2026, 8, 3), reason="誤植")
    assert session.get(DayOff, date(2026, 8, 3)) is None
    with pytest.raises(NotFound):
        remove_day(session, people["venues"], now, day=date(2026, 8, 3), reason="誤植")


def test_a_stale_or_blind_correction_is_refused(session, halls, people, now):
    told = {"day": date(2026, 12, 25), "kind": "workday", "name": "上班", "name_en": "Work", "reason": "試"}
    with pytest.raises(Invalid) as refused:
        set_day(session, people["admin"], now, **told)
    assert refused.value.errors[0].field == "day"
    with pytest.raises(Stale):
        set_day(session, people["admin"], now, **told, rev=9)
    with pytest.raises(Stale):
        set_day(session, people["admin"], now, **{**told, "day": date(2026, 12, 24)}, rev=1)


@pytest.mark.parametrize("who", ["officer", "group", "auditor"])
def test_only_the_venue_desk_and_administrators_may(session, people, now, who):
    with pytest.raises(Forbidden):
        fill(session, people[who], now, year=2028)


@pytest.mark.parametrize("year", [1999, 2100])
def test_a_year_nobody_knows_is_refused(session, people, now, year):
    with pytest.raises(Invalid):
        fill(session, people["admin"], now, year=year)
    assert government_calendar.source().startswith("holidays ")


def test_two_who_mark_one_day_at_once_do_not_break_each_other(session, people, now):
    day = {"day": date(2026, 12, 24), "kind": "closure", "name": "停止上班", "name_en": "Closed"}

    def between_look_and_write(*_):
        session.connection().execute(insert(DayOff), [{**day, "source": "", "reason": "同事", "rev": 1}])

    event.listen(session, "before_flush", between_look_and_write, once=True)
    with pytest.raises(Stale):
        set_day(session, people["admin"], now, **day, reason="颱風")
