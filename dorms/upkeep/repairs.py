"""Repairs 修繕: asked for with photos, worked off in order of application, done and accepted (D-41); works at own cost need
consent first (D-42). An empty room is out of stock meanwhile: the repair has its beds in the reservation ledger."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.db import get_held
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.messages import post
from common.period import Period, today
from common.uploads import Store, examine
from common.words import Words
from dorms import occupancy
from dorms import vocabulary as say
from dorms.models import LegacyHouse, Repair, RepairPhoto, Room, nights
from dorms.occupancy import FOR_EVER, may_keep_stock
from dorms.upkeep import rows, terms
from dorms.upkeep.messages import (
    RepairCompleted,
    RepairDecided,
    RepairRequested,
    RepairStarted,
    RepairTakenBack,
)

MOST_PHOTOS = 6


class NoHome(Conflict):
    """Whoever asks borrows no room."""

    words = Words("你目前沒有借用宿舍，不能申請修繕。", "You have no room now, so there is nothing to repair.")


def request(
    session: Session,
    person: Person,
    now: datetime,
    *,
    part: str,
    what: str,
    payer: str = terms.AGENCY,
    accepts_terms: bool = False,
    room_id: int | None = None,
    house_id: int | None = None,
) -> Repair:
    """Ask for a repair of one's own room; the officer names any room or legacy house instead.

    Works at own cost need the promise of D-42. Raises NoHome, Invalid (fields `room_id`, `accepts_terms`), Forbidden.
    """
    room, house = _where(session, person, now, room_id, house_id)
    if payer == terms.OWN and not accepts_terms:
        words = Words("自費修繕要先同意這些條件", "Works at own cost need these terms accepted")
        raise Invalid(words, field="accepts_terms")
    row = Repair(room=room, house=house, person_id=person.id, payer=payer, part=part, what=what, requested_at=now)
    row.photos = []
    session.add(row)
    session.flush()
    _tell(session, now, row, RepairRequested)
    audit.record(
        session, person, "dorms.repair_requested", f"repair/{row.id}", now, after={"part": part, "payer": payer}
    )
    return row


def decide(
    session: Session,
    person: Person,
    now: datetime,
    repair_id: int,
    *,
    approve: bool,
    reason: str = "",
    estimate: int | None = None,
    out_of_turn: str = "",
    rev: int | None = None,
) -> Repair:
    """Approve with an estimate (own cost: consent), or refuse for a reason. An empty room goes out of stock.

    Raises Invalid (fields `reason`, `out_of_turn` where earlier applications wait, D-41), NotNow, Stale, Forbidden.
    """
    may_keep_stock(person)
    row = rows.hold(session, Repair, person, repair_id, rev)
    if row.state != terms.REQUESTED:
        raise rows.NotNow
    if not approve and not reason:
        raise Invalid(Words("請寫明不同意的理由", "Say why it is refused"), field="reason")
    if approve:
        _keep_order(session, row, out_of_turn, (terms.REQUESTED,))
        _out_of_stock(session, now, row)
    row.state = terms.APPROVED if approve else terms.REFUSED
    row.decided_at, row.reason = now, reason
    row.estimate = estimate if approve else None
    session.flush()
    _tell(session, now, row, RepairDecided)
    after = {"approved": approve, "estimate": estimate, "out_of_turn": row.out_of_turn}
    audit.record(session, person, "dorms.repair_decided", f"repair/{row.id}", now, after=after, reason=reason)
    return row


def start(
    session: Session,
    person: Person,
    now: datetime,
    repair_id: int,
    *,
    contractor: str,
    started_on: date | None = None,
    out_of_turn: str = "",
    rev: int | None = None,
) -> Repair:
    """Work begins: who does it, from which day. Raises Invalid (`out_of_turn`, `started_on`), NotNow, Stale, Forbidden."""
    may_keep_stock(person)
    row = rows.hold(session, Repair, person, repair_id, rev)
    if row.state != terms.APPROVED:
        raise rows.NotNow
    day = started_on or today(now)
    _check_day(row, day, now, "started_on")
    _keep_order(session, row, out_of_turn, (terms.REQUESTED, terms.APPROVED))
    row.state, row.contractor, row.started_on = terms.UNDER_WAY, contractor, day
    session.flush()
    if row.out_of_stock and row.room is not None and row.room.state == say.AWAITING_REPAIR:
        occupancy.enter_state(session, now, row.room, say.IN_REPAIR, today(now), row.number)
    _tell(session, now, row, RepairStarted, started_on=day, contractor=contractor)
    after = {"contractor": contractor, "started_on": day, "out_of_turn": row.out_of_turn}
    audit.record(session, person, "dorms.repair_started", f"repair/{row.id}", now, after=after)
    return row


def complete(
    session: Session,
    person: Person,
    now: datetime,
    repair_id: int,
    *,
    finished_on: date | None = None,
    cost: int | None = None,
    acceptance: str = "",
    rev: int | None = None,
) -> Repair:
    """Done, and accepted by the officer: what it cost, and the room back to let when no other repair keeps it.

    Works at own cost are accepted from the consent on. Raises Invalid (fields `cost`, `finished_on`), NotNow, Stale.
    """
    may_keep_stock(person)
    row = rows.hold(session, Repair, person, repair_id, rev)
    ready = (terms.UNDER_WAY,) if row.payer == terms.AGENCY else (terms.APPROVED, terms.UNDER_WAY)
    if row.state not in ready:
        raise rows.NotNow(Words("施工後才能完工驗收。", "It is accepted after the work was begun."))
    if row.payer == terms.AGENCY and cost is None:
        raise Invalid(Words("請填寫費用", "Enter the cost"), field="cost")
    day = finished_on or today(now)
    _check_day(row, day, now, "finished_on")
    if row.started_on and day < row.started_on:
        raise Invalid(Words("完工日不能早於開工日", "It cannot be done before it began"), field="finished_on")
    row.state, row.finished_on, row.acceptance = terms.COMPLETED, day, acceptance
    row.cost = cost if row.payer == terms.AGENCY else None
    row.accepted_at, row.accepted_by_id = now, person.id
    session.flush()
    _back_to_stock(session, now, row)
    _tell(session, now, row, RepairCompleted, finished_on=day)
    after = {"finished_on": day, "cost": row.cost}
    audit.record(session, person, "dorms.repair_completed", f"repair/{row.id}", now, after=after, reason=acceptance)
    return row


def take_back(session: Session, person: Person, now: datetime, repair_id: int, *, rev: int | None = None) -> Repair:
    """Whoever asked needs it no more, or an officer found it settled; before work began. Raises NotNow, Stale."""
    row = rows.hold(session, Repair, person, repair_id, rev)
    if row.state not in (terms.REQUESTED, terms.APPROVED):
        raise rows.NotNow
    row.state = terms.TAKEN_BACK
    session.flush()
    _back_to_stock(session, now, row)
    _tell(session, now, row, RepairTakenBack)
    audit.record(session, person, "dorms.repair_taken_back", f"repair/{row.id}", now)
    return row


# ── The queue ─────────────────────────────────────────────────────────────────


def queue(session: Session) -> list[Repair]:
    """What the agency still has to do, in order of application (D-41)."""
    found = select(Repair).where(Repair.payer == terms.AGENCY, Repair.state.in_(terms.OPEN_REPAIRS))
    return list(session.scalars(found.order_by(Repair.requested_at, Repair.id)))


def works(session: Session) -> list[Repair]:
    """Works at own cost that are asked for or under way."""
    found = select(Repair).where(Repair.payer == terms.OWN, Repair.state.in_(terms.OPEN_REPAIRS))
    return list(session.scalars(found.order_by(Repair.requested_at, Repair.id)))


def done_lately(session: Session, limit: int = 20) -> list[Repair]:
    """The last that came to an end."""
    found = select(Repair).where(Repair.state.not_in(terms.OPEN_REPAIRS))
    return list(session.scalars(found.order_by(Repair.id.desc()).limit(limit)))


def mine(session: Session, person: Person) -> list[Repair]:
    """What one asked for, newest first."""
    return list(session.scalars(select(Repair).where(Repair.person_id == person.id).order_by(Repair.id.desc())))


def before(session: Session, repair: Repair, states: Iterable[str] = (terms.REQUESTED, terms.APPROVED)) -> list[Repair]:
    """The earlier applications that work has not begun on."""
    wanted = set(states)
    earlier = [each for each in queue(session) if (each.requested_at, each.id) < (repair.requested_at, repair.id)]
    return [each for each in earlier if each.state in wanted]


# ── Photos ────────────────────────────────────────────────────────────────────


def add_photos(
    session: Session, person: Person, now: datetime, repair_id: int, store: Store, files: Iterable[tuple[str, bytes]]
) -> list[RepairPhoto]:
    """Keep pictures of it, drawn anew. Raises Invalid (field `photos`) for other files or too many, NotNow when it is over."""
    row = rows.hold(session, Repair, person, repair_id)
    if not row.is_open:
        raise rows.NotNow
    kept = []
    for filename, content in files:
        upload = examine(filename, content, "photos")
        if not upload.media_type.startswith("image/"):
            raise Invalid(Words("請選擇照片（JPEG 或 PNG）", "Choose photos (JPEG or PNG)"), field="photos")
        if any(photo.sha256 == upload.sha256 for photo in row.photos):
            continue
        if len(row.photos) >= MOST_PHOTOS:
            words = Words("一件最多 {n} 張照片", "{n} photos at most").fill(n=MOST_PHOTOS)
            raise Invalid(words, field="photos")
        photo = RepairPhoto(
            filename=upload.name,
            media_type=upload.media_type,
            size=len(upload.content),
            sha256=upload.sha256,
            stored=store.keep_with(session, upload.content),
            sent_at=now,
            by_id=person.id,
        )
        row.photos.append(photo)
        kept.append(photo)
    session.flush()
    if kept:
        after = {"photos": [photo.sha256 for photo in kept]}
        audit.record(session, person, "dorms.repair_photos", f"repair/{row.id}", now, after=after)
    return kept


def read_photo(session: Session, person: Person, photo_id: int) -> RepairPhoto:
    """A photo of a repair its reader may see. Raises NotFound."""
    photo = session.get(RepairPhoto, photo_id)
    if photo is None or not photo.repair.can_see(person):
        raise NotFound
    return photo


# ── Within ────────────────────────────────────────────────────────────────────


def _where(
    session: Session, person: Person, now: datetime, room_id: int | None, house_id: int | None
) -> tuple[Room | None, LegacyHouse | None]:
    living = next((row for row in rows.residents(session, today(now)).values() if row.person_id == person.id), None)
    if person.has("dorm_officer") and (room_id is not None or house_id is not None):
        room = session.get(Room, room_id) if room_id is not None else None
        house = session.get(LegacyHouse, house_id) if house_id is not None and room is None else None
        if room is None and house is None:
            raise Invalid(Words("請選擇房間或眷舍", "Choose a room or a house"), field="room_id")
        return room, house
    if living is None:
        raise NoHome
    if (room_id is not None and room_id != living.room_id) or house_id is not None:
        raise Forbidden(Words("只能申請自己借用的房間。", "You can ask for your own room only."))
    return living.room, None


def _keep_order(session: Session, row: Repair, out_of_turn: str, states: tuple[str, ...]) -> None:
    """An application is not passed over without a reason that is written down (D-41)."""
    if row.payer != terms.AGENCY:
        return
    waiting = before(session, row, states)
    row.out_of_turn = out_of_turn or row.out_of_turn
    if waiting and not row.out_of_turn:
        words = Words(
            "前面還有 {n} 件較早的申請（最早的是 {first}）；要先辦這一件請寫明理由",
            "{n} earlier applications wait (the first is {first}): say why this one goes before them",
        )
        raise Invalid(words.fill(n=len(waiting), first=waiting[0].number), field="out_of_turn")


def _out_of_stock(session: Session, now: datetime, row: Repair) -> None:
    """Keep an empty room from letting: its beds are the repair's until it ends. One that is let or offered stays as it is."""
    room = _hold_room(session, row)
    if room is None or room.state not in (say.TO_LET, say.AWAITING_REPAIR, say.IN_REPAIR):
        return
    beds = [bed.resource for bed in room.beds]
    for_long = nights(today(now), FOR_EVER)
    if reservations.taken(session, beds, for_long, now):
        row.out_of_stock = _keeper(session, row) is not None
        return
    reservations.claim(session, row.holder, [(bed, for_long) for bed in beds], now=now)
    row.out_of_stock = True
    if room.state == say.TO_LET:
        occupancy.enter_state(session, now, room, say.AWAITING_REPAIR, today(now), row.number)


