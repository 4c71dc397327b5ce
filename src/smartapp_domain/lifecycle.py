"""Life cycles are tables: (state, event) → state. A pair that is absent is illegal."""

import enum
from collections.abc import Mapping
from typing import TypeVar

S = TypeVar("S", bound=enum.Enum)
E = TypeVar("E", bound=enum.Enum)


class IllegalMove(Exception):
    """Raised when an event meets a state that has no such move: a defect of the caller, not the customer's doing."""

    def __init__(self, state: enum.Enum, event: enum.Enum) -> None:
        super().__init__(f"{type(state).__name__} {state.value!r} has no move for {event.value!r}.")
        self.state, self.event = state, event


def advance(table: Mapping[tuple[S, E], S], state: S, event: E) -> S:
    """Return the state after `event`, or raise `IllegalMove`."""
    try:
        return table[state, event]
    except KeyError:
        raise IllegalMove(state, event) from None
