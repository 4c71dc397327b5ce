"""Invoices before they are final: what they charge for, and what that comes to."""

from collections.abc import Sequence
from typing import Any

import attrs

from smartapp_emulators.stripe import invoice_items
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.invoice_shapes import Line, blank_invoice, embedded, line_object
from smartapp_emulators.stripe.objects import keep

Json = dict[str, Any]


@attrs.frozen
class Purpose:
    """Why there is an invoice, whether it takes what was waiting, and when it finalizes itself; none: never."""

    reason: str
    finalizes_at: int | None = None
    collects: bool = True


def draft(account: Account, subscription: Json, lines: Sequence[Line], purpose: Purpose) -> Json:
    """
    Create a draft and make it the subscription's latest invoice; invoice items that were waiting go onto it.

    Args:
        account: The account.
        subscription: What it bills; changed in place, stored by the caller.
        lines: What it charges for.
        purpose: Why, and when it is finalized.
    """
    customer = account.find("customer", subscription["customer"])
    row = new_draft(account, customer, subscription["currency"], purpose, subscription=subscription, lines=lines)
    subscription["latest_invoice"] = row["id"]
    return keep(account, "invoice", row, "invoice.created")


def new_draft(
    account: Account,
    customer: Json,
    currency: str,
    purpose: Purpose,
    *,
    subscription: Json | None = None,
    lines: Sequence[Line] = (),
) -> Json:
    """Return a draft that is not stored yet; what was waiting for it is already marked as on it."""
    identifier = new_id("in")
    owner = subscription["id"] if subscription else None
    waiting: list[Line] = []
    if purpose.collects:
        waiting = invoice_items.collect(account, customer["id"], currency, owner, identifier)
    charged = [*waiting, *lines]
    draft = {
        **blank_invoice(account, identifier, customer, currency),
        "auto_advance": purpose.finalizes_at is not None,
        "automatically_finalizes_at": purpose.finalizes_at,
        "billing_reason": purpose.reason,
        "lines": embedded(identifier, [line_object(line, identifier, subscription) for line in charged]),
        "parent": _parent(subscription),
        "period_start": min((line.start for line in charged), default=account.now()),
        "period_end": account.now(),
    }
    add_up(draft, customer)
    return draft


def add_up(invoice: Json, customer: Json) -> None:
    """Write the totals of a draft's lines, in place; credit of the customer is taken into account."""
    total = sum(line["amount"] for line in invoice["lines"]["data"])
    due = max(total + customer["balance"], 0)
    invoice |= {
        "amount_due": due,
        "amount_remaining": due,
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "total": total,
        "total_excluding_tax": total,
    }


def add_line(account: Account, invoice: Json, line: Line, subscription: Json | None) -> None:
    """Put one more line onto a draft and store it."""
    lines = [*invoice["lines"]["data"], line_object(line, invoice["id"], subscription)]
    invoice["lines"] = embedded(invoice["id"], lines)
    add_up(invoice, account.find("customer", invoice["customer"]))
    account.store.put("invoice", invoice)


def _parent(subscription: Json | None) -> Json | None:
    if subscription is None:
        return None
    details = {"metadata": subscription["metadata"], "subscription": subscription["id"]}
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}
