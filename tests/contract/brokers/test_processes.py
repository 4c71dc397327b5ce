"""
`smartapp worker` and `smartapp serve` as real processes: killed, stopped and run by the dozen.

Nothing is timed: a worker is in the middle of its job when the platform, which here is ours, was asked and has not
answered yet.
"""

import base64
import hashlib
import hmac
import json
import os
import queue
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import attrs
import httpx
import pytest
from tests.contract.brokers.conftest import KEYS
from tests.contract.brokers.site import MakeStorage, eventually
from tests.contract.brokers.vendor import Vendor
from tests.servers.private import dying_with_us, free_port, stop

from smartapp_adapters.billing import API_VERSION
from smartapp_adapters.storage import SqlStorage
from smartapp_domain.ids import AccountId, JobId, PlatformCompanyId, PlatformProjectId
from smartapp_domain.jobs import Job, JobKind, JobState
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing import builders as some

pytestmark = pytest.mark.contract
LEASE_S = 2
SECRET = "whsec_processes"
without_broker = pytest.mark.parametrize("broker_url", ["none"], indirect=True)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with Vendor() as vendor:
        yield vendor


@pytest.fixture
def storage(make: MakeStorage) -> SqlStorage:
    """Return the database as the test sees it; what it stores is told to nobody."""
    return make(lambda _: None)


@attrs.frozen
class Program:
    """A running command of the product."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def says(self, pattern: str) -> str:
        """Wait for a line with these words and return what the pattern's group found."""
        eventually(lambda: re.search(pattern, self.log.read_text()) is not None or self._ended(), within_s=90)
        found = re.search(pattern, self.log.read_text())
        assert found, self.log.read_text()
        return found[found.lastindex or 0]

    def ended(self, within_s: float = 60) -> int:
        """Return the exit status; where it hangs, fail with what each thread was doing."""
        try:
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)  # faulthandler writes the stacks
            self.process.wait(10)
            raise AssertionError(self.log.read_text()) from None

    def _ended(self) -> bool:
        return self.process.poll() is not None


