"""Proration arithmetic: what a change inside a paid period costs or gives back, by the second."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from smartapp_emulators.stripe.invoice_shapes import Line

Item = Mapping[str, Any]


def share(amount: int, at: int, start: int, end: int) -> int:
    """
    Return the part of `amount` cents that the rest of a period is worth.

    Halves round away from zero, so a charge and the credit that mirrors it cancel out.
    """
    left = Decimal(max(min(end - at, end - start), 0))
    worth = Decimal(amount) * left / Decimal(end - start)
    return int(worth.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def credit(item: Item, name: str, at: int, paid_by: tuple[str, str] | None) -> Line:
    """
    Return what the rest of an item's period gives back.

    Args:
        item: The item as it was paid for.
        name: What it sells.
        at: Moment of the change, unix seconds.
        paid_by: The invoice and the line that paid for it.
    """
    return _line(item, -1, at, f"Unused time on {_counted(item, name)} after {_date(at)}", paid_by)


def charge(item: Item, name: str, at: int) -> Line:
    """Return what the rest of an item's period costs, as it is wanted from `at` on."""
    return _line(item, 1, at, f"Remaining time on {_counted(item, name)} after {_date(at)}", None)


def _date(at: int) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.day:02} {moment:%b %Y}"


def _counted(item: Item, name: str) -> str:
    quantity = item["quantity"]
    return name if quantity == 1 else f"{quantity} \N{MULTIPLICATION SIGN} {name}"


def _line(item: Item, sign: int, at: int, words: str, paid_by: tuple[str, str] | None) -> Line:
    amount = sign * item["price"]["unit_amount"] * item["quantity"]
    return Line(
        amount=share(amount, at, item["current_period_start"], item["current_period_end"]),
        currency=item["price"]["currency"],
        start=at,
        end=item["current_period_end"],
        description=words,
        quantity=item["quantity"],
        price=item["price"],
        subscription_item=item["id"],
        metadata=item["metadata"],
        proration=True,
        credits=paid_by,
    )
