"""Logs: one JSON object a line on standard error; the event is a constant string, ids are fields.

Values never include passwords, tokens or cookies: log ids instead. Line breaks are escaped by the JSON itself.
"""

import contextvars
import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
traceparent: contextvars.ContextVar[str] = contextvars.ContextVar("traceparent", default="")


class JsonLines(logging.Formatter):
    """A log record as one line of JSON with service, request id and trace."""

    def __init__(self, service: str):
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        for name, value in (("request_id", request_id.get()), ("traceparent", traceparent.get())):
            if value:
                line[name] = value
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def start(service: str, level: str = "INFO") -> None:
    """Send this process's logs to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("amqp").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def say(event: str, level: int = logging.INFO, exc_info: bool = False, **fields: Any) -> None:
    """Log one event with its ids as fields."""
    logging.getLogger("citykeys").log(level, event, extra={"fields": fields}, exc_info=exc_info)
