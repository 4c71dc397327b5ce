"""Subscriptions: made, changed in status, canceled. Which status may follow which is a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.objects import changed, keep
from smartapp_emulators.stripe.periods import period_end
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]

#: Every legal change of status; `canceled` and `incomplete_expired` are final.
NEXT: Mapping[str, frozenset[str]] = {
    "incomplete": frozenset({"active", "incomplete_expired", "canceled"}),
    "trialing": frozenset({"active", "past_due", "canceled"}),
    "active": frozenset({"past_due", "unpaid", "paused", "canceled"}),
    "past_due": frozenset({"active", "unpaid", "paused", "canceled"}),
    "paused": frozenset({"active", "canceled"}),
    "unpaid": frozenset({"active", "canceled"}),
    "canceled": frozenset(),
    "incomplete_expired": frozenset(),
}

#: What may come with `payment_behavior=pending_if_incomplete`.
PENDING_ALLOWS = frozenset(
    {
        "billing_cycle_anchor",
        "expand",
        "items",
        "metadata",
        "off_session",
        "payment_behavior",
        "proration_behavior",
        "proration_date",
    }
)

#: How long a change waits for its payment.
_PENDING_S = 23 * 3600

FINAL = frozenset(status for status, following in NEXT.items() if not following)


#: What a new subscription has not: not yet, or because nothing here can give it.
_UNSET = (
    "application",
    "application_fee_percent",
    "billing_cycle_anchor_config",
    "billing_thresholds",
    "cancel_at",
    "canceled_at",
    "customer_account",
    "days_until_due",
    "default_payment_method",
    "default_source",
    "ended_at",
    "latest_invoice",
    "next_pending_invoice_item_invoice",
    "on_behalf_of",
    "pause_collection",
    "pending_invoice_item_interval",
    "pending_setup_intent",
    "pending_update",
    "schedule",
    "status_details",
    "test_clock",
    "transfer_data",
    "trial_end",
    "trial_start",
)


def new_subscription(account: Account, customer: str, wanted: Sequence[tuple[Json, int, Json]], given: Json) -> Json:
    """
    Return an active subscription that is not stored yet.

    Args:
        account: The account.
        customer: Whose it is.
        wanted: Price, quantity and metadata of each item.
        given: Parameters such as `metadata`, `billing_mode` and `description`.
    """
    identifier, now = new_id("sub"), account.now()
    items = [
        new_item(account, identifier, price, quantity, metadata=metadata, anchor=now)
        for price, quantity, metadata in wanted
    ]
    return {
        **dict.fromkeys(_UNSET),
        **_habits(),
        "id": identifier,
        "object": "subscription",
        "billing_cycle_anchor": now,
        "billing_mode": _billing_mode(given, now),
        "created": now,
        "currency": wanted[0][0]["currency"],
        "customer": customer,
        "description": given.get("description") or None,
        "items": items_list(identifier, items),
        "livemode": False,
        "metadata": dict(given.get("metadata") or {}),
        "start_date": now,
        "status": "active",
    }


def _habits() -> Json:
    """Return how every subscription here is taxed, collected and ended, until it is changed."""
    return {
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "default_tax_rates": [],
        "discounts": [],
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
    }


def _billing_mode(given: Json, now: int) -> Json:
    mode = (given.get("billing_mode") or {}).get("type", "flexible")
    flexible = {"proration_discounts": "included"} if mode == "flexible" else None
    return {"flexible": flexible, "type": mode, "updated_at": now}


def new_item(account: Account, subscription: str, price: Json, quantity: int, *, metadata: Json, anchor: int) -> Json:
    """Return an item whose period holds the present moment and ends with the subscription's others."""
    now = account.now()
    return {
        "id": new_id("si"),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": now,
        "current_period_end": period_end(anchor, now, price["recurring"]),
        "current_period_start": now,
        "discounts": [],
        "metadata": dict(metadata),
        "price": public(price),
        "quantity": quantity,
        "subscription": subscription,
        "tax_rates": [],
    }


