"""The `Storage` port on SQL: two doors, all stores behind them, and word to the workers after a commit."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from smartapp_adapters.storage.accounts import SqlAccountStore
from smartapp_adapters.storage.doors import open_door
from smartapp_adapters.storage.drafts import SqlDraftStore
from smartapp_adapters.storage.engine import POOL_SIZE, make_engine
from smartapp_adapters.storage.inbox import SqlInbox
from smartapp_adapters.storage.jobs import SqlJobStore
from smartapp_adapters.storage.licenses import SqlLicenseStore
from smartapp_adapters.storage.mappings import SqlMappingStore
from smartapp_adapters.storage.members import SqlMemberStore, SqlProfileStore
from smartapp_adapters.storage.migrations import migrate_engine
from smartapp_adapters.storage.orders import SqlOrderStore
from smartapp_adapters.storage.people import SqlPersonStore
from smartapp_adapters.storage.platform_projects import SqlPlatformProjectStore
from smartapp_adapters.storage.projects import SqlProjectStore
from smartapp_adapters.storage.scoping import Door
from smartapp_adapters.storage.sealing import Keys
from smartapp_adapters.storage.sessions import SqlSessionStore
from smartapp_adapters.storage.subscriptions import SqlSubscriptionStore
from smartapp_adapters.storage.tokens import SqlTokenVault
from smartapp_adapters.storage.views import SqlViews
from smartapp_domain.ids import JobId
from smartapp_domain.ports import storage as port
from smartapp_domain.ports.views import Views

_log = logging.getLogger(__name__)
OnJobs = Callable[[tuple[JobId, ...]], None]


def _unheard(_: tuple[JobId, ...]) -> None:
    """Leave the jobs to whoever looks for due ones."""


class SqlStores:
    """All stores behind one door; both `Reading` and `Transaction`."""

    def __init__(self, door: Door, keys: Keys) -> None:
        self.accounts: port.AccountStore = SqlAccountStore(door)
        self.people: port.PersonStore = SqlPersonStore(door)
        self.sessions: port.SessionStore = SqlSessionStore(door, keys)
        self.inbox: port.Inbox = SqlInbox(door)
        self.members: port.MemberStore = SqlMemberStore(door)
        self.profiles: port.ProfileStore = SqlProfileStore(door)
        self.platform_projects: port.PlatformProjectStore = SqlPlatformProjectStore(door)
        self.drafts: port.DraftStore = SqlDraftStore(door)
        self.projects: port.ProjectStore = SqlProjectStore(door)
        self.mappings: port.MappingStore = SqlMappingStore(door)
        self.orders: port.OrderStore = SqlOrderStore(door)
        self.licenses: port.LicenseStore = SqlLicenseStore(door)
        self.subscriptions: port.SubscriptionStore = SqlSubscriptionStore(door)
        self.jobs: port.JobStore = SqlJobStore(door)
        self.views: Views = SqlViews(door)


class SqlStorage:
    """
    The `Storage` port on an engine.

    `on_jobs` is told, after a commit and never before, which jobs it added or woke up: a hint for workers, whose
    failure is logged and changes nothing.
    """

    def __init__(self, engine: sa.Engine, keys: Keys, on_jobs: OnJobs = _unheard) -> None:
        self.engine = engine
        self.tokens = SqlTokenVault(engine, keys)
        self._keys = keys
        self._on_jobs = on_jobs

    @contextmanager
    def reading(self, scope: port.Scope) -> Iterator[port.Reading]:
        with open_door(self.engine, scope, writing=False) as door:
            yield SqlStores(door, self._keys)

    @contextmanager
    def transaction(self, scope: port.Scope) -> Iterator[port.Transaction]:
        if port.in_transaction.get():
            raise port.StorageError("A transaction is open already; two at once could wait for each other.")
        token = port.in_transaction.set(True)
        try:
            with open_door(self.engine, scope, writing=True) as door:
                yield SqlStores(door, self._keys)
        finally:
            port.in_transaction.reset(token)
        self._tell(tuple(dict.fromkeys(door.woken)))

    def _tell(self, job_ids: tuple[JobId, ...]) -> None:
        if not job_ids:
            return
        try:
            self._on_jobs(job_ids)
        except Exception:  # noqa: BLE001 - a hint that fails must not make a stored change look failed
            _log.exception("Workers could not be told about new jobs; they will find them when they look.")

    def migrate(self) -> None:
        """Bring the database to the form this version needs; safe to call from several processes at once."""
        migrate_engine(self.engine)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def make_storage(url: str, keys: Keys, *, on_jobs: OnJobs = _unheard, pool_size: int = POOL_SIZE) -> SqlStorage:
    """Return a storage on `sqlite:///FILE` or `postgresql://…`; nothing is opened before it is used."""
    return SqlStorage(make_engine(url, pool_size=pool_size), keys, on_jobs)


def migrate(url: str) -> None:
    """Bring the database at `url` to the form this version needs."""
    engine = make_engine(url, pool_size=1)
    try:
        migrate_engine(engine)
    finally:
        engine.dispose()
