"""What starting a private server takes, whichever it is."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from typing import NoReturn

import pytest

REQUIRE = "SMARTAPP_REQUIRE_SERVERS"


def missing(server: str, remedy: str) -> NoReturn:
    """Skip what wants this server, or fail it where every server is required."""
    sentence = f"{server} is not here: {remedy}"
    if os.environ.get(REQUIRE) == "1":
        pytest.fail(f"{REQUIRE}=1, but {sentence}", pytrace=False)
    pytest.skip(sentence)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def dying_with_us(command: Sequence[str], *, user: str | None = None, at_death: str = "TERM") -> list[str]:
    """
    Return the command so that it ends with this process, however this one ends, and runs as `user` if we are root.

    A server that outlived a killed test run would hold memory for ever.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return list(command)
    become = ["--reuid", user, "--regid", user, "--clear-groups"] if user and os.geteuid() == 0 else []
    return [setpriv, *become, "--pdeathsig", at_death, *command]


def stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM, *, within_s: float = 20) -> None:
    """Ask a process of ours to end, and see to it that it does."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
