"""Lists as Stripe pages them: newest first, cursors by object id."""

from collections.abc import Iterable, Sequence
from typing import Any

from smartapp_emulators.stripe.errors import invalid
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]

_DEFAULT = 10
_MOST = 100


def page(call: Call, oldest_first: Iterable[Json]) -> Json:
    """
    Cut one page out of the objects that match.

    Raises:
        StripeError: The limit is out of range, or a cursor names an object that is not in the list.
    """
    rows = list(oldest_first)[::-1]
    limit = call.get("limit", _DEFAULT)
    if not 1 <= limit <= _MOST:
        raise invalid(f"This value must be between 1 and {_MOST}.", "limit", "parameter_invalid_integer")
    shown, more = _window(rows, call, limit)
    return {"object": "list", "data": [public(row) for row in shown], "has_more": more, "url": call.path}


def whole(rows: Sequence[Json], url: str, *, most: int | None = None) -> Json:
    """Return an embedded list, such as the lines of an invoice; `most` is where the first page ends."""
    shown = rows[:most]
    return {"object": "list", "data": public(list(shown)), "has_more": len(shown) < len(rows), "url": url}


def created_in(row: Json, wanted: Any) -> bool:
    """Tell whether an object's `created` satisfies a filter: a number, or gt, gte, lt, lte."""
    if not isinstance(wanted, dict):
        return wanted is None or bool(row["created"] == wanted)
    at = row["created"]
    tests = {"gt": at.__gt__, "gte": at.__ge__, "lt": at.__lt__, "lte": at.__le__}
    return all(tests[name](int(bound)) for name, bound in wanted.items())


def _window(rows: list[Json], call: Call, limit: int) -> tuple[list[Json], bool]:
    after, before = call.get("starting_after"), call.get("ending_before")
    if before:
        end = _position(rows, before, "ending_before")
        start = max(0, end - limit)
        return rows[start:end], start > 0
    start = _position(rows, after, "starting_after") + 1 if after else 0
    return rows[start : start + limit], len(rows) > start + limit


def _position(rows: list[Json], identifier: str, param: str) -> int:
    for index, row in enumerate(rows):
        if row["id"] == identifier:
            return index
    raise invalid(f"No such object in this list: '{identifier}'", param, "resource_missing")
