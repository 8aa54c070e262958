"""The draw: everybody can compute it again, and nobody can steer it."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import draw as draws
from common.errors import Invalid

codes = st.lists(st.from_regex(r"[0-9]{3}[A-Z]", fullmatch=True), min_size=1, max_size=40, unique=True)
seeds = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=30)


@given(codes, seeds, st.randoms())
def test_the_order_in_which_tickets_arrive_plays_no_part(tickets, seed, chance):
    shuffled = list(tickets)
    chance.shuffle(shuffled)
    assert draws.draw(tickets, seed) == draws.draw(shuffled, seed)


@given(codes, seeds)
def test_every_ticket_gets_exactly_one_place(tickets, seed):
    drawn = draws.draw(tickets, seed)
    assert sorted(drawn.order) == sorted(tickets)
    assert [drawn.place_of(ticket) for ticket in drawn.order] == list(range(1, len(tickets) + 1))


@given(codes, seeds)
def test_a_published_draw_checks_out(tickets, seed):
    assert draws.faults(draws.draw(tickets, seed, seed_source="加權指數").published()) == []


def test_the_published_values_stay_what_they_were():
    """Golden: a change here makes every draw already published uncheckable."""
    drawn = draws.draw(["007B", "003A", "112C", "045A"], "23117.42", seed_source="TAIEX 115.11.20")
    assert drawn.tickets_sha256 == "8d76d674f214b03e625ea89e766f91c2642b88c81f1f7f384c7d9c9505a05ba8"
    assert drawn.order == ("003A", "007B", "112C", "045A")


@pytest.mark.parametrize(
    "change",
    [
        {"order": ["003A", "007B", "045A", "112C"]},
        {"seed": "23117.43"},
        {"tickets": ["003A", "007B", "045A"]},
        {"tickets": ["003A", "007B", "045A", "112C", "999Z"]},
        {"tickets_sha256": "0" * 64},
        {"algorithm": "as we like it"},
        {"seed": None},
        {"tickets": ["003A", "003A"]},
    ],
)
def test_any_change_after_the_event_is_told(change):
    published = draws.draw(["007B", "003A", "112C", "045A"], "seed 17").published()
    assert draws.faults(published | change) != []


def test_each_ticket_comes_first_about_as_often_as_any_other():
    firsts = Counter(draws.draw("ABC", f"seed {n}").order[0] for n in range(6000))
    assert all(abs(count - 2000) < 200 for count in firsts.values())


def test_the_recipe_on_the_page_gives_the_same_order(tmp_path: Path):
    drawn = draws.draw(["007B", "003A", "112C", "045A"], "4 17 22 31 38 40")
    (tmp_path / "tickets.txt").write_text("112C\n003A\n045A\n007B\n", encoding="utf-8")
    program = f"SEED = {drawn.seed!r}\n" + draws.RECIPE
    told = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["list", drawn.tickets_sha256, *drawn.order]


@pytest.mark.parametrize("seed", ["", "   ", "two\nlines", "x" * 201])
def test_a_seed_that_is_no_public_value_is_refused_at_its_field(seed):
    with pytest.raises(Invalid) as refused:
        draws.draw(["A"], seed)
    assert refused.value.errors[0].field == "seed"


@pytest.mark.parametrize("tickets", [["A", "A"], [""], ["A B"], ["A\nB"]])
def test_tickets_must_be_distinct_codes(tickets):
    with pytest.raises(ValueError, match="ticket"):
        draws.tickets_sha256(tickets)


def test_a_draw_of_nobody_is_an_empty_order():
    assert draws.draw([], "seed").order == ()
