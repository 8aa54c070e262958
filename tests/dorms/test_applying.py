"""Applying: eligibility first with its rule, codes that hide names, one each, facts that agree."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from common.errors import Forbidden, Invalid, NotFound
from common.period import today
from dorms import applications
from dorms.applications import AppliedAlready, NotEligible, RegistrationClosed
from tests.dorms.conftest import told


@pytest.mark.parametrize(
    ("answer", "value", "rule"),
    [
        ("on_establishment", False, "D-02"),
        ("lives_alone", False, "D-02"),
        ("had_home_loan", True, "D-04"),
        ("bought_quarters", True, "D-05"),
        ("spouse_housed", True, "D-05"),
    ],
)
def test_an_answer_that_ends_the_application_is_refused_at_its_field_with_its_rule(apply, answer, value, rule):
    with pytest.raises(NotEligible) as refused:
        apply("staff", **{answer: value})
    assert [error.field for error in refused.value.errors] == [answer]
    assert rule in refused.value.errors[0].words.zh
    assert rule in refused.value.errors[0].words.en


def test_a_home_loan_does_not_count_for_those_posted_too_far_with_the_heads_consent(apply):
    assert apply("staff", had_home_loan=True, posted_far=True).declarations["posted_far"] is True


def test_an_application_has_a_code_that_hides_the_name_and_a_number(apply, people, session):
    row = apply("staff")
    assert row.code[:3] == f"{people['staff'].id:03d}"
    assert row.code[3:].isalpha()
    assert row.number == f"115-D-{row.id:05d}"
    assert told(session, "application_submitted") == 1


def test_two_people_with_the_same_last_digits_get_different_codes(session, round_, people, apply, now):
    people["staff2"].id = 1011
    session.execute(text("UPDATE person SET id = 1011 WHERE username = 'staff2'"))
    one, other = apply("staff"), apply("staff2")
    assert one.code[:3] == other.code[:3] == "011"
    assert one.code != other.code


def test_one_application_each_in_a_round(apply):
    apply("staff")
    with pytest.raises(AppliedAlready):
        apply("staff")


def test_after_withdrawing_one_may_apply_again_with_other_answers(session, apply, people, now):
    row = apply("staff", grade=5)
    applications.withdraw(session, people["staff"], now, row.id)
    again = apply("staff", grade=8)
    assert (again.id, again.grade, again.state, again.withdrawn_at) == (row.id, 8, "submitted", None)


def test_registration_is_half_open(session, round_, people, now):
    facts = {"grade": 7, "years_of_service": Decimal(5), "home_status": "none", "room_kind": "single"}
    with pytest.raises(RegistrationClosed):
        applications.apply_for_room(session, people["staff"], round_.registration_until, **facts)
    last = round_.registration_until - timedelta(microseconds=1)
    assert applications.apply_for_room(session, people["staff"], last, **facts).round_id == round_.id


def test_outside_bodies_do_not_apply(apply):
    with pytest.raises(Forbidden):
        apply("group")


def test_wishes_name_rooms_and_houses_that_exist(apply, house):
    rooms = house()
    assert apply("staff", preferences=[str(rooms[1].id), "xiyuan", "xiyuan"]).preferences == [
        str(rooms[1].id),
        "xiyuan",
    ]
    with pytest.raises(Invalid) as refused:
        apply("staff2", preferences=["xiyuan", "nowhere"])
    assert refused.value.errors[0].field == "preferences.1"


def test_years_and_start_date_must_agree(apply, now):
    with pytest.raises(Invalid) as refused:
        apply("staff", started_on=date(2024, 11, 23), years_of_service=Decimal(9))
    assert refused.value.errors[0].field == "years_of_service"
    with pytest.raises(Invalid) as refused:
        apply("staff", started_on=today(now) + timedelta(days=1), years_of_service=Decimal(0))
    assert refused.value.errors[0].field == "started_on"


def test_without_a_start_date_it_is_counted_back_from_the_years(apply):
    assert apply("staff", started_on=None, years_of_service=Decimal(4)).started_on == date(2022, 11, 23)


def test_only_its_owner_and_the_dormitory_officer_see_an_application(session, apply, people):
    row = apply("staff")
    assert applications.find(session, people["staff"], row.id) is row
    assert applications.find(session, people["dorms"], row.id) is row
    for other in ("staff2", "auditor", "admin", "supervisor"):
        with pytest.raises(NotFound):
            applications.find(session, people[other], row.id)
