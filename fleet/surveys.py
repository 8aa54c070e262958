"""The passenger survey: one signed link a trip, spent once, no sign-in; satisfaction by what lies behind it (V-42, V-43).

The code is the trip's id and a keyed hash of it, so it is stored nowhere and can be printed on a slip before the trip. The
one row a trip may have is what spends it. Who answered is not kept, and counts below `survey.group_below` are put together.
"""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from common.db import insert_all_or_none
from common.errors import Conflict, Invalid, NotFound
from common.identity import Person
from common.period import Period
from common.roc import rounded
from common.words import Words
from fleet import rules
from fleet.models import SurveyAnswer, SurveyKey, Trip
from fleet.terms import SURVEY_CHIPS

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no letter that reads as a digit
SIGNATURE = 10  # characters, five bits each
READ_AS = str.maketrans("OIL", "011")
ANSWERABLE = ("finished", "signed_off")
SATISFIED = 4  # V-43: satisfied and very satisfied


class AlreadyAnswered(Conflict):
    """The link is spent."""

    words = Words("這張已經填過了，謝謝。", "This one has been used. Thank you.")


class Closed(Conflict):
    """The time to answer has passed, or the trip is not over yet."""

    words = Words("填寫期限已過。", "The time to answer has passed.")


NOT_YET = Words("這趟還沒回場，回場後再掃一次。", "This trip is not over yet. Scan again afterwards.")


def code_for(session: Session, trip: Trip) -> str:
    """The code that opens this trip's survey, such as "2N8F3K2QV7TW"; always the same for a trip."""
    number, digits = trip.id, ""
    while number or not digits:
        number, rest = divmod(number, 32)
        digits = ALPHABET[rest] + digits
    return digits + _signature(session, trip.id)


def link_for(session: Session, trip: Trip) -> str:
    """The path of this trip's survey on the front door, for a slip's QR code or a letter."""
    return f"/fleet/s/{code_for(session, trip)}"


def trip_of(session: Session, code: str) -> Trip:
    """The trip a code stands for. Raises NotFound for a code we did not sign."""
    plain = code.strip().upper().replace("-", "").translate(READ_AS)
    digits, signature = plain[:-SIGNATURE], plain[-SIGNATURE:]
    if not digits or len(digits) > 12 or any(c not in ALPHABET for c in plain):
        raise NotFound
    trip_id = 0
    for digit in digits:
        trip_id = trip_id * 32 + ALPHABET.index(digit)
    if not hmac.compare_digest(signature, _signature(session, trip_id)):
        raise NotFound
    trip = session.get(Trip, trip_id)
    if trip is None:
        raise NotFound
    return trip


def _signature(session: Session, trip_id: int) -> str:
    secret = session.scalars(select(SurveyKey.secret).order_by(SurveyKey.id).limit(1)).one()
    number = int.from_bytes(hmac.digest(secret, f"survey:{trip_id}".encode(), hashlib.sha256)[:8], "big")
    return "".join(ALPHABET[number >> 5 * n & 31] for n in range(SIGNATURE))


def check_open(session: Session, trip: Trip, now: datetime) -> None:
    """Raises AlreadyAnswered or Closed unless this trip's survey may be answered now."""
    if session.get(SurveyAnswer, trip.id) is not None:
        raise AlreadyAnswered
    if trip.status not in ANSWERABLE:
        raise Closed(NOT_YET)
    days = rules.in_force(session, now)["survey.open_days"]
    if now >= (trip.signed_off_at or trip.finished_at or trip.ends_at) + timedelta(days=days):
        raise Closed


def offered(session: Session, trip: Trip, person: Person, now: datetime) -> str | None:
    """The link of the trip's survey where this person travelled and it may still be answered; else None."""
    if person.id != trip.requester_id:
        return None
    try:
        check_open(session, trip, now)
    except Conflict:
        return None
    return link_for(session, trip)


def answer(
    session: Session, now: datetime, code: str, *, score: int, chips: Iterable[str] = (), words: str | None = None
) -> Trip:
    """Spend the code: 5 very satisfied … 1 very dissatisfied. Raises NotFound, AlreadyAnswered, Closed, Invalid."""
    trip = trip_of(session, code)
    check_open(session, trip, now)
    unknown = [chip for chip in chips if chip not in SURVEY_CHIPS]
    if unknown or not 1 <= score <= 5:
        raise Invalid(Words("請從畫面上選", "Choose from the page"), field="chips" if unknown else "score")
    values = {
        "trip_id": trip.id,
        "score": score,
        "chips": sorted(set(chips)),
        "words": words or None,
        "answered_at": now,
    }
    if not _insert(session, values):
        raise AlreadyAnswered
    return trip


def _insert(session: Session, values: dict[str, object]) -> bool:
    """Whether this one was first: the primary key decides between two phones."""
    table = SurveyAnswer.__table__
    return insert_all_or_none(session, table, [values], guard="survey_answer")  # type: ignore[arg-type]


