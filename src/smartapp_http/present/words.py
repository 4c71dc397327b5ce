"""Dates, amounts and states as pages say them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from smartapp_domain.catalog import PRODUCTS, REQUIRES, AddOn, Interval, Product
from smartapp_domain.licensing import License, LicenseState, Payment
from smartapp_domain.money import CENTS_PER_DOLLAR, usd
from smartapp_domain.pricing import OnRequest, PriceBook
from smartapp_http.views import Chip, Tone, in_words

INCLUDED: Final = "Included"
ASK_US: Final = "Ask us"

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

S = LicenseState
#: What the customer should see first when the licenses of one project differ. One module that ends does not make the
#: project end: `part_that_ends` says which.
SEVERITY: Final = (S.SUSPENDED, S.GRACE, S.PENDING, S.ACTIVE, S.ENDING, S.ENDED)


#: The chip of each state without its date, by the state's code.
STATE_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        S.PENDING.value: "Awaiting payment",
        S.ACTIVE.value: "Licensed",
        S.GRACE.value: "Payment failed",
        S.SUSPENDED.value: "Inactive: Payment Pending",
        S.ENDING.value: "Ends soon",
        S.ENDED.value: "Not licensed",
    }
)


def day(moment: datetime) -> str:
    """Return "Sep 27, 2027"."""
    return f"{moment:%b} {moment.day}, {moment.year}"


def long_day(moment: datetime) -> str:
    """Return "September 27, 2027"."""
    return f"{moment:%B} {moment.day}, {moment.year}"


def ago(moment: datetime, now: datetime) -> str:
    """Return "just now", "8 minutes ago", "3 hours ago", or the day."""
    past = now - moment
    if past < _MINUTE:
        return "just now"
    if past < _HOUR:
        return _count(past // _MINUTE, "minute")
    if past < _DAY:
        return _count(past // _HOUR, "hour")
    return f"on {day(moment)}"


def still(end: datetime, now: datetime) -> str:
    """Return "for 13 more days": the end of something that runs in real time, whatever a demo's clock says."""
    days = max(1, -(-(end - now) // _DAY))
    return "for 1 more day" if days == 1 else f"for {days} more days"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit} ago" if number == 1 else f"{number} {unit}s ago"


def short_usd(amount_cents: int) -> str:
    """Return "$295" for whole dollars, "$295.50" otherwise."""
    text = usd(amount_cents)
    return text.removesuffix(".00") if amount_cents % CENTS_PER_DOLLAR == 0 else text


def price(amount: int | OnRequest, per: str) -> str:
    """Return "$295.00 a month", "Included" or "Ask us"."""
    if isinstance(amount, OnRequest):
        return ASK_US
    return f"{usd(amount)} {per}" if amount else INCLUDED


def column_price(product: Product, price_book: PriceBook) -> str:
    monthly = price_book.unit_cents(product, Interval.MONTH)
    if isinstance(monthly, int) and monthly:
        return f"{short_usd(monthly)} a month"
    return price(monthly, "")


def per_interval(interval: Interval) -> str:
    return "a year" if interval is Interval.YEAR else "a month"


def product_counts(counts: Mapping[Product, int], products: Iterable[Product]) -> str:
    """Return "2 Planner, 1 Safety"; zero is said."""
    return ", ".join(f"{counts.get(product, 0):,} {product.label}" for product in products)


def state_of(licenses: Sequence[License], at: datetime) -> LicenseState | None:
    """Return the state that matters most among the licenses of one project."""
    states = {license.state(at) for license in licenses}
    return next((state for state in SEVERITY if state in states), None)


def license_chip(licenses: Sequence[License], at: datetime) -> Chip:
    """Return the chip of a project's licenses, in the one vocabulary of license states."""
    state = state_of(licenses, at)
    if state is None:
        return Chip("Not licensed", Tone.MUTED)
    concerned = [license for license in licenses if license.state(at) is state]
    return Chip(_state_words(state, concerned), _TONES[state], _ICONS[state])


_TONES: Mapping[LicenseState, Tone] = MappingProxyType(
    {
        S.PENDING: Tone.INFO,
        S.ACTIVE: Tone.OK,
        S.GRACE: Tone.WARN,
        S.SUSPENDED: Tone.BAD,
        S.ENDING: Tone.WARN,
        S.ENDED: Tone.MUTED,
    }
)
_ICONS: Mapping[LicenseState, str] = MappingProxyType(
    {
        S.PENDING: "clock",
        S.ACTIVE: "circle-check",
        S.GRACE: "triangle-alert",
        S.SUSPENDED: "pause",
        S.ENDING: "calendar-clock",
        S.ENDED: "info",
    }
)


def _state_words(state: LicenseState, licenses: Sequence[License]) -> str:
    match state:
        case S.PENDING:
            return "Awaiting payment"
        case S.ACTIVE:
            until = min((x.covered_until for x in licenses if x.covered_until), default=None)
            return f"Licensed until {day(until)}" if until else "Licensed"
        case S.GRACE:
            tries = [c.next_attempt_at for x in licenses for c in x.coverage if c.payment is Payment.FAILED]
            after = min((moment for moment in tries if moment), default=None)
            return f"Payment failed, next try {day(after)}" if after else "Payment failed"
        case S.SUSPENDED:
            return "Inactive: Payment Pending"
        case S.ENDING:
            ends = min((x.ends_at for x in licenses if x.ends_at), default=None)
            return f"Ends {day(ends)}" if ends else "Ends soon"
        case S.ENDED:
            was = max((end for x in licenses if (end := over(x))), default=None)
            return f"Not licensed (was until {day(was)})" if was else "Not licensed"


def part_that_ends(licenses: Sequence[License], at: datetime) -> str:
    """Return "Safety ends Mar 22, 2027" when that is a part of what a project holds; "" for all of it, or nothing."""
    live = [license for license in licenses if license.is_live(at)]
    ends = {license.product: license.ends_at for license in in_catalog_order(live) if license.ends_at is not None}
    if len(ends) == len({license.product for license in live}):
        return ""
    alone = {p: end for p, end in ends.items() if not (isinstance(p, AddOn) and REQUIRES[p] in ends)}
    days = dict.fromkeys(day(end) for end in alone.values())
    return ", ".join(_end_together([p.label for p, end in alone.items() if day(end) == said], said) for said in days)


def _end_together(labels: Sequence[str], said: str) -> str:
    return f"{in_words(labels)} {'ends' if len(labels) == 1 else 'end'} {said}"


def until(licenses: Sequence[License], at: datetime) -> str:
    """Return what the chip of a project does not say: what happens on its day, or what is paid for."""
    if part := part_that_ends(licenses, at):
        return part
    state = state_of(licenses, at)
    concerned = [license for license in licenses if license.state(at) is state]
    paid = min((end for x in concerned if (end := x.paid_until)), default=None)
    match state:
        case S.ACTIVE:
            covered = min((end for x in concerned if (end := x.covered_until)), default=None)
            if covered is None or paid == covered:
                return f"Renews {day(covered)}" if covered else ""
            return f"Paid until {day(paid)}, the next invoice is not charged yet" if paid else "Not charged yet"
        case S.GRACE:
            works = min((end for x in concerned if (end := x.grace_ends(at))), default=None)
            return f"Works until {day(works)}" if works else ""
        case S.SUSPENDED:
            return f"Paid until {day(paid)}" if paid else ""
        case _:
            return ""


def over(license: License) -> datetime | None:
    """Return when the license ends or ended; None while nobody released it."""
    return min((moment for moment in (license.ends_at, license.ended_at) if moment), default=None)


def in_catalog_order(licenses: Iterable[License]) -> list[License]:
    return sorted(licenses, key=lambda x: (PRODUCTS.index(x.product), x.granted_at, x.id))
