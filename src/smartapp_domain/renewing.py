"""What becomes of a stop, or of its undoing, that the provider hears of only after it has renewed."""

from collections.abc import Iterable
from datetime import datetime

import attrs

from smartapp_domain.billing import Subscription, SubscriptionItem
from smartapp_domain.catalog import Product
from smartapp_domain.ids import LicenseId
from smartapp_domain.licensing import License


def caught_up(licenses: Iterable[License], current: Subscription) -> tuple[License, ...]:
    """
    Return the licenses with what was not told in time settled by what the provider has billed.

    Where its period turned before it was told, the line that begins there says for how many. Those who are to go on
    come first. Who is billed has the whole period, though stopped (docs/domain.md L-73); who is not ends where the stop
    said, though it was undone (L-71).
    """
    held = {license.id: license for license in licenses}
    for product, end in sorted(_turned(held.values(), current), key=lambda each: (each[1], each[0].value)):
        held |= _settled(tuple(held.values()), product, end, current)
    return tuple(held.values())


def came_too_late(before: License, after: License) -> bool:
    """Tell whether an undo was of no use: the license ends at the end that it took back."""
    return before.undone_end is not None and after.ends_at == before.undone_end != before.ends_at


def _end_to_tell(license: License) -> datetime | None:
    """Return the end that the provider may have gone by, or not, before it was told."""
    if license.change_sent:
        return None
    return license.undone_end or (license.ends_at if license.ended_at is None else None)


def _turned(licenses: Iterable[License], current: Subscription) -> set[tuple[Product, datetime]]:
    ends = {(license.product, _end_to_tell(license)) for license in licenses}
    return {(product, end) for product, end in ends if end is not None and _is_past(product, end, current)}


def _is_past(product: Product, end: datetime, current: Subscription) -> bool:
    item = _item(product, current)
    over = current.ended_at is not None and end <= current.ended_at
    return over or (item is not None and end <= item.period_start)


def _item(product: Product, current: Subscription) -> SubscriptionItem | None:
    return next((item for item in current.items if item.product is product), None)


def _settled(
    licenses: tuple[License, ...], product: Product, end: datetime, current: Subscription
) -> dict[LicenseId, License]:
    mine = [each for each in licenses if each.product is product]
    late = sorted((each for each in mine if _end_to_tell(each) == end), key=_going_on_first)
    sure = [each for each in mine if each not in late and each.paid_from <= end and _outlives(each, end)]
    room = max(0, _billed(product, end, current) - len(sure))
    return {
        each.id: _billed_on(each, end, current) if position < room else attrs.evolve(each, ends_at=end)
        for position, each in enumerate(late)
    }


def _going_on_first(license: License) -> tuple[bool, float, str]:
    return license.ends_at is not None, -license.ends_at.timestamp() if license.ends_at else 0.0, license.id


def _outlives(license: License, end: datetime) -> bool:
    return all(moment is None or moment > end for moment in (license.ends_at, license.ended_at))


def _billed(product: Product, at: datetime, current: Subscription) -> int:
    """Return for how many the period that begins at a moment was billed."""
    whole = (line for line in current.lines if not line.is_proration and not line.is_credit)
    return sum(line.quantity for line in whole if line.product is product and line.period_start == at)


def _billed_on(license: License, end: datetime, current: Subscription) -> License:
    item = _item(license.product, current)
    return license if license.ends_at != end or item is None else attrs.evolve(license, ends_at=item.period_end)
