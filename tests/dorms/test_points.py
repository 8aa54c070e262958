"""Points: every line says what it counted, and the sums are the rule's."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.words import Words
from dorms import points
from dorms.points import Facts, Item, Table

LABEL = Words("項目", "Item")
GRADE = Item("grade", LABEL, "per_grade", {"each": 4, "max": 60}, "D-14")
SENIORITY = Item("seniority", LABEL, "per_year", {"each": 5, "max": 30, "elsewhere_weight": "0.5"}, "D-14")
APPRAISALS = Item("appraisals", LABEL, "appraisals", {"last": 3, "A": 2, "B": 1, "C": 0, "D": 0}, "D-13")
DEPENDANTS = Item("dependants", LABEL, "per_head", {"each": 3, "max": 15}, "D-13", private=True)
HOME = Item("home", LABEL, "by_home", {"none": 10, "elsewhere": 4, "here": 0}, "D-14", private=True)
NOT_COUNTED = Item("dependants", LABEL, "not_counted", {}, "D-14", private=True)

SINGLE = Table("single-1", (GRADE, SENIORITY, APPRAISALS, HOME, NOT_COUNTED))
FAMILY = Table("family-1", (GRADE, SENIORITY, APPRAISALS, DEPENDANTS, HOME))

DISTANCE = Item(
    "distance", LABEL, "by_distance", {"near_km": 10, "far_km": 30, "middle": 5, "far": 10}, "D-14", private=True
)
DISABILITY = Item("disability", LABEL, "disability", {"each": 5}, "D-13", private=True)
DISCRETION = Item("discretion", LABEL, "discretion", {"max": 10}, "D-14", private=True)

years = st.decimals(0, 45, places=2)
facts = st.builds(
    Facts,
    grade=st.integers(1, 14),
    years_of_service=years,
    years_elsewhere=years,
    appraisals=st.lists(st.sampled_from("ABCD"), max_size=3).map(tuple),
    dependants=st.integers(0, 9),
    home_status=st.sampled_from(list(points.HOME_STATUS)),
)


def counted(item: Item, **known) -> Decimal:
    given = {"grade": 1, "years_of_service": Decimal(0)} | known
    return points.score(Table("t", (item,)), Facts(**given)).total


def test_grade_nine_five_years_and_no_home_of_ones_own_make_seventy_one():
    """The example of the page: 71 = grade 36 + service 25 + housing 10."""
    score = points.score(Table("t", (GRADE, SENIORITY, HOME)), Facts(9, Decimal(5), home_status="none"))
    assert [line.points for line in score.lines] == [36, 25, 10]
    assert score.total == 71
    assert score.table_version == "t"


@pytest.mark.parametrize(
    ("years", "counts"), [("0", 0), ("0.49", 0), ("0.5", 1), ("1.49", 1), ("5.5", 6), ("5.49", 5), ("29.99", 30)]
)
def test_half_a_year_or_more_counts_as_one_and_less_as_none(years, counts):
    assert points.whole_half_years(Decimal(years)) == counts


@pytest.mark.parametrize(
    ("here", "there", "expected"), [("3", "4", 25), ("3", "3", 25), ("3", "2.9", 20), ("0", "1", 5), ("6", "0", 30)]
)
def test_years_elsewhere_count_half_before_rounding(here, there, expected):
    assert counted(SENIORITY, years_of_service=Decimal(here), years_elsewhere=Decimal(there)) == expected


def test_points_stop_at_the_most_an_item_gives():
    assert counted(GRADE, grade=14) == 56
    assert counted(Item("grade", LABEL, "per_grade", {"each": 5, "max": 60}), grade=14) == 60
    assert counted(SENIORITY, years_of_service=Decimal(40)) == 30
    assert counted(DEPENDANTS, dependants=8) == 15


def test_only_the_last_three_appraisals_count():
    assert counted(APPRAISALS, appraisals=("A", "B", "A")) == 5
    assert counted(APPRAISALS, appraisals=("B", "B", "B", "A")) == 3
    assert counted(APPRAISALS) == 0


@pytest.mark.parametrize(("status", "expected"), [("none", 10), ("elsewhere", 4), ("here", 0)])
def test_home_counts_by_where_it_is(status, expected):
    assert counted(HOME, home_status=status) == expected


def test_single_rooms_list_dependants_without_counting_them():
    line = points.score(SINGLE, Facts(9, Decimal(5), dependants=4)).lines[-1]
    assert line.points == 0
    assert "個人積點" in line.basis.zh


@given(facts)
def test_the_total_is_the_sum_of_the_lines_and_never_below_nothing(someone):
    for table in (SINGLE, FAMILY):
        score = points.score(table, someone)
        assert score.total == sum(line.points for line in score.lines)
        assert all(line.points >= 0 and line.basis.zh and line.basis.en and line.value.zh for line in score.lines)
        assert len(score.lines) == len(table.items)


@given(facts)
def test_more_of_anything_never_costs_points(someone):
    more = Facts(
        someone.grade + 1,
        someone.years_of_service + Decimal("0.5"),
        someone.years_elsewhere + 1,
        tuple("A" for _ in someone.appraisals),
        someone.dependants + 1,
        "none",
    )
    assert points.score(FAMILY, more).total >= points.score(FAMILY, someone).total


@given(facts)
def test_what_others_see_adds_up_and_tells_nothing_of_family_or_home(someone):
    score = points.score(FAMILY, someone)
    shown = points.published_items(score.lines)
    assert set(shown) == {"grade", "seniority", "appraisals", "private"}
    assert sum(Decimal(value) for value in shown.values()) == score.total


@given(st.decimals(0, 1000, places=2))
def test_numbers_are_shown_without_idle_zeros(number):
    shown = points.plain(number)
    assert Decimal(shown) == number
    assert "." not in shown or not shown.endswith(("0", "."))


@pytest.mark.parametrize(("km", "expected"), [(0, 0), (10, 0), (11, 5), (30, 5), (31, 10)])
def test_the_way_from_home_counts_in_three_steps_each_up_to_and_with_its_last_kilometre(km, expected):
    assert counted(DISTANCE, home_km=km) == expected


def test_a_disability_counts_and_discretion_counts_nothing_until_it_is_entered_with_its_reason():
    assert (counted(DISABILITY, disabled=True), counted(DISABILITY)) == (5, 0)
    table = Table("t", (DISCRETION,))
    score = points.score(table, Facts(1, Decimal(0)))
    assert score.total == 0
    entered = points.checked(score, {"discretion": points.Check(Decimal(8), "長期輪值")})
    assert entered.total == 8
    assert "長期輪值" in entered.lines[0].value.zh


def test_a_check_changes_its_own_line_only():
    score = points.score(FAMILY, Facts(9, Decimal(5), dependants=2, home_status="none"))
    found = points.checked(score, {"seniority": points.Check(Decimal(20), "留職停薪一年"), "grade": points.Check(None)})
    assert [line.points for line in found.lines] == [36, 20, 0, 6, 10]
    assert found.total == 72
    assert found.lines[0].points == score.lines[0].points
