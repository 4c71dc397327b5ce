"""Which payment method a customer is charged with unless something else is said."""

from typing import Any

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.objects import changed, keep
from smartapp_emulators.stripe.settings import setting
from smartapp_emulators.stripe.store import public
from smartapp_emulators.stripe.subscribing import FINAL, update_event

Json = dict[str, Any]


def make_default(account: Account, customer_id: str, method_id: str | None, *, subscriptions: bool) -> None:
    """Set a customer's default, and with `subscriptions` also that of every subscription that has one of its own."""
    customer = account.find("customer", customer_id)
    before = public(customer)
    customer["invoice_settings"]["default_payment_method"] = method_id
    previous = changed(before, customer)
    keep(account, "customer", customer, "customer.updated" if previous else None, previous)
    for row in account.store.rows("subscription") if subscriptions else ():
        if row["customer"] == customer_id and row["status"] not in FINAL and row["default_payment_method"]:
            update_event(account, public(row), row | {"default_payment_method": method_id})


def from_portal(account: Account, customer_id: str, method_id: str) -> None:
    """Make default what a customer chose in the billing portal, of as much as the account's setting says."""
    both = setting(account, "portal_card") == "customer_and_subscriptions"
    make_default(account, customer_id, method_id, subscriptions=both)
