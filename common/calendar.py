"""Calendar entries as the world's calendar programs need them: feeds (PUBLISH) and invitations (REQUEST, CANCEL).

`ics` writes each event; the rest is ours, because it neither folds lines nor keeps METHOD in the header nor writes
events in a fixed order. The bytes depend on nothing but the entries, so every process answers alike and one ETag holds.
All times are UTC: Taipei keeps no summer time, and a TZID without its VTIMEZONE breaks Outlook.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from urllib.parse import quote

import ics
from ics.grammar.parse import Container, ContentLine

from common.period import utc
from common.words import Words

PRODID = "-//Citykeys//Calendar 1.0//ZH-TW"
CANCELLED = Words("【已取消】", "[Cancelled] ")
FOLD_AT = 75

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]


@dataclass(frozen=True)
class Entry:
    """One thing in a calendar.

    `uid` never changes; `sequence` rises with each change of time, place or status; `changed_at` is that change.
    `alarm_minutes` before the start a reminder is shown. Phone numbers never go into a feed.
    """

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str = ""
    description: str = ""
    url: str = ""
    cancelled: bool = False
    category: str = ""
    alarm_minutes: int | None = None
    cancelled_mark: str = CANCELLED.zh


def uid_of(service: str, subject: str) -> str:
    """The UID of what a row is in every calendar, for ever: ("fleet", "trip/12") → "fleet-trip-12@citykeys".

    Feeds and invitations share it, so that a program holding both shows one entry.
    """
    return f"{service}-{subject.replace('/', '-')}@citykeys"


def feed_bytes(name: str, entries: Iterable[Entry]) -> bytes:
    """A whole calendar to subscribe to, called `name`: sorted, folded, CRLF, the same bytes in every process."""
    title = _text(name)
    head = [
        f"NAME:{title}",
        f"X-WR-CALNAME:{title}",
        "X-WR-TIMEZONE:Asia/Taipei",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    return _calendar("PUBLISH", head, [_event(entry) for entry in sorted(entries, key=_order)])


def invitation(
    entry: Entry, *, method: Literal["REQUEST", "CANCEL"], organizer: str, attendee: str, attendee_name: str
) -> bytes:
    """The `.ics` of one mail (RFC 5546): invites `attendee` (a mail address), or takes the invitation back.

    `organizer` is the house's own address; answers to it are not read, so none is asked for.
    """
    event = _event(replace(entry, cancelled=entry.cancelled or method == "CANCEL"))
    event.extra.append(ContentLine("ORGANIZER", {"CN": [_quoted("Citykeys 市鑰")]}, f"mailto:{_address(organizer)}"))
    parameters = {
        "CUTYPE": ["INDIVIDUAL"],
        "ROLE": ["REQ-PARTICIPANT"],
        "PARTSTAT": ["NEEDS-ACTION"],
        "RSVP": ["FALSE"],
        "CN": [_quoted(attendee_name)],
    }
    event.extra.append(ContentLine("ATTENDEE", parameters, f"mailto:{_address(attendee)}"))
    return _calendar(method, [], [event])


def _order(entry: Entry) -> tuple[datetime, str, int]:
    return (utc(entry.starts_at), entry.uid, entry.sequence)


def _event(entry: Entry) -> ics.Event:
    summary = (entry.cancelled_mark if entry.cancelled else "") + entry.summary
    changed_at = utc(entry.changed_at)
    event = ics.Event(
        uid=_plain(entry.uid).replace("\n", ""),
        name=_plain(summary),
        begin=utc(entry.starts_at),
        end=utc(entry.ends_at) if entry.ends_at > entry.starts_at else None,
        created=changed_at,  # ics writes it as DTSTAMP
        last_modified=changed_at,
        location=_plain(entry.location) or None,
        description=_plain(entry.description) or None,
        categories=[_plain(entry.category)] if entry.category else None,
        status="CANCELLED" if entry.cancelled else "CONFIRMED",
        transparent=entry.cancelled,
    )
    event.extra.append(ContentLine("SEQUENCE", {}, str(int(entry.sequence))))
    if entry.url:
        event.extra.append(ContentLine("URL", {}, quote(_plain(entry.url), safe="/:?#[]@!$&'()*+,;=%~-._")))
    if entry.alarm_minutes is not None and not entry.cancelled:
        event.extra.append(_alarm(entry.alarm_minutes, summary))
    return event


def _alarm(minutes: int, text: str) -> Container:
    lines = {"ACTION": "DISPLAY", "TRIGGER": f"-PT{int(minutes)}M", "DESCRIPTION": _text(text)}
    return Container("VALARM", *(ContentLine(name, {}, value) for name, value in lines.items()))


def _calendar(method: Method, head: list[str], events: list[ics.Event]) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODID}", "CALSCALE:GREGORIAN", f"METHOD:{method}", *head]
    for event in events:
        lines.extend(event.serialize().split("\r\n"))
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def _folded(line: str) -> Iterator[bytes]:
    """`line` in pieces of at most 75 octets, each but the first led by a space; no character is cut (RFC 5545 §3.1)."""
    piece = b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > FOLD_AT:
            yield piece
            piece = b" "
        piece += octets
    yield piece


# Every character some reader takes for the end of a line, and all that must not be in text at all.
_LINE_ENDS = re.compile("\r\n|[\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_UNFIT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")


def _plain(text: str) -> str:
    """`text` with "\\n" as its only line end and no control characters, so that no title can end its own line."""
    return _UNFIT.sub("", _LINE_ENDS.sub("\n", text))


def _text(text: str) -> str:
    """`text` as a TEXT value on one line of ours."""
    escaped = _plain(text).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\n", "\\n")


def _quoted(text: str) -> str:
    """`text` as a quoted parameter value, which can hold neither quotes nor line ends."""
    return '"' + _plain(text).replace('"', "'").replace("\n", " ") + '"'


def _address(mail: str) -> str:
    if not re.fullmatch(r"[^\s<>;,:\"\x00-\x1f\x7f]+@[^\s<>;,:\"\x00-\x1f\x7f]+", mail):
        raise ValueError("not a mail address")
    return mail
