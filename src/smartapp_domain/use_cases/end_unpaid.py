"""What is left of an order that was closed: its subscription is ended when nothing was paid, else people are told."""

from datetime import timedelta
from typing import Final

from smartapp_domain.billing import InvoiceStatus, Subscription
from smartapp_domain.ids import AccountId, OrderId, SubscriptionId
from smartapp_domain.jobs import JobKind
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import Transaction
from smartapp_domain.use_cases.work import for_people, soon

#: How long to wait while a bank works on an invoice of it once more.
BANK_WORKS: Final = timedelta(days=1)


def is_left_over(order: Order) -> bool:
    """Tell whether what an order began has no business at the provider any more."""
    return order.state is OrderState.CLOSED and order.extends is None


def end_unpaid(account_id: AccountId, subscription_id: SubscriptionId, ports: Ports) -> None:
    """
    End the subscription of an order that was closed unpaid; leave any other as it is (docs/domain.md L-34).

    What took money is not touched: people are told. While a bank works on it, it is looked at again a day later.
    """
    order_id = ports.payments.subscription(subscription_id).order_id
    if order_id is None or not _may_end(account_id, subscription_id, order_id, ports):
        return
    left = ports.payments.end_unpaid(subscription_id)
    with ports.transaction(account_id) as tx:
        if any(invoice.status is InvoiceStatus.PAID and invoice.total_cents for invoice in left.invoices):
            report_closed_but_paid(tx, tx.orders.get(order_id), _paid(left), subscription_id, ports)
        elif left.is_live:
            soon(tx, JobKind.END_UNPAID, account_id, subscription_id, ports, after=BANK_WORKS)


def _may_end(account_id: AccountId, subscription_id: SubscriptionId, order_id: OrderId, ports: Ports) -> bool:
    with ports.reading(account_id) as reading:
        licensed = reading.subscriptions.get(subscription_id) is not None
        return not licensed and is_left_over(reading.orders.get(order_id))


def _paid(subscription: Subscription) -> str:
    return ", ".join(each.id for each in subscription.invoices if each.status is InvoiceStatus.PAID)


def report_closed_but_paid(
    tx: Transaction, order: Order, paid: str, subscription_id: SubscriptionId | None, ports: Ports
) -> None:
    """Tell people what money was taken for an order that was closed; `paid` is the provider's name of it."""
    for_people(
        tx,
        order.account_id,
        f"closed:{order.id}",
        f"Order {order.id} was given up, but {paid} was paid for it (subscription {subscription_id}). "
        "Nothing was licensed. Refund it, or grant by hand what it names.",
        ports,
    )
