from datetime import timedelta

import attrs
import pytest

from smartapp_domain.catalog import Module
from smartapp_domain.identity import Actor, Role
from smartapp_domain.ids import SubscriptionId
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.manage_members import About, change_role
from tests.unit.use_cases.journey import FIRST, buy, pick, settled, started

NAMES = ("TOTTENVILLE HS - STATEN ISLAND", "FLUSHING HS - QUEENS", "FLUSHING HS - QUEENS")


@pytest.fixture
def bench() -> Workbench:
    return Workbench.of()


@pytest.fixture
def owner(bench: Workbench) -> Actor:
    """The first admin of a company with three projects, two of the same name, signed in."""
    company = bench.company("77", *NAMES)
    return bench.sign_in(bench.employ(company, "dana", admin=True), company)


@pytest.fixture
def colleague(bench: Workbench, owner: Actor) -> Actor:
    """Ed, a second admin, whom the owner lets buy."""
    company = next(iter(bench.world.companies))
    ed = bench.sign_in(bench.employ(company, "ed", admin=True), company)
    change_role(About(owner, ed.member_id), Role.SUPER_ADMIN, bench.ports)
    return attrs.evolve(ed, role=Role.SUPER_ADMIN)


@pytest.fixture
def licensed(bench: Workbench, owner: Actor) -> SubscriptionId:
    """Planner for the first project, monthly, bought ten days ago."""
    pick(bench, owner, FIRST, Module.PLANNER)
    bought = bench.payments.pay(started(buy(bench, owner)).checkout.id)
    settled(bench)
    bench.work(timedelta(days=10))
    return bought
