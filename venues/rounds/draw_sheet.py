"""The draw as a spreadsheet that works the places out by itself: change nothing, or sort by the hash, and read the result.

A spreadsheet has no SHA-256; the hash of each ticket stands there as text, and any one can be checked on a command line.
The place within the class and the result are formulas over it.
"""

import io
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from odfdo import Document, Element

from common.draw import tickets_sha256
from venues.rounds import lottery

HEADS = ("ticket 票號", "class 類別", "SHA-256", "place in class 順位", "result 結果")


def hashes(record: Mapping[str, Any]) -> dict[str, str]:
    """Each ticket's own hash, that decides its place."""
    listed = tickets_sha256(record["tickets"])
    return {ticket: lottery.sha256(f"{record['seed']}\n{listed}\n{ticket}") for ticket in record["tickets"]}


def draw_sheet(record: Mapping[str, Any]) -> bytes:
    """The tickets of a drawn round as ODS: hash as text, place and result as formulas with their values beside."""
    own, places = hashes(record), {one["prefix"]: one["places"] for one in record["classes"]}
    last, rows = len(record["tickets"]) + 1, [_row(*map(_text, HEADS), _text(""), _text("seed"), _text(record["seed"]))]
    place_of = _places(record)
    for line, ticket in enumerate(record["tickets"], start=2):
        prefix = lottery.prefix_of(ticket)
        place = f"SUMPRODUCT(([.$B$2:.$B${last}]=[.B{line}])*([.$C$2:.$C${last}]<[.C{line}]))+1"
        result = f'IF([.D{line}]<={places[prefix]};"selected";"waiting")'
        chosen = "selected" if place_of[ticket] <= places[prefix] else "waiting"
        cells = (
            _text(ticket),
            _text(prefix),
            _text(own[ticket]),
            _figure(place, place_of[ticket]),
            _said(result, chosen),
        )
        rows.append(_row(*cells))
    document = Document("spreadsheet")
    document.body.clear()
    name = quoteattr(f"draw {record['round']}")
    document.body.append(Element.from_tag(f"<table:table table:name={name}>{''.join(rows)}</table:table>"))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _places(record: Mapping[str, Any]) -> dict[str, int]:
    seen: dict[str, int] = {}
    out = {}
    for ticket in record["order"]:
        prefix = lottery.prefix_of(ticket)
        seen[prefix] = out[ticket] = seen.get(prefix, 0) + 1
    return out


def _row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _text(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{escape(text)}</text:p></table:table-cell>'


def _figure(formula: str, value: int) -> str:
    told = f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell table:formula={quoteattr('of:=' + formula)} {told}><text:p>{value}</text:p></table:table-cell>"


def _said(formula: str, value: str) -> str:
    told = f'office:value-type="string" office:string-value="{value}"'
    return f"<table:table-cell table:formula={quoteattr('of:=' + formula)} {told}><text:p>{value}</text:p></table:table-cell>"
