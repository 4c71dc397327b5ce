"""
A clock that can be moved, so that ninety minutes or a month pass in one call.

It drives every time an emulator stores or shows: the `Date` header, expiries, rate resets, `created_at`.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import attrs


def _system_now() -> datetime:
    return datetime.now(UTC)


@attrs.frozen
class ClockState:
    """What has to be kept for a clock to go on where it stood: seconds ahead of real time, or a standstill."""

    offset_s: float = 0.0
    frozen_at: datetime | None = None


class MovableClock:
    """Runs with real time plus an offset, or stands still where it was frozen. Safe to use from many threads."""

    def __init__(self, state: ClockState | None = None, *, source: Callable[[], datetime] = _system_now) -> None:
        self._source = source
        self._state = state or ClockState()
        self._lock = threading.Lock()

    @classmethod
    def frozen(cls, at: datetime) -> "MovableClock":
        """Return a clock that stands at `at` until somebody moves it."""
        return cls(ClockState(frozen_at=_utc(at)))

    @property
    def state(self) -> ClockState:
        return self._state

    def now(self) -> datetime:
        """Return the emulated moment, aware, UTC."""
        with self._lock:
            return self._now()

    def unix(self) -> int:
        """Return the emulated moment as whole seconds since 1970."""
        return int(self.now().timestamp())

    def http_date(self) -> str:
        """Return the emulated moment as the `Date` header wants it."""
        return format_datetime(self.now(), usegmt=True)

    def advance(self, seconds: float) -> datetime:
        """Move by `seconds`, backwards when negative; a frozen clock stays frozen at the new moment."""
        with self._lock:
            if self._state.frozen_at is not None:
                self._state = attrs.evolve(self._state, frozen_at=self._state.frozen_at + timedelta(seconds=seconds))
            else:
                self._state = ClockState(self._state.offset_s + seconds)
            return self._now()

    def set_to(self, moment: datetime) -> datetime:
        """Jump to `moment`; a frozen clock stays frozen there, a running one runs on from there."""
        with self._lock:
            if self._state.frozen_at is not None:
                self._state = attrs.evolve(self._state, frozen_at=_utc(moment))
            else:
                self._state = ClockState((_utc(moment) - self._source()).total_seconds())
            return self._now()

    def freeze(self) -> datetime:
        """Stand still at the present moment."""
        with self._lock:
            self._state = ClockState(frozen_at=self._now())
            return self._now()

    def resume(self) -> datetime:
        """Run on from the present moment."""
        with self._lock:
            self._state = ClockState((self._now() - self._source()).total_seconds())
            return self._now()

    def restore(self, state: ClockState) -> None:
        """Take over a kept state, for instance after a restart."""
        with self._lock:
            self._state = state

    def _now(self) -> datetime:
        if self._state.frozen_at is not None:
            return self._state.frozen_at
        return self._source() + timedelta(seconds=self._state.offset_s)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"A moment needs a time zone: {moment.isoformat()}")
    return moment.astimezone(UTC)
