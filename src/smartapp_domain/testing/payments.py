"""
A payment provider in memory: `MemoryPayments` and the notices it sends, `MemoryBillingEvents`.

It is honest: a declined card makes nothing, a closed page cannot be paid, one order has one page. What customers,
banks and time do, a test does through the methods below the port's own; each produces the notices a provider would
send, which `take_events` hands over, to be delivered once, twice, late or never.
"""

from datetime import timedelta
from typing import Final

import attrs

from smartapp_domain.billing import (
    BillingEvent,
    Checkout,
    CheckoutState,
    CheckoutStatus,
    Invoice,
    InvoiceStatus,
    Subscription,
)
from smartapp_domain.catalog import Interval, Product
from smartapp_domain.identity import BillingProfile
from smartapp_domain.ids import CheckoutId, CustomerId, EventId, InvoiceId, ProfileId, SubscriptionId
from smartapp_domain.ordering import Order
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.payments import CatalogDrift
from smartapp_domain.pricing import PriceBook
from smartapp_domain.testing import payments_cycle as cycle
from smartapp_domain.testing.payments_cards import StoredCard
from smartapp_domain.testing.payments_changes import MemoryChanges
from smartapp_domain.testing.payments_notices import MemoryBillingEvents
from smartapp_domain.testing.payments_provider import unknown

__all__ = ["MemoryBillingEvents", "MemoryPayments", "StoredCard"]

PAGE_LIFE: Final = timedelta(hours=1)


@attrs.frozen
class _Page:
    checkout: Checkout
    order: Order
    customer_id: CustomerId
    return_to: str
    state: CheckoutState = CheckoutState.OPEN
    subscription_id: SubscriptionId | None = None


