"""The inbox of notices and the queue of jobs in memory."""

from datetime import datetime, timedelta

import attrs

from smartapp_domain.billing import BillingEvent
from smartapp_domain.ids import EventId, JobId
from smartapp_domain.jobs import LEASE, Job, JobState
from smartapp_domain.ports.storage import OPERATOR, LeaseLost, NotFound, OutOfScope, Stale, Taken
from smartapp_domain.testing.memory_state import Door, Notice, Queued


class MemoryInbox:
    def __init__(self, door: Door) -> None:
        self._door = door

    def add(self, event: BillingEvent, body: bytes, received_at: datetime) -> bool:
        self._door.operator()
        self._door.writing()
        if event.id in self._door.state.notices:
            return False
        self._door.state.notices[event.id] = Notice(event, body, received_at)
        return True

    def get(self, id: EventId) -> BillingEvent:
        self._door.operator()
        return self._notice(id).event

    def handled(self, id: EventId, at: datetime) -> None:
        self._door.operator()
        self._door.writing()
        self._door.state.notices[id] = attrs.evolve(self._notice(id), handled_at=at)

    def forget_handled(self, before: datetime) -> int:
        self._door.operator()
        self._door.writing()
        known = self._door.state.notices
        over = [id for id, notice in known.items() if notice.handled_at is not None and notice.handled_at < before]
        for id in over:
            del known[id]
        return len(over)

    def _notice(self, id: EventId) -> Notice:
        if id not in self._door.state.notices:
            raise NotFound("notice", id)
        return self._door.state.notices[id]


class MemoryJobs:
    def __init__(self, door: Door) -> None:
        self._door = door

    def add(self, job: Job) -> JobId:
        self._door.writing()
        if self._door.scope is not OPERATOR and job.account_id != self._door.scope:
            raise OutOfScope("The job belongs to another account than the door, or to none.")
        waiting = self._waiting(job.key) if job.state is JobState.WAITING else None
        if waiting is None:
            known = self._door.state.jobs.get(job.id)
            if known and (known.job.state is not JobState.DONE or job.state is not JobState.FAILED):
                raise Taken("There is a job with this id already.")
            return self._store(Queued(job))
        return self._store(_joined(waiting, job.due_at))

    def get(self, id: JobId) -> Job:
        self._door.operator()
        return self._queued(id).job

    def claim(self, id: JobId, *, at: datetime, lease: timedelta = LEASE) -> Job | None:
        self._door.operator()
        self._door.writing()
        queued = self._door.state.jobs.get(id)
        if queued is None or not _is_due(queued.job, at):
            return None
        job = attrs.evolve(
            queued.job, attempts=queued.job.attempts + 1, fence=queued.job.fence + 1, leased_until=at + lease
        )
        self._door.state.jobs[id] = Queued(job, _after(at, queued.wanted_at), _after(at, queued.wanted_last))
        return job

    def renew(self, job: Job, *, at: datetime, lease: timedelta = LEASE) -> bool:
        self._door.operator()
        self._door.writing()
        queued = self._held(job)
        if queued is None:
            return False
        self._door.state.jobs[job.id] = attrs.evolve(queued, job=attrs.evolve(queued.job, leased_until=at + lease))
        return True

    def hold(self, job: Job) -> None:
        self._door.writing()
        if self._held(job) is None:
            raise LeaseLost(f"Somebody else has taken over job {job.id}, or it is over.")

    def finish(self, job: Job) -> bool:
        self._door.operator()
        self._door.writing()
        queued = self._held(job)
        if queued is None:
            return False
        self._store(_finished(queued, attrs.evolve(job, leased_until=None)))
        return True

    def due(self, at: datetime, limit: int) -> tuple[JobId, ...]:
        self._door.operator()
        ready = sorted((q.job.due_at, q.job.id) for q in self._door.state.jobs.values() if _is_due(q.job, at))
        return tuple(id for _, id in ready[:limit])

    def failed(self, subject: str | None = None) -> tuple[Job, ...]:
        self._door.operator()
        failed = [q.job for q in self._door.state.jobs.values() if q.job.state is JobState.FAILED]
        failed = [job for job in failed if subject in (None, job.subject)]
        return tuple(sorted(failed, key=lambda job: (job.created_at, job.id), reverse=True))

    def retry(self, id: JobId, *, at: datetime) -> None:
        self._door.operator()
        self._door.writing()
        job = self._queued(id).job
        if job.state is not JobState.FAILED:
            raise Stale("job", id)
        if self._waiting(job.key):
            raise Taken("Another job with the same key waits already.")
        fresh = attrs.evolve(job, state=JobState.WAITING, due_at=at, attempts=0, leased_until=None)
        self._store(Queued(attrs.evolve(fresh, troubled_since=None)))

    def forget_done(self, before: datetime) -> int:
        self._door.operator()
        self._door.writing()
        jobs = [queued.job for queued in self._door.state.jobs.values()]
        over = [job.id for job in jobs if job.state is JobState.DONE and job.created_at < before]
        for id in over:
            del self._door.state.jobs[id]
        return len(over)

    def resolve(self, id: JobId) -> None:
        self._door.operator()
        self._door.writing()
        job = self._queued(id).job
        if job.state is not JobState.FAILED:
            raise Stale("job", id)
        self._store(Queued(attrs.evolve(job, state=JobState.DONE)))

    def _queued(self, id: JobId) -> Queued:
        if id not in self._door.state.jobs:
            raise NotFound("job", id)
        return self._door.state.jobs[id]

    def _held(self, job: Job) -> Queued | None:
        """Return the job if this claim of it still holds."""
        queued = self._door.state.jobs.get(job.id)
        held = queued is not None and queued.job.fence == job.fence and queued.job.leased_until is not None
        return queued if held else None

    def _waiting(self, key: str) -> Queued | None:
        everything = self._door.state.jobs.values()
        return next((q for q in everything if q.job.state is JobState.WAITING and q.job.key == key), None)

    def _store(self, queued: Queued) -> JobId:
        self._door.state.jobs[queued.job.id] = queued
        if queued.job.state is JobState.WAITING:
            self._door.woken.append(queued.job.id)
        return queued.job.id


def _is_due(job: Job, at: datetime) -> bool:
    held = job.leased_until is not None and job.leased_until > at
    return job.state is JobState.WAITING and job.due_at <= at and not held


def _after(at: datetime, wanted: datetime | None) -> datetime | None:
    return wanted if wanted and wanted > at else None


def _joined(queued: Queued, wanted: datetime) -> Queued:
    # Whoever holds the job, even with a lease that ran out, started before this wish: it may not serve it.
    if queued.job.leased_until is not None:
        first, last = min(wanted, queued.wanted_at or wanted), max(wanted, queued.wanted_last or wanted)
        return Queued(queued.job, first, last)
    last = max(wanted, queued.wanted_last or queued.job.due_at)
    return Queued(attrs.evolve(queued.job, due_at=min(wanted, queued.job.due_at)), queued.wanted_at, last)


def _finished(queued: Queued, job: Job) -> Queued:
    wishes = [wish for wish in (queued.wanted_at, queued.wanted_last) if wish]
    if not wishes:
        return Queued(job)
    attempts = job.attempts if job.state is JobState.WAITING else 0
    due_at = max(job.due_at, min(wishes))  # a pause after a failure holds for the wish as well
    return Queued(attrs.evolve(job, state=JobState.WAITING, due_at=due_at, attempts=attempts), None, max(wishes))
