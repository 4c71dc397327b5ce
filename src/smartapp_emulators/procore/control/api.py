"""The JSON API under `/_emulator`: everything a test may do to the emulator. Documented in docs/emulators.md."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.params import FromPath
from msgspec import Struct

from smartapp_emulators.procore import installing, journal, tokens
from smartapp_emulators.procore.api.access import ApiRequest, store_of
from smartapp_emulators.procore.api.errors import ApiError, json_answer
from smartapp_emulators.procore.api.payloads import stamp
from smartapp_emulators.procore.faults import add_fault
from smartapp_emulators.procore.state import Behavior, Fault, Installation
from smartapp_emulators.procore.store import Store
from smartapp_emulators.procore.world import App, Project, WorldError, parse_world


class InstallOrder(Struct, kw_only=True, forbid_unknown_fields=True):
    client_id: str
    company_id: int
    project_ids: list[int] | Literal["all"] = "all"


class ProjectChange(Struct, kw_only=True, forbid_unknown_fields=True):
    name: str | msgspec.UnsetType = msgspec.UNSET
    project_number: str | msgspec.UnsetType | None = msgspec.UNSET
    active: bool | msgspec.UnsetType = msgspec.UNSET
    disabled_tools: list[str] | msgspec.UnsetType = msgspec.UNSET


class ClockChange(Struct, kw_only=True, forbid_unknown_fields=True):
    advance_s: float | None = None
    set_to: datetime | None = None
    frozen: bool | None = None


class TokenOrder(Struct, kw_only=True, forbid_unknown_fields=True):
    client_id: str
    person_id: int | None = None


class TokenChoice(Struct, kw_only=True, forbid_unknown_fields=True):
    client_id: str | None = None
    person_id: int | None = None


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
    order = await _body(request, InstallOrder)
    app = _app(store, order.client_id)
    _known_company(store, order.company_id)
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
    app = _app(store, request.query_params.get("client_id", ""))
    return _ended(installing.uninstall(store, app.client_id, int(company_id)))


@delete("/_emulator/installations/{installation_id:int}", status_code=200, sync_to_thread=False)
def uninstall_by_id(request: ApiRequest, installation_id: FromPath[int]) -> Response[bytes]:
    store = store_of(request)
    found = next((each for each in store.state.installations if each.id == installation_id), None)
    return _ended(installing.uninstall(store, found.client_id, found.company_id) if found is not None else None)


@patch("/_emulator/projects/{project_id:int}")
async def change_project(request: ApiRequest, project_id: FromPath[int]) -> Response[bytes]:
    """Rename, renumber, deactivate or reactivate a project, or switch its tools off."""
    store = store_of(request)
    change = await _body(request, ProjectChange)
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
    sent = await _body(request, dict[str, Any])
    now = stamp(store.clock.now())
    with store.changing() as state:
        defaults = {"id": store.next_id(), "created_at": now, "updated_at": now}
        try:
            project = msgspec.convert({**defaults, **sent}, Project)
        except msgspec.ValidationError as error:
            raise ApiError(422, {"errors": {"body": [str(error)]}}) from error
        _known_company(store, project.company_id)
        if store.project(project.id) is not None:
            raise ApiError(409, {"errors": [f"There is a project {project.id} already."]})
        state.world.projects.append(project)
    return json_answer(project, 201)


@get("/_emulator/clock", sync_to_thread=False)
def read_clock(request: ApiRequest) -> Response[bytes]:
    return json_answer(_clock_view(store_of(request)))


@post("/_emulator/clock", status_code=200)
async def move_clock(request: ApiRequest) -> Response[bytes]:
    store = store_of(request)
    change = await _body(request, ClockChange)
    if change.set_to is not None and change.set_to.tzinfo is None:
        raise ApiError(422, {"errors": {"set_to": ["needs a time zone, as in 2026-01-31T08:00:00Z"]}})
    with store.changing():
        if change.frozen is not None:
            _ = store.clock.freeze() if change.frozen else store.clock.resume()
        if change.set_to is not None:
            store.clock.set_to(change.set_to)
        if change.advance_s is not None:
            store.clock.advance(change.advance_s)
    return json_answer(_clock_view(store))


@get("/_emulator/faults", sync_to_thread=False)
def list_faults(request: ApiRequest) -> Response[bytes]:
    return json_answer(store_of(request).state.faults)


@post("/_emulator/faults", status_code=201)
async def inject_fault(request: ApiRequest) -> Response[bytes]:
    fault = await _body(request, Fault)
    if fault.status is None and fault.drop is None and not fault.delay_s:
        raise ApiError(422, {"errors": {"fault": ["needs status, drop or delay_s"]}})
    if fault.count < 1 or fault.skip < 0:
        raise ApiError(422, {"errors": {"count": ["must be 1 or more, and skip 0 or more"]}})
    return json_answer(add_fault(store_of(request), fault), 201)


@delete("/_emulator/faults", status_code=200, sync_to_thread=False)
def clear_faults(request: ApiRequest) -> Response[bytes]:
    with store_of(request).changing() as state:
        state.faults.clear()
    return json_answer([])


@get("/_emulator/journal", sync_to_thread=False)
def read_journal(request: ApiRequest) -> Response[bytes]:
    """Return the entries, oldest first (`after` gives those with a higher number), and all counters."""
    state = store_of(request).state
    after = request.query_params.get("after", "0")
    entries = [each for each in state.journal if each.number > (int(after) if after.isdigit() else 0)]
    return json_answer({"entries": entries, "counters": dict(sorted(state.counters.items()))})


@delete("/_emulator/journal", status_code=200, sync_to_thread=False)
def clear_journal(request: ApiRequest) -> Response[bytes]:
    journal.clear(store_of(request))
    return json_answer({"entries": [], "counters": {}})


@get("/_emulator/behavior", sync_to_thread=False)
def read_behavior(request: ApiRequest) -> Response[bytes]:
    return json_answer(store_of(request).state.behavior)


@patch("/_emulator/behavior")
async def change_behavior(request: ApiRequest) -> Response[bytes]:
    store = store_of(request)
    sent = await _body(request, dict[str, Any])
    with store.changing() as state:
        try:
            state.behavior = msgspec.convert({**msgspec.to_builtins(state.behavior), **sent}, Behavior)
        except msgspec.ValidationError as error:
            raise ApiError(422, {"errors": {"behavior": [str(error)]}}) from error
        store.forget_windows += 1
    return json_answer(store.state.behavior)


@post("/_emulator/tokens", status_code=201)
async def issue_token(request: ApiRequest) -> Response[bytes]:
    """Hand out what a log-in would: for a person, or for the service account when none is named."""
    store = store_of(request)
    order = await _body(request, TokenOrder)
    app = _app(store, order.client_id)
    if order.person_id is None:
        issued = tokens.issue_for_service_account(store, app)
    elif store.person(order.person_id) is None:
        raise ApiError(404, {"errors": [f"There is no person {order.person_id} in this world."]})
    else:
        issued = tokens.issue_for_person(store, app, order.person_id)
    return json_answer({"access_token": issued.access, "refresh_token": issued.refresh}, 201)


@post("/_emulator/tokens/expire", status_code=200)
async def expire_tokens(request: ApiRequest) -> Response[bytes]:
    """Let access tokens run out; refresh tokens stay good."""
    choice = await _body(request, TokenChoice)
    store = store_of(request)
    return json_answer({"expired": tokens.expire(store, client_id=choice.client_id, person_id=choice.person_id)})


@post("/_emulator/tokens/revoke", status_code=200)
async def revoke_tokens(request: ApiRequest) -> Response[bytes]:
    """Withdraw consent, as a person does under their connected apps: both tokens die."""
    choice = await _body(request, TokenChoice)
    store = store_of(request)
    return json_answer({"revoked": tokens.revoke_all(store, client_id=choice.client_id, person_id=choice.person_id)})


async def _body(request: ApiRequest, type_: Any) -> Any:
    try:
        return msgspec.json.decode(await request.body() or b"{}", type=type_)
    except msgspec.DecodeError as error:
        raise ApiError(422, {"errors": {"body": [str(error)]}}) from error


def _app(store: Store, client_id: str) -> App:
    app = store.app(client_id)
    if app is None:
        raise ApiError(404, {"errors": [f"There is no app {client_id!r} in this world."]})
    return app


def _known_company(store: Store, company_id: int) -> None:
    if store.company(company_id) is None:
        raise ApiError(404, {"errors": [f"There is no company {company_id} in this world."]})


def _ended(installation: Installation | None) -> Response[bytes]:
    if installation is None:
        raise ApiError(404, {"errors": ["That app is not installed there."]})
    return json_answer(installation)


def _clock_view(store: Store) -> dict[str, Any]:
    state = store.clock.state
    return {"now": stamp(store.clock.now()), "offset_s": state.offset_s, "frozen": state.frozen_at is not None}


HANDLERS = (
    read_world,
    load_world,
    reset,
    list_installations,
    install,
    uninstall,
    uninstall_by_id,
    change_project,
    add_project,
    read_clock,
    move_clock,
    list_faults,
    inject_fault,
    clear_faults,
    read_journal,
    clear_journal,
    read_behavior,
    change_behavior,
    issue_token,
    expire_tokens,
    revoke_tokens,
)
