"""Tables as files to keep: CSV and ODS under one address, by its ending."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response

from common.export import CSV_TYPE, ODS_TYPE, csv_bytes, ods_bytes
from common.web.attachments import attachment
from common.web.look import t
from common.words import Words

FORMS = "csv,ods"


def table_file(form: str, name: str, title: Words, heads: Sequence[Words], rows: Iterable[Sequence[Any]]) -> Response:
    """The table as a download called `name`.csv or .ods, headings in the reader's language."""
    told, body = [str(t(head)) for head in heads], list(rows)
    content = ods_bytes(str(t(title)), told, body) if form == "ods" else csv_bytes(told, body)
    return attachment(f"{name}.{form}", ODS_TYPE if form == "ods" else CSV_TYPE, content)
