"""Invoice items: charges and credits that wait for the next invoice, or were put on one at once."""

from collections.abc import Mapping
from typing import Any

import attrs

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.invoice_shapes import Line, pricing
from smartapp_emulators.stripe.objects import keep

Json = dict[str, Any]


def hold(account: Account, subscription: Mapping[str, Any], line: Line) -> Json:
    """Keep a proration until an invoice collects it."""
    details = {"subscription": subscription["id"], "subscription_item": line.subscription_item}
    row = new_item(account, subscription["customer"], line, subscription=subscription["id"])
    row["parent"] = {"subscription_details": details, "type": "subscription_details"}
    return keep(account, "invoiceitem", row, "invoiceitem.created")


def new_item(account: Account, customer: str, line: Line, *, subscription: str | None) -> Json:
    """Return an invoice item that is not stored yet; `subscription` says whose invoice it waits for, if not any."""
    row: Json = {
        "id": new_id("ii"),
        "object": "invoiceitem",
        "amount": line.amount,
        "currency": line.currency,
        "customer": customer,
        "customer_account": None,
        "date": account.now(),
        "description": line.description,
        "discountable": not line.proration and line.amount >= 0,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": dict(line.metadata) if line.subscription_item is None else {},
        "net_amount": line.amount,
        "parent": None,
        "period": {"end": line.end, "start": line.start},
        "pricing": pricing(line),
        "proration": line.proration,
        "quantity": line.quantity,
        "quantity_decimal": str(line.quantity),
        "tax_rates": [],
        "test_clock": None,
        "_subscription": subscription,
    }
    return row | {"_line": attrs.asdict(line, recurse=False)}


def line_of(row: Json) -> Line:
    """Return what an invoice item puts onto its invoice."""
    kept = row["_line"]
    credited = tuple(kept["credits"]) if kept["credits"] else None
    return Line(**{**kept, "invoice_item": row["id"], "credits": credited})


def collect(account: Account, customer: str, currency: str, subscription_id: str | None, invoice_id: str) -> list[Line]:
    """
    Put what waits for a customer's next invoice onto this one.

    An invoice of a subscription leaves alone what waits for another one; an invoice of none takes everything.
    """
    lines = []
    for row in account.store.rows("invoiceitem"):
        fits = subscription_id is None or row["_subscription"] in {None, subscription_id}
        waits = row["invoice"] is None and (row["customer"], row["currency"]) == (customer, currency)
        if waits and fits:
            account.store.put("invoiceitem", row | {"invoice": invoice_id})
            lines.append(line_of(row))
    return lines


def discard(account: Account, invoice_id: str) -> None:
    """Take back the items of an invoice that was given up together with the change it was for."""
    for row in account.store.rows("invoiceitem"):
        if row["invoice"] == invoice_id:
            account.store.remove("invoiceitem", row["id"])
