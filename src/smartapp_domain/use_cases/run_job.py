"""One job: claim it, do it, store how it went."""

import enum
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta

import attrs

from smartapp_domain.ids import EventId, JobId, OrderId, SubscriptionId
from smartapp_domain.jobs import LEASE, MAX_ATTEMPTS, Job, JobKind, JobState, back_off, patience
from smartapp_domain.ports import Ports
from smartapp_domain.ports.payments import PaymentsRejected, PaymentsUnavailable, UnknownAtProvider
from smartapp_domain.ports.platform import PlatformUnavailable
from smartapp_domain.ports.storage import OPERATOR, NotFound, StorageUnavailable
from smartapp_domain.use_cases.apply_subscription import apply_subscription
from smartapp_domain.use_cases.change_renewal import check_renewal, tell_renewal
from smartapp_domain.use_cases.collect_again import collect_again
from smartapp_domain.use_cases.end_unpaid import end_unpaid
from smartapp_domain.use_cases.fencing import fenced
from smartapp_domain.use_cases.fulfill_order import fulfill_order
from smartapp_domain.use_cases.give_up import check_order
from smartapp_domain.use_cases.receive_billing_event import handle_billing_event
from smartapp_domain.use_cases.refresh_projects import refresh_projects
from smartapp_domain.use_cases.work import beat_again, soon


class Outcome(enum.Enum):
    NOT_MINE = "not_mine"
    """Done, held by somebody else or not due: the hint was late or doubled."""
    DONE = "done"
    AGAIN = "again"
    FAILED = "failed"
    OUTRUN = "outrun"
    """The lease ran out and somebody else took over; this attempt's outcome was not stored."""


Work = Callable[[Job, Ports], object]


def _refresh(job: Job, ports: Ports) -> None:
    assert job.account_id is not None
    refresh_projects(job.account_id, ports)


def _check(job: Job, ports: Ports) -> None:
    assert job.account_id is not None
    check_order(job.account_id, OrderId(job.subject), ports)


def _fulfill(job: Job, ports: Ports) -> None:
    assert job.account_id is not None
    fulfill_order(job.account_id, OrderId(job.subject), ports)


def _end_unpaid(job: Job, ports: Ports) -> None:
    assert job.account_id is not None
    end_unpaid(job.account_id, SubscriptionId(job.subject), ports)


def _collect_again(job: Job, ports: Ports) -> None:
    assert job.account_id is not None
    collect_again(job.account_id, SubscriptionId(job.subject), ports)


def _sync_subscription(job: Job, ports: Ports) -> None:
    assert job.account_id is not None
    apply_subscription(job.account_id, SubscriptionId(job.subject), ports)


def _tell_renewal(job: Job, ports: Ports) -> None:
    assert job.account_id is not None
    tell_renewal(job.account_id, SubscriptionId(job.subject), ports)


def _check_renewal(job: Job, ports: Ports) -> None:
    assert job.account_id is not None
    check_renewal(job.account_id, SubscriptionId(job.subject), ports)


def _handle_event(job: Job, ports: Ports) -> None:
    handle_billing_event(EventId(job.subject), ports)


WORK: Mapping[JobKind, Work] = {
    JobKind.REFRESH_PROJECTS: _refresh,
    JobKind.CHECK_ORDER: _check,
    JobKind.FULFILL_ORDER: _fulfill,
    JobKind.END_UNPAID: _end_unpaid,
    JobKind.COLLECT_AGAIN: _collect_again,
    JobKind.SYNC_SUBSCRIPTION: _sync_subscription,
    JobKind.TELL_RENEWAL: _tell_renewal,
    JobKind.CHECK_RENEWAL: _check_renewal,
    JobKind.HANDLE_BILLING_EVENT: _handle_event,
    JobKind.PULSE: beat_again,
}

#: Errors that another try cannot mend: the job goes to the operator's list at once.
HOPELESS = (NotFound, PaymentsRejected, UnknownAtProvider)
#: Not the job's fault, and over some day: it is tried again for as long as that takes.
OUTAGES = (PaymentsUnavailable, PlatformUnavailable, StorageUnavailable)

