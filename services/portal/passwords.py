"""Passwords: how they are kept (argon2id) and which ones are taken (C-31…C-33, NIST SP 800-63B or the Taiwan baseline).

Knows no database. A password is normalised (NFKC) and never cut short; pasting and spaces are welcome.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from common.errors import Invalid
from common.words import Words

LONGEST = 256
ONE_TIME_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
LEET = str.maketrans("@4831!0$57+", "aaeeiiosstt")
COMMON = Path(__file__).with_name("common_passwords.txt")
ROWS = (
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)


@dataclass(frozen=True)
class Policy:
    """What a new password must be. Ages are None where the policy has none (NIST forbids forced change)."""

    name: str
    shortest: int
    classes: int
    youngest: timedelta | None
    oldest: timedelta | None
    history: int


POLICIES = {
    "nist": Policy("nist", shortest=12, classes=1, youngest=None, oldest=None, history=1),
    # C-32, C-33: complexity, age 1–90 days, not one of the last three.
    "tw-baseline": Policy(
        "tw-baseline", shortest=8, classes=3, youngest=timedelta(days=1), oldest=timedelta(days=90), history=3
    ),
}


class Keeper:
    """Hashes and checks passwords with argon2id at given cost; the whole desk shares one policy.

    `memory_kib`, `rounds` and `lanes` are argon2's m, t and p; never below m 19 MiB, t 2, p 1 outside tests.
    """

    def __init__(self, policy: str = "nist", *, memory_kib: int = 19 * 1024, rounds: int = 2, lanes: int = 1):
        self.policy = POLICIES[policy]
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=lanes, type=Type.ID)
        self._nobody = self._hasher.hash(secrets.token_urlsafe(24))

    def hash(self, password: str) -> str:
        """The argon2id hash to store, with its own salt."""
        return self._hasher.hash(normal(password))

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one behind `stored`. Takes as long when there is none: nobody learns who exists."""
        try:
            return self._hasher.verify(stored or self._nobody, normal(password)) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, stored: str) -> bool:
        """Whether `stored` was made at another cost and should be made anew at this sign-in."""
        return self._hasher.check_needs_rehash(stored)

    def check_new(
        self, password: str, *, about: tuple[str, ...] = (), earlier: tuple[str, ...] = (), field: str = "new_password"
    ) -> None:
        """Raises Invalid at `field` unless the policy takes `password`.

        `about` are words that belong to the person (user name, agency); `earlier` the hashes it may not repeat.
        """
        plain = normal(password)
        if len(plain) < self.policy.shortest:
            raise Invalid(
                Words("密碼至少要 {n} 個字元。", "A password needs at least {n} characters.").fill(
                    n=self.policy.shortest
                ),
                field=field,
            )
        if len(plain) > LONGEST:
            raise Invalid(
                Words("密碼最多 {n} 個字元。", "A password has at most {n} characters.").fill(n=LONGEST), field=field
            )
        if character_classes(plain) < self.policy.classes:
            raise Invalid(
                Words(
                    "密碼要有大寫、小寫、數字、符號中的三種（C-33）。",
                    "Use three of: capitals, small letters, digits, symbols (C-33).",
                ),
                field=field,
            )
        if is_common(plain, about):
            raise Invalid(
                Words(
                    "這個密碼太常見或太好猜，請換一個，例如四個不相干的詞。",
                    "That password is common or easy to guess. Try four unrelated words.",
                ),
                field=field,
            )
        if any(self.matches(old, password) for old in earlier[: self.policy.history]):
            raise Invalid(
                Words("不能用最近用過的密碼（C-32）。", "You used that password recently (C-32)."), field=field
            )

    def check_age(self, changed_at: datetime | None, now: datetime, field: str = "new_password") -> None:
        """Raises Invalid when the present password is too young to be changed again (C-33; only `tw-baseline`)."""
        if self.policy.youngest and changed_at and now - changed_at < self.policy.youngest:
            raise Invalid(
                Words("密碼一天內只能變更一次（C-33）。", "A password can be changed once a day (C-33)."), field=field
            )

    def is_expired(self, changed_at: datetime | None, now: datetime) -> bool:
        """Whether the password is past its age (C-33; never under `nist`)."""
        return bool(self.policy.oldest and changed_at and now - changed_at > self.policy.oldest)


def normal(password: str) -> str:
    """The one form of a password, however the keyboard composed it."""
    return unicodedata.normalize("NFKC", password)


def one_time() -> str:
    """A password for one sign-in, easy to read aloud, about 79 bits: `k7mq-x2hd-9pfw-tb4n`."""
    return "-".join("".join(secrets.choice(ONE_TIME_ALPHABET) for _ in range(4)) for _ in range(4))


def character_classes(password: str) -> int:
    """How many of capitals, small letters, digits and symbols occur; letters without case count as symbols."""
    return sum(
        (
            any(c.isupper() for c in password),
            any(c.islower() for c in password),
            any(c.isdigit() for c in password),
            any(not (c.isupper() or c.islower() or c.isdigit()) for c in password),
        )
    )


def is_common(password: str, about: tuple[str, ...] = ()) -> bool:
    """Whether a guesser tries it early: a known word dressed with digits, a keyboard row, a repetition, the person's own name."""
    lowered = password.casefold()
    if lowered in common_words() or len(set(lowered)) <= 4 or is_walk(lowered):
        return True
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", lowered)
    own = {each.casefold() for each in about if len(each) >= 3}
    pieces = [piece for piece in re.split(r"[\W\d_]+", lowered) if piece]
    if len(pieces) <= 3 and all(piece in common_words() or piece in own for piece in pieces):
        return True
    for form in (core, core.translate(LEET), re.sub(r"[\W\d_]+$", "", lowered.translate(LEET))):
        bare = re.sub(r"[\W_]+", "", form)
        if not bare or is_walk(bare) or bare in common_words() or bare in own:
            return True
        if is_chain(bare, common_words() | own):
            return True
    return False


def is_walk(text: str) -> bool:
    """Whether it runs along the keyboard, the alphabet or the digits, once or again and again."""
    if len(text) < 4:
        return False
    unit = next((text[:n] for n in range(1, len(text) // 2 + 1) if (text[:n] * len(text))[: len(text)] == text), text)
    if len(unit) <= 4 and len(text) >= 2 * len(unit) and len(unit) < len(text):
        return True
    doubled = [row + row for row in ROWS] + [(row + row)[::-1] for row in ROWS]
    return any(unit in row for row in doubled)


def is_chain(text: str, words: frozenset[str] | set[str]) -> bool:
    """Whether it is made of at most three known words and nothing else: "passwordtaipei"."""
    reach = {0: 0}
    for start in range(len(text)):
        if start not in reach:
            continue
        for end in range(start + 3, len(text) + 1):
            if text[start:end] in words and reach[start] < 3:
                reach[end] = min(reach.get(end, 9), reach[start] + 1)
    return reach.get(len(text), 9) <= 3


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """The bundled list, one word a line."""
    return frozenset(
        line.strip() for line in COMMON.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"
    )
