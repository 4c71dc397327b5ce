"""Finds due jobs whose hint was lost, or who were not due yet when it was sent, and hints again."""

import logging
import threading
import time

from smartapp_domain.ids import JobId
from smartapp_domain.ports import Ports
from smartapp_domain.ports.jobs import JobHints
from smartapp_domain.ports.storage import OPERATOR

log = logging.getLogger(__name__)


class Sweeper:
    """
    One thread that asks the job table what is due.

    Args:
        every_s: Pause between two looks.
        limit: Most hints sent per look, so that a long backlog does not flood the broker.
        repeat_s: A job is not hinted again sooner: workers that are merely busy still have the first hint.

    """

    def __init__(
        self, ports: Ports, hints: JobHints, *, every_s: float = 1.0, limit: int = 100, repeat_s: float = 2.0
    ) -> None:
        self._ports, self._hints = ports, hints
        self._every_s, self._limit, self._repeat_s = every_s, limit, repeat_s
        self._hinted: dict[JobId, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop looking; returns when a look under way has ended."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def sweep(self) -> int:
        """Look once and return how many hints were sent."""
        with self._ports.reading(OPERATOR) as reading:
            due = reading.jobs.due(self._ports.clock.now(), self._limit)
        now = time.monotonic()
        recent = {id: at for id, at in self._hinted.items() if now - at < self._repeat_s}
        fresh = [job_id for job_id in due if job_id not in recent]
        for job_id in fresh:
            self._hints.hint(job_id)
        self._hinted = recent | dict.fromkeys(fresh, now)
        return len(fresh)

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self.sweep()
            except Exception:  # a database out of reach for a moment must not end the sweeping
                log.exception("Looking for due jobs failed; looking again in %s s.", self._every_s)
