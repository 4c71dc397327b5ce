"""Permissions of the caller, and app installations."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from smartapp_emulators.procore.api import payloads
from smartapp_emulators.procore.api.access import ApiRequest, caller_of, query_id
from smartapp_emulators.procore.api.errors import bad_request, json_answer, not_found
from smartapp_emulators.procore.api.paging import page_of
from smartapp_emulators.procore.api.tools import (
    COMPANY_TOOLS,
    LEVEL_IDS,
    PROJECT_TOOLS,
    Tool,
)
from smartapp_emulators.procore.levels import level_in_company, level_in_project
from smartapp_emulators.procore.world import Level


@get("/rest/v1.0/settings/permissions", sync_to_thread=False)
def permissions(request: ApiRequest) -> Response[bytes]:
    """Tell what this token may do on each tool of a company or of a project."""
    caller = caller_of(request)
    company_id, project_id = query_id(request, "company_id"), query_id(request, "project_id")
    if project_id is not None:
        project = caller.project(project_id, company_id)
        shown = [
            _tool(request, each, level_in_project(caller.store, caller.who, each, project)) for each in PROJECT_TOOLS
        ]
    elif company_id is not None:
        caller.company(company_id)
        shown = [
            _tool(request, each, level_in_company(caller.store, caller.who, each, company_id)) for each in COMPANY_TOOLS
        ]
    else:
        caller.require_header()
        raise bad_request("company_id or project_id is needed", field="company_id")
    return json_answer({"tools": shown})


@get("/rest/v1.0/app_installations", sync_to_thread=False)
def app_installations(request: ApiRequest) -> Response[bytes]:
    """List the caller's own app in a company: an app sees no other app."""
    caller = caller_of(request)
    company_id, project_id = query_id(request, "company_id"), query_id(request, "project_id")
    if project_id is not None:
        company_id = caller.project(project_id, company_id).company_id
    company = caller.company(company_id)
    found = caller.store.installation(caller.token.client_id, company.id)
    shown, headers = page_of(request, [found] if found is not None else [])
    return json_answer([payloads.installation_item(each) for each in shown], headers=headers)


@get("/rest/v1.0/app_installations/{installation_id:int}", sync_to_thread=False)
def app_installation(request: ApiRequest, installation_id: FromPath[int]) -> Response[bytes]:
    caller = caller_of(request)
    company = caller.company(query_id(request, "company_id"))
    found = caller.store.installation(caller.token.client_id, company.id)
    if found is None or found.id != installation_id:
        raise not_found("App installation not found")
    return json_answer(payloads.installation_item(found))


def _tool(request: ApiRequest, tool: Tool, level: Level) -> dict[str, Any]:
    return {
        "id": tool.id,
        "name": tool.engine_name,
        "friendly_name": tool.name,
        "domain_id": tool.domain_id,
        "tab_group": "core",
        "available_for_user": level != "None",
        "url": f"{request.base_url}tools/{tool.path}",
        "user_access_level": {"id": LEVEL_IDS[level], "name": level},
        "permitted_actions": _actions(tool, level),
    }


def _actions(tool: Tool, level: Level) -> list[dict[str, Any]]:
    allowed = [
        name for name, needs in (("view", 2), ("create", 3), ("update", 3), ("delete", 4)) if LEVEL_IDS[level] >= needs
    ]
    return [
        {"id": tool.id * 10 + number, "action_name": name, "label": name.capitalize(), "tool_name": tool.engine_name}
        for number, name in enumerate(allowed)
    ]


HANDLERS = (permissions, app_installations, app_installation)
