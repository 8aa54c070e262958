"""The second menu of a desk that has several rooms."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import g, url_for

from common.words import Words

Section = tuple[str, Words, str, tuple[str, ...]]
"""Key, words, endpoint, and the roles that see it."""
Heading = tuple[Words, tuple[str, ...]]
"""Words, and the keys of the sections under them."""


def sections_of(sections: Sequence[Section], headings: Sequence[Heading] = ()) -> Callable[[], dict[str, Any]]:
    """A context processor that gives pages `sections`: (key, words, address) of what this person may open; and the same
    under their `headings`: (words, sections), none empty."""

    def told() -> dict[str, Any]:
        person = g.get("person")
        seen = [
            (key, words, url_for(endpoint))
            for key, words, endpoint, roles in sections
            if person is not None and person.has(*roles)
        ]
        under = [(words, [one for one in seen if one[0] in keys]) for words, keys in headings]
        return {"sections": seen, "headings": [each for each in under if each[1]]}

    return told
