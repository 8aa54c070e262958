"""A draw that a loser can check: fair, blind to who came first, and nothing of it changes without showing."""

import json
import random
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common import draw as draws
from common.errors import Invalid
from tests.venues.rounds_desk import KNOWN, RoundDesk
from venues.refusals import NotNow
from venues.rounds import check_draw, drawing, lottery, places
from venues.rounds import words as say
from venues.rounds.lottery import Class
from venues.rounds.steps import in_states

SEEDS = 2_000
CHI_SQUARE_999 = {5: 20.515, 11: 31.264}
"""The 99.9 % points of chi-square by degrees of freedom: a fair draw fails such a test once in a thousand sets of seeds.
The seeds here are fixed, so it fails never or always."""


@pytest.fixture
def rounds(session, people, now):
    return RoundDesk(session, people, now)


def chi_square(counts, expected):
    return sum((count - expected) ** 2 / expected for count in counts)


def test_every_ticket_of_a_class_has_the_same_chance():
    """Over 2,000 seeds, 12 tickets for 3 places beside another class: selected equally often (error probability 0.001)."""
    mine = [f"F-{n:05d}" for n in (1, 2, 3, 7, 40, 41, 300, 302, 303, 511, 512, 540)]
    others = [f"A-{n:05d}" for n in range(600, 607)]
    classes = [Class("produce", "A", 2), Class("food", "F", 3)]
    chosen, firsts, positions = Counter(), Counter(), Counter()
    for seed in range(SEEDS):
        order = draws.draw([*mine, *others], f"index {seed}").order
        _, food = lottery.outcomes(order, classes)
        chosen.update(food.selected)
        firsts[food.selected[0]] += 1
        positions[mine.index(food.waiting[0])] += 1
    share = SEEDS * 3 / 12
    # Three of twelve without replacement: each count varies by p (1 - p), and the twelve add up to a fixed sum. The statistic
    # is then chi-square with 11 degrees of freedom times (1 - 3/12) · 12/11.
    assert chi_square((chosen[ticket] for ticket in mine), share) / ((1 - 3 / 12) * 12 / 11) < CHI_SQUARE_999[11]
    assert chi_square((firsts[ticket] for ticket in mine), SEEDS / 12) < CHI_SQUARE_999[11]
    assert chi_square((positions[n] for n in range(12)), SEEDS / 12) < CHI_SQUARE_999[11]


def test_every_order_of_three_is_as_likely():
    orders = Counter(draws.draw(["F-00001", "F-00002", "F-00003"], f"seed {n}").order for n in range(SEEDS))
    assert len(orders) == 6
    assert chi_square(orders.values(), SEEDS / 6) < CHI_SQUARE_999[5]


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(1, 99_999), min_size=2, max_size=40), st.text("0123456789.", min_size=1), st.randoms())
def test_who_came_first_plays_no_part(numbers, seed, shuffler):
    tickets = [f"F-{n:05d}" for n in sorted(numbers)]
    shuffled = tickets[:]
    shuffler.shuffle(shuffled)
    assert draws.draw(tickets, seed) == draws.draw(shuffled, seed)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from("ABC"), min_size=3, max_size=40), st.integers(0, 10**6), st.data())
def test_a_waiting_list_goes_by_the_order_whatever_happens(prefixes, seed, data):
    classes = [Class("a", "A", 2), Class("b", "B", 1), Class("c", "C", 3)]
    order = draws.draw([f"{prefix}-{n:05d}" for n, prefix in enumerate(prefixes)], str(seed)).order
    standing, log = lottery.drawn(order, classes), []
    for _ in range(data.draw(st.integers(0, 12))):
        present = [*standing.holding.values(), *(ticket for line in standing.waiting.values() for ticket in line)]
        if not present:
            break
        leaver = data.draw(st.sampled_from(sorted(present)))
        place, following = lottery.leave(standing, leaver[0].lower(), leaver)
        log.append({"ticket": leaver, "place_no": place, "passed_to": following})
    again, wrong = lottery.replayed(order, classes, log)
    assert (again, wrong) == (standing, [])
    gone = {entry["ticket"] for entry in log}
    for one in classes:
        left = [ticket for ticket in order if ticket[0] == one.prefix and ticket not in gone]
        holders = {ticket for ticket in standing.holding.values() if ticket[0] == one.prefix}
        assert holders == set(left[: one.places])
        assert standing.waiting[one.code] == left[one.places :]


