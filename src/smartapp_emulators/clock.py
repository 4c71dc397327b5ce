"""
A clock that can be moved, so that ninety minutes or a month pass in one call.

It drives every time an emulator stores or shows: the `Date` header, expiries, rate resets, `created_at`. Bound to a
clock file, several programs share one business time: real time plus the file's offset.
"""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import attrs

from smartapp_emulators.clock_file import ClockFile, ClockFileError

_log = logging.getLogger(__name__)

#: How far a kept moment may lie ahead of a bound clock: rounding, not time.
_TOLERANCE_S = 1.0


class ClockMovesForward(ValueError):
    """Somebody asked a shared clock for the past, or to stand still."""


def _system_now() -> datetime:
    return datetime.now(UTC)


@attrs.frozen
class ClockState:
    """What has to be kept for a clock to go on where it stood: seconds ahead of real time, or a standstill."""

    offset_s: float = 0.0
    frozen_at: datetime | None = None


class MovableClock:
    """
    Runs with real time plus an offset, or stands still where it was frozen. Safe to use from many threads.

    With a `file` the offset is shared with other programs: whoever moves it writes the file, all others follow within
    their next look. Such a clock only moves forward, and never stands still.
    """

    def __init__(
        self,
        state: ClockState | None = None,
        *,
        source: Callable[[], datetime] = _system_now,
        file: Path | None = None,
    ) -> None:
        self._source = source
        self._state = state or ClockState()
        self._lock = threading.Lock()
        self._file = ClockFile(file) if file is not None else None
        self._problem: str | None = None
        if self._file is not None:
            self._state = ClockState(self._file.read())

    @classmethod
    def frozen(cls, at: datetime) -> "MovableClock":
        """Return a clock that stands at `at` until somebody moves it."""
        return cls(ClockState(frozen_at=_utc(at)))

    @property
    def state(self) -> ClockState:
        with self._lock:
            self._follow()
            return self._state

    @property
    def file(self) -> Path | None:
        """The clock file this clock shares, if any."""
        return self._file.path if self._file is not None else None

    @property
    def problem(self) -> str | None:
        """What was last wrong with the clock file, until it moves forward again: it went backward, or is broken."""
        with self._lock:
            self._follow()
            return self._problem

    def now(self) -> datetime:
        """Return the emulated moment, aware, UTC."""
        with self._lock:
            self._follow()
            return self._now()

    def unix(self) -> int:
        """Return the emulated moment as whole seconds since 1970."""
        return int(self.now().timestamp())

    def http_date(self) -> str:
        """Return the emulated moment as the `Date` header wants it."""
        return format_datetime(self.now(), usegmt=True)

    def advance(self, seconds: float) -> datetime:
        """
        Move by `seconds`, backwards when negative; a frozen clock stays frozen at the new moment.

        Raises:
            ClockMovesForward: `seconds` is negative and the clock is shared.
        """
        with self._lock:
            self._follow()
            if self._state.frozen_at is not None:
                self._state = attrs.evolve(self._state, frozen_at=self._state.frozen_at + timedelta(seconds=seconds))
            else:
                self._share(self._state.offset_s + seconds)
            return self._now()

    def set_to(self, moment: datetime) -> datetime:
        """
        Jump to `moment`; a frozen clock stays frozen there, a running one runs on from there.

        Raises:
            ClockMovesForward: `moment` is past and the clock is shared.
        """
        with self._lock:
            self._follow()
            if self._state.frozen_at is not None:
                self._state = attrs.evolve(self._state, frozen_at=_utc(moment))
            else:
                self._share((_utc(moment) - self._source()).total_seconds())
            return self._now()

    def freeze(self) -> datetime:
        """
        Stand still at the present moment.

        Raises:
            ClockMovesForward: The clock is shared.
        """
        with self._lock:
            if self._file is not None:
                raise ClockMovesForward(
                    "A clock shared by a clock file runs with real time: it can be moved, not stopped."
                )
            self._state = ClockState(frozen_at=self._now())
            return self._now()

    def resume(self) -> datetime:
        """Run on from the present moment."""
        with self._lock:
            self._follow()
            if self._file is None:
                self._state = ClockState((self._now() - self._source()).total_seconds())
            return self._now()

    def restore(self, state: ClockState) -> None:
        """
        Take over a kept state, for instance after a restart. A shared clock stays where its file says.

        Raises:
            ClockFileError: The file lies before the kept moment: what happened since cannot be undone.
        """
        with self._lock:
            if self._file is None:
                self._state = state
                return
            kept = state.frozen_at or self._source() + timedelta(seconds=state.offset_s)
            behind_s = (kept - self._now()).total_seconds()
            if behind_s > _TOLERANCE_S:
                raise ClockFileError(
                    f"The clock file {self._file.path} is {behind_s:.0f} seconds behind the kept state, and a clock "
                    f'never moves backward. Write {{"offset_s": {self._state.offset_s + behind_s:.3f}}} to it, or '
                    "delete the state file, too."
                )

    def return_to_real_time(self) -> None:
        """Forget every move; a shared clock stays, because others go on by it."""
        with self._lock:
            if self._file is None:
                self._state = ClockState()

    def _now(self) -> datetime:
        if self._state.frozen_at is not None:
            return self._state.frozen_at
        return self._source() + timedelta(seconds=self._state.offset_s)

    def _share(self, offset_s: float) -> None:
        if self._file is not None:
            if offset_s < self._state.offset_s:
                raise ClockMovesForward(
                    "A clock shared by a clock file moves forward only: what happened has happened."
                )
            self._file.write(offset_s)
            self._problem = None
        self._state = ClockState(offset_s)

    def _follow(self) -> None:
        """Take over a file that changed; one that went backward is put right, a broken one left until it is mended."""
        if self._file is None or not self._file.changed():
            return
        try:
            offset_s = self._file.read()
        except ClockFileError as error:
            self._refuse(str(error))
            return
        if offset_s > self._state.offset_s:
            self._state, self._problem = ClockState(offset_s), None
        if offset_s >= self._state.offset_s:
            return
        self._refuse(
            f"The clock file {self._file.path} went back from {self._state.offset_s:.3f} to {offset_s:.3f} seconds. "
            "A clock never moves backward, so the later time was written to it again. To begin anew, stop every "
            "program that shares it, then delete it together with their kept state."
        )
        # Two programs that move the clock at once end here, too: the later time holds, and nobody loses time.
        self._file.write_again(self._state.offset_s)

    def _refuse(self, problem: str) -> None:
        self._problem = problem
        _log.error("%s", problem)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"A moment needs a time zone: {moment.isoformat()}")
    return moment.astimezone(UTC)
