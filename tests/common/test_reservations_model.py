"""The ledger does what a plain list would do, whatever the order of acts."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from common.db import Database
from common.period import Period
from common.reservations import (
    HoldExpired,
    Taken,
    claim,
    confirm,
    free,
    release,
    taken,
)
from tests.common.ledger_helpers import ALL_DAY, START, hour, span

# ── against a model ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Row:
    """One reservation of the model."""

    resource: str
    period: Period
    holder: str
    state: str
    expires_at: datetime | None

    def stands(self, now: datetime) -> bool:
        return self.state == "confirmed" or (
            self.state == "held" and (self.expires_at is None or self.expires_at > now)
        )


class Model:
    """The ledger as a plain list, by the letter of what it promises."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def in_the_way(self, wants: Any, now: datetime) -> list[tuple[str, Period, str]]:
        return [
            (row.resource, row.period, row.holder)
            for resource, period in sorted(wants)
            for row in sorted(self.rows, key=lambda row: row.period)
            if row.resource == resource and row.stands(now) and row.period.overlaps(period)
        ]

    def claim(self, holder: str, wants: Any, now: datetime, state: str, expires_at: datetime | None) -> Any:
        wants = set(wants)
        by = self.in_the_way(wants, now)
        crossed = any(a < b and a[0] == b[0] and a[1].overlaps(b[1]) for a in wants for b in wants)
        if by or crossed:
            return by
        self.rows += [Row(resource, period, holder, state, expires_at) for resource, period in wants]
        return None

    def mine(self, holder: str, now: datetime) -> list[Row]:
        return [row for row in self.rows if row.holder == holder and row.stands(now)]

    def release(self, holder: str, now: datetime, resources: list[str] | None, from_: datetime | None) -> None:
        for row in self.mine(holder, now):
            if resources is not None and row.resource not in resources:
                continue
            if from_ is None or row.period.starts_at >= from_:
                row.state = "released"
            elif row.period.ends_at > from_:
                row.period = replace(row.period, ends_at=from_)

    def confirm(self, holder: str, now: datetime) -> bool:
        held = [row for row in self.mine(holder, now) if row.state == "held"]
        for row in held:
            row.state, row.expires_at = "confirmed", None
        return bool(held)


fresh = count()
RESOURCES, HOLDERS = ("a", "b", "c"), ("trip:1", "trip:2", "trip:3")
spans = st.builds(lambda first, length: span(first, first + length), st.integers(0, 10), st.integers(1, 5))
wants = st.lists(st.tuples(st.sampled_from(RESOURCES), spans), min_size=1, max_size=3)
acts = st.one_of(
    st.tuples(st.just("claim"), st.sampled_from(HOLDERS), wants, st.sampled_from([None, None, 1, 3])),
    st.tuples(
        st.just("release"),
        st.sampled_from(HOLDERS),
        st.none() | st.lists(st.sampled_from(RESOURCES), min_size=1),
        st.none() | st.integers(0, 15),
    ),
    st.tuples(st.just("confirm"), st.sampled_from(HOLDERS)),
    st.tuples(st.just("wait"), st.integers(1, 2)),
)


@given(st.lists(acts, min_size=4, max_size=16))
@hypothesis_settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_acts_ends_as_the_plain_model_says(database: Database, sequence: list[Any]) -> None:
    model, now, tag = Model(), START, f"{next(fresh)}:"
    with database.writing() as session:
        for act, *told in sequence:
            if act == "wait":
                now += timedelta(hours=told[0])
            elif act == "claim":
                holder, asked, minutes = told
                asked = [(tag + name, period) for name, period in asked]
                state, ends = ("held", now + timedelta(hours=minutes)) if minutes else ("confirmed", None)
                expected = model.claim(tag + holder, asked, now, state, ends)
                try:
                    claim(session, tag + holder, asked, now=now, state=state, expires_at=ends)
                    got = None
                except Taken as refused:
                    got = [tuple(each) for each in refused.by]
                assert got == expected
            elif act == "release":
                holder, names, from_hour = told
                names = None if names is None else [tag + name for name in names]
                from_ = None if from_hour is None else hour(from_hour)
                model.release(tag + holder, now, names, from_)
                release(session, tag + holder, names, from_=from_)
            else:
                expected = model.confirm(tag + told[0], now)
                try:
                    confirm(session, tag + told[0], now=now)
                    assert expected
                except HoldExpired:
                    assert not expected
            names = [tag + name for name in RESOURCES]
            everything = model.in_the_way([(name, ALL_DAY) for name in names], now)
            assert [tuple(each) for each in taken(session, names, ALL_DAY, now)] == everything
            middle = span(4, 6)
            taken_then = {name for name, period, _ in everything if period.overlaps(middle)}
            assert free(session, names, middle, now) == [name for name in names if name not in taken_then]
        session.rollback()
