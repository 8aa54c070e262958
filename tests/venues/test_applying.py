"""A hall's own conditions of applying, set in a version of its tariff: window, emergency, days, months, decision (S-31…S-41)."""

from datetime import date, timedelta

import pytest

from common.audit import AuditEntry
from common.errors import Invalid
from common.period import today
from tests.venues.conftest import EVENT, slots
from venues import availability, booking_series, bookings, cancellations, decisions, tariff_versions
from venues.booking_series import Collides
from venues.tariffs import NO_CONDITIONS

PLAZA = "east-gate-plaza"
SONGSHAN = {
    "window": {"kind": "days", "opens": 30, "closes": 15, "free": ["managing_agency", "city_agency"], "rule": "S-31"},
    "month_days": {"n": 7, "rule": "S-31"},
}
NGO = {
    "window": {"kind": "months", "opens": 3, "closes": 14, "rule": "S-32"},
    "emergency": {"n": 5, "rule": "S-32"},
    "running_days": {"n": 7, "rule": "S-32"},
}


@pytest.fixture
def rule(desk, session, people, now):
    """Put conditions into a hall's tariff from today on, as the administrator does."""

    def put(venue="atrium", **applying):
        place = desk.halls[venue]
        data = {**tariff_versions.draft(session, place), "applying": applying}
        told = {"venue_id": place.id, "effective_from": today(now), "data": data}
        shown = tariff_versions.preview(session, people["admin"], now, **told).token
        return tariff_versions.save(session, people["admin"], now, **told, note="", shown=shown)

    return put


def refusal(work, *args, **told):
    with pytest.raises(Invalid) as refused:
        work(*args, **told)
    error = refused.value.errors[0]
    return error.field, error.words.zh


def days(first, many):
    return [each for n in range(many) for each in slots("morning", day=first + timedelta(days=n))]


def test_city_halls_own_places_have_none_of_them(desk, session, now):
    for place in desk.halls.values():
        assert availability.rules_of(session, place, today(now)) == NO_CONDITIONS


# ── The window (S-31, S-35) ──────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("day", "says"),
    [
        (date(2026, 12, 24), "11月24日（週二）起可申請 12月24日（週四）"),
        (date(2026, 12, 7), "12月7日（週一） 的申請已於 11月22日（週日）截止"),
    ],
)
def test_a_window_by_days_refuses_with_its_rule_and_the_day(desk, rule, day, says):
    rule(PLAZA, **SONGSHAN)
    field, said = refusal(desk.apply, venue=PLAZA, chosen=slots("morning", day=day))
    assert field == "slots" and says in said and "30 天至 15 天（S-31）" in said


def test_the_citys_own_apply_however_early_but_no_later_than_others(desk, rule, session, now):
    rule(PLAZA, **SONGSHAN)
    assert desk.apply("officer2", PLAZA, slots("morning", day=date(2027, 8, 2))).status == "submitted"
    with pytest.raises(Invalid):
        desk.apply("officer2", PLAZA, slots("morning", day=date(2026, 12, 7)))
    rules = availability.rules_of(session, desk.halls[PLAZA], today(now))
    assert availability.window(desk.halls[PLAZA], now, rules) == (date(2026, 12, 8), date(2026, 12, 23))
    assert availability.window(desk.halls[PLAZA], now, rules, "city_agency")[1] == date.max


def test_by_half_years_the_next_half_opens_two_months_before(desk, rule, session, now):
    rule(window={"kind": "half_year", "opens": 2, "closes": 10, "rule": "S-35"})
    assert desk.apply(chosen=slots("morning", day=date(2027, 6, 30))).status == "submitted"
    field, said = refusal(desk.apply, chosen=slots("morning", day=date(2027, 7, 1)))
    assert field == "slots" and "（S-35）" in said and "5月1日（週六）起可申請 7月1日（週四）" in said
    rules = availability.rules_of(session, desk.halls["atrium"], today(now))
    assert availability.window(desk.halls["atrium"], now, rules)[1] == date(2027, 6, 30)


# ── The emergency path (S-32) ────────────────────────────────────────────────


def test_an_emergency_states_its_reason_and_has_its_own_last_day(desk, rule, session):
    rule(**NGO)
    late = slots("morning", day=date(2026, 12, 3))
    field, said = refusal(desk.apply, chosen=late)
    assert field == "slots" and "不可預見之緊急事件可敘明事由申請到 11月28日（週六）（S-32）" in said
    booking = desk.apply(chosen=late, emergency="原場地漏水停用")
    assert booking.emergency == "原場地漏水停用"
    kept = session.query(AuditEntry).filter_by(action="booking_submitted").one()
    assert kept.reason == "原場地漏水停用"
    _, said = refusal(desk.apply, chosen=slots("morning", day=date(2026, 11, 27)), emergency="原場地漏水停用")
    assert "只到 11月22日（週日）（S-32）" in said


def test_a_reason_that_was_not_needed_makes_no_emergency_and_without_the_path_none_helps(desk, rule):
    with pytest.raises(Invalid):
        desk.apply(chosen=slots("morning", day=date(2026, 12, 2)), emergency="原場地漏水停用")
    rule(**NGO)
    assert desk.apply(chosen=slots("morning", day=date(2026, 12, 10)), emergency="原場地漏水停用").emergency == ""


