"""`python -m smartapp_emulators.procore`: the emulator without the product's own command line."""

import argparse
import sys
from pathlib import Path

from smartapp_emulators.clock_file import ClockFileError
from smartapp_emulators.procore.app import DEFAULT_SETUP_URL
from smartapp_emulators.procore.serve import DEFAULT_PORT, main, parse_rate
from smartapp_emulators.procore.store import StateFileError
from smartapp_emulators.procore.world import WorldError
from smartapp_emulators.serving import PortTaken


def _rate(text: str) -> tuple[int, int]:
    try:
        return parse_rate(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _parser() -> argparse.ArgumentParser:
    # Another command line may hand over to this one under its own name.
    name = Path(sys.argv[0]).name
    parser = argparse.ArgumentParser(
        prog="python -m smartapp_emulators.procore" if name == "__main__.py" else name,
        description="Emulate Procore on this machine: log-in, REST API, app marketplace.",
    )
    add = parser.add_argument
    add("--port", type=int, default=DEFAULT_PORT, help="0 takes any free one (default: %(default)s)")
    add("--world", type=Path, metavar="FILE", help="a world file; the demo world without one")
    add("--state", type=Path, metavar="FILE", help="keep everything in this file across restarts")
    add("--clock", type=Path, metavar="FILE", help="share the business time in this file with other programs")
    add("--lenient", action="store_true", help="accept calls without the header Procore-Company-Id")
    add("--rate", type=_rate, metavar="HOURLY/SPIKE", help="refuse calls above these limits, as in 600/25")
    add("--redirect-uri", action="append", default=[], metavar="URI", help="accept it for every app; repeatable")
    add("--setup-url", default=DEFAULT_SETUP_URL, metavar="URL", help="where App Setup Instructions leads")
    return parser


def _run() -> int:
    chosen = _parser().parse_args()
    try:
        main(
            chosen.port,
            chosen.world,
            chosen.state,
            chosen.lenient,
            chosen.rate,
            extra_redirect_uris=chosen.redirect_uri,
            setup_url=chosen.setup_url,
            clock=chosen.clock,
        )
    except (WorldError, StateFileError, ClockFileError, PortTaken) as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is a command line
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_run())
