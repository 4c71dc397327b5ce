from collections.abc import Iterator

import httpx
import pytest
from tests.emulators.procore.support import NOON, Emulator, check_answer, small_world

from smartapp_emulators.clock import ClockState, MovableClock
from smartapp_emulators.procore.app import create_app
from smartapp_emulators.procore.state import Behavior
from smartapp_emulators.procore.store import Store
from smartapp_emulators.serving import ThreadedServer


@pytest.fixture(scope="session")
def running() -> Iterator[tuple[httpx.Client, Store]]:
    app = create_app(small_world(), clock=MovableClock.frozen(NOON), setup_url="http://127.0.0.1:8000/setup")
    hooks = {"response": [check_answer]}
    with ThreadedServer(app) as server, httpx.Client(base_url=server.url, event_hooks=hooks) as http:
        yield http, app.state.store


@pytest.fixture
def emulator(running: tuple[httpx.Client, Store]) -> Emulator:
    """A fresh small world under a standing clock; every API answer is held against the schemas."""
    http, store = running
    http.cookies.clear()
    store.reset()
    store.state.behavior = Behavior()
    store.clock.restore(ClockState(frozen_at=NOON))
    return Emulator(http, store.clock, store)
