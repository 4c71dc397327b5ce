"""Renewing the leases of the jobs this process works on, and handing back what it cannot finish."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from smartapp_domain.ids import JobId
from smartapp_domain.jobs import LEASE, Job
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.use_cases.run_job import hand_back

_log: Final = logging.getLogger(__name__)
_CLOSE_WITHIN_S: Final = 5.0


class LeaseKeeper:
    """
    A thread that renews what is held, from `start` to `close`.

    A worker that is killed takes its keeper along, so its jobs are taken over one `lease` later; a job that merely
    takes long is not. An attempt older than `limit` is not renewed: it hangs.

    Args:
        seconds: Real time from any zero; the business clock may be moved under a job.

    """

    def __init__(
        self,
        ports: Ports,
        *,
        limit: timedelta,
        lease: timedelta = LEASE,
        every_s: float | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ports = ports
        self._limit = limit
        self._lease = lease
        self._every_s = lease.total_seconds() / 3 if every_s is None else every_s
        self._seconds = seconds
        self._held: dict[JobId, tuple[Job, float]] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def close(self) -> None:
        """Renew no longer, and let others have at once what is still held here."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_CLOSE_WITHIN_S)  # it may wait for a database that does not answer
        for job, _ in self._all():
            try:
                handed = hand_back(job, self._ports)
            except Exception:  # noqa: BLE001 - whatever it was, the lease runs out by itself
                _log.exception("Job %s could not be handed back; it is free when its lease is over.", job.id)
            else:
                _log.warning("Job %s was %s.", job.id, "handed back unfinished" if handed else "over already")

    @contextmanager
    def holding(self, job: Job) -> Iterator[None]:
        """Keep this job's lease fresh while the block runs."""
        with self._lock:
            self._held[job.id] = job, self._seconds()
        try:
            yield
        finally:
            with self._lock:
                self._held.pop(job.id, None)

    def renew(self) -> None:
        """Renew every lease held now, each for itself; one that was lost to somebody else stays lost."""
        for job, since in self._all():
            if self._seconds() - since < self._limit.total_seconds():
                try:
                    with self._ports.transaction(OPERATOR) as tx:
                        tx.jobs.renew(job, at=self._ports.clock.now(), lease=self._lease)
                except Exception as error:  # noqa: BLE001 - whatever it was, the next round may succeed
                    _log.warning("The lease of job %s could not be renewed; trying again: %s", job.id, error)

    def _all(self) -> tuple[tuple[Job, float], ...]:
        with self._lock:
            return tuple(self._held.values())

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            self.renew()
