"""Finds due jobs whose hint was lost, or who were not due yet when it was sent, and hints again."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

import attrs

from smartapp_domain.ids import JobId
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import OPERATOR, StorageUnavailable

log = logging.getLogger(__name__)
#: The longest a job that is due and free goes without a hint, seconds.
LONGEST_SILENCE_S: Final = 60.0


@attrs.frozen
class _Hinted:
    at: float
    silence_s: float

    def is_fresh(self, now: float) -> bool:
        return now - self.at < self.silence_s


class Sweeper:
    """
    One thread that asks the job table what is due.

    A broker that cannot be reached stops no work: what is found then is done by this thread, one after the other.

    Args:
        send: Hints one job, or raises when the broker cannot be told.
        instead: Does one job here.
        every_s: Pause between two looks.
        limit: Most hints sent per look, so that a long backlog does not flood the broker.
        repeat_s: A job is not hinted again sooner: workers that are merely busy still have the first hint. Doubles for
            each further hint of the same job, up to a minute, so that a backlog does not fill the broker either.
        seconds: Real time from any zero.

    """

    def __init__(
        self,
        ports: Ports,
        send: Callable[[JobId], None],
        *,
        instead: Callable[[JobId], object],
        every_s: float = 1.0,
        limit: int = 100,
        repeat_s: float = 2.0,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ports, self._send, self._instead = ports, send, instead
        self._every_s, self._limit, self._repeat_s = every_s, limit, repeat_s
        self._seconds = seconds
        self._hinted: dict[JobId, _Hinted] = {}
        self._down = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def close(self, within_s: float | None = None) -> None:
        """Stop looking; returns when a look under way, or a job done here, has ended, or `within_s` is over."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(within_s)

    def sweep(self) -> int:
        """Look once and return how many jobs were hinted or, without a broker, done."""
        with self._ports.reading(OPERATOR) as reading:
            due = reading.jobs.due(self._ports.clock.now(), self._limit)
        now = self._seconds()
        known = {id: self._hinted[id] for id in due if id in self._hinted}
        fresh = [id for id in due if id not in known or not known[id].is_fresh(now)]
        self._hinted = known | {id: self._next(known.get(id), now) for id in fresh}
        hinted = self._hint(fresh)
        return hinted + self._do(fresh[hinted:])

    def _next(self, last: _Hinted | None, now: float) -> _Hinted:
        silence_s = self._repeat_s if last is None else min(2 * last.silence_s, LONGEST_SILENCE_S)
        return _Hinted(now, silence_s)

    def _hint(self, job_ids: list[JobId]) -> int:
        """Hint them in order, and return how many the broker took."""
        for taken, job_id in enumerate(job_ids):
            try:
                self._send(job_id)
            except Exception as error:  # noqa: BLE001 - each client has its own
                if not self._down:
                    log.warning("The broker cannot be reached (%s); due jobs are done here, one by one.", error)
                self._down = True
                return taken
        if job_ids and self._down:
            log.info("The broker can be reached again.")
            self._down = False
        return len(job_ids)

    def _do(self, job_ids: list[JobId]) -> int:
        for done, job_id in enumerate(job_ids):
            if self._stop.is_set():
                return done
            self._instead(job_id)
        return len(job_ids)

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self.sweep()
            except StorageUnavailable as error:
                log.warning("Due jobs cannot be looked for; looking again in %s s: %s", self._every_s, error)
            except Exception:  # whatever it was must not end the sweeping
                log.exception("Looking for due jobs failed; looking again in %s s.", self._every_s)
