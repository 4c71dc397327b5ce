"""Changing the quantities of a running subscription."""

from typing import Any

from smartapp_emulators.stripe import invoicing, payments, prorations
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.errors import StripeError, card_error, invalid, missing_parameter
from smartapp_emulators.stripe.objects import at_most, merge_metadata
from smartapp_emulators.stripe.operations import Call

Json = dict[str, Any]

_MOST_ITEMS = 20
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 24 * 3600
_INVOICES_A_MINUTE, _INVOICES_A_DAY, _UPDATES_AN_HOUR = 10, 20, 200


def change_items(account: Account, subscription: Json, call: Call) -> None:
    """
    Set absolute quantities.

    `proration_behavior` none changes the next invoice only; always_invoice charges or credits the rest of the period at
    once. The default, create_prorations, would leave items waiting for the next invoice and is refused for now.
    """
    wanted = call.params["items"]
    at_most(wanted, _MOST_ITEMS, "items")
    behavior = call.get("proration_behavior", "create_prorations")
    if behavior == "create_prorations":
        message = "The Stripe emulator offers proration_behavior none and always_invoice; the default is not emulated."
        raise invalid(message, "proration_behavior")
    _count_update(account, subscription)
    at = call.get("proration_date") or account.now()
    lines: list[invoicing.Line] = []
    for index, given in enumerate(wanted):
        item = _named(subscription, given, index)
        if "quantity" in given and given["quantity"] != item["quantity"]:
            product = account.find("product", item["price"]["product"])
            lines += prorations.lines(item, product, given["quantity"], at)
            item["quantity"] = given["quantity"]
        merge_metadata(item, given.get("metadata"))
    if behavior == "always_invoice" and lines:
        _invoice_now(account, subscription, lines, call)


def _invoice_now(account: Account, subscription: Json, lines: list[invoicing.Line], call: Call) -> None:
    _count_invoice(account, subscription)
    account.store.put("subscription", subscription)
    drafted = invoicing.draft(account, subscription, lines, "subscription_update", finalizes_at=None)
    account.store.put("subscription", subscription)
    invoice = invoicing.finalize(account, drafted["id"])
    if invoice["status"] == "paid":
        return
    method = invoicing.method_for(account, invoice)
    verdict = invoicing.verdict_for(account, method) if method else "generic_decline"
    if method is None:
        raise StripeError(NO_METHOD, code="resource_missing")
    if verdict != "succeed" and call.get("payment_behavior") == "error_if_incomplete":
        told = payments.refusal(verdict)
        error = card_error(told["code"], told["message"], told["decline_code"])
        error.keeps_changes = False
        raise error
    invoicing.charge(account, invoice["id"], method, verdict)
    subscription["status"] = account.find("subscription", subscription["id"])["status"]


#: Stripe's answer when there is nothing to charge.
NO_METHOD = (
    "This customer has no attached payment source or default payment method. "
    "Please consider adding a default payment method."
)


def _named(subscription: Json, given: Json, index: int) -> Json:
    identifier = given.get("id")
    if not identifier:
        raise missing_parameter(f"items[{index}][id]")
    for item in subscription["items"]["data"]:
        if item["id"] == identifier:
            found: Json = item
            return found
    raise StripeError(
        f"No such subscription_item: '{identifier}'", code="resource_missing", param=f"items[{index}][id]"
    )


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
