"""Importing the domain, against importing the two libraries it stands on."""

import statistics
import subprocess
import sys

ROUNDS = 9
PROGRAM = "import time; start = time.process_time(); import {what}; print(time.process_time() - start)"


def _once(what: str) -> float:
    program = PROGRAM.format(what=what)
    return float(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)


def measure() -> tuple[float, float]:
    """Return CPU seconds of `import smartapp_domain` and of `import attrs, cattrs`: medians, rounds interleaved."""
    _once("smartapp_domain")  # writes the byte code
    pairs = [(_once("smartapp_domain"), _once("attrs, cattrs")) for _ in range(ROUNDS)]
    return statistics.median(ours for ours, _ in pairs), statistics.median(floor for _, floor in pairs)
