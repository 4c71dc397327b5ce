"""What a wish to change a subscription's items comes to: the items wanted and the cost. Nothing is stored."""

import copy
from collections.abc import Sequence
from typing import Any

import attrs

from smartapp_emulators.stripe import invoicing, prorations
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.errors import StripeError, invalid, missing_parameter
from smartapp_emulators.stripe.invoice_shapes import Line, period_line
from smartapp_emulators.stripe.objects import at_most, merge_metadata
from smartapp_emulators.stripe.periods import period_around, period_end
from smartapp_emulators.stripe.subscribing import new_item

Json = dict[str, Any]

MOST_ITEMS = 20


@attrs.frozen
class Change:
    """
    The items a subscription would have, and what that costs from one moment on.

    Prorations may wait for the next invoice; `full` lines pay whole new periods, and with an `anchor` all periods begin
    anew at it. `at_once` tells that the interval changes, which is invoiced whatever was asked for.
    """

    items: Sequence[Json]
    prorations: Sequence[Line]
    full: Sequence[Line] = ()
    anchor: int | None = None
    at_once: bool = False


def plan(account: Account, subscription: Json, wanted: Sequence[Json], at: int, *, restart: bool = False) -> Change:
    """
    Work out a change to absolute quantities, to other prices, with new or without former items.

    Where the interval changes, a flexible subscription keeps its billing cycle anchor (recorded from the provider in
    November 2025), a classic one begins anew.

    Args:
        account: The account.
        subscription: As it is.
        wanted: The parameter `items`.
        at: The moment prorations count from, unix seconds.
        restart: Begin all periods anew at that moment.

    Raises:
        StripeError: An entry names no item, no price, or a price that does not fit.
    """
    at_most(list(wanted), MOST_ITEMS, "items")
    before: list[Json] = subscription["items"]["data"]
    items = _wanted_items(account, subscription, wanted)
    if not items:
        raise StripeError("A subscription must have at least one item. Cancel it instead.")
    at_most(items, MOST_ITEMS, "items")
    _same_interval(items)
    other = items[0]["price"]["recurring"] != before[0]["price"]["recurring"]
    if restart or (other and subscription["billing_mode"]["type"] == "classic"):
        return _restarted(account, before, items, at)
    for item in items:
        _place(subscription, item, before, at, other=other)
    return Change(items, _lines(account, before, items, at), at_once=other)


def named_price(given: Json, where: str) -> str:
    """Return the price an entry names, under its own or its older name; refuse when it names none."""
    named: str | None = given.get("price") or given.get("plan")
    if not named:
        raise missing_parameter(f"{where}[price]")
    return named


