"""The JSON API under `/_emulator` about the world: read and load it, install apps, change projects."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.params import FromPath
from msgspec import Meta, Struct

from smartapp_emulators.procore import installing
from smartapp_emulators.procore.api.access import ApiRequest, store_of
from smartapp_emulators.procore.api.errors import ApiError, json_answer
from smartapp_emulators.procore.api.payloads import stamp
from smartapp_emulators.procore.control.reading import known_app, known_company, read_body
from smartapp_emulators.procore.levels import change_level, impossible
from smartapp_emulators.procore.state import Installation, PermissionChange
from smartapp_emulators.procore.world import Project, WorldError, parse_world


class InstallOrder(Struct, kw_only=True, forbid_unknown_fields=True):
    client_id: str
    company_id: int
    project_ids: list[int] | Literal["all"] = "all"


class VersionOrder(Struct, kw_only=True, forbid_unknown_fields=True):
    version: Annotated[str, Meta(min_length=1)]


class ProjectChange(Struct, kw_only=True, forbid_unknown_fields=True):
    name: str | msgspec.UnsetType = msgspec.UNSET
    project_number: str | msgspec.UnsetType | None = msgspec.UNSET
    active: bool | msgspec.UnsetType = msgspec.UNSET
    disabled_tools: list[str] | msgspec.UnsetType = msgspec.UNSET


@get("/_emulator/world", sync_to_thread=False)
def read_world(request: ApiRequest) -> Response[bytes]:
    store = store_of(request)
    world: dict[str, Any] = msgspec.to_builtins(store.state.world)
    for shown, app in zip(world["apps"], store.state.world.apps, strict=True):
        shown["redirect_uris"] = store.redirect_uris(app)
    for shown, person in zip(world["people"], store.state.world.people, strict=True):
        shown["name"] = person.name
    return json_answer({**world, "installations": store.state.installations})


@put("/_emulator/world", status_code=200)
async def load_world(request: ApiRequest) -> Response[bytes]:
    """Load another world and start afresh in it."""
    try:
        world = parse_world(await request.body())
    except WorldError as error:
        raise ApiError(422, {"errors": {"world": str(error).splitlines()}}) from error
    store_of(request).reset(world)
    return json_answer({"loaded": world.name})


@post("/_emulator/reset", status_code=200, sync_to_thread=False)
def reset(request: ApiRequest) -> Response[bytes]:
    store = store_of(request)
    store.reset()
    return json_answer({"world": store.state.world.name})


@get("/_emulator/installations", sync_to_thread=False)
def list_installations(request: ApiRequest) -> Response[bytes]:
    return json_answer(store_of(request).state.installations)


@post("/_emulator/installations", status_code=201)
async def install(request: ApiRequest) -> Response[bytes]:
    store = store_of(request)
    order = await read_body(request, InstallOrder)
    app = known_app(store, order.client_id)
    known_company(store, order.company_id)
    try:
        return json_answer(installing.install(store, app, order.company_id, order.project_ids), 201)
    except installing.UnknownProjects as error:
        raise ApiError(422, {"errors": {"project_ids": [str(error)]}}) from error


@delete("/_emulator/installations", status_code=200, sync_to_thread=False)
def uninstall(request: ApiRequest) -> Response[bytes]:
    """Uninstall by `client_id` and `company_id` in the query."""
    store = store_of(request)
    company_id = request.query_params.get("company_id", "")
    if not company_id.isdigit():
        raise ApiError(422, {"errors": {"company_id": ["is needed in the query"]}})
    app = known_app(store, request.query_params.get("client_id", ""))
    return _ended(installing.uninstall(store, app.client_id, int(company_id)))


@delete("/_emulator/installations/{installation_id:int}", status_code=200, sync_to_thread=False)
def uninstall_by_id(request: ApiRequest, installation_id: FromPath[int]) -> Response[bytes]:
    store = store_of(request)
    found = next((each for each in store.state.installations if each.id == installation_id), None)
    return _ended(installing.uninstall(store, found.client_id, found.company_id) if found is not None else None)


@post("/_emulator/apps/{client_id:str}/version", status_code=200)
async def publish_version(request: ApiRequest, client_id: FromPath[str]) -> Response[bytes]:
    """Promote a version of an app. Companies keep theirs until they accept the update."""
    store = store_of(request)
    app = known_app(store, client_id)
    order = await read_body(request, VersionOrder)
    installing.publish_version(store, app, order.version)
    waiting = [
        each.id for each in store.state.installations if each.client_id == client_id and each.version != app.version
    ]
    return json_answer({"version": app.version, "update_available": waiting})


@post("/_emulator/installations/{installation_id:int}/update", status_code=200, sync_to_thread=False)
def accept_update(request: ApiRequest, installation_id: FromPath[int]) -> Response[bytes]:
    """Accept the newest version in a company: its permitted projects are forgotten."""
    store = store_of(request)
    found = next((each for each in store.state.installations if each.id == installation_id), None)
    if found is None or found.status != "installed":
        raise ApiError(404, {"errors": ["That app is not installed there."]})
    installing.update(store, found)
    return json_answer(found)


@get("/_emulator/permissions", sync_to_thread=False)
def list_permissions(request: ApiRequest) -> Response[bytes]:
    """List the levels that were changed; all others are those that come by themselves."""
    return json_answer(store_of(request).state.permissions)


@post("/_emulator/permissions", status_code=200)
async def change_permission(request: ApiRequest) -> Response[bytes]:
    store = store_of(request)
    wish = await read_body(request, PermissionChange)
    if found := impossible(store, wish):
        raise ApiError(422, {"errors": {"permission": [found]}})
    change_level(store, wish)
    return json_answer(store.state.permissions)


@patch("/_emulator/projects/{project_id:int}")
async def change_project(request: ApiRequest, project_id: FromPath[int]) -> Response[bytes]:
    """Rename, renumber, deactivate or reactivate a project, or switch its tools off."""
    store = store_of(request)
    change = await read_body(request, ProjectChange)
    if change.name == "":
        raise ApiError(422, {"errors": {"name": ["must not be empty"]}})
    with store.changing():
        project = store.project(project_id)
        if project is None:
            raise ApiError(404, {"errors": [f"There is no project {project_id} in this world."]})
        for name in ProjectChange.__struct_fields__:
            value = getattr(change, name)
            if value is not msgspec.UNSET:
                setattr(project, name, value)
        project.updated_at = store.clock.now()
    return json_answer(project)


@post("/_emulator/projects", status_code=201)
async def add_project(request: ApiRequest) -> Response[bytes]:
    """Add a project to a company: at least `company_id` and `name`; it is permitted nowhere yet."""
    store = store_of(request)
    sent = await read_body(request, dict[str, Any])
    now = stamp(store.clock.now())
    with store.changing() as state:
        defaults = {"id": store.next_id(), "created_at": now, "updated_at": now}
        try:
            project = msgspec.convert({**defaults, **sent}, Project)
        except msgspec.ValidationError as error:
            raise ApiError(422, {"errors": {"body": [str(error)]}}) from error
        known_company(store, project.company_id)
        if store.project(project.id) is not None:
            raise ApiError(409, {"errors": [f"There is a project {project.id} already."]})
        state.world.projects.append(project)
    return json_answer(project, 201)


def _ended(installation: Installation | None) -> Response[bytes]:
    if installation is None:
        raise ApiError(404, {"errors": ["That app is not installed there."]})
    return json_answer(installation)


HANDLERS = (
    read_world,
    load_world,
    reset,
    list_installations,
    install,
    uninstall,
    uninstall_by_id,
    publish_version,
    accept_update,
    list_permissions,
    change_permission,
    change_project,
    add_project,
)
