import pytest

from smartapp_domain.decisions import Reason
from smartapp_domain.identity import (
    RIGHTS,
    Actor,
    Member,
    Right,
    Role,
    holding,
    require,
    role_on_joining,
    weaker,
    within,
)
from smartapp_domain.ids import AccountId, MemberId, PersonId
from smartapp_domain.testing.strategies import EPOCH

BILLING = {Role.OWNER, Role.SUPER_ADMIN, Role.ADMIN_WITH_BILLING}


def member(role: Role) -> Member:
    return Member(MemberId(role.value), AccountId("a"), PersonId("p"), role.label, "x@example.com", role, EPOCH)


def test_the_first_company_admin_owns_the_account_later_ones_are_admins() -> None:
    assert role_on_joining([], is_company_admin=True) is Role.OWNER
    assert role_on_joining([member(Role.TEAM_MEMBER)], is_company_admin=True) is Role.OWNER
    assert role_on_joining([member(Role.OWNER)], is_company_admin=True) is Role.ADMIN


@pytest.mark.parametrize("others", [[], [Role.OWNER]])
def test_nobody_else_gets_more_than_team_member(others: list[Role]) -> None:
    assert role_on_joining([member(role) for role in others], is_company_admin=False) is Role.TEAM_MEMBER


@pytest.mark.parametrize("role", Role)
def test_only_billing_roles_buy(role: Role) -> None:
    actor = Actor(AccountId("a"), MemberId("m"), role)

    assert actor.may(Right.BUY) is (role in BILLING)
    assert (require(actor, Right.BUY) is None) is (role in BILLING)


@pytest.mark.parametrize("role", Role)
def test_every_role_has_its_rights_written_down(role: Role) -> None:
    assert Right.VIEW_PROJECTS in RIGHTS[role]


def test_the_roles_that_hold_a_right_come_strongest_first() -> None:
    assert holding(Right.BUY) == (Role.OWNER, Role.SUPER_ADMIN, Role.ADMIN_WITH_BILLING)


@pytest.mark.parametrize("other", Role)
@pytest.mark.parametrize("role", Role)
def test_a_role_is_within_another_when_it_is_its_equal_or_the_weaker_one(role: Role, other: Role) -> None:
    assert within(role, other) is (RIGHTS[weaker(role, other)] == RIGHTS[role])


def test_a_refusal_names_the_roles_that_could() -> None:
    refused = require(Actor(AccountId("a"), MemberId("m"), Role.ADMIN), Right.BUY)

    assert refused is not None
    assert refused.reason is Reason.ROLE_TOO_LOW
    assert refused.message == (
        "Your role, Admin, cannot buy licenses. "
        "Ask someone with one of these roles: Owner, Super Admin, Admin with Billing."
    )
