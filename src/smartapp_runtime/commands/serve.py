"""`smartapp serve`: web server and workers in one process."""

import os

import attrs
import click

from smartapp_runtime import asgi
from smartapp_runtime.programs import running
from smartapp_runtime.settings import load


@click.command()
def serve() -> None:
    """Run web server and workers in one process until interrupted."""
    settings = load(os.environ).settings
    try:
        listener = asgi.listen(settings.host, settings.port)
    except asgi.PortTaken as error:
        raise click.ClickException(str(error)) from error
    port = listener.getsockname()[1]
    with listener, running(lambda found: attrs.evolve(found, port=port)) as parts:
        workers = parts.workers()
        workers.start()
        try:
            asgi.serve(parts, listener, lambda: click.echo(f"Smartapp Connect on {parts.settings.site_url}"))
        except KeyboardInterrupt:
            click.echo("Stopped.")
        finally:
            workers.close()
