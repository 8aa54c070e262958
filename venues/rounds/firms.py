"""Numbers that firms and sellers are known by, and whether they can be right. Pure."""

import re
import unicodedata

from common.errors import Invalid
from common.words import Words

UNIFIED_WEIGHTS = (1, 2, 1, 2, 1, 2, 4, 1)
LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
"""In the order of the numbers 10, 11, 12 … that stand for them in a national number."""


def unified_number_is_right(number: str) -> bool:
    """Whether eight digits can be a 統一編號: the sum of the weighted digits' digits is divisible by 5 (since 1 April
    2023; before, by 10, which every older number still is). A 7 in the seventh place may count one more."""
    if not re.fullmatch(r"[0-9]{8}", number):
        return False
    total = sum(sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(number, UNIFIED_WEIGHTS, strict=True))
    return total % 5 == 0 or (number[6] == "7" and (total + 1) % 5 == 0)


def person_number_is_right(number: str) -> bool:
    """Whether it can be a national number (A123456789) or a resident's (A800000014): letter, 1, 2, 8 or 9, check digit."""
    if not re.fullmatch(r"[A-Z][1289][0-9]{8}", number):
        return False
    tens, ones = divmod(LETTERS.index(number[0]) + 10, 10)
    digits = [tens, ones, *map(int, number[1:])]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 10 == 0


def firm_number(kind: str, typed: str, field: str = "firm_number") -> str:
    """The number as kept: 統一編號 of a company, a farmer's national number, else letters and digits (立案字號).

    Raises Invalid at `field`.
    """
    number = _plain(typed)
    if kind == "company" and not unified_number_is_right(number):
        zh = "統一編號要是 8 位數字，檢查碼不符請再看一次"
        raise Invalid(Words(zh, "A firm’s number has 8 digits, and its check must be right"), field=field)
    if kind == "farmer" and not person_number_is_right(number):
        raise Invalid(Words("農民請填身分證號，檢查碼要相符", "A farmer gives a national number"), field=field)
    if not re.fullmatch(r"\w{2,20}", number):
        raise Invalid(Words("請填 2 到 20 個字的字號", "2 to 20 letters and digits"), field=field)
    return number


def seller_number(typed: str, field: str = "seller_id") -> str:
    """The seller's national or resident's number as kept. Raises Invalid at `field`."""
    number = _plain(typed)
    if not person_number_is_right(number):
        zh = "販售人員請填身分證號或居留證號，檢查碼要相符"
        raise Invalid(Words(zh, "The seller’s national or resident’s number, with its check digit"), field=field)
    return number


def with_check_digit(seven: str) -> str:
    """Seven digits with the eighth that makes a 統一編號 right by the older and the newer rule (for demonstrations)."""
    for last in "0123456789":
        number = seven + last
        total = sum(sum(divmod(int(d) * w, 10)) for d, w in zip(number, UNIFIED_WEIGHTS, strict=True))
        if total % 10 == 0:
            return number
    raise ValueError(seven)


def person_with_check_digit(eight_and_letter: str) -> str:
    """A letter and eight digits with the check digit that makes a national number right (for demonstrations)."""
    return next(n for n in (f"{eight_and_letter}{last}" for last in range(10)) if person_number_is_right(n))


def _plain(typed: str) -> str:
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed)).upper()
