"""The `smartapp` group: commands are imported only when called, so that each needs no more than its own extras."""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import cast

import click

from smartapp_runtime.cli import COMMANDS, missing_extras
from smartapp_runtime.settings import SettingsError


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        return cast("click.Command", getattr(import_module(COMMANDS[cmd_name].module), cmd_name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        rows = []
        for name, command in COMMANDS.items():
            missing = missing_extras(name)
            rows.append((name, command.help + (f" (needs [{','.join(missing)}])" if missing else "")))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=_Lazy)
@click.version_option(version("smartapp-connect"), prog_name="smartapp")
def smartapp() -> None:
    """Connect Procore projects with Smartapp Planner and Safety."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line; a problem with the settings is told in its own sentences."""
    try:
        status = smartapp.main(list(arguments), prog_name="smartapp", standalone_mode=False)
    except SettingsError as error:
        sys.stderr.write("".join(f"{problem}\n" for problem in error.problems))
        return error.status
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return status if isinstance(status, int) else 0