def _hold_room(session: Session, row: Repair) -> Room | None:
    """The repair's room, held against other repairs of it until the end of the transaction."""
    if row.room_id is None:
        return None
    return get_held(session, Room, row.room_id)


def _keeper(session: Session, row: Repair) -> Repair | None:
    """Another open repair that keeps the room out of stock."""
    found = select(Repair).where(
        Repair.room_id == row.room_id,
        Repair.id != row.id,
        Repair.out_of_stock,
        Repair.state.in_(terms.OPEN_REPAIRS),
    )
    return session.scalars(found.order_by(Repair.id)).first()


def _back_to_stock(session: Session, now: datetime, row: Repair) -> None:
    """The room may be let again, unless another repair keeps it: that one then has its beds."""
    room = _hold_room(session, row) if row.out_of_stock else None
    if room is None:
        return
    row.out_of_stock = False
    session.flush()
    keeper = _keeper(session, row)
    if keeper is not None:
        held = reservations.held_by(session, row.holder)
        wants = [(each.resource, Period(each.starts_at, each.ends_at)) for each in held]
        reservations.hand_over(session, row.holder, keeper.holder, wants)
        return
    reservations.release(session, row.holder)
    if room.state in (say.AWAITING_REPAIR, say.IN_REPAIR):
        occupancy.enter_state(session, now, room, say.TO_LET, today(now), row.number)


def _check_day(row: Repair, day: date, now: datetime, field: str) -> None:
    if not today(row.requested_at) <= day <= today(now):
        raise Invalid(Words("日期要在申請日到今天之間", "The day lies between the application and today"), field=field)


def _tell(session: Session, now: datetime, row: Repair, fact: Any, **more: Any) -> None:
    body = rows.told(
        row, row.person_id, row.number, row.rev, repair_id=str(row.id), status=row.state, payer=row.payer, **more
    )
    post(session, fact, subject=f"repair/{row.id}", now=now, **body)