def test_nothing_is_drawn_before_the_seed_can_be_known_and_never_twice(rounds, session):
    row = rounds.open([("food", 1)])
    rounds.fill(row, 2)
    rounds.publish(row)
    with pytest.raises(NotNow, match="not known before"):
        drawing.draw_round(session, rounds.officer, KNOWN.replace(hour=5), row.id, seed="27650.11")
    rounds.draw(row)
    with pytest.raises(NotNow, match="used once"):
        drawing.draw_round(session, rounds.officer, KNOWN, row.id, seed="27650.12")


def test_two_officers_must_read_the_same(rounds, session):
    row = rounds.open([("food", 1)])
    rounds.fill(row, 2)
    rounds.publish(row)
    for person, seed in ((rounds.officer, "27650.11"), (rounds.officer, "27650.11"), (rounds.second, "27651.11")):
        drawing.draw_round(session, person, KNOWN, row.id, seed=seed)
        assert row.status == "seed_named"
        assert drawing.public_record(row)["seed_entries"] == [], (
            "the second officer must not read what the first entered"
        )
    assert drawing.differ(row)
    drawing.draw_round(session, rounds.second, KNOWN, row.id, seed="27650.11")
    assert row.status == "drawn"
    assert [(each["officer"], each["seed"]) for each in drawing.public_record(row)["seed_entries"]] == [
        (1, "27650.11"), (1, "27650.11"), (2, "27651.11"), (2, "27650.11"),
    ]  # fmt: skip


def test_one_officer_is_enough_with_the_document_the_seed_stands_in(rounds, session):
    row = rounds.open([("food", 1)])
    rounds.fill(row, 2)
    rounds.publish(row)
    with pytest.raises(Exception, match="does not hold this seed"):
        drawing.draw_round(session, rounds.officer, KNOWN, row.id, seed="27650.11", document="115/12/08,27,650.12")
    drawing.draw_round(session, rounds.officer, KNOWN, row.id, seed="27650.11", document="115/12/08,27650.11")
    assert drawing.verify(session, row) == []
    (shown,) = drawing.public_record(row)["seed_entries"]
    assert shown["document"] == "115/12/08,27650.11", "anybody can hold it against the source"
    assert len(shown["document_sha256"]) == 64


@pytest.mark.parametrize("document", ["收盤27650.11點。", "115/12/08,27650.11", "27650.11", "index 27650.11, up"])
def test_the_seed_stands_whole_in_its_document_and_a_piece_of_it_does_not(document, rounds, session):
    row = rounds.open([("food", 1)])
    rounds.fill(row, 2)
    rounds.publish(row)
    for piece in ("0", "650.11", "27650", "27650.1", "7650.11"):
        with pytest.raises(Invalid, match="does not hold this seed"):
            drawing.draw_round(session, rounds.officer, KNOWN, row.id, seed=piece, document=document)
    for grouped, part in (("27,650.11", "650.11"), ("27,650.11", "27")):
        with pytest.raises(Invalid, match="does not hold this seed"):
            drawing.draw_round(session, rounds.officer, KNOWN, row.id, seed=part, document=grouped)
    assert drawing.draw_round(session, rounds.officer, KNOWN, row.id, seed="27650.11", document=document).result


def test_who_withdraws_after_the_list_stays_on_it_and_gives_way(rounds, session):
    row = rounds.open([("food", 2)])
    rounds.fill(row, 6)
    rounds.publish(row)
    order = draws.draw(row.listing.tickets, "27650.11").order
    leaver = rounds.of(row, order[0])
    places.withdraw(session, rounds.officer, KNOWN, leaver.id)
    record = drawing.public_record(rounds.draw(row))
    assert record["selected"] == list(order[:2])
    assert record["holding"] == [{"place_no": 1, "ticket": order[2]}, {"place_no": 2, "ticket": order[1]}]
    assert [(each["ticket"], each["passed_to"]) for each in record["log"]] == [(order[0], order[2])]
    assert drawing.verify(session, row) == [] and check_draw.faults(record) == []


