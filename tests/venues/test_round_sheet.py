"""The draw as a spreadsheet: it tells the same as the record, and says in words where the record does not hold."""

import pytest

from common.export import read_table
from tests.venues.rounds_desk import RoundDesk
from venues.rounds import drawing, lottery
from venues.rounds.draw_sheet import NotWhole, draw_sheet


@pytest.fixture
def rounds(session, people, now):
    return RoundDesk(session, people, now)


def test_the_sheet_tells_the_same(rounds):
    row = rounds.drawn(20, (("food", 3), ("cloth", 2)))
    record = drawing.public_record(row)
    rows = read_table("draw.ods", draw_sheet(record))[1:]
    assert {line[0] for line in rows if line[4] == "selected"} == set(record["selected"])
    by_hash = sorted((line for line in rows if line[1] == "F"), key=lambda line: line[2])
    assert [line[0] for line in by_hash] == [ticket for ticket in record["order"] if ticket[0] == "F"]
    assert [int(line[3].split(".")[0]) for line in by_hash] == list(range(1, 11))


def test_the_sheet_of_a_record_somebody_changed_says_in_words_what_does_not_match(rounds):
    row = rounds.drawn(8, (("food", 3), ("cloth", 2)))
    record = drawing.public_record(row)
    one, *rest = record["tickets"]
    assert not any("differs" in line for line in read_table("draw.ods", draw_sheet(record)))
    for change in (
        {"order": record["order"][1:]}, {"order": ["X-00099", *record["order"]]}, {"classes": record["classes"][:1]},
        {"tickets": rest}, {"tickets": [one, one, *rest]}, {"tickets": ["X-00099", *rest]}, {"tickets": None},
        {"seed": None}, {"classes": [{"code": "food"}]}, {"holding": []}, {"tickets": [one]},
    ):  # fmt: skip
        changed = {**record, **change}
        wrong = [words.zh for words in lottery.faults(changed)]
        try:
            said = "\n".join(" ".join(line) for line in read_table("draw.ods", draw_sheet(changed)))
        except NotWhole as refused:
            said = refused.words.zh
        assert wrong and all(words in said for words in wrong), change