#: What was said may have reached the provider after what the successor said, and no fence holds there: it is said anew.
SAID_OUTSIDE = frozenset({JobKind.TELL_RENEWAL})

#: What keeps a claimed job's lease fresh while it is worked on; the caller's thread must not be needed for it.
Holding = Callable[[Job], AbstractContextManager[object]]


def run_job(job_id: JobId, ports: Ports, holding: Holding = nullcontext, lease: timedelta = LEASE) -> Outcome:
    """
    Run a job if it is due and free. Safe to call twice, late, or for a job that is gone.

    An attempt counts when it is claimed, and everything it stores is stored under the claim's fence: one that was
    overtaken leaves no trace. Whatever the work raises is stored as the job's problem. During an outage the job is
    tried again until it is over; after any other failure it is tried again after a growing pause, and after
    `MAX_ATTEMPTS`, or when trying is pointless, it waits for a person. So does one whose last allowed attempt never
    reported back: trying it again would only take the next worker down.
    """
    with ports.transaction(OPERATOR) as tx:
        job = tx.jobs.claim(job_id, at=ports.clock.now(), lease=lease)
    if job is None:
        return Outcome.NOT_MINE
    with holding(job):
        after = _given_up(job) if job.attempts > MAX_ATTEMPTS else _attempted(job, ports)
    with ports.transaction(OPERATOR) as tx:
        if not tx.jobs.finish(after):
            if job.kind in SAID_OUTSIDE and job.account_id is not None:
                soon(tx, job.kind, job.account_id, job.subject, ports)
            return Outcome.OUTRUN
    return _OUTCOMES[after.state]


def hand_back(job: Job, ports: Ports) -> bool:
    """
    Let a job its worker cannot finish be claimed by another one at once; False when it is over or was taken over.

    The attempt is not spent: nothing of the job went wrong. Its holder, should it still run, can store nothing more.
    """
    with ports.transaction(OPERATOR) as tx:
        return tx.jobs.finish(attrs.evolve(job, attempts=job.attempts - 1, leased_until=None))


def _attempted(job: Job, ports: Ports) -> Job:
    try:
        WORK[job.kind](job, fenced(ports, job))
    except Exception as error:  # noqa: BLE001 - a job's failure is its outcome, whatever it is
        return _failed(job, error, ports.clock.now())
    return attrs.evolve(job, state=JobState.DONE, leased_until=None, problem=None, troubled_since=None)


def _given_up(job: Job) -> Job:
    told = f"Its {MAX_ATTEMPTS} attempts ended without a word: it took its worker down, or outlived its lease."
    problem = f"{told} Before that: {job.problem}" if job.problem else told
    return attrs.evolve(job, state=JobState.FAILED, leased_until=None, problem=problem)


_OUTCOMES = {JobState.DONE: Outcome.DONE, JobState.WAITING: Outcome.AGAIN, JobState.FAILED: Outcome.FAILED}


def _failed(job: Job, error: Exception, at: datetime) -> Job:
    problem = f"{type(error).__name__}: {error}"
    if isinstance(error, OUTAGES):
        since = job.troubled_since or at  # not since it was created: a job that comes back each minute is old at once
        pause = max(patience(at - since), _wished(error))
        waiting = attrs.evolve(job, attempts=0, due_at=at + pause, leased_until=None, problem=problem)
        return attrs.evolve(waiting, troubled_since=since)
    job = attrs.evolve(job, troubled_since=None)
    hopeless = isinstance(error, HOPELESS) or job.attempts >= MAX_ATTEMPTS
    state = JobState.FAILED if hopeless else JobState.WAITING
    return attrs.evolve(job, state=state, due_at=at + back_off(job.attempts), leased_until=None, problem=problem)


def _wished(error: Exception) -> timedelta:
    """Return the pause the other side asked for, if it did."""
    wished_s = error.retry_after_s if isinstance(error, PlatformUnavailable) else None
    return timedelta(seconds=wished_s or 0)
