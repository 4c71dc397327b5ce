"""The `Payments` port on Stripe."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import stripe

from smartapp_adapters.billing import catalog, snapshots
from smartapp_adapters.billing.calls import Json, StripeCalls
from smartapp_adapters.billing.errors import AnswerLost, KeyReused
from smartapp_adapters.billing.settings import StripeSettings
from smartapp_domain.billing import Checkout, CheckoutState, CheckoutStatus, Invoice, Subscription
from smartapp_domain.identity import BillingProfile
from smartapp_domain.ids import CheckoutId, CustomerId, SubscriptionId
from smartapp_domain.ordering import Order
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.payments import CatalogDrift, PaymentsRejected, UnknownAtProvider
from smartapp_domain.pricing import PriceBook

#: Tries of one order within this time are worded alike, so that an idempotency key recognizes them.
CHECKOUT_WINDOW: Final = timedelta(minutes=30)
#: What is left of a page's life when its window ends. Stripe wants 30 minutes at least, by its own clock.
CHECKOUT_LEFT: Final = timedelta(minutes=35)
#: Stripe keeps idempotency keys a day at least; one that refuses us was used since then, give or take clocks.
_KEYS_LIVE: Final = timedelta(days=2)


class StripePayments:
    """
    Sells through Stripe Checkout and reads what Stripe knows. One instance serves all threads of a process.

    A crash between a call and the storing of its answer is healed by calling again: either the idempotency key gives
    the same answer once more, or, when Stripe lost it or has the key in other words, what it made is looked up.

    Args:
        settings: Which Stripe.
        clock: What time our side has; when Stripe is an emulator whose clock is moved, that one's.
        http: What the SDK sends requests with, instead of its own client on httpx.
    """

    def __init__(self, settings: StripeSettings, clock: Clock, *, http: stripe.HTTPClient | None = None) -> None:
        self._calls = StripeCalls(settings, http)
        self._v1 = self._calls.v1
        self._clock = clock

    def close(self) -> None:
        """Give back the connections."""
        self._calls.close()

    def publish_catalog(self, price_book: PriceBook) -> None:
        catalog.publish(price_book, self._calls)

    def catalog_drift(self, price_book: PriceBook) -> tuple[CatalogDrift, ...]:
        return tuple(catalog.drift(price_book, self._calls))

    def customer(self, profile: BillingProfile) -> CustomerId:
        if profile.customer_id is not None:
            return profile.customer_id
        params = {
            "name": profile.name,
            "email": profile.email,
            "metadata": {"profile_id": profile.id, "account_id": profile.account_id},
        }
        try:
            made = self._calls("create a customer", self._v1.customers.create, params, key=f"cus:{profile.id}")
        except (AnswerLost, KeyReused):
            found = self._made_earlier(profile)
            if found is None:
                raise
            made = found
        return CustomerId(made["id"])

    def _made_earlier(self, profile: BillingProfile) -> Json | None:
        since = {"gte": int((self._clock.now() - _KEYS_LIVE).timestamp())}
        recent = self._calls.every("look for a customer", self._v1.customers.list, created=since)
        return next((each for each in recent if each["metadata"].get("profile_id") == profile.id), None)

    def start_checkout(self, order: Order, customer_id: CustomerId, *, return_url: str, cancel_url: str) -> Checkout:
        params = self._page(order, customer_id, return_url, cancel_url)
        key = f"co:{order.id}:{order.fingerprint}"
        try:
            session = self._open(params, key)
        except (AnswerLost, KeyReused) as error:
            found = self._opened_earlier(order, customer_id)
            if found is not None:
                session = found
            elif isinstance(error, KeyReused):  # its page is gone and was not paid, so another one is safe
                session = self._open(params, f"{key}:{params['expires_at']}")
            else:
                raise
        # A page that is no longer open has no address; the return page tells what became of it.
        url = session["url"] or return_url.replace("{checkout}", session["id"])
        return Checkout(CheckoutId(session["id"]), url, snapshots.moment(session["expires_at"]))

    def _open(self, params: Json, key: str) -> Json:
        return self._calls("open a pay page", self._v1.checkout.sessions.create, params, key=key)

    def _page(self, order: Order, customer_id: CustomerId, return_url: str, cancel_url: str) -> Json:
        prices = catalog.price_ids(order, self._calls)
        return {
            "mode": "subscription",
            "customer": customer_id,
            "client_reference_id": order.id,
            "line_items": [
                {"price": price, "quantity": line.quantity}
                for price, line in zip(prices, order.quote.lines, strict=True)
            ],
            "metadata": {"order_id": order.id, "fingerprint": order.fingerprint},
            "subscription_data": {
                "billing_mode": {"type": "flexible"},
                "metadata": {"order_id": order.id, "account_id": order.account_id},
            },
            "expires_at": int(self._expiry(order).timestamp()),
            "success_url": return_url.replace("{checkout}", "{CHECKOUT_SESSION_ID}"),
            "cancel_url": cancel_url,
            "automatic_tax": {"enabled": False},
        }

    def _expiry(self, order: Order) -> datetime:
        """Return an end that is the same for every try of the order within one window, and never too close."""
        windows = max(self._clock.now() - order.created_at, timedelta()) // CHECKOUT_WINDOW
        return order.created_at + (windows + 1) * CHECKOUT_WINDOW + CHECKOUT_LEFT

    def _opened_earlier(self, order: Order, customer_id: CustomerId) -> Json | None:
        sessions = self._calls.every("look for a pay page", self._v1.checkout.sessions.list, customer=customer_id)
        wanted = {"order_id": order.id, "fingerprint": order.fingerprint}
        return next((each for each in sessions if each["metadata"] == wanted and each["status"] != "expired"), None)

    def checkout(self, checkout_id: CheckoutId) -> CheckoutStatus:
        session = self._calls("read a pay page", self._v1.checkout.sessions.retrieve, checkout_id)
        return self._status(session)

    def close_checkout(self, checkout_id: CheckoutId) -> CheckoutStatus:
        try:
            # No key of ours: closing twice is harmless, while a remembered failure would be repeated for a day.
            return self._status(self._calls("close a pay page", self._v1.checkout.sessions.expire, checkout_id))
        except PaymentsRejected:
            status = self.checkout(checkout_id)
            if status.state is CheckoutState.OPEN:
                raise  # so it was not refused for being finished
            return status

    def _status(self, session: Json) -> CheckoutStatus:
        order_id = snapshots.order_of(session)
        if order_id is None:
            raise UnknownAtProvider(
                f"Pay page {session['id']} carries no order of ours.", remedy="Start again from your projects."
            )
        subscription_id = snapshots.id_of(session.get("subscription"))
        return CheckoutStatus(
            CheckoutId(session["id"]),
            snapshots.checkout_state(session, refused=self._refused(session)),
            order_id,
            SubscriptionId(subscription_id) if subscription_id else None,
        )

    def _refused(self, session: Json) -> bool:
        invoice_id = snapshots.id_of(session.get("invoice"))
        if session["status"] != "complete" or session["payment_status"] != "unpaid" or invoice_id is None:
            return False
        return not self._in_progress(invoice_id)

    def _in_progress(self, invoice_id: str) -> bool:
        """Tell whether a bank still has to answer; only the payment intents know."""
        payments = self._calls.every(
            "read payments", self._v1.invoice_payments.list, invoice=invoice_id, expand=["data.payment.payment_intent"]
        )
        intents = (payment["payment"].get("payment_intent") for payment in payments)
        return any(isinstance(intent, dict) and intent["status"] == "processing" for intent in intents)

    def subscription(self, subscription_id: SubscriptionId) -> Subscription:
        as_of = self._clock.now()  # before the first read: nothing in the snapshot is older than it says
        found = self._calls("read a subscription", self._v1.subscriptions.retrieve, subscription_id)
        items = found["items"]["data"]
        if found["items"]["has_more"]:
            items = self._calls.every("read items", self._v1.subscription_items.list, subscription=subscription_id)
        return snapshots.subscription_of(found, items, self._invoices(subscription_id), as_of)

    def _invoices(self, subscription_id: SubscriptionId) -> Iterator[Invoice]:
        for found in self._calls.every("read invoices", self._v1.invoices.list, subscription=subscription_id):
            lines = found["lines"]["data"]
            if found["lines"]["has_more"]:
                lines = self._calls.every("read invoice lines", self._v1.invoices.line_items.list, found["id"])
            waiting = found["status"] == "open" and found["attempted"]
            in_progress = waiting and self._in_progress(found["id"])
            yield snapshots.invoice_of(found, lines, in_progress=in_progress)
