"""Shapes of messenger's operations and pages."""

from common.schemas import Boolean, Choice, Id, Instant, Integer, PageQuery, Schema, String
from common.words import Words
from services.messenger.models import CHANNELS, STATES


class MessageOut(Schema):
    """A message in the in-app inbox."""

    id = Id(required=True)
    title_zh = String(
        required=True,
        metadata={"description": "what it says in one line, 繁中", "example": "新派車：11月23日（週一）13:30–17:00"},
    )
    title_en = String(
        required=True, metadata={"description": "the same in English", "example": "New job: Mon 23 Nov 13:30–17:00"}
    )
    text_zh = String(
        required=True, min_length=0, max_length=None, metadata={"description": "the rest, line by line, 繁中"}
    )
    text_en = String(
        required=True, min_length=0, max_length=None, metadata={"description": "the rest, line by line, English"}
    )
    link = String(required=True, metadata={"description": "the page it is about", "example": "/fleet/trips/31"})
    service = String(
        required=True, attribute="source", metadata={"description": "which service told it", "example": "fleet"}
    )
    subject = String(required=True, metadata={"description": "what it is about", "example": "trip/31"})
    unread = Boolean(required=True, metadata={"description": "not opened yet"})
    sent_at = Instant(allow_none=True, metadata={"description": "since when it is there"})
    read_at = Instant(allow_none=True, metadata={"description": "when it was opened"})


class DeliveryOut(MessageOut):
    """One message to one person by one channel, with how far it got."""

    person_id = Id(required=True, metadata={"description": "to whom"})
    channel = Choice(CHANNELS, required=True, metadata={"description": "by which way"})
    state = Choice(STATES, required=True, metadata={"description": "how far it got"})
    fact_type = String(
        required=True, metadata={"description": "the fact it tells", "example": "fleet.trip_assigned.v1"}
    )
    tries = Integer(required=True, metadata={"description": "how often it was tried"})
    error = String(
        required=True,
        min_length=0,
        max_length=400,
        metadata={"description": "what went wrong last; empty when nothing did"},
    )
    created_at = Instant(required=True, metadata={"description": "when it came into being"})
    expires_at = Instant(required=True, metadata={"description": "after this it would help nobody and is not sent"})


class DeliveryQuery(PageQuery):
    """Which deliveries are wanted."""

    state = Choice(STATES, load_default=None, metadata={"label": Words("狀態", "State")})
    channel = Choice(CHANNELS, load_default=None, metadata={"label": Words("管道", "Channel")})
    service = Choice(("fleet", "venues", "dorms"), load_default=None, metadata={"label": Words("服務", "Service")})
    subject = String(
        max_length=80, load_default=None, metadata={"label": Words("對象", "Subject"), "example": "trip/31"}
    )
    person_id = Id(load_default=None, metadata={"label": Words("收件人", "Addressee")})


class MessageQuery(PageQuery):
    """Which of one's own messages are wanted."""

    unread = Boolean(
        load_default=False, metadata={"label": Words("未讀", "Unread"), "description": "only those not opened yet"}
    )


class UnreadOut(Schema):
    """How many messages wait to be opened."""

    unread = Integer(required=True, metadata={"description": "messages not opened yet"})


class Subscribe(Schema):
    """A browser that takes pushes."""

    subscription = String(
        required=True,
        max_length=4000,
        metadata={"label": Words("推播訂閱", "Push subscription"), "description": "PushSubscription as JSON"},
    )
