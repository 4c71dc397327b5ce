"""The queue of record: jobs are claimed one at a time and finished under the fence of the claim."""

from datetime import datetime, timedelta
from typing import Any, Final

import attrs
import sqlalchemy as sa

from smartapp_adapters.storage.scoping import Door, OperatorRows
from smartapp_adapters.storage.tables import jobs
from smartapp_domain.ids import AccountId, JobId
from smartapp_domain.jobs import LEASE, Job, JobKind, JobState
from smartapp_domain.ports.storage import OPERATOR, LeaseLost, NotFound, OutOfScope, Stale, Taken

#: On PostgreSQL the job that was in the way may be finished before we look at it; then there is room again.
_TRIES: Final = 3
_WAITING = jobs.c.state == JobState.WAITING.value


class SqlJobStore:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = OperatorRows(door, jobs)
        self._queue = _Queue(door, jobs)

    def add(self, job: Job) -> JobId:
        self._door.writing()
        if self._door.scope is not OPERATOR and job.account_id != self._door.scope:
            raise OutOfScope("The job belongs to another account than the door, or to none.")
        for _ in range(_TRIES):
            if self._queue.insert(_columns(job)):
                return self._woken(job)
            waiting = self._waiting(job.key) if job.state is JobState.WAITING else None
            if waiting is not None:
                self._queue.update(_joined(waiting, job.due_at), jobs.c.id == waiting.id)
                return self._woken(_job(waiting))
        dealt_with = jobs.c.id == job.id, jobs.c.state == JobState.DONE.value
        if job.state is JobState.FAILED and self._queue.update(_columns(job), *dealt_with):
            return job.id
        raise Taken("There is a job with this id already.")

    def get(self, id: JobId) -> Job:
        found = self._rows.first(self._rows.select().where(jobs.c.id == id))
        if found is None:
            raise NotFound("job", id)
        return _job(found)

    def claim(self, id: JobId, *, at: datetime, lease: timedelta = LEASE) -> Job | None:
        self._door.writing()
        due = self._rows.select().where(jobs.c.id == id, *_is_due(at))
        # Locked is held: to wait for whoever holds it would tie up a worker for a job that is not its own.
        row = self._rows.first(due.with_for_update(skip_locked=True))
        if row is None:
            return None
        job = _job(row)
        taken = attrs.evolve(job, attempts=job.attempts + 1, fence=job.fence + 1, leased_until=at + lease)
        values = {
            "attempts": taken.attempts,
            "fence": taken.fence,
            "leased_until": taken.leased_until,
            # A run that starts now serves every wish that was due by now.
            "wanted_at": _later(row.wanted_at, at),
            "wanted_last": _later(row.wanted_last, at),
        }
        self._rows.update(values, jobs.c.id == id)
        return taken

    def renew(self, job: Job, *, at: datetime, lease: timedelta = LEASE) -> bool:
        return bool(self._rows.update({"leased_until": at + lease}, *_is_held_by(job)))

    def hold(self, job: Job) -> None:
        self._door.writing()
        if job.account_id is None:
            self._door.see(job.id)
        held = self._queue.select(jobs.c.id).where(*_is_held_by(job)).with_for_update()
        if self._queue.first(held) is None:
            raise LeaseLost(f"Somebody else has taken over job {job.id}, or it is over.")

    def finish(self, job: Job) -> bool:
        self._door.writing()
        held = self._rows.first(self._rows.select().where(*_is_held_by(job)).with_for_update())
        if held is None:
            return False
        after = _finished(held, job)
        self._rows.update(after, jobs.c.id == job.id)
        if after["state"] == JobState.WAITING.value:
            self._door.woken.append(job.id)
        return True

    def due(self, at: datetime, limit: int) -> tuple[JobId, ...]:
        ready = self._rows.select(jobs.c.id).where(*_is_due(at)).order_by(jobs.c.due_at, jobs.c.id).limit(limit)
        return tuple(JobId(row.id) for row in self._rows.all(ready))

    def failed(self, subject: str | None = None) -> tuple[Job, ...]:
        failed = self._rows.select().where(jobs.c.state == JobState.FAILED.value)
        if subject is not None:
            failed = failed.where(jobs.c.subject == subject)
        found = self._rows.all(failed.order_by(jobs.c.created_at.desc(), jobs.c.id.desc()))
        return tuple(_job(row) for row in found)

    def retry(self, id: JobId, *, at: datetime) -> None:
        fresh = {"state": JobState.WAITING.value, "due_at": at, "attempts": 0, "leased_until": None}
        fresh |= {"troubled_since": None}
        try:
            with self._door.connection.begin_nested():  # what waits already may not be there to be seen yet
                self._deal_with(id, fresh)
        except sa.exc.IntegrityError as error:
            raise Taken("Another job with the same key waits already.") from error
        self._door.woken.append(id)

    def forget_done(self, before: datetime) -> int:
        return self._rows.delete(jobs.c.state == JobState.DONE.value, jobs.c.created_at < before)

    def resolve(self, id: JobId) -> None:
        self._deal_with(id, {"state": JobState.DONE.value})

    def _deal_with(self, id: JobId, columns: dict[str, Any]) -> None:
        if not self._rows.update(columns, jobs.c.id == id, jobs.c.state == JobState.FAILED.value):
            self.get(id)
            raise Stale("job", id)

    def _waiting(self, key: str) -> sa.Row[Any] | None:
        return self._queue.first(self._queue.select().where(jobs.c.key == key, _WAITING).with_for_update())

    def _woken(self, job: Job) -> JobId:
        if job.state is JobState.WAITING:
            self._door.woken.append(job.id)
        return job.id


