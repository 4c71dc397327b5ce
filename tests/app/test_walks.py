"""The random walks of `tests/unit/use_cases`, on real databases."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.servers.storages import Fresh
from tests.unit.use_cases.test_walks import Customers

from smartapp_domain.ports.storage import Storage


@pytest.fixture(params=["sqlite", "postgres"])
def fresh(request: pytest.FixtureRequest) -> Fresh:
    made: Fresh = request.getfixturevalue(f"fresh_{request.param}")
    return made


def test_walks_end_the_same_on_a_real_database(fresh: Fresh) -> None:
    class CustomersOnADatabase(Customers):
        def fresh_storage(self) -> Storage:
            return fresh()

    run_state_machine_as_test(
        CustomersOnADatabase,
        settings=settings(
            max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
