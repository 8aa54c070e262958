"""A round from its window to its draw, and what may not be done on the way (T-01…T-08)."""

import time
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from common.audit import AuditEntry
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.messages import Outbox
from common.period import taipei
from tests.venues.rounds_desk import CLOSES, KNOWN, OPENS, TERM, RoundDesk, entry, firm, seller
from venues.models import Registration, RegistrationStep, RoundBar
from venues.refusals import NotNow
from venues.rounds import checking, drawing, firms, opening, places, registering, stops
from venues.rounds import words as say
from venues.rounds.steps import in_states


@pytest.fixture
def rounds(session, people, now):
    return RoundDesk(session, people, now)


def told(session, *kinds):
    return [row.data for row in session.scalars(select(Outbox).where(Outbox.type.in_(kinds)).order_by(Outbox.id))]


def test_540_firms_for_26_places_from_the_window_to_the_results(rounds, session, people, now):
    """104/4-9: 540 firms, 26 stalls (T-01); each registers by itself, within its class."""
    started = time.process_time()
    codes = ("charity", "food", "cloth", "produce", "hardware")
    row = rounds.open([("charity", 7), ("food", 6), ("cloth", 4), ("produce", 5), ("hardware", 4)])
    rounds.register(row, *(entry(n, codes[n % 5]) for n in range(540)))
    opening.close_registration(session, rounds.officer, CLOSES, row.id)
    for each in in_states(session, row, say.SUBMITTED):
        if checking.missing(each):
            checking.find_eligible(session, rounds.officer, CLOSES, each.id)
    checking.find_complete_eligible(session, rounds.officer, CLOSES, row.id)
    checking.publish_list(session, rounds.officer, CLOSES + timedelta(days=2), row.id)
    rounds.draw(row)
    record = drawing.public_record(row)
    assert (len(record["tickets"]), len(record["selected"]), len(record["waiting"])) == (540, 26, 514)
    assert [len(one["selected"]) for one in record["results"]] == [7, 6, 4, 5, 4]
    assert drawing.verify(session, row) == []
    assert time.process_time() - started < 30
    kept = in_states(session, row, say.SELECTED)
    assert sorted(each.place_no for each in kept) == list(range(1, 27))


def test_nothing_can_be_registered_outside_the_window(rounds, people, now):
    row = rounds.open(registration_from=OPENS + timedelta(days=1))
    with pytest.raises(NotNow, match="not begun"):
        registering.register(rounds.session, rounds.group, now, row.id, entry(1))
    rounds.now = OPENS + timedelta(days=2)
    registering.register(rounds.session, rounds.group, rounds.now, row.id, entry(1))
    with pytest.raises(NotNow, match="has ended"):
        registering.register(rounds.session, rounds.group, CLOSES, row.id, entry(2))


def test_a_city_agency_takes_no_stall(rounds, people, now):
    with pytest.raises(Forbidden):
        registering.register(rounds.session, people["officer"], now, rounds.open().id, entry(1))


def test_one_firm_registers_once_and_one_seller_stands_for_one_firm(rounds, now):
    row = rounds.open()
    (first,) = rounds.register(row, entry(1))
    with pytest.raises(registering.Twice) as refused:
        rounds.register(row, entry(1, "cloth", seller_id=seller(9)))
    assert refused.value.errors[0].field == "firm_number"
    with pytest.raises(registering.Twice) as refused:
        rounds.register(row, entry(2, seller_id=seller(1)))
    assert refused.value.errors[0].field == "seller_id"
    places.withdraw(rounds.session, rounds.officer, now, first.id)
    (again,) = rounds.register(row, entry(1, "cloth"))
    assert (again.status, again.ticket != first.ticket) == (say.SUBMITTED, True)


def test_a_firm_and_its_seller_are_known_by_numbers_that_can_be_right():
    assert firms.unified_number_is_right("04595257")  # 10 divides it
    assert firms.unified_number_is_right("00000074")  # a 7 in the seventh place counts one more
    assert not firms.unified_number_is_right("00000073") and not firms.unified_number_is_right("1045857")
    assert firms.unified_number_is_right("00000005") and not firms.unified_number_is_right("00000004")  # 5, since 2023
    assert firms.person_number_is_right("A123456789") and not firms.person_number_is_right("A123456788")
    assert firms.person_number_is_right("A800000014")
    assert firms.firm_number("company", " 0459-5257 ") == "04595257"
    for kind, wrong in (("company", "04595258"), ("farmer", "A123456780"), ("charity", "!")):
        with pytest.raises(Invalid):
            firms.firm_number(kind, wrong)


