"""Locations of a project, and its schedule settings: what the Admin and the Schedule tool guard."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from smartapp_emulators.procore.api.access import ApiRequest, caller_of
from smartapp_emulators.procore.api.errors import bad_request, json_answer, not_found
from smartapp_emulators.procore.api.paging import page_of
from smartapp_emulators.procore.api.payloads import stamp
from smartapp_emulators.procore.world import Location, Project


class NewLocation(Struct, kw_only=True):
    node_name: str
    parent_id: int | None = None


class LocationOrder(Struct, kw_only=True):
    location: NewLocation


@get("/rest/v1.0/projects/{project_id:int}/locations", sync_to_thread=False)
def locations(request: ApiRequest, project_id: FromPath[int]) -> Response[bytes]:
    project = caller_of(request).project_with(project_id, "Admin", "Read Only")
    found, headers = page_of(request, project.locations)
    return json_answer([_item(project, each) for each in found], headers=headers)


@get("/rest/v1.0/projects/{project_id:int}/locations/{location_id:int}", sync_to_thread=False)
def location(request: ApiRequest, project_id: FromPath[int], location_id: FromPath[int]) -> Response[bytes]:
    project = caller_of(request).project_with(project_id, "Admin", "Read Only")
    return json_answer(_item(project, _known(project, location_id)))


@post("/rest/v1.0/projects/{project_id:int}/locations", status_code=201)
async def create_location(request: ApiRequest, project_id: FromPath[int]) -> Response[bytes]:
    """Create one; there is no external key, so that sending it twice makes two."""
    caller = caller_of(request)
    project = caller.project_with(project_id, "Admin", "Admin")
    try:
        wish = msgspec.json.decode(await request.body(), type=LocationOrder).location
    except msgspec.DecodeError as error:
        raise bad_request(str(error), field="location") from error
    if not wish.node_name.strip():
        raise bad_request("node_name can't be blank", field="node_name")
    if wish.parent_id is not None:
        _known(project, wish.parent_id)
    with caller.store.changing():
        now = caller.store.clock.now()
        made = Location(
            id=caller.store.next_id(),
            node_name=wish.node_name,
            parent_id=wish.parent_id,
            created_at=now,
            updated_at=now,
        )
        project.locations.append(made)
    return json_answer(_item(project, made), 201)


@get("/rest/v1.0/projects/{project_id:int}/schedule", sync_to_thread=False)
def schedule(request: ApiRequest, project_id: FromPath[int]) -> Response[bytes]:
    """Tell the settings of a schedule into which nothing was imported."""
    project = caller_of(request).project_with(project_id, "Schedule", "Read Only")
    return json_answer(
        {
            "project": {"id": project.id, "name": project.name},
            "type": {"key": None, "p6_id": None},
            "schedule_present": False,
            "schedule_processing": False,
            "data_date": None,
            "uploaded_at": None,
        }
    )


def _known(project: Project, location_id: int) -> Location:
    found = next((each for each in project.locations if each.id == location_id), None)
    if found is None:
        raise not_found("Location not found")
    return found


def _item(project: Project, location: Location) -> dict[str, Any]:
    return {
        "id": location.id,
        "name": ">".join(reversed([*_names(project, location)])),
        "node_name": location.node_name,
        "parent_id": location.parent_id,
        "code": location.code,
        "created_at": stamp(location.created_at),
        "updated_at": stamp(location.updated_at),
    }


def _names(project: Project, location: Location) -> list[str]:
    """Return the names from a location up to its root."""
    by_id = {each.id: each for each in project.locations}
    names, above = [location.node_name], location.parent_id
    while above is not None:
        names.append(by_id[above].node_name)
        above = by_id[above].parent_id
    return names


HANDLERS = (locations, location, create_location, schedule)
