from collections.abc import Callable

import pytest

from smartapp_adapters.storage import SqlStorage
from smartapp_domain.ids import JobId
from smartapp_domain.ports.storage import Storage
from smartapp_domain.ports.tokens import TokenVault
from smartapp_domain.testing.contracts.storage import HintsContract, StorageContract, TokenVaultContract

pytestmark = pytest.mark.contract
Make = Callable[[Callable[[tuple[JobId, ...]], None]], SqlStorage]


def _unheard(_: tuple[JobId, ...]) -> None:
    """Nobody listens."""


class TestSqliteStorage(StorageContract):
    @pytest.fixture
    def storage(self, make_sqlite: Make) -> Storage:
        return make_sqlite(_unheard)


class TestSqliteHints(HintsContract):
    @pytest.fixture
    def make(self, make_sqlite: Make) -> Make:
        return make_sqlite


class TestSqliteTokenVault(TokenVaultContract):
    @pytest.fixture
    def vault(self, make_sqlite: Make) -> TokenVault:
        return make_sqlite(_unheard).tokens
