import pytest
from tests.servers.storages import Make

from smartapp_domain.ports.storage import Storage
from smartapp_domain.ports.tokens import TokenVault
from smartapp_domain.testing.contracts.storage import HintsContract, StorageContract, TokenVaultContract

pytestmark = pytest.mark.contract


class TestSqliteStorage(StorageContract):
    @pytest.fixture
    def storage(self, make_sqlite: Make) -> Storage:
        return make_sqlite()


class TestSqliteHints(HintsContract):
    @pytest.fixture
    def make(self, make_sqlite: Make) -> Make:
        return make_sqlite


class TestSqliteTokenVault(TokenVaultContract):
    @pytest.fixture
    def vault(self, make_sqlite: Make) -> TokenVault:
        return make_sqlite().tokens
