"""
Journeys run the demo as a user does, `smartapp demo` in a process of its own, and drive it with a real browser.

The browser is Debian's Chromium. Without it these tests are skipped and named; in CI they fail.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
TIMEOUT_MS = 15_000


@attrs.frozen
class Demo:
    """A running demo: where each of its three servers is."""

    start: str
    app: str
    procore: str
    stripe: str

    @property
    def hosts(self) -> set[str]:
        return {urlsplit(url).netloc for url in (self.app, self.procore, self.stripe)}

    def world(self) -> dict[str, Any]:
        return httpx.get(f"{self.procore}/_emulator/world").json()  # type: ignore[no-any-return]


def _urls(lines: Iterator[str]) -> Demo:
    """Read what the demo prints: `Open URL` first, then where its servers are."""
    start, found = "", {}
    for line in lines:
        if line.startswith("Open "):
            start = next(word for word in line.split() if word.startswith("http"))
        for name in ("Smartapp Connect", "Procore emulator", "Stripe emulator"):
            if name in line and "http" in line:
                found[name] = next(word for word in line.split() if word.startswith("http")).rstrip(".,/")
        if start and len(found) == 3:
            return Demo(start, found["Smartapp Connect"], found["Procore emulator"], found["Stripe emulator"])
    raise AssertionError(f"The demo ended without saying where it is: {start!r} {found}")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A fresh demo on free ports, ended by Ctrl-C."""
    home = tmp_path_factory.mktemp("demo")
    ports = dict.fromkeys(("SMARTAPP_PORT", "PROCORE_EMULATOR_PORT", "STRIPE_EMULATOR_PORT"), "0")
    environment = {**os.environ, **ports, "SMARTAPP_DEMO_DIR": str(home), "PYTHONUNBUFFERED": "1"}
    command = Path(sys.executable).with_name("smartapp")
    process = subprocess.Popen([command, "demo"], stdout=subprocess.PIPE, env=environment, text=True)
    assert process.stdout is not None
    try:
        yield _urls(iter(process.stdout.readline, ""))
    finally:
        process.send_signal(signal.SIGINT)
        ended_with = process.wait(timeout=30)
        process.stdout.close()
    assert ended_with == 0


@pytest.fixture(scope="module")
def installed(demo: Demo) -> Demo:
    """The demo with the Planner app installed on every project of the first company."""
    world = demo.world()
    wish = {"client_id": world["apps"][0]["client_id"], "company_id": world["companies"][0]["id"], "project_ids": "all"}
    assert httpx.post(f"{demo.procore}/_emulator/installations", json=wish).status_code == 201
    return demo


@attrs.define
class Watch:
    """Notes what must never happen in any journey."""

    strangers: list[str] = attrs.Factory(list)
    complaints: list[str] = attrs.Factory(list)

    def over(self, context: BrowserContext, hosts: set[str]) -> None:
        def asked(request: Request) -> None:
            target = urlsplit(request.url)
            if target.scheme.startswith("http") and target.netloc not in hosts:
                self.strangers.append(request.url)

        def said(message: ConsoleMessage) -> None:
            if message.type == "error" and "status of 4" not in message.text:
                self.complaints.append(f"{message.text} at {message.location.get('url')}")

        context.on("request", asked)
        context.on("console", said)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fail the test when a page asks a host that is not the demo's own, or complains in the console."""
    watch = Watch()
    yield watch
    assert watch.strangers == []
    assert watch.complaints == []


@pytest.fixture
def page(browser: Browser, demo: Demo, watch: Watch) -> Iterator[Page]:
    """A fresh browser on a desktop."""
    context = browser.new_context(viewport=DESKTOP, locale="en-US")  # type: ignore[arg-type]
    context.set_default_timeout(TIMEOUT_MS)
    watch.over(context, demo.hosts)
    yield context.new_page()
    context.close()
