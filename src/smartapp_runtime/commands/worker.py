"""`smartapp worker`: workers without a web server, on the same database."""

import threading

import click

from smartapp_runtime.programs import running


@click.command()
def worker() -> None:
    """Run workers only, until interrupted."""
    with running() as parts:
        workers = parts.workers()
        workers.start()
        click.echo("Smartapp Connect workers are running.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("Stopped.")
        finally:
            workers.close()
