"""
What every `SignIn` and every `Platform` has to do.

A new adapter is checked by two short classes: inherit from `SignInContract` and `PlatformContract`, and give each a
fixture `bench` that returns a `PlatformBench` over a fresh `contract_world()`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs
import pytest

from smartapp_domain.catalog import Module
from smartapp_domain.ids import PlatformProjectId, PlatformUserId
from smartapp_domain.ports.platform import (
    AccessDenied,
    AppNotInstalled,
    NotFoundOnPlatform,
    PersonGrant,
    PlatformError,
    PlatformUnavailable,
    SignInRejected,
)
from smartapp_domain.ports.storage import in_transaction
from smartapp_domain.testing.contracts.platform_bench import (
    ACCOUNT,
    ACRE,
    ADA,
    ANNEX,
    BEN,
    BRIDGE,
    CLOSED,
    MANY,
    NORDIC,
    NOWHERE,
    TOWER,
    PlatformBench,
    a_project,
)


def signed_in(bench: PlatformBench, user_id: PlatformUserId, app: Module = Module.PLANNER) -> PersonGrant:
    """Return what a person who just signed in gave us."""
    code, _state = bench.authorize(app, user_id, "state")
    return bench.sign_in.redeem(app, code)


@contextmanager
def inside_a_transaction() -> Iterator[None]:
    token = in_transaction.set(True)
    try:
        yield
    finally:
        in_transaction.reset(token)


def refused(kind: type[PlatformError] | tuple[type[PlatformError], ...], call: Callable[[], object]) -> PlatformError:
    """Return the error a call must end with, having checked that it says something and how to go on."""
    with pytest.raises(kind) as caught:
        call()
    error = caught.value
    assert str(error).endswith((".", '"')), "an error is a sentence"
    assert error.remedy.endswith("."), "a remedy is a sentence"
    return error


class SignInContract:
    """Inherit, and give a fixture `bench`."""

    def test_the_state_comes_back_unchanged(self, bench: PlatformBench) -> None:
        state = "a b+c&d=e/ø?"

        _code, returned = bench.authorize(Module.SAFETY, BEN, state)

        assert returned == state

    def test_a_code_is_good_once(self, bench: PlatformBench) -> None:
        code, _state = bench.authorize(Module.PLANNER, ADA, "s")
        bench.sign_in.redeem(Module.PLANNER, code)

        refused(SignInRejected, lambda: bench.sign_in.redeem(Module.PLANNER, code))

    def test_a_code_nobody_gave_is_rejected(self, bench: PlatformBench) -> None:
        refused(SignInRejected, lambda: bench.sign_in.redeem(Module.PLANNER, "no-such-code"))

    def test_a_code_for_one_app_is_worth_nothing_to_the_other(self, bench: PlatformBench) -> None:
        code, _state = bench.authorize(Module.PLANNER, ADA, "s")

        refused(SignInRejected, lambda: bench.sign_in.redeem(Module.SAFETY, code))

    def test_a_grant_shows_no_secret(self, bench: PlatformBench) -> None:
        grant = signed_in(bench, ADA)

        assert grant.access_token not in repr(grant)
        assert grant.refresh_token is None or grant.refresh_token not in repr(grant)

    @pytest.mark.parametrize("app", list(Module))
    def test_the_person_is_the_one_who_signed_in(self, bench: PlatformBench, app: Module) -> None:
        person = bench.sign_in.person(signed_in(bench, BEN, app))

        assert (person.id, person.email) == (BEN, "ben@nordic.example")
        assert person.name == "ben@nordic.example"

    def test_inside_a_company_the_person_has_a_name(self, bench: PlatformBench) -> None:
        bench.install(NORDIC, Module.PLANNER, [TOWER])

        assert bench.sign_in.person(signed_in(bench, BEN), NORDIC).name == "Ben Ode"

    def test_companies_are_the_persons_own_by_name(self, bench: PlatformBench) -> None:
        of_ada = bench.sign_in.companies(signed_in(bench, ADA))
        of_ben = bench.sign_in.companies(signed_in(bench, BEN))

        assert [(each.id, each.name) for each in of_ada] == [(ACRE, "Acre & Søn <Homes>"), (NORDIC, "nordic Build")]
        assert [each.id for each in of_ben] == [NORDIC]

    def test_an_admin_is_told_from_others(self, bench: PlatformBench) -> None:
        bench.install(NORDIC, Module.PLANNER, [TOWER])

        assert bench.sign_in.is_company_admin(signed_in(bench, ADA), NORDIC)
        assert not bench.sign_in.is_company_admin(signed_in(bench, BEN), NORDIC)

    def test_nothing_is_told_about_a_company_without_the_app(self, bench: PlatformBench) -> None:
        bench.install(NORDIC, Module.SAFETY, [TOWER])
        grant = signed_in(bench, ADA, Module.PLANNER)

        refused(AppNotInstalled, lambda: bench.sign_in.is_company_admin(grant, NORDIC))
        refused(AppNotInstalled, lambda: list(bench.sign_in.projects(grant, NORDIC)))

    def test_nothing_is_told_about_somebody_elses_company(self, bench: PlatformBench) -> None:
        bench.install(ACRE, Module.PLANNER, [])
        grant = signed_in(bench, BEN)

        refused((AccessDenied, NotFoundOnPlatform), lambda: bench.sign_in.is_company_admin(grant, ACRE))
        refused((AccessDenied, NotFoundOnPlatform), lambda: list(bench.sign_in.projects(grant, ACRE)))

    def test_an_admin_sees_every_active_project_permitted_to_us_or_not(self, bench: PlatformBench) -> None:
        bench.install(NORDIC, Module.PLANNER, [TOWER])

        seen = bench.sign_in.projects(signed_in(bench, ADA), NORDIC)

        assert {each.id for each in seen} == {TOWER, BRIDGE, ANNEX}

    def test_others_see_the_active_projects_they_are_on(self, bench: PlatformBench) -> None:
        bench.install(NORDIC, Module.PLANNER, [TOWER])

        seen = bench.sign_in.projects(signed_in(bench, BEN), NORDIC)

        assert list(seen) == [a_project(BRIDGE, "Bridge", number="7")]

    def test_a_long_list_is_complete(self, bench: PlatformBench) -> None:
        bench.install(ACRE, Module.PLANNER, [])

        seen = list(bench.sign_in.projects(signed_in(bench, ADA), ACRE))

        assert len(seen) == len({each.id for each in seen}) == MANY

    def test_a_forgotten_grant_is_dead_and_may_be_forgotten_again(self, bench: PlatformBench) -> None:
        grant = signed_in(bench, ADA)
        bench.sign_in.forget(grant)

        bench.sign_in.forget(grant)
        refused(SignInRejected, lambda: bench.sign_in.person(grant))

    def test_no_call_leaves_from_inside_a_transaction(self, bench: PlatformBench) -> None:
        grant = signed_in(bench, ADA)
        bench.install(NORDIC, Module.PLANNER, [TOWER])
        calls: list[Callable[[], object]] = [
            lambda: bench.sign_in.redeem(Module.PLANNER, "code"),
            lambda: bench.sign_in.person(grant),
            lambda: bench.sign_in.companies(grant),
            lambda: bench.sign_in.is_company_admin(grant, NORDIC),
            lambda: list(bench.sign_in.projects(grant, NORDIC)),
            lambda: bench.sign_in.forget(grant),
        ]

        for call in calls:
            with inside_a_transaction(), pytest.raises(RuntimeError):
                call()

    def test_an_outage_is_said_as_one(self, bench: PlatformBench) -> None:
        grant = signed_in(bench, ADA)
        bench.outage()

        refused(PlatformUnavailable, lambda: bench.sign_in.person(grant))
        refused(PlatformUnavailable, lambda: bench.sign_in.redeem(Module.PLANNER, "code"))


class PlatformContract:
    """Inherit, and give a fixture `bench`."""

    def test_installed_apps_are_told_one_by_one(self, bench: PlatformBench) -> None:
        assert bench.platform.installed(ACCOUNT, NORDIC) == frozenset()

        bench.install(NORDIC, Module.SAFETY, [TOWER])
        assert bench.platform.installed(ACCOUNT, NORDIC) == {Module.SAFETY}

        bench.install(NORDIC, Module.PLANNER, [])
        assert bench.platform.installed(ACCOUNT, NORDIC) == {Module.PLANNER, Module.SAFETY}
        assert bench.platform.installed(ACCOUNT, ACRE) == frozenset()

    def test_an_uninstalled_app_is_gone(self, bench: PlatformBench) -> None:
        bench.install(NORDIC, Module.PLANNER, [TOWER])
        list(bench.platform.projects(ACCOUNT, NORDIC, Module.PLANNER))

        bench.uninstall(NORDIC, Module.PLANNER)

        assert bench.platform.installed(ACCOUNT, NORDIC) == frozenset()
        error = refused(AppNotInstalled, lambda: list(bench.platform.projects(ACCOUNT, NORDIC, Module.PLANNER)))
        assert NORDIC in str(error)
        assert "Planner" in str(error)
        refused(AppNotInstalled, lambda: bench.platform.project(ACCOUNT, NORDIC, Module.PLANNER, TOWER))

    def test_an_app_lists_its_permitted_projects_inactive_ones_included(self, bench: PlatformBench) -> None:
        bench.install(NORDIC, Module.PLANNER, [TOWER, CLOSED])
        bench.install(NORDIC, Module.SAFETY, [BRIDGE, TOWER])

        planner = list(bench.platform.projects(ACCOUNT, NORDIC, Module.PLANNER))
        safety = list(bench.platform.projects(ACCOUNT, NORDIC, Module.SAFETY))

        assert {(each.id, each.active) for each in planner} == {(TOWER, True), (CLOSED, False)}
        assert {each.id for each in safety} == {TOWER, BRIDGE}
        assert {each.apps for each in planner} == {frozenset({Module.PLANNER})}

    def test_a_project_says_the_same_alone_and_in_the_list(self, bench: PlatformBench) -> None:
        bench.install(NORDIC, Module.SAFETY, [TOWER])
        expected = attrs.evolve(
            a_project(TOWER, "  Tower “North” – Ø 2  ", number="T-1", city="Århus"), apps=frozenset({Module.SAFETY})
        )

        assert list(bench.platform.projects(ACCOUNT, NORDIC, Module.SAFETY)) == [expected]
        assert bench.platform.project(ACCOUNT, NORDIC, Module.SAFETY, TOWER) == expected

    def test_an_app_without_permitted_projects_lists_none(self, bench: PlatformBench) -> None:
        bench.install(NORDIC, Module.PLANNER, [])

        assert list(bench.platform.projects(ACCOUNT, NORDIC, Module.PLANNER)) == []

    def test_a_long_list_is_complete(self, bench: PlatformBench) -> None:
        everything = [PlatformProjectId(str(2**33 + n)) for n in range(MANY)]
        bench.install(ACRE, Module.PLANNER, everything)

        seen = [each.id for each in bench.platform.projects(ACCOUNT, ACRE, Module.PLANNER)]

        assert sorted(seen) == everything

    def test_a_deactivated_project_is_inactive_not_gone(self, bench: PlatformBench) -> None:
        bench.install(NORDIC, Module.PLANNER, [TOWER])

        bench.deactivate(TOWER)

        assert not bench.platform.project(ACCOUNT, NORDIC, Module.PLANNER, TOWER).active
        assert [each.active for each in bench.platform.projects(ACCOUNT, NORDIC, Module.PLANNER)] == [False]

    @pytest.mark.parametrize("id", [NOWHERE, "", "../me", "1?company_id=2", "tower"])
    def test_an_unknown_project_is_not_found(self, bench: PlatformBench, id: str) -> None:
        bench.install(NORDIC, Module.PLANNER, [TOWER])

        refused(
            NotFoundOnPlatform,
            lambda: bench.platform.project(ACCOUNT, NORDIC, Module.PLANNER, PlatformProjectId(id)),
        )

    def test_a_project_not_permitted_is_refused_and_named(self, bench: PlatformBench) -> None:
        bench.install(NORDIC, Module.PLANNER, [TOWER])

        error = refused(
            (AccessDenied, NotFoundOnPlatform),
            lambda: bench.platform.project(ACCOUNT, NORDIC, Module.PLANNER, BRIDGE),
        )

        assert BRIDGE in str(error)

    def test_a_project_of_another_company_is_refused(self, bench: PlatformBench) -> None:
        bench.install(NORDIC, Module.PLANNER, [TOWER])
        bench.install(ACRE, Module.PLANNER, [])

        refused(
            (AccessDenied, NotFoundOnPlatform),
            lambda: bench.platform.project(ACCOUNT, ACRE, Module.PLANNER, TOWER),
        )

    def test_no_call_leaves_from_inside_a_transaction(self, bench: PlatformBench) -> None:
        bench.install(NORDIC, Module.PLANNER, [TOWER])
        calls: list[Callable[[], object]] = [
            lambda: bench.platform.installed(ACCOUNT, NORDIC),
            lambda: list(bench.platform.projects(ACCOUNT, NORDIC, Module.PLANNER)),
            lambda: bench.platform.project(ACCOUNT, NORDIC, Module.PLANNER, TOWER),
        ]

        for call in calls:
            with inside_a_transaction(), pytest.raises(RuntimeError):
                call()

    def test_an_outage_is_never_taken_for_an_uninstalled_app(self, bench: PlatformBench) -> None:
        bench.install(NORDIC, Module.PLANNER, [TOWER])
        bench.outage()

        refused(PlatformUnavailable, lambda: bench.platform.installed(ACCOUNT, NORDIC))
        refused(PlatformUnavailable, lambda: list(bench.platform.projects(ACCOUNT, NORDIC, Module.PLANNER)))
