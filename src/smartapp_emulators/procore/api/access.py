"""Who calls, for which company, and what they may see."""

from typing import Any

import attrs
from litestar import Request

from smartapp_emulators.procore import tokens
from smartapp_emulators.procore.api.errors import (
    bad_request,
    forbidden,
    missing_company_header,
    not_connected,
    not_found,
    unauthorized,
)
from smartapp_emulators.procore.levels import Who, is_on, level_in_project, reaches, tool_named
from smartapp_emulators.procore.state import Token
from smartapp_emulators.procore.store import Store
from smartapp_emulators.procore.world import Company, Level, Person, Project

ApiRequest = Request[Any, Any, Any]

HEADER = "procore-company-id"


@attrs.frozen
class Caller:
    """An app with a good token, acting for a person or for itself."""

    store: Store
    token: Token
    person: Person | None
    header: int | None

    @property
    def is_service_account(self) -> bool:
        return self.person is None

    def company(self, company_id: int | None) -> Company:
        """
        Return the company a call works in, once all doors to it are open.

        Args:
            company_id: As named in path or query; None leaves it to the header.
        """
        wanted = self._named(company_id)
        company = self.store.company(wanted)
        if self.store.installation(self.token.client_id, wanted) is None:
            raise not_connected()
        if company is None or (self.person is not None and self.person.membership(wanted) is None):
            raise not_found("Company not found")
        return company

    def projects(self, company: Company) -> list[Project]:
        """Return what this caller sees of a company's projects."""
        return [each for each in self.store.projects_of(company.id) if self._sees(each)]

    def project(self, project_id: int, company_id: int | None = None) -> Project:
        """Return one project, or refuse it as the vendor would."""
        project = self.store.project(project_id)
        if project is None:
            self.company(company_id if company_id is not None else self.header)
            raise not_found("Project not found")
        company = self.company(company_id if company_id is not None else project.company_id)
        if company.id != project.company_id:
            raise not_found("Project not found")
        if not self._sees(project):
            if self.is_service_account:
                raise forbidden("This project is not permitted for the app's service account.")
            raise not_found("Project not found")
        return project

    def project_with(self, project_id: int, tool_name: str, needs: Level) -> Project:
        """Return a project in which this caller may use a tool on this level, or refuse it."""
        project, tool = self.project(project_id), tool_named(tool_name, in_project=True)
        assert tool is not None
        if not is_on(tool, project):
            raise forbidden(f"The tool {tool.name} is not active in this project.")
        if not reaches(level_in_project(self.store, self.who, tool, project), needs):
            raise forbidden(f"This needs the permission {needs} on the tool {tool.name}.")
        return project

    @property
    def who(self) -> Who:
        return Who(self.person, None if self.person is not None else self.store.app(self.token.client_id))

    def require_header(self) -> None:
        if self.header is None and not self.store.state.behavior.lenient:
            raise missing_company_header(self.store.state.behavior.missing_header_status)

    def _named(self, company_id: int | None) -> int:
        self.require_header()
        if company_id is None and self.header is None:
            raise bad_request("company_id is missing", field="company_id")
        if company_id is not None and self.header is not None and company_id != self.header:
            raise forbidden(f"Procore-Company-Id says {self.header}, but the call is about company {company_id}.")
        return company_id if company_id is not None else int(self.header or 0)

    def _sees(self, project: Project) -> bool:
        if self.person is None:
            installation = self.store.installation(self.token.client_id, project.company_id)
            return installation is not None and project.id in installation.project_ids
        membership = self.person.membership(project.company_id)
        return membership is not None and (membership.admin or project.id in membership.project_ids)


def store_of(request: ApiRequest) -> Store:
    store: Store = request.app.state.store
    return store


def caller_of(request: ApiRequest) -> Caller:
    """Return who calls, or refuse with 401 (no good token) or 400 (a header that is no id)."""
    store = store_of(request)
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    token = tokens.living(store, value.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        raise unauthorized()
    person = store.person(token.person_id)
    if token.person_id is not None and person is None:
        raise unauthorized()
    header = request.headers.get(HEADER)
    if header is not None and not header.strip().isdigit():
        raise bad_request("Procore-Company-Id must be a whole number", field="Procore-Company-Id")
    return Caller(store, token, person, int(header) if header is not None else None)


def query_id(request: ApiRequest, name: str) -> int | None:
    """Return an id from the query; refuse what is no id."""
    value = request.query_params.get(name)
    if value is None or value == "":
        return None
    if not value.isdigit():
        raise bad_request(f"{name} must be a whole number", field=name)
    return int(value)
