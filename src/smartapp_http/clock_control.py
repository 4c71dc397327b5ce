"""The port by which pages move time, where it can be moved: in a demo, never where money is real."""

from datetime import datetime
from typing import Protocol


class MovesForwardOnly(ValueError):
    """Raised when somebody asks for a moment that is past: what was billed cannot be unbilled."""


class ClockControl(Protocol):
    """The business time of the application, its workers and the vendors' emulators, all at once."""

    def now(self) -> datetime:
        """Return the business time, aware, UTC."""
        ...

    def move_to(self, moment: datetime) -> None:
        """Let it be `moment` for everybody, or raise `MovesForwardOnly`."""
        ...
