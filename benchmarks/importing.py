"""Importing the domain, against importing the two libraries it stands on."""

import os
import statistics
import subprocess
import sys

ROUNDS = 9
PROGRAM = "import time; start = time.process_time(); import {what}; print(time.process_time() - start)"


def _once(what: str) -> float:
    program = [sys.executable, "-c", PROGRAM.format(what=what)]
    # Byte code is used, as it is for anything installed, also where a shell forbids to write it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return float(subprocess.run(program, capture_output=True, text=True, check=True, env=environment).stdout)


def measure() -> tuple[float, float]:
    """Return CPU seconds of `import smartapp_domain` and of `import attrs, cattrs`: medians, rounds interleaved."""
    _once("smartapp_domain")  # writes the byte code
    pairs = [(_once("smartapp_domain"), _once("attrs, cattrs")) for _ in range(ROUNDS)]
    return statistics.median(ours for ours, _ in pairs), statistics.median(floor for _, floor in pairs)
