"""The `Storage` port in memory: for tests, and to read what a storage promises without its SQL."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from smartapp_domain.catalog import Module
from smartapp_domain.connections import Connection
from smartapp_domain.ids import JobId
from smartapp_domain.ports.storage import (
    AccessTokenStore,
    AccountStore,
    DraftStore,
    Inbox,
    InvitationStore,
    JobStore,
    KeyedRequestStore,
    LicenseStore,
    MappingStore,
    MemberStore,
    OrderStore,
    PersonStore,
    PlatformProjectStore,
    ProfileStore,
    ProjectStore,
    Reading,
    Scope,
    SessionStore,
    Stale,
    StorageError,
    SubscriptionStore,
    Trail,
    Transaction,
    in_transaction,
)
from smartapp_domain.ports.views import Views
from smartapp_domain.testing.memory_access import MemoryAccessTokens, MemoryInvitations, MemoryTrail
from smartapp_domain.testing.memory_keyed_requests import MemoryKeyedRequests
from smartapp_domain.testing.memory_people import (
    MemoryAccounts,
    MemoryMembers,
    MemoryPeople,
    MemoryProfiles,
    MemorySessions,
)
from smartapp_domain.testing.memory_projects import (
    MemoryDrafts,
    MemoryMappings,
    MemoryPlatformProjects,
    MemoryProjects,
)
from smartapp_domain.testing.memory_purchases import MemoryLicenses, MemoryOrders, MemorySubscriptions
from smartapp_domain.testing.memory_state import Door, State
from smartapp_domain.testing.memory_views import MemoryViews
from smartapp_domain.testing.memory_work import MemoryInbox, MemoryJobs

_log = logging.getLogger(__name__)


def _unheard(_: tuple[JobId, ...]) -> None:
    """Leave the jobs to whoever looks for due ones."""


class _Stores:
    """All stores behind one door; both `Reading` and `Transaction`."""

    def __init__(self, door: Door) -> None:
        self.accounts: AccountStore = MemoryAccounts(door)
        self.people: PersonStore = MemoryPeople(door)
        self.sessions: SessionStore = MemorySessions(door)
        self.inbox: Inbox = MemoryInbox(door)
        self.members: MemberStore = MemoryMembers(door)
        self.invitations: InvitationStore = MemoryInvitations(door)
        self.access_tokens: AccessTokenStore = MemoryAccessTokens(door)
        self.trail: Trail = MemoryTrail(door)
        self.profiles: ProfileStore = MemoryProfiles(door)
        self.platform_projects: PlatformProjectStore = MemoryPlatformProjects(door)
        self.drafts: DraftStore = MemoryDrafts(door)
        self.projects: ProjectStore = MemoryProjects(door)
        self.mappings: MappingStore = MemoryMappings(door)
        self.orders: OrderStore = MemoryOrders(door)
        self.licenses: LicenseStore = MemoryLicenses(door)
        self.subscriptions: SubscriptionStore = MemorySubscriptions(door)
        self.jobs: JobStore = MemoryJobs(door)
        self.keyed_requests: KeyedRequestStore = MemoryKeyedRequests(door)
        self.views: Views = MemoryViews(door)


class MemoryStorage:
    """
    Keeps everything in dictionaries; one writer at a time, readers see the last commit.

    `on_jobs` is told which jobs a commit added or woke up: a hint for workers.
    """

    def __init__(self, on_jobs: Callable[[tuple[JobId, ...]], None] = _unheard) -> None:
        self._state = State()
        self._writer = threading.Lock()
        self._on_jobs = on_jobs

    @contextmanager
    def reading(self, scope: Scope) -> Iterator[Reading]:
        yield _Stores(Door(scope, self._state, may_write=False))

    @contextmanager
    def transaction(self, scope: Scope) -> Iterator[Transaction]:
        if in_transaction.get():
            raise StorageError("A transaction is open already; two at once could wait for each other.")
        token = in_transaction.set(True)
        try:
            with self._writer:
                door = Door(scope, self._state.copied(), may_write=True)
                yield _Stores(door)
                self._state = door.state
        finally:
            in_transaction.reset(token)
        self._tell(tuple(dict.fromkeys(door.woken)))

    def _tell(self, job_ids: tuple[JobId, ...]) -> None:
        if not job_ids:
            return
        try:
            self._on_jobs(job_ids)
        except Exception:  # noqa: BLE001 - a hint that fails must not make a stored change look failed
            _log.exception("Workers could not be told about new jobs; they will find them when they look.")


class MemoryTokenVault:
    """The `TokenVault` port in memory."""

    def __init__(self) -> None:
        self._held: dict[tuple[Scope, Module], Connection] = {}
        self._lock = threading.Lock()

    def load(self, scope: Scope, app: Module) -> Connection | None:
        return self._held.get((scope, app))

    def save(self, scope: Scope, app: Module, connection: Connection, *, replacing: int) -> None:
        with self._lock:
            stored = self._held.get((scope, app))
            if (stored.version if stored else 0) != replacing or connection.version <= replacing:
                raise Stale("connection", app.value)
            self._held[scope, app] = connection

    def drop(self, scope: Scope, app: Module) -> None:
        with self._lock:
            self._held.pop((scope, app), None)
