"""Rounds: opened, ranked once with a public seed, published by code."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from common.audit import AuditEntry
from common.errors import Forbidden, Invalid, Stale
from dorms import offers, rounds
from dorms.rounds import DoneAlready, NotYet
from tests.dorms.conftest import told


def test_only_the_dormitory_officer_opens_ranks_and_allots(session, round_, people, apply, now):
    apply("staff")
    for verb in (rounds.publish_ranking, offers.allot_rooms):
        with pytest.raises(Forbidden):
            verb(session, people["staff"], now, round_.id)
    with pytest.raises(Forbidden):
        rounds.rank_applicants(session, people["staff"], now, round_.id, seed="1")


def test_a_round_must_end_after_it_begins_and_in_the_future(session, people, now):
    for begins, ends in ((2, 1), (-2, -1), (1, 1)):
        with pytest.raises(Invalid) as refused:
            rounds.open_round(
                session,
                people["dorms"],
                now,
                kind="single",
                registration_from=now + timedelta(days=begins),
                registration_until=now + timedelta(days=ends),
            )
        assert refused.value.errors[0].field == "registration.until"


def test_ranking_waits_for_the_end_of_registration_unless_a_reason_is_given(session, round_, people, apply, now):
    apply("staff")
    with pytest.raises(NotYet) as refused:
        rounds.rank_applicants(session, people["dorms"], now + timedelta(days=1), round_.id, seed="1")
    assert refused.value.errors[0].field == "close_early_reason"
    rounds.rank_applicants(
        session, people["dorms"], now + timedelta(days=1), round_.id, seed="1", close_early_reason="修繕完成提前"
    )
    assert round_.registration_until == now + timedelta(days=1)
    assert session.scalars(select(AuditEntry).where(AuditEntry.action == "dorms.close_early")).one().reason


def test_a_seed_is_used_only_once(session, round_, people, apply):
    apply("staff")
    at = round_.registration_until
    rounds.rank_applicants(session, people["dorms"], at, round_.id, seed="23117.42")
    with pytest.raises(DoneAlready):
        rounds.rank_applicants(session, people["dorms"], at, round_.id, seed="a luckier one")


def test_others_read_the_ranking_only_once_it_is_published(session, round_, people, apply):
    apply("staff")
    rounds.rank_applicants(session, people["dorms"], round_.registration_until, round_.id, seed="1")
    assert rounds.public_record(session, people["dorms"], round_)["ranking"]
    with pytest.raises(NotYet):
        rounds.public_record(session, people["staff"], round_)
    rounds.publish_ranking(session, people["dorms"], round_.registration_until, round_.id)
    assert rounds.public_record(session, people["staff"], round_)["ranking"]
    assert told(session, "ranking_published") == 1


def test_what_is_published_holds_no_name_no_family_and_no_home(session, round_, people, apply, close):
    apply("staff", home_status="none", dependants=3)
    close()
    record = rounds.public_record(session, people["auditor"], round_)
    shown = str(record)
    assert people["staff"].name not in shown
    assert not {"home", "dependants", "home_status", "declarations"} & set(record["ranking"][0])
    assert set(record["ranking"][0]["items"]) == {"grade", "seniority", "appraisals", "private"}
    assert record["ranking"][0]["started_on"] is None


def test_the_list_of_codes_is_fixed_and_public_once_registration_has_ended(round_, apply, now):
    apply("staff")
    with pytest.raises(NotYet):
        rounds.fixed_tickets(round_, now)
    assert rounds.fixed_tickets(round_, round_.registration_until) == rounds.tickets(round_)


def test_an_edit_of_a_round_somebody_else_changed_is_stale(session, round_, people, apply):
    apply("staff")
    at, seen = round_.registration_until, round_.rev
    rounds.rank_applicants(session, people["dorms"], at, round_.id, seed="1", rev=seen)
    with pytest.raises(Stale):
        rounds.publish_ranking(session, people["dorms"], at, round_.id, rev=seen)
