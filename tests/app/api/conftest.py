from collections.abc import Callable, Iterator

import pytest
from tests.app.api.town import Town, built
from tests.servers.postgres import PostgresDatabase

from smartapp_adapters.storage import KEY_BYTES, Keys, SqlStorage, make_storage, migrate

KEYS = Keys("k1", {"k1": bytes(KEY_BYTES)})


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStorage]:
    """A fresh database of each kind, with all tables."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('api') / 'smartapp.db'}"
        migrate(url)
        made = make_storage(url, KEYS)
    else:
        make: Callable[[], PostgresDatabase] = request.getfixturevalue("make_postgres_database")
        database = make()
        made = make_storage(database.app_url, KEYS, operator_url=database.operator_url, pool_size=10)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def town(storage: SqlStorage) -> Iterator[Town]:
    with built(storage) as town:
        yield town
