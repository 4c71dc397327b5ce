"""Notices of Stripe: what is believed, what is refused, and that the emulator's own deliveries are believed."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from typing import Any, Self

import attrs
import pytest
import stripe
from tests.contract.billing.stripe_world import StripeWorld, settings

from smartapp_adapters.billing import (
    API_VERSION,
    WEBHOOK_EVENTS,
    StripeBillingEvents,
    StripeSettings,
    ensure_webhook_endpoint,
)
from smartapp_domain.billing import BillingEvent
from smartapp_domain.catalog import Interval
from smartapp_domain.ports.payments import UntrustedEvent
from smartapp_domain.pricing import LIST_PRICES
from smartapp_domain.testing import builders
from smartapp_domain.testing.contracts.billing_events import EVENTS, NOW, BillingEventsContract
from smartapp_domain.testing.contracts.payments import CANCEL_URL, RETURN_URL

pytestmark = pytest.mark.contract

SECRET = "whsec_verysecret"


def reader(**changes: Any) -> StripeBillingEvents:
    return StripeBillingEvents(attrs.evolve(StripeSettings("sk_test_1", webhook_secrets=SECRET), **changes))


def sign(body: bytes, at: datetime = NOW, secret: str = SECRET) -> str:
    # latin-1 keeps every byte; the SDK signs text, and a body that is no UTF-8 is refused for that alone.
    return str(stripe.WebhookSignature.generate_signature_header(body.decode("latin-1"), secret, int(at.timestamp())))


def stripe_body(event: BillingEvent, **changes: Any) -> bytes:
    """Write a notice as Stripe's API version of 2026-10-28 does, leaving out what nobody reads."""
    order = {"order_id": event.order_id} if event.order_id else {}
    order |= {"account_id": event.account_id} if event.account_id else {}
    if event.type.startswith("checkout."):
        subject = {"id": event.checkout_id, "object": "checkout.session", "client_reference_id": event.order_id}
        subject |= {"metadata": order, "subscription": event.subscription_id}
    elif event.type.startswith("customer.subscription."):
        subject = {"id": event.subscription_id, "object": "subscription", "metadata": order}
    elif event.type.startswith("invoice."):
        details = {"metadata": order, "subscription": event.subscription_id}
        parent = {"quote_details": None, "subscription_details": details, "type": "subscription_details"}
        subject = {"id": "in_1", "object": "invoice", "metadata": {}, "parent": parent}
    else:
        subject = {"id": "price_1", "object": "price", "metadata": {}}
    told = {
        "id": event.id,
        "object": "event",
        "api_version": API_VERSION,
        "created": int(event.created_at.timestamp()),
        "data": {"object": subject},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": event.type,
    }
    return json.dumps(told | changes).encode()


@attrs.frozen
class StripeSender:
    reader: StripeBillingEvents = attrs.Factory(reader)

    def body(self, event: BillingEvent) -> bytes:
        return stripe_body(event)

    def signature(self, body: bytes, at: datetime) -> str:
        return sign(body, at)


class TestStripeBillingEvents(BillingEventsContract):
    @pytest.fixture
    def sender(self) -> StripeSender:
        return StripeSender()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"api_version": "2024-06-20"}, "create it anew with this version"),
        ({"api_version": None}, "create it anew with this version"),
        ({"livemode": True}, "not from test mode"),
        ({"livemode": None}, "not from test mode"),
        ({"object": "v2.core.event"}, "payload style"),
        ({"id": 7}, "lacks what every event has"),
        ({"id": ""}, "lacks what every event has"),
        ({"type": None}, "lacks what every event has"),
        ({"data": None}, "lacks what every event has"),
        ({"data": {"object": []}}, "lacks what every event has"),
        ({"data": {"object": {"id": {"a": 1}}}}, "lacks what every event has"),
        ({"created": "now"}, "lacks what every event has"),
        ({"created": 10**30}, "lacks what every event has"),
    ],
)
def test_a_notice_of_another_shape_is_refused_with_the_remedy(changes: dict[str, Any], sentence: str) -> None:
    body = stripe_body(EVENTS[0], **changes)

    with pytest.raises(UntrustedEvent, match=sentence):
        reader().read(body, sign(body), NOW)


