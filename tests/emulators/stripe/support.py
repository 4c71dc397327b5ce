"""A shop that sells through the emulator with the official client; every answer is held to the specification."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx
import stripe

from smartapp_emulators.stripe import spec

Json = dict[str, Any]

KEY = "sk_test_of_the_tests"
CARD = {"expiration": "12 / 39", "cvc": "123", "name": "Dana Field", "country": "US", "zip": "80202"}
VISA, DECLINED, ASKS = "4242424242424242", "4000000000000002", "4000002500003155"
FAILS_LATER = "4000000000000341"
DAY_S = 24 * 3600


class CheckingClient(stripe.HTTPXClient):
    """The SDK's own transport, which also compares every JSON answer with the published schema."""

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> tuple[bytes, int, Any]:
        content, status, received = super().request(method, url, headers, post_data)
        found = spec.violations(method, urlsplit(url).path, status, json.loads(content))
        assert found == [], f"{method} {url} answered {status} against the specification: {found}"
        return content, status, received


class Shop:
    """One seller: a catalog of two monthly and two yearly prices, a customer, and a browser without scripts."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, trust_env=False, headers={"Accept": "text/html"})
        self._transport = CheckingClient(timeout=10, allow_sync_methods=True)
        base = dict.fromkeys(("api", "files", "connect", "meter_events"), url)
        self.v1 = stripe.StripeClient(KEY, base_addresses=base, http_client=self._transport).v1

    def close(self) -> None:
        self.http.close()
        self._transport.close()

    def stock(self) -> None:
        """Create catalog and customer."""
        self.planner = self.v1.products.create({"name": "Planner"})
        self.safety = self.v1.products.create({"name": "Safety"})
        self.prices = {
            (product.name, interval): self.price(product.id, cents, interval)
            for product, monthly in ((self.planner, 29_500), (self.safety, 59_500))
            for interval, cents in (("month", monthly), ("year", 12 * monthly))
        }
        self.customer = self.v1.customers.create({"name": "Northside Construction", "email": "pay@northside.example"})

    def price(self, product: str, cents: int, interval: str, **more: Any) -> str:
        params = {"product": product, "currency": "usd", "unit_amount": cents, "recurring": {"interval": interval}}
        return self.v1.prices.create({**params, **more}).id  # type: ignore[typeddict-item]

    def offer(self, *lines: tuple[str, int], interval: str = "month", **more: Any) -> stripe.checkout.Session:
        """Create a Checkout Session; lines are product names with quantities."""
        wanted = lines or (("Planner", 3), ("Safety", 2))
        params: Json = {
            "mode": "subscription",
            "customer": self.customer.id,
            "line_items": [{"price": self.prices[name, interval], "quantity": n} for name, n in wanted],
            "success_url": "http://127.0.0.1:8000/return?cs={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1:8000/back",
            "subscription_data": {"billing_mode": {"type": "flexible"}, "metadata": {"order_id": "order-1"}},
            **more,
        }
        return self.v1.checkout.sessions.create({k: v for k, v in params.items() if v is not None})  # type: ignore[arg-type]

    def submit(self, session_id: str, number: str = VISA, **typed: str) -> httpx.Response:
        """Fill in the pay page and press Pay."""
        return self.http.post(f"/c/pay/{session_id}", data={"card_number": number, **CARD, **typed})

    def subscribe(self, *lines: tuple[str, int], number: str = VISA, interval: str = "month") -> stripe.Subscription:
        """Offer, pay, and return the subscription that came of it."""
        session = self.offer(*lines, interval=interval)
        answer = self.submit(session.id, number)
        if answer.headers["location"].endswith("/confirm"):
            answer = self.http.post(answer.headers["location"], data={"result": "complete"})
        assert answer.headers["location"].startswith("http://127.0.0.1:8000/return"), answer.headers["location"]
        identifier = self.v1.checkout.sessions.retrieve(session.id).subscription
        assert isinstance(identifier, str)
        return self.v1.subscriptions.retrieve(identifier)

    def refusal(self, answer: httpx.Response) -> str:
        """Follow a refused payment to the page that tells of it, and return the page."""
        assert answer.status_code == 303
        assert "?try=" in answer.headers["location"], answer.headers["location"]
        return self.http.get(answer.headers["location"]).text

    def advance(self, days: float) -> None:
        assert self.post("/_emulator/clock", {"advance_s": days * DAY_S}).status_code == 200

    def post(self, path: str, body: Json | None = None) -> httpx.Response:
        return self.http.post(path, json=body or {})

    def events(self, *types: str) -> list[str]:
        """Return the types of all events so far, oldest first, or only those asked for."""
        found = [event.type for event in self.v1.events.list({"limit": 100}).auto_paging_iter()][::-1]
        return [kind for kind in found if not types or kind in types]

    def get(self, path: str, **query: Any) -> httpx.Response:
        """Ask the API by hand, as any other client would."""
        answer = self.http.get(path, params=query, headers={"Authorization": f"Bearer {KEY}"})
        found = spec.violations("GET", path, answer.status_code, answer.json())
        assert found == [], found
        return answer

    def send(self, path: str, text: str, **headers: str) -> httpx.Response:
        """Send a form by hand."""
        kind = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-www-form-urlencoded"}
        return self.http.post(path, content=text, headers={**kind, **headers})


class Receiver:
    """A webhook endpoint that writes down what it gets and answers what it is told."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.signatures: list[str] = []
        self.answers: list[int] = []
        self.url = ""

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["type"] for body in self.bodies]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.answers.pop(0) if receiver.answers else 200
            receiver.signatures.append(self.headers["Stripe-Signature"])
            receiver.bodies.append(body)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield receiver
    server.shutdown()
    server.server_close()
    thread.join()


def eventually(holds: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Wait for something another thread does; the limit only ends a broken test."""
    ends = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.01)
