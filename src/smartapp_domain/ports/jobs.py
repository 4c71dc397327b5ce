"""Telling workers that something is due. Only a hint: the row in the job table is what counts."""

from typing import Protocol

from smartapp_domain.ids import JobId


class JobHints(Protocol):
    def hint(self, job_id: JobId) -> None:
        """Ask a worker to look at this job soon. May be lost, late or doubled; must not raise."""
        ...
