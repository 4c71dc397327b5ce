import pytest

from smartapp_domain.identity import Actor
from smartapp_domain.testing.workbench import Workbench

NAMES = ("TOTTENVILLE HS - STATEN ISLAND", "FLUSHING HS - QUEENS", "FLUSHING HS - QUEENS")


@pytest.fixture
def bench() -> Workbench:
    return Workbench.of()


@pytest.fixture
def owner(bench: Workbench) -> Actor:
    """The first admin of a company with three projects, two of the same name, signed in."""
    company = bench.company("77", *NAMES)
    return bench.sign_in(bench.employ(company, "dana", admin=True), company)
