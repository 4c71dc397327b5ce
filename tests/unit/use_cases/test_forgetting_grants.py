"""A grant that lets nobody in is revoked as well."""

from smartapp_domain.catalog import Module
from smartapp_domain.decisions import Reason
from smartapp_domain.identity import Actor
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.enter_account import OtherApp
from smartapp_domain.use_cases.manage_members import About, remove_member
from tests.unit.use_cases.journey import refused


def test_the_grant_of_somebody_who_was_removed_is_forgotten(bench: Workbench, owner: Actor) -> None:
    (company,) = bench.world.companies
    lee = bench.employ(company, "lee")
    member = bench.sign_in(lee, company)
    remove_member(About(owner, member.member_id), bench.ports)

    assert refused(bench.arrive(lee, company)).reason is Reason.REMOVED

    assert bench.world.tokens == {}


def test_the_grant_of_an_app_that_is_not_installed_is_forgotten(bench: Workbench, owner: Actor) -> None:  # noqa: ARG001
    (company,) = bench.world.companies
    bench.world.uninstall(company, Module.PLANNER)

    assert isinstance(bench.arrive(bench.employ(company, "lee"), company), OtherApp)

    assert bench.world.tokens == {}
