"""What the in-memory storage holds, and the door through which its stores reach it."""

from datetime import datetime
from typing import Generic, Protocol, TypeVar

import attrs

from smartapp_domain.access_tokens import AccessToken
from smartapp_domain.audit import Entry
from smartapp_domain.billing import BillingEvent, Subscription
from smartapp_domain.idempotency import KeyedRequest, RequestKey
from smartapp_domain.identity import Account, BillingProfile, Member, Person
from smartapp_domain.ids import (
    AccountId,
    EntryId,
    EventId,
    InvitationId,
    JobId,
    LicenseId,
    MemberId,
    OrderId,
    PersonId,
    PlatformProjectId,
    ProfileId,
    ProjectId,
    SubscriptionId,
    TokenId,
)
from smartapp_domain.installation import ProjectListing
from smartapp_domain.invitations import Invitation
from smartapp_domain.jobs import Job
from smartapp_domain.licensing import License
from smartapp_domain.mapping import DraftRow, ProjectMapping
from smartapp_domain.ordering import Order
from smartapp_domain.ports.storage import OPERATOR, OutOfScope, Scope, Session, Stale
from smartapp_domain.project import PlatformProject, Project

K = TypeVar("K")
V = TypeVar("V")


@attrs.frozen
class Notice:
    event: BillingEvent
    body: bytes
    received_at: datetime
    handled_at: datetime | None = None


@attrs.frozen
class Queued:
    """
    A job with the wishes that joined it and no run serves yet.

    Attributes:
        wanted_at: The earliest one stored while the job was held.
        wanted_last: The latest one of all.

    """

    job: Job
    wanted_at: datetime | None = None
    wanted_last: datetime | None = None


@attrs.define
class State:
    """Every table: a dictionary of frozen values, the account's id first in the key of account rows."""

    accounts: dict[AccountId, Account] = attrs.field(factory=dict)
    people: dict[PersonId, Person] = attrs.field(factory=dict)
    sessions: dict[str, Session] = attrs.field(factory=dict)
    notices: dict[EventId, Notice] = attrs.field(factory=dict)
    jobs: dict[JobId, Queued] = attrs.field(factory=dict)
    members: dict[tuple[AccountId, MemberId], Member] = attrs.field(factory=dict)
    profiles: dict[tuple[AccountId, ProfileId], BillingProfile] = attrs.field(factory=dict)
    platform_projects: dict[tuple[AccountId, PlatformProjectId], PlatformProject] = attrs.field(factory=dict)
    listings: dict[tuple[AccountId, str], ProjectListing] = attrs.field(factory=dict)
    drafts: dict[tuple[AccountId, tuple[MemberId, PlatformProjectId]], DraftRow] = attrs.field(factory=dict)
    projects: dict[tuple[AccountId, ProjectId], Project] = attrs.field(factory=dict)
    mappings: dict[tuple[AccountId, PlatformProjectId], ProjectMapping] = attrs.field(factory=dict)
    orders: dict[tuple[AccountId, OrderId], Order] = attrs.field(factory=dict)
    licenses: dict[tuple[AccountId, LicenseId], License] = attrs.field(factory=dict)
    subscriptions: dict[tuple[AccountId, SubscriptionId], Subscription] = attrs.field(factory=dict)
    invitations: dict[tuple[AccountId, InvitationId], Invitation] = attrs.field(factory=dict)
    #: With the hash each one is found by.
    access_tokens: dict[tuple[AccountId, TokenId], tuple[str, AccessToken]] = attrs.field(factory=dict)
    trail: dict[tuple[AccountId, EntryId], Entry] = attrs.field(factory=dict)
    keyed_requests: dict[tuple[AccountId, RequestKey], KeyedRequest] = attrs.field(factory=dict)

    def copied(self) -> "State":
        return State(*(dict(getattr(self, field.name)) for field in attrs.fields(State)))


@attrs.define
class Door:
    """How a store was reached: for which scope, and whether it may write."""

    scope: Scope
    state: State
    may_write: bool
    woken: list[JobId] = attrs.field(factory=list)

    @property
    def account_id(self) -> AccountId:
        if self.scope is OPERATOR:
            raise OutOfScope("This store belongs to an account; open a door with the account's id.")
        return self.scope

    def operator(self) -> None:
        if self.scope is not OPERATOR:
            raise OutOfScope("This store belongs to no account; open a door with OPERATOR.")

    def writing(self) -> None:
        if not self.may_write:
            raise OutOfScope("This door only reads; use `transaction` to write.")

    def own(self, account_id: AccountId) -> None:
        if account_id != self.account_id:
            raise OutOfScope("The value belongs to another account than the door.")


class Versioned(Protocol):
    @property
    def version(self) -> int: ...


W = TypeVar("W", bound=Versioned)


class Rows(Generic[K, V]):
    """The rows of one table that belong to the door's account; no other row can be reached through it."""

    def __init__(self, door: Door, table: dict[tuple[AccountId, K], V]) -> None:
        self._door = door
        self._table = table

    def find(self, key: K) -> V | None:
        return self._table.get((self._door.account_id, key))

    def all(self) -> list[V]:
        account_id = self._door.account_id
        return [value for (owner, _), value in self._table.items() if owner == account_id]

    def items(self) -> list[tuple[K, V]]:
        account_id = self._door.account_id
        return [(key, value) for (owner, key), value in self._table.items() if owner == account_id]

    def put(self, key: K, value: V) -> None:
        account_id = self._door.account_id
        self._door.writing()
        self._table[account_id, key] = value

    def drop(self, key: K) -> None:
        account_id = self._door.account_id
        self._door.writing()
        self._table.pop((account_id, key), None)


def fitting(what: str, key: str, stored: Versioned | None, new: Versioned, replacing: int) -> None:
    """Raise `Stale` unless `new` may replace what is stored (see `ports.storage.Storage`)."""
    if (stored.version if stored else 0) != replacing or new.version <= replacing:
        raise Stale(what, key)
