"""The whole purchase over real HTTP, through both emulators, by links and forms alone: no script, no screen."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.app.runtime.forms import Browser
from tests.app.runtime.test_demo import FREE_PORTS, RunningDemo, demo
from tests.servers.postgres import PostgresDatabase

CARD = {"expiration": "12 / 40", "cvc": "123"}


#: A proxy of the office must not get between the three programs on this machine.
PROXIES = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}


@pytest.fixture
def on_sqlite() -> dict[str, str]:
    return {}


@pytest.fixture
def on_postgres(make_bare_postgres_database: Callable[[], PostgresDatabase]) -> dict[str, str]:
    """A database as an administrator leaves it, migrated by the command; `smartapp serve` finds it ready."""
    database = make_bare_postgres_database()
    given = os.environ | {"SMARTAPP_DATABASE_URL": database.migrator_url}
    subprocess.run([sys.executable, "-m", "smartapp_runtime.cli", "migrate"], check=True, env=given)
    return {name.replace("SMARTAPP_", "SMARTAPP_DEMO_"): url for name, url in database.settings.items()}


@pytest.fixture(params=["sqlite", "postgres"])
def running(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[RunningDemo]:
    database: dict[str, str] = request.getfixturevalue(f"on_{request.param}")
    with demo(tmp_path, given=FREE_PORTS | PROXIES | database) as started:
        yield started
        assert (tmp_path / "smartapp.db").exists() == (request.param == "sqlite")


@pytest.fixture
def surfer() -> Iterator[Browser]:
    surfer = Browser()
    yield surfer
    surfer.close()


def until(surfer: Browser, true: Callable[[], bool]) -> None:
    """Reload until what workers do in the background has happened."""
    given_up = time.monotonic() + 60
    while not true():
        assert time.monotonic() < given_up, f"{surfer.url}: {surfer.words[:800]}"
        time.sleep(0.1)
        surfer.get(surfer.url)


def install(surfer: Browser, running: RunningDemo) -> None:
    surfer.get(running.opened)
    surfer.follow("Sign in")
    surfer.press("Continue as Dana Whitfield")
    surfer.follow("Smartapp Planner")
    surfer.press("Install")
    while "App Setup Instructions" not in surfer.words:
        first = surfer.page.buttons[-1]
        surfer.press(" ".join("".join(first.text).split()))


def test_from_the_marketplace_to_licensed_projects(running: RunningDemo, surfer: Browser) -> None:
    app, _, stripe = running.urls
    install(surfer, running)
    surfer.follow("App Setup Instructions")
    surfer.follow("Continue with Procore")
    surfer.press("Allow")
    until(surfer, lambda: bool(surfer.values("shown")))

    first, second = surfer.values("shown")[:2]
    surfer.press("Save ticks", project=[first, second])
    surfer.press("Save ticks", project=[first, second], planner=[first, second], safety=[second])
    surfer.press("Next")
    assert surfer.url == f"{app}/subscriptions"
    surfer.press("Checkout")
    assert surfer.url.startswith(stripe)

    surfer.press("Pay", card_number="4000 0000 0000 0002", **CARD)
    assert "declined" in surfer.words
    surfer.press("Pay", card_number="4242 4242 4242 4242", **CARD)
    assert surfer.url.startswith(app)
    until(surfer, lambda: surfer.url.startswith(f"{app}/central"))

    assert "Planner & Safety" in surfer.words
    invoices = httpx.get(f"{stripe}/v1/invoices", auth=("sk_test_demo", "")).json()["data"]
    assert [invoice["amount_paid"] for invoice in invoices] == [2 * 354_000 + 714_000]
