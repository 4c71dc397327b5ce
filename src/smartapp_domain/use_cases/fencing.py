"""A job's effects are fenced like its outcome: who was overtaken stores nothing any more."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import attrs

from smartapp_domain.jobs import Job
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import Reading, Scope, Storage, Transaction


@attrs.frozen
class FencedStorage:
    """
    A storage as the holder of a job may use it: every transaction first proves that the job is still theirs.

    An overtaken holder gets `LeaseLost` from `transaction`, however long ago it was overtaken and whatever it was about
    to store: without this, what it read long ago would replace what its successor stored.
    """

    storage: Storage
    job: Job

    def reading(self, scope: Scope) -> AbstractContextManager[Reading]:
        return self.storage.reading(scope)

    @contextmanager
    def transaction(self, scope: Scope) -> Iterator[Transaction]:
        with self.storage.transaction(scope) as tx:
            tx.jobs.hold(self.job)
            yield tx


def fenced(ports: Ports, job: Job) -> Ports:
    """Return the ports a claimed job is done with."""
    return attrs.evolve(ports, storage=FencedStorage(ports.storage, job))