def items_list(subscription: str, items: list[Json]) -> Json:
    url = f"/v1/subscription_items?subscription={subscription}"
    return {"object": "list", "data": items, "has_more": False, "total_count": len(items), "url": url}


def change_status(account: Account, identifier: str, status: str) -> None:
    """Move a subscription to another status; staying where it is says nothing."""
    subscription = account.find("subscription", identifier)
    before = subscription["status"]
    if status == before:
        return
    if status not in NEXT[before]:
        raise ValueError(f"A subscription cannot go from {before} to {status}.")
    keep(
        account, "subscription", {**subscription, "status": status}, "customer.subscription.updated", {"status": before}
    )


def cancel_now(account: Account, identifier: str, *, reason: str, details: Json | None = None) -> Json:
    """End a subscription at once; open invoices of it are no longer tried."""
    subscription = account.find("subscription", identifier)
    now = account.now()
    told = {**subscription["cancellation_details"], "reason": reason, **(details or {})}
    subscription |= {
        "status": "canceled",
        "canceled_at": subscription["canceled_at"] or now,
        "ended_at": now,
        "cancellation_details": told,
        "pending_update": None,
    }
    _stop_collecting(account, identifier)
    return keep(account, "subscription", subscription, "customer.subscription.deleted")


def plan_cancel(account: Account, subscription: Json, *, at_period_end: bool) -> None:
    """Let a subscription end with its period, or take that back."""
    if at_period_end == subscription["cancel_at_period_end"]:
        return
    ends = min(item["current_period_end"] for item in subscription["items"]["data"])
    subscription |= {
        "cancel_at_period_end": at_period_end,
        "cancel_at": ends if at_period_end else None,
        "canceled_at": account.now() if at_period_end else None,
    }
    subscription["cancellation_details"]["reason"] = "cancellation_requested" if at_period_end else None


def wait_for(
    account: Account, subscription: Json, items: list[Json], invoice_id: str, *, anchor: int | None = None
) -> None:
    """Let a change of items wait until its invoice is paid, 23 hours at most and not beyond the period."""
    ends = min(item["current_period_end"] for item in subscription["items"]["data"])
    subscription["_waits_for"] = invoice_id
    subscription["pending_update"] = {
        "billing_cycle_anchor": anchor,
        "discount": None,
        "discounts": None,
        "expires_at": min(account.now() + _PENDING_S, ends),
        "metadata": None,
        "subscription_items": items,
        "trial_end": None,
        "trial_from_plan": None,
    }


def waits_for(subscription: Json, invoice_id: str) -> bool:
    """Tell whether a change of the subscription waits for this invoice."""
    return bool(subscription["pending_update"]) and subscription.get("_waits_for") == invoice_id


def drop_pending(subscription: Json) -> None:
    subscription |= {"pending_update": None, "_waits_for": None}


def apply_pending(account: Account, subscription: Json) -> None:
    """Do what was waiting: its invoice is paid."""
    before = public(subscription)
    pending = subscription["pending_update"]
    subscription["items"] = items_list(subscription["id"], pending["subscription_items"])
    if pending["billing_cycle_anchor"] is not None:
        subscription["billing_cycle_anchor"] = pending["billing_cycle_anchor"]
    drop_pending(subscription)
    keep(account, "subscription", subscription, "customer.subscription.pending_update_applied")
    account.emit("customer.subscription.updated", subscription, changed(before, subscription))


def update_event(account: Account, before: Json, after: Json) -> Json:
    """Store a changed subscription, with an event when the change shows."""
    previous = changed(before, after)
    return keep(account, "subscription", after, "customer.subscription.updated" if previous else None, previous)


def _stop_collecting(account: Account, identifier: str) -> None:
    for row in account.store.rows("invoice"):
        details = (row["parent"] or {}).get("subscription_details") or {}
        if details.get("subscription") == identifier and row["status"] in {"draft", "open"}:
            account.store.put("invoice", {**row, "auto_advance": False, "next_payment_attempt": None})
