"""Invoice items over the API: sums that wait for a customer's next invoice, or go onto a draft at once."""

from typing import Any

from smartapp_emulators.stripe import drafting, invoice_items
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.errors import StripeError, invalid, missing_parameter
from smartapp_emulators.stripe.invoice_shapes import Line, embedded
from smartapp_emulators.stripe.listing import page
from smartapp_emulators.stripe.objects import assign, changed, keep, merge_metadata, reference
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.resources.customers import living
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]

_KIND = "invoiceitem"


def create(account: Account, call: Call) -> Json:
    if not call.get("customer"):
        raise missing_parameter("customer")
    customer = living(account, call.params["customer"], "customer", status=400)
    subscription = reference(account, "subscription", call, "subscription") if call.get("subscription") else None
    invoice = reference(account, "invoice", call, "invoice") if call.get("invoice") else None
    line = wanted_line(account, call.params, default_currency=invoice["currency"] if invoice else customer["currency"])
    row = invoice_items.new_item(
        account, customer["id"], line, subscription=subscription["id"] if subscription else None
    )
    merge_metadata(row, call.params.get("metadata"))
    row["discountable"] = call.get("discountable", row["discountable"])
    if invoice is not None:
        _fits(invoice, customer["id"], line.currency)
        row["invoice"] = invoice["id"]
        drafting.add_line(account, invoice, invoice_items.line_of(row), subscription)
    if customer["currency"] is None:
        account.store.put("customer", customer | {"currency": line.currency})
    return keep(account, _KIND, row, "invoiceitem.created")


def retrieve(account: Account, call: Call) -> Json:
    found: Json = public(account.find(_KIND, call.ids[0]))
    return found


def update(account: Account, call: Call) -> Json:
    row = _open(account, call.ids[0])
    before = public(row)
    assign(row, call, "description")
    merge_metadata(row, call.params.get("metadata"))
    if call.get("amount") is not None:
        row |= {"amount": call.params["amount"], "net_amount": call.params["amount"]}
    row["_line"] = row["_line"] | {name: row[name] for name in ("amount", "description", "metadata")}
    _redraw(account, row, call)
    previous = changed(before, row)
    return keep(account, _KIND, row, "invoiceitem.updated" if previous else None, previous)


def delete(account: Account, call: Call) -> Json:
    row = _open(account, call.ids[0])
    _redraw(account, row, None)
    account.store.remove(_KIND, row["id"])
    account.emit("invoiceitem.deleted", row)
    return {"id": row["id"], "object": _KIND, "deleted": True}


def listed(account: Account, call: Call) -> Json:
    customer, invoice, pending = call.get("customer"), call.get("invoice"), call.get("pending")
    return page(
        call,
        (
            row
            for row in account.store.rows(_KIND)
            if customer in {None, row["customer"]}
            and invoice in {None, row["invoice"]}
            and (pending is None or (row["invoice"] is None) == pending)
        ),
    )


def wanted_line(account: Account, given: Json, *, default_currency: str | None) -> Line:
    """
    Return what parameters of an invoice item or of a line charge for: an amount, or a one-time price.

    Raises:
        StripeError: They name neither, or both, or a price that cannot be used.
    """
    period = given.get("period") or {"start": account.now(), "end": account.now()}
    common = {"start": period["start"], "end": period["end"], "metadata": given.get("metadata") or {}}
    named = (given.get("pricing") or {}).get("price")
    if named is None:
        if given.get("amount") is None:
            raise missing_parameter("amount")
        currency = given.get("currency") or default_currency or "usd"
        return Line(amount=given["amount"], currency=currency.lower(), description=given.get("description"), **common)
    if given.get("amount") is not None:
        raise invalid("You may only specify one of these parameters: amount, pricing.", "amount")
    price = account.find("price", named, "pricing[price]", status=400)
    if price["recurring"] is not None:
        message = (
            "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`."
        )
        raise invalid(message, "pricing[price]")
    quantity = given.get("quantity", 1)
    return Line(
        amount=price["unit_amount"] * quantity,
        currency=price["currency"],
        description=given.get("description") or account.find("product", price["product"])["name"],
        quantity=quantity,
        price=public(price),
        **common,
    )


def _open(account: Account, identifier: str) -> Json:
    row = account.find(_KIND, identifier)
    invoice = account.store.get("invoice", row["invoice"] or "")
    if invoice is not None and invoice["status"] != "draft":
        raise StripeError("This invoice item is on a finalized invoice and can no longer be changed.")
    return row


def _fits(invoice: Json, customer: str, currency: str) -> None:
    if invoice["customer"] != customer:
        raise invalid("The invoice belongs to another customer.", "invoice")
    if invoice["status"] != "draft":
        raise StripeError("This invoice is no longer editable.", code="invoice_not_editable", param="invoice")
    if invoice["currency"] != currency:
        raise invalid("The invoice is in another currency.", "currency")


def _redraw(account: Account, row: Json, call: Call | None) -> None:
    """Let the draft an item is on follow its change, or its removal."""
    invoice = account.store.get("invoice", row["invoice"] or "")
    if invoice is None:
        return
    lines = []
    for line in invoice["lines"]["data"]:
        details = (line["parent"] or {}).get("invoice_item_details") or {}
        if details.get("invoice_item") != row["id"]:
            lines.append(line)
        elif call is not None:
            lines.append(line | {name: row[name] for name in ("amount", "description")} | {"subtotal": row["amount"]})
    invoice["lines"] = embedded(invoice["id"], lines)
    drafting.add_up(invoice, account.find("customer", invoice["customer"]))
    account.store.put("invoice", invoice)
