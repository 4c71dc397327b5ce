"""Subscriptions and their items over the API."""

from typing import Any

from smartapp_emulators.stripe import creating, payment_methods
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.errors import StripeError, invalid, not_emulated
from smartapp_emulators.stripe.listing import created_in, page
from smartapp_emulators.stripe.objects import merge_metadata
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.store import public
from smartapp_emulators.stripe.subscribing import FINAL, cancel_now, plan_cancel, update_event
from smartapp_emulators.stripe.updating import change_items, restarts

Json = dict[str, Any]

#: Parameters of an item call that say how the subscription changes.
_CHANGE = frozenset({"proration_behavior", "proration_date", "payment_behavior"})


def create(account: Account, call: Call) -> Json:
    return creating.create(account, call)


def retrieve(account: Account, call: Call) -> Json:
    found: Json = public(account.find("subscription", call.ids[0]))
    return found


def update(account: Account, call: Call) -> Json:
    subscription = account.find("subscription", call.ids[0])
    if subscription["status"] in FINAL:
        raise StripeError("A canceled subscription can only update its cancellation_details and metadata.")
    before = public(subscription)
    merge_metadata(subscription, call.params.get("metadata"))
    if call.get("cancel_at_period_end") is not None:
        plan_cancel(account, subscription, at_period_end=call.params["cancel_at_period_end"])
    if "description" in call.params:
        subscription["description"] = call.get("description")
    if "default_payment_method" in call.params:
        chosen = call.get("default_payment_method")
        if chosen:
            payment_methods.of_customer(account, chosen, subscription["customer"], "default_payment_method")
        subscription["default_payment_method"] = chosen
    if (call.get("billing_cycle_anchor") or {}).get("type") == "timestamp":
        raise invalid("billing_cycle_anchor can be now or unchanged.", "billing_cycle_anchor[type]")
    if call.get("trial_end") not in {None, "now"}:
        raise not_emulated("trial_end")  # `now` ends a trial that is not there, which says nothing
    if call.get("items") or restarts(call.params):
        change_items(account, subscription, call)
    return update_event(account, before, subscription)


def cancel(account: Account, call: Call) -> Json:
    subscription = account.find("subscription", call.ids[0])
    if subscription["status"] in FINAL:
        raise StripeError(
            f"No such subscription: '{subscription['id']}'", status=404, code="resource_missing", param="id"
        )
    return cancel_now(
        account, subscription["id"], reason="cancellation_requested", details=call.get("cancellation_details")
    )


def listed(account: Account, call: Call) -> Json:
    customer, price, status = call.get("customer"), call.get("price"), call.get("status")
    return page(
        call,
        (
            row
            for row in account.store.rows("subscription")
            if customer in {None, row["customer"]}
            and _has_status(row, status)
            and (price is None or any(item["price"]["id"] == price for item in row["items"]["data"]))
            and created_in(row, call.get("created"))
        ),
    )


def items_listed(account: Account, call: Call) -> Json:
    subscription = account.find("subscription", call.params["subscription"], "subscription", status=400)
    return page(call, subscription["items"]["data"][::-1])


def item(account: Account, call: Call) -> Json:
    return public_item(_owner(account, call.ids[0]), call.ids[0])


def item_create(account: Account, call: Call) -> Json:
    subscription = account.find("subscription", call.params["subscription"], "subscription", status=400)
    known = {row["id"] for row in subscription["items"]["data"]}
    after = _with_items(account, subscription, call, [_entry(call)])
    added = next((row["id"] for row in after["items"]["data"] if row["id"] not in known), None)
    if added is None:
        raise StripeError("The payment did not succeed, so the item waits in the subscription's pending_update.")
    return public_item(after, added)


def item_update(account: Account, call: Call) -> Json:
    subscription = _owner(account, call.ids[0])
    after = _with_items(account, subscription, call, [{"id": call.ids[0], **_entry(call)}])
    return public_item(after, call.ids[0])


def item_delete(account: Account, call: Call) -> Json:
    subscription = _owner(account, call.ids[0])
    _with_items(account, subscription, call, [{"id": call.ids[0], "deleted": True}])
    return {"id": call.ids[0], "object": "subscription_item", "deleted": True}


def public_item(subscription: Json, identifier: str) -> Json:
    found: Json = public(next(row for row in subscription["items"]["data"] if row["id"] == identifier))
    return found


def _with_items(account: Account, subscription: Json, call: Call, items: list[Json]) -> Json:
    params = {name: value for name, value in call.params.items() if name in _CHANGE} | {"items": items}
    before = public(subscription)
    change_items(account, subscription, Call(call.path, call.ids, params))
    return update_event(account, before, subscription)


def _entry(call: Call) -> Json:
    return {name: call.params[name] for name in ("price", "quantity", "metadata") if name in call.params}


def _owner(account: Account, item_id: str) -> Json:
    for row in account.store.rows("subscription"):
        if any(candidate["id"] == item_id for candidate in row["items"]["data"]):
            return account.find("subscription", row["id"])
    raise StripeError(f"No such subscription_item: '{item_id}'", status=404, code="resource_missing", param="item")


def _has_status(row: Json, wanted: str | None) -> bool:
    if wanted is None:
        return bool(row["status"] != "canceled")
    if wanted == "ended":
        return row["status"] in FINAL
    return wanted in {"all", row["status"]}