def test_test_notices_are_refused_in_production() -> None:
    body = stripe_body(EVENTS[0])
    live = reader(api_key="sk_live_1", allow_live=True)

    with pytest.raises(UntrustedEvent, match="not from live mode"):
        live.read(body, sign(body), NOW)


def test_two_secrets_are_good_while_one_is_exchanged() -> None:
    body = stripe_body(EVENTS[0])
    both = reader(webhook_secrets="whsec_old,whsec_new")

    assert both.read(body, sign(body, secret="whsec_old"), NOW) == EVENTS[0]
    assert both.read(body, sign(body, secret="whsec_new"), NOW) == EVENTS[0]
    with pytest.raises(UntrustedEvent):
        both.read(body, sign(body, secret="whsec_older"), NOW)


def test_stripe_may_sign_with_two_secrets_at_once() -> None:
    body = stripe_body(EVENTS[0])
    old, new = sign(body, secret="whsec_old"), sign(body)

    assert reader().read(body, f"{old},{new.partition(',')[2]}", NOW) == EVENTS[0]


@pytest.mark.parametrize("tail", ["=", "=9999999999", ",t=9999999999", ",t="])
def test_a_replay_is_not_made_younger_by_its_header(tail: str) -> None:
    body = stripe_body(EVENTS[0])
    moment, _, proof = sign(body, NOW - timedelta(days=1)).partition(",")

    with pytest.raises(UntrustedEvent, match="clock"):
        reader().read(body, f"{moment}{tail},{proof}", NOW)


def test_without_a_secret_nothing_is_believed() -> None:
    body = stripe_body(EVENTS[0])

    with pytest.raises(UntrustedEvent, match="No webhook secret is set"):
        reader(webhook_secrets="").read(body, sign(body), NOW)


@pytest.mark.parametrize("secret", ["whsec_other", SECRET])
def test_a_refusal_repeats_neither_secret_nor_body(secret: str) -> None:
    body = stripe_body(EVENTS[0])
    signature = sign(body, NOW - timedelta(days=1), secret)

    with pytest.raises(UntrustedEvent) as refusal:
        reader().read(body, signature, NOW)

    told = f"{refusal.value!r} {refusal.value.__cause__!r}"
    assert "whsec_" not in told.replace("whsec_ secret", "")
    assert "order-1" not in told
    assert signature.partition("v1=")[2] not in told


@pytest.mark.parametrize("kind", WEBHOOK_EVENTS)
def test_every_kind_we_ask_for_names_a_subscription_or_a_page(kind: str) -> None:
    event = attrs.evolve(
        EVENTS[0], type=kind, checkout_id=EVENTS[0].checkout_id if kind.startswith("checkout.") else None
    )
    body = stripe_body(event)

    assert reader().read(body, sign(body), NOW) == event


def test_an_invoice_of_no_subscription_names_nothing() -> None:
    body = stripe_body(EVENTS[3], data={"object": {"id": "in_1", "object": "invoice", "parent": None}})

    read = reader().read(body, sign(body), NOW)

    assert (read.subscription_id, read.order_id, read.checkout_id) == (None, None, None)


