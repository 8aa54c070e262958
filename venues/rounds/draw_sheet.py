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
from common.errors import Conflict
from common.words import Words
from venues.rounds import lottery

HEADS = ("ticket 票號", "class 類別", "SHA-256", "place in class 順位", "result 結果")


class NotWhole(Conflict):
    """The record cannot be laid out as a sheet; says what does not match."""


def hashes(record: Mapping[str, Any]) -> dict[str, str]:
    """Each ticket's own hash, that decides its place."""
    listed = tickets_sha256(record["tickets"])
    return {ticket: lottery.sha256(f"{record['seed']}\n{listed}\n{ticket}") for ticket in record["tickets"]}


def draw_sheet(record: Mapping[str, Any]) -> bytes:
    """The tickets of a drawn round as ODS: hash as text, place and result as formulas with their values beside.

    What does not match (lottery.faults) stands in words beside the seed. Raises NotWhole, with the same words, for a record
    that is no list with a draw at all.
    """
    found = lottery.faults(record)
    try:
        rows = _rows(record, found)
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise NotWhole(_in_words(found)) from problem
    document = Document("spreadsheet")
    document.body.clear()
    name = quoteattr(f"draw {record['round']}")
    document.body.append(Element.from_tag(f"<table:table table:name={name}>{''.join(rows)}</table:table>"))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _rows(record: Mapping[str, Any], found: list[Words]) -> list[str]:
    own, places = hashes(record), {one["prefix"]: one["places"] for one in record["classes"]}
    said = [("seed", record["seed"]), *(("differs 不符", f"{words.zh} {words.en}") for words in found)]
    beside = [_text("") + _text(head) + _text(text) for head, text in said]
    last, rows = len(record["tickets"]) + 1, [_row(*map(_text, HEADS), beside[0])]
    place_of = _places(own)
    for line, ticket in enumerate(record["tickets"], start=2):
        prefix = lottery.prefix_of(ticket)
        place = f"SUMPRODUCT(([.$B$2:.$B${last}]=[.B{line}])*([.$C$2:.$C${last}]<[.C{line}]))+1"
        cells = [_text(ticket), _text(prefix), _text(own[ticket]), _figure(place, place_of[ticket])]
        if prefix in places:
            result = f'IF([.D{line}]<={places[prefix]};"selected";"waiting")'
            cells.append(_said(result, "selected" if place_of[ticket] <= places[prefix] else "waiting"))
        else:
            cells.append(_text("no such class 沒有這個類別"))
        rows.append(_row(*cells, *beside[line - 1 : line]))
    return rows + [_row(_text("") * len(HEADS), each) for each in beside[len(rows) :]]


def _in_words(found: list[Words]) -> Words:
    zh = "公布的抽籤紀錄不完整，無法做成試算表：{what}"
    en = "The published record is not whole and cannot be laid out as a sheet: {what}"
    what = found or [Words("名單或順序不完整", "the list or the order is not whole")]
    together = Words("；".join(each.zh for each in what), "; ".join(each.en for each in what))
    return Words(zh, en).fill(what=together)


def _places(own: Mapping[str, str]) -> dict[str, int]:
    """Each ticket's place within its class, by the hashes alone."""
    seen: dict[str, int] = {}
    out = {}
    for ticket in sorted(own, key=lambda each: own[each]):
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
