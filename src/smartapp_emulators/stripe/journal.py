"""What was asked of the emulator, in order: the evidence that a crash or a retry had no doubled effect."""

import threading
from collections import Counter, deque
from typing import Any

import attrs

Json = dict[str, Any]

_KEPT = 5_000


@attrs.frozen
class Entry:
    """One API request; `operation` is its path template, `fault` the injected trouble it met."""

    number: int
    at: int
    request_id: str
    method: str
    path: str
    operation: str | None
    status: int
    params: Json
    idempotency_key: str | None
    replayed: bool
    fault: str | None


class Journal:
    """The latest requests and counters over all of them since the last reset."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self._counters: Counter[str] = Counter()
        self._number = 0

    def add(self, **fields: Any) -> None:
        with self._lock:
            self._number += 1
            entry = Entry(number=self._number, **fields)
            self._entries.append(entry)
            outcome = "replayed" if entry.replayed else str(entry.status)
            self._counters[f"{entry.method} {entry.operation or 'unknown'} {outcome}"] += 1

    def read(self, *, limit: int = 200, request_id: str | None = None) -> Json:
        """Return counters and the newest entries, oldest of them first."""
        with self._lock:
            chosen = [entry for entry in self._entries if request_id in {None, entry.request_id}][-limit:]
            counters = dict(sorted(self._counters.items()))
            return {"total": self._number, "counters": counters, "requests": [attrs.asdict(e) for e in chosen]}

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._counters.clear()
            self._number = 0