def test_a_file_is_entered_whole_or_not_at_all_and_every_fault_has_its_line(rounds, session, now):
    row = rounds.open()
    rounds.register(row, entry(1))
    lines = [
        (2, entry(1)),
        (3, entry(5)),
        (4, entry(6, "no-such")),
        (5, entry(7, firm_number="12345678")),
        (6, entry(5)),
    ]
    with pytest.raises(Invalid) as refused:
        registering.enter_many(session, rounds.officer, now, row.id, lines)
    assert [each.field for each in refused.value.errors] == [
        "lines.2", "lines.2", "lines.4", "lines.5", "lines.6", "lines.6",
    ]  # fmt: skip
    assert "第 5 列" in refused.value.errors[3].words.zh
    assert len(in_states(session, row)) == 1


def test_papers_are_asked_for_sent_and_refused_when_they_are_late(rounds, session, now):
    row = rounds.open()
    one, two = (registering.register(session, rounds.group, now, row.id, entry(1, papers=())), None)
    (two,) = rounds.register(row, entry(2, papers=()))
    for each in (one, two):
        checking.ask_for_supplement(session, rounds.officer, now, each.id, what="保單影本", due_on=date(2026, 11, 25))
    registering.supplement(session, rounds.group, now, one.id, papers=("liability",), papers_note="已附")
    assert (one.status, one.papers) == (say.SUBMITTED, ["liability"])
    assert [each["status"] for each in told(session, "venues.registration_papers_sent.v1")] == ["submitted"]
    assert checking.refuse_overdue(session, OPENS + timedelta(days=2)) == 0
    assert checking.refuse_overdue(session, OPENS + timedelta(days=3)) == 1
    assert (two.status, two.reason, two.appeal_by) == (say.INELIGIBLE, "逾期未補正。", date(2026, 12, 6))
    assert [each["reason"] for each in told(session, "venues.registration_supplement_needed.v1")] == ["保單影本"]


def test_one_who_was_found_ineligible_is_not_on_the_list_unless_the_appeal_helps(rounds, session, now):
    row = rounds.open([("food", 2)])
    one, two, three = rounds.fill(row, 3)
    checking.refuse(session, rounds.officer, now, one.id, reason="非食品業者")
    checking.refuse(session, rounds.officer, now, two.id, reason="非食品業者")
    checking.find_eligible(session, rounds.officer, now, two.id, note="申復有理")
    rounds.publish(row)
    assert row.listing.tickets == sorted([two.ticket, three.ticket])


def test_the_list_waits_for_every_decision(rounds, session, now):
    row = rounds.open([("food", 2)])
    rounds.fill(row, 2)
    with pytest.raises(NotNow, match="still open"):
        checking.publish_list(session, rounds.officer, now, row.id)
    opening.close_registration(session, rounds.officer, CLOSES, row.id)
    with pytest.raises(NotNow, match="2 are not decided"):
        checking.publish_list(session, rounds.officer, CLOSES, row.id)


def test_the_seed_must_become_known_after_the_list_and_before_the_term(rounds, session):
    row = rounds.open([("food", 2)], seed_known_at=CLOSES)
    rounds.fill(row, 2)
    with pytest.raises(Invalid, match="after the list"):
        rounds.publish(row)


def test_registration_closes_early_only_with_a_reason(rounds, session, now):
    row = rounds.open()
    with pytest.raises(Invalid):
        opening.close_registration(session, rounds.officer, now, row.id)
    opening.close_registration(session, rounds.officer, now, row.id, reason="場地施工")
    assert (row.status, row.registration_until) == ("checking", now)


def test_windows_close_and_terms_begin_by_themselves(rounds, session):
    row = rounds.open([("food", 2)])
    rounds.fill(row, 2)
    places.lapse_due(session, CLOSES)
    assert row.status == "checking"
    rounds.draw(rounds.publish(row))
    places.lapse_due(session, KNOWN + timedelta(days=7))
    assert [each.status for each in in_states(session, row)] == [say.LAPSED, say.LAPSED]
    places.lapse_due(session, CLOSES + timedelta(days=60))
    assert row.status == "running"
    places.lapse_due(session, CLOSES + timedelta(days=300))
    assert row.status == "ended"


def test_a_draft_is_the_desks_own_until_it_is_announced(rounds, people, now):
    row = rounds.open(draft=True)
    assert (row.status, row.public) == ("draft", False)
    with pytest.raises(NotFound):
        registering.register(rounds.session, rounds.group, now, row.id, entry(1))
    opening.announce(rounds.session, rounds.officer, now, row.id)
    assert registering.register(rounds.session, rounds.group, now, row.id, entry(1)).status == say.SUBMITTED


