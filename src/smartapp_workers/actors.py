"""The one message workers know: look at this job."""

import logging
from collections.abc import Callable
from typing import Any, Final

import dramatiq
from dramatiq.middleware import TimeLimitExceeded

from smartapp_domain.ids import JobId
from smartapp_domain.ports.storage import StorageUnavailable

log = logging.getLogger(__name__)
QUEUE: Final = "jobs"
ACTOR: Final = "run_job"
#: A hung attempt is stopped here; its lease is not renewed any longer either, so another worker takes over. Well below
#: RabbitMQ's half hour, after which it takes a message back and closes the channel.
TIME_LIMIT_MS: Final = 10 * 60 * 1000


def declare_actors(broker: dramatiq.Broker, run: Callable[[JobId], object]) -> dramatiq.Actor[Any, None]:
    """
    Declare on `broker` what its workers can be asked to do, which is to `run` a job, and return that actor.

    Dramatiq never retries: attempts, back-off and giving up stand in the job table, where an operator can see them.
    """

    @dramatiq.actor(actor_name=ACTOR, queue_name=QUEUE, broker=broker, max_retries=0, time_limit=TIME_LIMIT_MS)
    def run_job(job_id: str) -> None:
        try:
            run(JobId(job_id))
        except StorageUnavailable as error:
            log.warning("Job %s could not be claimed, or its outcome not stored; it is tried again: %s", job_id, error)
        except TimeLimitExceeded:
            minutes = TIME_LIMIT_MS // 60_000
            log.error("Job %s was stopped after %d minutes; it is free when its lease is over.", job_id, minutes)  # noqa: TRY400 - where it was is no news

    return run_job
