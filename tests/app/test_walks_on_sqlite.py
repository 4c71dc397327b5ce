"""The random walks of `tests/unit/use_cases`, on a real database."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.unit.use_cases.test_walks import Customers

from smartapp_adapters.storage import KEY_BYTES, Keys, SqlStorage, make_storage
from smartapp_domain.ports.storage import Storage

KEYS = Keys("k1", {"k1": bytes(KEY_BYTES)})


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables and no rows: copying it is cheaper than migrating per example."""
    file = tmp_path_factory.mktemp("walks") / "empty.sqlite"
    storage = make_storage(f"sqlite:///{file}", KEYS)
    storage.migrate()
    storage.dispose()
    return file


def test_walks_end_the_same_on_sqlite(migrated: Path) -> None:
    class CustomersOnSqlite(Customers):
        storage: SqlStorage

        def fresh_storage(self) -> Storage:
            self.home = Path(tempfile.mkdtemp(dir=migrated.parent))
            copy = shutil.copy(migrated, self.home / "walk.sqlite")
            self.storage = make_storage(f"sqlite:///{copy}", KEYS)
            return self.storage

        def teardown(self) -> None:
            self.storage.dispose()
            shutil.rmtree(self.home)

    run_state_machine_as_test(
        CustomersOnSqlite,
        settings=settings(
            max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
