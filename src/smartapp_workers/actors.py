"""The one message workers know: look at this job."""

from contextlib import nullcontext
from typing import Any, Final

import dramatiq

from smartapp_domain.ids import JobId
from smartapp_domain.ports import Ports
from smartapp_domain.use_cases import run_job as use_case

QUEUE: Final = "jobs"
ACTOR: Final = "run_job"
#: A hung attempt is stopped here; its lease is not renewed any longer either, so another worker takes over.
TIME_LIMIT_MS: Final = 10 * 60 * 1000


def declare_actors(
    broker: dramatiq.Broker, ports: Ports, holding: use_case.Holding = nullcontext
) -> dramatiq.Actor[Any, str]:
    """
    Declare on `broker` what its workers can be asked to do, and return that actor.

    `holding` renews the leases of long jobs: see `LeaseKeeper`.

    Dramatiq never retries: attempts, back-off and giving up stand in the job table, where an operator can see them.
    """

    @dramatiq.actor(actor_name=ACTOR, queue_name=QUEUE, broker=broker, max_retries=0, time_limit=TIME_LIMIT_MS)
    def run_job(job_id: str) -> str:
        return use_case.run_job(JobId(job_id), ports, holding).value

    return run_job
