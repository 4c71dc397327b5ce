"""Pages of a list: `page`, `per_page`, `Link`, `Total`, `Per-Page`."""

from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlencode

from smartapp_emulators.procore.api.access import ApiRequest
from smartapp_emulators.procore.api.errors import bad_request

T = TypeVar("T")

DEFAULT_PER_PAGE = 100
#: The older guide's ceiling for v1 lists that name none of their own.
GENERAL_MAXIMUM = 10_000
#: `prev` shows up one page later than one would think: the guide's page 2 has first, next and last only.
_FIRST_PAGE_WITH_PREV = 3


def page_of(
    request: ApiRequest, found: Sequence[T], *, maximum: int = GENERAL_MAXIMUM
) -> tuple[Sequence[T], dict[str, str]]:
    """Return the wanted page, empty past the end, and the headers that describe it."""
    page = _positive(request, "page", 1)
    per_page = min(_positive(request, "per_page", DEFAULT_PER_PAGE), maximum)
    last = max(1, -(-len(found) // per_page))
    headers = {"Total": str(len(found)), "Per-Page": str(per_page)}
    links = [f'<{_address(request, number, per_page)}>; rel="{rel}"' for rel, number in _rels(page, last)]
    if links:
        headers["Link"] = ", ".join(links)
    start = (page - 1) * per_page
    return found[start : start + per_page], headers


def _rels(page: int, last: int) -> list[tuple[str, int]]:
    rels = []
    if page > 1:
        rels.append(("first", 1))
    if page >= _FIRST_PAGE_WITH_PREV:
        rels.append(("prev", min(page - 1, last)))
    if page < last:
        rels.append(("next", page + 1))
    if last > 1:
        rels.append(("last", last))
    return rels


def _address(request: ApiRequest, page: int, per_page: int) -> str:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in ("page", "per_page")]
    query = urlencode([*kept, ("page", page), ("per_page", per_page)])
    return f"{str(request.base_url).rstrip('/')}{request.scope['path']}?{query}"


def _positive(request: ApiRequest, name: str, default: int) -> int:
    value = request.query_params.get(name)
    if value is None or value == "":
        return default
    if not value.isdigit() or int(value) < 1:
        raise bad_request(f"{name} must be a whole number of 1 or more", field=name)
    return int(value)
