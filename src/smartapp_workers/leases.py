"""Renewing the leases of the jobs this process works on."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from smartapp_domain.ids import JobId
from smartapp_domain.jobs import LEASE, Job
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import OPERATOR

_log: Final = logging.getLogger(__name__)


class LeaseKeeper:
    """
    A thread that renews what is held, from `start` to `close`.

    A worker that is killed takes its keeper along, so its jobs are taken over one `LEASE` later; a job that merely
    takes long is not. An attempt older than `limit` is not renewed: it hangs.
    """

    def __init__(self, ports: Ports, *, limit: timedelta, every_s: float = LEASE.total_seconds() / 3) -> None:
        self._ports = ports
        self._limit = limit
        self._every_s = every_s
        self._held: dict[JobId, Job] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    @contextmanager
    def holding(self, job: Job) -> Iterator[None]:
        """Keep this job's lease fresh while the block runs."""
        with self._lock:
            self._held[job.id] = job
        try:
            yield
        finally:
            with self._lock:
                self._held.pop(job.id, None)

    def renew(self) -> None:
        """Renew every lease held now; one that was lost to somebody else stays lost."""
        with self._lock:
            held = tuple(self._held.values())
        now = self._ports.clock.now()
        for job in held:
            claimed_at = (job.leased_until or now) - LEASE
            if now - claimed_at < self._limit:
                with self._ports.transaction(OPERATOR) as tx:
                    tx.jobs.renew(job, at=now)

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self.renew()
            except Exception:  # noqa: BLE001 - whatever it was, the next round may succeed
                _log.exception("Leases could not be renewed; trying again in %.0f s.", self._every_s)
