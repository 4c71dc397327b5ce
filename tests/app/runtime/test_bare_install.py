"""What `smartapp` says where its extras are missing: seen from an interpreter that cannot import them."""

import subprocess
import sys

import pytest

from smartapp_runtime.cli import COMMANDS, EXTRAS

THIRD_PARTIES = sorted({module for modules in EXTRAS.values() for module in modules})


def without(*modules: str, command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command line in an interpreter that pretends these modules are not installed."""
    program = f"""
import importlib.machinery, sys
class Blind(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {modules!r} else super().find_spec(name, path, target)
sys.meta_path[:] = [Blind if f is importlib.machinery.PathFinder else f for f in sys.meta_path]
from smartapp_runtime.cli import main
sys.exit(main({command.split()!r}))
"""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", ["quote --planner 1", "", "--help", "no-such-command"])
def test_a_bare_install_names_the_extra_of_the_command_line(command: str) -> None:
    run = without(*THIRD_PARTIES, "attrs", "attr", "cattrs", command=command)

    assert run.returncode == 2
    assert "[cli]" in run.stderr
    assert "pip install 'smartapp-connect[cli]'" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("command", "missing", "named"),
    [
        ("serve", ("stripe",), "[billing]"),
        ("migrate", ("alembic",), "[sql]"),
        ("emulate procore", ("jsonschema",), "[emulators]"),
        ("demo", ("dramatiq", "jsonschema"), "[workers,emulators]"),
    ],
)
def test_a_command_names_just_the_extras_it_lacks(command: str, missing: tuple[str, ...], named: str) -> None:
    run = without(*missing, command=command)

    assert run.returncode == 2
    assert named in run.stderr


def test_quoting_needs_no_extra_but_the_command_lines() -> None:
    others = [m for extra, modules in EXTRAS.items() if extra != "cli" for m in modules]

    run = without(*others, command="quote --planner 3 --json")

    assert run.returncode == 0, run.stderr
    assert '"total_cents": 1062000' in run.stdout


def test_help_lists_every_command_and_what_is_missing() -> None:
    run = without("stripe", command="--help")

    assert run.returncode == 0, run.stderr
    assert all(name in run.stdout for name in COMMANDS)
    assert "(needs [billing])" in run.stdout
