"""
Staying inside Procore's rate limits, and knowing when to give up.

A loop of our own instead of a retry library: what has to be decided (the vendor's hint or our back-off, the bound over
all waits of one call, nothing but reads) is all there would be left after configuring one.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import attrs
import httpx

from smartapp_adapters.procore.errors import TRY_LATER, Subject
from smartapp_adapters.procore.hints import reset_in_s
from smartapp_domain.catalog import Module
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.platform import PlatformUnavailable

#: Tries of one read, the first included.
ATTEMPTS = 4
_FIRST_BACK_OFF_S = 0.5
#: Below this share of the limit calls are spread over what is left of the window.
_RESERVE = 0.1
#: The longest pause made only to spread calls; an hourly window must not bring a job to a crawl.
_SPREAD_S = 1.0

#: Procore counts per app, and for service accounts per company.
Lane = tuple[Module, str | None]


@attrs.frozen
class _Budget:
    remaining: int
    reserve: float
    resets_at: datetime


class Pacer:
    """Remembers the last rate headers per lane and holds the next call back when the limit is near."""

    def __init__(self, clock: Clock, sleep: Callable[[float], None], max_wait_s: float) -> None:
        self._clock = clock
        self._sleep = sleep
        self._max_wait_s = max_wait_s
        self._budgets: dict[Lane, _Budget] = {}
        self._lock = threading.Lock()

    def wait(self, lane: Lane, subject: Subject) -> None:
        """Take one call from the lane's budget, sleeping first if need be; raise `PlatformUnavailable` if too long."""
        pause_s = self._take(lane)
        if pause_s > self._max_wait_s:
            raise PlatformUnavailable(
                f"Procore limits how often we may ask, and we have asked too often; we wanted {subject.what}.",
                remedy=TRY_LATER,
                retry_after_s=pause_s,
            )
        if pause_s > 0:
            self._sleep(pause_s)

    def learn(self, lane: Lane, response: httpx.Response) -> None:
        """Note what an answer says about the limit; an answer without the headers changes nothing."""
        now = self._clock.now()
        reset_s = reset_in_s(response, now=now)
        limit, remaining = (response.headers.get(f"X-Rate-Limit-{name}", "") for name in ("Limit", "Remaining"))
        if reset_s is None or not limit.isdecimal() or not remaining.isdecimal():
            return
        with self._lock:
            self._budgets[lane] = _Budget(int(remaining), int(limit) * _RESERVE, now + timedelta(seconds=reset_s))

    def _take(self, lane: Lane) -> float:
        """Return the pause this call has to make. Threads count down together, or they would all see the same rest."""
        with self._lock:
            budget = self._budgets.get(lane)
            left_s = (budget.resets_at - self._clock.now()).total_seconds() if budget else 0.0
            if budget is None or left_s <= 0:
                self._budgets.pop(lane, None)
                return 0.0
            self._budgets[lane] = attrs.evolve(budget, remaining=max(0, budget.remaining - 1))
        if budget.remaining == 0:
            return left_s
        return min(left_s / budget.remaining, _SPREAD_S) if budget.remaining <= budget.reserve else 0.0


class Patience:
    """How often and how long one read is tried again."""

    def __init__(self, sleep: Callable[[float], None], jitter: Callable[[], float], max_wait_s: float) -> None:
        self._sleep = sleep
        self._jitter = jitter
        self._left_s = max_wait_s
        self._failures = 0

    def pause(self, failed: PlatformUnavailable) -> None:
        """Sleep before the next try, or raise `failed` when there shall be none."""
        self._failures += 1
        wait_s = failed.retry_after_s
        if wait_s is None:  # half fixed, half random: callers that failed together do not come back together
            wait_s = _FIRST_BACK_OFF_S * 2 ** (self._failures - 1) * (0.5 + self._jitter() / 2)
        if self._failures == ATTEMPTS or wait_s > self._left_s:
            raise failed
        self._left_s -= wait_s
        self._sleep(wait_s)
