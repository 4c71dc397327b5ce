"""The demo's clock in words: how far a wish leads, and what became of it."""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from smartapp_domain.billing import Invoice, InvoiceStatus
from smartapp_domain.ports.views import Tile
from smartapp_http.present import words
from smartapp_http.present.managing import invoice_rows
from smartapp_http.views import Chip, ClockNews, ClockStrip, counted

#: How far one move leads at most: each renewal on the way really happens.
FURTHEST: Final = timedelta(days=3 * 366)
#: So many of the latest invoices tell what a move brought about.
INVOICES_SHOWN: Final = 5
_STEPS: Final = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
_MONTH: Final = "month"
_DATE: Final = "date"
_MONTHS_A_YEAR: Final = 12


class NoSuchMove(ValueError):
    """Raised for a wish that leads nowhere; the text is for the person who made it."""


def destination(by: str, wanted: str, now: datetime) -> datetime:
    """
    Return the moment a wish leads to, or raise `NoSuchMove`.

    `by` is hour, day, week, month (the same day of the next month, or its last, as renewals go) or date; then `wanted`
    is the day, "2026-12-24", at the present time of day.
    """
    if by in _STEPS:
        return now + _STEPS[by]
    if by == _MONTH:
        return _a_month_after(now)
    if by != _DATE:
        raise NoSuchMove("Choose how far to move the clock.")
    try:
        moment = datetime.combine(date.fromisoformat(wanted), time(), now.tzinfo) + (now - _midnight(now))
    except ValueError:
        raise NoSuchMove("Choose a date.") from None
    if moment <= now:
        raise NoSuchMove(
            f"{words.day(moment)} is not ahead. The clock moves forward only: what was billed cannot be unbilled."
        )
    if moment > now + FURTHEST:
        raise NoSuchMove(f"{words.day(moment)} is too far ahead for one move. Choose a date within three years.")
    return moment


def _a_month_after(now: datetime) -> datetime:
    year, month = (now.year + now.month // _MONTHS_A_YEAR, now.month % _MONTHS_A_YEAR + 1)
    return now.replace(year=year, month=month, day=min(now.day, monthrange(year, month)[1]))


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def strip(now: datetime) -> ClockStrip:
    exact = f"{words.day(now)}, {now.hour % 12 or 12}:{now:%M %p} UTC"
    first, last = now + timedelta(days=1), now + FURTHEST
    return ClockStrip(words.day(now), exact, f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}")


def later(before: datetime, now: datetime) -> str:
    """Return "30 days later"."""
    past = now - before
    unit, number = ("day", round(past / timedelta(days=1)))
    if past < timedelta(days=1):
        unit, number = "hour", max(1, round(past / timedelta(hours=1)))
    return f"{counted(number, unit)} later"


def news(
    tiles: Sequence[Tile],
    invoices: Iterable[Invoice] | None,
    *,
    at: datetime,
    again_url: str | None,
) -> ClockNews:
    """Return what holds at `at`, and the latest invoices; `invoices` None hides money."""
    latest = sorted(invoices or (), key=lambda invoice: (invoice.created_at, invoice.id))[-INVOICES_SHOWN:]
    return ClockNews(
        states=_states(tiles, at),
        invoices=None if invoices is None else invoice_rows(latest),
        hint=_hint(latest),
        again_url=again_url,
    )


def _states(tiles: Sequence[Tile], at: datetime) -> tuple[tuple[str, Chip], ...]:
    licensed = [tile.licenses for tile in tiles if tile.licenses]
    held = ([each for each in licenses if each.is_live(at)] or licenses for licenses in licensed)
    counts = Counter(words.license_chip(licenses, at) for licenses in held)
    return tuple((counted(number, "project"), chip) for chip, number in counts.most_common())


def _hint(invoices: Sequence[Invoice]) -> str:
    """Say what the reader would otherwise wait for in vain."""
    drafts = [each for each in invoices if each.status is InvoiceStatus.DRAFT]
    if any(not each.is_set_aside for each in drafts):
        return "Stripe prepares a renewal's invoice first and charges it an hour later: move one hour more to see it."
    tries = [each.next_attempt_at for each in invoices if each.next_attempt_at and each.status is InvoiceStatus.OPEN]
    if tries:
        return f"Stripe tries the card again on {words.day(min(tries))}."
    if drafts:
        return (
            "Stripe charges nothing by itself any more: it sets the drafts of new periods aside. Pay the oldest open "
            "invoice; the draft of the running period is then charged as well, an hour later."
        )
    return ""
