import os
from collections.abc import Callable

import pytest

from smartapp_adapters.storage import SqlStorage
from smartapp_domain.ids import JobId
from smartapp_domain.ports.storage import Storage
from smartapp_domain.ports.tokens import TokenVault
from smartapp_domain.testing.contracts.storage import HintsContract, StorageContract, TokenVaultContract

if not os.environ.get("SMARTAPP_TEST_POSTGRES"):
    pytest.skip(
        "No PostgreSQL: set SMARTAPP_TEST_POSTGRES to the URL of a role that may create databases and roles, "
        "such as postgresql://postgres@127.0.0.1:5432/postgres.",
        allow_module_level=True,
    )

pytestmark = pytest.mark.contract
Make = Callable[[Callable[[tuple[JobId, ...]], None]], SqlStorage]


def _unheard(_: tuple[JobId, ...]) -> None:
    """Nobody listens."""


class TestPostgresStorage(StorageContract):
    @pytest.fixture
    def storage(self, make_postgres: Make) -> Storage:
        return make_postgres(_unheard)


class TestPostgresHints(HintsContract):
    @pytest.fixture
    def make(self, make_postgres: Make) -> Make:
        return make_postgres


class TestPostgresTokenVault(TokenVaultContract):
    @pytest.fixture
    def vault(self, make_postgres: Make) -> TokenVault:
        return make_postgres(_unheard).tokens
