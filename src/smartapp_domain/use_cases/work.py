"""Putting work into the queue from inside a transaction."""

from datetime import timedelta

from smartapp_domain.ids import AccountId, JobId
from smartapp_domain.jobs import Job, JobKind, JobState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import Transaction

NOW = timedelta(0)


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


def for_people(tx: Transaction, account_id: AccountId | None, subject: str, problem: str, ports: Ports) -> JobId:
    """Add something no machine should decide to the operator's list, with its reason."""
    now = ports.clock.now()
    return tx.jobs.add(
        Job(
            id=JobId(ports.ids.fresh()),
            kind=JobKind.REVIEW,
            account_id=account_id,
            subject=subject,
            due_at=now,
            created_at=now,
            state=JobState.FAILED,
            problem=problem,
        )
    )
