"""`smartapp emulate`: hand over to an emulator's own command line; nothing of it is imported here (design D-01)."""

import runpy
import sys

import click

_PASSED_ON = {"ignore_unknown_options": True, "help_option_names": list[str]()}


@click.group()
def emulate() -> None:
    """Run an emulator on this machine until interrupted."""


@emulate.command(context_settings=_PASSED_ON, short_help="Emulate Procore (default port 8010).")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def procore(arguments: tuple[str, ...]) -> None:
    """Emulate Procore; `--help` lists its options."""
    _hand_over("procore", arguments)


@emulate.command(context_settings=_PASSED_ON, short_help="Emulate Stripe (default port 8020).")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def stripe(arguments: tuple[str, ...]) -> None:
    """Emulate Stripe; `--help` lists its options."""
    _hand_over("stripe", arguments)


def _hand_over(name: str, arguments: tuple[str, ...]) -> None:
    sys.argv = [f"smartapp emulate {name}", *arguments]
    runpy.run_module(f"smartapp_emulators.{name}", run_name="__main__")
