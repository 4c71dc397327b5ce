"""The moment a paused subscription is active again: at once, or when the invoice it waited for is paid."""

from collections.abc import Sequence
from typing import Any

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.objects import keep
from smartapp_emulators.stripe.subscribing import change_status, items_list

Json = dict[str, Any]


def wait(subscription: Json, invoice_id: str, items: Sequence[Json], anchor: int | None) -> None:
    """Let a resumption wait for its invoice; `subscription` is changed in place."""
    subscription["_resuming"] = {"invoice": invoice_id, "items": list(items), "anchor": anchor}


def paid(account: Account, subscription: Json, invoice_id: str) -> None:
    """Take up a subscription if it was waiting for this invoice."""
    waiting = subscription.get("_resuming")
    if subscription["status"] == "paused" and waiting and waiting["invoice"] == invoice_id:
        take_up(account, subscription, waiting["items"], waiting["anchor"])


def take_up(account: Account, subscription: Json, items: Sequence[Json], anchor: int | None) -> Json:
    """Make a paused subscription active with the periods it goes on with."""
    subscription |= {
        "items": items_list(subscription["id"], list(items)),
        "status_details": None,
        "_resuming": None,
    }
    if anchor is not None:
        subscription["billing_cycle_anchor"] = anchor
    account.store.put("subscription", subscription)
    change_status(account, subscription["id"], "active")
    after = account.find("subscription", subscription["id"])
    return keep(account, "subscription", after, "customer.subscription.resumed")
