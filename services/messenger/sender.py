"""Mails leave here: a chore of the worker takes queued rows one by one, never two senders the same.

What this process does between `claim` and the answer is the window in which a crash leaves a row "sending". It is
queued again after five minutes: at least once, with the same Message-ID, UID and SEQUENCE, so that programs can tell.
"""

import time
from datetime import datetime, timedelta

from common import log
from common.db import Database
from common.settings import Settings
from services.messenger import deliveries, mail
from services.messenger.models import Delivery

BATCH = 50


def send_due(database: Database, settings: Settings, now: datetime) -> int:
    """Send what is due, oldest first; returns how many arrived. An unreachable server ends the round."""
    waiting = _due(database, now)
    if not waiting:
        return 0
    sent, began = 0, time.monotonic()
    with mail.carrier(settings) as carrier:
        for delivery_id in waiting:
            moment = now + timedelta(seconds=time.monotonic() - began)
            delivery = database.transact(lambda session, id=delivery_id, at=moment: deliveries.claim(session, id, at))  # type: ignore[misc]
            if delivery is None:
                continue
            try:
                sent += _send(database, settings, carrier, delivery, moment)
            except mail.NotReached as failure:
                log.say("mail not sent", level=30, delivery_id=delivery_id, error=str(failure)[:200])
                break
    return sent


def _due(database: Database, now: datetime) -> list[int]:
    with database.reading() as session:
        return deliveries.due(session, now, BATCH)


def _send(database: Database, settings: Settings, carrier: mail.Carrier, delivery: Delivery, now: datetime) -> int:
    """One mail out of the house. Raises NotReached after noting it."""
    person, number = delivery.person, delivery.id
    if person is None:
        database.transact(
            lambda session: deliveries.try_later(session, number, now, error="this person is not known here yet")
        )
        return 0
    try:
        if not person.active or not person.mail:
            raise mail.Refused("no mail address")
        address, lang = person.mail, person.lang
        carrier.carry(f"{number:08d}", mail.compose(delivery, address, lang, settings, now))
    except mail.Refused as refused:
        told = str(refused)
        database.transact(lambda session: deliveries.give_up(session, number, now, error=told))
        log.say("mail refused", level=30, delivery_id=number)
        return 0
    except mail.NotReached as failure:
        told = str(failure)
        database.transact(lambda session: deliveries.try_later(session, number, now, error=told))
        raise
    database.transact(lambda session: deliveries.arrived(session, number, now, address=address, lang=lang))
    return 1
