"""Subscriptions made over the API: the first invoice is charged at once, and what it comes to decides the status."""

from typing import Any

from smartapp_emulators.stripe import changes, invoicing, payment_methods
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.cards import PROCESSING, SUCCEED
from smartapp_emulators.stripe.drafting import Purpose, draft
from smartapp_emulators.stripe.errors import StripeError, invalid, missing_parameter
from smartapp_emulators.stripe.invoice_shapes import period_line
from smartapp_emulators.stripe.objects import at_most, keep
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.resources.customers import living
from smartapp_emulators.stripe.store import public
from smartapp_emulators.stripe.subscribing import change_status, new_subscription, plan_cancel
from smartapp_emulators.stripe.updating import NO_METHOD

Json = dict[str, Any]

#: How long the first payment may take.
INCOMPLETE_S = 23 * 3600
_MOST_LIVE = 500


def create(account: Account, call: Call) -> Json:
    """
    Make a subscription and charge its first invoice.

    With `payment_behavior` allow_incomplete a payment that fails leaves it `incomplete` for 23 hours;
    error_if_incomplete makes nothing then; default_incomplete does not try.
    """
    if not call.get("customer"):
        raise missing_parameter("customer")
    customer = living(account, call.params["customer"], "customer", status=400)
    _check(account, call, customer)
    behavior = call.get("payment_behavior", "allow_incomplete")
    chosen = call.get("default_payment_method")
    if chosen:
        payment_methods.of_customer(account, chosen, customer["id"], "default_payment_method")
    subscription = new_subscription(account, customer["id"], _wanted(account, call), call.params)
    subscription["default_payment_method"] = chosen
    settings = call.get("payment_settings") or {}
    subscription["payment_settings"] |= settings
    method = invoicing.default_method(account, customer["id"], chosen)
    _first_invoice(account, subscription, method, behavior)
    if call.get("cancel_at_period_end"):
        plan_cancel(account, subscription, at_period_end=True)
    if customer["currency"] is None:
        current = account.find("customer", customer["id"])
        account.store.put("customer", current | {"currency": subscription["currency"]})
    return keep(account, "subscription", subscription, "customer.subscription.created")


def expire_incomplete(account: Account, subscription_id: str) -> None:
    """Give up a subscription whose first invoice was not paid in time."""
    subscription = account.find("subscription", subscription_id)
    invoice = account.store.get("invoice", subscription["latest_invoice"] or "")
    if invoice is not None and invoice["status"] == "open":
        invoicing.void(account, invoice["id"])
    account.store.put("subscription", subscription | {"ended_at": account.now()})
    change_status(account, subscription_id, "incomplete_expired")


def _check(account: Account, call: Call, customer: Json) -> None:
    if not call.get("items"):
        raise missing_parameter("items")
    if call.get("collection_method", "charge_automatically") != "charge_automatically":
        raise invalid("The Stripe emulator offers collection_method=charge_automatically only.", "collection_method")
    at_most(call.params["items"], changes.MOST_ITEMS, "items")
    live = [
        row
        for row in account.store.rows("subscription")
        if row["customer"] == customer["id"] and row["status"] not in {"canceled", "incomplete_expired"}
    ]
    if len(live) >= _MOST_LIVE:
        raise StripeError(f"Customer {customer['id']} has the maximum of {_MOST_LIVE} current subscriptions.")


def _wanted(account: Account, call: Call) -> list[tuple[Json, int, Json]]:
    wanted: list[tuple[Json, int, Json]] = []
    for index, given in enumerate(call.params["items"]):
        where = f"items[{index}]"
        like = wanted[0][0] if wanted else None
        price = changes.usable_price(account, changes.named_price(given, where), like, f"{where}[price]")
        if like is not None and price["recurring"] != like["recurring"]:
            raise invalid("The Stripe emulator does not mix intervals in a subscription.", f"{where}[price]")
        if any(price["id"] == other["id"] for other, _, _ in wanted):
            raise invalid(f"Subscription items must have different prices: {price['id']}.", f"{where}[price]")
        quantity = changes.quantity_of(given.get("quantity", 1), f"{where}[quantity]")
        wanted.append((price, quantity, given.get("metadata") or {}))
    return wanted


def _first_invoice(account: Account, subscription: Json, method: Json | None, behavior: str) -> None:
    items = subscription["items"]["data"]
    lines = [period_line(item, account.find("product", item["price"]["product"])) for item in items]
    drafted = draft(account, subscription, lines, Purpose("subscription_create"))
    invoice = invoicing.finalize(account, drafted["id"])
    if invoice["status"] == "paid":
        return
    subscription["status"] = "incomplete"
    if behavior == "default_incomplete":
        return
    if method is None:
        raise StripeError(NO_METHOD, code="resource_missing")
    said = invoicing.verdict_for(account, method)
    if said not in {SUCCEED, PROCESSING} and behavior == "error_if_incomplete":
        error = payment_methods.declined(said, payment_method=public(method))
        error.keeps_changes = False
        raise error
    invoicing.charge(account, invoice["id"], method, said)
    if said in {SUCCEED, PROCESSING}:
        subscription["status"] = "active"
        if subscription["payment_settings"]["save_default_payment_method"] == "on_subscription":
            subscription["default_payment_method"] = method["id"]