# --- satisfaction --------------------------------------------------------------------------------------------------

DECISIONS: dict[str, Words] = {  # what dispatch did with the trip
    "first": Words("第一次派的車", "Car first assigned"),
    "changed": Words("換過車或駕駛", "Car or driver changed"),
    "other_kind": Words("派了別的車種", "Another kind of car"),
    "merged": Words("併車", "Shared"),
    "one_way": Words("只派單程", "One way"),
}
CHANGED_BY = {"reassigned", "declined", "released"}
OTHERS = Words("其他（各少於 {n} 份）", "Others (fewer than {n} each)")


@dataclass(frozen=True)
class Satisfaction:
    """A group's answers. `rate_percent` is satisfied ÷ answers in percent, two decimals (ROUND_HALF_UP); None below the limit."""

    key: str
    words: Words
    answers: int
    satisfied: int
    rate_percent: Decimal | None


@dataclass(frozen=True)
class Findings:
    """All answers of a period, the trips they could have come from, and the groups (small ones together)."""

    whole: Satisfaction
    trips: int
    scores: dict[int, int]
    groups: list[Satisfaction]


def satisfaction(session: Session, period: Period, by: str, now: datetime) -> Findings:
    """Satisfaction of the trips signed off or finished within `period`, by "agency", "driver" or "decision" (V-43)."""
    least = rules.in_force(session, now)["survey.group_below"]
    within = (Trip.status.in_(ANSWERABLE), Trip.finished_at >= period.starts_at, Trip.finished_at < period.ends_at)
    rows = session.scalars(
        select(SurveyAnswer)
        .join(Trip)
        .where(*within)
        .options(
            joinedload(SurveyAnswer.trip).joinedload(Trip.agency),
            joinedload(SurveyAnswer.trip).joinedload(Trip.driver),
            joinedload(SurveyAnswer.trip).selectinload(Trip.events),
            joinedload(SurveyAnswer.trip).joinedload(Trip.vehicle),
        )
    ).unique()
    answers = list(rows)
    trips = session.scalar(select(func.count()).select_from(Trip).where(*within)) or 0
    shared = _shared(session, [each.trip for each in answers]) if by == "decision" else set()
    groups: dict[str, list[int]] = defaultdict(list)
    names: dict[str, Words] = {}
    for each in answers:
        key, words = _group(each.trip, by, shared)
        groups[key].append(each.score)
        names[key] = words
    scores = {score: sum(each.score == score for each in answers) for score in range(5, 0, -1)}
    whole = figure("all", Words("全部", "All"), [each.score for each in answers], least)
    return Findings(whole, trips, scores if len(answers) >= least else {}, together(groups, names, least))


def figure(key: str, words: Words, scores: list[int], least: int) -> Satisfaction:
    """A group's figures; no rate below `least` answers, for it would tell who said what."""
    satisfied = sum(score >= SATISFIED for score in scores)
    if len(scores) < least:
        return Satisfaction(key, words, len(scores), 0, None)
    return Satisfaction(key, words, len(scores), satisfied, rounded(Decimal(satisfied) * 100 / len(scores), 2))


def together(groups: dict[str, list[int]], names: dict[str, Words], least: int) -> list[Satisfaction]:
    """Groups by number of answers, small ones put together; a rest that is still small takes the next group with it."""
    order = sorted(groups, key=lambda key: (-len(groups[key]), key))
    shown = [key for key in order if len(groups[key]) >= least]
    rest = [score for key in order if key not in shown for score in groups[key]]
    while rest and len(rest) < least and shown:
        rest += groups[shown.pop()]
    out = [figure(key, names[key], groups[key], least) for key in shown]
    return [*out, figure("others", OTHERS.fill(n=least), rest, least)] if rest else out


def _group(trip: Trip, by: str, shared: set[int]) -> tuple[str, Words]:
    if by == "agency":
        return str(trip.agency_id), trip.agency.words if trip.agency else Words.same(f"#{trip.agency_id}")
    if by == "driver":
        return (str(trip.driver_id), trip.driver.name) if trip.driver else ("self", Words("自行駕駛", "Self-driven"))
    key = decision_of(trip, shared)
    return key, DECISIONS[key]


def decision_of(trip: Trip, shared: set[int]) -> str:
    """What dispatch did with the trip, a key of DECISIONS; the least usual first."""
    if trip.merged_into_id or trip.id in shared:
        return "merged"
    what = {event.what for event in trip.events}
    if "assigned_one_way" in what:
        return "one_way"
    if what & CHANGED_BY:
        return "changed"
    given = trip.vehicle.kind if trip.vehicle else None
    return "other_kind" if trip.vehicle_kind and given and given != trip.vehicle_kind else "first"


def _shared(session: Session, trips: list[Trip]) -> set[int]:
    """Those of `trips` that others were merged into."""
    ids = [trip.id for trip in trips]
    found = session.scalars(select(Trip.merged_into_id).where(Trip.merged_into_id.in_(ids)))
    return {each for each in found if each is not None}
