"""Real time, and ids nobody can guess."""

import secrets
from datetime import UTC, datetime

import attrs

_ID_BYTES = 18


@attrs.frozen
class SystemClock:
    """The `Clock` port on this machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@attrs.frozen
class RandomIds:
    """The `Ids` port: 144 random bits as 24 URL-safe letters."""

    def fresh(self) -> str:
        return secrets.token_urlsafe(_ID_BYTES)