class MemoryPayments(MemoryChanges):
    """
    The `Payments` port, and the people and banks on its other side.

    Same calls, same ids: nothing here is random and time comes from `clock`. Safe for many threads.
    """

    def __init__(self, clock: Clock, *, url: str = "https://pay.test") -> None:
        super().__init__(clock, url=url)
        self._customers: dict[ProfileId, CustomerId] = {}
        self._pages: dict[CheckoutId, _Page] = {}

    # The port.

    def publish_catalog(self, price_book: PriceBook) -> None:
        with self._call():
            self._prices.publish(price_book)

    def catalog_drift(self, price_book: PriceBook) -> tuple[CatalogDrift, ...]:
        with self._call():
            return tuple(self._prices.drift(price_book))

    def customer(self, profile: BillingProfile) -> CustomerId:
        with self._call():
            if profile.customer_id is not None:
                return profile.customer_id
            return self._customers.setdefault(profile.id, CustomerId(f"cus_{len(self._customers) + 1}"))

    def start_checkout(self, order: Order, customer_id: CustomerId, *, return_url: str, cancel_url: str) -> Checkout:
        del cancel_url  # nobody turns back here: a test simply does not pay
        with self._call():
            for known in self._pages.copy():
                page = self._page(known)
                same = (page.order.id, page.order.fingerprint) == (order.id, order.fingerprint)
                if same and page.state is not CheckoutState.EXPIRED:
                    return page.checkout
            self._prices.check(order)
            checkout_id = CheckoutId(self._fresh("cs"))
            checkout = Checkout(checkout_id, f"{self._url}/{checkout_id}", self._clock.now() + PAGE_LIFE)
            return_to = return_url.replace("{checkout}", checkout_id)
            self._pages[checkout_id] = _Page(checkout, order, customer_id, return_to)
            return checkout

    def checkout(self, checkout_id: CheckoutId) -> CheckoutStatus:
        with self._call():
            return _status(self._page(checkout_id))

    def close_checkout(self, checkout_id: CheckoutId) -> CheckoutStatus:
        with self._call():
            if self._page(checkout_id).state is CheckoutState.OPEN:
                self.expire(checkout_id)
            return _status(self._page(checkout_id))

    def subscription(self, subscription_id: SubscriptionId) -> Subscription:
        with self._call():
            return attrs.evolve(self._subscription(subscription_id), as_of=self._clock.now())

    def end_unpaid(self, subscription_id: SubscriptionId) -> Subscription:
        with self._call():
            found = self._subscription(subscription_id)
            if found.is_live and not any(_took_money(invoice) for invoice in found.invoices):
                for invoice in found.invoices:
                    self._store(cycle.closed(found, invoice.id, InvoiceStatus.VOID), invoice.id)
                    found = self._subscription(subscription_id)
                self._end(found)
            return attrs.evolve(self._subscription(subscription_id), as_of=self._clock.now())

    def collect_again(self, subscription_id: SubscriptionId, invoice_id: InvoiceId) -> None:
        with self._call():
            self._store(cycle.taken_up(self._subscription(subscription_id), invoice_id), invoice_id)

    # What customers do on a pay page.

    def pay(self, checkout_id: CheckoutId) -> SubscriptionId:
        """Pay an open page with a good card."""
        return self._finish(checkout_id, CheckoutState.PAID)

    def pay_by_bank(self, checkout_id: CheckoutId) -> SubscriptionId:
        """Pay an open page from a bank account: days pass until `bank_answers`."""
        return self._finish(checkout_id, CheckoutState.PROCESSING)

    def decline(self, checkout_id: CheckoutId) -> None:
        """Try an open page with a bad card: nothing comes of it, and the customer may try again."""
        self._open_page(checkout_id)

    def expire(self, checkout_id: CheckoutId) -> None:
        """Let an open page's time run out."""
        with self._lock:
            self._expire(self._open_page(checkout_id))

    def return_to(self, checkout_id: CheckoutId) -> str:
        """Return where the browser goes after paying."""
        return self._page(checkout_id).return_to

    # What banks do later.

    def bank_answers(self, checkout_id: CheckoutId, *, paid: bool) -> None:
        """Let the bank confirm or refuse a page that was paid by `pay_by_bank`."""
        with self._lock:
            page = self._page(checkout_id)
            if page.state is not CheckoutState.PROCESSING or page.subscription_id is None:
                raise ValueError(f"No bank is asked about {checkout_id}: it is {page.state.value}.")
            state = CheckoutState.PAID if paid else CheckoutState.FAILED
            self._pages[checkout_id] = attrs.evolve(page, state=state)
            self.retry(page.subscription_id, succeeds=paid)
            self._tell_of_page(f"checkout.session.async_payment_{'succeeded' if paid else 'failed'}", checkout_id)

    # What operators and tests do.

    def reprice(self, version: int, product: Product, interval: Interval, cents: int | None) -> None:
        """Change a price behind our back; None removes it."""
        with self._lock:
            self._prices.change((version, product, interval), cents)

    def _finish(self, checkout_id: CheckoutId, state: CheckoutState) -> SubscriptionId:
        with self._lock:
            page = self._open_page(checkout_id)
            subscription_id, invoice_id = SubscriptionId(self._fresh("sub")), InvoiceId(self._fresh("in"))
            paid = state is CheckoutState.PAID
            self.change_card(page.customer_id, StoredCard.GOOD if paid else StoredCard.BANK)
            made = cycle.begun(subscription_id, page.order, page.customer_id, invoice_id, self._clock.now(), paid=paid)
            self._subscriptions[subscription_id] = made
            self._pages[checkout_id] = attrs.evolve(page, state=state, subscription_id=subscription_id)
            self._tell_of_page("checkout.session.completed", checkout_id)
            self._tell("customer.subscription.created", made)
            if paid:
                self._tell("invoice.paid", made)
            return subscription_id

    def _page(self, checkout_id: CheckoutId) -> _Page:
        page = self._pages.get(checkout_id)
        if page is None:
            raise unknown("pay page", checkout_id)
        if page.state is CheckoutState.OPEN and page.checkout.expires_at <= self._clock.now():
            return self._expire(page)
        return page

    def _open_page(self, checkout_id: CheckoutId) -> _Page:
        page = self._page(checkout_id)
        if page.state is not CheckoutState.OPEN:
            raise ValueError(f"{checkout_id} cannot be paid: it is {page.state.value}.")
        return page

    def _expire(self, page: _Page) -> _Page:
        expired = attrs.evolve(page, state=CheckoutState.EXPIRED)
        self._pages[page.checkout.id] = expired
        self._tell_of_page("checkout.session.expired", page.checkout.id)
        return expired

    def _tell_of_page(self, type: str, checkout_id: CheckoutId) -> None:
        page = self._pages[checkout_id]
        event_id, now = EventId(self._fresh("evt")), self._clock.now()
        self._events.append(BillingEvent(event_id, type, now, checkout_id, page.order.id, page.subscription_id))


def _status(page: _Page) -> CheckoutStatus:
    return CheckoutStatus(page.checkout.id, page.state, page.order.id, page.subscription_id)


def _took_money(invoice: Invoice) -> bool:
    """Tell whether it is paid, or a bank has not answered yet."""
    waits = invoice.status is InvoiceStatus.OPEN and invoice.failed_at is None
    return waits or (invoice.status is InvoiceStatus.PAID and invoice.total_cents > 0)
