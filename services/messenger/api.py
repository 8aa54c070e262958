"""Messenger for programs. Bearer tokens only."""

from typing import Any

from sqlalchemy.orm import Session

from common.identity import Person
from common.schemas import page_of
from common.web import Api, has_role, now, paged, signed_in
from services.messenger import deliveries
from services.messenger.models import WATCHERS, Delivery
from services.messenger.schemas import DeliveryOut, DeliveryQuery, MessageOut, MessageQuery, UnreadOut

api = Api("messenger")


@api.get("/messages", "listMessages", query=MessageQuery, gives=page_of(MessageOut), allows=signed_in)
def list_messages(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """One's own in-app messages, newest first."""
    return paged(session, deliveries.inbox(person, only_unread=query["unread"]), query, Delivery.id)


@api.get("/messages/unread", "countUnread", gives=UnreadOut, allows=signed_in)
def count_unread(session: Session, person: Person) -> dict[str, int]:
    """How many of one's own messages were not opened yet."""
    return {"unread": deliveries.unread(session, person)}


@api.post("/messages/<int:message_id>/read", "markRead", gives=MessageOut, allows=signed_in)
def mark_read(session: Session, person: Person, message_id: int) -> Delivery:
    """Note that the addressee has opened a message; doing so again changes nothing."""
    return deliveries.mark_read(session, person, now(), message_id)


@api.get("/deliveries", "listDeliveries", query=DeliveryQuery, gives=page_of(DeliveryOut), allows=has_role(*WATCHERS))
def list_deliveries(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """What was told to whom, by which way and how far it got, newest first. A dispatcher sees what concerns cars."""
    return paged(session, deliveries.watched(person, **deliveries.filters(query)), query, Delivery.id)


@api.post("/deliveries/<int:delivery_id>/send", "sendAgain", gives=DeliveryOut, allows=has_role("dispatcher", "admin"))
def send_again(session: Session, person: Person, delivery_id: int) -> Delivery:
    """Queue anew a message that failed or came too late."""
    return deliveries.send_again(session, person, now(), delivery_id)
