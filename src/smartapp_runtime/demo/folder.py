"""What the demo keeps between two runs: its database, the emulators' states, the clock, a key and a webhook secret."""

import fcntl
import os
import shutil
from pathlib import Path
from typing import IO

import attrs

from smartapp_runtime.demo.problems import DemoProblem
from smartapp_runtime.keys import new_key


@attrs.define
class DemoFolder:
    """A directory of the demo; held by one running demo at a time."""

    path: Path
    _lock: IO[str] | None = attrs.field(init=False, default=None)

    def open(self, *, reset: bool) -> None:
        """Take the folder, making it if need be; `reset` first empties it. Raises `DemoProblem` when it is in use."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (self.path / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise DemoProblem(f"Another demo runs on {self.path}. Stop it first (Ctrl-C where it runs).") from error
        self._lock = lock
        if reset:
            self._empty()
        self.log.write_text("")

    def close(self) -> None:
        if self._lock is not None:
            self._lock.close()

    @property
    def log(self) -> Path:
        return self.path / "demo.log"

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.path.absolute() / 'smartapp.db'}"

    @property
    def procore_state(self) -> Path:
        return self.path / "procore.json"

    @property
    def stripe_state(self) -> Path:
        return self.path / "stripe.json"

    @property
    def clock(self) -> Path:
        """The one clock of all the programs: it stays moved until the folder is emptied."""
        return self.path / "clock.json"

    def encryption_key(self) -> str:
        """Return the key of this folder, made on the first run: without it what is sealed here stays sealed."""
        return self._secret("encryption.key") or self._keep("encryption.key", new_key())

    def webhook_secret(self, fresh: str | None = None) -> str | None:
        """Return the signing secret of the webhook endpoint; `fresh` replaces it."""
        return self._keep("webhook.secret", fresh) if fresh else self._secret("webhook.secret")

    def _secret(self, name: str) -> str | None:
        file = self.path / name
        return (file.read_text().strip() or None) if file.exists() else None

    def _keep(self, name: str, secret: str) -> str:
        file = self.path / name
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
            handle.write(secret + "\n")
        return secret

    def _empty(self) -> None:
        for entry in self.path.iterdir():
            if entry.name == "lock":
                continue
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()
