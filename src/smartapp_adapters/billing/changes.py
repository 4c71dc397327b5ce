"""Changes of a subscription in Stripe's words: which items to send, whose invoice is whose, what would be charged."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from smartapp_adapters.billing import snapshots
from smartapp_adapters.billing.calls import Json, StripeCalls
from smartapp_adapters.billing.catalog import price_ids, product_of
from smartapp_adapters.billing.errors import TELL_SUPPORT
from smartapp_domain.billing import InvoiceLine
from smartapp_domain.catalog import Product
from smartapp_domain.ordering import Extension, Order
from smartapp_domain.ports.payments import OutdatedChange, PaymentsRejected

LOOK_AGAIN: Final = "The subscription changed meanwhile. Check the new total, then try again."
TOMORROW: Final = (
    "This subscription was changed as often as the payment provider allows within a day. Try again tomorrow; what is "
    "chosen together counts as one change."
)

#: How the brands are written whose names are not simply capitalized.
_BRANDS = {"amex": "American Express", "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay"}
_KINDS = {"us_bank_account": "Bank account", "sepa_debit": "Bank account"}


def grown(found: Json, extension: Extension, calls: StripeCalls) -> list[Json]:
    """
    Return the parameter `items` of an extension: every product of ours with its absolute quantity.

    Raises:
        PaymentsRejected: The subscription ends, its period does not hold the moment, or the quantities add nothing to
            those it has: they were reckoned from others, and money would be given back for projects that go on.
    """
    rows = rows_by_product(found)
    if ends(found) or not rows:
        raise OutdatedChange(f"{found['id']} ends, so nothing can be added to it.", remedy=LOOK_AGAIN)
    _check_moment(found, extension.prorated_at)
    renewal = extension.renewal
    wanted = {product: renewal.quantity(product) for product in rows}
    added = [line for line in renewal.lines if line.product not in rows]
    more = any(wanted[product] > row["quantity"] for product, row in rows.items())
    if any(wanted[product] < row["quantity"] for product, row in rows.items()) or not (more or added):
        raise OutdatedChange(f"The quantities add nothing to those that {found['id']} has now.", remedy=LOOK_AGAIN)
    prices = price_ids(added, renewal.interval, extension.price_book_version, calls) if added else []
    return [
        *({"id": row["id"], "quantity": wanted[product]} for product, row in rows.items()),
        *({"price": price, "quantity": line.quantity} for price, line in zip(prices, added, strict=True)),
    ]


def renewing(found: Json, quantities: Mapping[Product, int]) -> Json:
    """
    Return the parameters that make a subscription renew for these quantities; empty when it does.

    Raises:
        PaymentsRejected: It is over, or it never had one of the products: that would have to be paid first.
    """
    rows = rows_by_product(found)
    if is_over(found) or any(n and product not in rows for product, n in quantities.items()):
        raise OutdatedChange(f"{found['id']} cannot be renewed for what it does not have.", remedy=LOOK_AGAIN)
    if not any(quantities.values()):
        return {} if ends(found) else {"cancel_at_period_end": True}
    wanted = {row["id"]: (row["quantity"], quantities.get(product, 0)) for product, row in rows.items()}
    items = [{"id": item, "quantity": new} for item, (old, new) in wanted.items() if new != old]
    return (_going_on(found) if ends(found) else {}) | ({"items": items, "proration_behavior": "none"} if items else {})


def _going_on(found: Json) -> Json:
    """Return what takes back an end: a day named by hand is not taken back by the switch for the period's end."""
    return {"cancel_at_period_end": False} if found.get("cancel_at_period_end") else {"cancel_at": ""}


def ends(found: Json) -> bool:
    """Tell whether it is over, or will not be renewed."""
    return bool(is_over(found) or found.get("cancel_at_period_end") or found.get("cancel_at"))


def is_over(found: Json) -> bool:
    return bool(found.get("ended_at")) or found["status"] in ("canceled", "incomplete_expired")


def rows_by_product(found: Json) -> dict[Product, Json]:
    """Return the item of each product; what is not ours to sell is left alone."""
    rows: dict[Product, Json] = {}
    for row in found["items"]["data"]:
        product = product_of(snapshots.id_of(row["price"]["product"]))
        if product in rows:
            raise PaymentsRejected(
                f"{found['id']} bills {product.label} in two places. Was it changed by hand?", remedy=TELL_SUPPORT
            )
        if product is not None:
            rows[product] = row
    return rows


def renews_at(found: Json) -> datetime:
    return snapshots.moment(min(row["current_period_end"] for row in found["items"]["data"]))


def _check_moment(found: Json, at: datetime) -> None:
    starts = max(row["current_period_start"] for row in found["items"]["data"])
    if not snapshots.moment(starts) <= at < renews_at(found):
        raise OutdatedChange(f"{at} is not in the present period of {found['id']}.", remedy=LOOK_AGAIN)


def card_words(found: Json) -> str | None:
    """Say what is charged without the customer present: the subscription's method, else the customer's default."""
    customer = found["customer"] if isinstance(found["customer"], dict) else {}
    method = found.get("default_payment_method") or (customer.get("invoice_settings") or {}).get(
        "default_payment_method"
    )
    if not isinstance(method, dict):
        return None
    details = method.get(method["type"]) or {}
    brand = details.get("display_brand") or details.get("brand") or method["type"]
    name = _BRANDS.get(brand) or _KINDS.get(brand) or brand.replace("_", " ").capitalize()
    return f"{name} ending in {details['last4']}" if details.get("last4") else name


def invoice_of(order: Order, extension: Extension, invoices: Iterable[Json]) -> Json | None:
    """
    Return the invoice an order's change made, from those of its subscription; one that stands before a void one.

    It is known by its lines: what they charge for begins at the order's own moment, in the order's quantities.
    """
    made = [each for each in invoices if snapshots.is_of_change(each) and _charges(order, extension, each)]
    return next((each for each in made if each["status"] != "void"), next(iter(made), None))


def _charges(order: Order, extension: Extension, invoice: Json) -> bool:
    lines = [line for line in snapshots.lines_of(invoice["lines"]["data"]) if _begins(line, extension.prorated_at)]
    return bool(lines) and all(_fits(line, order, extension) for line in lines)


def _begins(line: InvoiceLine, at: datetime) -> bool:
    return line.is_proration and not line.is_credit and line.quantity > 0 and line.period_start == at


def _fits(line: InvoiceLine, order: Order, extension: Extension) -> bool:
    """Tell a change from another one of the same second. Charging for what was added alone is another way to say it."""
    return line.quantity in (extension.renewal.quantity(line.product), order.quote.quantity(line.product))
