"""The messages of the house as a document, out of the senders' declarations and the readers' listeners."""

from common.inbox import Listener
from common.messages import Fact, catalogue
from common.service import Service

HEAD = """# Messages 訊息

Made by `make docs` from the code; a test holds the two together.

A message is a fact in the past tense, owned by its sender. It is written with the change it tells of, numbered when that
change is committed, and kept in the sender's log; the broker only carries it sooner. A reader applies each fact once and in
order, and declares which fields it reads. A version only ever gains fields.

The envelope has the CloudEvents 1.0 attributes `specversion`, `id` (UUIDv7), `source` (the service), `type`, `subject`
(`trip/31`), `time` and `datacontenttype`; besides them `seq` (the fact's number in the sender's log, without gaps), `epoch`
(rises when the sender was restored from a backup) and `traceparent`; and the body as `data`. Ids are strings, instants
ISO 8601 with offset, money whole NT$.

`GET /{service}/events?after=N&limit=M` answers `{"items": [envelope, …], "last": seq, "epoch": …, "pruned_to": …}`,
`GET /{service}/snapshot` the present state as facts; both need a service's token.
"""


def document(house: list[Service]) -> str:
    """`docs/messages.md`: every sender with its facts, their fields, and what each reader does with them."""
    parts = [HEAD, _overview(house)]
    for sender in house:
        parts.append(f"## {sender.name} {sender.title.zh}\n")
        for fact in sorted(sender.facts, key=lambda each: each.type):
            parts.append(f"{catalogue([fact])}\n{_readers(house, fact)}\n")
    return "\n".join(parts)


def readers(house: list[Service], fact: type[Fact]) -> list[tuple[Service, Listener]]:
    """Who listens to a fact, and with what."""
    return [(service, listener) for service in house for listener in service.listeners.by_type.get(fact.type, ())]


def _overview(house: list[Service]) -> str:
    rows = ["| fact | read by |", "|---|---|"]
    for sender in house:
        for fact in sorted(sender.facts, key=lambda each: each.type):
            names = dict.fromkeys(service.name for service, _ in readers(house, fact))
            rows.append(f"| `{fact.type}` | {', '.join(names) or '—'} |")
    return "\n".join(rows) + "\n"


def _readers(house: list[Service], fact: type[Fact]) -> str:
    lines = []
    for service, listener in readers(house, fact):
        effect = " ".join((listener.handle.__doc__ or "").split())
        held = " Until it is applied, nothing after it is." if listener.stops_the_line else ""
        lines.append(f"- **{service.name}**: {effect}{held}")
    return "\n".join(lines or ["Nobody reads it yet."]) + "\n"
