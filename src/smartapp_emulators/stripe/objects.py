"""What all kinds of objects have in common: metadata, plain fields, storing with an event."""

from typing import Any

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.errors import invalid
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.parameters import check_metadata
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]


def assign(row: Json, call: Call, *names: str) -> None:
    """Copy plain parameters onto an object; an empty string unsets."""
    for name in names:
        if name in call.params:
            value = call.params[name]
            row[name] = None if value == "" else value


def merge_metadata(row: Json, given: Any) -> None:
    """Merge metadata: an empty value removes its key, an empty string in place of the object removes all."""
    if given is None:
        return
    if given == "":
        row["metadata"] = {}
        return
    merged = {**row.get("metadata", {}), **given}
    row["metadata"] = {key: value for key, value in merged.items() if value != ""}
    check_metadata(row["metadata"])


def changed(before: Json, after: Json) -> Json:
    """Return the former values of what a change altered, as events carry them in `previous_attributes`."""
    old, new = public(before), public(after)
    return {name: value for name, value in old.items() if new.get(name) != value}


def keep(account: Account, kind: str, row: Json, event: str | None = None, previous: Json | None = None) -> Json:
    """Store an object, record its event, and return what the API shows of it."""
    account.store.put(kind, row)
    if event:
        account.emit(event, row, previous)
    shown: Json = public(row)
    return shown


def reference(account: Account, kind: str, call: Call, name: str) -> Json:
    """Return the object a parameter names, or refuse with the parameter's name."""
    return account.find(kind, call.params[name], name, status=400)


def address(given: Any) -> Json | None:
    """Return a full address object from a partial one."""
    if not isinstance(given, dict):
        return None
    names = ("city", "country", "line1", "line2", "postal_code", "state")
    return {name: given.get(name) or None for name in names}


def at_most(values: list[Any], limit: int, param: str) -> None:
    if len(values) > limit:
        raise invalid(f"{param} can have at most {limit} entries; {len(values)} were sent.", param)