GUARDED = {
    "round_listing": "tickets_sha256 = 'x'",
    "round_result": "seed = 'x'",
    "round_seed": "seed = 'x'",
    "round_log": "passed_to = 'x'",
    "registration_step": "status = 'x'",
    "round_entry": "amount = 1",
}


@pytest.mark.parametrize("table", GUARDED)
def test_what_was_published_can_be_neither_changed_nor_deleted(table, rounds, session):
    row = rounds.drawn(4, (("food", 1),), rent=300)
    holder = in_states(session, row, say.SELECTED)[0]
    places.accept(session, rounds.officer, KNOWN, holder.id)
    places.withdraw(session, rounds.officer, KNOWN, holder.id)
    session.flush()
    for act in (f"UPDATE {table} SET {GUARDED[table]}", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(text(act))


def tampered(session, table, act):
    """Do it behind the guard's back, as somebody with the database in hand could."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    else:
        session.execute(text(f"DROP TRIGGER IF EXISTS {table}_append_only_update"))
    session.execute(text(act))
    session.flush()
    session.expire_all()


def test_a_change_behind_the_guard_shows(rounds, session):
    row = rounds.drawn(9, (("food", 2), ("cloth", 1)))
    holders, waiting = in_states(session, row, say.SELECTED), in_states(session, row, say.WAITING)
    assert drawing.verify(session, row) == []
    order = json.dumps(list(reversed(row.result.order)))
    listed = json.dumps(row.listing.tickets[1:])
    for table, act, expected in (
        ("registration", f"UPDATE registration SET status = 'waiting', place_no = NULL WHERE id = {holders[0].id}", "登錄的攤位"),
        ("registration", f"UPDATE registration SET status = 'withdrawn' WHERE id = {waiting[0].id}", "登錄的備取"),
        ("round_result", f"UPDATE round_result SET \"order\" = '{order}'", "抽籤順序與種子"),
        ("round_listing", f"UPDATE round_listing SET tickets = '{listed}'", "名單與抽籤前公布的雜湊值不符"),
        ("round_listing", "UPDATE round_listing SET seed_source = 'ours'", "名額、種子來源或時間"),
        ("round_listing", "UPDATE round_listing SET announced_sha256 = 'x'", "稽核紀錄不同"),
        ("round_result", "UPDATE round_result SET seed = '1'", "抽籤順序與種子"),
    ):  # fmt: skip
        with session.begin_nested() as savepoint:
            tampered(session, table, act)
            found = " ".join(words.zh for words in drawing.verify(session, row))
            assert expected in found, (act, found)
            savepoint.rollback()
        session.expire_all()
    assert drawing.verify(session, row) == []


def test_what_happened_after_the_draw_cannot_be_rewritten_either(rounds, session):
    """A place passed on by the database's owner, or one who left taken off the log: the audit log knows who left."""
    row = rounds.drawn(9, (("food", 2),))
    first, other = in_states(session, row, say.SELECTED)
    places.withdraw(session, rounds.officer, KNOWN, first.id)
    assert drawing.verify(session, row) == []
    following = min(in_states(session, row, say.WAITING), key=lambda each: each.position)
    last = row.log[-1]
    made_up = (
        f"UPDATE registration SET status = 'left', place_no = NULL WHERE id = {other.id}",
        f"UPDATE registration SET status = 'holding', place_no = {other.place_no} WHERE id = {following.id}",
        f"INSERT INTO round_log (round_id, at, ticket, what, place_no, passed_to) SELECT round_id, at, '{other.ticket}', 'left', "
        f"{other.place_no}, '{following.ticket}' FROM round_log WHERE id = {last.id}",
    )  # fmt: skip
    nobody = ("UPDATE round_log SET passed_to = ''",)
    strangers = ("UPDATE round_log SET ticket = 'X-00001'",)
    for acts, expected in ((made_up, "稽核紀錄不同"), (nobody, "該遞補而沒有遞補"), (strangers, "既非正取也非備取")):
        with session.begin_nested() as savepoint:
            tampered(session, "round_log", "SELECT 1")
            for act in acts:
                session.execute(text(act))
            session.expire_all()
            found = " ".join(words.zh for words in drawing.verify(session, row))
            assert expected in found, (acts, found)
            assert check_draw.faults(drawing.public_record(row)) or acts is made_up
            savepoint.rollback()
        session.expire_all()


def test_even_a_record_that_makes_no_sense_is_shown_and_said_to_be_wrong(rounds, session):
    row = rounds.drawn(4, (("food", 2),))
    for table, act in (
        ("round_result", 'UPDATE round_result SET "order" = \'["X-1", "F-2"]\''),
        ("round_listing", "UPDATE round_listing SET classes = '[]'"),
        ("round_listing", "UPDATE round_listing SET tickets = '[]'"),
    ):
        with session.begin_nested() as savepoint:
            tampered(session, table, act)
            assert drawing.verify(session, row), act
            assert check_draw.faults(drawing.public_record(row)), act
            savepoint.rollback()
        session.expire_all()


def test_a_list_and_draw_made_up_afresh_do_not_match_the_audit_log(rounds, session):
    """Everything rewritten so that it fits together: the hash told beforehand gives it away."""
    row = rounds.drawn(6, (("food", 2),))
    drawn = draws.draw(row.listing.tickets, "another")
    tampered(
        session, "round_result", f"UPDATE round_result SET seed = 'another', \"order\" = '{json.dumps(drawn.order)}'"
    )
    session.execute(text("UPDATE registration SET place_no = NULL, status = 'waiting'"))
    for no, ticket in enumerate(drawn.order[:2], start=1):
        session.execute(
            text(f"UPDATE registration SET place_no = {no}, status = 'selected' WHERE id = {int(ticket[2:])}")
        )
    session.expire_all()
    assert lottery.faults(drawing.public_record(row)) == []
    assert [words.zh for words in drawing.verify(session, row)] == ["抽籤順序與當時的稽核紀錄不同"]


def run_alone(tmp_path, program, *arguments):
    """Plain Python, isolated from us and from every library."""
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    command = [sys.executable, "-I", "-S", "program.py", *arguments]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, encoding="utf-8")


