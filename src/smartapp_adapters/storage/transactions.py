"""The `Storage` port on SQL: two doors, all stores behind them, and word to the workers after a commit."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from smartapp_adapters.storage.access_tokens import SqlAccessTokenStore
from smartapp_adapters.storage.accounts import SqlAccountStore
from smartapp_adapters.storage.doors import Database, open_door
from smartapp_adapters.storage.drafts import SqlDraftStore
from smartapp_adapters.storage.engine import POOL_SIZE, make_engine, make_engines
from smartapp_adapters.storage.inbox import SqlInbox
from smartapp_adapters.storage.invitations import SqlInvitationStore
from smartapp_adapters.storage.jobs import SqlJobStore
from smartapp_adapters.storage.keyed_requests import SqlKeyedRequestStore
from smartapp_adapters.storage.licenses import SqlLicenseStore
from smartapp_adapters.storage.mappings import SqlMappingStore
from smartapp_adapters.storage.members import SqlMemberStore, SqlProfileStore
from smartapp_adapters.storage.migrations import is_newest, migrate_engine
from smartapp_adapters.storage.orders import SqlOrderStore
from smartapp_adapters.storage.people import SqlPersonStore
from smartapp_adapters.storage.platform_projects import SqlPlatformProjectStore
from smartapp_adapters.storage.projects import SqlProjectStore
from smartapp_adapters.storage.resealing import Seals
from smartapp_adapters.storage.roles import LoginUnfit
from smartapp_adapters.storage.scoping import Door
from smartapp_adapters.storage.sealing import Keys
from smartapp_adapters.storage.sessions import SqlSessionStore
from smartapp_adapters.storage.subscriptions import SqlSubscriptionStore
from smartapp_adapters.storage.tokens import SqlTokenVault
from smartapp_adapters.storage.trail import SqlTrail
from smartapp_adapters.storage.views import SqlViews
from smartapp_domain.ids import AccountId, JobId
from smartapp_domain.ports import storage as port
from smartapp_domain.ports.views import Views

_log = logging.getLogger(__name__)
_NOBODY = AccountId("")
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
        self.invitations: port.InvitationStore = SqlInvitationStore(door)
        self.access_tokens: port.AccessTokenStore = SqlAccessTokenStore(door)
        self.trail: port.Trail = SqlTrail(door)
        self.profiles: port.ProfileStore = SqlProfileStore(door)
        self.platform_projects: port.PlatformProjectStore = SqlPlatformProjectStore(door)
        self.drafts: port.DraftStore = SqlDraftStore(door)
        self.projects: port.ProjectStore = SqlProjectStore(door)
        self.mappings: port.MappingStore = SqlMappingStore(door)
        self.orders: port.OrderStore = SqlOrderStore(door)
        self.licenses: port.LicenseStore = SqlLicenseStore(door)
        self.subscriptions: port.SubscriptionStore = SqlSubscriptionStore(door)
        self.jobs: port.JobStore = SqlJobStore(door)
        self.keyed_requests: port.KeyedRequestStore = SqlKeyedRequestStore(door, keys)
        self.views: Views = SqlViews(door)


class SqlStorage:
    """
    The `Storage` port on a database.

    `on_jobs` is told, after a commit and never before, which jobs it added or woke up: a hint for workers, whose
    failure is logged and changes nothing.
    """

    def __init__(self, database: Database, keys: Keys, on_jobs: OnJobs = _unheard) -> None:
        self.database = database
        self.tokens = SqlTokenVault(database, keys)
        self._keys = keys
        self._on_jobs = on_jobs

    @property
    def engine(self) -> sa.Engine:
        """Return what leads to an account's rows."""
        return self.database.engine

    @contextmanager
    def reading(self, scope: port.Scope) -> Iterator[port.Reading]:
        with open_door(self.database, scope, writing=False) as door:
            yield SqlStores(door, self._keys)

    @contextmanager
    def transaction(self, scope: port.Scope) -> Iterator[port.Transaction]:
        if port.in_transaction.get():
            raise port.StorageError("A transaction is open already; two at once could wait for each other.")
        token = port.in_transaction.set(True)
        try:
            with open_door(self.database, scope, writing=True) as door:
                yield SqlStores(door, self._keys)
        finally:
            port.in_transaction.reset(token)
        self._tell(tuple(dict.fromkeys(door.woken)))

    def seals(self) -> Seals:
        """Return the stored secrets by the key that seals them, for whoever gives them a new one."""
        return Seals(self.database, self._keys)

    def _tell(self, job_ids: tuple[JobId, ...]) -> None:
        if not job_ids:
            return
        try:
            self._on_jobs(job_ids)
        except Exception:  # noqa: BLE001 - a hint that fails must not make a stored change look failed
            _log.exception("Workers could not be told about new jobs; they will find them when they look.")

    def prepare(self) -> None:
        """
        Bring an SQLite database to the form this version needs; safe to call from several processes at once.

        On PostgreSQL, which is migrated under another login, raise `StorageUnavailable` unless it has that form, and
        `LoginUnfit` unless both logins are what they should be and lead to the same database.
        """
        if self.engine.dialect.name == "sqlite":
            migrate_engine(self.engine)
            return
        for scope in (port.OPERATOR, _NOBODY):
            with open_door(self.database, scope, writing=False) as door:
                if not is_newest(door.connection):
                    raise port.StorageUnavailable("The database is of another version. Run `smartapp migrate`.")
        if not self.database.is_one():
            raise LoginUnfit("The two logins lead to different databases. Both addresses must name the same one.")

    def dispose(self) -> None:
        """Close every connection."""
        self.database.dispose()


def make_storage(
    url: str,
    keys: Keys,
    *,
    operator_url: str | None = None,
    on_jobs: OnJobs = _unheard,
    pool_size: int = POOL_SIZE,
    door: type[Door] = Door,
) -> SqlStorage:
    """
    Return a storage; nothing is opened before it is used.

    Args:
        url: `sqlite:///FILE`, or `postgresql://…` with a login that holds `smartapp_app`.
        operator_url: On PostgreSQL, and only there, the same database with a login that holds `smartapp_operator`.
        keys: What secrets are sealed with.
        on_jobs: Told, after a commit, which jobs it added.
        pool_size: Connections kept open at most, for each login.
        door: What a door is; see `Database`.

    Raises ValueError for an address that will not do, and each use `LoginUnfit` for a login that will not.
    """
    return SqlStorage(Database(*make_engines(url, operator_url, pool_size=pool_size), door), keys, on_jobs)


def migrate(url: str) -> None:
    """Bring the database at `url` to the form this version needs; on PostgreSQL its login becomes the migrator."""
    engine = make_engine(url, pool_size=1)
    try:
        migrate_engine(engine)
    finally:
        engine.dispose()
