"""How a rule says no. These classes know nothing of HTTP; `common.web.problems` holds the one table that does.

A package derives its own, beside the rule that raises it: `class NoCarFree(Conflict)`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from common.words import Words


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field. `field` is a path such as `slots.0.date`."""

    field: str
    words: Words


class Problem(Exception):
    """A refusal in the person's words, at a field where there is one."""

    words = Words("這個動作沒有完成。", "That could not be done.")

    def __init__(self, words: Words | None = None, field: str | None = None, errors: Iterable[FieldError] = ()):
        self.words = words or type(self).words
        self.errors = list(errors)
        if field is not None:
            self.errors.append(FieldError(field, self.words))
        super().__init__(self.words.en)


class Invalid(Problem):
    """What was typed cannot be taken as it is."""

    words = Words("有些地方要修正。", "Some answers need attention.")

    @classmethod
    def many(cls, errors: Iterable[FieldError]) -> "Invalid":
        """One refusal for several fields at once."""
        return cls(errors=errors)


class NotFound(Problem):
    """There is no such row, or this person may not know of it."""

    words = Words(
        "找不到這一筆。可能已取消，或連結少了幾個字。",
        "We can’t find that. It may be cancelled, or the link is cut short.",
    )


class Unauthenticated(Problem):
    """Nobody is signed in, or the sign-in has ended."""

    words = Words("請先登入。", "Please sign in first.")


class Forbidden(Problem):
    """This person may see it but may not do it."""

    words = Words("你的帳號沒有這個權限。", "Your account may not do this.")


class Unsupported(Problem):
    """What was sent is in a format that is not taken here."""


class TooMany(Problem):
    """The same address asks too often; nothing was done."""

    words = Words("太多次了，請過幾分鐘再試。", "Too many tries. Please wait a few minutes.")


class Conflict(Problem):
    """Right in itself, but something else stands in the way."""


class Stale(Conflict):
    """Somebody changed the row after this person read it; `current` is the row as it is now, where a door can tell."""

    current: Any = None
    words = Words(
        "這一筆剛被改過。這是最新內容，請確認後再送一次。",
        "This was changed a moment ago. Here is the latest. Check and send again.",
    )


class Busy(Conflict):
    """The database stayed contended through every retry; nothing was written."""

    words = Words("現在太多人同時在辦理，請再送一次。", "Too many people are doing this right now. Please send again.")


class Unreachable(Busy):
    """The database gave no connection; nothing was begun."""

    words = Words(
        "系統暫時連不上資料庫，請稍後再試。", "The database can’t be reached right now. Please try again soon."
    )
