"""
The platform's ports in memory.

`MemoryWorld` is the other side: who exists there, who belongs where, which app may work on what. Tests act on it as
those people would; `MemorySignIn` and `MemoryPlatform` answer from it as the ports promise.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

import attrs

from smartapp_domain.catalog import Module
from smartapp_domain.ids import AccountId, PlatformCompanyId, PlatformProjectId, PlatformUserId
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.platform import (
    AccessDenied,
    AnswerUnusable,
    AppNotInstalled,
    NotFoundOnPlatform,
    PersonGrant,
    PlatformCompany,
    PlatformError,
    PlatformPerson,
    SignInRejected,
)
from smartapp_domain.ports.storage import in_transaction
from smartapp_domain.project import PlatformProject

_GRANT_LIFE = timedelta(minutes=90)
_AGAIN = "Try again in a few minutes."

Place = tuple[PlatformUserId, PlatformCompanyId]
Installation = tuple[PlatformCompanyId, Module]


@attrs.define
class MemoryWorld:
    """
    What is true on the platform. Change it freely between calls.

    Attributes:
        trouble: Raised by every call while set: the platform is down, or limits us.
        cut_after: When set, lists of projects break off after that many, as an answer that cannot be used.
        calls: Names of the port's methods that were called, in order.

    """

    people: dict[PlatformUserId, PlatformPerson] = attrs.Factory(dict)
    companies: dict[PlatformCompanyId, PlatformCompany] = attrs.Factory(dict)
    projects: dict[PlatformCompanyId, dict[PlatformProjectId, PlatformProject]] = attrs.Factory(dict)
    admins: set[Place] = attrs.Factory(set)
    teams: dict[Place, frozenset[PlatformProjectId]] = attrs.Factory(dict)
    permitted: dict[Installation, frozenset[PlatformProjectId]] = attrs.Factory(dict)
    trouble: PlatformError | None = None
    cut_after: int | None = None
    calls: list[str] = attrs.Factory(list)
    codes: dict[str, tuple[Module, PlatformUserId]] = attrs.Factory(dict)
    tokens: dict[str, PlatformUserId] = attrs.Factory(dict)
    _issued: int = 0

    def add_person(self, id: str, name: str, email: str) -> PlatformUserId:
        user_id = PlatformUserId(id)
        self.people[user_id] = PlatformPerson(user_id, name, email)
        return user_id

    def add_company(self, id: str, name: str) -> PlatformCompanyId:
        company_id = PlatformCompanyId(id)
        self.companies[company_id] = PlatformCompany(company_id, name)
        self.projects.setdefault(company_id, {})
        return company_id

    def add_projects(self, company_id: PlatformCompanyId, *projects: PlatformProject) -> None:
        """Add or replace projects; their `apps` are ignored, `install` decides about those."""
        self.projects[company_id].update({each.id: attrs.evolve(each, apps=frozenset()) for each in projects})

    def join(
        self,
        user_id: PlatformUserId,
        company_id: PlatformCompanyId,
        *,
        admin: bool = False,
        team_of: Iterable[PlatformProjectId] = (),
    ) -> None:
        """Make somebody belong to a company: an admin sees all its projects, anybody else those of `team_of`."""
        self.teams[user_id, company_id] = frozenset(team_of)
        (self.admins.add if admin else self.admins.discard)((user_id, company_id))

    def leave(self, user_id: PlatformUserId, company_id: PlatformCompanyId) -> None:
        """Let somebody belong to a company no more."""
        self.teams.pop((user_id, company_id), None)
        self.admins.discard((user_id, company_id))

    def install(
        self, company_id: PlatformCompanyId, app: Module, project_ids: Iterable[PlatformProjectId] | None = None
    ) -> None:
        """Install the app and permit these projects, or all there are now; a re-install starts over."""
        chosen = self.projects[company_id] if project_ids is None else project_ids
        self.permitted[company_id, app] = frozenset(chosen)

    def uninstall(self, company_id: PlatformCompanyId, app: Module) -> None:
        self.permitted.pop((company_id, app), None)

    def authorize(self, app: Module, user_id: PlatformUserId) -> str:
        """Return the code a person brings back after signing in and agreeing."""
        code = self._secret("code")
        self.codes[code] = (app, user_id)
        return code

    def issue(self, user_id: PlatformUserId) -> str:
        token = self._secret("token")
        self.tokens[token] = user_id
        return token

    def enter(self, call: str) -> None:
        """Note a call, and refuse it where a vendor would be refused or could not answer."""
        if in_transaction.get():
            raise RuntimeError(f"{call}: the platform must not be called inside a storage transaction.")
        self.calls.append(call)
        if self.trouble is not None:
            raise self.trouble

    def require_app(self, company_id: PlatformCompanyId, app: Module) -> frozenset[PlatformProjectId]:
        """Return the permitted projects, or raise `AppNotInstalled`."""
        try:
            return self.permitted[company_id, app]
        except KeyError:
            raise AppNotInstalled(
                f"Smartapp {app.label} is not installed in company {company_id}.",
                remedy=f"Ask a company admin to install Smartapp {app.label}.",
            ) from None

    def listed(self, projects: Iterable[PlatformProject]) -> Iterator[PlatformProject]:
        """Yield the projects by id, breaking off where the test wants it."""
        for position, project in enumerate(sorted(projects, key=lambda each: each.id)):
            if position == self.cut_after:
                raise AnswerUnusable("The list of projects broke off.", remedy=_AGAIN)
            yield project

    def _secret(self, kind: str) -> str:
        self._issued += 1
        return f"{kind}-{self._issued}"


class MemorySignIn:
    """The port `SignIn` over a `MemoryWorld`."""

    def __init__(self, world: MemoryWorld, clock: Clock) -> None:
        self._world = world
        self._clock = clock

    def address(self, app: Module, state: str) -> str:
        return f"https://platform.test/authorize?app={app.value}&state={state}"

    def redeem(self, app: Module, code: str) -> PersonGrant:
        self._world.enter("redeem")
        meant_for, user_id = self._world.codes.pop(code, (None, None))
        if user_id is None or meant_for is not app:
            raise SignInRejected("The code was used up or is unknown.", remedy="Sign in again.")
        return PersonGrant(app, self._world.issue(user_id), self._clock.now() + _GRANT_LIFE)

    def person(self, grant: PersonGrant, company_id: PlatformCompanyId | None = None) -> PlatformPerson:
        self._world.enter("person")
        person = self._world.people[self._holder(grant)]
        if company_id is None:
            return attrs.evolve(person, name=person.email)
        self._place(grant, company_id)
        return person

    def companies(self, grant: PersonGrant) -> tuple[PlatformCompany, ...]:
        self._world.enter("companies")
        user_id = self._holder(grant)
        found = [company for company in self._world.companies.values() if (user_id, company.id) in self._world.teams]
        return tuple(sorted(found, key=lambda company: (company.name.casefold(), company.id)))

    def is_company_admin(self, grant: PersonGrant, company_id: PlatformCompanyId) -> bool:
        self._world.enter("is_company_admin")
        return self._place(grant, company_id) in self._world.admins

    def projects(self, grant: PersonGrant, company_id: PlatformCompanyId) -> Iterator[PlatformProject]:
        self._world.enter("projects")
        place = self._place(grant, company_id)
        sees_all = place in self._world.admins
        yield from self._world.listed(
            project
            for project in self._world.projects[company_id].values()
            if project.active and (sees_all or project.id in self._world.teams[place])
        )

    def forget(self, grant: PersonGrant) -> None:
        self._world.enter("forget")
        self._world.tokens.pop(grant.access_token, None)

    def _holder(self, grant: PersonGrant) -> PlatformUserId:
        user_id = self._world.tokens.get(grant.access_token)
        if user_id is None or grant.expires_at <= self._clock.now():
            raise SignInRejected("The sign-in is not accepted any more.", remedy="Sign in again.")
        return user_id

    def _place(self, grant: PersonGrant, company_id: PlatformCompanyId) -> Place:
        place = self._holder(grant), company_id
        if place not in self._world.teams:
            raise AccessDenied(f"You do not belong to company {company_id}.", remedy="Ask one of its admins.")
        self._world.require_app(company_id, grant.app)
        return place


class MemoryPlatform:
    """The port `Platform` over a `MemoryWorld`."""

    def __init__(self, world: MemoryWorld) -> None:
        self._world = world

    def installed(self, account_id: AccountId, company_id: PlatformCompanyId) -> frozenset[Module]:  # noqa: ARG002 - port
        self._world.enter("installed")
        return frozenset(app for app in Module if (company_id, app) in self._world.permitted)

    def projects(
        self,
        account_id: AccountId,  # noqa: ARG002 - part of the port
        company_id: PlatformCompanyId,
        app: Module,
    ) -> Iterator[PlatformProject]:
        self._world.enter("projects")
        permitted = self._world.require_app(company_id, app)
        known = self._world.projects[company_id].values()
        yield from self._world.listed(
            attrs.evolve(each, apps=frozenset({app})) for each in known if each.id in permitted
        )

    def project(
        self,
        account_id: AccountId,  # noqa: ARG002 - part of the port
        company_id: PlatformCompanyId,
        app: Module,
        project_id: PlatformProjectId,
    ) -> PlatformProject:
        self._world.enter("project")
        permitted = self._world.require_app(company_id, app)
        found = self._world.projects[company_id].get(project_id)
        if found is None:
            raise NotFoundOnPlatform(f"There is no project {project_id}.", remedy="Check that it still exists.")
        if project_id not in permitted:
            raise AccessDenied(f"The app may not use project {project_id}.", remedy="Ask an admin to permit it.")
        return attrs.evolve(found, apps=frozenset({app}))
