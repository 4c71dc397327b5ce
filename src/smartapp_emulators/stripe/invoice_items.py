"""Invoice items: charges and credits that wait for the next invoice, or were put on one at once."""

from collections.abc import Mapping
from typing import Any

import attrs

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.invoice_shapes import Line
from smartapp_emulators.stripe.objects import keep

Json = dict[str, Any]


def hold(account: Account, subscription: Mapping[str, Any], line: Line) -> Json:
    """Keep a proration until an invoice collects it."""
    price = line.item["price"]
    details = {"subscription": subscription["id"], "subscription_item": line.item["id"]}
    row = {
        "id": new_id("ii"),
        "object": "invoiceitem",
        "amount": line.amount,
        "currency": price["currency"],
        "customer": subscription["customer"],
        "customer_account": None,
        "date": account.now(),
        "description": line.description,
        "discountable": False,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": {},
        "net_amount": line.amount,
        "parent": {"subscription_details": details, "type": "subscription_details"},
        "period": {"end": line.end, "start": line.start},
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "proration": True,
        "quantity": line.quantity,
        "quantity_decimal": str(line.quantity),
        "tax_rates": [],
        "test_clock": None,
        "_line": attrs.asdict(line, recurse=False),
        "_subscription": subscription["id"],
    }
    return keep(account, "invoiceitem", row, "invoiceitem.created")


def collect(account: Account, subscription_id: str, invoice_id: str) -> list[Line]:
    """Put everything that waits for a subscription's next invoice onto this one."""
    lines = []
    for row in account.store.rows("invoiceitem"):
        if row["invoice"] is None and row["_subscription"] == subscription_id:
            account.store.put("invoiceitem", row | {"invoice": invoice_id})
            kept = row["_line"]
            credited = tuple(kept["credits"]) if kept["credits"] else None
            lines.append(Line(**{**kept, "invoice_item": row["id"], "credits": credited}))
    return lines


def discard(account: Account, invoice_id: str) -> None:
    """Take back the items of an invoice that was given up together with the change it was for."""
    for row in account.store.rows("invoiceitem"):
        if row["invoice"] == invoice_id:
            account.store.remove("invoiceitem", row["id"])
