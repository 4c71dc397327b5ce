"""Time and fresh ids come from outside."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """What time the business has. The demo may move it; signatures and sign-in expiry use real time."""

    def now(self) -> datetime:
        """Return the current moment, aware, UTC."""
        ...


class Ids(Protocol):
    """Where fresh ids come from."""

    def fresh(self) -> str:
        """Return an id nobody has used: URL-safe, at most 40 characters, unguessable."""
        ...