class _Queue(OperatorRows):
    """The jobs as `add` meets them: from every scope, which is how a change and its work share one commit."""

    def _limits(self) -> tuple[sa.ColumnElement[bool], ...]:
        return ()

    def _owned(self, values: Any) -> dict[str, Any]:
        return dict(values)


def _is_due(at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    free = sa.or_(jobs.c.leased_until.is_(None), jobs.c.leased_until <= at)
    return _WAITING, jobs.c.due_at <= at, free


def _later(wish: datetime | None, at: datetime) -> datetime | None:
    return wish if wish is not None and wish > at else None


def _is_held_by(job: Job) -> tuple[sa.ColumnElement[bool], ...]:
    return jobs.c.id == job.id, jobs.c.fence == job.fence, jobs.c.leased_until.is_not(None)


def _joined(row: sa.Row[Any], wanted: datetime) -> dict[str, Any]:
    # Whoever holds the job, even with a lease that ran out, started before this wish: it may not serve it.
    if row.leased_until is not None:
        first, last = min(wanted, row.wanted_at or wanted), max(wanted, row.wanted_last or wanted)
        return {"wanted_at": first, "wanted_last": last}
    return {"due_at": min(wanted, row.due_at), "wanted_last": max(wanted, row.wanted_last or row.due_at)}


def _finished(row: sa.Row[Any], job: Job) -> dict[str, Any]:
    columns = _columns(job) | {"leased_until": None}
    wishes = [wish for wish in (row.wanted_at, row.wanted_last) if wish is not None]
    if not wishes:
        return columns
    # The pause after a failure holds for the wish as well: the vendor that asked for it did not ask who is calling.
    columns |= {"wanted_at": None, "wanted_last": max(wishes), "due_at": max(job.due_at, min(wishes))}
    return columns if job.state is JobState.WAITING else columns | {"state": JobState.WAITING.value, "attempts": 0}


def _columns(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "key": job.key,
        "kind": job.kind.value,
        "account_id": job.account_id,
        "subject": job.subject,
        "state": job.state.value,
        "due_at": job.due_at,
        "created_at": job.created_at,
        "attempts": job.attempts,
        "fence": job.fence,
        "leased_until": job.leased_until,
        "problem": job.problem,
        "troubled_since": job.troubled_since,
        "wanted_at": None,
        "wanted_last": None,
    }


def _job(row: sa.Row[Any]) -> Job:
    return Job(
        id=JobId(row.id),
        kind=JobKind(row.kind),
        account_id=AccountId(row.account_id) if row.account_id is not None else None,
        subject=row.subject,
        due_at=row.due_at,
        created_at=row.created_at,
        state=JobState(row.state),
        attempts=row.attempts,
        fence=row.fence,
        leased_until=row.leased_until,
        problem=row.problem,
        troubled_since=row.troubled_since,
    )
