"""Whoever pays the invoice that stopped everything gets everything back: the running period is collected again."""

from smartapp_domain.billing import Invoice, InvoiceStatus, Subscription, SubscriptionStatus
from smartapp_domain.ids import AccountId, SubscriptionId
from smartapp_domain.jobs import JobKind
from smartapp_domain.ports import Ports
from smartapp_domain.use_cases.work import soon


def set_aside_now(subscription: Subscription) -> Invoice | None:
    """Return what `running_draft` finds, once nothing older is owed (docs/domain.md L-46)."""
    owes = any(invoice.status is InvoiceStatus.OPEN and invoice.failed_at for invoice in subscription.invoices)
    if owes or not subscription.is_live or subscription.status is SubscriptionStatus.PAUSED:
        return None
    return running_draft(subscription)


def running_draft(subscription: Subscription) -> Invoice | None:
    """
    Return the invoice of the running period that the provider has set aside.

    Periods that passed meanwhile are nobody's wish any more: their drafts stay aside.
    """
    end = subscription.period_end
    aside = (invoice for invoice in reversed(subscription.invoices) if invoice.is_set_aside)
    return next((invoice for invoice in aside if any(line.period_end == end for line in invoice.lines)), None)


def collect_again(account_id: AccountId, subscription_id: SubscriptionId, ports: Ports) -> None:
    """Have the running period collected if it is still set aside, and look at what that makes of the licenses."""
    aside = set_aside_now(ports.payments.subscription(subscription_id))
    if aside is None:
        return
    ports.payments.collect_again(subscription_id, aside.id)
    with ports.transaction(account_id) as tx:
        soon(tx, JobKind.SYNC_SUBSCRIPTION, account_id, subscription_id, ports)
