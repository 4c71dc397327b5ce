"""The subscriptions of the payment provider in memory, with the banks and the time on their other side."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count

import attrs

from smartapp_domain.billing import BillingEvent, Invoice, InvoiceStatus, Subscription, SubscriptionItem
from smartapp_domain.billing import SubscriptionStatus as Status
from smartapp_domain.ids import CustomerId, EventId, InvoiceId, OrderId, SubscriptionId
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.payments import PaymentError, UnknownAtProvider
from smartapp_domain.ports.storage import in_transaction
from smartapp_domain.testing import payments_cycle as cycle
from smartapp_domain.testing import payments_prorations as prorations
from smartapp_domain.testing.payments_cards import StoredCard


@attrs.frozen
class Change:
    """What an order's change of a subscription asked for."""

    subscription_id: SubscriptionId
    invoice_id: InvoiceId
    items: tuple[SubscriptionItem, ...]
    expires_at: datetime


class MemoryProvider:
    """
    What the provider keeps, and what banks and time do to it.

    Same calls, same ids: nothing here is random and time comes from `clock`. Safe for many threads.
    """

    def __init__(self, clock: Clock, *, url: str = "https://pay.test") -> None:
        self._clock = clock
        self._url = url
        self._lock = threading.RLock()
        self._numbers = count(1)
        self._cards: dict[CustomerId, StoredCard] = {}
        self._subscriptions: dict[SubscriptionId, Subscription] = {}
        self._changes: dict[OrderId, Change] = {}
        self._events: list[BillingEvent] = []
        self._failures: list[PaymentError] = []

    # What customers do on the provider's pages.

    def change_card(self, customer_id: CustomerId, card: StoredCard | str) -> None:
        """Store another way to pay, or none: an enum member or its value, such as "declines"."""
        with self._lock:
            self._cards[customer_id] = StoredCard(card)

    def pay_open_invoice(self, subscription_id: SubscriptionId) -> None:
        """Pay the oldest open invoice on its page with a good card, which is stored in place of the other."""
        with self._lock:
            self.pay_invoice(self._owed(subscription_id).id)

    def pay_invoice(self, invoice_id: str) -> None:
        """Pay an invoice on its page, as `pay_open_invoice`; a `ValueError` says why it cannot be paid."""
        with self._lock:
            subscription_id = self._owner(invoice_id)
            self._collect(subscription_id, InvoiceId(invoice_id))
            self.change_card(self._subscriptions[subscription_id].customer_id, StoredCard.GOOD)

    def confirm(self, subscription_id: SubscriptionId) -> None:
        """Confirm the stored card on the page of the oldest open invoice, as its bank wanted; that pays it."""
        with self._lock:
            if self._card(self._subscription(subscription_id).customer_id) is not StoredCard.CONFIRMS:
                raise ValueError(f"The bank does not ask to confirm the card of {subscription_id}.")
            self._collect(subscription_id, self._owed(subscription_id).id)

    # What banks and time do later.

    def renew(self, subscription_id: SubscriptionId, *, succeeds: bool | None = None, tried: bool = True) -> Invoice:
        """
        Begin the next period, once the clock has reached it.

        The stored card is charged and pays or does not; `succeeds` says so in its place. Unless it is `tried`, the
        invoice waits for `retry`, as in the hour that providers leave to change it.
        """
        with self._lock:
            before = self._live(subscription_id)
            if self._clock.now() < before.items[0].period_end:
                raise ValueError(f"The period lasts until {before.items[0].period_end}. Move the clock first.")
            invoice_id = InvoiceId(self._fresh("in"))
            day = before.invoices[0].created_at.day
            paid = self._card(before.customer_id).pays_alone if succeeds is None else succeeds
            self._store(cycle.renewed(before, invoice_id, day=day, succeeds=paid if tried else None), invoice_id)
            return self._invoice(subscription_id, invoice_id)

    def retry(self, subscription_id: SubscriptionId, *, succeeds: bool) -> None:
        """Try the oldest open invoice again, or let the bank that works on it answer."""
        with self._lock:
            owed = self._owed(subscription_id)
            if succeeds:
                self._collect(subscription_id, owed.id)
            else:
                failed = cycle.failed(self._subscription(subscription_id), owed.id, self._clock.now())
                self._store(failed, owed.id)

    def write_off(self, subscription_id: SubscriptionId, invoice_id: InvoiceId, status: InvoiceStatus) -> None:
        """Void an invoice, or give it up as uncollectible."""
        with self._lock:
            before = self._subscription(subscription_id)
            if status is InvoiceStatus.VOID and waits_for(before, invoice_id):
                self._drop(before)
            else:
                self._store(cycle.closed(before, invoice_id, status), invoice_id)

    def become(self, subscription_id: SubscriptionId, status: Status) -> None:
        """Put a subscription into a status by hand; `CANCELED` ends it now, and what waits for payment with it."""
        with self._lock:
            before = self._live(subscription_id)
            if status is Status.CANCELED:
                self._end(before if before.pending is None else self._drop(before))
            else:
                self._store(attrs.evolve(before, status=status))

    # What operators and tests do.

    def fail_next(self, *errors: PaymentError) -> None:
        """Let each of the next calls of the port raise one of these instead of doing anything."""
        with self._lock:
            self._failures.extend(errors)

    def take_events(self) -> tuple[BillingEvent, ...]:
        """Return the notices not taken yet, in the order things happened."""
        with self._lock:
            for subscription_id in self._subscriptions:
                self._subscription(subscription_id)
            taken = tuple(self._events)
            self._events.clear()
            return taken

    # Beneath.

    def _card(self, customer_id: CustomerId) -> StoredCard:
        return self._cards.get(customer_id, StoredCard.NONE)

    def _collect(self, subscription_id: SubscriptionId, invoice_id: InvoiceId) -> None:
        """Mark an open invoice paid; a change that waits for it is made."""
        before = self._subscription(subscription_id)
        if self._invoice(subscription_id, invoice_id).status is not InvoiceStatus.OPEN:
            raise ValueError(f"{invoice_id} cannot be paid: it is not open.")
        if waits_for(before, invoice_id):
            self._store(prorations.applied(before, self._asked(invoice_id), invoice_id), invoice_id)
            self._tell("customer.subscription.pending_update_applied", before)
        else:
            self._store(cycle.closed(before, invoice_id, InvoiceStatus.PAID), invoice_id)

    def _asked(self, invoice_id: InvoiceId) -> tuple[SubscriptionItem, ...]:
        """Return the items that the change behind an invoice is for."""
        return next(each.items for each in self._changes.values() if each.invoice_id == invoice_id)

    def _drop(self, before: Subscription) -> Subscription:
        """Give up the change that waits."""
        assert before.pending is not None
        invoice_id = before.pending.invoice_id
        after = prorations.dropped(before, invoice_id)
        self._store(after, invoice_id)
        return after

    def _end(self, before: Subscription) -> None:
        now = self._clock.now()
        ended_at = now if before.cancel_at is None else min(now, before.cancel_at)
        self._store(attrs.evolve(before, status=Status.CANCELED, ended_at=ended_at))

    def _store(self, after: Subscription, invoice_id: InvoiceId | None = None) -> None:
        self._subscriptions[after.id] = after
        if invoice_id is not None:
            self._tell(_invoice_notice(self._invoice(after.id, invoice_id)), after)
        self._tell(f"customer.subscription.{'updated' if after.is_live else 'deleted'}", after)

    def _subscription(self, subscription_id: SubscriptionId) -> Subscription:
        """Return it as it is by now: a change nobody paid in time is dropped, an end that was planned has come."""
        if subscription_id not in self._subscriptions:
            raise unknown("subscription", subscription_id)
        found, now = self._subscriptions[subscription_id], self._clock.now()
        if found.pending is not None and found.pending.expires_at <= now:
            self._tell("customer.subscription.pending_update_expired", found)
            found = self._drop(found)
        if found.is_live and found.cancel_at is not None and found.cancel_at <= now:
            self._end(found)
        return self._subscriptions[subscription_id]

    def _live(self, subscription_id: SubscriptionId) -> Subscription:
        found = self._subscription(subscription_id)
        if not found.is_live:
            raise ValueError(f"{subscription_id} is over.")
        return found

    def _owed(self, subscription_id: SubscriptionId) -> Invoice:
        invoices = self._live(subscription_id).invoices
        owed = next((each for each in invoices if each.status is InvoiceStatus.OPEN), None)
        if owed is None:
            raise ValueError(f"{subscription_id} owes nothing.")
        return owed

    def _owner(self, invoice_id: str) -> SubscriptionId:
        owners = (each.id for each in self._subscriptions.values() if any(i.id == invoice_id for i in each.invoices))
        owner = next(owners, None)
        if owner is None:
            raise ValueError(f"There is no invoice {invoice_id}.")
        return owner

    def _invoice(self, subscription_id: SubscriptionId, invoice_id: InvoiceId) -> Invoice:
        return next(each for each in self._subscriptions[subscription_id].invoices if each.id == invoice_id)

    def _tell(self, type: str, about: Subscription) -> None:
        event_id = EventId(self._fresh("evt"))
        told = BillingEvent(event_id, type, self._clock.now(), order_id=about.order_id, subscription_id=about.id)
        self._events.append(told)

    def _fresh(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers)}"

    @contextmanager
    def _call(self) -> Iterator[None]:
        """Guard a call of the port as the real adapter does: never inside a transaction, and it may fail."""
        if in_transaction.get():
            raise RuntimeError("The payment provider was called inside a storage transaction. Call it before or after.")
        with self._lock:
            if self._failures:
                raise self._failures.pop(0)
            yield


def unknown(what: str, id: str) -> UnknownAtProvider:
    return UnknownAtProvider(f"There is no {what} {id}.", remedy="Contact support: the payment provider forgot it.")


def waits_for(subscription: Subscription, invoice_id: InvoiceId) -> bool:
    return subscription.pending is not None and subscription.pending.invoice_id == invoice_id


def _invoice_notice(invoice: Invoice) -> str:
    match invoice.status:
        case InvoiceStatus.PAID:
            return "invoice.paid"
        case InvoiceStatus.VOID:
            return "invoice.voided"
        case InvoiceStatus.UNCOLLECTIBLE:
            return "invoice.marked_uncollectible"
        case InvoiceStatus.DRAFT:
            return "invoice.created"
    return "invoice.payment_failed" if invoice.failed_at else "invoice.finalized"
