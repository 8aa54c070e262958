"""What followed an allotment, in order, read from the rows themselves."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.period import local, today
from dorms import vocabulary as say
from dorms.models import Application, Offer, Round

MOVED, KEPT = "moved", "kept"


def log_of(session: Session, row: Round) -> list[dict[str, Any]]:
    """Every offer that came to nothing and to whom its room passed (D-19), every room a tenant moved out of, and everyone
    who left the list."""
    offers = list(
        session.scalars(select(Offer).join(Application).where(Application.round_id == row.id).order_by(Offer.id))
    )
    follower = {offer.follows_id: offer.application.code for offer in offers if offer.follows_id}
    events: list[tuple[datetime, bool, int, dict[str, Any]]] = []

    def tell(at: datetime, number: int, code: str, what: str, room_id: int | None, **more: Any) -> None:
        ended = bool(room_id and row.list_valid_until and today(at) > row.list_valid_until)
        entry = {"code": code, "what": what, "room_id": str(room_id) if room_id else None, "list_ended": ended}
        events.append((at, what != KEPT, number, {**entry, "passed_to": follower.get(number), **more}))

    for offer in offers:
        if offer.answered_at is None:
            continue
        code, home = offer.application.code, offer.application.lives_in_id
        if offer.state == say.ACCEPTED:
            if home is not None:
                promised = any(_claims(other, offer) for other in offers)
                tell(offer.answered_at, offer.id, code, MOVED, home, promised=promised)
            continue
        kept = _kept(offer)
        back = kept and offer.state == say.WITHDRAWN and offer.application.withdrawn_at is None
        tell(offer.answered_at, offer.id, code, KEPT if back else offer.state, offer.room_id, kept=kept)
    for application in row.applications:
        if application.withdrawn_at and application.rank:
            tell(application.withdrawn_at, 0, application.code, say.WITHDRAWN, None)
    ordered = sorted(events, key=lambda event: event[:3])
    return [{"at": local(at).isoformat(), **entry} for at, _, _, entry in ordered]


def _kept(offer: Offer) -> bool:
    """Whether the room stayed with its tenant when this offer came to nothing."""
    awaited = offer.awaits
    if awaited is None or awaited.state in (say.MADE, say.ACCEPTED) or awaited.answered_at is None:
        return False
    return offer.answered_at is not None and awaited.answered_at <= offer.answered_at


def _claims(other: Offer, moved: Offer) -> bool:
    """Whether somebody was promised the old room when the tenant moved out."""
    if other.awaits_id != moved.id or moved.answered_at is None:
        return False
    return other.answered_at is None or other.answered_at >= moved.answered_at
