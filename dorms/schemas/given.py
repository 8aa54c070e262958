"""Shapes given out."""

from collections.abc import Mapping
from decimal import Decimal as Number
from typing import Any

from common.schemas import (
    Boolean,
    Date,
    Decimal,
    Dict,
    Id,
    Instant,
    Integer,
    List,
    Nested,
    Schema,
    String,
)
from common.words import Words
from dorms.points import Line, Score, plain
from dorms.schemas.taken import Span


class BuildingOut(Schema):
    """A house."""

    id = String(required=True)
    name = String(required=True)
    name_en = String(required=True)


class RoomOut(Schema):
    """A room and its state on the day asked for."""

    id = Id(required=True)
    number = String(required=True)
    building = Nested(BuildingOut, required=True)
    kind = String(required=True)
    floor = Integer(required=True)
    accessible = Boolean(required=True)
    state = String(required=True, allow_none=True)
    held = Boolean(required=True, metadata={"description": "offered to somebody who has not answered yet"})


class CountOut(Schema):
    """Rooms by state on a day (D-47)."""

    date = Date(required=True, attribute="on")
    building_id = String(allow_none=True)
    total = Integer(required=True)
    lendable = Integer(required=True, metadata={"description": "let, or to let"})
    let = Integer(required=True)
    to_let = Integer(required=True)
    awaiting_repair = Integer(required=True)
    in_repair = Integer(required=True)
    closed = Integer(required=True)
    lendable_percent = Decimal(allow_none=True, decimals=1)
    let_percent = Decimal(allow_none=True, decimals=1)


class OccupancyOut(CountOut):
    """All houses, then each."""

    buildings = List(Nested(CountOut), required=True)


class LineOut(Schema):
    """One line of points and the rule behind it. `sample` marks values that are not the city's own."""

    code = String(required=True, metadata={"example": "seniority"})
    item = String(required=True, metadata={"example": "年資"})
    item_en = String(required=True)
    basis = String(required=True, max_length=None)
    basis_en = String(required=True, max_length=None)
    value = String(required=True, max_length=None)
    value_en = String(required=True, max_length=None)
    points = Decimal(required=True, metadata={"example": 25})
    rule = String(required=True, metadata={"example": "D-14"})
    sample = Boolean(required=True)


class PointsOut(Schema):
    """Points line by line: an estimate until the officer has checked it."""

    application_id = Id(required=True)
    lines = List(Nested(LineOut), required=True)
    total = Decimal(required=True, metadata={"example": 71})
    table_version = String(required=True)
    rank = Integer(allow_none=True)


class ApplicationOut(Schema):
    """An application, for its owner and the dormitory officer."""

    id = Id(required=True)
    number = String(required=True)
    code = String(required=True, metadata={"description": "the name others see"})
    round_id = Id(required=True)
    room_kind = String(required=True)
    status = String(required=True, attribute="state")
    submitted_at = Instant(required=True)
    grade = Integer(required=True)
    started_on = Date(required=True)
    years_of_service = Decimal(required=True)
    years_elsewhere = Decimal(required=True)
    appraisals = List(String(), required=True)
    dependants = Integer(required=True)
    home_status = String(required=True)
    home_km = Integer(required=True)
    disabled = Boolean(required=True)
    preferences = List(String(), required=True)
    others_ok = Boolean(required=True)
    lives_in_id = Id(allow_none=True, metadata={"description": "the room of a tenant who asks to move"})
    needs_accessible = Boolean(required=True)
    woman = Boolean(required=True)
    rank = Integer(allow_none=True)
    rev = Integer(required=True)


class RoundOut(Schema):
    """A round."""

    id = Id(required=True)
    constraints = Dict(
        required=True,
        metadata={"description": "accessible_first, women_first (houses; D-22), first_timers_first (D-17)"},
    )
    number = String(required=True)
    kind = String(required=True)
    status = String(required=True, metadata={"description": "announced, open, closed, ranked, published, allotted"})
    registration = Nested(Span, required=True)
    notice = String(required=True, min_length=0, max_length=None)
    notice_days = Integer(
        required=True, metadata={"description": "days between notice and the end of registration (D-17)"}
    )
    seed_source = String(required=True)
    table_version = String(required=True)
    applicants = Integer(required=True)
    list_valid_until = Date(allow_none=True)
    objections_until = Instant(allow_none=True)
    rev = Integer(required=True)


class DrawOut(Schema):
    """The draw for ties, as published."""

    tickets = List(String(), required=True, max_length=100_000)
    tickets_sha256 = String(required=True)
    seed = String(required=True)
    seed_source = String(required=True)
    algorithm = String(required=True)
    order = List(String(), required=True, max_length=100_000)


