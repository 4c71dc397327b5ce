"""
A process that works in Procore with the stored tokens, for tests that need several of them or want to kill one.

    python -m tests.contract.procore.refresher '{"database": {…}, "procore": "http://…", …}'

It prints a line when it is ready, starts on a line from its standard input, and prints what became of its tasks.
"""

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import httpx

from smartapp_adapters.procore import AppCredentials, ProcoreEnvironment, ProcorePlatform, ProcoreSettings
from smartapp_adapters.storage import Keys, make_storage
from smartapp_domain.catalog import Module
from smartapp_domain.connections import Connection, ConnectionState
from smartapp_domain.ids import AccountId, PlatformCompanyId, PlatformProjectId
from smartapp_domain.ports.platform import PlatformError
from smartapp_domain.ports.storage import Scope
from smartapp_domain.ports.tokens import TokenVault

#: What it needs to know of the emulator's small world; importing that would take longer than the work.
COMPANY, PROJECT = PlatformCompanyId("5000000001"), PlatformProjectId("7000000001")
REDIRECT = "http://localhost/cb"
KEYS = Keys("2026", {"2026": b"k" * 32})
ACCOUNT = AccountId("harbor")
APPS = {Module.PLANNER: AppCredentials("one", "secret-one"), Module.SAFETY: AppCredentials("two", "secret-two")}
AT_BARRIER = "at the barrier"

#: Where a refresher may be killed: what is about to be stored or was just stored, and whether it was stored.
BARRIERS: dict[str, tuple[str, Callable[[Connection], bool]]] = {
    "before the claim": ("before", lambda new: new.state is ConnectionState.CLAIMED),
    "after the claim": ("after", lambda new: new.state is ConnectionState.CLAIMED),
    "before the call": ("after", lambda new: new.state is ConnectionState.OFFERED),
    "after the answer": ("before", lambda new: new.state is ConnectionState.READY),
    "after the commit": ("after", lambda new: new.state is ConnectionState.READY),
}


@attrs.frozen
class Ahead:
    """A clock that runs some seconds ahead."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.seconds)


@attrs.frozen
class StoppingVault:
    """A vault at whose barrier a thread stops for good, until somebody kills the process."""

    inner: TokenVault
    barrier: str

    def load(self, scope: Scope, app: Module) -> Connection | None:
        return self.inner.load(scope, app)

    def save(self, scope: Scope, app: Module, connection: Connection, *, replacing: int) -> None:
        when, fits = BARRIERS[self.barrier]
        if when == "before" and fits(connection):
            _stop()
        self.inner.save(scope, app, connection, replacing=replacing)
        if when == "after" and fits(connection):
            _stop()

    def drop(self, scope: Scope, app: Module) -> None:
        self.inner.drop(scope, app)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _stop() -> None:
    _say(AT_BARRIER)
    threading.Event().wait()


def settings(procore_url: str, *, max_wait_s: float = 12.0) -> ProcoreSettings:
    return ProcoreSettings(procore_url, procore_url, ProcoreEnvironment.SANDBOX, APPS, REDIRECT, max_wait_s=max_wait_s)


def main(order: dict[str, Any]) -> None:
    storage = make_storage(**order["database"], keys=KEYS, pool_size=order.get("pool", 8))
    vault: TokenVault = storage.tokens
    if order.get("barrier"):
        vault = StoppingVault(vault, order["barrier"])
    limits = httpx.Limits(max_connections=8)
    with httpx.Client(limits=limits, timeout=httpx.Timeout(20.0, pool=120.0)) as http:
        chosen = settings(order["procore"], max_wait_s=order.get("max_wait_s", 12.0))
        platform = ProcorePlatform(http, chosen, Ahead(order.get("ahead_s", 0.0)), vault)
        _say("ready")
        sys.stdin.readline()
        _say(json.dumps(_outcomes(platform, order["tasks"])))
    storage.dispose()


def _outcomes(platform: ProcorePlatform, tasks: int) -> dict[str, int]:
    """Run that many tasks at once, and count how they ended."""
    ended: Counter[str] = Counter()
    guard, start = threading.Lock(), threading.Barrier(tasks)

    def task() -> None:
        start.wait()
        try:
            platform.project(ACCOUNT, COMPANY, Module.PLANNER, PROJECT)
            outcome = "done"
        except PlatformError as error:
            outcome = type(error).__name__
        with guard:
            ended[outcome] += 1

    threads = [threading.Thread(target=task) for _ in range(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return dict(ended)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
