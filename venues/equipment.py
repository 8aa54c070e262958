"""Movable stages, sound and light sets (V3): numbered pieces lent through the reservation ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import reservations
from common.errors import Conflict, FieldError, Invalid
from common.period import Period
from common.words import Words
from venues.models import EquipmentKind


class NotEnough(Conflict):
    """Fewer pieces are free than asked for."""


class Stock(NamedTuple):
    """One kind and how many of its pieces are free throughout the periods asked about."""

    kind: EquipmentKind
    free: int


def kinds(session: Session) -> list[EquipmentKind]:
    """Everything that is lent, in order of the list."""
    return list(session.scalars(select(EquipmentKind).order_by(EquipmentKind.place_in_list)))


def stock(session: Session, periods: Sequence[Period], now: datetime) -> list[Stock]:
    """For each kind: how many pieces nobody has in any of `periods` (all of them when no period is given)."""
    return [Stock(kind, len(_free(session, kind, periods, now))) for kind in kinds(session)]


def check(session: Session, wanted: Mapping[str, int]) -> dict[str, EquipmentKind]:
    """The kinds asked for. Raises Invalid (field `equipment`) for one that is not lent, or too many for one booking."""
    known = {kind.code: kind for kind in kinds(session)}
    errors = []
    for code, quantity in wanted.items():
        kind = known.get(code)
        if kind is None:
            words = Words("沒有「{code}」這種設備", "There is no equipment “{code}”").fill(code=code)
            errors.append(FieldError("equipment", words))
        elif quantity > kind.most:
            words = Words("{what}每場最多借 {most} 組", "{what}: {most} at most per event")
            errors.append(FieldError("equipment", words.fill(what=kind.label, most=kind.most)))
    if errors:
        raise Invalid.many(errors)
    return {code: known[code] for code in wanted}


def pick(session: Session, wanted: Mapping[str, int], periods: Sequence[Period], now: datetime) -> list[str]:
    """Numbered pieces that look free throughout `periods`; the ledger decides. Raises NotEnough (field `equipment`)."""
    picked: list[str] = []
    for code, kind in check(session, wanted).items():
        found = _free(session, kind, periods, now)
        if len(found) < wanted[code]:
            words = Words("{what}這段時間只剩 {free} 組", "Only {free} left at this time: {what}")
            raise NotEnough(words.fill(what=kind.label, free=len(found)), field="equipment")
        picked += found[: wanted[code]]
    return picked


def _free(session: Session, kind: EquipmentKind, periods: Sequence[Period], now: datetime) -> list[str]:
    left = kind.resources
    for period in periods:
        left = reservations.free(session, left, period, now) if left else left
    return left
