"""How invoices and their lines look."""

from collections.abc import Mapping
from typing import Any

import attrs

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.periods import money

Json = dict[str, Any]


@attrs.frozen
class Line:
    """
    What an invoice charges for: an item of a subscription for one period, a proration of it, or a sum by itself.

    `credits` names the invoice and the line that a proration gives back a part of.
    """

    amount: int
    currency: str
    start: int
    end: int
    description: str | None
    quantity: int = 1
    price: Mapping[str, Any] | None = None
    subscription_item: str | None = None
    metadata: Mapping[str, str] = attrs.field(factory=dict)
    proration: bool = False
    invoice_item: str | None = None
    credits: tuple[str, str] | None = None


def period_line(item: Mapping[str, Any], product: Mapping[str, Any]) -> Line:
    """Return the line that pays an item's current period."""
    price, quantity = item["price"], item["quantity"]
    counted = f"{quantity} {product['unit_label']}" if product["unit_label"] else str(quantity)
    each = f"{money(price['unit_amount'], price['currency'])} / {price['recurring']['interval']}"
    return Line(
        amount=price["unit_amount"] * quantity,
        currency=price["currency"],
        start=item["current_period_start"],
        end=item["current_period_end"],
        description=f"{counted} \N{MULTIPLICATION SIGN} {product['name']} (at {each})",
        quantity=quantity,
        price=price,
        subscription_item=item["id"],
        metadata=item["metadata"],
    )


def line_object(line: Line, invoice_id: str, subscription: Json | None) -> Json:
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": line.amount,
        "currency": line.currency,
        "description": line.description,
        "discount_amounts": [],
        "discountable": not line.proration,
        "discounts": [],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": line.metadata or (subscription or {}).get("metadata") or {},
        "parent": _parent(line, subscription),
        "period": {"end": line.end, "start": line.start},
        "pretax_credit_amounts": [],
        "pricing": pricing(line),
        "quantity": line.quantity,
        "quantity_decimal": str(line.quantity),
        "subscription": subscription["id"] if subscription else None,
        "subtotal": line.amount,
        "taxes": [],
    }


def pricing(line: Line) -> Json | None:
    """Return how a line's amount comes about."""
    if line.price is None:
        return None
    each = None if line.proration else line.price["unit_amount_decimal"]
    named = {"price": line.price["id"], "product": line.price["product"]}
    return {"price_details": named, "type": "price_details", "unit_amount_decimal": each}


def _parent(line: Line, subscription: Json | None) -> Json:
    prorated = {"credited_items": _credited(line)}
    if line.subscription_item is None or subscription is None:
        details = {
            "invoice_item": line.invoice_item,
            "proration": line.proration,
            "proration_details": prorated,
            "subscription": subscription["id"] if subscription else None,
        }
        return {
            "invoice_item_details": details,
            "subscription_item_details": None,
            "type": "invoice_item_details",
        }
    details = {
        "invoice_item": line.invoice_item,
        "proration": line.proration,
        "proration_details": prorated,
        "subscription": subscription["id"],
        "subscription_item": line.subscription_item,
    }
    return {"invoice_item_details": None, "subscription_item_details": details, "type": "subscription_item_details"}


def _credited(line: Line) -> Json | None:
    if line.credits is None:
        return None
    invoice, credited = line.credits
    return {"invoice": invoice, "invoice_line_items": [credited]}


def embedded(invoice_id: str, lines: list[Json]) -> Json:
    url = f"/v1/invoices/{invoice_id}/lines"
    return {"object": "list", "data": lines, "has_more": False, "total_count": len(lines), "url": url}


#: What a draft has not: not yet, or because nothing here can give it.
_UNSET = (
    "account_tax_ids",
    "application",
    "custom_fields",
    "customer_account",
    "customer_shipping",
    "default_payment_method",
    "default_source",
    "description",
    "due_date",
    "effective_at",
    "ending_balance",
    "footer",
    "from_invoice",
    "hosted_invoice_url",
    "invoice_pdf",
    "last_finalization_error",
    "latest_revision",
    "next_payment_attempt",
    "number",
    "on_behalf_of",
    "receipt_number",
    "rendering",
    "shipping_cost",
    "shipping_details",
    "statement_descriptor",
    "test_clock",
)
_ZERO = (
    "amount_overpaid",
    "amount_paid",
    "amount_paid_off_stripe",
    "amount_shipping",
    "attempt_count",
    "post_payment_credit_notes_amount",
    "pre_payment_credit_notes_amount",
)
_EMPTY = (
    "customer_tax_ids",
    "default_tax_rates",
    "discounts",
    "total_discount_amounts",
    "total_pretax_credit_amounts",
    "total_taxes",
)
_MILESTONES = ("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")


def blank_invoice(account: Account, identifier: str, customer: Json, currency: str) -> Json:
    """Return a draft that charges for nothing yet."""
    return {
        **dict.fromkeys(_UNSET),
        **dict.fromkeys(_ZERO, 0),
        **{name: [] for name in _EMPTY},
        **_addressed_to(customer),
        "id": identifier,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Stripe emulator",
        "attempted": False,
        "automatic_tax": dict.fromkeys(("disabled_reason", "liability", "provider", "status")) | {"enabled": False},
        "collection_method": "charge_automatically",
        "created": account.now(),
        "currency": currency,
        "issuer": {"type": "self"},
        "livemode": False,
        "metadata": {},
        "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        "status": "draft",
        "status_transitions": dict.fromkeys(_MILESTONES),
        "webhooks_delivered_at": account.now(),
    }


def _addressed_to(customer: Json) -> Json:
    return {
        "customer": customer["id"],
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_tax_exempt": "none",
        "starting_balance": customer["balance"],
    }
