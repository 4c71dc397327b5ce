"""What a change inside a paid period comes to, and what it does to a subscription: functions between snapshots."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import attrs

from smartapp_domain.billing import (
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    PendingChange,
    Subscription,
    SubscriptionItem,
)
from smartapp_domain.catalog import Product
from smartapp_domain.ids import InvoiceId
from smartapp_domain.ordering import Extension
from smartapp_domain.ports.payments import OutdatedChange
from smartapp_domain.testing import payments_cycle as cycle

#: How long a change waits for its invoice to be paid; never beyond the period.
WAITS = timedelta(hours=23)

_SECOND = timedelta(seconds=1)


def share(cents: int, at: datetime, start: datetime, end: datetime) -> int:
    """Return what the rest of a period is worth, by the second, halves of a cent rounded up."""
    left, whole = (end - at) // _SECOND, (end - start) // _SECOND
    return (2 * cents * left + whole) // (2 * whole)


def grown(subscription: Subscription, extension: Extension) -> tuple[SubscriptionItem, ...]:
    """
    Return the items a subscription has after an extension.

    Raises:
        OutdatedChange: It ends, its period does not hold the moment, or the quantities add nothing to those it has:
            they were reckoned from others, and money would be given back for projects that go on.
    """
    if not subscription.is_live or subscription.cancel_at is not None:
        raise _changed(f"{subscription.id} ends, so nothing can be added to it.")
    first = subscription.items[0]
    if not first.period_start <= extension.prorated_at < first.period_end:
        raise _changed(f"{extension.prorated_at} is not in the present period of {subscription.id}.")
    fewer = [item for item in subscription.items if extension.renewal.quantity(item.product) < item.quantity]
    items = tuple(_grown(subscription.items, extension))
    if fewer or items == subscription.items:
        raise _changed(f"The quantities add nothing to those that {subscription.id} has now.")
    return items


def _grown(items: tuple[SubscriptionItem, ...], extension: Extension) -> Iterator[SubscriptionItem]:
    held = {item.product for item in items}
    for item in items:
        yield attrs.evolve(item, quantity=extension.renewal.quantity(item.product))
    for line in extension.renewal.lines:
        if line.product not in held:
            yield attrs.evolve(items[0], product=line.product, quantity=line.quantity, unit_cents=line.unit_cents)


def _changed(why: str) -> OutdatedChange:
    return OutdatedChange(why, remedy="The subscription changed meanwhile. Check the new total, then try again.")


def change_lines(
    before: Iterable[SubscriptionItem], after: Iterable[SubscriptionItem], at: datetime, invoice_id: InvoiceId
) -> tuple[InvoiceLine, ...]:
    """Return the lines of a change: what was paid for the rest of the period given back, the new quantity charged."""
    held = {item.product: item for item in before}
    lines: list[InvoiceLine] = []
    for item in after:
        was = held.get(item.product)
        if was is None or was.quantity != item.quantity:
            both = [was, item] if was is not None and was.quantity else [item]
            for side in both:
                lines.append(_line(side, at, f"{invoice_id}_line_{len(lines) + 1}", is_credit=side is was))
    return tuple(lines)


def _line(item: SubscriptionItem, at: datetime, id: str, *, is_credit: bool) -> InvoiceLine:
    worth = share(item.quantity * item.unit_cents, at, item.period_start, item.period_end)
    return InvoiceLine(
        id=id,
        product=item.product,
        quantity=item.quantity,
        amount_cents=-worth if is_credit else worth,
        period_start=at,
        period_end=item.period_end,
        is_proration=True,
        is_credit=is_credit,
    )


def renewal_total(items: Iterable[SubscriptionItem]) -> int:
    return sum(item.quantity * item.unit_cents for item in items)


def waiting(subscription: Subscription, invoice: Invoice, at: datetime) -> Subscription:
    """Return it with a change that waits for its invoice; the quantities stay as they are."""
    ends = min(item.period_end for item in subscription.items)
    return attrs.evolve(
        subscription,
        invoices=(*subscription.invoices, invoice),
        pending=PendingChange(invoice.id, min(at + WAITS, ends)),
    )


def applied(subscription: Subscription, items: tuple[SubscriptionItem, ...], invoice_id: InvoiceId) -> Subscription:
    """Return it with a change's invoice paid and its quantities in force."""
    paid = cycle.closed(subscription, invoice_id, InvoiceStatus.PAID)
    return attrs.evolve(paid, items=items, pending=None)


def dropped(subscription: Subscription, invoice_id: InvoiceId) -> Subscription:
    """Return it with a change given up, so that its invoice cannot be paid any more."""
    return attrs.evolve(cycle.closed(subscription, invoice_id, InvoiceStatus.VOID), pending=None)


def renewing(subscription: Subscription, quantities: Mapping[Product, int]) -> Subscription:
    """
    Return it as it is to be renewed: these quantities, or not at all.

    Raises:
        OutdatedChange: A quantity is below zero, or of a product it never had: that would have to be paid first.
    """
    held = {item.product for item in subscription.items}
    if any(n < 0 or (n and product not in held) for product, n in quantities.items()):
        raise _changed(f"{subscription.id} cannot be renewed for what it does not have.")
    if not any(quantities.values()):
        return attrs.evolve(subscription, cancel_at=subscription.period_end)
    items = tuple(attrs.evolve(item, quantity=quantities.get(item.product, 0)) for item in subscription.items)
    return attrs.evolve(subscription, items=items, cancel_at=None)
