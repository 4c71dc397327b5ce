"""What an operator does about jobs that wait for a person: look, try again, or say that they are dealt with."""

from smartapp_domain.ids import JobId
from smartapp_domain.jobs import Job, JobKind
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.storage import OPERATOR, NotFound, Stale, Storage, Taken


class CannotTend(Exception):
    """Raised when the job cannot be tried again or resolved; the sentence says why and what to do instead."""


def failed_jobs(storage: Storage) -> tuple[Job, ...]:
    """Return the operator's list, newest first."""
    with storage.reading(OPERATOR) as reading:
        return reading.jobs.failed()


def retry_job(id: JobId, storage: Storage, clock: Clock) -> None:
    """Let a failed job run again with fresh attempts, or raise `CannotTend`."""
    try:
        with storage.transaction(OPERATOR) as tx:
            if tx.jobs.get(id).kind is JobKind.REVIEW:
                raise CannotTend(
                    f"Job {id} is a notice for a person; there is nothing to run. "
                    f"Deal with what it says, then: smartapp jobs resolve {id}"
                )
            tx.jobs.retry(id, at=clock.now())
    except (NotFound, Stale) as error:
        raise _not_in_the_list(id) from error
    except Taken as error:
        raise CannotTend(
            f"The work of job {id} waits already and will run by itself. Resolve this one: smartapp jobs resolve {id}"
        ) from error


def resolve_job(id: JobId, storage: Storage) -> None:
    """Take a job off the list because a person has dealt with it, or raise `CannotTend`."""
    try:
        with storage.transaction(OPERATOR) as tx:
            tx.jobs.resolve(id)
    except (NotFound, Stale) as error:
        raise _not_in_the_list(id) from error


def _not_in_the_list(id: JobId) -> CannotTend:
    return CannotTend(f"No failed job has the id {id}. `smartapp jobs failed` lists those there are.")
