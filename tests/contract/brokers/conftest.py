from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.contract.brokers.site import MakeStorage, OnJobs, Site
from tests.contract.brokers.wire import Wire
from tests.servers.brokers import BrokerServer

from smartapp_adapters.storage import Keys, SqlStorage, make_storage, migrate

KEYS = Keys("2026", {"2026": b"k" * 32})
BROKERS = ("none", "rabbitmq", "redis")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Return the environment of a process on a fresh, migrated database."""
    if request.param == "postgres":
        settings: dict[str, str] = request.getfixturevalue("postgres_database").settings
        return settings
    url = f"sqlite:///{tmp_path / 'smartapp.db'}"
    migrate(url)
    return {"SMARTAPP_DATABASE_URL": url}


@pytest.fixture(params=BROKERS)
def broker_url(request: pytest.FixtureRequest) -> str | None:
    if request.param == "none":
        return None
    server: BrokerServer = request.getfixturevalue(f"{request.param}_server")
    return server.url


@pytest.fixture(params=BROKERS[1:])
def wire(request: pytest.FixtureRequest) -> Iterator[Wire]:
    server: BrokerServer = request.getfixturevalue(f"{request.param}_server")
    with Wire(server.url) as wire:
        yield wire


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def make(database: dict[str, str], stack: ExitStack) -> MakeStorage:
    """Return what opens the database once more, as each process does."""

    def opened(on_jobs: OnJobs) -> SqlStorage:
        operator = database.get("SMARTAPP_OPERATOR_DATABASE_URL")
        storage = make_storage(
            database["SMARTAPP_DATABASE_URL"], KEYS, operator_url=operator, on_jobs=on_jobs, pool_size=6
        )
        stack.callback(storage.dispose)
        return storage

    return opened


@pytest.fixture
def site(make: MakeStorage, broker_url: str | None, stack: ExitStack) -> Site:
    return Site.of(make, broker_url, stack)
