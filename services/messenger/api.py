"""Messenger for programs. Bearer tokens only."""

from typing import Any

from flask import current_app, json, request
from sqlalchemy.orm import Session

from common.errors import Forbidden
from common.identity import Person
from common.schemas import page_of
from common.web import Api, anyone, has_role, now, paged, signed_in
from services.messenger import deliveries, ladder, line, reach
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


@api.post("/line/events", "receiveLineEvents", status=200, allows=anyone)
def receive_line_events(session: Session, person: Person | None) -> None:
    """LINE's webhook: believed by the X-Line-Signature of the channel's secret, else refused. A linking code in a message
    links its sender; whoever blocks the account is no longer linked. Everything else is passed over."""
    secret = current_app.config["SETTINGS"].line_secret
    body = request.get_data()
    if not line.is_from_line(secret, body, request.headers.get("X-Line-Signature", "")):
        raise Forbidden
    for event in json.loads(body).get("events", []):
        user_id = str(event.get("source", {}).get("userId", ""))[:50]
        if event.get("type") == "unfollow":
            reach.unlink(session, user_id=user_id)
        elif event.get("type") == "message" and user_id:
            linked = reach.link(session, now(), str(event.get("message", {}).get("text", "")), user_id)
            if linked:
                ladder.welcome(session, linked, now(), str(event.get("webhookEventId", user_id)))
