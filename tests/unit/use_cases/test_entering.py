from collections.abc import Callable

import attrs
import pytest

from smartapp_domain.catalog import Module
from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Environment, Role
from smartapp_domain.ids import PlatformCompanyId
from smartapp_domain.installation import Lost
from smartapp_domain.ports.platform import AccessDenied, PersonGrant, PlatformUnavailable, SignInRejected
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing.memory import MemoryTokenVault
from smartapp_domain.testing.platform import MemorySignIn
from smartapp_domain.testing.workbench import PLATFORM, Workbench
from smartapp_domain.use_cases.enter_account import NotInstalled, OtherApp, enter_company, identify
from smartapp_domain.use_cases.join_account import Entered
from smartapp_domain.use_cases.manage_members import About, remove_member

ConnectedBy = Callable[[Workbench], Workbench]


@pytest.fixture(params=["service account", "admin"])
def connected_by(request: pytest.FixtureRequest) -> ConnectedBy:
    """Both ways background work may be connected; they learn differently that no app is installed."""

    def arranged(bench: Workbench) -> Workbench:
        connections = MemoryTokenVault() if request.param == "admin" else None
        return attrs.evolve(bench, ports=attrs.evolve(bench.ports, connections=connections))

    return arranged


def test_the_first_admin_founds_the_account_and_later_people_join_it(bench: Workbench) -> None:
    company = bench.company("77", "TOWER")

    first = bench.sign_in(bench.employ(company, "dana", admin=True), company)
    second = bench.sign_in(bench.employ(company, "ed", admin=True), company)
    third = bench.sign_in(bench.employ(company, "flo"), company)

    assert first.account_id == second.account_id == third.account_id
    assert [actor.role for actor in (first, second, third)] == [Role.OWNER, Role.ADMIN, Role.TEAM_MEMBER]


def test_an_account_without_an_owner_gets_the_first_company_admin_who_comes(bench: Workbench) -> None:
    company = bench.company("77", "TOWER")
    flo = bench.employ(company, "flo")
    before = bench.sign_in(flo, company)

    bench.world.join(flo, company, admin=True)
    after = bench.sign_in(flo, company)

    assert (before.role, after.role) == (Role.TEAM_MEMBER, Role.OWNER)
    assert before.member_id == after.member_id


def test_a_platform_that_cannot_revoke_keeps_nobody_out(bench: Workbench) -> None:
    class Deaf(MemorySignIn):
        def forget(self, grant: PersonGrant) -> None:
            raise PlatformUnavailable(f"Too busy for {grant.app.label}.", remedy="Try later.")

    bench = attrs.evolve(bench, ports=attrs.evolve(bench.ports, sign_in=Deaf(bench.world, bench.clock)))
    company = bench.company("77", "TOWER")

    assert bench.sign_in(bench.employ(company, "dana", admin=True), company).role is Role.OWNER


def test_signing_in_again_changes_no_role(bench: Workbench) -> None:
    company = bench.company("77", "TOWER")
    dana = bench.employ(company, "dana", admin=True)

    assert bench.sign_in(dana, company) == bench.sign_in(dana, company)


def test_reading_02_a_person_of_two_companies_has_two_accounts(bench: Workbench) -> None:
    here, there = bench.company("77", "TOWER"), bench.company("78", "BRIDGE")
    dana = bench.employ(here, "dana", admin=True)
    bench.world.join(dana, there)

    one, two = bench.sign_in(dana, here), bench.sign_in(dana, there)

    assert one.account_id != two.account_id
    assert (one.role, two.role) == (Role.OWNER, Role.TEAM_MEMBER)


def test_a_name_that_changed_on_the_platform_is_followed(bench: Workbench) -> None:
    company = bench.company("77", "TOWER")
    dana = bench.employ(company, "dana", admin=True)
    actor = bench.sign_in(dana, company)

    bench.world.add_person("dana", "Dana Whitfield-Ortega", "dana@example.com")
    bench.sign_in(dana, company)

    with bench.ports.reading(actor.account_id) as reading:
        assert reading.members.get(actor.member_id).name == "Dana Whitfield-Ortega"


def test_nothing_is_asked_about_a_company_that_is_not_chosen(bench: Workbench) -> None:
    company = bench.company("77", "TOWER")
    dana = bench.employ(company, "dana", admin=True)

    identify(
        platform="procore",
        environment=Environment.PRODUCTION,
        app=Module.PLANNER,
        code=bench.world.authorize(Module.PLANNER, dana),
        ports=bench.ports,
    )

    assert bench.world.calls == ["redeem", "person", "companies"]


def test_the_grant_is_forgotten_once_the_company_is_entered(bench: Workbench) -> None:
    company = bench.company("77", "TOWER")

    bench.sign_in(bench.employ(company, "dana", admin=True), company)

    assert bench.world.tokens == {}


