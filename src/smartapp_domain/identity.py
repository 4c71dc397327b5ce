"""Accounts, the people in them and what each may do."""

import enum
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

import attrs

from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.ids import (
    AccountId,
    CustomerId,
    MemberId,
    PersonId,
    PlatformCompanyId,
    PlatformUserId,
    ProfileId,
)


class Environment(enum.Enum):
    PRODUCTION = "production"
    SANDBOX = "sandbox"


@attrs.frozen
class CompanyKey:
    """One company on one platform in one environment: what an account stands for."""

    platform: str
    environment: Environment
    company_id: PlatformCompanyId


@attrs.frozen
class Account:
    """A customer: one company on one platform in one environment."""

    id: AccountId
    company: CompanyKey
    name: str
    created_at: datetime


@attrs.frozen
class Person:
    """Somebody who signed in through the platform; may be a member of several accounts."""

    id: PersonId
    platform: str
    environment: Environment
    platform_user_id: PlatformUserId
    name: str
    email: str


class Role(enum.Enum):
    """What a member is in one account. Source: docs/domain.md L-20."""

    OWNER = "owner"
    SUPER_ADMIN = "super_admin"
    ADMIN_WITH_BILLING = "admin_with_billing"
    ADMIN = "admin"
    COMPANY_MANAGER = "company_manager"
    TEAM_MEMBER = "team_member"

    @property
    def label(self) -> str:
        words = self.value.replace("_", " ").title()
        return words.replace("With", "with")


class Right(enum.Enum):
    VIEW_PROJECTS = "view_projects"
    MAP_PROJECTS = "map_projects"
    ADD_PROJECTS = "add_projects"
    VIEW_BILLING = "view_billing"
    BUY = "buy"
    MANAGE_OWN_ACCESS = "manage_own_access"
    VIEW_MEMBERS = "view_members"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_OWNERS = "manage_owners"
    VIEW_ACTIVITY = "view_activity"


_VIEWER = frozenset({Right.VIEW_PROJECTS, Right.VIEW_MEMBERS, Right.MANAGE_OWN_ACCESS})
_ADMIN = _VIEWER | {Right.MAP_PROJECTS, Right.ADD_PROJECTS}
_BILLING = _ADMIN | {Right.VIEW_BILLING, Right.BUY}
_LEADER = _BILLING | {Right.MANAGE_MEMBERS, Right.VIEW_ACTIVITY}

#: Each role has every right of the ones after it: so of two roles the weaker one is also what both may do.
RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.OWNER: _LEADER | {Right.MANAGE_OWNERS},
        Role.SUPER_ADMIN: _LEADER,
        Role.ADMIN_WITH_BILLING: _BILLING,
        Role.ADMIN: _ADMIN,
        Role.COMPANY_MANAGER: _VIEWER,
        Role.TEAM_MEMBER: _VIEWER,
    }
)

_NEEDED: Mapping[Right, str] = MappingProxyType(
    {
        Right.VIEW_PROJECTS: "see projects",
        Right.MAP_PROJECTS: "choose projects and modules",
        Right.ADD_PROJECTS: "add projects",
        Right.VIEW_BILLING: "see prices and invoices of this account",
        Right.BUY: "buy licenses",
        Right.MANAGE_OWN_ACCESS: "see sessions and tokens",
        Right.VIEW_MEMBERS: "see the members of this account",
        Right.MANAGE_MEMBERS: "invite, change or remove members",
        Right.MANAGE_OWNERS: "make somebody Owner",
        Right.VIEW_ACTIVITY: "see what was done in this account",
    }
)


def holding(right: Right) -> tuple[Role, ...]:
    """Return the roles that have a right, the strongest first."""
    return tuple(role for role in Role if right in RIGHTS[role])


def within(role: Role, other: Role) -> bool:
    """Tell whether a role may do nothing that the other may not."""
    return RIGHTS[role] <= RIGHTS[other]


def weaker(one: Role, other: Role) -> Role:
    """Return the role that may do what both may, and nothing else (docs/domain.md L-26)."""
    return max(one, other, key=list(Role).index)


@attrs.frozen
class Member:
    """
    A person in an account.

    Attributes:
        version: Rises with every change but that of `seen_at`.
        seen_at: Real time of the last sign of life, to some minutes; None before the first.
        removed_at: Set when the person was removed or left. The row stays, so that signing in again does not bring
            them back by itself.

    """

    id: MemberId
    account_id: AccountId
    person_id: PersonId
    name: str
    email: str
    role: Role
    joined_at: datetime
    version: int = 1
    seen_at: datetime | None = attrs.field(default=None, eq=False)
    removed_at: datetime | None = None

    def may(self, right: Right) -> bool:
        return self.removed_at is None and right in RIGHTS[self.role]


class Via(enum.Enum):
    """Which way a change came in."""

    PAGE = "page"
    API = "api"
    TOKEN = "token"  # noqa: S105 - a way in, no secret
    WORKER = "worker"
    PROVIDER = "provider"


@attrs.frozen
class Actor:
    """
    Who a command comes from.

    Attributes:
        role: What counts now: the member's, or that of the token they use, whichever is weaker.
        token: Name of the personal access token, "" without one.

    """

    account_id: AccountId
    member_id: MemberId
    role: Role
    via: Via = Via.PAGE
    token: str = ""

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]


@attrs.frozen
class BillingProfile:
    """Who pays. `customer_id` is the payment provider's, once there is one."""

    id: ProfileId
    account_id: AccountId
    name: str
    email: str
    customer_id: CustomerId | None = None
    version: int = 1


def role_on_joining(members: Iterable[Member], *, is_company_admin: bool) -> Role:
    """
    Decide the role of somebody who enters an account for the first time.

    The first company admin becomes Owner, later ones Admin, anybody else Team Member; nobody gets billing rights
    without being given them (docs/domain.md L-21).
    """
    if not is_company_admin:
        return Role.TEAM_MEMBER
    return Role.ADMIN if any(member.role is Role.OWNER for member in members) else Role.OWNER


def require(actor: Actor, right: Right) -> Refused | None:
    """Return the refusal when the actor's role lacks a right, naming the roles that have it."""
    if actor.may(right):
        return None
    able = ", ".join(role.label for role in holding(right))
    if actor.token:
        message = (
            f"The token “{actor.token}” acts as {actor.role.label}, which cannot {_NEEDED[right]}. "
            f"Use one with one of these roles: {able}."
        )
        return Refused(Reason.ROLE_TOO_LOW, message, WayOut.ACCOUNT)
    return Refused(
        Reason.ROLE_TOO_LOW,
        f"Your role, {actor.role.label}, cannot {_NEEDED[right]}. Ask someone with one of these roles: {able}.",
        WayOut.PROJECT_CENTRAL,
    )
