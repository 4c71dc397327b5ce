from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.app.killing.kills import Player
from tests.app.killing.site import Site

MakeSite = Callable[..., Site]


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


@pytest.fixture
def player(make_site: MakeSite) -> Iterator[Player]:
    site = make_site()
    storage = site.storage()
    yield Player(site, storage)
    storage.dispose()
