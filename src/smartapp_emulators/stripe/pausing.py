"""Pausing a subscription on request, and taking it up again: it is billed for nothing in between."""

from typing import Any

from smartapp_emulators.stripe import changes, invoicing, resumption
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.drafting import Purpose, draft
from smartapp_emulators.stripe.errors import StripeError
from smartapp_emulators.stripe.objects import keep
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.periods import period_around
from smartapp_emulators.stripe.store import public
from smartapp_emulators.stripe.subscribing import NEXT, change_status
from smartapp_emulators.stripe.updating import NO_METHOD, withdraw

Json = dict[str, Any]


def pause(account: Account, call: Call) -> Json:
    """Stop billing; what is paid stays paid, a change that waits is given up."""
    subscription = account.find("subscription", call.ids[0])
    if "paused" not in NEXT[subscription["status"]]:
        raise StripeError(f"A subscription that is {subscription['status']} cannot be paused.")
    if subscription["pending_update"]:
        withdraw(account, subscription)
    told = {"subscription": {"type": "pause_requested"}, "transitioned_at": account.now(), "type": "subscription"}
    account.store.put("subscription", subscription | {"status_details": {"paused": told}})
    change_status(account, subscription["id"], "paused")
    after = account.find("subscription", subscription["id"])
    return keep(account, "subscription", after, "customer.subscription.paused")


def resume(account: Account, call: Call) -> Json:
    """
    Take a paused subscription up again.

    With the anchor `now`, the default, all periods begin anew and are charged; `unchanged` charges the rest of the
    period that runs, unless it is the one that was paid. Until the invoice is paid the subscription stays paused.
    """
    subscription = account.find("subscription", call.ids[0])
    if subscription["status"] != "paused":
        raise StripeError("Only a paused subscription can be resumed.")
    change = _change(account, subscription, unchanged=_unchanged(call))
    lines = [*change.full, *change.prorations]
    if not lines:
        return resumption.take_up(account, subscription, change.items, change.anchor)
    drafted = draft(account, subscription, lines, Purpose("subscription_update"))
    resumption.wait(subscription, drafted["id"], change.items, change.anchor)
    account.store.put("subscription", subscription)
    invoice = invoicing.finalize(account, drafted["id"])
    if invoice["status"] == "paid":
        return _shown(account, subscription["id"])
    method = invoicing.method_for(account, invoice)
    if method is None:
        raise StripeError(NO_METHOD, code="resource_missing")
    invoicing.charge(account, invoice["id"], method, invoicing.verdict_for(account, method))
    return _shown(account, subscription["id"])


def _change(account: Account, subscription: Json, *, unchanged: bool) -> changes.Change:
    now = account.now()
    if not unchanged:
        begun = changes.plan(account, subscription, [], now, restart=True)
        return changes.Change(begun.items, (), begun.full, begun.anchor)
    items = public(subscription["items"]["data"])
    if now < items[0]["current_period_end"]:
        return changes.Change(items, ())
    for item in items:
        start, end = period_around(subscription["billing_cycle_anchor"], now, item["price"]["recurring"])
        item |= {"current_period_start": start, "current_period_end": end}
    return changes.Change(items, changes.charges_from(account, items, now))


def _unchanged(call: Call) -> bool:
    return (call.get("billing_cycle_anchor") or {}).get("type") == "unchanged"


def _shown(account: Account, identifier: str) -> Json:
    shown: Json = public(account.find("subscription", identifier))
    return shown
