from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from smartapp_adapters.storage import Keys, SqlStorage, make_storage
from smartapp_domain.ids import JobId
from smartapp_domain.ports.storage import Storage
from smartapp_domain.ports.tokens import TokenVault
from smartapp_domain.testing.contracts.storage import HintsContract, StorageContract, TokenVaultContract

pytestmark = pytest.mark.contract
KEYS = Keys("2026", {"2026": b"k" * 32})
OnJobs = Callable[[tuple[JobId, ...]], None]


def _hurry(dbapi: Any, _: Any) -> None:
    """Spare these tests the waits for the disk; what `synchronous` is otherwise, `test_engine.py` asks."""
    dbapi.execute("PRAGMA synchronous=OFF").close()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a migrated database file: copying it is quicker than migrating for every test."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    storage = make_storage(f"sqlite:///{path}", KEYS)
    storage.migrate()
    storage.dispose()
    return path.read_bytes()


@pytest.fixture
def make(empty: bytes, tmp_path: Path) -> Iterator[Callable[[OnJobs], SqlStorage]]:
    made: list[SqlStorage] = []
    path = tmp_path / "smartapp.db"
    path.write_bytes(empty)

    def open_one(on_jobs: OnJobs) -> SqlStorage:
        storage = make_storage(f"sqlite:///{path}", KEYS, on_jobs=on_jobs)
        event.listen(storage.engine, "connect", _hurry)
        made.append(storage)
        return storage

    yield open_one
    for storage in made:
        storage.dispose()


class TestSqliteStorage(StorageContract):
    @pytest.fixture
    def storage(self, make: Callable[[OnJobs], SqlStorage]) -> Storage:
        return make(lambda _: None)


class TestSqliteHints(HintsContract):
    @pytest.fixture
    def make(self, make: Callable[[OnJobs], SqlStorage]) -> Callable[[OnJobs], Storage]:
        return make


class TestSqliteTokenVault(TokenVaultContract):
    @pytest.fixture
    def vault(self, make: Callable[[OnJobs], SqlStorage]) -> TokenVault:
        return make(lambda _: None).tokens
