"""Calendar arithmetic of billing periods: a subscription made on the 31st renews on the last day of short months."""

import calendar
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

_MONTHS_A_YEAR = 12


def add_intervals(anchor: int, interval: str, count: int) -> int:
    """
    Return the moment `count` intervals after `anchor`, in unix seconds.

    Always counted from the anchor, never from the last period: 31 January, 28 February, 31 March.
    """
    start = datetime.fromtimestamp(anchor, UTC)
    if interval in {"day", "week"}:
        return int((start + timedelta(days=count * (7 if interval == "week" else 1))).timestamp())
    months = count * (_MONTHS_A_YEAR if interval == "year" else 1) + start.month - 1
    year, month = start.year + months // _MONTHS_A_YEAR, months % _MONTHS_A_YEAR + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())


def period_end(anchor: int, start: int, recurring: Json) -> int:
    """Return the first renewal moment of `recurring` after `start`."""
    return period_around(anchor, start, recurring)[1]


def period_around(anchor: int, moment: int, recurring: Json) -> tuple[int, int]:
    """Return start and end of the period of `recurring` that holds `moment`; periods are counted from the anchor."""
    interval, step = recurring["interval"], recurring["interval_count"]
    count = 1
    while add_intervals(anchor, interval, step * count) <= moment:
        count += 1
    return add_intervals(anchor, interval, step * (count - 1)), add_intervals(anchor, interval, step * count)


def money(cents: int, currency: str = "usd") -> str:
    """Return an amount as a US reader expects it: `$1,780.00`, `-$12.50`; other currencies by their code."""
    amount = f"{abs(cents) / 100:,.2f}"
    sign = "-" if cents < 0 else ""
    return f"{sign}${amount}" if currency == "usd" else f"{sign}{amount} {currency.upper()}"


def day(moment: int) -> str:
    """Return a date as a US reader expects it: `Nov 21, 2026`."""
    at = datetime.fromtimestamp(moment, UTC)
    return f"{at:%b} {at.day}, {at.year}"
