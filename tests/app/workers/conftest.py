import pytest

from smartapp_domain.ports.storage import Storage
from smartapp_domain.testing.workbench import Workbench


@pytest.fixture
def bench(storage: Storage) -> Workbench:
    return Workbench.of(storage)
