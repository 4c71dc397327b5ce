"""What a wish to change a subscription's items comes to: the items wanted and the cost. Nothing is stored."""

import copy
from collections.abc import Sequence
from typing import Any

import attrs

from smartapp_emulators.stripe import invoicing, prorations
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.errors import StripeError, invalid, missing_parameter
from smartapp_emulators.stripe.invoice_shapes import Line
from smartapp_emulators.stripe.objects import at_most, merge_metadata
from smartapp_emulators.stripe.subscribing import new_item

Json = dict[str, Any]

_MOST_ITEMS = 20


@attrs.frozen
class Change:
    """The items a subscription would have, and the prorations from one moment on."""

    items: Sequence[Json]
    lines: Sequence[Line]


def plan(account: Account, subscription: Json, wanted: Sequence[Json], at: int) -> Change:
    """
    Work out a change to absolute quantities, to other prices, with new or without former items.

    Args:
        account: The account.
        subscription: As it is.
        wanted: The parameter `items`.
        at: The moment prorations count from, unix seconds.

    Raises:
        StripeError: An entry names no item, no price, or a price that does not fit.
    """
    at_most(list(wanted), _MOST_ITEMS, "items")
    items: list[Json] = copy.deepcopy(subscription["items"]["data"])
    lines: list[Line] = []
    for index, given in enumerate(wanted):
        if given.get("id"):
            lines += _changed(account, items, given, f"items[{index}]", at)
        else:
            added = _added(account, subscription, given, f"items[{index}]")
            items.append(added)
            lines.append(prorations.charge(added, _name(account, added), at))
    at_most(items, _MOST_ITEMS, "items")
    if not items:
        raise StripeError("A subscription must have at least one item. Cancel it instead.")
    return Change(items, lines)


def _changed(account: Account, items: list[Json], given: Json, where: str, at: int) -> list[Line]:
    item = next((item for item in items if item["id"] == given["id"]), None)
    if item is None:
        message = f"No such subscription_item: '{given['id']}'"
        raise StripeError(message, code="resource_missing", param=f"{where}[id]")
    before = copy.deepcopy(item)
    merge_metadata(item, given.get("metadata"))
    if given.get("price"):
        item["price"] = _price(account, given["price"], before["price"], f"{where}[price]")
    if "quantity" in given:
        item["quantity"] = _quantity(given["quantity"], f"{where}[quantity]", least=0)
    name = _name(account, before)
    back = prorations.credit(before, name, at, _paid_by(account, item["id"]))
    if given.get("deleted"):
        items.remove(item)
        return [back]
    if (item["quantity"], item["price"]["id"]) == (before["quantity"], before["price"]["id"]):
        return []
    return [back, prorations.charge(item, _name(account, item), at)]


def _added(account: Account, subscription: Json, given: Json, where: str) -> Json:
    if not given.get("price"):
        raise missing_parameter(f"{where}[price]")
    others = subscription["items"]["data"]
    price = _price(account, given["price"], others[0]["price"], f"{where}[price]")
    if any(item["price"]["id"] == price["id"] for item in others):
        message = f"An existing Subscription Item is already using this Price: {price['id']}"
        raise invalid(message, f"{where}[price]")
    quantity = _quantity(given.get("quantity", 1), f"{where}[quantity]", least=0)
    anchor = subscription["billing_cycle_anchor"]
    item = new_item(account, subscription["id"], price, quantity, metadata=given.get("metadata") or {}, anchor=anchor)
    # It renews with the others, and its share is measured against their whole period.
    period = {name: others[0][name] for name in ("current_period_start", "current_period_end")}
    return item | period


def _price(account: Account, identifier: str, like: Json, where: str) -> Json:
    price = account.find("price", identifier, where, status=400)
    if not price["active"]:
        raise invalid(f"The price specified is inactive: {price['id']}.", where)
    if price["currency"] != like["currency"]:
        raise invalid("All prices of a subscription need the same currency.", where)
    if price["recurring"] != like["recurring"]:
        raise invalid("The Stripe emulator does not change the interval of a subscription.", where)
    return price


def _quantity(value: Any, where: str, *, least: int) -> int:
    if not isinstance(value, int) or value < least:
        raise invalid(f"This value must be greater than or equal to {least}.", where, "parameter_invalid_integer")
    return value


def _name(account: Account, item: Json) -> str:
    name: str = account.find("product", item["price"]["product"])["name"]
    return name


def _paid_by(account: Account, item_id: str) -> tuple[str, str] | None:
    """Return the newest invoice line that charged for an item."""
    for invoice in reversed(list(account.store.rows("invoice"))):
        for line in invoice["lines"]["data"]:
            details = (line["parent"] or {}).get("subscription_item_details") or {}
            if details.get("subscription_item") == item_id and line["amount"] > 0 and invoicing.counts(invoice):
                return invoice["id"], line["id"]
    return None
