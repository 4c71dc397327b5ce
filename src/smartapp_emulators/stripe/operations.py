"""What an API operation is: a function of the account and a call, plus the parameters it really honors."""

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.errors import not_emulated

Json = dict[str, Any]


@attrs.frozen
class Call:
    """A request that passed the specification: values from the path, typed parameters, and the path itself."""

    path: str
    ids: tuple[str, ...]
    params: Json

    def get(self, name: str, default: Any = None) -> Any:
        """Return a parameter; an empty one ("unset") reads as not given."""
        value = self.params.get(name, default)
        return default if value == "" else value


Action = Callable[[Account, Call], Json]


@attrs.frozen
class Operation:
    """
    An emulated operation.

    `honors` names parameters by dotted path; a name stands for everything below it. Whatever the specification knows
    beyond these is refused by name, because a parameter without effect would be a lie.
    """

    act: Action
    honors: frozenset[str]

    def check(self, params: Json) -> None:
        _check(params, self.honors, "")


def operation(act: Action, honors: str = "") -> Operation:
    return Operation(act, frozenset(honors.split()) | {"expand"})


def _check(params: Json, honored: frozenset[str], path: str) -> None:
    for name, value in params.items():
        if name in honored:
            continue
        shown = f"{path}[{name}]" if path else name
        below = frozenset(_below(honored, name))
        if not below:
            raise not_emulated(shown)
        for key, part in _parts(value):
            _check(part, below, shown + key)


def _below(honored: Iterable[str], name: str) -> Iterable[str]:
    return (entry.removeprefix(f"{name}.") for entry in honored if entry.startswith(f"{name}."))


def _parts(value: Any) -> Iterable[tuple[str, Json]]:
    if isinstance(value, dict):
        yield "", value
    elif isinstance(value, list):
        yield from ((f"[{index}]", part) for index, part in enumerate(value) if isinstance(part, dict))