def test_the_recipe_draws_the_same_with_plain_python(rounds, tmp_path):
    row = rounds.drawn(30, (("food", 3), ("cloth", 2)), seed_source="彩券")
    record = drawing.public_record(row)
    (tmp_path / "tickets.txt").write_text("\n".join(random.Random(1).sample(record["tickets"], 30)))
    ran = run_alone(tmp_path, lottery.recipe(record["seed"], drawing.classes_of(row.listing)))
    lines = [line.split() for line in ran.stdout.splitlines()]
    assert lines[0] == ["list", record["tickets_sha256"]], ran.stderr
    by_prefix = {one["code"]: one["prefix"] for one in record["classes"]}
    for result in record["results"]:
        prefix = by_prefix[result["code"]]
        assert [prefix, "selected", *result["selected"]] in lines and [prefix, "waiting", *result["waiting"]] in lines


@pytest.mark.parametrize("seed", ['"; import os', "\\", "{x}", "種子 7", "'''"])
def test_the_recipe_takes_any_seed(seed, tmp_path):
    classes = [Class("food", "F", 1)]
    (tmp_path / "tickets.txt").write_text("F-00001\nF-00002\n")
    ran = run_alone(tmp_path, lottery.recipe(seed, classes))
    (one,) = lottery.outcomes(draws.draw(["F-00001", "F-00002"], seed).order, classes)
    assert f"F selected {one.selected[0]}" in ran.stdout, ran.stderr


