"""The `Changes` half of the `Payments` port in memory."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import attrs

from smartapp_domain.billing import (
    Checkout,
    CheckoutState,
    CheckoutStatus,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Subscription,
    SubscriptionItem,
)
from smartapp_domain.catalog import Product
from smartapp_domain.ids import CheckoutId, CustomerId, InvoiceId, SubscriptionId
from smartapp_domain.ordering import Extension, Order
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.payments import (
    CHARGED_WITHIN,
    ChangesUsedUp,
    ExtensionPreview,
    NothingToCharge,
    OutdatedChange,
    PaymentsRejected,
    TriedTooLongAgo,
)
from smartapp_domain.testing import payments_cycle as cycle
from smartapp_domain.testing import payments_prorations as prorations
from smartapp_domain.testing.payments_cards import StoredCard
from smartapp_domain.testing.payments_prices import MemoryPrices
from smartapp_domain.testing.payments_provider import Change, MemoryProvider, waits_for

#: New invoices of one subscription within a day, as real providers limit them.
INVOICES_A_DAY: Final = 20


class MemoryChanges(MemoryProvider):
    """
    Changes of subscriptions: charged to the stored card, or left waiting for their invoice for 23 hours at most.

    A newer change takes the place of one that waits, and so does saying what is renewed.
    """

    def __init__(self, clock: Clock, *, url: str = "https://pay.test") -> None:
        super().__init__(clock, url=url)
        self._prices = MemoryPrices()

    def preview(self, extension: Extension) -> ExtensionPreview:
        with self._call():
            before = self._subscription(extension.subscription_id)
            items, lines = self._reckoned(before, extension, InvoiceId("preview"))
            self._check_room(before)
            return ExtensionPreview(
                due_cents=sum(line.amount_cents for line in lines),
                renewal_cents=prorations.renewal_total(items),
                renews_at=items[0].period_end,
                card=self._card(before.customer_id).words,
            )

    def extend(self, order: Order) -> CheckoutStatus:
        with self._call():
            if order.id not in self._changes:
                self._make(order)
            return self._outcome(order)

    def extension(self, order: Order) -> CheckoutStatus:
        with self._call():
            return self._outcome(order)

    def close_extension(self, order: Order) -> CheckoutStatus:
        with self._call():
            outcome = self._outcome(order)
            if outcome.state is not CheckoutState.OPEN:
                return outcome
            self._drop(self._subscription(self._changes[order.id].subscription_id))
            return self._outcome(order)

    def set_renewal(self, subscription_id: SubscriptionId, quantities: Mapping[Product, int]) -> Subscription:
        with self._call():
            before = self._subscription(subscription_id)
            if not before.is_live:
                raise PaymentsRejected(f"{subscription_id} is over.", remedy="Begin a new subscription.")
            after = prorations.renewing(before, quantities)
            if after.items != before.items and before.pending is not None:
                after = prorations.renewing(self._drop(before), quantities)
            if after != before:
                self._store(after)
            return attrs.evolve(after, as_of=self._clock.now())

    def renewal_cents(self, subscription_id: SubscriptionId) -> int | None:
        with self._call():
            found = self._subscription(subscription_id)
            ends = not found.is_live or found.cancel_at is not None
            return None if ends else prorations.renewal_total(found.items)

    def card_page(self, customer_id: CustomerId, *, return_url: str) -> str:
        with self._call():
            return f"{self._url}/cards/{customer_id}?return_url={return_url}"

    def _reckoned(
        self, before: Subscription, extension: Extension, invoice_id: InvoiceId
    ) -> tuple[tuple[SubscriptionItem, ...], tuple[InvoiceLine, ...]]:
        items = prorations.grown(before, extension)
        self._prices.check_added(before, extension)
        return items, prorations.change_lines(before.items, items, extension.prorated_at, invoice_id)

    def _check_room(self, before: Subscription) -> None:
        since = self._clock.now() - timedelta(days=1)
        if sum(invoice.created_at > since for invoice in before.invoices) >= INVOICES_A_DAY:
            raise ChangesUsedUp(
                f"{before.id} has had {INVOICES_A_DAY} invoices within a day.",
                remedy="This subscription was changed often enough for today. Try again tomorrow.",
            )

    def _make(self, order: Order) -> None:
        extension = extension_of(order)
        before = self._subscription(extension.subscription_id)
        invoice_id = InvoiceId(self._fresh("in"))
        items, lines = self._reckoned(before, extension, invoice_id)
        self._check_room(before)
        _check_recent(order, self._clock.now())
        invoice = cycle.drawn_up(invoice_id, lines, self._clock.now(), InvoiceStatus.OPEN)
        _check_agreed(order, invoice.total_cents)
        card = self._card(before.customer_id) if invoice.total_cents else StoredCard.GOOD
        if card is StoredCard.NONE:
            raise NothingToCharge(
                f"{before.customer_id} has stored nothing that could be charged.",
                remedy="There is no card on file any more. Pay on the provider's page instead.",
            )
        if before.pending is not None:
            before = self._drop(before)
        after = prorations.waiting(before, invoice, self._clock.now())
        assert after.pending is not None
        self._changes[order.id] = Change(before.id, invoice_id, items, after.pending.expires_at)
        self._charge(after, invoice_id, card)

    def _charge(self, waiting: Subscription, invoice_id: InvoiceId, card: StoredCard) -> None:
        match card:
            case StoredCard.GOOD:
                self._store(prorations.applied(waiting, self._asked(invoice_id), invoice_id), invoice_id)
            case StoredCard.BANK:
                self._store(waiting, invoice_id)
            case _:
                self._store(cycle.failed(waiting, invoice_id, self._clock.now()), invoice_id)
        if card is StoredCard.CONFIRMS:
            self._tell("invoice.payment_action_required", waiting)

    def _outcome(self, order: Order) -> CheckoutStatus:
        subscription_id = extension_of(order).subscription_id
        subscription, change = self._subscription(subscription_id), self._changes.get(order.id)
        if change is None:
            return CheckoutStatus(CheckoutId(order.id), CheckoutState.EXPIRED, order.id, subscription_id)
        invoice = self._invoice(subscription_id, change.invoice_id)
        state = _state(invoice, waits=waits_for(subscription, invoice.id))
        page = Checkout(CheckoutId(invoice.id), f"{self._url}/{invoice.id}", change.expires_at)
        shown = None if state is CheckoutState.EXPIRED else page
        return CheckoutStatus(page.id, state, order.id, subscription_id, page=shown)


def extension_of(order: Order) -> Extension:
    if order.extends is None:
        raise ValueError(f"Order {order.id} extends nothing.")
    return order.extends


def _check_recent(order: Order, at: datetime) -> None:
    if at - order.tried_at > CHARGED_WITHIN:
        raise TriedTooLongAgo(f"Order {order.id} was tried at {order.tried_at}.", remedy="Try again.")


def _check_agreed(order: Order, due_cents: int) -> None:
    if order.due_cents not in (None, due_cents):
        raise OutdatedChange(
            f"Order {order.id} agreed to {order.due_cents} cents, and it would be {due_cents}.",
            remedy="The amount due changed meanwhile. Check the new total, then try again.",
        )


def _state(invoice: Invoice, *, waits: bool) -> CheckoutState:
    if invoice.status is InvoiceStatus.PAID:
        return CheckoutState.PAID
    if invoice.status is not InvoiceStatus.OPEN or not waits:
        return CheckoutState.EXPIRED
    return CheckoutState.PROCESSING if invoice.failed_at is None else CheckoutState.OPEN