class PlaceOut(Schema):
    """One rank, by code."""

    rank = Integer(required=True)
    code = String(required=True)
    points = String(required=True)
    items = Dict(required=True, metadata={"description": "points by item; family and home in one sum"})
    started_on = String(allow_none=True, metadata={"description": "only where it decided a tie"})
    decided_by = String(required=True, metadata={"description": "points, start or draw"})
    preferences = List(String(), required=True)
    others_ok = Boolean(required=True)
    first = List(String(), metadata={"description": "where this one comes first (D-22): `accessible`, `women`"})
    again = Boolean(metadata={"description": "has or had a room here, where that puts one after the others (D-17)"})


class RankingOut(Schema):
    """A ranking as published."""

    round = String(required=True)
    room_kind = String(required=True)
    table_version = String(required=True)
    draw = Nested(DrawOut, required=True)
    edition = Integer(metadata={"description": "from 2 on a ranking published anew after a correction"})
    replaces_sha256 = String(
        metadata={"description": "SHA-256 of the record it replaces: JSON, sorted keys, no spaces"}
    )
    replaced_because = String()
    ranking = List(Nested(PlaceOut), required=True, max_length=100_000)


class GivenOut(Schema):
    """What one rank got, and why."""

    code = String(required=True)
    rank = Integer(required=True)
    room_id = String(allow_none=True)
    choice = Integer(allow_none=True, metadata={"description": "which wish it was, from 1"})
    explanation = String(required=True, max_length=None)
    explanation_en = String(required=True, max_length=None)


class AllotmentOut(RankingOut):
    """A round as anybody can check it: draw, ranking, rooms, what each got, what followed."""

    rooms = List(Dict(), required=True, metadata={"description": "the vacant rooms in the order given out"})
    allotment = List(Nested(GivenOut), required=True, max_length=100_000)
    log = List(Dict(), required=True, metadata={"description": "offers that came to nothing and who was next (D-19)"})


class FaultOut(Schema):
    """One difference between what was published and what the rules give."""

    message = String(required=True, max_length=None)
    message_en = String(required=True, max_length=None)


class VerificationOut(Schema):
    """The round computed again from its public record."""

    ok = Boolean(required=True)
    faults = List(Nested(FaultOut), required=True)


class OfferOut(Schema):
    """A room held for somebody."""

    id = Id(required=True)
    application_id = Id(required=True)
    room = Nested(RoomOut, required=True, only=("id", "number", "building", "kind", "floor", "accessible"))
    status = String(required=True, attribute="state")
    made_at = Instant(required=True)
    accept_by = Instant(required=True)
    stay_from = Date(required=True)
    stay_until = Date(required=True)
    rev = Integer(required=True)


class TenancyOut(Schema):
    """A stay agreed on. Without an id it takes effect once the room's present tenant has moved."""

    id = Id(allow_none=True, required=True)
    offer_id = Id(allow_none=True)
    room_id = Id(required=True)
    stay_from = Date(required=True)
    stay_until = Date(required=True)
    move_in_by = Date(allow_none=True)
    rev = Integer(required=True)


class DeadlineOut(Schema):
    """Something due."""

    due_at = Instant(required=True)
    what = String(required=True)
    title = String(required=True)
    title_en = String(required=True)
    room = String(required=True)
    subject = String(required=True, metadata={"description": "the row: offer/12, tenancy/3"})
    rule = String(required=True)


def told_line(line: Line) -> Mapping[str, Any]:
    """A line of points in both languages."""
    return {
        "code": line.item,
        "item": line.label.zh,
        "item_en": line.label.en,
        "basis": line.basis.zh,
        "basis_en": line.basis.en,
        "value": line.value.zh,
        "value_en": line.value.en,
        "points": line.points,
        "rule": line.rule,
        "sample": line.sample,
    }


def shown_lines(score: Score) -> list[dict[str, Any]]:
    """The lines as the page's table takes them."""
    return [
        {
            "item": line.label,
            "basis": line.basis,
            "value": line.value,
            "points": plain(line.points),
            "rule": line.rule,
            "sample": line.sample,
        }
        for line in score.lines
    ]


def masked_lines(score: Score) -> list[dict[str, Any]]:
    """The same with everything about family and home in one sum (C-27)."""
    private = [line for line in score.lines if line.private]
    shown = shown_lines(
        Score(tuple(line for line in score.lines if not line.private), score.total, score.table_version)
    )
    if private:
        summed = {
            "item": Words("居住與眷口", "Home, family"),
            "basis": Words("說明查看目的後才顯示", "Shown once the purpose is given"),
            "value": "•••",
            "points": plain(sum((line.points for line in private), Number(0))),
            "rule": "C-27",
            "sample": any(line.sample for line in private),
        }
        shown.append(summed)
    return shown
