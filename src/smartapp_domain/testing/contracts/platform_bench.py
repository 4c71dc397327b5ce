"""The world the platform's contract suites speak about, and the hands they need on its other side."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Protocol

import attrs

from smartapp_domain.catalog import Module
from smartapp_domain.ids import AccountId, PlatformCompanyId, PlatformProjectId, PlatformUserId
from smartapp_domain.ports.platform import Platform, PlatformUnavailable, SignIn
from smartapp_domain.project import PlatformProject
from smartapp_domain.testing.platform import MemoryWorld

ACCOUNT: Final = AccountId("account")
BUILT: Final = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)

# Ids beyond 32 bits on purpose: platforms have them, and halves of adapters lose them.
NORDIC: Final = PlatformCompanyId("4294967501")
ACRE: Final = PlatformCompanyId("4294967502")
ADA: Final = PlatformUserId("4294967601")
BEN: Final = PlatformUserId("4294967602")
TOWER: Final = PlatformProjectId("4294967701")
BRIDGE: Final = PlatformProjectId("4294967702")
ANNEX: Final = PlatformProjectId("4294967703")
CLOSED: Final = PlatformProjectId("4294967704")
NOWHERE: Final = PlatformProjectId("4294967799")

#: More than a page of any platform we know, so that a list has to be followed.
MANY: Final = 305


def contract_world() -> MemoryWorld:
    """Return the world the suites speak about: one company small and odd, the other large; no app installed yet."""
    world = MemoryWorld()
    world.add_company(NORDIC, "nordic Build")
    world.add_company(ACRE, "Acre & Søn <Homes>")
    world.add_projects(
        NORDIC,
        a_project(TOWER, "  Tower “North” – Ø 2  ", number="T-1", city="Århus"),
        a_project(BRIDGE, "Bridge", number="7"),
        a_project(ANNEX, "Bridge", number="8"),
        a_project(CLOSED, "Old Mill", active=False),
    )
    world.add_projects(ACRE, *(a_project(PlatformProjectId(str(2**33 + n)), f"Lot {n}") for n in range(MANY)))
    world.add_person(ADA, "Ada Holm", "ada@nordic.example")
    world.add_person(BEN, "Ben Ode", "ben@nordic.example")
    world.join(ADA, NORDIC, admin=True)
    world.join(ADA, ACRE, admin=True)
    world.join(BEN, NORDIC, team_of=[BRIDGE, CLOSED])
    return world


def a_project(
    id: PlatformProjectId, name: str, *, number: str | None = None, city: str | None = None, active: bool = True
) -> PlatformProject:
    return PlatformProject(id=id, name=name, number=number, city=city, active=active, created_at=BUILT)


class PlatformBench(Protocol):
    """Both ports over a fresh `contract_world()`, and the people on the platform's side of it."""

    @property
    def sign_in(self) -> SignIn: ...

    @property
    def platform(self) -> Platform: ...

    def authorize(self, app: Module, user_id: PlatformUserId, state: str) -> tuple[str, str]:
        """Walk from the port's `address` through log-in and consent; return the code and the state that came back."""
        ...

    def install(self, company_id: PlatformCompanyId, app: Module, project_ids: Iterable[PlatformProjectId]) -> None: ...

    def uninstall(self, company_id: PlatformCompanyId, app: Module) -> None: ...

    def deactivate(self, project_id: PlatformProjectId) -> None: ...

    def outage(self) -> None:
        """Make the platform answer nothing from now on."""
        ...


@attrs.frozen
class MemoryBench:
    """The bench over the shipped fakes."""

    world: MemoryWorld
    sign_in: SignIn
    platform: Platform

    def authorize(self, app: Module, user_id: PlatformUserId, state: str) -> tuple[str, str]:
        return self.world.authorize(app, user_id), state

    def install(self, company_id: PlatformCompanyId, app: Module, project_ids: Iterable[PlatformProjectId]) -> None:
        self.world.install(company_id, app, project_ids)

    def uninstall(self, company_id: PlatformCompanyId, app: Module) -> None:
        self.world.uninstall(company_id, app)

    def deactivate(self, project_id: PlatformProjectId) -> None:
        for company_id, projects in self.world.projects.items():
            if project_id in projects:
                self.world.add_projects(company_id, attrs.evolve(projects[project_id], active=False))

    def outage(self) -> None:
        self.world.trouble = PlatformUnavailable("The platform is down.", remedy="Try again in a few minutes.")
