"""The whole purchase over real HTTP, through both emulators, by links and forms alone: no script, no screen."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.app.runtime.forms import Browser
from tests.app.runtime.test_demo import RunningDemo, demo

CARD = {"expiration": "12 / 40", "cvc": "123"}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningDemo]:
    with demo(tmp_path) as started:
        yield started


@pytest.fixture
def browser() -> Iterator[Browser]:
    browser = Browser()
    yield browser
    browser.close()


def until(browser: Browser, true: Callable[[], bool]) -> None:
    """Reload until what workers do in the background has happened."""
    given_up = time.monotonic() + 60
    while not true():
        assert time.monotonic() < given_up, f"{browser.url}: {browser.words[:800]}"
        time.sleep(0.1)
        browser.get(browser.url)


def install(browser: Browser, running: RunningDemo) -> None:
    browser.get(running.opened)
    browser.follow("Sign in")
    browser.press("Continue as Dana Whitfield")
    browser.follow("Smartapp Planner")
    browser.press("Install")
    while "App Setup Instructions" not in browser.words:
        first = browser.page.buttons[-1]
        browser.press(" ".join("".join(first.text).split()))


def test_from_the_marketplace_to_licensed_projects(running: RunningDemo, browser: Browser) -> None:
    app, _, stripe = running.urls
    install(browser, running)
    browser.follow("App Setup Instructions")
    browser.follow("Continue with Procore")
    browser.press("Allow")
    until(browser, lambda: bool(browser.values("shown")))

    first, second = browser.values("shown")[:2]
    browser.press("Save ticks", project=[first, second])
    browser.press("Save ticks", project=[first, second], planner=[first, second], safety=[second])
    browser.press("Next")
    assert browser.url == f"{app}/subscriptions"
    browser.press("Checkout")
    assert browser.url.startswith(stripe)

    browser.press("Pay", card_number="4000 0000 0000 0002", **CARD)
    assert "declined" in browser.words
    browser.press("Pay", card_number="4242 4242 4242 4242", **CARD)
    assert browser.url.startswith(app)
    until(browser, lambda: browser.url.startswith(f"{app}/central"))

    assert "Planner & Safety" in browser.words
    invoices = httpx.get(f"{stripe}/v1/invoices", auth=("sk_test_demo", "")).json()["data"]
    assert [invoice["amount_paid"] for invoice in invoices] == [2 * 354_000 + 714_000]
