import pytest
from tests.servers.storages import Make

from smartapp_domain.ports.storage import Storage
from smartapp_domain.ports.tokens import TokenVault
from smartapp_domain.testing.contracts.storage import HintsContract, StorageContract, TokenVaultContract

pytestmark = pytest.mark.contract


class TestPostgresStorage(StorageContract):
    @pytest.fixture
    def storage(self, make_postgres: Make) -> Storage:
        return make_postgres()


class TestPostgresHints(HintsContract):
    @pytest.fixture
    def make(self, make_postgres: Make) -> Make:
        return make_postgres


class TestPostgresTokenVault(TokenVaultContract):
    @pytest.fixture
    def vault(self, make_postgres: Make) -> TokenVault:
        return make_postgres().tokens
