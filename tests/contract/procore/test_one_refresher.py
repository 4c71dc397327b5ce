"""However many tasks and processes find the tokens ended, Procore is asked once; a kill costs no second call."""

import json
import logging
import shutil
import signal
import subprocess
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import attrs
import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError
from tests.contract.procore.refresher import (
    ACCOUNT,
    AT_BARRIER,
    BARRIERS,
    COMPANY,
    KEYS,
    PROJECT,
    Ahead,
    settings,
)
from tests.emulators.procore.support import ADA, small_world
from tests.servers.postgres import PostgresDatabase

from smartapp_adapters.procore import ProcorePlatform
from smartapp_adapters.storage import SqlStorage, make_storage
from smartapp_adapters.storage.doors import open_door
from smartapp_domain.catalog import Module
from smartapp_domain.connections import Connection, ConnectionState, Tokens
from smartapp_domain.ids import AccountId
from smartapp_domain.ports.platform import ReconnectNeeded
from smartapp_domain.ports.storage import OPERATOR, Scope
from smartapp_domain.ports.tokens import TokenVault
from smartapp_emulators.procore.app import create_app
from smartapp_emulators.serving import ThreadedServer

pytestmark = pytest.mark.contract
ROOT = Path(__file__).parents[3]
PROCESSES, TASKS = 4, 64
#: No pauses for the sake of Procore's limits.
PLENTY = (100_000, 100_000)
#: Longer than a holder is waited for.
LEASE_OVER_S = 61.0


@attrs.frozen
class World:
    """A Procore, a database, and processes of ours that use both."""

    url: str
    http: httpx.Client
    database: dict[str, str]
    storage: SqlStorage
    stack: ExitStack

    def connect(self) -> None:
        """Let Ada connect the account some time ago: her access token is over, her refresh token good."""
        app = {"client_id": "one", "person_id": ADA}
        issued = self.http.post("/_emulator/tokens", json=app).json()
        self.http.post("/_emulator/tokens/expire", json=app).raise_for_status()
        tokens = Tokens(issued["access_token"], datetime.now(UTC), issued["refresh_token"])
        self.storage.tokens.save(
            ACCOUNT, Module.PLANNER, Connection.by_person(tokens, at=tokens.expires_at), replacing=0
        )

    def asked_for(self, grant: str) -> Counter[int]:
        """Count the calls for tokens by their status."""
        entries = self.http.get("/_emulator/journal").json()["entries"]
        return Counter(each["status"] for each in entries if each["path"] == "/oauth/token" and each["grant"] == grant)

    @property
    def connection(self) -> Connection:
        found = self.storage.tokens.load(ACCOUNT, Module.PLANNER)
        assert found is not None
        return found

    def process(self, *, tasks: int = 1, **order: object) -> "subprocess.Popen[str]":
        """Start a process of ours; it waits for a word before it begins."""
        process = self._started(tasks, order)
        assert _line(process) == "ready"
        return process

    def processes(self) -> "list[subprocess.Popen[str]]":
        started = [self._started(TASKS, {}) for _ in range(PROCESSES)]
        assert [_line(process) for process in started] == ["ready"] * PROCESSES
        return started

    def _started(self, tasks: int, order: dict[str, object]) -> "subprocess.Popen[str]":
        told = json.dumps({"database": self.database, "procore": self.url, "tasks": tasks, **order})
        process = self.stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "tests.contract.procore.refresher", told],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        self.stack.callback(process.kill)
        return process

    def outcomes(self, *processes: "subprocess.Popen[str]") -> Counter[str]:
        for process in processes:
            _begin(process)
        ended: Counter[str] = Counter()
        for process in processes:
            ended.update(json.loads(_line(process)))
            process.wait(60)
        return ended


def _begin(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, empty_sqlite: Path, tmp_path: Path) -> dict[str, str]:
    if request.param == "postgres":
        found: PostgresDatabase = request.getfixturevalue("postgres_database")
        return {"url": found.app_url, "operator_url": found.operator_url}
    path = tmp_path / "smartapp.db"
    shutil.copyfile(empty_sqlite, path)
    return {"url": f"sqlite:///{path}"}


@pytest.fixture
def world(database: dict[str, str]) -> Iterator[World]:
    with ExitStack() as stack:
        server = stack.enter_context(ThreadedServer(create_app(small_world(), rate=PLENTY)))
        http = stack.enter_context(httpx.Client(base_url=server.url))
        storage = make_storage(**database, keys=KEYS, pool_size=2)
        stack.callback(storage.dispose)
        http.post("/_emulator/installations", json={"client_id": "one", "company_id": int(COMPANY)}).raise_for_status()
        yield World(server.url, http, database, storage, stack)


def test_64_tasks_in_each_of_4_processes_make_one_refresh(world: World) -> None:
    world.connect()
    processes = world.processes()

    ended = world.outcomes(*processes)

    assert ended == {"done": PROCESSES * TASKS}
    assert world.asked_for("refresh_token") == {200: 1}
    assert world.connection.tokens.version == 2
    assert world.connection.state is ConnectionState.READY