class Mailbox:
    """A receiver of webhooks on this machine."""

    def __init__(self) -> None:
        self.letters: Queue[tuple[bytes, str]] = Queue()
        letters = self.letters

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                letters.put((body, self.headers["Stripe-Signature"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks/stripe"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as box:
        yield box


def test_deliveries_of_a_purchase_are_believed_and_lead_to_it(stripe_world: StripeWorld, mailbox: Mailbox) -> None:
    secret = ensure_webhook_endpoint(settings(stripe_world.payments_url), mailbox.url)
    assert secret is not None
    stripe_world.payments.publish_catalog(LIST_PRICES)
    order = builders.order(interval=Interval.MONTH, created_at=stripe_world.clock.now())
    customer_id = stripe_world.payments.customer(builders.profile())
    page = stripe_world.payments.start_checkout(order, customer_id, return_url=RETURN_URL, cancel_url=CANCEL_URL)
    stripe_world.pay(page)
    subscription_id = stripe_world.payments.checkout(page.id).subscription_id

    read: dict[str, BillingEvent] = {}
    while not {"checkout.session.completed", "customer.subscription.created", "invoice.paid"} <= read.keys():
        body, signature = mailbox.letters.get(timeout=20)
        event = reader(webhook_secrets=secret).read(body, signature, datetime.now(UTC))
        read[event.type] = event

    assert {(event.order_id, event.subscription_id) for event in read.values()} == {(order.id, subscription_id)}
    assert read["checkout.session.completed"].checkout_id == page.id


def test_an_endpoint_is_made_once_and_its_secret_told_once(stripe_world: StripeWorld) -> None:
    url = "http://127.0.0.1:9/webhooks/stripe"
    there = settings(stripe_world.payments_url)

    first = ensure_webhook_endpoint(there, url)
    second = ensure_webhook_endpoint(there, url)

    (endpoint,) = stripe_world.api("GET", "webhook_endpoints")["data"]
    assert first is not None
    assert second is None
    assert endpoint["api_version"] == API_VERSION
    assert set(endpoint["enabled_events"]) == set(WEBHOOK_EVENTS)


def test_an_endpoint_whose_secret_was_lost_is_replaced(stripe_world: StripeWorld) -> None:
    url = "http://127.0.0.1:9/webhooks/stripe"
    there = settings(stripe_world.payments_url)
    first = ensure_webhook_endpoint(there, url)

    second = ensure_webhook_endpoint(there, url, replace=True)

    assert second not in {first, None}
    assert len(stripe_world.api("GET", "webhook_endpoints")["data"]) == 1


def test_an_endpoint_of_another_api_version_is_replaced(stripe_world: StripeWorld) -> None:
    url = "http://127.0.0.1:9/webhooks/stripe"
    old = stripe_world.api("POST", "webhook_endpoints", url=url, **{"enabled_events[]": "*"})
    assert old["api_version"] is None

    secret = ensure_webhook_endpoint(settings(stripe_world.payments_url), url)

    (endpoint,) = stripe_world.api("GET", "webhook_endpoints")["data"]
    assert secret is not None
    assert endpoint["id"] != old["id"]


def test_an_endpoint_that_is_switched_off_or_deaf_is_mended(stripe_world: StripeWorld) -> None:
    url = "http://127.0.0.1:9/webhooks/stripe"
    there = settings(stripe_world.payments_url)
    ensure_webhook_endpoint(there, url)
    (endpoint,) = stripe_world.api("GET", "webhook_endpoints")["data"]
    stripe_world.api(
        "POST", f"webhook_endpoints/{endpoint['id']}", disabled="true", **{"enabled_events[]": "invoice.paid"}
    )

    secret = ensure_webhook_endpoint(there, url)

    (mended,) = stripe_world.api("GET", "webhook_endpoints")["data"]
    assert secret is None
    assert mended["status"] == "enabled"
    assert set(mended["enabled_events"]) == set(WEBHOOK_EVENTS)


def test_endpoints_of_others_are_left_alone(stripe_world: StripeWorld) -> None:
    stripe_world.api("POST", "webhook_endpoints", url="http://127.0.0.1:9/theirs", **{"enabled_events[]": "*"})

    ensure_webhook_endpoint(settings(stripe_world.payments_url), "http://127.0.0.1:9/ours", replace=True)

    assert len(stripe_world.api("GET", "webhook_endpoints")["data"]) == 2
