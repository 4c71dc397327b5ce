"""An installation whose processes all live in this one: each has its own broker client, its own hints, its own pool."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import attrs

from smartapp_adapters.storage import SqlStorage
from smartapp_domain.catalog import Module
from smartapp_domain.ids import AccountId, JobId, PlatformCompanyId, PlatformProjectId
from smartapp_domain.jobs import Job, JobKind, JobState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.platform import Platform
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.project import PlatformProject
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.platform import MemoryPlatform
from smartapp_domain.testing.workbench import Workbench
from smartapp_workers.brokers import make_broker
from smartapp_workers.hints import BackgroundHints, DramatiqHints, hint_all
from smartapp_workers.pool import Pace, Workers

NEVER_S = 3600.0
SOON_S = 0.02
ACME = AccountId("acme")
TOWER = PlatformProjectId("7001")
OnJobs = Callable[[tuple[JobId, ...]], None]
MakeStorage = Callable[[OnJobs], SqlStorage]


def eventually(true: Callable[[], bool], within_s: float = 40) -> None:
    """Wait until something another thread or process does has happened; fail after a time no healthy run needs."""
    given_up = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < given_up, "it never happened"
        time.sleep(0.01)


@attrs.define
class Held:
    """The platform, whose list of projects is read at once and handed over only when the test says so."""

    platform: Platform
    read: threading.Event = attrs.field(factory=threading.Event)
    go_on: threading.Event = attrs.field(factory=threading.Event)

    def projects(self, account_id: AccountId, company_id: PlatformCompanyId, app: Module) -> Iterator[PlatformProject]:
        found = tuple(self.platform.projects(account_id, company_id, app))
        self.read.set()
        assert self.go_on.wait(60)
        return iter(found)

    def __getattr__(self, name: str) -> object:
        return getattr(self.platform, name)


@attrs.define
class Process:
    ports: Ports
    hints: BackgroundHints
    send: Callable[[JobId], None]
    workers: Workers

    def add(self, *jobs: Job) -> None:
        for each in jobs:
            with self.ports.transaction(OPERATOR) as tx:
                tx.jobs.add(each)

    @property
    def is_idle(self) -> bool:
        return not self.workers._keeper._held


@attrs.define
class Site:
    """
    One account with one project, `TOWER`, on one database.

    `broker_url` None: each process has a broker of its own in memory, and only the job table joins them.
    """

    make_storage: MakeStorage
    broker_url: str | None
    bench: Workbench
    stack: ExitStack

    @classmethod
    def of(cls, make_storage: MakeStorage, broker_url: str | None, stack: ExitStack) -> "Site":
        bench = Workbench.of(make_storage(lambda _: None))
        site = cls(make_storage, broker_url, bench, stack)
        company_id = bench.world.add_company("77", "Acme")
        site.name_tower("Old name")
        bench.world.install(company_id, Module.PLANNER)
        with bench.ports.transaction(OPERATOR) as tx:
            tx.accounts.add(some.account("acme", company=attrs.evolve(some.account().company, company_id=company_id)))
        return site

    def name_tower(self, name: str) -> None:
        self.bench.world.add_projects(PlatformCompanyId("77"), some.platform_project(TOWER, name=name))

    @property
    def name_we_know(self) -> str | None:
        with self.bench.ports.reading(ACME) as reading:
            found = reading.platform_projects.some([TOWER])
        return found[TOWER].name if TOWER in found else None

    def process(self, pace: Pace | None = None, *, platform: Platform | None = None) -> Process:
        """Return a process that sends hints; its workers are not started."""
        broker = make_broker(self.broker_url)
        send = DramatiqHints(broker).send
        hints = BackgroundHints(send, pause_s=SOON_S)
        self.stack.callback(broker.close)
        self.stack.callback(hints.close)
        storage = self.make_storage(lambda ids: hint_all(hints, ids))
        platform = platform or MemoryPlatform(self.bench.world)
        ports = attrs.evolve(self.bench.ports, storage=storage, platform=platform)
        return Process(ports, hints, send, Workers(broker, ports, pace or Pace()))

    @contextmanager
    def working(
        self,
        *,
        threads: int = 1,
        sweep_every_s: float = NEVER_S,
        stop_within_s: float = 10,
        platform: Platform | None = None,
    ) -> Iterator[Process]:
        """Yield a process whose workers run; a sweep only where a test is about it."""
        pace = Pace(threads=threads, sweep_every_s=sweep_every_s, stop_within_s=stop_within_s)
        process = self.process(pace, platform=platform)
        process.workers.start()
        try:
            yield process
        finally:
            process.workers.close()

    def beside(self, process: Process) -> Process:
        """Return the web's process, which only hints; without a broker the web and the workers are one."""
        return process if self.broker_url is None else self.process()

    def refresh(self, id: str = "job-1", due_in: timedelta = timedelta(0)) -> Job:
        """Return the work of reading the list of projects again."""
        due_at = self.bench.clock.now() + due_in
        return some.job(id, JobKind.REFRESH_PROJECTS, "", account_id=ACME, due_at=due_at)

    def hopeless(self, id: str) -> Job:
        """Return work that fails at once and for good: when it has, everything before it in the queue was taken."""
        return some.job(id, JobKind.FULFILL_ORDER, f"no-order-{id}", account_id=ACME, due_at=self.bench.clock.now())

    def job(self, id: str = "job-1") -> Job:
        with self.bench.ports.reading(OPERATOR) as reading:
            return reading.jobs.get(JobId(id))

    def is_over(self, id: str = "job-1") -> bool:
        return self.job(id).state is not JobState.WAITING

    @property
    def reads(self) -> int:
        """How often the platform was asked for the projects."""
        return self.bench.world.calls.count("projects")
