"""`smartapp doctor` finds nothing on a healthy installation, and names each thing that is wrong, with its fix."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import httpx
import pytest
from tests.app.doctor.conftest import Site, Vendors, key, seal_something
from tests.servers.brokers import BrokerServer
from tests.servers.postgres import PostgresDatabase
from tests.servers.private import free_port

from smartapp_adapters.billing import API_VERSION
from smartapp_adapters.storage import migrate
from smartapp_domain.jobs import Job, JobKind, JobState
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.clock import MemoryClock
from smartapp_runtime.doctor.clock import check_clock
from smartapp_runtime.doctor.findings import Verdict
from smartapp_runtime.doctor.vendors import Told
from smartapp_runtime.doctor.vendors import Vendors as AsksVendors
from smartapp_runtime.settings import Settings

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
CHECKS = {
    "database",
    "migrations",
    "encryption keys",
    "row security",
    "workers",
    "overdue jobs",
    "failed jobs",
    "broker",
    "procore hosts",
    "procore credentials",
    "stripe host",
    "catalog",
    "webhook endpoint",
    "clock",
}


on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("database", ["postgres"], indirect=True)
#: What a broker or a vendor is asked does not depend on the database: half a second more for each would buy nothing.
outside = on_sqlite


def add(site: Site, *jobs: Job) -> None:
    with site.storage.transaction(OPERATOR) as tx:
        for each in jobs:
            tx.jobs.add(each)


def test_a_healthy_installation_is_healthy(site: Site) -> None:
    seal_something(site.storage)

    assert site.wrong() == {}
    assert set(site.examine()) == CHECKS


@on_sqlite
def test_without_settings_every_check_is_shown_with_why_it_could_not_be_looked_at(site: Site, tmp_path: Path) -> None:
    elsewhere = {"SMARTAPP_DATABASE_URL": f"sqlite:///{tmp_path / 'none.db'}"}

    _, told = site.run(elsewhere, ["doctor", "--json"])

    found = {each["check"]: each for each in json.loads(told)["findings"]}
    assert set(found) == CHECKS
    assert all(each["says"] for each in found.values())
    for name in ("migrations", "procore hosts", "catalog", "webhook endpoint"):
        assert found[name]["verdict"] == "skipped", name
    assert found["procore credentials"]["says"].count("Set it in") == 0


def test_people_are_told_in_lines(site: Site) -> None:
    status, told = site.run(site.environment, ["doctor"])
    ill, of_ill = site.run(site.environment | {"SMARTAPP_BROKER": "redis://127.0.0.1:1/0"}, ["doctor"])

    assert (status, ill) == (0, 1)
    assert told.endswith("Nothing is wrong.\n")
    assert "WRONG broker: It takes no hints" in of_ill
    assert "→ Start the broker" in of_ill


@on_sqlite  # an app of PostgreSQL makes no database
def test_a_database_that_is_not_there_is_named_and_not_made(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.db"

    wrong = site.wrong(SMARTAPP_DATABASE_URL=f"sqlite:///{file}")

    assert str(file) in wrong["database"]
    assert not file.exists()
    assert site.examine(SMARTAPP_DATABASE_URL=f"sqlite:///{file}")["workers"][0]["verdict"] == "skipped"


def test_a_server_that_does_not_answer_is_named(site: Site) -> None:
    url = f"postgresql://app:hush@127.0.0.1:{free_port()}/smartapp"

    told = site.wrong(SMARTAPP_DATABASE_URL=url, SMARTAPP_OPERATOR_DATABASE_URL=url)["database"]

    assert "does not answer" in told
    assert "hush" not in told


def test_a_database_of_another_version_is_named(site: Site) -> None:
    site.alter("UPDATE alembic_version SET version_num = '0001'")

    assert "smartapp migrate" in site.wrong()["migrations"]


@on_postgres
def test_a_login_that_passes_by_every_rule_is_named(site: Site, postgres_database: PostgresDatabase) -> None:
    told = site.wrong(SMARTAPP_DATABASE_URL=postgres_database.admin_url)["database"]

    assert "passes by row-level security" in told


def test_a_newer_database_is_named_with_what_to_do(site: Site) -> None:
    site.alter("UPDATE alembic_version SET version_num = '9999'")

    assert "newer version. Install that version, or restore the back-up." in site.wrong()["migrations"]


@on_postgres
def test_two_different_databases_are_named(site: Site, make_postgres_database: Callable[[], PostgresDatabase]) -> None:
    other = make_postgres_database()

    assert "different databases" in site.wrong(SMARTAPP_OPERATOR_DATABASE_URL=other.operator_url)["database"]


@on_postgres
@pytest.mark.parametrize("setting", ["SMARTAPP_DATABASE_URL", "SMARTAPP_OPERATOR_DATABASE_URL"])
def test_a_login_that_is_none_is_named_by_its_own_setting(
    site: Site, postgres_database: PostgresDatabase, setting: str
) -> None:
    nobody = site.environment[setting].replace(f"{postgres_database.logins}_", "nobody_")

    told = site.wrong(**{setting: nobody})["database"]

    assert "does not exist" in told
    assert told.endswith(f"correct {setting}.")


@on_postgres
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("ALTER TABLE licenses NO FORCE ROW LEVEL SECURITY", "not forced on licenses"),
        ("CREATE POLICY everybody ON licenses USING (true)", "policies that are not ours: everybody"),
        ("ALTER POLICY own_rows ON accounts USING (true)", "accounts shows rows"),
        ("ALTER POLICY own_rows ON licenses USING (true)", "licenses has policies that are not as we made them"),
        ("ALTER POLICY rows_of_all ON sessions TO PUBLIC", "sessions has policies that are not as we made them"),
        ("CREATE POLICY own_rows ON sessions USING (true)", "policies that are not ours: own_rows"),
        ("DROP POLICY rows_of_all ON sessions", "sessions has policies that are not as we made them"),
        (
            "GRANT DELETE ON trail TO smartapp_app",
            "trail has grants that are not as we made them: DELETE of smartapp_app",
        ),
        ("GRANT UPDATE (deed) ON trail TO smartapp_app", "as we made them: UPDATE of smartapp_app"),
        ("GRANT TRUNCATE ON licenses TO smartapp_app", "as we made them: TRUNCATE of smartapp_app"),
        ("GRANT SELECT ON sessions TO PUBLIC", "sessions has grants that are not as we made them: SELECT of PUBLIC"),
        ("REVOKE SELECT ON licenses FROM smartapp_app", "as we made them: SELECT of smartapp_app"),
    ],
)
def test_a_hole_between_accounts_is_named(
    site: Site, postgres_database: PostgresDatabase, statement: str, told: str
) -> None:
    with site.storage.transaction(OPERATOR) as tx:
        tx.accounts.add(some.account())

    site.alter(statement)

    assert told in site.wrong()["row security"]
    migrate(postgres_database.migrator_url)
    assert site.wrong() == {}


@on_postgres
@pytest.mark.parametrize("to", ["PUBLIC", "smartapp_operator"])
def test_the_right_to_make_temporary_tables_is_named_and_the_fix_takes_it_away(
    site: Site, postgres_database: PostgresDatabase, to: str
) -> None:
    site.alter(f"GRANT TEMPORARY ON DATABASE {postgres_database.name} TO {to}")

    told = site.wrong()

    assert "may make temporary tables" in told["row security"]
    site.alter(told["row security"].partition("Run as an administrator: ")[2].rstrip("."))
    assert site.wrong() == {}


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("", "not set"),
        ("2026:c2hvcnQ", "has 5 bytes"),
        (key("2027", b"n"), "1 with '2026'"),
        (key("2026", b"n"), "do not open"),
    ],
)
def test_keys_that_do_not_fit_are_named(site: Site, keys: str, told: str) -> None:
    seal_something(site.storage)

    assert told in site.wrong(SMARTAPP_ENCRYPTION_KEYS=keys)["encryption keys"]


def test_a_key_in_front_of_the_old_one_is_fine(site: Site) -> None:
    seal_something(site.storage)

    (found,) = site.examine(SMARTAPP_ENCRYPTION_KEYS=f"{key('2027', b'n')},{key('2026', b'k')}")["encryption keys"]

    assert found["verdict"] == "fine"
    assert "1 are sealed with older ones" in found["says"]


@outside
@pytest.mark.parametrize("scheme", ["amqp", "redis"])
def test_a_broker_that_is_gone_is_named(site: Site, scheme: str) -> None:
    told = site.wrong(SMARTAPP_BROKER=f"{scheme}://user:hush@127.0.0.1:{free_port()}/")["broker"]

    assert "takes no hints" in told
    assert "hush" not in told


@outside
@pytest.mark.parametrize("server", ["rabbitmq_server", "redis_server"])
def test_a_broker_that_takes_hints_is_fine(site: Site, server: str, request: pytest.FixtureRequest) -> None:
    found: BrokerServer = request.getfixturevalue(server)

    assert site.examine(SMARTAPP_BROKER=found.url)["broker"][0]["verdict"] == "fine"


def test_a_database_no_worker_ever_saw_is_named(site: Site) -> None:
    site.alter("DELETE FROM jobs")

    assert "No worker has ever run" in site.wrong()["workers"]


def test_workers_that_died_are_named_and_so_is_what_waits_for_them(site: Site) -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=20)
    add(site, some.job("pulse", JobKind.PULSE, "", account_id=None, due_at=long_ago))
    add(site, some.job(due_at=long_ago), some.job("job-2", subject="order-2", due_at=long_ago))

    wrong = site.wrong()

    assert "no worker has shown a sign of life" in wrong["workers"].lower()
    assert wrong["overdue jobs"].startswith("3 jobs wait for a worker, the first since")


def test_a_pulse_that_an_outage_put_off_is_no_sign_of_life(site: Site) -> None:
    now = datetime.now(UTC)
    pulse = some.job("pulse", JobKind.PULSE, "", account_id=None, due_at=now - timedelta(minutes=2))
    add(site, pulse)
    with site.storage.transaction(OPERATOR) as tx:
        claimed = [tx.jobs.claim(id, at=now) for id in tx.jobs.due(now, 10)]
        (held,) = [job for job in claimed if job is not None and job.key == pulse.key]
        tx.jobs.finish(attrs.evolve(held, due_at=now + timedelta(minutes=10)))

    assert "none is due until" in site.wrong()["workers"]


def test_work_that_waits_for_a_person_is_named(site: Site) -> None:
    add(site, some.job(state=JobState.FAILED, problem="Odd."))

    assert "smartapp jobs failed" in site.wrong()["failed jobs"]


@outside
def test_a_procore_that_cannot_be_reached_is_named(site: Site) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"

    found = site.examine(SMARTAPP_PROCORE_API_URL=nowhere)

    assert nowhere in found["procore hosts"][0]["says"]
    assert found["procore credentials"][0]["verdict"] == "skipped"


@outside
@pytest.mark.parametrize(("secret", "told"), [("wrong-secret", "Smartapp Safety"), ("", "SAFETY_CLIENT_SECRET")])
def test_credentials_procore_does_not_accept_are_named(site: Site, secret: str, told: str) -> None:
    wrong = site.wrong(SMARTAPP_PROCORE_SAFETY_CLIENT_SECRET=secret)["procore credentials"]

    assert told in wrong
    assert "wrong-secret" not in wrong


@outside
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"SMARTAPP_STRIPE_API_KEY": ""}, "SMARTAPP_STRIPE_API_KEY is not set"),
        ({"SMARTAPP_STRIPE_API_KEY": "pk_test_public"}, "must begin with"),
        ({"SMARTAPP_STRIPE_API_BASE": "http://127.0.0.1:1"}, "does not answer"),
        ({"SMARTAPP_STRIPE_API_BASE": "http://us:hunter2@vendor"}, "http://us:(hidden)@vendor is neither https"),
        ({"SMARTAPP_STRIPE_API_BASE": "https://us:hunter2@127.0.0.1:1"}, "https://us:(hidden)@127.0.0.1:1 does not"),
    ],
)
def test_a_stripe_that_cannot_be_asked_is_named(site: Site, changes: dict[str, str], told: str) -> None:
    assert told in site.wrong(**changes)["stripe host"]


@outside
def test_prices_that_differ_are_named(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "smartapp.toml"
    file.write_text("[price_book]\nversion = 2\n[price_book.cents_per_month]\nplanner = 31000\n")

    wrong = site.wrong(SMARTAPP_CONFIG=str(file))["catalog"]

    assert "smartapp catalog --publish" in wrong


@outside
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"SMARTAPP_STRIPE_WEBHOOK_SECRET": ""}, "every notice is refused"),
        ({"SMARTAPP_PUBLIC_URL": "https://connect.example.com"}, "no webhook endpoint for https://connect.example.com"),
    ],
)
def test_notices_that_would_not_arrive_are_named(site: Site, changes: dict[str, str], told: str) -> None:
    assert told in site.wrong(**changes)["webhook endpoint"]


@outside
@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"enabled_events[]": "*"}, "speaks the account's default version"),
        ({"api_version": API_VERSION, "enabled_events[]": "*", "disabled": "true"}, "disabled"),
        ({"api_version": API_VERSION, "enabled_events[]": "invoice.paid"}, "is not told of"),
    ],
)
def test_an_endpoint_that_is_set_up_wrongly_is_named(
    site: Site, vendors: Vendors, params: dict[str, str], told: str
) -> None:
    url = "https://other.example.com"
    wanted = {name: value for name, value in params.items() if name != "disabled"}
    with httpx.Client(base_url=f"{vendors.stripe}/v1", auth=("sk_test_doctor", "")) as stripe:
        for old in stripe.get("/webhook_endpoints").json()["data"]:
            if old["url"].startswith(url):
                stripe.delete(f"/webhook_endpoints/{old['id']}")
        made = stripe.post("/webhook_endpoints", data={"url": f"{url}/webhooks/stripe", **wanted})
        made.raise_for_status()
        if "disabled" in params:
            stripe.post(f"/webhook_endpoints/{made.json()['id']}", data={"disabled": "true"}).raise_for_status()

    assert told in site.wrong(SMARTAPP_PUBLIC_URL=url)["webhook endpoint"]


@outside
def test_a_clock_that_differs_from_the_vendors_is_named(site: Site, vendors: Vendors) -> None:
    vendors.stripe_clock.advance(600)

    told = site.wrong()["clock"]

    assert "ahead of us" in told
    assert "NTP" in told


@pytest.mark.parametrize(
    ("database", "verdict"),
    [(timedelta(seconds=20), Verdict.FINE), (-timedelta(minutes=2), Verdict.WRONG), (None, Verdict.FINE)],
)
def test_a_clock_that_differs_from_the_databases_is_named(database: timedelta | None, verdict: Verdict) -> None:
    asked = [Told("api.example.com", NOW, NOW)]

    (found,) = check_clock(asked, None if database is None else NOW + database, NOW)

    assert found.verdict is verdict
    assert ("the database is 120 s behind us" in found.says) == (verdict is Verdict.WRONG)


def test_a_vendors_time_is_compared_with_ours_in_the_middle_of_the_call() -> None:
    date = {"Date": "Sun, 01 Nov 2026 12:00:00 GMT"}
    clock = MemoryClock(NOW)

    def answer(_: httpx.Request) -> httpx.Response:
        clock.move(timedelta(seconds=8))
        return httpx.Response(404, headers=date)

    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        vendors = AsksVendors(Settings(), http, clock)
        assert vendors._ask("https://api.example.com") is None

    assert vendors.told == [Told("api.example.com", NOW, NOW + timedelta(seconds=4))]


def test_a_check_that_breaks_is_a_finding_and_stops_no_other(site: Site) -> None:
    site.alter("ALTER TABLE jobs RENAME TO lost")

    found = site.examine()

    assert found["workers"][0]["verdict"] == "wrong"
    assert found["stripe host"][0]["verdict"] == "fine"
