"""Column types that mean the same on SQLite and PostgreSQL."""

import enum
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

E = TypeVar("E", bound=enum.Enum)

#: Text that sorts by code point everywhere; a language's own order would page differently on each server.
Words = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Document = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC, aware on our side; SQLite keeps it as text that sorts by time."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; moments are aware, UTC.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def codes(members: Iterable[enum.Enum]) -> str:
    """Return a set of codes as sorted text, empty for none, so that SQL can ask for "any"."""
    return ",".join(sorted(member.value for member in members))


def members(type_: type[E], text: str) -> frozenset[E]:
    """Return the set that `codes` wrote."""
    return frozenset(type_(code) for code in text.split(",") if code)
