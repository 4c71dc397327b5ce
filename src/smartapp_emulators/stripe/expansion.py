"""`expand[]`: replaces an id by its object, and adds the fields that are left out unless asked for."""

from typing import Any

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.errors import invalid
from smartapp_emulators.stripe.listing import whole
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]

_DEEPEST = 4

#: Which kind of object an id field points at.
_KINDS = {
    "customer": "customer",
    "subscription": "subscription",
    "latest_invoice": "invoice",
    "invoice": "invoice",
    "product": "product",
    "default_price": "price",
    "price": "price",
    "payment_intent": "payment_intent",
    "payment_method": "payment_method",
    "default_payment_method": "payment_method",
    "latest_charge": "charge",
    "charge": "charge",
    "refund": "refund",
}


def expand(account: Account, body: Json, paths: list[str]) -> Json:
    """
    Return `body` with every path of `paths` expanded, as `latest_invoice.payments` or, in a list, `data.customer`.

    Raises:
        StripeError: A path names something that cannot be expanded, or is deeper than four levels.
    """
    for path in paths:
        segments = path.split(".")
        if len(segments) > _DEEPEST:
            raise invalid(f"You cannot expand more than {_DEEPEST} levels of a property: {path}", "expand")
        _walk(account, body, segments, path)
    return body


def _walk(account: Account, node: Any, segments: list[str], path: str) -> None:
    if isinstance(node, list):
        for part in node:
            _walk(account, part, segments, path)
        return
    if not isinstance(node, dict) or not segments:
        return
    name, rest = segments[0], segments[1:]
    left_out = _LEFT_OUT.get((node.get("object", ""), name))
    if left_out is not None and name not in node:
        node[name] = left_out(account, node)
    elif name not in node:
        raise invalid(f"This property cannot be expanded ({path}).", "expand")
    elif isinstance(node[name], str):
        node[name] = _object(account, name, node[name], path)
    _walk(account, node[name], rest, path)


def _object(account: Account, name: str, identifier: str, path: str) -> Json:
    kind = _KINDS.get(name)
    found = account.store.get(kind, identifier) if kind else None
    if found is None:
        raise invalid(f"This property cannot be expanded ({path}).", "expand")
    shown: Json = public(found)
    return shown


def _line_items(account: Account, session: Json) -> Json:
    kept = account.find("checkout.session", session["id"])
    return whole(kept["_line_items"], f"/v1/checkout/sessions/{session['id']}/line_items", most=10)


def _payments(account: Account, invoice: Json) -> Json:
    made = [row for row in account.store.rows("invoice_payment") if row["invoice"] == invoice["id"]]
    return whole(made[::-1], f"/v1/invoice_payments?invoice={invoice['id']}")


def _confirmation_secret(account: Account, invoice: Json) -> Json | None:
    kept = account.find("invoice", invoice["id"])
    intent = account.store.get("payment_intent", kept.get("_payment_intent") or "")
    return {"client_secret": intent["client_secret"], "type": "payment_intent"} if intent else None


def _subscriptions(account: Account, customer: Json) -> Json:
    live = [
        row
        for row in account.store.rows("subscription")
        if row["customer"] == customer["id"] and row["status"] not in {"canceled", "incomplete_expired"}
    ]
    return whole(live[::-1], f"/v1/customers/{customer['id']}/subscriptions", most=10)


def _tax(_account: Account, _customer: Json) -> Json:
    return {"automatic_tax": "unrecognized_location", "ip_address": None, "location": None, "provider": "stripe"}


def _refunds(account: Account, charge: Json) -> Json:
    made = [row for row in account.store.rows("refund") if row["charge"] == charge["id"]]
    return whole(made[::-1], f"/v1/charges/{charge['id']}/refunds", most=10)


def _credit(_account: Account, _customer: Json) -> Json:
    return {}


_LEFT_OUT = {
    ("charge", "refunds"): _refunds,
    ("customer", "invoice_credit_balance"): _credit,
    ("checkout.session", "line_items"): _line_items,
    ("invoice", "payments"): _payments,
    ("invoice", "confirmation_secret"): _confirmation_secret,
    ("customer", "subscriptions"): _subscriptions,
    ("customer", "tax"): _tax,
}
