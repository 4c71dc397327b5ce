"""Hints that something is due, so that nobody waits for the next sweep."""

import logging
from collections.abc import Iterable

import attrs
import dramatiq

from smartapp_domain.ids import JobId
from smartapp_domain.ports.jobs import JobHints
from smartapp_workers.actors import ACTOR, QUEUE

log = logging.getLogger(__name__)


@attrs.frozen
class DramatiqHints:
    """`JobHints` over any Dramatiq broker. Needs no actor, so a web process without workers can send them."""

    broker: dramatiq.Broker

    def hint(self, job_id: JobId) -> None:
        message = dramatiq.Message[str](
            queue_name=QUEUE, actor_name=ACTOR, args=(), kwargs={"job_id": job_id}, options={}
        )
        try:
            self.broker.declare_queue(QUEUE)
            self.broker.enqueue(message)
        except Exception:  # the row is what counts; the sweeper hints again
            log.warning("No worker could be told about job %s; the sweeper will.", job_id, exc_info=True)


def hint_all(hints: JobHints, job_ids: Iterable[JobId]) -> None:
    """Hint each of the jobs a commit left behind: what a storage's `on_jobs` is for."""
    for job_id in job_ids:
        hints.hint(job_id)
