"""Proration arithmetic: what a change inside a paid period costs or gives back, by the second."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from smartapp_emulators.stripe.invoicing import Line
from smartapp_emulators.stripe.periods import day


def share(amount: int, at: int, start: int, end: int) -> int:
    """
    Return the part of `amount` cents that the rest of a period is worth.

    Halves round away from zero, so a charge and the credit that mirrors it cancel out.
    """
    left = Decimal(max(min(end - at, end - start), 0))
    worth = Decimal(amount) * left / Decimal(end - start)
    return int(worth.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def lines(item: Mapping[str, Any], product: Mapping[str, Any], quantity: int, at: int) -> list[Line]:
    """
    Return the credit for what was paid and the charge for what is wanted, from `at` to the end of the item's period.

    Args:
        item: The item as it is before the change.
        product: What it sells, for the words.
        quantity: The quantity wanted.
        at: Moment of the change, unix seconds.
    """
    return [
        _line(item, product, -item["quantity"], at, "Unused time on"),
        _line(item, product, quantity, at, "Remaining time on"),
    ]


def _line(item: Mapping[str, Any], product: Mapping[str, Any], signed: int, at: int, words: str) -> Line:
    start, end = item["current_period_start"], item["current_period_end"]
    return Line(
        item=item,
        quantity=abs(signed),
        amount=share(item["price"]["unit_amount"] * signed, at, start, end),
        start=at,
        end=end,
        description=f"{words} {abs(signed)} \N{MULTIPLICATION SIGN} {product['name']} after {day(at)}",
        proration=True,
    )
