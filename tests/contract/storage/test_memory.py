from collections.abc import Callable

import pytest

from smartapp_domain.ids import JobId
from smartapp_domain.ports.storage import Storage
from smartapp_domain.ports.tokens import TokenVault
from smartapp_domain.testing.contracts.storage import HintsContract, StorageContract, TokenVaultContract
from smartapp_domain.testing.memory import MemoryStorage, MemoryTokenVault

pytestmark = pytest.mark.contract


class TestMemoryStorage(StorageContract):
    @pytest.fixture
    def storage(self) -> Storage:
        return MemoryStorage()


class TestMemoryHints(HintsContract):
    @pytest.fixture
    def make(self) -> Callable[[Callable[[tuple[JobId, ...]], None]], Storage]:
        return MemoryStorage


class TestMemoryTokenVault(TokenVaultContract):
    @pytest.fixture
    def vault(self) -> TokenVault:
        return MemoryTokenVault()
