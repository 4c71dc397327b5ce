"""
`smartapp serve` and `smartapp worker` as they are, but with barriers at which a test may have them killed.

The folder named by SMARTAPP_TEST_KILLS holds the order: its file `armed` names one barrier, such as "after provider
extend". Whichever process gets there first takes the file away and is killed on the spot, by SIGKILL; nobody else is.
What was passed is noted in `reached`. The product knows nothing of this.
"""

import os
import signal
import sys
from pathlib import Path

import attrs

from smartapp_domain.testing.barriers import Barrier, with_barriers
from smartapp_runtime import cli, programs
from smartapp_runtime.settings import Settings
from smartapp_runtime.wiring import Parts, build

FOLDER = "SMARTAPP_TEST_KILLS"
ARMED, FIRED, REACHED = "armed", "fired", "reached"


@attrs.frozen
class KillPoint:
    folder: Path

    def __call__(self, barrier: Barrier) -> None:
        self._note(barrier)
        armed = self.folder / ARMED
        try:
            if armed.read_text() != str(barrier):
                return
            armed.rename(self.folder / FIRED)  # only one process can
        except FileNotFoundError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    def _note(self, barrier: Barrier) -> None:
        with (self.folder / REACHED).open("ab", buffering=0) as reached:
            reached.write(f"{barrier}\n".encode())


def main() -> int:
    kill_point = KillPoint(Path(os.environ[FOLDER]))

    def build_with_barriers(settings: Settings, *, workers_here: bool = True) -> Parts:
        parts = build(settings, workers_here=workers_here)
        return attrs.evolve(parts, ports=with_barriers(parts.ports, kill_point))

    programs.build = build_with_barriers
    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
