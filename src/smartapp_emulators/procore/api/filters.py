"""Filters and sorts of the project lists. An unknown filter is ignored, as the vendor does."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from smartapp_emulators.procore.api.access import ApiRequest
from smartapp_emulators.procore.api.errors import bad_request
from smartapp_emulators.procore.api.payloads import stage_id
from smartapp_emulators.procore.world import Project

Keep = Callable[[Project], bool]

_STATUS: Mapping[str, Keep] = {
    "All": lambda _project: True,
    "Active": lambda project: project.active,
    "Inactive": lambda project: not project.active,
}
_SORTS: Mapping[str, Callable[[Project], str]] = {
    "name": lambda project: project.name.casefold(),
    "display_name": lambda project: project.display_name.casefold(),
}
_DATE_LENGTH = len("2026-01-31")
#: Filters by ids of records that no world has: with a value given, nothing fits.
_NEVER_FITS = (
    "vendor_id",
    "from_project_template_id",
    "by_owner_type",
    "by_department",
    "by_region",
    "by_office",
    "by_program",
    "by_type",
    "by_bid_type",
)
_V1_1_ONLY = frozenset(
    {"project_number", "is_demo", "template", "by_stage", *(name for name in _NEVER_FITS if name.startswith("by_"))}
)


def filtered(request: ApiRequest, projects: list[Project], *, minor: int) -> list[Project]:
    """Return the projects that fit every filter of the query, in the wanted order."""
    given = _given(request)
    if minor == 0:
        given = {name: values for name, values in given.items() if name not in _V1_1_ONLY}
    keeps: list[Keep] = [] if "by_status" in given else [_STATUS["Active"]]
    inclusive = request.app.state.store.state.behavior.range_end_inclusive
    for name, values in given.items():
        keep = _keep(name, values, inclusive=inclusive)
        if keep is not None:
            keeps.append(keep)
    found = [project for project in projects if all(keep(project) for keep in keeps)]
    return _sorted(request, found)


def _given(request: ApiRequest) -> dict[str, list[str]]:
    """Return `filters[x]=v` and `filters[x][]=v` as x → values."""
    given: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name.startswith("filters[") and name.endswith("]"):
            given.setdefault(name.removesuffix("[]")[len("filters[") : -1], []).append(str(value))
    return given


def _keep(name: str, values: list[str], *, inclusive: bool) -> Keep | None:
    value = values[-1]
    if name == "by_status":
        return _by_status(value)
    if name in ("created_at", "updated_at"):
        start, end = _range(name, value, inclusive=inclusive)
        return lambda project: start <= getattr(project, name) < end
    if name in _NEVER_FITS:
        return lambda _project: False
    if name in ("id", "by_stage"):
        return _by_ids(name, _ids(name, values))
    return _by_value(name, value, values)


def _by_ids(name: str, wanted: set[int]) -> Keep:
    if name == "id":
        return lambda project: project.id in wanted
    return lambda project: stage_id(project.stage) in wanted


def _by_status(value: str) -> Keep:
    try:
        return _STATUS[value]
    except KeyError:
        raise bad_request("filters[by_status] is All, Active or Inactive", field="filters[by_status]") from None


def _by_value(name: str, value: str, values: list[str]) -> Keep | None:
    match name:
        case "name" | "origin_id" | "project_number":
            return lambda project: getattr(project, name) in values
        case "synced":
            return lambda project: (project.origin_id is not None) == _truth(name, value)
        case "is_demo":
            return lambda project: project.is_demo == _truth(name, value)
        case "template":
            return lambda _project: not _truth(name, value)
        case "custom_fields":
            return _by_custom_fields(value)
    return None


def _by_custom_fields(value: str) -> Keep:
    try:
        wanted = json.loads(value)
    except ValueError:
        raise bad_request("filters[custom_fields] must be JSON", field="filters[custom_fields]") from None
    return lambda _project: not wanted  # no world has custom fields


def _ids(name: str, values: list[str]) -> set[int]:
    parts = [part.strip() for value in values for part in value.split(",")]
    if not all(part.isdigit() for part in parts):
        raise bad_request(f"filters[{name}] must be whole numbers", field=f"filters[{name}]")
    return {int(part) for part in parts}


def _truth(name: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise bad_request(f"filters[{name}] is true or false", field=f"filters[{name}]")
    return value == "true"


def _range(name: str, value: str, *, inclusive: bool) -> tuple[datetime, datetime]:
    """Read `START...END`, with or without double quotes. A single value is that day, or that second."""
    text = value.strip().strip('"')
    start_text, dots, end_text = text.partition("...")
    start, start_length = _moment(name, start_text)
    end, end_length = _moment(name, end_text) if dots else (start, start_length)
    return start, end + end_length if inclusive or not dots or end_length > timedelta(seconds=1) else end


def _moment(name: str, text: str) -> tuple[datetime, timedelta]:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise bad_request(
            f"filters[{name}] must be START...END in ISO 8601, not {text!r}", field=f"filters[{name}]"
        ) from None
    length = timedelta(days=1) if len(text.strip()) == _DATE_LENGTH else timedelta(seconds=1)
    return (moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)), length


def _sorted(request: ApiRequest, projects: list[Project]) -> list[Project]:
    wanted = request.query_params.get("sort")
    ordered = sorted(projects, key=lambda project: project.id)
    if not wanted:
        return ordered
    for part in reversed(wanted.split(",")):
        if part.lstrip("-") not in _SORTS:
            raise bad_request("sort is name or display_name, with a leading - for descending", field="sort")
        ordered.sort(key=_SORTS[part.lstrip("-")], reverse=part.startswith("-"))
    return ordered
