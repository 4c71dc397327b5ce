"""`smartapp doctor`: what is wrong with an installation, and what to do about it."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from smartapp_runtime.doctor.examine import examine
from smartapp_runtime.doctor.findings import Finding, Verdict
from smartapp_runtime.settings import load

_MARKS: Final = {
    Verdict.FINE: click.style("ok   ", fg="green"),
    Verdict.WRONG: click.style("WRONG", fg="red", bold=True),
    Verdict.SKIPPED: click.style("-    ", dim=True),
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")
def doctor(*, as_json: bool) -> int:
    """
    Look at everything this installation needs and change nothing.

    Checked are the database and what it is sealed with, the broker, the workers, both vendors, the prices, the notices
    and the clock. The exit status is 1 when something is wrong.
    """
    settings = load(os.environ).settings
    found: list[Finding] = []
    with _quietly():
        for finding in examine(settings):
            found.append(finding)
            if not as_json:
                _tell(finding)
    healthy = all(each.verdict is not Verdict.WRONG for each in found)
    if as_json:
        rows = [{"check": f.check, "verdict": f.verdict.value, "says": f.says, "fix": f.fix} for f in found]
        click.echo(json.dumps({"healthy": healthy, "findings": rows}, indent=2))
    elif healthy:
        click.echo("Nothing is wrong.")
    return 0 if healthy else 1


def _tell(finding: Finding) -> None:
    click.echo(f"{_MARKS[finding.verdict]} {click.style(finding.check, bold=True)}: {finding.says}")
    if finding.fix:
        click.echo(click.wrap_text(finding.fix, 100, "      → ", "        "))


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep the clients of what does not answer from saying so as well."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
