"""A program that is told to stop while it starts does not go on to serve."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

#: Runs a command that receives SIGTERM in the middle of its start.
SCRIPT = """
import os, signal, sys
from smartapp_runtime import programs
from smartapp_runtime.cli import main

build = programs.build

def told_meanwhile(*given, **named):
    os.kill(os.getpid(), signal.SIGTERM)
    return build(*given, **named)

programs.build = told_meanwhile
sys.exit(main(sys.argv[1:]))
"""
SETTINGS = {
    "SMARTAPP_ENCRYPTION_KEYS": "k:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
    "SMARTAPP_PROCORE_PLANNER_CLIENT_ID": "planner",
    "SMARTAPP_PROCORE_PLANNER_CLIENT_SECRET": "secret-planner",
    "SMARTAPP_PROCORE_SAFETY_CLIENT_ID": "safety",
    "SMARTAPP_PROCORE_SAFETY_CLIENT_SECRET": "secret-safety",
    "SMARTAPP_STRIPE_API_KEY": "sk_test_nothing",
    "SMARTAPP_PORT": "0",
}


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_who_is_told_to_stop_during_the_start_stops(command: str, tmp_path: Path) -> None:
    environment = {**os.environ, **SETTINGS, "SMARTAPP_DATABASE_URL": f"sqlite:///{tmp_path / 'smartapp.db'}"}

    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert "Stopped." in ended.stdout
    assert "Smartapp Connect on" not in ended.stdout