# ── Days of one applicant (S-31, S-32) ───────────────────────────────────────


def test_an_applicant_has_seven_days_a_month_until_one_is_given_back(desk, rule, session, people, now):
    rule(PLAZA, **{**SONGSHAN, "window": {"kind": "months", "opens": 3, "closes": 10, "rule": "S-31"}})
    booking = desk.apply(venue=PLAZA, chosen=days(date(2026, 12, 8), 7))
    field, said = refusal(desk.apply, venue=PLAZA, chosen=slots("morning", day=date(2026, 12, 20)))
    assert field == "slots" and "每月最多 7 天（S-31）：12 月已有 7 天，還可以申請 0 天；1月1日（週五）起" in said
    assert desk.apply(venue=PLAZA, chosen=slots("evening", day=date(2026, 12, 8))).status == "submitted"
    assert desk.apply("officer2", PLAZA, slots("morning", day=date(2026, 12, 20))).status == "submitted"
    assert desk.apply(venue=PLAZA, chosen=slots("morning", day=date(2027, 1, 4))).status == "submitted"
    cancellations.cancel(session, people["group"], now, booking.id)
    assert desk.apply(venue=PLAZA, chosen=slots("evening", day=date(2026, 12, 20))).status == "submitted"


def test_a_part_and_its_whole_are_one_place_for_the_days_of_a_month(desk, rule):
    rule("civic-plaza-fountain", month_days={"n": 1, "rule": "S-31"})
    desk.apply(venue="civic-plaza-renai", chosen=slots("morning", day=date(2026, 12, 14)))
    with pytest.raises(Invalid):
        desk.apply(venue="civic-plaza-fountain", chosen=slots("morning", day=date(2026, 12, 15)))


def test_two_applications_side_by_side_are_days_running(desk, rule):
    rule(PLAZA, **NGO)
    desk.apply(venue=PLAZA, chosen=days(date(2026, 12, 8), 4))
    field, said = refusal(desk.apply, venue=PLAZA, chosen=days(date(2026, 12, 12), 4))
    assert field == "slots" and "（S-32）：從 12月8日（週二）起最晚到 12月14日（週一）" in said
    assert desk.apply(venue=PLAZA, chosen=days(date(2026, 12, 13), 4)).status == "submitted"


# ── Several dates (S-31, S-41) ───────────────────────────────────────────────


def test_dates_at_one_time_span_six_months_at_most(desk, rule, session, people, now):
    rule(window={"kind": "months", "opens": 9, "closes": 10, "rule": "S-10"}, series_months={"n": 6, "rule": "S-41"})
    told = {"venue_id": desk.halls["atrium"].id, "slot_codes": ["morning"]}
    far = [date(2026, 12, 12), date(2027, 6, 12)]
    for work in (booking_series.preview, booking_series.apply):
        field, said = refusal(work, session, people["group"], now, days=far, **told)
        assert field == "dates" and "（S-41）" in said and "最晚 116年6月11日（週五）" in said
    near = [date(2026, 12, 12), date(2027, 6, 11)]
    assert len(booking_series.apply(session, people["group"], now, days=near, **told, **EVENT).bookings) == 2


def test_a_series_shows_the_days_a_month_that_are_left_and_is_refused_with_the_rule(desk, rule, session, people, now):
    rule(month_days={"n": 2, "rule": "S-31"})
    told = {"venue_id": desk.halls["atrium"].id, "slot_codes": ["morning"]}
    asked = [date(2026, 12, 12), date(2026, 12, 19), date(2026, 12, 26)]
    found = booking_series.preview(session, people["group"], now, days=asked, **told)
    assert [each.free for each in found] == [True, True, False]
    assert "（S-31）" in found[2].why_not.zh and found[2].instead[0] == date(2027, 1, 1)
    with pytest.raises(Collides) as refused, session.begin_nested():
        booking_series.apply(session, people["group"], now, days=asked, **told, **EVENT)
    assert refused.value.days == [date(2026, 12, 26)] and "（S-31）" in refused.value.words.zh
    made = booking_series.apply(session, people["group"], now, days=asked, free_only=True, **told, **EVENT)
    assert len(made.bookings) == 2


# ── The decision (S-36) ──────────────────────────────────────────────────────


def test_the_decision_is_due_in_five_days_and_anew_when_papers_come(desk, rule, session, people, now):
    rule(decide_days={"n": 5, "rule": "S-36"})
    booking = desk.apply()
    assert booking.decide_by == date(2026, 11, 28)
    assert (booking.late_by(now + timedelta(days=5)), booking.late_by(now + timedelta(days=7))) == (0, 2)
    decisions.ask_for_supplement(session, people["venues"], now, booking.id, missing="企劃書")
    assert booking.decide_by is None
    later = now + timedelta(days=3)
    bookings.supplement(session, people["group"], later, booking.id, event_plan="企劃如下")
    assert booking.decide_by == date(2026, 12, 1)
    assert desk.approve(booking, later).decide_by is None
