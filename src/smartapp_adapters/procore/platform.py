"""Background work in a company: which apps are installed and which projects they may work on."""

import random
import time
from collections.abc import Callable, Iterator

import httpx

from smartapp_adapters.procore.bearers import PersonSource, ServiceBearer, ServiceTokens, StoredBearer
from smartapp_adapters.procore.client import Ask, Bearer, ProcoreClient, numeric
from smartapp_adapters.procore.errors import Subject, unusable
from smartapp_adapters.procore.login import LoginHost
from smartapp_adapters.procore.paging import rows
from smartapp_adapters.procore.payloads import CompanyRow, ProjectRow, decode
from smartapp_adapters.procore.projects import of_company, project_rows
from smartapp_adapters.procore.renewals import Renewals
from smartapp_adapters.procore.settings import ProcoreSettings
from smartapp_domain.catalog import Module
from smartapp_domain.ids import AccountId, PlatformCompanyId, PlatformProjectId
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.platform import AppNotInstalled
from smartapp_domain.ports.tokens import TokenVault
from smartapp_domain.project import PlatformProject

_PER_PAGE = 100


class ProcorePlatform:
    """
    The port `Platform` over Procore's REST API.

    Args:
        vault: Holds the tokens of accounts whose connection runs in a person's name, and those of the apps' own
            accounts, which serve all others.

    """

    def __init__(
        self,
        http: httpx.Client,
        settings: ProcoreSettings,
        clock: Clock,
        vault: TokenVault,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings
        self._client = ProcoreClient(http, settings, clock, sleep=sleep, jitter=jitter)
        self._login = LoginHost(self._client, settings, clock)
        self._vault = vault
        self._renewals = Renewals(vault, clock, lease=settings.call_limit, max_wait_s=settings.max_wait_s, sleep=sleep)
        self._service = ServiceTokens(self._renewals, self._login, clock)

    def installed(self, account_id: AccountId, company_id: PlatformCompanyId) -> frozenset[Module]:
        return frozenset(app for app in self._settings.apps if self._is_installed(account_id, company_id, app))

    def projects(self, account_id: AccountId, company_id: PlatformCompanyId, app: Module) -> Iterator[PlatformProject]:
        subject = Subject(f"the projects of company {company_id}", app, company_id)
        found = project_rows(self._client, self._bearer(account_id, app), company_id, subject, status="All")
        return (row.as_project(frozenset({app})) for row in found)

    def project(
        self, account_id: AccountId, company_id: PlatformCompanyId, app: Module, project_id: PlatformProjectId
    ) -> PlatformProject:
        subject = Subject(f"project {project_id} of company {company_id}", app, company_id)
        path = f"/rest/v1.0/projects/{numeric(project_id, subject)}"
        url = self._client.url(path, {"company_id": numeric(company_id, subject)})
        response = self._client.get(Ask(url, subject, self._bearer(account_id, app), company_id))
        row = of_company(decode(response, ProjectRow, subject), company_id, subject)
        if str(row.id) != project_id:
            raise unusable(subject, f"it is about project {row.id}", response)
        return row.as_project(frozenset({app}))

    def _bearer(self, account_id: AccountId, app: Module) -> Bearer:
        if self._vault.load(account_id, app) is not None:
            return StoredBearer(PersonSource(account_id, app, self._login), self._renewals)
        return ServiceBearer(app, self._service)

    def _is_installed(self, account_id: AccountId, company_id: PlatformCompanyId, app: Module) -> bool:
        subject = Subject(f"company {company_id}", app, company_id)
        numeric(company_id, subject)
        bearer = self._bearer(account_id, app)
        look = self._is_listed if isinstance(bearer, ServiceBearer) else self._answers
        try:
            return look(company_id, bearer, subject)
        except AppNotInstalled:
            return False

    def _is_listed(self, company_id: PlatformCompanyId, bearer: Bearer, subject: Subject) -> bool:
        """Look for the company in the app's list: Procore may answer that list even where the app is not installed."""
        first = self._client.url("/rest/v1.0/companies", {"page": 1, "per_page": _PER_PAGE})
        found = rows(lambda url: self._client.get(Ask(url, subject, bearer, company_id)), first, CompanyRow, subject)
        # Read to the end before answering: a list that is cut off must not say "not installed".
        return company_id in {str(row.id) for row in found}

    def _answers(self, company_id: PlatformCompanyId, bearer: Bearer, subject: Subject) -> bool:
        """Ask the company something: a person's list of companies tells nothing about our apps."""
        url = self._client.url("/rest/v1.0/settings/permissions", {"company_id": company_id})
        self._client.get(Ask(url, subject, bearer, company_id))
        return True
