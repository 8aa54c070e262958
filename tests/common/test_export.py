"""Tables out and in: no cell runs as a formula, no broken file breaks the reader."""

import random

import pytest

from common.errors import Invalid
from common.export import csv_bytes, ods_bytes, read_table


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠"])
def test_no_text_leaves_as_a_formula(start):
    text = csv_bytes(["單位"], [[f'{start}HYPERLINK("http://x")'], [-5]]).decode("utf-8-sig")
    assert text.split("\r\n", 1)[1].lstrip('"').startswith(f"'{start}")
    assert text.endswith("\r\n-5\r\n")  # a figure stays a figure


def test_a_spreadsheet_that_was_tampered_with_is_refused_or_read_but_never_breaks_the_reader():
    sent, dice, refused = ods_bytes("t", ["a", "b"], [["x", n] for n in range(50)]), random.Random(4), 0
    for _ in range(150):
        spoilt = bytearray(sent)
        for _ in range(dice.randint(1, 12)):
            spoilt[dice.randrange(4, len(spoilt))] = dice.randrange(256)
        try:
            read_table("list.ods", bytes(spoilt))
        except Invalid as wrong:
            refused += wrong.errors[0].field == "file"
    assert refused > 50
