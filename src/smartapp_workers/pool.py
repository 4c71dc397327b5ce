"""The workers of one process, whether a web server runs beside them or not."""

import threading
import time
from datetime import timedelta
from typing import Final

import attrs
import dramatiq
from dramatiq.worker import Worker

from smartapp_domain.ids import JobId
from smartapp_domain.jobs import LEASE
from smartapp_domain.ports import Ports
from smartapp_domain.use_cases.run_job import Outcome, run_job
from smartapp_domain.use_cases.work import keep_pulse
from smartapp_workers.actors import TIME_LIMIT_MS, declare_actors
from smartapp_workers.hints import DramatiqHints
from smartapp_workers.leases import LeaseKeeper
from smartapp_workers.sweeper import Sweeper

_POLL_MS: Final = 200


@attrs.frozen
class Pace:
    """
    How a process works.

    Attributes:
        threads: Jobs done at the same time.
        sweep_every_s: Between two looks for jobs whose hint was lost.
        lease: After which a killed worker's job is taken over.
        stop_within_s: What is not finished this long after `close` is handed back.

    """

    threads: int = 4
    sweep_every_s: float = 1.0
    lease: timedelta = LEASE
    stop_within_s: float = 10.0


@attrs.define
class Workers:
    """Worker threads, a sweeper and a lease keeper on one broker, from `start` to `close`. Can be started once."""

    broker: dramatiq.Broker
    ports: Ports
    pace: Pace = attrs.field(factory=Pace)
    _keeper: LeaseKeeper = attrs.field(init=False)
    _sweeper: Sweeper = attrs.field(init=False)
    _worker: Worker | None = attrs.field(init=False, default=None)
    _closing: threading.Event = attrs.field(init=False, factory=threading.Event)

    def __attrs_post_init__(self) -> None:
        limit = timedelta(milliseconds=TIME_LIMIT_MS)
        self._keeper = LeaseKeeper(self.ports, limit=limit, lease=self.pace.lease)
        send = DramatiqHints(self.broker).send
        self._sweeper = Sweeper(self.ports, send, instead=self.run, every_s=self.pace.sweep_every_s)

    def run(self, job_id: JobId) -> Outcome:
        """Do one job in the calling thread, if it is due and free and nobody asked us to stop."""
        if self._closing.is_set():  # a hint that a thread had in hand already, perhaps for what was handed back
            return Outcome.NOT_MINE
        return run_job(job_id, self.ports, self._keeper.holding, self.pace.lease)

    def start(self) -> None:
        """Begin to work; raise `StorageUnavailable` when the job table is out of reach. The broker may be."""
        keep_pulse(self.ports)
        self._keeper.start()
        declare_actors(self.broker, self.run)
        # Dramatiq's own command line emits this; without it, time limits would silently never fire.
        self.broker.emit_after("process_boot")
        self._worker = Worker(self.broker, worker_threads=self.pace.threads, worker_timeout=_POLL_MS)
        self._worker.start()
        self._sweeper.start()

    @property
    def alive(self) -> bool:
        """Whether everything that was started still runs; what does not never comes back by itself."""
        if self._worker is None:
            return False
        return self._sweeper.alive and self._keeper.alive and all(each.is_alive() for each in self._worker.workers)

    def close(self) -> None:
        """
        Take no more jobs, finish what is under way within `stop_within_s`, and hand back what is cut off.

        The broker stays open, so that others hear of what was handed back; it is its maker's to close.
        """
        self._closing.set()
        until = time.monotonic() + self.pace.stop_within_s
        self._sweeper.close(within_s=0)
        if self._worker is not None:
            self._worker.stop(timeout=int(self.pace.stop_within_s * 1000))
        self._sweeper.close(within_s=max(0.0, until - time.monotonic()))
        self._keeper.close()
