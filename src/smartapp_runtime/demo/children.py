"""Programs the demo starts and ends: each writes to the log, tells its address there, and never outlives us."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs

from smartapp_runtime.demo.problems import DemoProblem

_START_WITHIN_S: Final = 120.0
_END_WITHIN_S: Final = 10.0
_LOOK_EVERY_S: Final = 0.05
_ADDRESS: Final = re.compile(r" on (?P<url>http://\S+)")
_LAST_LINES: Final = 12
_PR_SET_PDEATHSIG: Final = 1


@attrs.define
class Child:
    """One running program."""

    name: str
    log: Path
    _process: "subprocess.Popen[bytes]"
    _from_byte: int

    @classmethod
    def start(cls, name: str, arguments: Sequence[str], log: Path, environment: Mapping[str, str]) -> "Child":
        """Start `python ARGUMENTS…`. It stays in our process group, so that a signal to the group ends it as well."""
        from_byte = log.stat().st_size
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - our own programs
                [sys.executable, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - we have one thread
            )
        return cls(name, log, process, from_byte)

    def address(self) -> str:
        """Wait for the line in which it tells its address; raise `DemoProblem` when it ends or hangs instead."""
        given_up = time.monotonic() + _START_WITHIN_S
        while time.monotonic() < given_up:
            told = [_ADDRESS.search(line) for line in self._said().splitlines() if line.startswith(self.name)]
            for match in filter(None, told):
                return match["url"].rstrip("/")
            if self.ended:
                raise DemoProblem(f"{self.name} did not start. It said:\n{self.last_words()}")
            time.sleep(_LOOK_EVERY_S)
        raise DemoProblem(f"{self.name} did not start within {_START_WITHIN_S:.0f} s. See {self.log}.")

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def last_words(self) -> str:
        return "\n".join(self._said().splitlines()[-_LAST_LINES:])

    def ask_to_end(self) -> None:
        if not self.ended:
            self._process.terminate()

    def wait_for_end(self) -> None:
        """Return once it has ended; by force when it does not by itself."""
        try:
            self._process.wait(_END_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _said(self) -> str:
        with self.log.open("rb") as log:
            log.seek(self._from_byte)
            return log.read().decode(errors="replace")


def _die_with(parent: int) -> "_DieWith | None":
    """On Linux the kernel ends a child whose parent is gone, however it went (`kill -9` included)."""
    return _DieWith(parent, ctypes.CDLL(None)) if sys.platform == "linux" else None


@attrs.frozen
class _DieWith:
    parent: int
    libc: ctypes.CDLL

    def __call__(self) -> None:
        self.libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != self.parent:  # it went before we asked
            os._exit(1)