Start = Callable[..., Program]


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return where all processes keep what they compiled: half of their start, where nothing else keeps it."""
    return str(tmp_path_factory.mktemp("bytecode"))


@pytest.fixture
def start(
    database: dict[str, str], broker_url: str | None, vendor: Vendor, tmp_path: Path, bytecode: str
) -> Iterator[Start]:
    """Return what starts a command of the product on this site; none outlives the test."""
    settings = {
        **database,
        **({"SMARTAPP_BROKER": broker_url} if broker_url else {}),
        "SMARTAPP_ENCRYPTION_KEYS": f"2026:{base64.urlsafe_b64encode(KEYS.by_id['2026']).decode()}",
        "SMARTAPP_PORT": "0",
        "SMARTAPP_WORKER_LEASE_S": str(LEASE_S),
        "SMARTAPP_PROCORE_LOGIN_URL": vendor.url,
        "SMARTAPP_PROCORE_API_URL": vendor.url,
        "SMARTAPP_STRIPE_API_KEY": "sk_test_processes",
        "SMARTAPP_STRIPE_API_BASE": vendor.url,
        "SMARTAPP_STRIPE_WEBHOOK_SECRET": SECRET,
        "PYTHONUNBUFFERED": "1",
        "PYTHONFAULTHANDLER": "1",
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": bytecode,
    } | {f"SMARTAPP_PROCORE_{app}_CLIENT_{part}": "x" * 8 for app in ("PLANNER", "SAFETY") for part in ("ID", "SECRET")}
    plain = {k: v for k, v in os.environ.items() if not k.startswith("SMARTAPP_") and not k.lower().endswith("_proxy")}
    numbers = count(1)
    with ExitStack() as stack:

        def started(*arguments: str, **more: str) -> Program:
            log = tmp_path / f"log-{next(numbers)}"
            with log.open("wb") as told:
                process = subprocess.Popen(
                    dying_with_us([sys.executable, "-m", "smartapp_runtime.cli", *arguments]),
                    env=plain | settings | more,
                    cwd=tmp_path,
                    stdout=told,
                    stderr=told,
                )
            stack.callback(stop, process, signal.SIGKILL)
            return Program(process, log)

        yield started


def add_companies(storage: SqlStorage, *companies: str) -> None:
    """Store accounts of these companies, and for each the job that reads its projects."""
    with storage.transaction(OPERATOR) as tx:
        for company in companies:
            key = attrs.evolve(some.account().company, company_id=PlatformCompanyId(company))
            tx.accounts.add(some.account(f"account-{company}", company=key))
            tx.jobs.add(refresh(company))


def refresh(company: str) -> Job:
    return some.job(f"job-{company}", JobKind.REFRESH_PROJECTS, "", account_id=AccountId(f"account-{company}"))


def job(storage: SqlStorage, id: str) -> Job:
    with storage.reading(OPERATOR) as reading:
        return reading.jobs.get(JobId(id))


def is_done(storage: SqlStorage, *companies: str) -> bool:
    return all(job(storage, f"job-{company}").state is JobState.DONE for company in companies)


def name_of(storage: SqlStorage, company: str) -> str:
    with storage.reading(AccountId(f"account-{company}")) as reading:
        return reading.platform_projects.get(PlatformProjectId("7001")).name


def in_the_middle(worker: Program, vendor: Vendor) -> str:
    """Return the company whose list the worker waits for."""
    try:
        return vendor.arrived.get(timeout=90)
    except queue.Empty:
        raise AssertionError(worker.log.read_text()) from None


def test_what_a_killed_worker_held_is_done_by_another_one(start: Start, vendor: Vendor, storage: SqlStorage) -> None:
    vendor.go_on.clear()
    add_companies(storage, "77")
    first = start("worker")
    assert in_the_middle(first, vendor) == "77"

    first.process.kill()  # no word of farewell
    first.process.wait()
    vendor.name = "New name"
    vendor.go_on.set()
    start("worker")
    eventually(lambda: is_done(storage, "77"), within_s=90)

    # However often the broker delivered the hint again while the lease still held: two attempts made, two counted.
    assert (job(storage, "job-77").attempts, job(storage, "job-77").fence) == (2, 2)
    assert name_of(storage, "77") == "New name"


def test_a_worker_that_is_told_to_stop_hands_over_what_it_cannot_finish(
    start: Start, vendor: Vendor, storage: SqlStorage
) -> None:
    vendor.go_on.clear()
    add_companies(storage, "77")
    first = start("worker", SMARTAPP_STOP_WITHIN_S="0", SMARTAPP_WORKER_LEASE_S="3600")
    assert in_the_middle(first, vendor) == "77"

    first.process.terminate()
    assert first.ended() == 0
    vendor.go_on.set()
    start("worker")
    eventually(lambda: is_done(storage, "77"), within_s=90)  # the lease would hold for an hour

    assert (job(storage, "job-77").attempts, job(storage, "job-77").fence) == (1, 2)


@without_broker
def test_a_worker_that_is_told_to_stop_finishes_what_it_can(start: Start, vendor: Vendor, storage: SqlStorage) -> None:
    vendor.go_on.clear()
    add_companies(storage, "77")
    first = start("worker", SMARTAPP_STOP_WITHIN_S="60")
    assert in_the_middle(first, vendor) == "77"

    first.process.terminate()
    vendor.go_on.set()

    assert first.ended() == 0
    assert is_done(storage, "77")
    assert job(storage, "job-77").attempts == 1


@without_broker
def test_whoever_asks_a_second_time_does_not_want_to_wait(start: Start, vendor: Vendor, storage: SqlStorage) -> None:
    vendor.go_on.clear()
    add_companies(storage, "77")
    first = start("worker", SMARTAPP_STOP_WITHIN_S="600")
    assert in_the_middle(first, vendor) == "77"

    first.process.terminate()
    eventually(lambda: told_twice(first), within_s=60)

    assert first.process.returncode == 128 + signal.SIGTERM


@without_broker
def test_four_workers_do_each_job_once(start: Start, vendor: Vendor, storage: SqlStorage) -> None:
    companies = [str(1000 + n) for n in range(60)]
    # Nobody dies here, and a machine in a hurry must not look as if somebody had.
    workers = [start("worker", SMARTAPP_WORKER_LEASE_S="60") for _ in range(4)]
    for each in workers:
        each.says("workers are running")

    add_companies(storage, *companies)
    eventually(lambda: is_done(storage, *companies), within_s=120)

    assert vendor.lists == dict.fromkeys(companies, 2)  # once for each of the two apps
    assert {job(storage, f"job-{company}").attempts for company in companies} == {1}
    for each in workers:
        each.process.terminate()
    assert [each.ended() for each in workers] == [0, 0, 0, 0]


def test_the_web_leaves_the_work_to_workers(start: Start, storage: SqlStorage, broker_url: str | None) -> None:
    web = start("serve") if broker_url else start("serve", "--workers", "none")
    url = web.says(r"Smartapp Connect on (http://\S+)")

    assert deliver_notice(url) == 200
    (notice,) = due(storage)
    start("worker")
    eventually(lambda: job(storage, notice).attempts == 1 and job(storage, notice).leased_until is None, within_s=90)

    assert "NotOursYet" in str(job(storage, notice).problem)
    web.process.terminate()
    assert web.ended() == 0


@without_broker
def test_what_a_supervisor_reads_from_the_exit_status(start: Start, database: dict[str, str], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'no-such-folder' / 'smartapp.db'}"
    if database["SMARTAPP_DATABASE_URL"].startswith("postgresql"):
        url = f"postgresql://app:secret@127.0.0.1:{free_port()}/smartapp"
    nowhere = dict.fromkeys(database, url)

    wrong = start("worker", SMARTAPP_BROKER="kafka://mq")
    early = start("worker", **nowhere)
    early_web = start("serve", **nowhere)

    assert [each.ended(90) for each in (wrong, early, early_web)] == [2, 75, 75]


def told_twice(program: Program) -> bool:
    program.process.terminate()
    return program.process.poll() is not None


def due(storage: SqlStorage) -> tuple[JobId, ...]:
    with storage.reading(OPERATOR) as reading:
        return reading.jobs.due(datetime.now(UTC), 10)


def deliver_notice(url: str) -> int:
    """Send a notice about an order nobody knows, as the payment provider would; return the answer's status."""
    now = int(time.time())
    session = {
        "id": "cs_1",
        "object": "checkout.session",
        "client_reference_id": "o-1",
        "metadata": {"order_id": "o-1"},
    }
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "checkout.session.completed",
        "api_version": API_VERSION,
        "created": now,
        "livemode": False,
        "data": {"object": {**session, "client_reference_id": "o-1"}},
    }
    body = json.dumps(event).encode()
    signed = hmac.new(SECRET.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"stripe-signature": f"t={now},v1={signed}", "content-type": "application/json"}
    return httpx.post(f"{url}/webhooks/stripe", content=body, headers=headers, trust_env=False, timeout=30).status_code
