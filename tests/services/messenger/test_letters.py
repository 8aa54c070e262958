"""Every letter can be written from the fact it is about, as its sender declares it."""

import importlib
from datetime import UTC, datetime, timedelta

import pytest
from marshmallow import fields

from common.words import LANGUAGES
from services.messenger.audiences import AUDIENCES
from services.messenger.letters import LETTERS, write
from services.messenger.parts import part_of

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
FACTS = {
    fact.type: fact
    for package in ("fleet", "venues", "dorms")
    for fact in importlib.import_module(f"{package}.messages").FACTS
}
EVERY = [(kind, letter) for kind, letters in LETTERS.items() for letter in letters]
NAMES = [f"{kind}-{letter.told_to}" for kind, letter in EVERY]


def sample(kind, *, everything):
    """A body as the sender writes it: with every field, or with those only that are always there."""
    data = {}
    for name, field in FACTS[kind]().fields.items():
        if field.required and not (field.allow_none and not everything) or everything:
            data[name] = _value(name, field)
        elif field.required:
            data[name] = None
    return data


def _value(name, field):
    if isinstance(field, fields.List):
        return ["1", "2"]
    if isinstance(field, fields.DateTime):
        return (NOW + timedelta(hours=2 if name == "ends_at" else 1)).isoformat()
    if isinstance(field, fields.Date):
        return "2026-12-08"
    if isinstance(field, fields.Boolean):
        return True
    if isinstance(field, fields.Integer):
        return 12
    return "7" if name.endswith(("_id", "_code")) else f"{name}{{x}}"


@pytest.mark.parametrize(("kind", "letter"), EVERY, ids=NAMES)
@pytest.mark.parametrize("everything", [True, False])
def test_a_letter_is_whole_in_both_languages(kind, letter, everything):
    body = part_of(kind)().load(sample(kind, everything=everything))
    written = write(letter, body)
    for lang in LANGUAGES:
        assert written.title.in_(lang) and "None" not in written.title.in_(lang) + written.text.in_(lang)
        assert len(written.title.in_(lang)) < 160
    assert written.link.startswith(("/fleet/", "/venues/", "/dorms/")) and "{" not in written.link
    assert letter.told_to in AUDIENCES
    if letter.invite:
        assert written.entry.zh and {"rev", "starts_at", "ends_at"} <= set(body)


def test_every_fact_about_a_trip_a_booking_or_an_offer_is_told():
    untold = {
        kind for kind in FACTS if kind.startswith(("fleet.trip_", "venues.booking_", "venues.meeting_", "dorms.offer_"))
    } - set(LETTERS)
    assert untold == set()


def test_what_is_told_exists():
    assert set(LETTERS) <= set(FACTS)
