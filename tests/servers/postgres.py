"""PostgreSQL for tests: one server per session, and databases copied from one that is migrated already."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import attrs
import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from smartapp_adapters.storage import migrate
from smartapp_adapters.storage.roles import MIGRATOR, ROLES
from tests.servers.private import dying_with_us, free_port, missing, stop

GIVEN = "SMARTAPP_TEST_POSTGRES"
REMEDY = (
    f"apt-get install postgresql, or set {GIVEN} to the URL of a superuser, "
    "such as postgresql://postgres@127.0.0.1:5432/postgres."
)
#: Nothing here has to survive a power cut.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "autovacuum=off")


@attrs.frozen
class PostgresDatabase:
    """A database with all tables, and the addresses by which the three logins of an installation reach it."""

    _server: sa.URL
    name: str
    logins: str
    """What the names of its logins begin with."""

    @property
    def migrator_url(self) -> str:
        return self._url("migrator")

    @property
    def app_url(self) -> str:
        return self._url("app")

    @property
    def operator_url(self) -> str:
        return self._url("operator")

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a process of the product that shall run on this database."""
        return {"SMARTAPP_DATABASE_URL": self.app_url, "SMARTAPP_OPERATOR_DATABASE_URL": self.operator_url}

    @property
    def admin_url(self) -> str:
        """The server's own login: it passes by every rule, so it is for arranging and never for acting."""
        return _rendered(self._server.set(database=self.name))

    def empty(self) -> None:
        """Delete every row; for the few rows of a test that is much quicker than TRUNCATE."""
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            admin.execute(_EMPTY)

    def _url(self, part: str) -> str:
        login = f"{self.logins}_{part}"
        return _rendered(self._server.set(database=self.name, username=login, password=PASSWORD))


PASSWORD = secrets.token_hex(8)
#: A trail refuses to lose rows by a trigger, which a replica does not run.
_EMPTY = """
DO $$
DECLARE each regclass;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR each IN
        SELECT oid FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
    LOOP
        EXECUTE format('DELETE FROM %s', each);
    END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[sa.URL]:
    """Return the URL of a server, as a superuser."""
    if not available():
        missing("PostgreSQL", REMEDY)
    with server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_logins(postgres_server: sa.URL) -> Iterator[str]:
    """Return what the names of three logins begin with: see `logins`."""
    with logins(postgres_server) as prefix:
        yield prefix


@pytest.fixture(scope="session")
def make_bare_postgres_database(
    postgres_server: sa.URL, postgres_logins: str
) -> Iterator[Callable[[], PostgresDatabase]]:
    """Return what makes a database nobody has migrated; it lasts until the session ends."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(_database(postgres_server, postgres_logins, copying="template0"))


@pytest.fixture(scope="session")
def _postgres_template(make_bare_postgres_database: Callable[[], PostgresDatabase]) -> PostgresDatabase:
    """Return the database all others are copied from; nobody may stay connected to it."""
    template = make_bare_postgres_database()
    migrate(template.migrator_url)
    return template


@pytest.fixture(scope="session")
def make_postgres_database(
    postgres_server: sa.URL, _postgres_template: PostgresDatabase
) -> Iterator[Callable[[], PostgresDatabase]]:
    """Return what makes a fresh migrated database, which lasts until the session ends: some 50 ms each."""
    with ExitStack() as stack:
        template = _postgres_template
        yield lambda: stack.enter_context(_database(postgres_server, template.logins, copying=template.name))


@pytest.fixture(scope="session")
def shared_postgres_database(make_postgres_database: Callable[[], PostgresDatabase]) -> PostgresDatabase:
    return make_postgres_database()


@pytest.fixture
def postgres_database(shared_postgres_database: PostgresDatabase) -> PostgresDatabase:
    """Return a migrated database without rows: the session's own, emptied, which is the quickest."""
    shared_postgres_database.empty()
    return shared_postgres_database


@pytest.fixture(scope="session")
def dumped() -> Callable[[str], str]:
    """Return what tells a database's schema as text: tables, owners, rules and grants."""
    programs = _programs()
    if programs is None:
        missing("pg_dump", REMEDY)

    def dump(url: str) -> str:
        command = [str(programs / "pg_dump"), "--schema-only", "--dbname", url]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return "\n".join(line for line in told.splitlines() if not line.startswith("\\"))  # these hold a random word

    return dump


