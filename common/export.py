"""Tables out and in: CSV and OpenDocument (ODS), as spreadsheets open them and as people send them back; letters out (ODT).

Out: UTF-8 with a byte-order mark, and no cell that a spreadsheet would run as a formula. In: every cell as text, whatever
its type was; sizes are bounded before anything is unpacked, for a file may be made to harm.
"""

import csv
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from odfdo import Document, Element
from odfdo.security import SecurityError

from common.errors import Invalid
from common.words import Words

MOST_ROWS, MOST_COLUMNS, MOST_BYTES = 5_000, 60, 40 * 1024 * 1024
ROWS_REPEATED, COLUMNS_REPEATED = "table:number-rows-repeated", "table:number-columns-repeated"
CSV_TYPE, ODS_TYPE = "text/csv; charset=utf-8", "application/vnd.oasis.opendocument.spreadsheet"
ODT_TYPE = "application/vnd.oasis.opendocument.text"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

UNREADABLE = Words("這個檔案讀不出來，請存成 CSV 或 ODS 再試。", "We can’t read this file. Save it as CSV or ODS.")
TOO_LONG = Words("一次最多 {n} 列，請分成幾個檔案", "{n} rows at most; split the file").fill(n=f"{MOST_ROWS:,}")

UNREAD = (
    ValueError, KeyError, csv.Error, zipfile.BadZipFile, zlib.error, lzma.LZMAError, SyntaxError, TypeError, AttributeError,
    RuntimeError, OSError, SecurityError,
)  # fmt: skip
"""What reading a broken or hostile file may raise: a compression nobody knows is a NotImplementedError, a RuntimeError."""

Row = Sequence[Any]


def csv_bytes(heads: Sequence[str], rows: Iterable[Row]) -> bytes:
    """The table as CSV. Text that a spreadsheet would take for a formula is led by an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_harmless(head) for head in heads])
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return ("\ufeff" + out.getvalue()).encode()


def ods_bytes(title: str, heads: Sequence[str], rows: Iterable[Row]) -> bytes:
    """The table as a spreadsheet with one sheet; figures and dates keep their type."""
    document = Document("spreadsheet")
    document.body.clear()
    lines = (f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in (heads, *rows))
    name = quoteattr(_speakable(title)[:30] or "Sheet1")
    # Written as one text: the library's own cell by cell takes seconds from a thousand rows on.
    table = Element.from_tag(f"<table:table table:name={name}>{''.join(lines)}</table:table>")
    document.body.append(table)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


BOXED = (
    '<style:style style:name="boxed" style:family="table-cell">'
    '<style:table-cell-properties fo:border="0.5pt solid #000000" fo:padding="0.15cm"/></style:style>'
)
NARROW, WIDE = (
    f'<style:style style:name="{name}" style:family="table-column">'
    f'<style:table-column-properties style:column-width="{width}"/></style:style>'
    for name, width in (("narrow", "4.5cm"), ("wide", "12.5cm"))
)


def odt_bytes(title: str, parts: Iterable[str | Sequence[tuple[str, str]]]) -> bytes:
    """A text to fill in by hand or in a word processor: a heading, then paragraphs and boxed tables of two columns.

    A text with line feeds becomes as many lines.
    """
    document = Document("text")
    document.body.clear()
    for style in (BOXED, NARROW, WIDE):
        document.insert_style(style, automatic=True)
    document.body.append(Element.from_tag(f'<text:h text:outline-level="1">{escape(_speakable(title))}</text:h>'))
    for number, part in enumerate(parts, start=1):
        if isinstance(part, str):
            document.body.append(Element.from_tag(_lines(part)))
            continue
        rows = "".join(f"<table:table-row>{_box(head)}{_box(blank)}</table:table-row>" for head, blank in part)
        columns = "".join(f'<table:table-column table:style-name="{name}"/>' for name in ("narrow", "wide"))
        document.body.append(Element.from_tag(f'<table:table table:name="table{number}">{columns}{rows}</table:table>'))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def read_table(filename: str, content: bytes, field: str = "file") -> list[list[str]]:
    """The rows of a CSV or ODS file, cells as trimmed text, empty rows left out. Raises Invalid at `field`."""
    try:
        rows = _ods_rows(content, field) if filename.lower().endswith(".ods") else _csv_rows(content)
    except UNREAD as wrong:
        raise Invalid(UNREADABLE, field=field) from wrong
    found = [[cell.strip() for cell in row[:MOST_COLUMNS]] for row in rows if any(cell.strip() for cell in row)]
    if len(found) > MOST_ROWS:
        raise Invalid(TOO_LONG, field=field)
    if not found:
        raise Invalid(Words("檔案裡沒有資料", "The file is empty"), field=field)
    return found


def _csv_rows(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp950")  # what an older Excel in Taiwan writes
    if "\x00" in text:
        raise ValueError("not text")
    return [list(row) for row in csv.reader(io.StringIO(text, newline=""))]


def _ods_rows(content: bytes, field: str) -> list[list[str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(each.file_size for each in packed.infolist()) > MOST_BYTES:
            raise Invalid(TOO_LONG, field=field)
        packed.getinfo("content.xml")
    tables = Document(io.BytesIO(content)).body.get_elements("//table:table")
    if not tables:
        raise ValueError("no sheet")
    table: Any = tables[0]
    table.rstrip(aggressive=True)  # a sheet ends in a million repeated empty rows
    for element, repeated, most in (
        ("table:table-row", ROWS_REPEATED, MOST_ROWS),
        ("table:table-cell", COLUMNS_REPEATED, MOST_ROWS * MOST_COLUMNS),
    ):
        if sum(int(each.get_attribute(repeated) or 1) for each in table.get_elements(f".//{element}")) > most:
            raise Invalid(TOO_LONG, field=field)
    return [["" if cell is None else _text(cell) for cell in row] for row in table.get_values()]


def _text(cell: Any) -> str:
    if hasattr(cell, "date") and callable(cell.date):
        return str(cell.date().isoformat())
    if isinstance(cell, Decimal | float):
        return f"{Decimal(str(cell)).normalize():f}"
    return str(cell)


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    text = f"<text:p>{escape(_speakable(str(value)))}</text:p></table:table-cell>"
    if isinstance(value, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}">{text}'
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f'<table:table-cell office:value-type="float" office:value="{value}">{text}'
    return f'<table:table-cell office:value-type="string">{text}'


def _lines(text: str) -> str:
    return f"<text:p>{'<text:line-break/>'.join(escape(line) for line in _speakable(text).splitlines())}</text:p>"


def _box(text: str) -> str:
    return f'<table:table-cell table:style-name="boxed" office:value-type="string">{_lines(text)}</table:table-cell>'


def _speakable(text: str) -> str:
    """Without the control characters that no XML may hold."""
    return "".join(c for c in text if c >= " " or c in "\t\n")


def _harmless(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return "" if cell is None else cell
