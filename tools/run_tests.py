"""
Run every test this machine can run, then name what was skipped and how to enable it: `make test`.

Arguments are passed on to pytest. The exit status is pytest's, or 1 when something was skipped that this run demands
(`SMARTAPP_REQUIRE_CHROMIUM=1`, `SMARTAPP_REQUIRE_SERVERS=1`, as in CI).

`--again`, alone, gives the tests that just failed a second look, when all of them drive a browser (`SEEN_TWICE`).
"""

import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

#: What a skipped test's reason may speak of, and what to do about it.
WAYS = {
    "chromium": (
        "Browser tests need Chromium: apt-get install chromium (or name one: CHROMIUM=/path/to/chromium).",
        "SMARTAPP_REQUIRE_CHROMIUM",
    ),
    "postgres": (
        "PostgreSQL tests start a private server: apt-get install postgresql (or use one: SMARTAPP_TEST_POSTGRES=URL).",
        "SMARTAPP_REQUIRE_SERVERS",
    ),
    "rabbitmq": (
        "RabbitMQ tests start a private server: apt-get install rabbitmq-server.",
        "SMARTAPP_REQUIRE_SERVERS",
    ),
    "curl": (
        "Shell lines of the documents need curl: apt-get install curl.",
        "SMARTAPP_REQUIRE_SERVERS",
    ),
    "redis": (
        "Redis tests start a private server: apt-get install redis-server.",
        "SMARTAPP_REQUIRE_SERVERS",
    ),
}


#: Each worker starts servers and browsers of its own; beyond this they are in each other's way.
MOST_WORKERS = 4


#: Real browsers on a machine that others use as well: here a failure counts when it is seen twice. Nothing about money,
#: kills, brokers or databases is in here: what fails there once in a while is wrong.
SEEN_TWICE = ("tests/journeys/",)
FAILED = Path(".pytest_cache/v/cache/lastfailed")


class Skipped:
    """Notes why tests were skipped and says it above pytest's closing line."""

    def __init__(self) -> None:
        self.reasons: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail") and isinstance(report.longrepr, tuple):
            self.reasons[report.longrepr[2].removeprefix("Skipped: ")] += 1

    def demanded(self) -> Iterator[str]:
        for word, (way, variable) in WAYS.items():
            if os.environ.get(variable) == "1" and any(word in reason.lower() for reason in self.reasons):
                yield f"{variable}=1, but tests were skipped for want of it. {way}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.reasons:
            return
        terminalreporter.section("not run here, and how to enable it", sep="-")
        for reason, count in self.reasons.items():
            terminalreporter.line(f"{count} × {reason}")
        for word, (way, _) in WAYS.items():
            if any(word in reason.lower() for reason in self.reasons):
                terminalreporter.line(way)
        for sentence in self.demanded():
            terminalreporter.line(sentence, red=True)


def _compile_once() -> None:
    """
    Keep compiled modules, for us and for the dozens of programs the tests start, where a shell says not to.

    Each of these would otherwise compile everything it imports: seconds each. They lie in the virtual environment.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(sys.prefix) / "pycache"))


def _side_by_side() -> list[str]:
    """Use the cores there are, each for whole files, which share servers; SMARTAPP_TEST_WORKERS says how many."""
    workers = int(os.environ.get("SMARTAPP_TEST_WORKERS") or min(os.cpu_count() or 1, MOST_WORKERS))
    return ["-n", str(workers), "--dist", "loadfile"] if workers > 1 else []


def _failed() -> list[str]:
    return sorted(json.loads(FAILED.read_text())) if FAILED.exists() else []


def _again() -> list[str]:
    """Return what to look at again, and say it; nothing when there is a failure that counts at once."""
    failed = _failed()
    counting = [test for test in failed if not test.startswith(SEEN_TWICE)]
    for test in counting or failed:
        print(f"failed and counts: {test}" if counting else f"failed once, looking again: {test}")
    return [] if counting else failed


def main() -> int:
    _compile_once()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if os.environ.get("SMARTAPP_REQUIRE_CHROMIUM") == "1" and not chromium:
        print(f"SMARTAPP_REQUIRE_CHROMIUM=1, but there is none. {WAYS['chromium'][0]}", file=sys.stderr)
        return 1
    wanted = sys.argv[1:]
    if wanted == ["--again"] and not (wanted := _again()):
        return 1
    skipped = Skipped()
    status = int(pytest.main(["-q", "-r", "fE", *_side_by_side(), *wanted], plugins=[skipped]))
    return status or int(any(skipped.demanded()))


if __name__ == "__main__":
    sys.exit(main())
