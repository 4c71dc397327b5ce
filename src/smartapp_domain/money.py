"""Money is whole US cents; text is made only for people."""

CENTS_PER_DOLLAR = 100


def usd(amount_cents: int) -> str:
    """Return the US spelling of an amount, such as `$1,780.00` or `-$5.00`."""
    sign = "-" if amount_cents < 0 else ""
    dollars, cents = divmod(abs(amount_cents), CENTS_PER_DOLLAR)
    return f"{sign}${dollars:,}.{cents:02d}"