def test_the_checker_alone_finds_what_is_wrong(rounds, session, tmp_path):
    row = rounds.drawn(12, (("food", 2), ("cloth", 2)))
    holder = in_states(session, row, say.SELECTED)[0]
    places.withdraw(session, rounds.officer, KNOWN, holder.id)
    record = drawing.public_record(row)
    with open(check_draw.__file__, encoding="utf-8") as file:
        program = file.read()
    (tmp_path / "draw.json").write_text(json.dumps(record), encoding="utf-8")
    ran = run_alone(tmp_path, program, "draw.json", record["tickets_sha256"])
    assert (ran.returncode, ran.stdout.strip()) == (0, "the draw is right"), ran.stderr
    assert run_alone(tmp_path, program, "draw.json", record["announced_sha256"]).returncode == 0
    assert run_alone(tmp_path, program, "draw.json", "0" * 64).returncode == 1
    moved = record["log"][0]["passed_to"]
    other = next(t for t in record["waiting"] if t[0] == moved[0] and t != moved)
    for change in (
        {"seed": "27650.12"},
        {"order": record["order"][::-1]},
        {"tickets": record["tickets"][1:]},
        {"results": [{**record["results"][0], "waiting": []}, record["results"][1]]},
        {"holding": record["holding"][1:]},
        {"log": [{**record["log"][0], "passed_to": other}]},
        {"log": [{**record["log"][0], "passed_to": ""}]},
        {"log": [{**record["log"][0], "ticket": "X-00001"}]},
        {"classes": [{**record["classes"][0], "places": 3}, record["classes"][1]]},
        {"classes": record["classes"][:1]},
        {"seed_source": "ours"},
        {"seed_known_at": "2027-06-01T14:00:00+08:00"},
        {"drawn_at": None},
    ):
        assert check_draw.faults({**record, **change}) != [], change
        assert lottery.faults({**record, **change}) != [], change


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=4), st.lists(st.integers(0, 3), min_size=1, max_size=25),
    st.text(alphabet="0123456789.一 x", min_size=1).filter(str.strip), st.data(),
)  # fmt: skip
def test_the_house_and_the_checker_alone_agree_about_any_round(places_of, drawn_in, seed, data):
    """Any number of classes, places and tickets, ones that leave, and one entry of the log that may be a lie."""
    listed = [
        {"code": f"c{n}", "prefix": "ABCD"[n], "places": p, "name": "類", "name_en": ""}
        for n, p in enumerate(places_of)
    ]
    tickets = sorted(f"{'ABCD'[n % len(places_of)]}-{i:05d}" for i, n in enumerate(drawn_in))
    drawn = draws.draw(tickets, seed)
    classes = [Class(one["code"], one["prefix"], one["places"]) for one in listed]
    standing, log = lottery.drawn(drawn.order, classes), []
    for ticket in data.draw(st.lists(st.sampled_from(tickets), unique=True, max_size=8)):
        code = next(one.code for one in classes if one.prefix == ticket[0])
        place, passed_to = lottery.leave(standing, code, ticket)
        log.append(
            {
                "at": "2026-12-09T09:00:00+08:00",
                "ticket": ticket,
                "what": "left",
                "place_no": place,
                "passed_to": passed_to,
            }
        )
    record = {
        **drawn.published(), "seed_source": "x", "seed_known_at": "2026-12-08T14:00:00+08:00", "classes": listed,
        "drawn_at": "2026-12-08T15:00:00+08:00", "term_until": "2027-07-01", "log": log,
        "holding": [{"place_no": no, "ticket": ticket} for no, ticket in sorted(standing.holding.items())],
        "results": [
            {"code": one.code, "selected": list(one.selected), "waiting": list(one.waiting)}
            for one in lottery.outcomes(drawn.order, classes)
        ],
    }  # fmt: skip
    record["announced_sha256"] = lottery.announced_sha256(record)
    assert lottery.faults(record) == [] == check_draw.faults(record)
    if log:
        lie = data.draw(st.integers(0, len(log) - 1))
        told = data.draw(st.sampled_from(["", *tickets]))
        wrong = {**record, "log": [{**each, "passed_to": told} if n == lie else each for n, each in enumerate(log)]}
        assert bool(lottery.faults(wrong)) is bool(check_draw.faults(wrong))
