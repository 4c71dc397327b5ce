"""Bring licenses to what the provider says of the subscription that pays for them."""

from datetime import timedelta

from smartapp_domain.ids import AccountId, SubscriptionId
from smartapp_domain.jobs import JobKind
from smartapp_domain.licensing import agree, settle
from smartapp_domain.ports import Ports
from smartapp_domain.use_cases.collect_again import set_aside_now
from smartapp_domain.use_cases.purchase_trail import note_settled
from smartapp_domain.use_cases.work import soon

#: What is under way has settled by then; what still differs is for people.
SECOND_LOOK = timedelta(minutes=2)
#: A lost notice about a renewal is made good after this.
RESYNC = timedelta(days=1)


def apply_subscription(account_id: AccountId, subscription_id: SubscriptionId, ports: Ports) -> None:
    """
    Fetch a subscription and bring its licenses to what its invoices say; an older answer changes nothing.

    When somebody else stored an answer while this one was on its way, nobody can tell which of the two is later: a job
    asks once more, so that the news this one was fetched for is never lost.
    """
    with ports.reading(account_id) as reading:
        heard = reading.subscriptions.get(subscription_id)
    subscription = ports.payments.subscription(subscription_id)
    with ports.transaction(account_id) as tx:
        if not tx.subscriptions.put(subscription, replacing=heard):
            soon(tx, JobKind.SYNC_SUBSCRIPTION, account_id, subscription_id, ports)
            return
        if subscription.is_live:
            soon(tx, JobKind.SYNC_SUBSCRIPTION, account_id, subscription_id, ports, after=RESYNC)
        held = tx.licenses.of_subscription(subscription_id)
        settled = tuple(settle(each, subscription) for each in held)
        for before, after in zip(held, settled, strict=True):
            if after is not before:
                tx.licenses.put(after, replacing=before.version)
        note_settled(tx, held, settled, ports, since=heard.as_of if heard else ports.clock.now())
        if set_aside_now(subscription):
            soon(tx, JobKind.COLLECT_AGAIN, account_id, subscription_id, ports)
        if subscription.is_live and not agree(subscription, settled, ports.clock.now()):
            soon(tx, JobKind.CHECK_RENEWAL, account_id, subscription_id, ports, after=SECOND_LOOK)
