"""`smartapp serve`: the web server, with workers in the same process unless a broker says that there are others."""

import os
from contextlib import ExitStack
from functools import partial
from typing import Final

import attrs
import click

from smartapp_runtime import asgi
from smartapp_runtime.programs import running, told_to_stop, working
from smartapp_runtime.settings import load

_EMBEDDED: Final = "embedded"
_NONE: Final = "none"


@click.command()
@click.option(
    "--workers",
    type=click.Choice([_EMBEDDED, _NONE]),
    help="Whether this process does jobs as well. Without SMARTAPP_BROKER it does; with one, `smartapp worker` does.",
)
def serve(workers: str | None) -> int:
    """
    Run the web server until SIGTERM or Ctrl-C.

    The exit status is 0 after a clean stop, 2 for settings that must be changed first, 75 when the database does not
    answer yet; 1 is a fault, after which a supervisor should start it again.
    """
    settings = load(os.environ).settings
    workers_here = workers == _EMBEDDED if workers else settings.broker is None
    stop = told_to_stop()
    try:
        listener = asgi.listen(settings.host, settings.port)
    except asgi.PortTaken as error:
        raise click.ClickException(str(error)) from error
    port = listener.getsockname()[1]
    with ExitStack() as stack:
        stack.enter_context(listener)
        parts = stack.enter_context(running(lambda found: attrs.evolve(found, port=port), workers_here=workers_here))
        if workers_here:
            stack.enter_context(working(parts))
        announce = partial(click.echo, f"Smartapp Connect on {parts.settings.site_url}")
        served = asgi.serve(parts, listener, announce, stop)
    click.echo("Stopped." if served else "The web server did not start; see the log.", err=not served)
    return 0 if served else 1
