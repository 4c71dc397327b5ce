"""`python -m smartapp_emulators.stripe [--port N] [--state FILE]`."""

import argparse
from pathlib import Path

from smartapp_emulators.stripe import main

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m smartapp_emulators.stripe", description=main.__doc__)
    parser.add_argument("--port", type=int, default=8020, help="0 takes any free one (default 8020)")
    parser.add_argument("--state", type=Path, help="file that keeps everything between runs")
    given = parser.parse_args()
    main(given.port, given.state)
