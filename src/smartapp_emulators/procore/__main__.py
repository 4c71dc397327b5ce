"""`python -m smartapp_emulators.procore`: the emulator without the product's own command line."""

import argparse
import sys
from pathlib import Path

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


def _run() -> int:
    parser = argparse.ArgumentParser(prog="python -m smartapp_emulators.procore", description=main.__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--world", type=Path)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--lenient", action="store_true")
    parser.add_argument("--rate", type=_rate, metavar="HOURLY/SPIKE")
    parser.add_argument("--redirect-uri", action="append", default=[])
    parser.add_argument("--setup-url", default=DEFAULT_SETUP_URL)
    chosen = parser.parse_args()
    try:
        main(
            chosen.port,
            chosen.world,
            chosen.state,
            chosen.lenient,
            chosen.rate,
            extra_redirect_uris=chosen.redirect_uri,
            setup_url=chosen.setup_url,
        )
    except (WorldError, StateFileError, PortTaken) as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is a command line
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_run())