def usable_price(account: Account, identifier: str, like: Json | None, where: str) -> Json:
    """Return a price a subscription may have, in the currency of `like`."""
    price = account.find("price", identifier, where, status=400)
    if not price["active"]:
        raise invalid(f"The price specified is inactive: {price['id']}.", where)
    if price["recurring"] is None:
        message = (
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`."
        )
        raise invalid(message, where)
    if like is not None and price["currency"] != like["currency"]:
        raise invalid("All prices of a subscription need the same currency.", where)
    return price


def quantity_of(value: Any, where: str) -> int:
    if not isinstance(value, int) or value < 0:
        raise invalid("This value must be greater than or equal to 0.", where, "parameter_invalid_integer")
    return value


def charges_from(account: Account, items: Sequence[Json], at: int) -> list[Line]:
    """Return what the rest of the items' periods costs from a moment on."""
    return [prorations.charge(item, _name(account, item), at) for item in items]


def _wanted_items(account: Account, subscription: Json, wanted: Sequence[Json]) -> list[Json]:
    items: list[Json] = copy.deepcopy(subscription["items"]["data"])
    like = items[0]["price"]
    for index, given in enumerate(wanted):
        where = f"items[{index}]"
        if given.get("id"):
            _change(account, items, given, where, like)
        else:
            items.append(_added(account, subscription, items, given, where))
    return items


def _change(account: Account, items: list[Json], given: Json, where: str, like: Json) -> None:
    item = next((item for item in items if item["id"] == given["id"]), None)
    if item is None:
        message = f"No such subscription_item: '{given['id']}'"
        raise StripeError(message, code="resource_missing", param=f"{where}[id]")
    merge_metadata(item, given.get("metadata"))
    if given.get("price") or given.get("plan"):
        item["price"] = usable_price(account, named_price(given, where), like, f"{where}[price]")
    if "quantity" in given:
        item["quantity"] = quantity_of(given["quantity"], f"{where}[quantity]")
    if given.get("deleted"):
        items.remove(item)


def _added(account: Account, subscription: Json, items: list[Json], given: Json, where: str) -> Json:
    price = usable_price(
        account, named_price(given, where), subscription["items"]["data"][0]["price"], f"{where}[price]"
    )
    if any(item["price"]["id"] == price["id"] for item in items):
        message = f"An existing Subscription Item is already using this Price: {price['id']}"
        raise invalid(message, f"{where}[price]")
    quantity = quantity_of(given.get("quantity", 1), f"{where}[quantity]")
    anchor, metadata = subscription["billing_cycle_anchor"], given.get("metadata") or {}
    return new_item(account, subscription["id"], price, quantity, metadata=metadata, anchor=anchor)


def _same_interval(items: Sequence[Json]) -> None:
    recurring = items[0]["price"]["recurring"]
    for item in items:
        if item["price"]["recurring"] != recurring:
            raise invalid("The Stripe emulator does not mix intervals in a subscription.", "items")


def _place(subscription: Json, item: Json, before: Sequence[Json], at: int, *, other: bool) -> None:
    """Give an item the period it shares with the others: theirs, or the one of its new interval around the change."""
    if other:
        start, end = period_around(subscription["billing_cycle_anchor"], at, item["price"]["recurring"])
    else:
        start, end = before[0]["current_period_start"], before[0]["current_period_end"]
    item |= {"current_period_start": start, "current_period_end": end}


def _lines(account: Account, before: Sequence[Json], items: Sequence[Json], at: int) -> list[Line]:
    wanted = {item["id"]: item for item in items}
    lines = []
    for was in before:
        becomes = wanted.pop(was["id"], None)
        if becomes is None or _priced(was) != _priced(becomes):
            lines.append(prorations.credit(was, _name(account, was), at, _paid_by(account, was["id"])))
            lines += [prorations.charge(becomes, _name(account, becomes), at)] if becomes else []
    return [*lines, *charges_from(account, list(wanted.values()), at)]


def _restarted(account: Account, before: Sequence[Json], items: list[Json], at: int) -> Change:
    for item in items:
        ends = period_end(at, at, item["price"]["recurring"])
        item |= {"current_period_start": at, "current_period_end": ends}
    back = [prorations.credit(was, _name(account, was), at, _paid_by(account, was["id"])) for was in before]
    full = [period_line(item, account.find("product", item["price"]["product"])) for item in items]
    return Change(items, back, full, anchor=at, at_once=True)


def _priced(item: Json) -> tuple[int, str]:
    return item["quantity"], item["price"]["id"]


def _name(account: Account, item: Json) -> str:
    name: str = account.find("product", item["price"]["product"])["name"]
    return name


def _paid_by(account: Account, item_id: str) -> tuple[str, str] | None:
    """Return the newest invoice line that charged for an item."""
    for invoice in reversed(list(account.store.rows("invoice"))):
        for line in invoice["lines"]["data"]:
            details = (line["parent"] or {}).get("subscription_item_details") or {}
            if details.get("subscription_item") == item_id and _charges(line, details) and invoicing.counts(invoice):
                return invoice["id"], line["id"]
    return None


def _charges(line: Json, details: Json) -> bool:
    """Tell a charge from a credit, also where both are 0 because the price is."""
    return bool(line["amount"] >= 0 and not (details.get("proration_details") or {}).get("credited_items"))
