"""The emulator as a program of its own."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from smartapp_emulators.serving import listen

COMMAND = [sys.executable, "-m", "smartapp_emulators.procore"]


def test_it_prints_where_it_is_serves_and_ends_cleanly(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    options = ["--port", "0", "--state", str(state), "--rate", "600/25", "--setup-url", "http://127.0.0.1:9/setup"]
    with subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        line = program.stdout.readline()
        world = httpx.get(f"{line.split()[-1]}/_emulator/world").json()
        program.send_signal(signal.SIGINT)
        _, complaints = program.communicate(timeout=30)

    assert line.startswith("Procore emulator on http://localhost:")
    assert len(world["projects"]) > 300
    assert (program.returncode, complaints) == (0, "")
    assert state.exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--world", "/nowhere/world.json"], "Cannot read the world file"),
        (["--rate", "fast"], "A rate is HOURLY/SPIKE"),
    ],
)
def test_a_wrong_option_is_told_in_a_sentence(options: list[str], sentence: str) -> None:
    ended = subprocess.run([*COMMAND, *options], capture_output=True, text=True, check=False)

    assert ended.returncode != 0
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_taken_port_is_told_in_a_sentence() -> None:
    taken = listen(0)
    taken.listen()
    with taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert f"Port {port} is in use" in ended.stderr
    assert "Traceback" not in ended.stderr