def test_a_round_that_makes_no_sense_is_refused_at_its_fields(rounds):
    for changes, field in (
        ({"registration_until": OPENS}, "registration.until"),
        ({"term_from": TERM[1], "term_until": TERM[0]}, "term.until"),
        ({"term_from": date(2026, 11, 24)}, "term.from"),
        ({"classes": [("food", 1), ("food", 2)]}, "classes.1.code"),
        ({"classes": [("food", 0)]}, "classes.0.places"),
        ({"classes": []}, "classes"),
    ):
        with pytest.raises(Invalid) as refused:
            rounds.open(**changes)
        assert refused.value.errors[0].field == field


def test_what_is_registered_on_paper_is_told_to_nobody_by_wire(rounds, session, now):
    row = rounds.open([("food", 1)])
    registering.register(session, rounds.group, now, row.id, entry(1))
    rounds.fill(row, 3, ("food",)) if False else rounds.register(row, entry(2), entry(3))
    rounds.draw(rounds.publish(row))
    kinds = ("venues.registration_selected.v1", "venues.registration_waiting.v1")
    assert len(told(session, "venues.registration_received.v1")) == len(told(session, *kinds)) == 1
    (drawn,) = told(session, "venues.round_drawn.v1")
    assert (drawn["registrations"], drawn["person_ids"], drawn["seed"]) == (3, ["9"], "27650.11")


def test_every_step_is_kept(rounds, session):
    row = rounds.drawn(2, (("food", 1),))
    steps = session.scalars(
        select(RegistrationStep.status).order_by(RegistrationStep.registration_id, RegistrationStep.id)
    )
    assert sorted(steps) == sorted(["submitted", "eligible", "selected", "submitted", "eligible", "waiting"])
    assert row.status == "drawn"


def test_a_cancelled_round_returns_what_was_paid(rounds, session, now):
    row = rounds.drawn(3, (("food", 1),), rent=300)
    holder = next(each for each in in_states(session, row, say.SELECTED))
    places.accept(session, rounds.officer, KNOWN, holder.id)
    places.record_payment(session, rounds.officer, KNOWN, holder.id, receipt_number="R-1", amount=181 * 300)
    stops.cancel(session, rounds.officer, KNOWN, row.id, reason="館舍整修")
    assert [(e.kind, e.amount) for e in holder.entries] == [("charge", 54300), ("payment", 54300), ("refund", 54300)]
    with pytest.raises(Conflict):
        stops.cancel(session, rounds.officer, KNOWN, row.id, reason="再一次")


def test_the_own_firm_is_remembered_for_the_next_round(rounds, session, now):
    row = rounds.open()
    registering.register(session, rounds.group, now, row.id, entry(4, firm_name=""))
    last = registering.last_of(session, rounds.group)
    assert last is not None
    assert (last.firm_number, last.firm_name) == (firm(4), "青田文化協會")
    assert session.query(Registration).count() == 1


def test_a_firm_barred_since_it_registered_is_not_found_eligible_by_the_dozen(rounds, session, now):
    row = rounds.open()
    good, barred = rounds.register(row, entry(1), entry(2))
    session.add(
        RoundBar(
            firm_number=barred.firm_number, seller_id="", barred_from=now.date(), barred_until=now.date().replace(year=2027),
            grave=False, reason="占用通道", registration_id=barred.id, by_id=1,
        )
    )  # fmt: skip
    assert checking.find_complete_eligible(session, rounds.officer, CLOSES, row.id) == [good]
    assert barred.status == "submitted"


def test_what_a_firm_does_by_wire_is_in_the_audit_log(rounds, session, now):
    row = rounds.open(registration_from=now)
    (mine,) = rounds.register(row, entry(1, papers=()), who=rounds.group)
    checking.ask_for_supplement(session, rounds.officer, now, mine.id, what="保單")
    registering.supplement(session, rounds.group, now, mine.id, papers=("liability",))
    kept = session.query(AuditEntry).filter_by(subject=f"registration/{mine.id}", actor_id=rounds.group.id)
    assert [each.action for each in kept.order_by(AuditEntry.id)] == ["registration_made", "registration_papers_sent"]


def test_the_usual_seed_is_known_on_the_next_working_day(session, halls):
    before_new_year = taipei(date(2026, 12, 31), "16:00")
    assert checking.usual_moment(session, before_new_year) == taipei(date(2027, 1, 4), "14:00")
