"""What the storage suites stand on: two accounts, so that every test has a neighbor."""

import pytest

from smartapp_domain.ids import AccountId
from smartapp_domain.ports.storage import OPERATOR, Storage
from smartapp_domain.testing import builders as some

ACME = AccountId("acme")
GLOBEX = AccountId("globex")


class StorageBench:
    @pytest.fixture
    def storage(self) -> Storage:
        raise NotImplementedError("Give the suite a fresh storage: override this fixture.")

    @pytest.fixture
    def opened(self, storage: Storage) -> Storage:
        """Return the storage with two accounts, of one person each."""
        with storage.transaction(OPERATOR) as tx:
            tx.accounts.add(some.account("acme"))
            tx.accounts.add(some.account("globex"))
            tx.people.put(some.person("pat"))
        with storage.transaction(ACME) as tx:
            tx.members.put(some.member("pat", "acme"), replacing=0)
        return storage
