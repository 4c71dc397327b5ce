"""`smartapp worker`: workers without a web server, on the same database."""

from typing import Final

import click

from smartapp_runtime.programs import running, told_to_stop, working

_LOOK_EVERY_S: Final = 1.0


@click.command()
def worker() -> int:
    """
    Run workers only, until SIGTERM or Ctrl-C.

    Run as many as you like. The exit status is 0 after a clean stop, 2 for settings that must be changed first, 75 when
    the database does not answer yet; 1 is a fault, after which a supervisor should start it again.
    """
    stop = told_to_stop()
    with running(workers_here=True) as parts, working(parts) as workers:
        click.echo("Smartapp Connect workers are running.")
        while not stop.wait(_LOOK_EVERY_S):
            if not workers.alive:
                click.echo("A part of the workers has ended; see the log.", err=True)
                return 1
    click.echo("Stopped.")
    return 0
