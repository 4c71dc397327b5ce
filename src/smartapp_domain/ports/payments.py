"""The payment provider, in the sentences the product says."""

from datetime import datetime
from typing import Protocol

import attrs

from smartapp_domain.billing import BillingEvent, Checkout, CheckoutStatus, Subscription
from smartapp_domain.identity import BillingProfile
from smartapp_domain.ids import CheckoutId, CustomerId, SubscriptionId
from smartapp_domain.ordering import Order
from smartapp_domain.pricing import PriceBook


class PaymentError(Exception):
    """The provider could not do what was asked; `remedy` is one sentence for the customer."""

    def __init__(self, message: str, *, remedy: str, request_id: str | None = None) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.request_id = request_id


class PaymentsUnavailable(PaymentError):
    """The provider is out of reach, busy or failing; the same call may be made again later."""


class PaymentsRejected(PaymentError):
    """The provider refused the call: configuration or a defect of ours. Not retried."""


class UnknownAtProvider(PaymentError):
    """No such checkout or subscription there."""


class UntrustedEvent(Exception):
    """A notice whose signature, time or shape is wrong; nothing of it may be used."""


@attrs.frozen
class CatalogDrift:
    """One difference between our price book and what the provider would charge."""

    what: str
    ours: str
    theirs: str


class Payments(Protocol):
    """Every call that moves money carries an idempotency key of ours, so it may be made again after a crash."""

    def publish_catalog(self, price_book: PriceBook) -> None:
        """Create the products and prices that are missing; never change one that exists."""
        ...

    def catalog_drift(self, price_book: PriceBook) -> tuple[CatalogDrift, ...]:
        """Return every difference in amount, currency, interval or availability; empty means: safe to sell."""
        ...

    def customer(self, profile: BillingProfile) -> CustomerId:
        """Return the provider's customer of this billing profile, creating it once."""
        ...

    def start_checkout(self, order: Order, customer_id: CustomerId, *, return_url: str, cancel_url: str) -> Checkout:
        """
        Open a pay page for an order; the same order (id and fingerprint) always gives the same page.

        `return_url` is where the browser goes after paying (`{checkout}` in it becomes the checkout's id), `cancel_url`
        where it goes when the customer turns back.

        """
        ...

    def checkout(self, checkout_id: CheckoutId) -> CheckoutStatus:
        """Return what became of a pay page, or raise `UnknownAtProvider`."""
        ...

    def close_checkout(self, checkout_id: CheckoutId) -> CheckoutStatus:
        """Close a pay page so that it cannot be paid any more; one already paid stays paid, and says so."""
        ...

    def subscription(self, subscription_id: SubscriptionId) -> Subscription:
        """Return the whole current snapshot with its invoices, or raise `UnknownAtProvider`."""
        ...


class BillingEvents(Protocol):
    """Checks and reads the provider's notices."""

    def read(self, body: bytes, signature: str, at: datetime) -> BillingEvent:
        """
        Return the notice, or raise `UntrustedEvent`.

        `body` is the raw bytes as they came; `at` is real time, not the demo's: a notice signed more than 300 s before
        it or more than 60 s after it is refused.

        """
        ...
