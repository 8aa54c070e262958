"""Papers of a booking: which are needed and why, sending them in, taking them away (S-12, S-15, S-31).

The files lie in a `common.uploads.Store`; a row keeps who sent what and its SHA-256. Deleting takes the file away
with the commit and keeps the row. The plan typed in the application counts as an event plan,
and the number of a policy that was recorded as the policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from common import audit
from common.errors import Forbidden, Invalid, NotFound
from common.identity import Person
from common.uploads import Store, examine
from common.words import Words
from venues import vocabulary
from venues.bookings import find
from venues.models import DECIDES, Booking, Paper, Venue
from venues.refusals import NotNow
from venues.vocabulary import GOVERNMENT, REGISTERED_BODY

EVENT_PLAN, REGISTRATION, INSURANCE = "event_plan", "registration", "insurance"
UNDERTAKING, TYPHOON, CHARITY_PERMIT = "undertaking", "typhoon", "charity_permit"
DAMAGE_PHOTO, OTHER = "damage_photo", "other"
MOST_PAPERS = 40

DECISION, USE = "decision", "use"


@dataclass(frozen=True)
class Kind:
    """One kind of paper: its name, the rule that asks for it, and by when it is needed."""

    words: Words
    rule: str
    about: Words
    by: str = DECISION


KINDS = {
    EVENT_PLAN: Kind(
        Words("活動企劃書", "Event plan"), "S-12", Words("流程、動線、人數、音響與電力", "Programme, routes, people, sound, power")
    ),
    REGISTRATION: Kind(
        Words("立案證明", "Proof of registration"), "S-12", Words("法人登記證書或立案證書影本", "Copy of the certificate")
    ),
    UNDERTAKING: Kind(
        Words("使用切結書", "Undertaking"), "S-15", Words("用印後掃描；可由本頁列印", "Signed and scanned; print it here")
    ),
    TYPHOON: Kind(
        Words("颱風期間拆除舞臺切結書", "Undertaking to take the stage down in a typhoon"), "S-31",
        Words("戶外搭設舞臺時", "Outdoors with a stage"),
    ),
    CHARITY_PERMIT: Kind(
        Words("義賣或勸募許可", "Permit for a charity sale or fundraising"), "S-31",
        Words("現場有義賣或募款時", "When things are sold or money is raised for charity"),
    ),
    INSURANCE: Kind(
        Words("公共意外責任險保單", "Public liability policy"), "S-12",
        Words("核准後投保，保險期間要涵蓋使用時間", "Taken out after the approval, covering the time of use"), USE,
    ),
    DAMAGE_PHOTO: Kind(Words("損壞照片", "Photo of damage"), "S-36", Words("場復檢查時拍攝", "Taken at the inspection"), ""),
    OTHER: Kind(Words("其他文件", "Another paper"), "S-12", Words("補正通知要求的文件", "What was asked for"), ""),
}  # fmt: skip

PROHIBITED = (  # S-14
    Words("選舉、政黨或政治性集會", "Elections, party or political gatherings"),
    Words(
        "商業促銷與販售（戶外場地為經濟、文創或公益目的除外）",
        "Commercial promotion or sale (outdoors allowed for economic, creative or charity purposes)",
    ),
    Words("敲鑼打鼓、高分貝音樂、汽笛喇叭", "Gongs and drums, high-decibel music, air horns"),
    Words("猥褻或喧鬧表演，或有損本市形象的活動", "Lewd or noisy shows, or what harms the City’s image"),
)  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One line of the checklist: a kind, whether it is needed here, and what was sent in of it."""

    kind: str
    needed: bool
    typed: bool
    sent: Sequence[Paper]

    @property
    def about(self) -> Kind:
        return KINDS[self.kind]

    @property
    def there(self) -> bool:
        return self.typed or any(paper.deleted_at is None for paper in self.sent)


def sound_limits(place: Venue) -> list[Words]:
    """What may be heard there and when not (S-15)."""
    if place.kind == "ground":
        return [Words("戶外音響以 800 瓦為原則，分散設置", "Outdoors: 800 W of sound in principle, spread out")]
    return [
        Words("音響以 2 具 300 瓦喇叭為限", "At most two 300 W speakers"),
        Words("12:30–13:30 不得使用音響", "No sound between 12:30 and 13:30"),
    ]


def needed(place: Venue, applicant_class: str, *, stage: bool, charity_sale: bool) -> list[str]:
    """The kinds of paper an application needs, in the order of the list; the city's own need a plan only (S-11, S-13)."""
    asked = {EVENT_PLAN}
    if applicant_class == REGISTERED_BODY:
        asked.add(REGISTRATION)
    if applicant_class in (GOVERNMENT, REGISTERED_BODY):
        asked |= {UNDERTAKING, INSURANCE}
    if place.kind == "ground" and stage:
        asked.add(TYPHOON)
    if charity_sale:
        asked.add(CHARITY_PERMIT)
    return [kind for kind in KINDS if kind in asked]


def needed_for(booking: Booking) -> list[str]:
    """The kinds of paper a booking needs."""
    stage = any(row.kind == "stage" for row in booking.equipment)
    return needed(booking.venue, booking.applicant_class, stage=stage, charity_sale=booking.charity_sale)


def of_booking(session: Session, booking: Booking) -> list[Paper]:
    """Everything that was ever sent in for a booking, taken-away ones too, in order."""
    found = select(Paper).where(Paper.booking_id == booking.id).order_by(Paper.id)
    return list(session.scalars(found.options(selectinload(Paper.by), selectinload(Paper.deleted_by))))


