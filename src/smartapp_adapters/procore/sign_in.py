"""People: who they are, which companies they belong to, and what they see of the one they chose."""

import random
import time
from collections.abc import Callable, Iterator

import httpx

from smartapp_adapters.procore.bearers import PersonBearer
from smartapp_adapters.procore.client import Ask, ProcoreClient, numeric
from smartapp_adapters.procore.errors import Subject
from smartapp_adapters.procore.login import LoginHost
from smartapp_adapters.procore.paging import rows
from smartapp_adapters.procore.payloads import CompanyRow, Me, Permissions, decode
from smartapp_adapters.procore.projects import project_rows
from smartapp_adapters.procore.settings import ProcoreSettings
from smartapp_domain.catalog import Module
from smartapp_domain.ids import PlatformCompanyId
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.platform import PersonGrant, PlatformCompany, PlatformPerson
from smartapp_domain.project import PlatformProject

_PER_PAGE = 100
#: Whoever administers the company's directory decides about people, whoever administers its Admin tool about apps and
#: settings; Procore calls both company admins. Other tools do not count, whatever the level.
_ADMIN_TOOLS = frozenset({"admin", "directory", "company admin", "company directory"})
_ADMIN_LEVEL = "admin"


class ProcoreSignIn:
    """
    The port `SignIn` over Procore's authorization code grant.

    A grant lives as long as the sign-in does; no refresh token of it is ever used here.
    """

    def __init__(
        self,
        http: httpx.Client,
        settings: ProcoreSettings,
        clock: Clock,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = ProcoreClient(http, settings, clock, sleep=sleep, jitter=jitter)
        self._login = LoginHost(self._client, settings, clock)

    def address(self, app: Module, state: str) -> str:
        return self._login.address(app, state)

    def redeem(self, app: Module, code: str) -> PersonGrant:
        granted = self._login.redeem(app, code)
        return PersonGrant(app, granted.access_token, granted.expires_at, granted.refresh_token)

    def person(self, grant: PersonGrant, company_id: PlatformCompanyId | None = None) -> PlatformPerson:
        subject = Subject("who you are", grant.app, company_id, by_person=True)
        url = self._client.url("/rest/v1.0/me", {"company_id": company_id} if company_id else None)
        ask = Ask(url, subject, PersonBearer(grant), company_id)
        return decode(self._client.get(ask), Me, subject).as_person()

    def companies(self, grant: PersonGrant) -> tuple[PlatformCompany, ...]:
        """Return the active ones; nobody can work in a company that Procore has closed."""
        subject = Subject("the companies you belong to", grant.app, by_person=True)
        bearer = PersonBearer(grant)
        first = self._client.url("/rest/v1.0/companies", {"page": 1, "per_page": _PER_PAGE})
        found = rows(lambda url: self._client.get(Ask(url, subject, bearer, None)), first, CompanyRow, subject)
        companies = [row.as_company() for row in found if row.is_active]
        return tuple(sorted(companies, key=lambda company: (company.name.casefold(), company.id)))

    def is_company_admin(self, grant: PersonGrant, company_id: PlatformCompanyId) -> bool:
        """Tell whether the person has the level Admin on the company's Admin or Directory tool."""
        subject = Subject(f"your permissions in company {company_id}", grant.app, company_id, by_person=True)
        url = self._client.url("/rest/v1.0/settings/permissions", {"company_id": numeric(company_id, subject)})
        response = self._client.get(Ask(url, subject, PersonBearer(grant), company_id))
        return any(
            tool.user_access_level is not None
            and tool.user_access_level.name.casefold() == _ADMIN_LEVEL
            and not _ADMIN_TOOLS.isdisjoint({tool.name.casefold(), tool.friendly_name.casefold()})
            for tool in decode(response, Permissions, subject).tools
        )

    def projects(self, grant: PersonGrant, company_id: PlatformCompanyId) -> Iterator[PlatformProject]:
        subject = Subject(f"the projects of company {company_id}", grant.app, company_id, by_person=True)
        found = project_rows(self._client, PersonBearer(grant), company_id, subject, status="Active")
        return (row.as_project() for row in found if row.active)

    def forget(self, grant: PersonGrant) -> None:
        self._login.revoke(grant.app, grant.access_token)
