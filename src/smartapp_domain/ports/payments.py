"""The payment provider, in the sentences the product says."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

import attrs

from smartapp_domain.billing import BillingEvent, Checkout, CheckoutStatus, Subscription
from smartapp_domain.catalog import Product
from smartapp_domain.identity import BillingProfile
from smartapp_domain.ids import CheckoutId, CustomerId, InvoiceId, SubscriptionId
from smartapp_domain.ordering import Extension, Order
from smartapp_domain.pricing import PriceBook

#: Within this after an order was tried (`Order.tried_at`) a stored card is charged for it, or not at all.
CHARGED_WITHIN: Final = timedelta(seconds=20)
#: The longest that charging may then take, until the provider has done it or never will.
CHARGE_LASTS: Final = timedelta(seconds=90)


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


class TriedTooLongAgo(PaymentsUnavailable):
    """What leads to a charge took so long that its outcome could come after the order was given up; nothing was."""


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


class NothingToCharge(PaymentsRejected):
    """The customer has no stored way to pay any more."""


class OutdatedChange(PaymentsRejected):
    """The change was reckoned from another state than there is now; nothing was changed."""


class ChangesUsedUp(PaymentsRejected):
    """The provider takes no more changes of this subscription for now; within a day it will again."""


@attrs.frozen
class ExtensionPreview:
    """
    What an extension comes to, in the provider's own arithmetic.

    Attributes:
        due_cents: Charged at once: the rest of the period, prorated.
        renewal_cents: What the next renewal costs afterwards.
        renews_at: When that is.
        card: What would be charged, in words such as "Visa ending in 4242"; None when nothing is stored to charge.

    """

    due_cents: int
    renewal_cents: int
    renews_at: datetime
    card: str | None


class Changes(Protocol):
    """
    Changing a subscription there is already. Quantities are absolute, so a repeated call converges.

    A change is paid at once and in one go: what the stored card does not pay leaves everything as it was, and one
    invoice with a page where it can be paid by hand.
    """

    def preview(self, extension: Extension) -> ExtensionPreview:
        """
        Return what it would cost; changes nothing.

        Raise `OutdatedChange` when its moment is not in the present period, the subscription ends, or the quantities
        add nothing to those it has or lower one: they were reckoned from an older state, and money would be given back
        for projects that go on. `ChangesUsedUp` when it would be one change too many.
        """
        ...

    def extend(self, order: Order) -> CheckoutStatus:
        """
        Make the one change that an order with `extends` agreed to; the same order never makes two.

        PAID: the quantities hold. OPEN: the card was declined or wants confirming; `page` is where, and until when.
        PROCESSING: a bank has not answered. Raises `NothingToCharge`, having changed nothing, when no card is stored,
        and as `preview` does, `OutdatedChange` when it would cost something else than the order's `due_cents`, and
        `TriedTooLongAgo` when the order was tried more than `CHARGED_WITHIN` ago. A newer change takes the place of one
        that waits.
        """
        ...

    def extension(self, order: Order) -> CheckoutStatus:
        """Return what became of an order's change; EXPIRED when it was never made, or was dropped. Makes nothing."""
        ...

    def close_extension(self, order: Order) -> CheckoutStatus:
        """
        Give up a change that is not paid, so that it cannot be paid later; one already paid stays, and says so.

        While a bank works on it, nothing can be given up: PROCESSING.
        """
        ...

    def set_renewal(self, subscription_id: SubscriptionId, quantities: Mapping[Product, int]) -> Subscription:
        """
        Say for how many projects each product is renewed; a product left out is renewed for none.

        Nothing is charged or credited: what is paid runs to its end. When nothing at all is renewed the subscription
        ends with its period, and a later call that renews something undoes that. A change of quantities that waits for
        payment is given up by it. Returns the snapshot afterwards; raises `PaymentsRejected` for a subscription that is
        over, and for a product it never had: that would have to be paid first.
        """
        ...

    def renewal_cents(self, subscription_id: SubscriptionId) -> int | None:
        """Return the total of the next renewal as the provider reckons it; None when there will be none."""
        ...

    def card_page(self, customer_id: CustomerId, *, return_url: str) -> str:
        """Return the address of the provider's page where the customer changes the stored card."""
        ...


class Payments(Changes, Protocol):
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

    def end_unpaid(self, subscription_id: SubscriptionId) -> Subscription:
        """
        End a subscription that was never paid for, now, so that nothing of it can be collected or paid any more.

        One that money was taken for, or that a bank works on, is left as it is, and so does a second call. Returns the
        snapshot afterwards, which says which it was.
        """
        ...

    def collect_again(self, subscription_id: SubscriptionId, invoice_id: InvoiceId) -> None:
        """
        Have an invoice that was set aside collected as any renewal is: within hours, from the stored card.

        One that is not set aside any more is left as it is, and so does a second call.
        """
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