def available() -> bool:
    return bool(os.environ.get(GIVEN)) or _programs() is not None


@contextmanager
def server() -> Iterator[sa.URL]:
    """Yield the URL of the server that is given, or of a private one, as a superuser; see `available`."""
    if os.environ.get(GIVEN):
        yield sa.make_url(os.environ[GIVEN])
        return
    with private_postgres() as url:
        yield url


@contextmanager
def logins(server: sa.URL) -> Iterator[str]:
    """
    Yield what the names of three logins begin with: …_migrator, …_app and …_operator, each holding its role.

    The roles belong to the server and stay on it; a migration finds them made, as an administrator would have.
    """
    prefix = f"smartapp_test_{secrets.token_hex(4)}"
    logins = {f"{prefix}_{role.removeprefix('smartapp_')}": role for role in ROLES}
    make = (
        "DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    _order(server, *(sql.SQL(make).format(role=sql.Identifier(role)) for role in ROLES))
    login = "CREATE ROLE {login} LOGIN PASSWORD {password} IN ROLE {role}"
    names = [{"login": sql.Identifier(login), "role": sql.Identifier(role)} for login, role in logins.items()]
    _order(server, *(sql.SQL(login).format(password=sql.Literal(PASSWORD), **name) for name in names))
    yield prefix
    _order(server, *(sql.SQL("DROP ROLE {login}").format(**name) for name in names))


@contextmanager
def migrated(server: sa.URL, logins: str) -> Iterator[PostgresDatabase]:
    """Yield a database with all tables."""
    with _database(server, logins, copying="template0") as database:
        migrate(database.migrator_url)
        yield database


@contextmanager
def _database(server: sa.URL, logins: str, *, copying: str) -> Iterator[PostgresDatabase]:
    name = f"smartapp_test_{secrets.token_hex(4)}"
    names = {
        "name": sql.Identifier(name),
        "owner": sql.Identifier(MIGRATOR),
        "template": sql.Identifier(copying),
    }
    _order(server, sql.SQL("CREATE DATABASE {name} OWNER {owner} TEMPLATE {template}").format(**names))
    _order(server, sql.SQL("REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC").format(**names))  # as docs/operating.md
    try:
        yield PostgresDatabase(server, name, logins)
    finally:
        _order(server, sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**names))


def _order(server: sa.URL, *statements: sql.Composed) -> None:
    with psycopg.connect(_rendered(server), autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement)


def _rendered(url: sa.URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _programs() -> Path | None:
    """Return the folder of the newest server; Debian does not put it on the path."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return installed[-1].parent if installed else None


@contextmanager
def private_postgres() -> Iterator[sa.URL]:
    """Start a server of our own, without any role but its superuser; it takes a second or two."""
    programs = _programs()
    if programs is None:
        missing("PostgreSQL", REMEDY)
    folder = Path(tempfile.mkdtemp(prefix="smartapp-postgres-"))
    try:
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(folder, "postgres", "postgres")
        _prepare(programs, folder)
        with _running(programs, folder) as url:
            yield url
    finally:
        shutil.rmtree(folder)


def _prepare(programs: Path, folder: Path) -> None:
    command = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust"]
    command += ["--no-sync", "--locale", "C", "--encoding", "UTF8"]
    subprocess.run(dying_with_us(command, user="postgres"), cwd=folder, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _running(programs: Path, folder: Path) -> Iterator[sa.URL]:
    port = free_port()
    command = [str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(port)]
    for option in (*QUICK, "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}"):
        command += ["-c", option]
    log = folder / "log"
    with log.open("wb") as told:
        server = subprocess.Popen(
            dying_with_us(command, user="postgres", at_death="QUIT"), cwd=folder, stdout=told, stderr=told
        )
    try:
        url = sa.URL.create("postgresql", "postgres", host="127.0.0.1", port=port, database="postgres")
        _await(url, server, log)
        yield url
    finally:
        stop(server, signal.SIGQUIT)  # at once: what it holds is thrown away


def _await(url: sa.URL, server: "subprocess.Popen[bytes]", log: Path) -> None:
    given_up = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < given_up:
        try:
            psycopg.connect(_rendered(url)).close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"The private PostgreSQL did not start:\n{log.read_text()}")