def test_a_user_level_connection_keeps_an_admins_grant_and_nobody_elses(bench: Workbench) -> None:
    company = bench.company("77", "TOWER")
    vault = MemoryTokenVault()
    bench = attrs.evolve(bench, ports=attrs.evolve(bench.ports, connections=vault))
    flo, dana = bench.employ(company, "flo"), bench.employ(company, "dana", admin=True)

    account_id = bench.sign_in(flo, company).account_id
    nothing = vault.load(account_id, Module.PLANNER)
    bench.sign_in(dana, company)
    first = vault.load(account_id, Module.PLANNER)
    bench.sign_in(dana, company)
    second = vault.load(account_id, Module.PLANNER)

    assert nothing is None
    assert first is not None
    assert second is not None
    assert (first.tokens.version, second.tokens.version) == (1, 2)
    assert set(bench.world.tokens.values()) == {dana}


def test_without_any_app_there_is_nothing_to_enter(bench: Workbench) -> None:
    company = bench.company("77", "TOWER")
    for app in Module:
        bench.world.uninstall(company, app)

    assert isinstance(bench.arrive(bench.employ(company, "dana", admin=True), company), NotInstalled)
    with bench.ports.reading(OPERATOR) as reading:
        assert reading.jobs.due(bench.clock.now(), 10) == ()


def _uninstall(bench: Workbench, company: PlatformCompanyId) -> None:
    for app in Module:
        bench.world.uninstall(company, app)


def test_a_member_gets_in_after_the_app_is_uninstalled_and_keeps_name_and_role(
    bench: Workbench, connected_by: ConnectedBy
) -> None:
    bench = connected_by(bench)
    company = bench.company("77", "TOWER")
    dana = bench.employ(company, "dana", admin=True)
    before = bench.sign_in(dana, company)
    _uninstall(bench, company)

    entered = bench.arrive(dana, company)
    bench.work()

    assert isinstance(entered, Entered)
    assert (entered.member.id, entered.member.role, entered.member.name) == (before.member_id, Role.OWNER, "Dana")
    with bench.ports.reading(before.account_id) as reading:
        assert reading.platform_projects.listing().lost is Lost.UNINSTALLED


def test_the_grant_of_a_member_who_gets_in_without_an_app_is_forgotten(bench: Workbench) -> None:
    company = bench.company("77", "TOWER")
    dana = bench.employ(company, "dana", admin=True)
    bench.sign_in(dana, company)
    _uninstall(bench, company)

    bench.arrive(dana, company)

    assert bench.world.tokens == {}


def test_without_an_app_nobody_becomes_a_member_and_who_was_removed_is_none(bench: Workbench) -> None:
    company = bench.company("77", "TOWER")
    owner = bench.sign_in(bench.employ(company, "dana", admin=True), company)
    ed, flo = bench.employ(company, "ed", admin=True), bench.employ(company, "flo")
    accepted = remove_member(About(owner, bench.sign_in(flo, company).member_id), bench.ports)
    assert not isinstance(accepted, Refused)
    _uninstall(bench, company)

    assert isinstance(bench.arrive(ed, company), NotInstalled)
    assert isinstance(bench.arrive(flo, company), NotInstalled)
    with bench.ports.reading(owner.account_id) as reading:
        assert [each.id for each in reading.members.all()] == [owner.member_id]


def test_without_an_app_who_left_the_company_since_the_sign_in_stays_out(
    bench: Workbench, connected_by: ConnectedBy
) -> None:
    bench = connected_by(bench)
    company = bench.company("77", "TOWER")
    dana = bench.employ(company, "dana", admin=True)
    bench.sign_in(dana, company)
    _uninstall(bench, company)
    code = bench.world.authorize(Module.PLANNER, dana)
    who = identify(
        platform=PLATFORM, environment=Environment.PRODUCTION, app=Module.PLANNER, code=code, ports=bench.ports
    )
    bench.world.leave(dana, company)

    with pytest.raises(AccessDenied, match="You do not belong to"):
        enter_company(person=who.person, company=who.companies[0], grant=who.grant, ports=bench.ports)


def test_reading_01_either_app_leads_to_the_same_account(bench: Workbench) -> None:
    company = bench.company("77", "TOWER")
    bench.world.uninstall(company, Module.PLANNER)
    dana = bench.employ(company, "dana", admin=True)

    wrong_door = bench.arrive(dana, company, Module.PLANNER)
    right_door = bench.arrive(dana, company, Module.SAFETY)

    assert isinstance(wrong_door, OtherApp)
    assert wrong_door.app is Module.SAFETY
    assert isinstance(right_door, Entered)


def test_a_used_code_lets_nobody_in(bench: Workbench) -> None:
    company = bench.company("77", "TOWER")
    bench.world.codes["used"] = bench.world.codes.pop(
        bench.world.authorize(Module.PLANNER, bench.employ(company, "dana"))
    )
    bench.ports.sign_in.redeem(Module.PLANNER, "used")

    with pytest.raises(SignInRejected):
        bench.ports.sign_in.redeem(Module.PLANNER, "used")


def test_a_platform_that_is_down_lets_nobody_half_in(bench: Workbench) -> None:
    company = bench.company("77", "TOWER")
    dana = bench.employ(company, "dana", admin=True)
    bench.world.trouble = PlatformUnavailable("Down.", remedy="Try later.")

    with pytest.raises(PlatformUnavailable):
        bench.arrive(dana, company)

    bench.world.trouble = None
    assert bench.sign_in(dana, company).role is Role.OWNER
