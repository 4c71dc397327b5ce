"""
Plug in another platform: projects from a spreadsheet instead of Procore. Run: python examples/own_platform.py

A port is a `Protocol`: having its methods is enough, there is nothing to inherit from. Everything else here is the
workbench, which wires the other ports in memory.
"""

import csv
import io
from collections.abc import Iterator

import attrs

from smartapp_domain import Module
from smartapp_domain.ids import AccountId, PlatformCompanyId, PlatformProjectId
from smartapp_domain.ports.platform import NotFoundOnPlatform
from smartapp_domain.ports.views import Part, Sort
from smartapp_domain.project import PlatformProject
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.refresh_projects import refresh_projects

SHEET = """\
number,name,city,open
P-1,Harbor Tower,Austin,yes
P-2,River Bridge,Dallas,yes
P-3,Old Depot,Austin,no
"""


@attrs.frozen
class Spreadsheet:
    """The port `Platform` over rows of text; all apps may use all projects."""

    text: str

    def installed(self, account_id: AccountId, company_id: PlatformCompanyId) -> frozenset[Module]:
        del account_id, company_id
        return frozenset(Module)

    def projects(self, account_id: AccountId, company_id: PlatformCompanyId, app: Module) -> Iterator[PlatformProject]:
        del account_id, company_id
        for row in csv.DictReader(io.StringIO(self.text)):
            yield PlatformProject(
                PlatformProjectId(row["number"]),
                row["name"],
                number=row["number"],
                city=row["city"],
                active=row["open"] == "yes",
                apps=frozenset({app}),
            )

    def project(
        self, account_id: AccountId, company_id: PlatformCompanyId, app: Module, project_id: PlatformProjectId
    ) -> PlatformProject:
        for project in self.projects(account_id, company_id, app):
            if project.id == project_id:
                return project
        raise NotFoundOnPlatform(f"No row {project_id}.", remedy="Add it to the sheet.")


bench = Workbench.of()
company = bench.company("77")
dana = bench.sign_in(bench.employ(company, "dana", admin=True), company)

ports = attrs.evolve(bench.ports, platform=Spreadsheet(SHEET))
refresh_projects(dana.account_id, ports)

with ports.reading(dana.account_id) as reading:
    page = reading.views.mapping_page(
        dana.member_id,
        Part.NOT_LICENSED,
        at=ports.clock.now(),
        query="",
        sort=Sort.NAME,
        number=1,
        per_page=50,
    )
for row in page.items:
    print(f"{row.project.number}  {row.project.name}, {row.project.city}")
