"""
Every test of this folder that stores something does so on both databases.

Ask for `make_storage` (or for a `bench` that stands on it) instead of a storage in memory, and the test runs twice.
"""

from pathlib import Path

import pytest
from tests.servers.postgres import PostgresDatabase
from tests.servers.storages import Make

from smartapp_adapters.storage import migrate
from smartapp_domain.ports.storage import Storage


@pytest.fixture(params=["shared_sqlite", "postgres"], ids=["sqlite", "postgres"])
def make_storage(request: pytest.FixtureRequest) -> Make:
    """Return what makes an empty storage, given who is told about jobs or nobody; all of one test share a database."""
    make: Make = request.getfixturevalue(f"make_{request.param}")
    return make


@pytest.fixture
def storage(make_storage: Make) -> Storage:
    return make_storage()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Return the environment of processes of the product on a migrated database without rows."""
    if request.param == "postgres":
        found: PostgresDatabase = request.getfixturevalue("postgres_database")
        return found.settings
    url = f"sqlite:///{tmp_path / 'smartapp.db'}"
    migrate(url)
    return {"SMARTAPP_DATABASE_URL": url}


@pytest.fixture
def here(database: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Make this process one of them."""
    for name, value in database.items():
        monkeypatch.setenv(name, value)
    return database
