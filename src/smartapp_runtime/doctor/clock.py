"""The clock: sign-ins, signatures and due times go wrong on a machine whose time is off."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from smartapp_runtime.doctor.findings import Finding, fine, skipped, wrong
from smartapp_runtime.doctor.vendors import Told

CLOCK: Final = "clock"
#: Stripe's notices may be a minute ahead of us; half of that leaves room for the way here.
MOST: Final = timedelta(seconds=30)


def check_clock(vendors: Sequence[Told], database: datetime | None, real: datetime) -> Iterator[Finding]:
    """
    Compare our clock with others'.

    Args:
        vendors: What their hosts said, against business time.
        database: What time the database's server has; None when it has none of its own.
        real: This machine's time at the same moment.

    """
    differences = [(told.host, told.theirs - told.ours) for told in vendors]
    if database is not None:
        differences.append(("the database", database - real))
    if not differences:
        yield skipped(CLOCK, "Nobody could be asked for the time.")
        return
    off = [f"{who} is {_told(by)}" for who, by in differences if abs(by) > MOST]
    if off:
        fix = "Let all machines keep time by NTP (systemd-timesyncd or chrony); then look again."
        yield wrong(CLOCK, f"Clocks differ: {', '.join(off)}.", fix)
    else:
        yield fine(CLOCK, f"It agrees with {', '.join(dict.fromkeys(who for who, _ in differences))}.")


def _told(by: timedelta) -> str:
    return f"{abs(by).total_seconds():.0f} s {'ahead of' if by > timedelta(0) else 'behind'} us"
