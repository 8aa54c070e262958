"""Files on their way out: saved by the browser, never shown or run on our pages."""

from urllib.parse import quote

from flask import Response


def attachment(name: str, media_type: str, content: bytes) -> Response:
    """The file as a download called `name`: nothing guesses its type, nothing in it may do anything."""
    answer = Response(content, content_type=media_type)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
