"""Everything a use case needs, in memory and wired: one company with projects, its people, a provider, a queue."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import attrs

from smartapp_domain.billing import BillingEvent
from smartapp_domain.catalog import Module
from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Actor, Environment
from smartapp_domain.ids import PlatformCompanyId, PlatformUserId
from smartapp_domain.invitations import Followed
from smartapp_domain.ports import Ports
from smartapp_domain.ports.platform import PlatformCompany
from smartapp_domain.ports.storage import OPERATOR, Storage
from smartapp_domain.project import PlatformProject
from smartapp_domain.testing.builders import platform_project
from smartapp_domain.testing.clock import CountedIds, MemoryClock
from smartapp_domain.testing.elsewhere import AskedElsewhere, ClockApart
from smartapp_domain.testing.memory import MemoryStorage
from smartapp_domain.testing.payments import MemoryPayments
from smartapp_domain.testing.payments_notices import MemoryBillingEvents
from smartapp_domain.testing.platform import MemoryPlatform, MemorySignIn, MemoryWorld
from smartapp_domain.use_cases.enter_account import NotInstalled, OtherApp, enter_company, identify
from smartapp_domain.use_cases.join_account import Entered
from smartapp_domain.use_cases.receive_billing_event import SignedNotice, receive_billing_event
from smartapp_domain.use_cases.run_job import Outcome, run_job

PLATFORM = "procore"


@attrs.frozen
class Workbench:
    """
    The ports in memory, and the hands of everybody outside: people, the platform, the provider, time, workers.

    `deliver` hands the provider's notices over through the front door, signed; `work` runs what is due.
    """

    clock: MemoryClock
    world: MemoryWorld
    payments: MemoryPayments
    notices: MemoryBillingEvents
    ports: Ports

    @classmethod
    def of(cls, storage: Storage | None = None) -> "Workbench":
        """Return an empty one, on memory or on any other storage."""
        clock, world = MemoryClock(), MemoryWorld()
        payments, notices = MemoryPayments(clock), MemoryBillingEvents()
        ports = Ports(
            clock=clock,
            real_time=clock,
            ids=CountedIds(),
            storage=storage or MemoryStorage(),
            sign_in=MemorySignIn(world, clock),
            platform=MemoryPlatform(world),
            payments=payments,
            billing_events=notices,
        )
        payments.publish_catalog(ports.price_book)
        return cls(clock, world, payments, notices, ports)

    def elsewhere(self, ahead: timedelta) -> "Workbench":
        """Return the same on another machine, whose clock is `ahead` of this one's, or behind it."""
        clock = ClockApart(self.clock, ahead)
        payments: Any = AskedElsewhere(self.payments, clock)
        return attrs.evolve(self, ports=attrs.evolve(self.ports, clock=clock, payments=payments))

    def company(self, id: str = "77", *names: str) -> PlatformCompanyId:
        """Found a company with these projects, ids counted from beyond 32 bits, and both apps installed on all."""
        company_id = self.world.add_company(id, f"Company {id}")
        self.world.add_projects(company_id, *(numbered(position, name) for position, name in enumerate(names)))
        for app in Module:
            self.world.install(company_id, app)
        return company_id

    def employ(self, company_id: PlatformCompanyId, person: str, *, admin: bool = False) -> PlatformUserId:
        """Make somebody belong to a company, and see all its projects."""
        user_id = self.world.add_person(person, person.title(), f"{person}@example.com")
        self.world.join(user_id, company_id, admin=admin, team_of=tuple(self.world.projects[company_id]))
        return user_id

    def arrive(
        self,
        user_id: PlatformUserId,
        company_id: PlatformCompanyId,
        app: Module = Module.PLANNER,
        followed: Followed | None = None,
    ) -> Entered | NotInstalled | OtherApp | Refused:
        """Let a person sign in and choose the company, perhaps by the link of an invitation."""
        identified = identify(
            platform=PLATFORM,
            environment=Environment.PRODUCTION,
            app=app,
            code=self.world.authorize(app, user_id),
            ports=self.ports,
        )
        company = PlatformCompany(company_id, self.world.companies[company_id].name)
        return enter_company(
            person=identified.person, company=company, grant=identified.grant, ports=self.ports, followed=followed
        )

    def sign_in(self, user_id: PlatformUserId, company_id: PlatformCompanyId) -> Actor:
        """Let a person enter the company, and the first list of its projects be fetched."""
        entered = self.arrive(user_id, company_id)
        assert isinstance(entered, Entered), entered
        self.work()
        return Actor(entered.account.id, entered.member.id, entered.member.role)

    def work(self, within: timedelta = timedelta(0)) -> list[Outcome]:
        """Run jobs until none is due; `within` first lets that much time pass."""
        self.clock.move(within)
        return list(self._outcomes())

    def deliver(self, *events: BillingEvent) -> None:
        """Hand notices over through the front door, signed now (default: all the provider has not sent yet)."""
        for event in events or self.payments.take_events():
            notice = SignedNotice(*self.notices.signed(event, self.clock.now()))
            receive_billing_event(notice, at=self.clock.now(), ports=self.ports)

    def _outcomes(self) -> Iterator[Outcome]:
        while True:
            with self.ports.reading(OPERATOR) as reading:
                due = reading.jobs.due(self.ports.clock.now(), 100)
            if not due:
                return
            for job_id in due:
                yield run_job(job_id, self.ports)


def numbered(position: int, name: str) -> PlatformProject:
    """Return a project with an id beyond 32 bits and a number made of its position."""
    return platform_project(str(4_294_967_301 + position), name=name, number=f"N{position:04d}")
