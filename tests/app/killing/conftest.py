from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.app.killing.site import Site
from tests.servers.postgres import PostgresDatabase

from smartapp_adapters.storage import migrate

MakeSite = Callable[..., Site]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Return the environment of processes on a fresh, migrated database."""
    if request.param == "postgres":
        found: PostgresDatabase = request.getfixturevalue("postgres_database")
        return found.settings
    url = f"sqlite:///{tmp_path / 'smartapp.db'}"
    migrate(url)
    return {"SMARTAPP_DATABASE_URL": url}


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("bytecode"))


@pytest.fixture
def make_site(database: dict[str, str], bytecode: str, tmp_path: Path) -> Iterator[MakeSite]:
    """Return what opens an installation on this database; none outlives the test."""
    with ExitStack() as stack:

        def make(broker: str | None = None, webs: int = 1) -> Site:
            site = Site(tmp_path, database, bytecode, broker, webs)
            stack.callback(site.close)
            site.open()
            return site

        yield make
