"""
Everything one Stripe account holds: objects by kind and id, in order of creation.

Objects are kept in the shape the API shows them, so a state file can be read by eye; fields that begin with an
underscore are the emulator's own and never leave it.
"""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Json = dict[str, Any]


class Store:
    """Rows in memory; all changes inside one `transaction` are kept together or not at all. Not thread safe."""

    def __init__(self, rows: Mapping[str, Mapping[str, Json]] | None = None) -> None:
        self._rows: dict[str, dict[str, Json]] = {kind: dict(found) for kind, found in (rows or {}).items()}
        self._before: dict[str, dict[str, Json]] | None = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Undo every change when the block raises."""
        self._before = {}
        try:
            yield
        except BaseException:
            self._rows.update(self._before)
            raise
        finally:
            self._before = None

    def mark(self) -> dict[str, dict[str, Json]]:
        """Return a point inside the transaction that `back_to` can return to."""
        return {kind: dict(found) for kind, found in self._rows.items()}

    def back_to(self, mark: dict[str, dict[str, Json]]) -> None:
        for kind in self._rows:
            self._rows[kind] = dict(mark.get(kind, {}))

    def get(self, kind: str, identifier: str) -> Json | None:
        """Return a copy that may be changed and put back."""
        return copy.deepcopy(self._rows.get(kind, {}).get(identifier))

    def rows(self, kind: str) -> Iterator[Json]:
        """Walk all rows of a kind, oldest first. They are the stored ones: read, do not change."""
        return iter(list(self._rows.get(kind, {}).values()))

    def put(self, kind: str, row: Json) -> None:
        self._remember(kind)
        self._rows.setdefault(kind, {})[row["id"]] = copy.deepcopy(row)

    def remove(self, kind: str, identifier: str) -> None:
        self._remember(kind)
        self._rows.get(kind, {}).pop(identifier, None)

    def count(self, kind: str) -> int:
        return len(self._rows.get(kind, {}))

    def clear(self) -> None:
        for kind in list(self._rows):
            self._remember(kind)
            self._rows[kind] = {}

    def dump(self) -> dict[str, dict[str, Json]]:
        """Return all rows for a state file; not a copy."""
        return self._rows

    @property
    def touched(self) -> bool:
        """Whether the open transaction has changed anything."""
        return bool(self._before)

    def _remember(self, kind: str) -> None:
        # Rows are replaced, never altered in place, so a shallow copy of the index is enough to go back.
        if self._before is not None and kind not in self._before:
            self._before[kind] = dict(self._rows.get(kind, {}))


def public(value: Any) -> Any:
    """Return what the API may show of a row: everything but the emulator's own fields."""
    if isinstance(value, dict):
        # Metadata belongs to the caller, underscores included.
        return {key: part if key == "metadata" else public(part) for key, part in value.items() if key[:1] != "_"}
    if isinstance(value, list):
        return [public(part) for part in value]
    return value
