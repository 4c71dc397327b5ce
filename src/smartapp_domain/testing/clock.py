"""Time and ids that stand still until a test moves them."""

import threading
from datetime import datetime, timedelta
from itertools import count

from smartapp_domain.testing.builders import NOON


class MemoryClock:
    """The `Clock` port: says the same moment until told otherwise."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def move(self, by: timedelta) -> None:
        """Let time pass; it never runs backwards."""
        if by < timedelta(0):
            raise ValueError(f"Time cannot move by {by}.")
        self._now += by


class CountedIds:
    """The `Ids` port: `id-1`, `id-2`, … so that equal runs give equal ids."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._lock = threading.Lock()

    def fresh(self) -> str:
        with self._lock:
            return f"id-{next(self._numbers)}"
