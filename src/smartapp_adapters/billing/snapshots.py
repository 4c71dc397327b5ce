"""
Stripe's objects as our values: the only place that knows where the API version in use keeps what.

Items and lines of products that are not ours are left out: somebody may bill a service by hand on the same
subscription, and that must neither license anything nor stop the rest from being read.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from smartapp_adapters.billing.calls import Json
from smartapp_adapters.billing.catalog import product_of
from smartapp_adapters.billing.errors import TELL_SUPPORT
from smartapp_domain.billing import (
    CheckoutState,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    PendingChange,
    Subscription,
    SubscriptionItem,
    SubscriptionStatus,
)
from smartapp_domain.catalog import Interval
from smartapp_domain.ids import CustomerId, InvoiceId, OrderId, SubscriptionId
from smartapp_domain.ports.payments import PaymentsRejected


def moment(unix_s: int) -> datetime:
    return datetime.fromtimestamp(unix_s, UTC)


def id_of(reference: Any) -> str | None:
    """Return the id of something that stands either as its id or, expanded, as itself."""
    identifier: str | None = reference["id"] if isinstance(reference, dict) else reference
    return identifier


def order_of(session: Json) -> OrderId | None:
    given = session.get("client_reference_id") or (session.get("metadata") or {}).get("order_id")
    return OrderId(given) if given else None


def checkout_state(session: Json, *, refused: bool) -> CheckoutState:
    """
    Return what became of a pay page.

    Args:
        session: The Checkout Session.
        refused: For a finished but unpaid one: the bank said no. The session itself never tells.
    """
    if session["status"] == "expired":
        return CheckoutState.EXPIRED
    if session["status"] != "complete":
        return CheckoutState.OPEN
    if session["payment_status"] != "unpaid":
        return CheckoutState.PAID
    return CheckoutState.FAILED if refused else CheckoutState.PROCESSING


def subscription_of(
    found: Json,
    items: Iterable[Json],
    invoices: Iterable[Invoice],
    as_of: datetime,
    *,
    pending: PendingChange | None,
) -> Subscription:
    """
    Return the snapshot.

    Args:
        found: Stripe's subscription.
        items: All of its items, which those inside `found` need not be.
        invoices: All of its invoices, the newest first: dates are whole seconds, so dates alone do not order them.
        as_of: Before any of this was read.
        pending: The change that waits.
    """
    rows, oldest_first = list(items), list(invoices)[::-1]
    order_id = (found.get("metadata") or {}).get("order_id")
    return Subscription(
        id=SubscriptionId(found["id"]),
        customer_id=CustomerId(id_of(found["customer"]) or ""),
        status=_status(found["status"]),
        interval=_interval(found["id"], rows),
        items=tuple(_items(rows)),
        invoices=tuple(sorted(oldest_first, key=lambda invoice: invoice.created_at)),
        as_of=as_of,
        cancel_at=_cancel_at(found, rows),
        ended_at=_when(found.get("ended_at")),
        order_id=OrderId(order_id) if order_id else None,
        pending=pending,
    )


def pending_of(found: Json, invoices: Iterable[Json]) -> PendingChange | None:
    """
    Return the change of a subscription that waits for payment.

    Stripe does not say which invoice it waits for. A newer change takes the place of an older one and voids its
    invoice, so it is the newest that a change made and that stands.

    Args:
        found: Stripe's subscription.
        invoices: Its invoices, the newest first.
    """
    waiting = found.get("pending_update")
    standing = (each for each in invoices if is_of_change(each) and each["status"] != InvoiceStatus.VOID.value)
    invoice = next(standing, None)
    if not waiting or invoice is None:
        return None
    return PendingChange(InvoiceId(invoice["id"]), moment(waiting["expires_at"]))


def is_of_change(invoice: Json) -> bool:
    """Tell whether a change of quantities made this invoice."""
    return bool(invoice["billing_reason"] == "subscription_update")


def invoice_of(found: Json, lines: Iterable[Json], *, in_progress: bool, collecting: bool) -> Invoice:
    """
    Return an invoice.

    Stripe keeps no moment of the first failure. Collection is first tried when an invoice is finalized, so that
    moment stands for it: at most the length of one attempt too early.

    Args:
        found: Stripe's invoice.
        lines: All of its lines.
        in_progress: An attempt was made and the bank has not answered yet, which is no failure.
        collecting: Nobody at Stripe paused collection; drafts kept meanwhile are a favor, not a failure.
    """
    failing = found["status"] in ("open", "uncollectible") and found["attempted"] and not in_progress
    finalized_at = (found.get("status_transitions") or {}).get("finalized_at")
    return Invoice(
        id=InvoiceId(found["id"]),
        number=found.get("number"),
        status=InvoiceStatus(found["status"]),
        total_cents=found["total"],
        created_at=moment(found["created"]),
        lines=tuple(lines_of(lines)),
        failed_at=moment(finalized_at or found["created"]) if failing else None,
        next_attempt_at=_when(found.get("next_payment_attempt")),
        hosted_url=found.get("hosted_invoice_url"),
        pdf_url=found.get("invoice_pdf"),
        is_set_aside=collecting and found["status"] == "draft" and not found["auto_advance"],
    )


def _when(unix_s: int | None) -> datetime | None:
    return None if unix_s is None else moment(unix_s)


def _status(name: str) -> SubscriptionStatus:
    try:
        return SubscriptionStatus(name)
    except ValueError:
        return SubscriptionStatus.UNKNOWN


def _interval(subscription_id: str, items: list[Json]) -> Interval:
    """Return the one interval of all items; a subscription that mixes them is not one of ours."""
    rhythms = {(item["price"]["recurring"]["interval"], item["price"]["recurring"]["interval_count"]) for item in items}
    known = {(interval.value, 1): interval for interval in Interval}
    if len(rhythms) != 1 or not rhythms <= known.keys():
        raise PaymentsRejected(
            f"Subscription {subscription_id} is not paid simply every month or every year. Was it changed by hand?",
            remedy=TELL_SUPPORT,
        )
    return known[rhythms.pop()]


def _items(rows: Iterable[Json]) -> Iterator[SubscriptionItem]:
    for row in rows:
        product = product_of(id_of(row["price"]["product"]))
        if product is not None:
            yield SubscriptionItem(
                product,
                row.get("quantity") or 0,
                row["price"].get("unit_amount") or 0,
                moment(row["current_period_start"]),
                moment(row["current_period_end"]),
            )


def _cancel_at(found: Json, items: list[Json]) -> datetime | None:
    if found.get("cancel_at") is None and found.get("cancel_at_period_end"):
        return moment(min(item["current_period_end"] for item in items))
    return _when(found.get("cancel_at"))


def lines_of(rows: Iterable[Json]) -> Iterator[InvoiceLine]:
    for row in rows:
        priced = (row.get("pricing") or {}).get("price_details") or {}
        product = product_of(id_of(priced.get("product")))
        if product is not None:
            yield InvoiceLine(
                row["id"],
                product,
                row.get("quantity") or 0,
                row["amount"],
                moment(row["period"]["start"]),
                moment(row["period"]["end"]),
                is_proration=any(each.get("proration", False) for each in _details(row)),
                is_credit=_is_credit(row),
            )


def _details(row: Json) -> list[Json]:
    parent = row.get("parent") or {}
    return [parent[name] for name in ("subscription_item_details", "invoice_item_details") if parent.get(name)]


def _is_credit(row: Json) -> bool:
    """Tell whether a line gives back; of what is included, at 0 cents, only the name of the line it undoes tells."""
    undone = any((each.get("proration_details") or {}).get("credited_items") for each in _details(row))
    return undone or row["amount"] < 0
