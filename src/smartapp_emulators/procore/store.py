"""The emulator's memory: one lock, one state, and a JSON file when one is wanted."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from smartapp_emulators.clock import ClockState, MovableClock
from smartapp_emulators.procore.state import FORMAT, FORMAT_VERSION, Behavior, Head, Installation, State
from smartapp_emulators.procore.world import App, Company, Person, Project, World

_START_AFRESH = "Delete it, or name another one, to start from the world file."
#: A journal of reads may be so much behind after a kill.
_READS_WAIT_S = 1.0


class StateFileError(ValueError):
    """The state file cannot be read or written; says which and what to do."""


class Store:
    """
    Holds the state. Changes happen inside `changing()`, which writes the file on leaving.

    Handlers run on one event loop, but tests and the embedding program may reach in from other threads, hence the lock.
    """

    def __init__(self, seed: World, *, behavior: Behavior, clock: MovableClock, file: Path | None = None) -> None:
        self.clock = clock
        self.file = file
        self.lock = threading.RLock()
        self.extra_redirect_uris: tuple[str, ...] = ()
        self.state = self._read() or State(world=_copy(seed), seed=seed)
        # What the command line says now beats what it said last time.
        self.state.behavior.lenient = behavior.lenient
        self.state.behavior.rate = behavior.rate
        self._saved_at = time.monotonic()
        if self.state.clock_offset_s or self.state.clock_frozen_at:
            clock.restore(ClockState(self.state.clock_offset_s, self.state.clock_frozen_at))

    @contextmanager
    def changing(self) -> Iterator[State]:
        with self.lock:
            yield self.state
            self.save()

    def save(self) -> None:
        """Write the state file atomically; without a file do nothing."""
        if self.file is None:
            return
        with self.lock:
            self.state.clock_offset_s = self.clock.state.offset_s
            self.state.clock_frozen_at = self.clock.state.frozen_at
            _write_atomically(self.file, msgspec.json.encode(self.state))
            self._saved_at = time.monotonic()

    def save_in_time(self) -> None:
        """Write what has only been looked at: not with each request, but with the first one after a second."""
        if time.monotonic() - self._saved_at >= _READS_WAIT_S:
            self.save()

    def reset(self, seed: World | None = None) -> None:
        """Return to the seed, or to a newly loaded world; switches stay, an unshared clock returns to real time."""
        with self.changing():
            start = seed or self.state.seed
            self.clock.return_to_real_time()
            self.state = State(world=_copy(start), seed=start, behavior=self.state.behavior)

    def next_id(self) -> int:
        self.state.last_id += 1
        return self.state.last_id

    def app(self, client_id: str | None) -> App | None:
        return next((app for app in self.state.world.apps if app.client_id == client_id), None)

    def app_by_slug(self, slug: str) -> App | None:
        return next((app for app in self.state.world.apps if app.slug == slug), None)

    def redirect_uris(self, app: App) -> list[str]:
        return [*app.redirect_uris, *(uri for uri in self.extra_redirect_uris if uri not in app.redirect_uris)]

    def company(self, company_id: int) -> Company | None:
        return next((each for each in self.state.world.companies if each.id == company_id), None)

    def person(self, person_id: int | None) -> Person | None:
        return next((each for each in self.state.world.people if each.id == person_id), None)

    def project(self, project_id: int) -> Project | None:
        return next((each for each in self.state.world.projects if each.id == project_id), None)

    def projects_of(self, company_id: int) -> list[Project]:
        return [each for each in self.state.world.projects if each.company_id == company_id]

    def installation(self, client_id: str, company_id: int) -> Installation | None:
        """Return the living installation of an app in a company."""
        found = self.any_installation(client_id, company_id)
        return found if found is not None and found.status == "installed" else None

    def any_installation(self, client_id: str, company_id: int) -> Installation | None:
        """Return the installation of an app in a company, also a former one."""
        return next(
            (each for each in self.state.installations if (each.client_id, each.company_id) == (client_id, company_id)),
            None,
        )

    def _read(self) -> State | None:
        if self.file is None or not self.file.exists():
            return None
        try:
            text = self.file.read_bytes()
            head = msgspec.json.decode(text, type=Head)
            if head.format_version != FORMAT_VERSION or head.format != FORMAT:
                raise StateFileError(f"The state file {self.file} {_stranger(head)}. {_START_AFRESH}")
            return msgspec.json.decode(text, type=State)
        except (OSError, msgspec.DecodeError) as error:
            raise StateFileError(f"The state file {self.file} cannot be used: {error}. {_START_AFRESH}") from error


def _stranger(head: Head) -> str:
    if not head.format and head.format_version == 1:
        return "is of no Procore emulator, or of one before state files had a number"
    if head.format != FORMAT:
        return f"is none of the Procore emulator's: it says {head.format!r}"
    return f"has the form {head.format_version}; this emulator writes {FORMAT_VERSION}"


def _copy(world: World) -> World:
    return msgspec.json.decode(msgspec.json.encode(world), type=World)


def _write_atomically(path: Path, content: bytes) -> None:
    """Replace the file so that whoever kills us at any moment leaves the old or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")  # always the same, so that what a kill leaves is written over
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # or a power cut could forget the new name
    finally:
        os.close(folder)
