"""Mails, pushes and LINE messages leave here: a chore of the worker each takes queued rows one by one, never two the same.

What this process does between `claim` and the answer is the window in which a crash leaves a row "sending". It is
queued again after five minutes: at least once, with the same Message-ID, UID and SEQUENCE, so that programs can tell.
"""

import time
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from common import log
from common.db import Database
from common.settings import Settings
from services.messenger import deliveries, ladder, mail
from services.messenger.line import Line
from services.messenger.models import Delivery, Device
from services.messenger.push import Gone, Push

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


def send_pushes(database: Database, settings: Settings, now: datetime) -> int:
    """Send what is queued for browsers; returns how many arrived."""
    return _ring(database, Push(settings), now)


def send_line(database: Database, settings: Settings, now: datetime) -> int:
    """Send what is queued for LINE; returns how many arrived."""
    return _ring(database, Line(settings), now)


def _ring(database: Database, carrier: Push | Line, now: datetime) -> int:
    """One after another to phones; what a way will never take goes the next way at once."""
    with database.reading() as session:
        waiting = deliveries.due(session, now, BATCH, carrier.channel)
    sent, began = 0, time.monotonic()
    for number in waiting:
        moment = now + timedelta(seconds=time.monotonic() - began)
        delivery = database.transact(partial(deliveries.claim, delivery_id=number, now=moment))
        if delivery is None:
            continue
        with database.reading() as session:
            targets = carrier.targets(session, delivery)
            session.expunge_all()
        lang = delivery.person.lang if delivery.person else "zh"
        try:
            address, gone = carrier.carry(delivery, targets, lang, moment)  # type: ignore[arg-type]
        except mail.NotReached as failure:
            told = str(failure)
            database.transact(partial(deliveries.try_later, delivery_id=number, now=moment, error=told))
            log.say("phone not reached", level=30, delivery_id=number, channel=carrier.channel, error=told[:200])
        except mail.Refused as refused:
            left = refused.devices if isinstance(refused, Gone) else []
            database.transact(partial(_give_up, number=number, now=moment, why=str(refused), gone=left))
            log.say("phone refused", level=30, delivery_id=number, channel=carrier.channel)
        else:
            database.transact(partial(_arrived, number=number, now=moment, address=address, lang=lang, gone=gone))
            sent += 1
    return sent


def _arrived(session: Session, number: int, now: datetime, address: str, lang: str, gone: list[int]) -> None:
    deliveries.arrived(session, number, now, address=address, lang=lang)
    _forget(session, gone)


def _give_up(session: Session, number: int, now: datetime, why: str, gone: list[int]) -> None:
    deliveries.give_up(session, number, now, error=why)
    _forget(session, gone)
    session.flush()
    ladder.next_after_failure(session, session.get_one(Delivery, number), now)


def _forget(session: Session, devices: list[int]) -> None:
    """Browsers whose push service no longer knows them."""
    for device_id in devices:
        if row := session.get(Device, device_id):
            session.delete(row)
