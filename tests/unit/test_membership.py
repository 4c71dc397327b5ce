"""Who may give which role: the rules, and what no sequence of them can bring about."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.identity import RIGHTS, Actor, Member, Right, Role, Via, weaker
from smartapp_domain.membership import (
    MemberRemoved,
    OwnershipTransferred,
    RoleChanged,
    handed_over,
    is_last_owner,
    may_give,
    with_role,
    without,
)
from smartapp_domain.testing import builders as some

roles = st.sampled_from(Role)


def actor_of(member: Member) -> Actor:
    return Actor(member.account_id, member.id, member.role)


def refusal(decision: object) -> Reason:
    assert isinstance(decision, Refused), decision
    return decision.reason


@given(roles, roles)
def test_of_two_roles_the_weaker_one_may_do_what_both_may(one: Role, other: Role) -> None:
    assert RIGHTS[weaker(one, other)] == RIGHTS[one] & RIGHTS[other]


@given(roles, roles, roles)
def test_the_weaker_of_three_does_not_depend_on_the_order(one: Role, two: Role, three: Role) -> None:
    assert weaker(weaker(one, two), three) is weaker(one, weaker(two, three))
    assert weaker(one, two) is weaker(two, one)
    assert weaker(one, one) is one


@pytest.mark.parametrize(
    ("giver", "given_roles"),
    [
        (Role.OWNER, set(Role)),
        (Role.SUPER_ADMIN, set(Role) - {Role.OWNER}),
        (Role.ADMIN_WITH_BILLING, set()),
        (Role.ADMIN, set()),
        (Role.COMPANY_MANAGER, set()),
        (Role.TEAM_MEMBER, set()),
    ],
)
def test_owners_give_every_role_super_admins_all_but_owner_others_none(giver: Role, given_roles: set[Role]) -> None:
    assert {role for role in Role if may_give(some.actor(role=giver), role)} == given_roles


def test_a_super_admin_cannot_touch_an_owner() -> None:
    owner, other = some.member("ann"), some.member("bob")
    me = some.actor("sam", role=Role.SUPER_ADMIN)

    assert refusal(with_role(me, owner, Role.ADMIN, [owner, other])) is Reason.ROLE_ABOVE_OWN
    assert refusal(without(me, owner, [owner, other], at=some.NOON)) is Reason.ROLE_ABOVE_OWN
    assert refusal(handed_over(me, owner, other)) is Reason.ROLE_TOO_LOW


def test_the_last_owner_stays_owner_and_stays() -> None:
    owner, admin = some.member("ann"), some.member("bob", role=Role.ADMIN)

    assert refusal(with_role(actor_of(owner), owner, Role.ADMIN, [owner, admin])) is Reason.LAST_OWNER
    assert refusal(without(actor_of(owner), owner, [owner, admin], at=some.NOON)) is Reason.LAST_OWNER


@pytest.mark.parametrize("role", Role)
def test_everybody_may_leave_when_an_owner_stays(role: Role) -> None:
    me, owner = some.member("ann", role=role), some.member("bob")

    decision = without(actor_of(me), me, [me, owner], at=some.NOON)

    assert decision == MemberRemoved(attrs.evolve(me, removed_at=some.NOON, version=2), left=True)


@pytest.mark.parametrize("role", [Role.OWNER, Role.SUPER_ADMIN])
def test_a_token_takes_its_own_member_away_only_if_it_may_take_one_like_that(role: Role) -> None:
    me, other = some.member("ann"), some.member("bob")
    token = attrs.evolve(actor_of(me), role=role, via=Via.TOKEN, token="CI")

    decision = without(token, me, [me, other], at=some.NOON)

    if role is Role.OWNER:
        assert isinstance(decision, MemberRemoved)
    else:
        assert refusal(decision) is Reason.ROLE_ABOVE_OWN
        assert "the token “CI”, which acts as Super Admin" in decision.message


def test_the_role_one_has_already_changes_nothing() -> None:
    owner, admin = some.member("ann"), some.member("bob", role=Role.ADMIN)

    assert with_role(actor_of(owner), admin, Role.ADMIN, [owner, admin]) == RoleChanged(admin, admin)


#: A wish of one of four members about one of four: a role, to go, or ownership.
wishes = st.tuples(st.integers(0, 3), st.integers(0, 3), st.one_of(roles, st.sampled_from(["go", "own"])))


@given(st.lists(roles, min_size=3, max_size=3), st.lists(wishes, max_size=25))
def test_whatever_members_do_there_is_an_owner_and_nobody_rises_by_themselves(
    others: list[Role], steps: list[tuple[int, int, Role | str]]
) -> None:
    team = [some.member("0"), *(some.member(str(n), role=role) for n, role in enumerate(others, 1))]

    for by, about, wish in steps:
        me, other = team[by], team[about]
        present = [each for each in team if each.removed_at is None]
        if me not in present or other not in present or (wish == "own" and by == about):
            continue
        actor = actor_of(me)
        for after in _decided(actor, me, other, wish, present):
            before = next(each for each in team if each.id == after.id)
            risen = RIGHTS[after.role] - RIGHTS[before.role]
            assert risen <= RIGHTS[actor.role], "nobody gives what they do not have"
            assert not risen or actor.may(Right.MANAGE_MEMBERS)
            assert after.id != actor.member_id or not risen, "nobody raises themselves"
            team[team.index(before)] = after
        assert any(each.role is Role.OWNER and each.removed_at is None for each in team)


def _decided(actor: Actor, me: Member, other: Member, wish: Role | str, present: list[Member]) -> tuple[Member, ...]:
    """Return the members a wish changes, as they are then; none when it is refused."""
    decision: object
    if isinstance(wish, Role):
        decision = with_role(actor, other, wish, present)
    elif wish == "go":
        decision = without(actor, other, present, at=some.NOON)
    else:
        decision = handed_over(actor, me, other)
    match decision:
        case RoleChanged(after=after) | MemberRemoved(after=after):
            return (after,)
        case OwnershipTransferred(to=to, by=by):
            return (to, by)
    return ()


@given(st.lists(roles, min_size=1, max_size=5))
def test_the_last_owner_is_the_only_one(held: list[Role]) -> None:
    team = [some.member(str(n), role=role) for n, role in enumerate(held)]

    for member in team:
        owners = [each for each in team if each.role is Role.OWNER]
        assert is_last_owner(member, team) is (owners == [member])
