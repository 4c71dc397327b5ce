"""Project lists, one project, and its tools."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from smartapp_emulators.procore.api import payloads
from smartapp_emulators.procore.api.access import ApiRequest, caller_of, query_id
from smartapp_emulators.procore.api.errors import bad_request, json_answer
from smartapp_emulators.procore.api.filters import filtered
from smartapp_emulators.procore.api.paging import page_of
from smartapp_emulators.procore.api.tools import PROJECT_TOOLS

#: The newer list has a small ceiling of its own.
V1_1_MAXIMUM = 300


@get("/rest/v1.0/projects", sync_to_thread=False)
def projects_v1_0(request: ApiRequest) -> Response[bytes]:
    caller = caller_of(request)
    company = caller.company(_needed_company(request, caller.header, lenient=caller.store.state.behavior.lenient))
    found, headers = page_of(request, filtered(request, caller.projects(company), minor=0))
    if request.query_params.get("serializer_view") == "compact":
        return json_answer([payloads.project_compact(each) for each in found], headers=headers)
    return json_answer([payloads.project_v1_0(caller.store, each) for each in found], headers=headers)


@get("/rest/v1.1/projects", sync_to_thread=False)
def projects_v1_1(request: ApiRequest) -> Response[bytes]:
    caller = caller_of(request)
    company = caller.company(_needed_company(request, caller.header, lenient=caller.store.state.behavior.lenient))
    found, headers = page_of(request, filtered(request, caller.projects(company), minor=1), maximum=V1_1_MAXIMUM)
    view = request.query_params.get("view", "normal")
    items: list[Any]
    match view:
        case "ids":
            items = [{"id": each.id} for each in found]
        case "compact":
            items = [payloads.project_compact(each) for each in found]
        case "normal":
            items = [payloads.project_v1_1(caller.store, each) for each in found]
        case "extended":
            items = [payloads.project_v1_1_extended(caller.store, each) for each in found]
        case _:
            raise bad_request("view is ids, compact, normal or extended", field="view")
    return json_answer(items, headers=headers)


@get("/rest/v1.0/projects/{project_id:int}", sync_to_thread=False)
def project_v1_0(request: ApiRequest, project_id: FromPath[int]) -> Response[bytes]:
    caller = caller_of(request)
    company_id = _needed_company(request, caller.header, lenient=caller.store.state.behavior.lenient)
    project = caller.project(project_id, company_id)
    if request.query_params.get("view") == "minimal":
        return json_answer(payloads.project_minimal(project))
    return json_answer(payloads.project_shown(caller.store, project))


@get("/rest/v1.0/companies/{company_id:int}/projects", sync_to_thread=False)
def company_projects(request: ApiRequest, company_id: FromPath[int]) -> Response[bytes]:
    caller = caller_of(request)
    company = caller.company(company_id)
    found, headers = page_of(request, filtered(request, caller.projects(company), minor=0))
    return json_answer([payloads.project_short(caller.store, each) for each in found], headers=headers)


@get("/rest/v1.0/projects/{project_id:int}/tools", sync_to_thread=False)
def project_tools(request: ApiRequest, project_id: FromPath[int]) -> Response[bytes]:
    caller = caller_of(request)
    project = caller.project(project_id)
    wanted = request.query_params.get("filters[is_active]")
    tools = [
        {
            "id": tool.id,
            "engine_name": tool.engine_name,
            "is_active": tool.name not in project.disabled_tools,
            "position": position,
            "required": tool.required,
            "title": tool.name,
        }
        for position, tool in enumerate(PROJECT_TOOLS, start=1)
    ]
    if wanted is not None:
        tools = [tool for tool in tools if tool["is_active"] == (wanted == "true")]
    found, headers = page_of(request, tools)
    return json_answer(found, headers=headers)


def _needed_company(request: ApiRequest, header: int | None, *, lenient: bool) -> int | None:
    company_id = query_id(request, "company_id")
    if company_id is None and not (lenient or header is None):
        raise bad_request("company_id is missing", field="company_id")
    return company_id


HANDLERS = (projects_v1_0, projects_v1_1, project_v1_0, company_projects, project_tools)
