"""
The file by which several programs share one business time: `{"offset_s": 86400.0}`.

The format is described in docs/emulators-stripe.md, "One clock for several programs".
"""

import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any

#: A file nobody has read.
_NEVER = (-1, -1, -1)


class ClockFileError(ValueError):
    """A clock file that cannot be used; says which and what to do."""


class ClockFile:
    """
    The offset that several programs share: `{"offset_s": 86400.0}`; no file means 0.

    `changed` costs one `stat`; readers may call it as often as they like.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = _NEVER

    def changed(self) -> bool:
        """Tell whether the file is another one than at the last `read`."""
        return self._signature() != self._seen

    def read(self) -> float:
        """
        Return seconds ahead of real time.

        Raises:
            ClockFileError: It is no such file.
        """
        # Taken before the content: a file replaced in between is read once more, never missed.
        self._seen = self._signature()
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return 0.0
        except (OSError, UnicodeDecodeError) as error:
            raise ClockFileError(f"The clock file {self.path} cannot be read: {error}.") from error
        return self._offset(text)

    def write(self, offset_s: float) -> None:
        """Replace the file at once, so that a reader sees the old offset or the new one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as part:
            json.dump({"offset_s": offset_s}, part)
            part.flush()
            os.fsync(part.fileno())
        Path(name).replace(self.path)
        self._seen = _NEVER  # somebody may have replaced it since, so what was written is read again

    def write_again(self, offset_s: float) -> None:
        """Write an offset that was lost; a folder that was taken away stays away."""
        if self.path.parent.is_dir():
            self.write(offset_s)

    def _offset(self, text: str) -> float:
        try:
            content: Any = json.loads(text)
        except ValueError:
            content = None
        offset = content.get("offset_s") if isinstance(content, dict) else None
        if isinstance(offset, bool) or not isinstance(offset, int | float) or not math.isfinite(offset) or offset < 0:
            raise ClockFileError(
                f'The clock file {self.path} is no clock file: it should hold {{"offset_s": 0.0}}, seconds ahead of '
                "real time and never below 0. Delete it to return to real time."
            )
        return float(offset)

    def _signature(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
