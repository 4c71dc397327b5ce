"""`smartapp jobs`: the operator's list of work that waits for a person."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from smartapp_domain.ids import JobId
from smartapp_domain.jobs import Job
from smartapp_domain.ports.storage import Storage
from smartapp_runtime.parts.clock import business_clock
from smartapp_runtime.parts.storage import no_keys, open_existing, telling_of_database
from smartapp_runtime.settings import load
from smartapp_workers.operating import CannotTend, failed_jobs, resolve_job, retry_job


@click.group()
def jobs() -> None:
    """See and settle work that waits for a person."""


@jobs.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")
def failed(*, as_json: bool) -> None:
    """List jobs that gave up and notices that need a decision, newest first."""
    with _storage() as storage:
        found = failed_jobs(storage)
    if as_json:
        click.echo(json.dumps([_as_json(job) for job in found], indent=2))
        return
    for job in found:
        click.echo(click.style(job.id, bold=True) + f"  {job.kind.value}  {job.created_at:%Y-%m-%d %H:%M} UTC")
        click.echo(f"    account {job.account_id or '-'}, about {job.subject or '-'}, {job.attempts} attempts")
        click.echo(click.wrap_text(job.problem or "", 100, "    ", "    "))
    if not found:
        click.echo("Nothing waits for a person.")


@jobs.command()
@click.argument("job_id", metavar="ID")
def retry(job_id: str) -> None:
    """Try a failed job again, with fresh attempts."""
    clock = business_clock(load(os.environ).settings)
    with _storage() as storage:
        retry_job(JobId(job_id), storage, clock)
    click.echo(f"Job {job_id} waits for a worker.")


@jobs.command()
@click.argument("job_id", metavar="ID")
def resolve(job_id: str) -> None:
    """Take a job off the list: a person has dealt with it."""
    with _storage() as storage:
        resolve_job(JobId(job_id), storage)
    click.echo(f"Job {job_id} is off the list.")


@contextmanager
def _storage() -> Iterator[Storage]:
    storage = open_existing(load(os.environ).settings, no_keys())
    try:
        with telling_of_database():
            yield storage
    except CannotTend as error:
        raise click.ClickException(str(error)) from error
    finally:
        storage.dispose()


def _as_json(job: Job) -> dict[str, object]:
    return {
        "id": job.id,
        "kind": job.kind.value,
        "account_id": job.account_id,
        "subject": job.subject,
        "attempts": job.attempts,
        "created_at": job.created_at.isoformat(),
        "problem": job.problem,
    }
