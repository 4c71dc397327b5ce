import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
import pytest
import sqlalchemy as sa
from tests.emulators.procore.support import small_world
from tests.servers.postgres import PostgresDatabase

from smartapp_adapters.billing import StripePayments, StripeSettings, ensure_webhook_endpoint
from smartapp_adapters.storage import Keys, SqlStorage, make_storage
from smartapp_domain.catalog import Module
from smartapp_domain.ports.platform import PersonGrant
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.pricing import LIST_PRICES
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.builders import NOON
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.work import keep_pulse
from smartapp_emulators.clock import ClockState, MovableClock
from smartapp_emulators.procore.app import create_app as create_procore
from smartapp_emulators.serving import ThreadedServer
from smartapp_emulators.stripe.app import create_app as create_stripe
from smartapp_runtime.cli import main
from smartapp_runtime.clock import SystemClock

KEYS = Keys("2026", {"2026": b"k" * 32})
SITE = "http://127.0.0.1:8000"
GRANT = PersonGrant(Module.PLANNER, "token", NOON)


@attrs.frozen
class Vendors:
    procore: str
    stripe: str
    stripe_clock: MovableClock

    @property
    def stripe_settings(self) -> StripeSettings:
        return StripeSettings("sk_test_doctor", api_base=self.stripe, retries=0)


@pytest.fixture(scope="session")
def running_vendors() -> Iterator[Vendors]:
    clock = MovableClock()
    stripe = ThreadedServer(host_name="localhost")
    stripe.app = create_stripe(clock=clock, base_url=stripe.url, retry_delays_s=(), tick_s=60)
    with stripe, ThreadedServer(create_procore(small_world())) as procore:
        yield Vendors(procore.url, stripe.url, clock)


@pytest.fixture
def vendors(running_vendors: Vendors) -> Iterator[Vendors]:
    """Return both, with the catalog published and the endpoint made, as after a first deployment."""
    ensure_webhook_endpoint(running_vendors.stripe_settings, f"{SITE}/webhooks/stripe", replace=True)
    payments = StripePayments(running_vendors.stripe_settings, SystemClock())
    payments.publish_catalog(LIST_PRICES)
    payments.close()
    yield running_vendors
    running_vendors.stripe_clock.restore(ClockState())


@attrs.define
class Site:
    """An installation, as its environment describes it."""

    environment: dict[str, str]
    storage: SqlStorage
    run: Callable[[Mapping[str, str], list[str]], tuple[int, str]]
    _owner_url: str

    def alter(self, statement: str) -> None:
        """Do to the database what its app may not."""
        engine = sa.create_engine(self._owner_url)
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()

    def examine(self, **changes: str) -> dict[str, list[dict[str, str]]]:
        """Return the findings by check; the exit status must agree with them."""
        status, told = self.run(self.environment | changes, ["doctor", "--json"])
        answer = json.loads(told)
        findings: dict[str, list[dict[str, str]]] = {}
        for each in answer["findings"]:
            findings.setdefault(each["check"], []).append(each)
        is_wrong = any(each["verdict"] == "wrong" for each in answer["findings"])
        assert (status, answer["healthy"]) == (1, False) if is_wrong else (0, True)
        return findings

    def wrong(self, **changes: str) -> dict[str, str]:
        """Return what is wrong, one text for each check; a fix must stand beside each."""
        found = [each for several in self.examine(**changes).values() for each in several]
        assert all(bool(each["fix"]) == (each["verdict"] == "wrong") for each in found)
        return {each["check"]: f"{each['says']} {each['fix']}" for each in found if each["verdict"] == "wrong"}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def run(environment: Mapping[str, str], arguments: list[str]) -> tuple[int, str]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        return main(arguments), capsys.readouterr().out

    return run


@pytest.fixture
def postgres_database(make_postgres_database: Callable[[], PostgresDatabase]) -> PostgresDatabase:
    """Return a database of the test's own: what a doctor shall find is done to its tables."""
    return make_postgres_database()


@pytest.fixture
def site(database: dict[str, str], vendors: Vendors, run: Any, request: pytest.FixtureRequest) -> Iterator[Site]:
    """Return a healthy installation, on each database."""
    owner_url = url = database["SMARTAPP_DATABASE_URL"]
    if operator_url := database.get("SMARTAPP_OPERATOR_DATABASE_URL"):
        own: PostgresDatabase = request.getfixturevalue("postgres_database")
        owner_url = own.admin_url.replace("postgresql://", "postgresql+psycopg://")
    storage = make_storage(url, KEYS, operator_url=operator_url)
    show_life(storage)
    yield Site(environment(database, vendors), storage, run, owner_url)
    storage.dispose()


def environment(database: Mapping[str, str], vendors: Vendors) -> dict[str, str]:
    return {
        **database,
        "SMARTAPP_PUBLIC_URL": SITE,
        "SMARTAPP_ENCRYPTION_KEYS": key("2026", b"k"),
        "SMARTAPP_PROCORE_LOGIN_URL": vendors.procore,
        "SMARTAPP_PROCORE_API_URL": vendors.procore,
        "SMARTAPP_STRIPE_API_KEY": "sk_test_doctor",
        "SMARTAPP_STRIPE_API_BASE": vendors.stripe,
        "SMARTAPP_STRIPE_WEBHOOK_SECRET": "whsec_doctor",
        **{f"SMARTAPP_PROCORE_{app}_CLIENT_ID": "one" for app in ("PLANNER", "SAFETY")},
        **{f"SMARTAPP_PROCORE_{app}_CLIENT_SECRET": "secret-one" for app in ("PLANNER", "SAFETY")},
    }


def key(id: str, byte: bytes) -> str:
    return f"{id}:{base64.urlsafe_b64encode(byte * 32).decode()}"


def show_life(storage: SqlStorage) -> None:
    """Leave what a worker that started just now leaves."""
    keep_pulse(attrs.evolve(Workbench.of(storage).ports, clock=SystemClock()))


def seal_something(storage: SqlStorage) -> None:
    with storage.transaction(OPERATOR) as tx:
        tx.sessions.put(some.session(grant=GRANT))