@attrs.frozen
class MeetingVault:
    """A vault that lets nobody save before all have read and are about to save."""

    inner: TokenVault
    met: threading.Barrier
    thread: threading.local = attrs.field(factory=threading.local)

    def load(self, scope: Scope, app: Module) -> Connection | None:
        return self.inner.load(scope, app)

    def save(self, scope: Scope, app: Module, connection: Connection, *, replacing: int) -> None:
        if not hasattr(self.thread, "met"):
            self.thread.met = True
            self.met.wait(20)
        self.inner.save(scope, app, connection, replacing=replacing)

    def drop(self, scope: Scope, app: Module) -> None:
        self.inner.drop(scope, app)


def test_of_two_that_read_the_same_connection_before_either_claims_it_one_renews(world: World) -> None:
    """The crowd above meets so by luck alone."""
    world.connect()
    both = MeetingVault(world.storage.tokens, threading.Barrier(2))

    def work(_: int) -> None:
        with httpx.Client() as http:  # a platform of its own, as a process has: threads of one queue up
            platform = ProcorePlatform(http, settings(world.url), Ahead(), both)
            platform.project(ACCOUNT, COMPANY, Module.PLANNER, PROJECT)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))

    assert world.asked_for("refresh_token") == {200: 1}
    assert world.connection.tokens.version == 2


def test_they_fetch_one_token_for_the_service_account_too(world: World) -> None:
    processes = world.processes()

    ended = world.outcomes(*processes)

    assert ended == {"done": PROCESSES * TASKS}
    assert world.asked_for("client_credentials") == {200: 1}


def test_withdrawn_consent_is_found_out_once_for_all(world: World) -> None:
    world.connect()
    world.http.post("/_emulator/tokens/revoke", json={"client_id": "one"}).raise_for_status()
    processes = world.processes()

    ended = world.outcomes(*processes)

    assert ended == {"ReconnectNeeded": PROCESSES * TASKS}
    assert world.asked_for("refresh_token") == {400: 1}
    assert world.connection.state is ConnectionState.RECONNECT


#: Killed where: how a process that comes later ends, the calls Procore saw in all, and what the connection says then.
KILLS = {
    "before the claim": ("done", 1, ConnectionState.READY),
    "after the claim": ("done", 1, ConnectionState.READY),
    "before the call": ("ReconnectNeeded", 0, ConnectionState.RECONNECT),
    "after the answer": ("ReconnectNeeded", 1, ConnectionState.RECONNECT),
    "after the commit": ("done", 1, ConnectionState.READY),
}


@pytest.mark.parametrize("barrier", BARRIERS)
def test_a_killed_refresher_costs_at_most_a_new_sign_in_and_never_a_second_call(world: World, barrier: str) -> None:
    ending, calls, state = KILLS[barrier]
    world.connect()
    killed = world.process(barrier=barrier)
    _begin(killed)
    assert _line(killed) == AT_BARRIER
    killed.send_signal(signal.SIGKILL)
    killed.wait(60)

    ended = world.outcomes(world.process(tasks=3, ahead_s=LEASE_OVER_S))

    assert ended == {ending: 3}
    assert sum(world.asked_for("refresh_token").values()) == calls
    assert world.connection.state is state


def test_while_a_holder_may_still_live_nobody_else_asks(world: World) -> None:
    world.connect()
    slow = world.process(barrier="after the answer")
    _begin(slow)
    assert _line(slow) == AT_BARRIER

    ended = world.outcomes(world.process(tasks=3, max_wait_s=0.5))
    slow.kill()

    assert ended == {"PlatformUnavailable": 3}
    assert world.asked_for("refresh_token") == {200: 1}
    assert world.connection.state is ConnectionState.OFFERED


def test_no_token_is_anywhere_in_clear(world: World, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    world.connect()
    old = world.connection.tokens
    with httpx.Client() as http:
        platform = ProcorePlatform(http, settings(world.url), Ahead(), world.storage.tokens)
        platform.project(ACCOUNT, COMPANY, Module.PLANNER, PROJECT)
        list(platform.projects(AccountId("served by the app"), COMPANY, Module.PLANNER))
        new, ours = world.connection.tokens, world.storage.tokens.load(OPERATOR, Module.PLANNER)
        world.http.post("/_emulator/tokens/revoke", json={}).raise_for_status()
        with pytest.raises(ReconnectNeeded) as caught:
            platform.project(ACCOUNT, COMPANY, Module.PLANNER, PROJECT)

    assert ours is not None
    secrets = [old.access_token, old.refresh_token, new.access_token, new.refresh_token, ours.tokens.access_token]
    told += [caplog.text, "".join(traceback.format_exception(caught.value)), repr(world.connection), *_dump(world)]
    told += [path.read_bytes().decode("latin-1") for path in tmp_path.glob("smartapp.db*")]
    assert [text for text in told if text.startswith("connections: [(")]
    assert [text for text in told if text.startswith("service_connections: [(")]
    assert "procore.reconnect_needed" in caplog.text
    assert not [secret for secret in (*secrets, "secret-one") for text in told if secret is None or secret in text]


def _dump(world: World) -> list[str]:
    """Return everything the database holds, as text."""
    database = world.storage.database
    found = []
    for table in sa.inspect(database.operator_engine).get_table_names():
        for scope in (OPERATOR, ACCOUNT):
            with suppress(ProgrammingError), open_door(database, scope, writing=False) as door:  # some have one door
                rows = door.connection.execute(sa.text(f"SELECT * FROM {table}")).all()  # noqa: S608 - our own
                found.append(f"{table}: {[tuple(map(_readable, row)) for row in rows]}")
    return found


def _readable(value: object) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)
