"""Putting work into the queue from inside a transaction."""

import hashlib
from contextlib import suppress
from datetime import timedelta

from smartapp_domain.ids import AccountId, JobId
from smartapp_domain.jobs import Job, JobKind, JobState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import OPERATOR, Taken, Transaction
from smartapp_domain.use_cases.keyed_requests import forget_old

NOW = timedelta(0)
#: Between two pulses; a pulse much older than this says that no worker lives.
PULSE_EVERY = timedelta(minutes=1)
#: How long a job that is done can still be looked up.
DONE_KEPT = timedelta(days=30)
#: How long a notice that was handled is known by its id: the provider repeats one for days, not for months.
NOTICES_KEPT = timedelta(days=90)


def soon(
    tx: Transaction, kind: JobKind, account_id: AccountId | None, subject: str, ports: Ports, *, after: timedelta = NOW
) -> JobId:
    """Add a job due now, or `after` from now; it joins a waiting one of the same kind and subject."""
    now = ports.clock.now()
    return tx.jobs.add(
        Job(
            id=JobId(ports.ids.fresh()),
            kind=kind,
            account_id=account_id,
            subject=subject,
            due_at=now + after,
            created_at=now,
        )
    )


def keep_pulse(ports: Ports) -> None:
    """See to it that there is a pulse; a worker does so when it starts."""
    with ports.transaction(OPERATOR) as tx:
        soon(tx, JobKind.PULSE, None, "", ports)


def beat_again(_: Job, ports: Ports) -> None:
    """Be the work of a pulse: there is another one later, and what has been kept long enough is forgotten."""
    forget_old(ports.real_time.now(), ports)
    with ports.transaction(OPERATOR) as tx:
        tx.jobs.forget_done(ports.clock.now() - DONE_KEPT)
        tx.inbox.forget_handled(ports.clock.now() - NOTICES_KEPT)
        soon(tx, JobKind.PULSE, None, "", ports, after=PULSE_EVERY)


def for_people(tx: Transaction, account_id: AccountId | None, subject: str, problem: str, ports: Ports) -> JobId:
    """
    Add something no machine should decide to the operator's list, with its reason.

    The same subject is added once a day at most, however often it is met; once more when somebody has dealt with it.
    """
    now = ports.clock.now()
    told = hashlib.sha256(f"{account_id or ''}\n{subject}\n{now.date().isoformat()}".encode()).hexdigest()[:32]
    job = Job(
        id=JobId(told),
        kind=JobKind.REVIEW,
        account_id=account_id,
        subject=subject,
        due_at=now,
        created_at=now,
        state=JobState.FAILED,
        problem=problem,
    )
    with suppress(Taken):
        tx.jobs.add(job)
    return job.id
