"""Shapes of rounds given out."""

from common.schemas import Boolean, Choice, Date, Id, Instant, Integer, List, Nested, Schema, String
from venues.rounds import words as say


class WindowOut(Schema):
    """Half-open: from, up to and not including, until."""

    from_ = Instant(required=True, data_key="from")
    until = Instant(required=True)


class TermOut(Schema):
    """The first day, and the day after the last."""

    from_ = Date(required=True, data_key="from")
    until = Date(required=True)


class ClassOut(Schema):
    """A class of places; tickets of the class begin with `prefix`."""

    code = String(required=True, metadata={"example": "food"})
    prefix = String(required=True, metadata={"example": "F"})
    name = String(required=True)
    name_en = String(required=True)
    places = Integer(required=True, metadata={"example": 5})


class ClassPapersOut(ClassOut):
    """A class with the papers asked for (T-06)."""

    papers = List(String(), required=True)


class RoundOut(Schema):
    """A round and how far it has come."""

    id = Id(required=True)
    number = String(required=True, metadata={"example": "115-R-003"})
    kind = String(required=True, metadata={"example": "stall"})
    status = String(required=True, metadata={"example": "open"})
    rev = Integer(required=True)
    title = String(required=True)
    title_en = String(required=True)
    place = String(required=True, min_length=0)
    place_en = String(required=True, min_length=0)
    classes = List(Nested(ClassPapersOut), required=True)
    registration = Nested(WindowOut, required=True)
    term = Nested(TermOut, required=True)
    rent = Integer(required=True, metadata={"description": "whole NT$ per day or term", "example": 300})
    rent_per = String(required=True, metadata={"example": "day"})
    sample = Boolean(required=True, metadata={"description": "whether the rent is a sample"})
    seed_source = String(required=True)
    seed_known_at = Instant(required=True, allow_none=True)
    tickets_sha256 = String(
        required=True, allow_none=True, metadata={"description": "null before the list is published"}
    )


class RegistrationOut(Schema):
    """A registration as its own body and the desk see it."""

    id = Id(required=True)
    round_id = Id(required=True)
    ticket = String(required=True, metadata={"description": "the code it is drawn under", "example": "F-00042"})
    class_code = String(required=True, metadata={"example": "food"})
    status = String(required=True, metadata={"example": "submitted"})
    rev = Integer(required=True)
    firm_kind = String(required=True)
    firm_number = String(required=True)
    firm_name = String(required=True)
    seller_id = String(required=True, min_length=0, attribute="seller_masked", metadata={"description": "in part"})
    papers = List(String(), required=True)
    registered_at = Instant(required=True)
    supplement = String(required=True, min_length=0, max_length=None)
    supplement_by = Date(required=True, allow_none=True)
    reason = String(required=True, min_length=0, max_length=None)
    appeal_by = Date(required=True, allow_none=True)
    position = Integer(required=True, allow_none=True, metadata={"description": "place in the waiting list, from 1"})
    place_no = Integer(required=True, allow_none=True, metadata={"description": "the number of its place"})
    answer_by = Instant(required=True, allow_none=True)
    pay_by = Instant(required=True, allow_none=True)
    owed = Integer(required=True, metadata={"description": "rent due, whole NT$"})
    to_return = Integer(required=True, metadata={"description": "refund on its way, whole NT$"})


class OutcomeOut(Schema):
    """One class after the draw."""

    code = String(required=True)
    selected = List(String(), required=True, max_length=20_000)
    waiting = List(String(), required=True, max_length=20_000)


class LogOut(Schema):
    """What followed: a ticket left; its place passed on."""

    at = String(required=True)
    ticket = String(required=True)
    what = String(required=True)
    place_no = Integer(required=True, allow_none=True)
    passed_to = String(required=True, min_length=0)


class PlaceHeldOut(Schema):
    """Who has a place now."""

    place_no = Integer(required=True)
    ticket = String(required=True)


class SeedEntryOut(Schema):
    """One officer's entry of the seed."""

    at = String(required=True)
    officer = Integer(required=True, metadata={"description": "1 for the first officer, 2 for the second"})
    seed = String(required=True)
    document = String(
        required=True, min_length=0, max_length=None, metadata={"description": "the public document it was read from"}
    )
    document_sha256 = String(required=True, min_length=0)


class DrawOut(Schema):
    """A draw as published: the list and its hash before the seed, then the order the seed gives (S-30, T-01)."""

    round = String(required=True, metadata={"example": "115-R-003"})
    status = String(required=True)
    tickets = List(String(), required=True, max_length=20_000)
    tickets_sha256 = String(required=True)
    announced_sha256 = String(required=True, metadata={"description": "over list, places, source, moment and method"})
    published_at = String(required=True)
    classes = List(Nested(ClassOut), required=True)
    seed = String(required=True, min_length=0, metadata={"description": "empty before the draw"})
    term_until = String(required=True, metadata={"description": "the day after the term", "example": "2027-07-01"})
    seed_source = String(required=True)
    seed_known_at = String(required=True)
    algorithm = String(required=True)
    drawn_at = String(required=True, allow_none=True)
    order = List(String(), required=True, max_length=20_000)
    selected = List(String(), required=True, max_length=20_000)
    waiting = List(String(), required=True, max_length=20_000)
    results = List(Nested(OutcomeOut), required=True)
    seed_entries = List(Nested(SeedEntryOut), required=True)
    log = List(Nested(LogOut), required=True, max_length=20_000)
    holding = List(Nested(PlaceHeldOut), required=True, max_length=20_000)


class DifferenceOut(Schema):
    """One difference."""

    message = String(required=True)
    message_en = String(required=True)


class VerifiedOut(Schema):
    """The draw computed again."""

    ok = Boolean(required=True)
    faults = List(Nested(DifferenceOut), required=True)
    algorithm = String(required=True)
    tickets_sha256 = String(required=True)


class CountOut(Schema):
    """How many rows an act concerned."""

    count = Integer(required=True)


class RegistrationPaperOut(Schema):
    """A file of a registration; one taken away keeps its row."""

    id = Id(required=True)
    kind = Choice(say.PAPERS, required=True)
    issued_on = Date(required=True, allow_none=True)
    filename = String(required=True)
    media_type = String(required=True)
    size = Integer(required=True)
    sha256 = String(required=True)
    sent_at = Instant(required=True)
    deleted_at = Instant(required=True, allow_none=True)
    deleted_reason = String(required=True, min_length=0, max_length=None)


class RegistrationPaperItemOut(Schema):
    """One paper of the checklist: whether it is needed, ticked and there, and its files."""

    kind = Choice(say.PAPERS, required=True)
    needed = Boolean(required=True)
    ticked = Boolean(required=True)
    there = Boolean(required=True)
    files = List(Nested(RegistrationPaperOut), required=True, attribute="sent")


class RegistrationPapersOut(Schema):
    """The checklist of a registration with the files sent in (T-06)."""

    items = List(Nested(RegistrationPaperItemOut), required=True)
    next = String(allow_none=True)
