"""Moving 換住: offers of rooms that tenants still have, and what happens to the old room when a move takes effect.

An offer of such a room waits for the offer made to its tenant. Nobody leaves a room before another is theirs: offers that
wait for one another take effect together, in one transaction, or not at all.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import reservations
from common.db import for_update
from common.period import taipei, today
from dorms import occupancy, stays
from dorms import vocabulary as say
from dorms.models import Application, Offer, Room, Round, Tenancy, TenancyStep


def tenancy_left_by(session: Session, application: Application) -> Tenancy | None:
    """The stay this applicant asks to move out of, while it runs."""
    if application.lives_in_id is None:
        return None
    tenancy = occupancy.current_stay(session, application.person_id)
    return tenancy if tenancy is not None and tenancy.room_id == application.lives_in_id else None


def waiting_for(session: Session, offer: Offer) -> list[Offer]:
    """The open offers of the room that the person of this offer still has."""
    rows = select(Offer).where(Offer.awaits_id == offer.id, Offer.state == say.MADE).order_by(Offer.id)
    return list(session.scalars(rows))


def taking_effect(session: Session, offer: Offer) -> list[Offer]:
    """The agreed offers that take effect now, tenants who move out before those who move in; none while one is open."""
    way = [offer]
    while way[-1].lived_in and way[-1].awaits not in way:
        awaited = way[-1].awaits
        if awaited is None or awaited.agreed_at is None or awaited.state != say.MADE:
            return []
        way.append(awaited)
    out = way[::-1]
    for one in out:
        out += [other for other in waiting_for(session, one) if other.agreed_at is not None and other not in out]
    return out


def leave_room(session: Session, now: datetime, offer: Offer) -> Room | None:
    """End the stay of a tenant whose move takes effect today: the old room is free from tonight. None for newcomers."""
    day = today(now)
    tenancy = occupancy.current_stay(session, offer.person_id)
    if tenancy is None:
        return None
    tenancy.ending, tenancy.ended_on = stays.MOVED, day
    tenancy.leaving = tenancy.leave_by = None
    tenancy.story.append(TenancyStep(kind=stays.MOVED, at=now, by_id=offer.person_id, day=day))
    reservations.release(session, tenancy.holder, from_=taipei(day, "00:00"))
    return tenancy.room


def planned(offer: Offer) -> dict[str, Any]:
    """The stay of somebody who has agreed to a room whose tenant has not moved yet."""
    stay = {"stay_from": offer.stay_from, "stay_until": offer.stay_until, "move_in_by": None}
    return {"id": None, "offer_id": offer.id, "room_id": offer.room_id, **stay, "rev": offer.rev}


def lock_rounds(session: Session, offer: Offer) -> None:
    """Let nobody else allot, answer or pass on in any round in which somebody of these linked offers stands."""
    linked, more = {offer.id: offer}, [offer]
    while more:
        one = more.pop()
        near = [*waiting_for(session, one), *([one.awaits] if one.awaits else [])]
        more += [other for other in near if other.id not in linked]
        linked |= {other.id: other for other in near}
    people = {one.person_id for one in linked.values()}
    alive = select(Application.round_id).where(Application.person_id.in_(people), Application.state.in_(say.ALIVE))
    for round_id in sorted({offer.application.round_id, *session.scalars(alive)}):
        session.get(Round, round_id, **for_update(session))
    for one in linked.values():  # what they were before the lock may have been answered meanwhile
        session.expire(one.application)
        session.expire(one)
