"""The emulator's memory: one lock, one state, and a JSON file when one is wanted."""

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from smartapp_emulators.clock import ClockState, MovableClock
from smartapp_emulators.procore.state import Behavior, Installation, State
from smartapp_emulators.procore.world import App, Company, Person, Project, World


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
        self.forget_windows = 0
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

    def reset(self, seed: World | None = None) -> None:
        """Return to the seed, or to a newly loaded world; switches stay, the clock returns to real time."""
        with self.changing():
            start = seed or self.state.seed
            self.clock.restore(ClockState())
            self.state = State(world=_copy(start), seed=start, behavior=self.state.behavior)
            self.forget_windows += 1

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
            return msgspec.json.decode(self.file.read_bytes(), type=State)
        except (OSError, msgspec.DecodeError) as error:
            raise StateFileError(
                f"The state file {self.file} cannot be used: {error}. Delete it to start from the world file."
            ) from error


def _copy(world: World) -> World:
    return msgspec.json.decode(msgspec.json.encode(world), type=World)


def _write_atomically(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