def checklist(session: Session, booking: Booking) -> list[Item]:
    """What is needed and what else was sent in, in the order of the kinds."""
    sent, asked = of_booking(session, booking), needed_for(booking)
    items = []
    for kind in KINDS:
        mine = [paper for paper in sent if paper.kind == kind]
        if kind in asked or mine:
            typed = bool({EVENT_PLAN: booking.event_plan, INSURANCE: booking.insurance_policy}.get(kind))
            items.append(Item(kind, kind in asked, typed, mine))
    return items


def missing(session: Session, booking: Booking) -> list[str]:
    """The kinds that a decision needs and that are not there yet."""
    return [
        item.kind
        for item in checklist(session, booking)
        if item.needed and not item.there and item.about.by == DECISION
    ]


def can_add(booking: Booking, person: Person, kind: str = "") -> bool:
    """The applicant's body while the booking lives and until it is closed; the officer always until then.

    Photos of damage the officer may add afterwards too: a deposit that damage uses up closes the booking at once.
    """
    if kind == DAMAGE_PHOTO and booking.status == vocabulary.CLOSED:
        return person.has(*DECIDES)
    over = booking.status in (vocabulary.CLOSED, *vocabulary.ENDED)
    return not over and (booking.is_of(person) or person.has(*DECIDES))


def add(
    session: Session, person: Person, now: datetime, booking_id: int, store: Store, *, kind: str, filename: str,
    content: bytes,
) -> Paper:  # fmt: skip
    """Send a paper in: its type is judged by its content, pictures are drawn anew. Raises Forbidden, Invalid, NotNow."""
    booking = find(session, person, booking_id)
    if not (booking.is_of(person) or person.has(*DECIDES)) or (kind == DAMAGE_PHOTO and not person.has(*DECIDES)):
        raise Forbidden
    if not can_add(booking, person, kind):
        raise NotNow(Words("這一件已結束，不能再送文件。", "This booking is over; no more papers are taken."))
    if kind not in KINDS:
        raise Invalid(Words("請選擇文件種類", "Choose the kind of paper"), field="kind")
    upload = examine(filename, content)
    if kind == DAMAGE_PHOTO and not upload.media_type.startswith("image/"):
        raise Invalid(Words("請選擇照片（JPEG 或 PNG）", "Choose a photo (JPEG or PNG)"), field="file")
    there = [paper for paper in of_booking(session, booking) if paper.deleted_at is None]
    if len(there) >= MOST_PAPERS:
        words = Words("一件最多 {n} 份文件", "{n} papers at most for one booking").fill(n=MOST_PAPERS)
        raise Invalid(words, field="file")
    if any(paper.kind == kind and paper.sha256 == upload.sha256 for paper in there):
        raise Invalid(Words("這份文件已經送過了", "This paper was sent in already"), field="file")
    paper = Paper(
        booking_id=booking.id, kind=kind, filename=upload.name, media_type=upload.media_type, size=len(upload.content),
        sha256=upload.sha256, stored=store.keep_with(session, upload.content), sent_at=now, by_id=person.id,
    )  # fmt: skip
    session.add(paper)
    session.flush()
    after = {"kind": kind, "paper": paper.id, "sha256": paper.sha256, "size": paper.size}
    audit.record(session, person, "paper_sent", f"booking/{booking.id}", now, after=after)
    return paper


def read(session: Session, person: Person, paper_id: int) -> Paper:
    """A paper that is still there, if this person may see its booking. Raises NotFound."""
    paper = session.get(Paper, paper_id)
    if paper is None or paper.deleted_at is not None or not paper.booking.can_see(person):
        raise NotFound
    return paper


def delete(
    session: Session, person: Person, now: datetime, paper_id: int, store: Store, *, reason: str
) -> Paper:  # fmt: skip
    """Take a paper away for a reason: the file goes, the row stays. Its sender's body until the decision; the officer.

    Raises Forbidden, NotFound, NotNow.
    """
    paper = read(session, person, paper_id)
    booking = paper.booking
    mine = booking.is_of(person) and paper.by is not None and paper.by.agency_id == person.agency_id
    if not person.has(*DECIDES) and not (mine and booking.status in vocabulary.UNDECIDED):
        raise Forbidden(
            Words("核定後只有場地承辦可以刪除文件。", "After the decision only the venue officer may delete.")
        )
    paper.deleted_at, paper.deleted_by_id, paper.deleted_reason = now, person.id, reason
    session.flush()
    store.drop_with(session, paper.stored)
    before = {"kind": paper.kind, "paper": paper.id, "sha256": paper.sha256}
    audit.record(session, person, "paper_deleted", f"booking/{booking.id}", now, before=before, reason=reason)
    return paper


def check_explained(session: Session, booking: Booking, note: str) -> None:
    """An approval of a booking that still lacks papers says why (S-12). Raises Invalid (field `note`)."""
    lacking = needs_reason(session, booking)
    if lacking and not note.strip():
        words = Words("還缺{what}；仍要核准請寫明原因", "Still missing: {what}. Say why it is approved all the same")
        raise Invalid(words.fill(what=lacking), field="note")


def needs_reason(session: Session, booking: Booking) -> Words | None:
    """What an approval has to explain: the papers that are missing, in words; None when none is."""
    names = [KINDS[kind].words for kind in missing(session, booking)]
    if not names:
        return None
    zh, en = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
    return Words(zh, en)
