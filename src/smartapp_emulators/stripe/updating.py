"""Changing the items of a running subscription: at once, with the next invoice, or when it is paid."""

from typing import Any

from smartapp_emulators.stripe import invoice_items, invoicing, payment_methods
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.cards import SUCCEED
from smartapp_emulators.stripe.changes import Change, plan
from smartapp_emulators.stripe.drafting import Purpose, draft
from smartapp_emulators.stripe.errors import StripeError, invalid
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.subscribing import PENDING_ALLOWS, drop_pending, items_list, wait_for

Json = dict[str, Any]

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 24 * 3600
_INVOICES_A_MINUTE, _INVOICES_A_DAY, _UPDATES_AN_HOUR = 10, 20, 200

#: Stripe's answer when there is nothing to charge.
NO_METHOD = (
    "This customer has no attached payment source or default payment method. Please consider adding a default payment "
    "method. For more information, visit "
    "https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority."
)


def change_items(account: Account, subscription: Json, call: Call) -> None:
    """
    Change items to absolute quantities and prices, or begin their periods anew; `subscription` is changed in place.

    `proration_behavior` none changes the next invoice only; create_prorations lets charge and credit wait for it;
    always_invoice invoices them now. With `payment_behavior` pending_if_incomplete, a payment that fails leaves the
    items as they were and the change waiting for its invoice.
    """
    behavior = call.get("payment_behavior", "allow_incomplete")
    _check(call, behavior)
    _count_update(account, subscription)
    if subscription["pending_update"]:
        withdraw(account, subscription)
    at = call.get("proration_date") or account.now()
    check_moment(subscription, at)
    change = plan(account, subscription, call.get("items") or [], at, restart=restarts(call.params))
    prorated = call.get("proration_behavior", "create_prorations")
    hold(account, subscription, change, prorated)
    if change.at_once or (prorated == "always_invoice" and change.prorations):
        _invoice_now(account, subscription, change, behavior)
    else:
        apply(subscription, change)


def restarts(params: Json) -> bool:
    """Tell whether parameters ask for all periods to begin anew, and refuse what cannot go with that."""
    now = (params.get("billing_cycle_anchor") or {}).get("type") == "now"
    if now and params.get("proration_date"):
        raise invalid("You cannot pass proration_date together with billing_cycle_anchor=now.", "proration_date")
    return now


def hold(account: Account, subscription: Json, change: Change, prorated: str) -> None:
    """Let the prorations of a change wait for an invoice; with `none` nothing is credited."""
    for line in change.prorations:
        if prorated != "none" or (change.at_once and line.amount > 0):
            invoice_items.hold(account, subscription, line)


def apply(subscription: Json, change: Change) -> None:
    """Give a subscription the items of a change, in place."""
    subscription["items"] = items_list(subscription["id"], list(change.items))
    if change.anchor is not None:
        subscription["billing_cycle_anchor"] = change.anchor


def _check(call: Call, behavior: str) -> None:
    if behavior == "default_incomplete":
        raise invalid("The Stripe emulator does not emulate payment_behavior=default_incomplete.", "payment_behavior")
    if behavior != "pending_if_incomplete":
        return
    for name in call.params:
        if name not in PENDING_ALLOWS:
            raise invalid(f"You cannot pass {name} with payment_behavior=pending_if_incomplete.", name)
    if call.get("proration_behavior") != "always_invoice":
        message = "payment_behavior=pending_if_incomplete needs an invoice now: proration_behavior=always_invoice."
        raise invalid(message, "payment_behavior")


def check_moment(subscription: Json, at: int) -> None:
    """Refuse to prorate from a moment outside of the current period."""
    first = subscription["items"]["data"][0]
    if not first["current_period_start"] <= at <= first["current_period_end"]:
        message = "Cannot specify a proration_date outside of the subscription's current period."
        raise invalid(message, "proration_date")


def _invoice_now(account: Account, subscription: Json, change: Change, behavior: str) -> None:
    _count_invoice(account, subscription)
    drafted = draft(account, subscription, change.full, Purpose("subscription_update"))
    invoice = invoicing.finalize(account, drafted["id"])
    method, verdict = None, SUCCEED
    if invoice["status"] == "open":
        method = invoicing.method_for(account, invoice)
        if method is None:
            raise StripeError(NO_METHOD, code="resource_missing")
        verdict = invoicing.verdict_for(account, method)
    if verdict != SUCCEED and behavior == "error_if_incomplete":
        error = payment_methods.declined(verdict)
        error.keeps_changes = False
        raise error
    if verdict != SUCCEED and behavior == "pending_if_incomplete":
        wait_for(account, subscription, list(change.items), invoice["id"], anchor=change.anchor)
    else:
        apply(subscription, change)
    account.store.put("subscription", subscription)
    if method is not None:
        invoicing.charge(account, invoice["id"], method, verdict)
    subscription |= account.find("subscription", subscription["id"])


def withdraw(account: Account, subscription: Json) -> None:
    """Give up a change that was waiting, and void its invoice; `subscription` is changed in place."""
    invoice = subscription["_waits_for"]
    drop_pending(subscription)
    invoicing.void(account, invoice)
    invoice_items.discard(account, invoice)


def expire_pending(account: Account, subscription_id: str) -> None:
    """Give up a change whose invoice was not paid in time."""
    subscription = account.find("subscription", subscription_id)
    withdraw(account, subscription)
    account.store.put("subscription", subscription)
    account.emit("customer.subscription.pending_update_expired", subscription)


def _count_update(account: Account, subscription: Json) -> None:
    now = account.now()
    recent = [at for at in subscription.get("_updates", []) if at > now - _HOUR_S]
    if len(recent) >= _UPDATES_AN_HOUR:
        raise _too_many(f"{_UPDATES_AN_HOUR} quantity updates in an hour")
    subscription["_updates"] = [*recent, now]


def _count_invoice(account: Account, subscription: Json) -> None:
    now, identifier = account.now(), subscription["id"]
    made = [row["created"] for row in account.store.rows("invoice") if invoicing.subscription_of(row) == identifier]
    if sum(at > now - _MINUTE_S for at in made) >= _INVOICES_A_MINUTE:
        raise _too_many(f"{_INVOICES_A_MINUTE} new invoices in a minute")
    if sum(at > now - _DAY_S for at in made) >= _INVOICES_A_DAY:
        raise _too_many(f"{_INVOICES_A_DAY} new invoices in a day")


def _too_many(what: str) -> StripeError:
    return StripeError(f"This subscription has reached its limit of {what}.", status=429, code="rate_limit")
