"""Two rate limits at once, hourly and spike; the headers describe whichever is nearer."""

import math
from datetime import datetime

import attrs

from smartapp_emulators.procore.state import Window

HOUR_S = 3600
SPIKE_S = 10

#: Told in the headers when no limits were asked for; nothing is refused then.
UNENFORCED = (3600, 200)

#: Per app, the windows of the hour and of the spike.
Windows = dict[str, tuple[Window, Window]]


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


def count(windows: Windows, key: str, *, rate: tuple[int, int] | None, now: datetime) -> Reading:
    """Count one request of an app, refused ones included: who keeps calling stays limited."""
    both = windows.setdefault(key, (Window(length_s=HOUR_S), Window(length_s=SPIKE_S)))
    now_s = now.timestamp()
    for window in both:
        if not window.opened_at <= now_s < window.opened_at + window.length_s:
            window.opened_at, window.used = now_s, 0
        window.used += 1
    return _nearer(both, rate or UNENFORCED, now_s, enforced=rate is not None)


def _nearer(both: tuple[Window, Window], limits: tuple[int, int], now_s: float, *, enforced: bool) -> Reading:
    # Of two equally near limits the longer one is told: it is the one to wait for.
    limit, window = min(zip(limits, both, strict=True), key=lambda each: max(0, each[0] - each[1].used))
    reset = math.ceil(window.opened_at + window.length_s)
    return Reading(
        limit=limit,
        remaining=max(0, limit - window.used),
        reset_unix=reset,
        refused=enforced and window.used > limit,
        retry_after_s=max(1, math.ceil(reset - now_s)),
    )
