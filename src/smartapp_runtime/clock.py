"""What time it is: this machine's, or the one a demo's clock file says; and ids nobody can guess."""

import json
import logging
import os
import secrets
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import attrs

from smartapp_http.clock_control import MovesForwardOnly

_log: Final = logging.getLogger(__name__)
_ID_BYTES: Final = 18
#: How a file is recognized without reading it; None is no file.
_Signature = tuple[int, int, int] | None
_NEVER: Final = (-1, -1, -1)
#: A hundred years. Further ahead is no time anybody means.
_FURTHEST_S: Final = 100 * 366 * 86_400.0


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


class ClockFileUnusable(ValueError):
    """Raised for a file that is no clock file; the text names it and the way out."""


class FileClock:
    """
    The ports `Clock` and `ClockControl` on a clock file: business time is real time plus the seconds it holds.

    The file looks like `{"offset_s": 86400.0}`; none is an offset of 0. Any number of programs share one file and so
    one time. A reader looks at it each time it is asked, which costs one `stat`. The offset only grows: a program that
    meets a smaller one keeps its own and writes it again, so that of two programs that move the clock at once the later
    time holds. Made for the demo, where the vendors' emulators share it. Safe to use from many threads.

    Source: docs/emulators-stripe.md, "One clock for several programs".

    Args:
        path: The file; its folder exists.
        real: This machine's time.

    """

    def __init__(self, path: Path, real: Callable[[], datetime] = SystemClock().now) -> None:
        self._path = path
        self._real = real
        self._lock = threading.Lock()
        self._seen: _Signature = _NEVER
        self._offset_s = self._read()

    def now(self) -> datetime:
        """Return the business time."""
        with self._lock:
            self._follow()
            return self._now()

    def move_to(self, moment: datetime) -> None:
        """Let it be `moment` for all who share the file, or raise `MovesForwardOnly`."""
        with self._lock:
            self._follow()
            if moment < self._now():
                raise MovesForwardOnly(f"{moment.isoformat()} is past.")
            self._offset_s = max(self._offset_s, (moment - self._real()).total_seconds())
            self._write()

    def _now(self) -> datetime:
        return self._real() + timedelta(seconds=self._offset_s)

    def _follow(self) -> None:
        if self._signature() == self._seen:
            return
        try:
            offset_s = self._read()
        except ClockFileUnusable as error:
            _log.error("%s", error)
            return
        if offset_s < self._offset_s:
            _log.error("%s went back to %.3f s; %.3f s stays.", self._path, offset_s, self._offset_s)
            self._write()
        self._offset_s = max(offset_s, self._offset_s)

    def _read(self) -> float:
        # The signature is taken first: a file replaced in between is then read once more, never missed.
        self._seen = self._signature()
        try:
            content: Any = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return 0.0
        except (OSError, ValueError) as error:
            raise ClockFileUnusable(f"The clock file {self._path} cannot be read: {error}.") from error
        offset_s = content.get("offset_s") if isinstance(content, dict) else None
        if isinstance(offset_s, bool) or not isinstance(offset_s, int | float) or not 0 <= offset_s <= _FURTHEST_S:
            raise ClockFileUnusable(
                f'The clock file {self._path} should hold {{"offset_s": 0.0}}, seconds ahead of real time and never '
                "below 0. Delete it to return to real time."
            )
        return float(offset_s)

    def _write(self) -> None:
        """Replace the file at once, so that a reader sees the old offset or the new one; a lost folder stays lost."""
        if not self._path.parent.is_dir():
            return
        handle, part = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"offset_s": self._offset_s}, file)
        Path(part).replace(self._path)
        self._seen = _NEVER  # somebody may have replaced it since, so what was written is read again

    def _signature(self) -> _Signature:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
