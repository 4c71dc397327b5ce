"""What time and banks do to a subscription, as functions from one snapshot to the next."""

import calendar
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import attrs

from smartapp_domain.billing import (
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Subscription,
    SubscriptionItem,
    SubscriptionStatus,
)
from smartapp_domain.catalog import Interval
from smartapp_domain.ids import CustomerId, InvoiceId, OrderId, SubscriptionId
from smartapp_domain.ordering import Order
from smartapp_domain.pricing import MONTHS_PER_YEAR

#: How long the provider waits before it tries a failed invoice again.
RETRY_AFTER = timedelta(days=3)


def following(start: datetime, interval: Interval, *, day: int) -> datetime:
    """Return the end of a period: the same day of a later month, or that month's last day when it has no such day."""
    months = start.month - 1 + (1 if interval is Interval.MONTH else MONTHS_PER_YEAR)
    year, month = start.year + months // 12, months % 12 + 1
    return start.replace(year=year, month=month, day=min(day, calendar.monthrange(year, month)[1]))


def begun(
    id: SubscriptionId, order: Order, customer_id: CustomerId, invoice_id: InvoiceId, at: datetime, *, paid: bool
) -> Subscription:
    """Return the subscription a paid page makes, with its first invoice; unpaid while a bank has not answered."""
    at = at.replace(microsecond=0)  # providers count whole seconds
    end = following(at, order.interval, day=at.day)
    items = tuple(SubscriptionItem(line.product, line.quantity, line.unit_cents, at, end) for line in order.quote.lines)
    subscription = Subscription(
        id=id,
        customer_id=customer_id,
        status=SubscriptionStatus.ACTIVE,
        interval=order.interval,
        items=items,
        invoices=(),
        as_of=at,
        order_id=OrderId(order.id),
    )
    return _billed(subscription, invoice_id, at, InvoiceStatus.PAID if paid else InvoiceStatus.OPEN)


def renewed(subscription: Subscription, invoice_id: InvoiceId, *, day: int, succeeds: bool | None) -> Subscription:
    """
    Return the subscription one period later, with the invoice for it paid or failed, or not tried yet.

    An unpaid one goes on being invoiced, but the drafts are set aside: nobody tries.
    """
    at = subscription.items[0].period_end
    end = following(at, subscription.interval, day=day)
    items = tuple(attrs.evolve(item, period_start=at, period_end=end) for item in subscription.items)
    begun = attrs.evolve(subscription, items=items)
    if subscription.status is SubscriptionStatus.UNPAID:
        return _changed(_billed(begun, invoice_id, at, InvoiceStatus.DRAFT), invoice_id, _set_aside)
    later = _billed(begun, invoice_id, at, InvoiceStatus.PAID if succeeds else InvoiceStatus.OPEN)
    return failed(later, invoice_id, at) if succeeds is False else later


def _set_aside(draft: Invoice) -> Invoice:
    return attrs.evolve(draft, number=None, hosted_url=None, pdf_url=None, is_set_aside=True)


def taken_up(subscription: Subscription, invoice_id: InvoiceId) -> Subscription:
    """Return it with an invoice that was set aside due again, as a renewal that was not tried yet."""

    def due(invoice: Invoice) -> Invoice:
        if not invoice.is_set_aside:
            return invoice
        return drawn_up(invoice.id, invoice.lines, invoice.created_at, InvoiceStatus.OPEN)

    return _changed(subscription, invoice_id, due)


def failed(subscription: Subscription, invoice_id: InvoiceId, at: datetime) -> Subscription:
    """
    Return it after an attempt on an open invoice came back.

    Past due, with the next try planned; but nothing is overdue while a change waits for that invoice, and it is not
    tried again by itself.
    """
    waits = subscription.pending is not None and subscription.pending.invoice_id == invoice_id

    def missed(invoice: Invoice) -> Invoice:
        since = invoice.failed_at or invoice.created_at
        return attrs.evolve(invoice, failed_at=since, next_attempt_at=None if waits else at + RETRY_AFTER)

    after = _changed(subscription, invoice_id, missed)
    return after if waits else attrs.evolve(after, status=SubscriptionStatus.PAST_DUE)


def closed(subscription: Subscription, invoice_id: InvoiceId, status: InvoiceStatus) -> Subscription:
    """Return it with an invoice paid, written off or voided; active again when nothing else is owed."""

    def ended(invoice: Invoice) -> Invoice:
        failed_at = invoice.failed_at if status is InvoiceStatus.UNCOLLECTIBLE else None
        return attrs.evolve(invoice, status=status, failed_at=failed_at, next_attempt_at=None)

    after = _changed(subscription, invoice_id, ended)
    owing = any(invoice.status is InvoiceStatus.OPEN for invoice in after.invoices)
    waits = after.status in (SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID)
    restored = waits and not owing and status is InvoiceStatus.PAID
    return attrs.evolve(after, status=SubscriptionStatus.ACTIVE) if restored else after


def drawn_up(id: InvoiceId, lines: tuple[InvoiceLine, ...], at: datetime, status: InvoiceStatus) -> Invoice:
    """Return an invoice that nobody tried to collect yet, or that is paid."""
    return Invoice(
        id=id,
        number=id.upper(),
        status=status,
        total_cents=sum(line.amount_cents for line in lines),
        created_at=at,
        lines=lines,
        hosted_url=f"https://pay.test/{id}",
        pdf_url=f"https://pay.test/{id}.pdf",
    )


def _billed(subscription: Subscription, invoice_id: InvoiceId, at: datetime, status: InvoiceStatus) -> Subscription:
    invoice = drawn_up(invoice_id, tuple(_lines(subscription.items, invoice_id)), at, status)
    return attrs.evolve(subscription, invoices=(*subscription.invoices, invoice))


def _lines(items: Iterable[SubscriptionItem], invoice_id: InvoiceId) -> Iterable[InvoiceLine]:
    for number, item in enumerate(items, start=1):
        yield InvoiceLine(
            id=f"{invoice_id}_line_{number}",
            product=item.product,
            quantity=item.quantity,
            amount_cents=item.quantity * item.unit_cents,
            period_start=item.period_start,
            period_end=item.period_end,
        )


def _changed(subscription: Subscription, invoice_id: InvoiceId, change: Callable[[Invoice], Invoice]) -> Subscription:
    invoices = tuple(change(each) if each.id == invoice_id else each for each in subscription.invoices)
    return attrs.evolve(subscription, invoices=invoices)
