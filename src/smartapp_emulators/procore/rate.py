"""Two rate limits at once, hourly and spike; the headers describe whichever is nearer."""

import math
from datetime import datetime

import attrs

HOUR_S = 3600
SPIKE_S = 10

#: Told in the headers when no limits were asked for; nothing is refused then.
UNENFORCED = (3600, 200)


@attrs.define
class Window:
    """A fixed window that opens with the first request in it."""

    length_s: int
    opened_at: float = -math.inf
    used: int = 0

    def count(self, now_s: float) -> None:
        if not self.opened_at <= now_s < self.opened_at + self.length_s:
            self.opened_at, self.used = now_s, 0
        self.used += 1


@attrs.frozen
class Reading:
    """What the headers say about one request, and whether it is refused."""

    limit: int
    remaining: int
    reset_unix: int
    refused: bool
    retry_after_s: int

    def headers(self) -> dict[str, str]:
        told = {
            "X-Rate-Limit-Limit": str(self.limit),
            "X-Rate-Limit-Remaining": str(self.remaining),
            "X-Rate-Limit-Reset": str(self.reset_unix),
        }
        return {**told, "Retry-After": str(self.retry_after_s)} if self.refused else told


class RateLimiter:
    """Counts per app."""

    def __init__(self) -> None:
        self._windows: dict[str, tuple[Window, Window]] = {}

    def forget(self) -> None:
        self._windows.clear()

    def count(self, key: str, *, rate: tuple[int, int] | None, now: datetime) -> Reading:
        """Count one request, refused ones included: who keeps calling stays limited."""
        windows = self._windows.setdefault(key, (Window(HOUR_S), Window(SPIKE_S)))
        now_s = now.timestamp()
        for window in windows:
            window.count(now_s)
        return self._nearer(windows, rate or UNENFORCED, now_s, enforced=rate is not None)

    @staticmethod
    def _nearer(windows: tuple[Window, Window], limits: tuple[int, int], now_s: float, *, enforced: bool) -> Reading:
        # Of two equally near limits the longer one is told: it is the one to wait for.
        limit, window = min(zip(limits, windows, strict=True), key=lambda each: max(0, each[0] - each[1].used))
        reset = math.ceil(window.opened_at + window.length_s)
        return Reading(
            limit=limit,
            remaining=max(0, limit - window.used),
            reset_unix=reset,
            refused=enforced and window.used > limit,
            retry_after_s=max(1, math.ceil(reset - now_s)),
        )
