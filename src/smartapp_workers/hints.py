"""Hints that something is due, so that nobody waits for the next sweep."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

import attrs
import dramatiq

from smartapp_domain.ids import JobId
from smartapp_domain.ports.jobs import JobHints
from smartapp_workers.actors import ACTOR, QUEUE

log = logging.getLogger(__name__)
#: Hints that may wait for the sender; more are dropped, because the sweeper finds their jobs as well.
WAITING: Final = 1_000
_CLOSE_WITHIN_S: Final = 2.0


@attrs.frozen
class DramatiqHints:
    """`JobHints` over any Dramatiq broker. Needs no actor, so a web process without workers can send them."""

    broker: dramatiq.Broker

    def hint(self, job_id: JobId) -> None:
        try:
            self.send(job_id)
        except Exception:  # the row is what counts; the sweeper hints again
            log.warning("No worker could be told about job %s; the sweeper will.", job_id, exc_info=True)

    def send(self, job_id: JobId) -> None:
        """Hint, or raise whatever the broker's client raises."""
        message = dramatiq.Message[str](
            queue_name=QUEUE, actor_name=ACTOR, args=(), kwargs={"job_id": job_id}, options={}
        )
        self.broker.declare_queue(QUEUE)
        self.broker.enqueue(message)


class BackgroundHints:
    """
    `JobHints` that one thread sends, so that a broker that is slow or gone costs no request and no commit a moment.

    RabbitMQ's connections also belong to the thread that made them: forty web threads would hold forty. After a failure
    hints are dropped for `pause_s`; the sweeper of some worker finds the jobs.

    Args:
        send: Sends one hint or raises.

    """

    def __init__(self, send: Callable[[JobId], None], *, pause_s: float = 1.0) -> None:
        self._send = send
        self._pause_s = pause_s
        self._waiting: queue.Queue[JobId | None] = queue.Queue(WAITING)
        self._silent_until = 0.0
        self._down = False
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def hint(self, job_id: JobId) -> None:
        if time.monotonic() < self._silent_until:
            return
        self._start()
        try:
            self._waiting.put_nowait(job_id)
        except queue.Full:
            log.warning("Too many hints wait to be sent; the one for job %s is left to the sweeper.", job_id)

    def close(self) -> None:
        """Send what waits, within two seconds."""
        if self._thread is None:
            return
        try:
            self._waiting.put_nowait(None)
        except queue.Full:
            return  # nobody takes them; the thread ends with the process
        self._thread.join(_CLOSE_WITHIN_S)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="hints", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while (job_id := self._waiting.get()) is not None:
            if time.monotonic() >= self._silent_until:
                self._try(job_id)

    def _try(self, job_id: JobId) -> None:
        try:
            self._send(job_id)
        except Exception as error:  # noqa: BLE001 - each client has its own; the row is what counts
            if not self._down:
                log.warning("The broker cannot be told what is due (%s); workers will look for it.", error)
            self._down, self._silent_until = True, time.monotonic() + self._pause_s
        else:
            if self._down:
                log.info("The broker takes hints again.")
            self._down = False


def hint_all(hints: JobHints, job_ids: Iterable[JobId]) -> None:
    """Hint each of the jobs a commit left behind: what a storage's `on_jobs` is for."""
    for job_id in job_ids:
        hints.hint(job_id)
