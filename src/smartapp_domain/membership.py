"""Who may give which role, and who may go. Numbers: docs/domain.md L-23 to L-27."""

from collections.abc import Iterable
from datetime import datetime

import attrs

from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Actor, Member, Right, Role, require, within


@attrs.frozen
class RoleChanged:
    """`before` and `after` are equal when the member has the role already."""

    before: Member
    after: Member


@attrs.frozen
class MemberRemoved:
    """The member as they go; `left` when it was their own wish."""

    after: Member
    left: bool


@attrs.frozen
class OwnershipTransferred:
    """The new Owner, and the one before, who stays as Super Admin."""

    to: Member
    by: Member


def may_give(actor: Actor, role: Role) -> bool:
    """Tell whether nothing in the role goes beyond what the actor may do (L-23)."""
    return actor.may(Right.MANAGE_MEMBERS) and within(role, actor.role)


def giving(actor: Actor, role: Role) -> Refused | None:
    """Return why the actor cannot give this role, or take it from somebody, or None."""
    if refused := require(actor, Right.MANAGE_MEMBERS):
        return refused
    if may_give(actor, role):
        return None
    own = f"the token “{actor.token}”, which acts as" if actor.token else "your role,"
    return Refused(
        Reason.ROLE_ABOVE_OWN,
        f"{role.label} may do more than {own} {actor.role.label}, so only somebody with that role can give or take it. "
        "Ask one of them.",
        WayOut.MEMBERS,
    )


def with_role(actor: Actor, member: Member, role: Role, members: Iterable[Member]) -> RoleChanged | Refused:
    """Decide a change of role; `members` are all present ones."""
    if refused := giving(actor, member.role) or giving(actor, role):
        return refused
    if role is member.role:
        return RoleChanged(member, member)
    if role is not Role.OWNER and is_last_owner(member, members):
        return _last_owner(member)
    return RoleChanged(member, attrs.evolve(member, role=role, version=member.version + 1))


def without(actor: Actor, member: Member, members: Iterable[Member], *, at: datetime) -> MemberRemoved | Refused:
    """Decide a removal; everybody may remove themselves, but for a token they are a member like any other (L-25)."""
    left = member.id == actor.member_id
    if (actor.token or not left) and (refused := giving(actor, member.role)):
        return refused
    if is_last_owner(member, members):
        return _last_owner(member)
    return MemberRemoved(attrs.evolve(member, removed_at=at, version=member.version + 1), left)


def handed_over(actor: Actor, owner: Member, to: Member) -> OwnershipTransferred | Refused:
    """Decide the transfer of ownership from the actor, whose member `owner` is, to another member."""
    if refused := require(actor, Right.MANAGE_OWNERS):
        return refused
    return OwnershipTransferred(
        attrs.evolve(to, role=Role.OWNER, version=to.version + 1),
        attrs.evolve(owner, role=Role.SUPER_ADMIN, version=owner.version + 1),
    )


def is_last_owner(member: Member, members: Iterable[Member]) -> bool:
    """Tell whether the account would be nobody's without this member (L-24)."""
    others = (each for each in members if each.id != member.id)
    return member.role is Role.OWNER and not any(each.role is Role.OWNER for each in others)


def _last_owner(member: Member) -> Refused:
    return Refused(
        Reason.LAST_OWNER,
        f"{member.name} is the last Owner. Make somebody else Owner first, then try again.",
        WayOut.MEMBERS,
        about=member.id,
    )
