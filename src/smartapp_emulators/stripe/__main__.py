"""`python -m smartapp_emulators.stripe [--port N] [--state FILE] [--clock FILE]`."""

import argparse
import sys
from pathlib import Path

from smartapp_emulators.clock_file import ClockFileError
from smartapp_emulators.serving import PortTaken
from smartapp_emulators.stripe import main


def _parser() -> argparse.ArgumentParser:
    # Another command line may hand over to this one under its own name.
    name = Path(sys.argv[0]).name
    parser = argparse.ArgumentParser(
        prog="python -m smartapp_emulators.stripe" if name == "__main__.py" else name,
        description="Emulate the part of Stripe that sells subscriptions, on this machine.",
    )
    parser.add_argument("--port", type=int, default=8020, help="0 takes any free one (default %(default)s)")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep everything in this file across restarts")
    parser.add_argument(
        "--clock", type=Path, metavar="FILE", help="share the business time in this file with other programs"
    )
    return parser


def _run() -> int:
    given = _parser().parse_args()
    try:
        main(given.port, given.state, given.clock)
    except (ClockFileError, PortTaken) as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is a command line
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_run())
