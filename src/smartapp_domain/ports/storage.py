"""
Where everything lives between requests.

Two doors (D-04): `reading(scope)` never takes the writer lock, `transaction(scope)` commits on leaving and rolls back
on any error. The scope is one account, whose rows alone can be seen or changed, or `OPERATOR` for the rows that belong
to no account: people, sessions, notices of the provider, and the queue of jobs. No vendor is called inside one.

What stands behind a door is said in `ports.people`, `ports.stores` and `ports.views`.
"""

import enum
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Final, Protocol

from smartapp_domain.ids import AccountId
from smartapp_domain.ports.keyed_requests import KeyedRequestStore
from smartapp_domain.ports.people import (
    AccessTokenStore,
    AccountStore,
    InvitationStore,
    MemberStore,
    PersonStore,
    ProfileStore,
    Session,
    SessionStore,
    Trail,
)
from smartapp_domain.ports.stores import (
    DraftStore,
    Inbox,
    JobStore,
    LicenseStore,
    MappingStore,
    OrderStore,
    PlatformProjectStore,
    ProjectStore,
    SubscriptionStore,
)
from smartapp_domain.ports.views import Views

__all__ = [
    "OPERATOR",
    "AccessTokenStore",
    "AccountStore",
    "DraftStore",
    "Inbox",
    "InvitationStore",
    "JobStore",
    "KeyedRequestStore",
    "LeaseLost",
    "LicenseStore",
    "MappingStore",
    "MemberStore",
    "NotFound",
    "Operator",
    "OrderStore",
    "OutOfScope",
    "PersonStore",
    "PlatformProjectStore",
    "ProfileStore",
    "ProjectStore",
    "Reading",
    "Scope",
    "Session",
    "SessionStore",
    "SessionUnreadable",
    "Stale",
    "Storage",
    "StorageError",
    "StorageUnavailable",
    "SubscriptionStore",
    "Taken",
    "Trail",
    "Transaction",
    "in_transaction",
]


class Operator(enum.Enum):
    """The scope of rows that belong to no account."""

    OPERATOR = "operator"


OPERATOR: Final = Operator.OPERATOR
Scope = AccountId | Operator

#: True while the running thread or task is inside `Storage.transaction`. Adapters that call vendors may refuse then,
#: because a slow vendor would hold the writer lock; a storage refuses to open a second transaction inside a first.
in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)


class StorageError(Exception):
    """A promise of the storage port was broken by its caller."""


class NotFound(StorageError):
    """Raised when there is no such row in this scope; a row of another account is no such row."""

    def __init__(self, what: str, id: str) -> None:
        super().__init__(f"There is no {what} {id!r} here.")


class Stale(StorageError):
    """Raised when somebody else stored a newer version; nothing was written."""

    def __init__(self, what: str, id: str) -> None:
        super().__init__(f"The {what} {id!r} was changed by somebody else meanwhile.")


class Taken(StorageError):
    """Raised when a unique place is held already: a company's account, a project's mapping, an order's claim."""


class OutOfScope(StorageError):
    """Raised when a store is used through the wrong door, or is given a value of another account."""


class LeaseLost(StorageError):
    """Raised when somebody else took over the job a transaction belongs to; nothing of it was stored."""


class SessionUnreadable(StorageError):
    """Raised when what was granted for a sign-in does not open any more, because its key is gone."""


class StorageUnavailable(Exception):
    """
    The storage is out of reach or too busy; the same may be tried again later.

    What was committed before stays. Of this transaction nothing is stored, unless the connection broke while it was
    committing: then nobody knows.
    """


class Reading(Protocol):
    """One consistent look at a scope; the stores' writing methods raise `OutOfScope` here."""

    @property
    def accounts(self) -> AccountStore: ...

    @property
    def people(self) -> PersonStore: ...

    @property
    def sessions(self) -> SessionStore: ...

    @property
    def inbox(self) -> Inbox: ...

    @property
    def members(self) -> MemberStore: ...

    @property
    def invitations(self) -> InvitationStore: ...

    @property
    def access_tokens(self) -> AccessTokenStore: ...

    @property
    def trail(self) -> Trail: ...

    @property
    def profiles(self) -> ProfileStore: ...

    @property
    def platform_projects(self) -> PlatformProjectStore: ...

    @property
    def drafts(self) -> DraftStore: ...

    @property
    def projects(self) -> ProjectStore: ...

    @property
    def mappings(self) -> MappingStore: ...

    @property
    def orders(self) -> OrderStore: ...

    @property
    def licenses(self) -> LicenseStore: ...

    @property
    def subscriptions(self) -> SubscriptionStore: ...

    @property
    def jobs(self) -> JobStore: ...

    @property
    def keyed_requests(self) -> KeyedRequestStore: ...

    @property
    def views(self) -> Views: ...


class Transaction(Reading, Protocol):
    """A unit of work on one scope: all of it is stored, or nothing."""


class Storage(Protocol):
    """
    Opens the two doors. May be used by many threads at once.

    Wherever a `put` takes `replacing`, the stored version must equal it (0: nothing stored yet) and the new value's
    version must be higher; else `Stale`, and nothing was written. An id of another account is like an unknown one.
    """

    def reading(self, scope: Scope) -> AbstractContextManager[Reading]: ...

    def transaction(self, scope: Scope) -> AbstractContextManager[Transaction]:
        """Open a unit of work; raise `StorageError` when this thread is in one already."""
        ...
