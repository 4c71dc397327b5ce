"""`smartapp demo`: see `smartapp_runtime.demo`."""

import os
from pathlib import Path

import click

from smartapp_runtime.demo.problems import DemoProblem
from smartapp_runtime.demo.run import run_demo

_PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy"})


@click.command()
@click.option("--reset", is_flag=True, help="Forget everything earlier runs have kept.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".demo"),
    envvar="SMARTAPP_DEMO_DIR",
    show_default=True,
    help="Where everything is kept between runs.",
)
def demo(folder: Path, *, reset: bool) -> None:
    """Start the product with emulated Procore and Stripe, until Ctrl-C."""
    for name in [each for each in os.environ if each.lower() in _PROXIES]:
        del os.environ[name]  # the demo talks to this machine only, and a proxy would not know our localhost
    try:
        run_demo(folder, os.environ, reset=reset)
    except DemoProblem as error:
        raise click.ClickException(str(error)) from error
