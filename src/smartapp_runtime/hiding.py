"""
What of a setting may be seen, and what logs have to hide: both by the same two marks of the setting.

A `secret` is hidden altogether. Of an `address` everything but its passwords is shown.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final
from urllib.parse import unquote

import attrs

from smartapp_domain.pricing import PriceBook

_HIDDEN: Final = "(hidden)"
#: What is shorter is no secret anybody was given, and would be found inside ordinary words.
_SHORTEST: Final = 6
#: Where an address has passwords: before its last "@", for what is no good address may still hold a good password,
#: and in its query.
_PASSWORDS: Final = (
    re.compile(r"^([^:]*://[^:]*:|(?![^:]*://))(.+)(?=@)", re.DOTALL),
    re.compile(r"(?<=[?&])([^=&]*password=)([^&]*)", re.IGNORECASE),
)


def shown(field: "attrs.Attribute[Any]", value: Any) -> str:
    """Return a setting as `smartapp config` lists it."""
    if value is None:
        return "(not set)"
    if field.metadata["secret"]:
        return "(set, hidden)"
    if isinstance(value, PriceBook):
        return f"version {value.version}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return without_passwords(value) if field.metadata["address"] else str(value)


def quoted(field: "attrs.Attribute[Any]", given: Any) -> str:
    """Return the part of a sentence that repeats what cannot be this setting, as far as it may be repeated."""
    if field.metadata["secret"] or isinstance(given, dict):
        return ""
    return f", not {without_passwords(given)!r}" if field.metadata["address"] else f", not {given!r}"


def without_passwords(address: Any) -> str:
    """Hide the passwords of an address; one without any stays as it is."""
    text = str(address)
    for each in _PASSWORDS:
        text = each.sub(rf"\1{_HIDDEN}", text)
    return text


def secrets_of(settings: attrs.AttrsInstance) -> tuple[str, ...]:
    """Return every secret in force, each of a list by itself, keys without ids, for `hider`."""
    return tuple(_secrets_of(settings))


def _secrets_of(settings: attrs.AttrsInstance) -> Iterator[str]:
    for field in attrs.fields(type(settings)):
        value = getattr(settings, field.name)
        if value and field.metadata["secret"]:
            yield from (part.rpartition(":")[2] for part in re.split(r"[,\s]+", value) if part)
        elif value and field.metadata["address"]:
            found = [match[2] for each in _PASSWORDS for match in each.finditer(value)]
            yield from (*found, *map(unquote, found))


def hider(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return what hides these secrets in any text, such as an error of somebody else's."""
    known = sorted((each for each in set(secrets) if len(each) >= _SHORTEST), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, known)) or r"(?!)")  # which is nowhere
    return partial(pattern.sub, _HIDDEN)
