import socket
from collections.abc import Iterator

import httpx
import pytest
from tests.contract.billing.stripe_world import StripeWorld, settings

from smartapp_adapters.billing import StripePayments
from smartapp_emulators.clock import MovableClock
from smartapp_emulators.serving import ThreadedServer
from smartapp_emulators.stripe.app import create_app


@pytest.fixture(scope="session")
def stripe_server() -> Iterator[StripeWorld]:
    clock = MovableClock()
    server = ThreadedServer(host_name="localhost")
    # Accepted connections inherit this; without it each answer waits some 40 ms for the client's delayed ACK.
    server._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server.app = create_app(clock=clock, base_url=server.url, retry_delays_s=(0.05,), tick_s=60)
    with server, httpx.Client(base_url=server.url, trust_env=False) as browser:
        payments = StripePayments(settings(server.url), clock)
        yield StripeWorld(payments, clock, browser, server.url)
        payments.close()


@pytest.fixture
def stripe_world(stripe_server: StripeWorld) -> StripeWorld:
    return stripe_server.fresh()
