"""The audit trail: rows are added and read, nothing else."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from smartapp_adapters.storage.scoping import AccountRows, AcrossAccounts, Door
from smartapp_adapters.storage.tables import trail
from smartapp_domain.audit import By, Deed, Entry, Place, Subject
from smartapp_domain.identity import Via
from smartapp_domain.ids import AccountId, EntryId, MemberId
from smartapp_domain.ports.storage import OPERATOR, Taken


class SqlTrail:
    def __init__(self, door: Door) -> None:
        self._door = door

    def add(self, entry: Entry) -> None:
        columns = {
            "account_id": entry.account_id,
            "id": entry.id,
            "at": entry.at,
            "deed": entry.deed.value,
            "via": entry.by.via.value,
            "member_id": entry.by.member_id,
            "name": entry.by.name,
            "token": entry.by.token,
            "subject_id": entry.subject.id,
            "subject": entry.subject.name,
            "details": [list(pair) for pair in entry.details],
        }
        if not self._rows(entry.account_id).insert(columns):
            raise Taken("There is an entry with this id already.")

    def _rows(self, account_id: AccountId) -> AccountRows | AcrossAccounts:
        """Return where an entry goes: a change of rows that belong to no account may be somebody's in an account."""
        if self._door.scope is OPERATOR:
            return AcrossAccounts(self._door, trail)
        self._door.holds(account_id)
        return AccountRows(self._door, trail)

    def page(
        self, *, limit: int, after: Place | None = None, deeds: Iterable[Deed] = (), member_id: MemberId | None = None
    ) -> tuple[Entry, ...]:
        rows, wanted = AccountRows(self._door, trail), [deed.value for deed in deeds]
        statement = rows.select()
        if wanted:
            statement = statement.where(trail.c.deed.in_(wanted))
        if member_id is not None:
            statement = statement.where(trail.c.member_id == member_id)
        if after is not None:
            earlier = sa.and_(trail.c.at == after.at, trail.c.id < after.id)
            statement = statement.where(trail.c.at <= after.at, sa.or_(trail.c.at < after.at, earlier))
        newest = statement.order_by(trail.c.at.desc(), trail.c.id.desc()).limit(limit)
        return tuple(_entry(row) for row in rows.all(newest))


def _entry(row: sa.Row[Any]) -> Entry:
    member_id = MemberId(row.member_id) if row.member_id is not None else None
    return Entry(
        id=EntryId(row.id),
        account_id=AccountId(row.account_id),
        at=row.at,
        deed=Deed(row.deed),
        by=By(AccountId(row.account_id), Via(row.via), member_id, row.name, row.token),
        subject=Subject(row.subject_id, row.subject),
        details=tuple((name, words) for name, words in row.details),
    )
