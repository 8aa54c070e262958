"""The second menu of a desk that has several rooms."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import g, url_for

from common.words import Words

Section = tuple[str, Words, str, tuple[str, ...]]
"""Key, words, endpoint, and the roles that see it."""


def sections_of(sections: Sequence[Section]) -> Callable[[], dict[str, Any]]:
    """A context processor that gives pages `sections`: (key, words, address) of what this person may open."""

    def told() -> dict[str, Any]:
        person = g.get("person")
        return {
            "sections": [
                (key, words, url_for(endpoint))
                for key, words, endpoint, roles in sections
                if person is not None and person.has(*roles)
            ]
        }

    return told
