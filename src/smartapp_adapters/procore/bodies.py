"""
What an answer says besides its status.

Bodies of failures are not uniform: lists, objects and texts under `errors`, an object or a text under `error`, a bare
`message`, HTML of a gateway, nothing.
"""

import json
from collections.abc import Iterator
from typing import Any

import httpx

_QUOTE_LIMIT = 300


def request_id(response: httpx.Response) -> str | None:
    """Return what Procore's support asks for."""
    found: str | None = response.headers.get("X-Request-Id")
    return found


def words(response: httpx.Response) -> str:
    """Return what the body says in one line, empty when it says nothing a person could use."""
    try:
        body = json.loads(response.content)
    except ValueError:
        return ""  # HTML, or nothing
    found = dict.fromkeys(" ".join(text.split()) for text in _texts(body))
    return "; ".join(text for text in found if text)[:_QUOTE_LIMIT]


def _texts(body: Any) -> Iterator[str]:
    if not isinstance(body, dict):
        return
    yield from _flat(body.get("errors"))
    error = body.get("error")
    yield from _flat(error if not isinstance(error, dict) else _v2(error))
    yield from _flat([body.get(key) for key in ("error_description", "message", "reason")])


def _v2(error: dict[str, Any]) -> list[Any]:
    details = error.get("details")
    if not isinstance(details, list):
        details = []
    return [error.get("message"), *(detail.get("message") for detail in details if isinstance(detail, dict))]


def _flat(value: Any, field: str = "") -> Iterator[str]:
    """Walk texts, lists of them and `{"field": ["message"]}`; anything else says nothing."""
    if isinstance(value, str):
        yield f"{field}: {value}" if field else value
    elif isinstance(value, list):
        for item in value:
            yield from _flat(item, field)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _flat(item, str(name))
