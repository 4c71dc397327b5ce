"""The demo's clock: what a move brought about."""

import attrs

from smartapp_http.views.chrome import Chip, ClockStrip, Link
from smartapp_http.views.managing import InvoiceRow


@attrs.frozen(kw_only=True)
class ClockNews:
    """
    `partials/clock_news.html`: what holds now, and the latest invoices.

    Attributes:
        states: How many projects are in which state.
        invoices: None when the role may not see money.
        hint: What one has to know to go on; "" for nothing.
        again_url: Where to look again in a second; None when what the move caused has long arrived.

    """

    states: tuple[tuple[str, Chip], ...] = ()
    invoices: tuple[InvoiceRow, ...] | None = ()
    hint: str = ""
    again_url: str | None = None


@attrs.frozen(kw_only=True)
class ClockView:
    """
    `demo_clock.html`.

    Attributes:
        moved: "30 days later" after a move, "" when the page was only looked at.
        problem: Why the clock was not moved.
        back: The page one came from.
        news: Set after a move.

    """

    strip: ClockStrip
    back: Link
    moved: str = ""
    problem: str = ""
    news: ClockNews | None = None
