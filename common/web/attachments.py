"""Files on their way in and out: sent with a form, and saved by the browser, never shown or run on our pages."""

from collections.abc import Iterator
from urllib.parse import quote

from flask import Response, current_app, request

from common.uploads import Store


def store() -> Store:
    """Where this service keeps files."""
    return Store(current_app.config["SETTINGS"].uploads_dir)


def sent_files(name: str) -> Iterator[tuple[str, bytes]]:
    """The files of one field, read whole; a transaction tried again reads them once more."""
    for sent in request.files.getlist(name):
        if sent.filename:
            sent.stream.seek(0)
            yield sent.filename, sent.stream.read()


def attachment(name: str, media_type: str, content: bytes) -> Response:
    """The file as a download called `name`: nothing guesses its type, nothing in it may do anything."""
    answer = Response(content, content_type=media_type)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
