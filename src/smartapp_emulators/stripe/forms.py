"""Stripe's way to put nested values into a flat form: `items[0][price]=price_1&expand[]=customer`."""

from typing import Any
from urllib.parse import parse_qsl

Json = dict[str, Any]


class MalformedForm(ValueError):
    """A form whose keys contradict each other or do not parse."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Invalid form key: {key}")
        self.key = key


def decode(text: str) -> Json:
    """
    Return nested objects of strings; a list stays an object with the keys "0", "1", … until a schema calls it a list.

    Raises:
        MalformedForm: A key is broken, or used both as a value and as an object.
    """
    decoded: Json = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        _place(decoded, key, _segments(key), value)
    return decoded


def _segments(key: str) -> list[str]:
    head, bracket, rest = key.partition("[")
    if not head or (bracket and not rest.endswith("]")):
        raise MalformedForm(key)
    return [head, *rest[:-1].split("][")] if bracket else [head]


def _place(into: Json, key: str, segments: list[str], value: str) -> None:
    node = into
    for segment in segments[:-1]:
        child = node.setdefault(_name(node, segment), {})
        if not isinstance(child, dict):
            raise MalformedForm(key)
        node = child
    last = _name(node, segments[-1])
    if isinstance(node.get(last), dict):
        raise MalformedForm(key)
    node[last] = value


def _name(node: Json, segment: str) -> str:
    return segment or str(len(node))  # `expand[]` appends
