"""The demo's dormitory: the half-year reports' figures, rounds that are over, allotted, to rank and to apply in."""

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import func, select

from common.identity import Agency, Person
from common.period import today
from common.reservations import Reservation
from dorms import (
    applications,
    corrections,
    demo,
    drafts,
    my_data,
    occupancy,
    papers,
    payroll,
    round_log,
    rounds,
    stock,
    tenancies,
)  # fmt: skip
from dorms.models import Repair, ResidenceCase, Room, Tenancy
from dorms.upkeep import houses, planning
from services.portal.demo_people import AGENCIES
from services.portal.demo_people import people as everybody


@pytest.fixture
def shown(session, now, tmp_path):
    """The demo city's people and the dormitory filled for them."""
    session.info["uploads_dir"] = tmp_path / "uploads"
    homes = {}
    for number, agency in enumerate(AGENCIES, start=1):
        homes[agency.code] = number
        known = {"code": agency.code, "name": agency.name, "name_en": agency.name_en, "kind": agency.kind}
        session.add(Agency(id=number, active=True, **known))
    session.flush()
    for number, one in enumerate(everybody(), start=1):
        known = {"username": one.username, "name": one.name, "name_en": one.name_en, "unit": one.unit, "lang": one.lang}
        session.add(Person(id=number, agency_id=homes[one.agency], roles=list(one.roles), active=True, **known))
    session.flush()
    demo.load(session, now)
    return session


def test_the_golden_figures_of_the_reports(shown):
    early = occupancy.count(shown, date(2015, 6, 30))
    assert (early.total, early.lendable, early.of("awaiting_repair")) == (118, 106, 12)
    assert str(early.lendable_percent) == "89.8"
    later = occupancy.count(shown, date(2021, 6, 30))
    assert (later.total, later.of("let"), later.of("to_let"), str(later.let_percent)) == (123, 119, 4, "96.7")


def test_every_room_let_today_has_its_tenant_in_the_ledger(shown, now):
    today = occupancy.count(shown, date(2026, 11, 23))
    assert today.states == {"let": 112, "to_let": 6, "awaiting_repair": 3, "in_repair": 2}
    taken = (
        select(func.count())
        .select_from(Reservation)
        .where(Reservation.state == "confirmed", Reservation.holder.not_like("repair:%"))
    )
    assert shown.scalar(taken) == 112
    assert shown.scalar(select(func.count(func.distinct(Tenancy.person_id)))) == 112
    assert len({room.state for room in shown.scalars(select(Room))}) == 4


def test_every_kind_of_stay_is_shown_and_payroll_counts_them(shown, now):
    day = today(now)
    running = tenancies.listed(shown, "", day)
    states = Counter(row.state for row in running)
    assert states == {"living": 109, "leaving": 3}
    assert len(tenancies.listed(shown, "overdue", day)) == 1
    assert sum(bool(row.items) for row in running) == 5
    month = payroll.month(shown, date(2026, 11, 1))
    assert (len(month.lines), month.lacking, sum(line.exempt for line in month.lines)) == (112, 0, 3)
    tenant = shown.scalars(select(Person).where(Person.username == demo.TENANT)).one()
    assert occupancy.current_stay(shown, tenant.id).state == "living"


def test_nothing_of_the_demo_ends_by_itself(shown, now):
    assert tenancies.forfeit_due(shown, now) == 0


def test_a_newcomer_can_check_rank_and_apply(shown, now):
    opened, to_rank, offered, past = rounds.latest(shown)
    stages = [row.stage(now) for row in (opened, to_rank, offered, past)]
    assert stages == ["open", "closed", "allotted", "allotted"]
    waiting = {row.person.username: row.offer.state for row in offered.standing}
    assert demo.OFFERED in waiting and set(waiting.values()) == {"made"}
    auditor = shown.scalars(select(Person).where(Person.username == "auditor")).one()
    assert rounds.verify(shown, auditor, past) == []
    assert len(round_log.log_of(shown, past)) == 2
    names = {row.person.username for row in to_rank.standing}
    assert {"staff", "staff2"} <= names and len(names) == 25
    staff = shown.scalars(select(Person).where(Person.username == "staff")).one()
    assert applications.already(shown, opened, staff) is None
    applications.may_apply(shown, staff, now)


def test_files_are_there_to_be_seen(shown, now):
    staff, staff2, officer2 = (
        shown.scalars(select(Person).where(Person.username == name)).one() for name in ("staff", "staff2", "officer2")
    )
    (sent,), (asked,) = applications.mine(shown, staff), applications.mine(shown, staff2)
    assert papers.missing(shown, sent) == []
    assert papers.open_supplement(shown, asked).kinds == ["appraisals", "property"]
    assert len(my_data.looks(shown, sent)) == 2
    assert [draft.typed["grade"] for draft in drafts.mine(shown, officer2)] == ["7"]
    assert [row.question for row in corrections.waiting(shown)] == ["had_home_loan"]


def test_the_figures_over_the_years_are_those_of_the_half_year_reports(shown, now):
    counts = {count.on: count for count in stock.over_time(shown, now)}
    assert (counts[date(2015, 6, 30)].lendable, counts[date(2015, 6, 30)].total) == (106, 118)
    assert (counts[date(2021, 6, 30)].of("let"), counts[date(2021, 6, 30)].of("to_let")) == (119, 4)


def test_without_people_nothing_is_done(session, now):
    demo.load(session, now)
    assert session.scalar(select(func.count()).select_from(Room)) == 0


def test_upkeep_has_something_at_every_stage(shown, now):
    register = houses.register(shown)
    assert [row.kind for row in register].count("house") == 11
    assert [row.state for row in register].count("lawful_stayer") == 3
    states = {row.state for row in planning.of_year(shown, 2026)}
    assert {"planned", "appointed", "done"} <= states
    assert planning.route(shown, today(now)) and planning.of_year(shown, 2027)
    (case,) = shown.scalars(select(ResidenceCase))
    assert case.next_step == "visit_2"
    assert {row.state for row in shown.scalars(select(Repair))} == {"requested", "approved", "under_way", "completed"}
    kept = {row.room_id for row in shown.scalars(select(Repair).where(Repair.out_of_stock))}
    assert len(kept) == 5
