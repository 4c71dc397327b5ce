"""The list of a company's projects, the same for people and for apps."""

from collections.abc import Iterator
from typing import Literal

from smartapp_adapters.procore.client import Ask, Bearer, ProcoreClient, numeric
from smartapp_adapters.procore.errors import Subject, unusable
from smartapp_adapters.procore.paging import rows
from smartapp_adapters.procore.payloads import ProjectRow

#: The most Procore gives per page of this list.
_PER_PAGE = 300


def project_rows(
    client: ProcoreClient,
    bearer: Bearer,
    company_id: str,
    subject: Subject,
    *,
    status: Literal["All", "Active"],
) -> Iterator[ProjectRow]:
    """
    Yield the rows of a complete list, all of them of this company.

    Without a status Procore leaves inactive projects out, which would look as if they were gone: it is always sent.
    """
    query: dict[str, str | int] = {
        "company_id": numeric(company_id, subject),
        "filters[by_status]": status,
        "page": 1,
        "per_page": _PER_PAGE,
    }
    first = client.url("/rest/v1.1/projects", query)
    found = rows(lambda url: client.get(Ask(url, subject, bearer, company_id)), first, ProjectRow, subject)
    for row in found:
        yield of_company(row, company_id, subject)


def of_company(row: ProjectRow, company_id: str, subject: Subject) -> ProjectRow:
    """Return the row, or raise `AnswerUnusable`: one company's data must never be taken for another's."""
    if str(row.company.id) != company_id:
        raise unusable(subject, f"project {row.id} belongs to another company")
    return row
