from collections.abc import Iterator

import pytest
import stripe
from tests.emulators.stripe.support import Receiver, Shop, receiving

from smartapp_emulators.serving import ThreadedServer
from smartapp_emulators.stripe.app import create_app

# Otherwise the client writes a file below the home directory and sends platform details.
stripe.enable_telemetry = False


@pytest.fixture(scope="session")
def emulator_url() -> Iterator[str]:
    server = ThreadedServer()
    server.app = create_app(base_url=server.url, retry_delays_s=[0.01, 0.01, 0.01], tick_s=0.05)
    with server:
        yield server.url


@pytest.fixture(scope="session")
def clients(emulator_url: str) -> Iterator[Shop]:
    shop = Shop(emulator_url)
    yield shop
    shop.close()


@pytest.fixture
def shop(clients: Shop) -> Shop:
    """A stocked shop on an emulator that was just reset and whose clock stands still."""
    clients.post("/_emulator/reset")
    clients.post("/_emulator/clock", {"freeze": True})
    # The next renewal is thirty days on, whatever today is.
    clients.post("/_emulator/clock", {"to": "2035-04-10T12:00:00Z"})
    clients.stock()
    return clients


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver
