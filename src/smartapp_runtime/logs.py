"""Logging of a running product: one line per message, for people or for a collector, and never a secret."""

import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime

from smartapp_runtime.hiding import hider


class Redacting(logging.Formatter):
    """Formats as told and hides every secret the product was started with, wherever a message quotes it."""

    def __init__(self, inner: logging.Formatter, secrets: Iterable[str]) -> None:
        super().__init__()
        self._inner = inner
        self._hide = hider(secrets)

    def format(self, record: logging.LogRecord) -> str:
        return self._hide(self._inner.format(record))


class JsonLines(logging.Formatter):
    """One JSON object per message."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "thread": record.threadName,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def configure(level: str, style: str, secrets: Iterable[str]) -> None:
    """Send everything of `level` and above to standard error."""
    plain = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting(JsonLines() if style == "json" else plain, secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Some log the address of every call, sign-in codes included; pika thirty lines for each connection.
    for noisy in ("httpx", "httpcore", "stripe", "pika"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
