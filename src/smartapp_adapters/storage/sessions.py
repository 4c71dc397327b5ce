"""Signed-in browsers. What was granted for the sign-in is sealed; the rest is a plain document."""

import json
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from smartapp_adapters.storage.scoping import Door, OperatorRows
from smartapp_adapters.storage.sealing import Keys, SealBroken, Sealed, seal, unseal
from smartapp_adapters.storage.tables import sessions
from smartapp_domain.ids import AccountId, PersonId
from smartapp_domain.ports.platform import PersonGrant
from smartapp_domain.ports.storage import NotFound, Session, SessionUnreadable, Taken
from smartapp_domain.wire import from_plain, to_plain


class SqlSessionStore:
    def __init__(self, door: Door, keys: Keys) -> None:
        self._rows = OperatorRows(door, sessions)
        self._keys = keys

    def get(self, id: str) -> Session | None:
        row = self._rows.first(self._rows.select().where(sessions.c.id == id))
        if row is None:
            return None
        return attrs.evolve(_session(row), grant=self._grant(row))

    def of_person(self, id: PersonId) -> tuple[Session, ...]:
        mine = self._rows.select().where(sessions.c.person_id == id)
        found = self._rows.all(mine.order_by(sessions.c.expires_at.desc(), sessions.c.id.desc()))
        return tuple(_session(row) for row in found)

    def put(self, session: Session) -> None:
        if not self._rows.insert({"id": session.id, **self._columns(session)}):
            raise Taken("This session is known.")

    def replace(self, session: Session) -> None:
        if self._rows.update(self._columns(session), sessions.c.id == session.id) == 0:
            raise NotFound("session", session.id)

    def drop(self, id: str) -> None:
        self._rows.delete(sessions.c.id == id)

    def drop_expired(self, at: datetime) -> int:
        return self._rows.delete(sessions.c.expires_at <= at)

    def drop_of_person(self, id: PersonId, *, account_id: AccountId | None = None, keep: str | None = None) -> int:
        mine = [
            each.id
            for each in self.of_person(id)
            if each.id != keep and (account_id is None or each.account_id == account_id)
        ]
        return self._rows.delete(sessions.c.id.in_(mine))

    def seen(self, id: str, at: datetime) -> None:
        self._rows.update({"seen_at": at}, sessions.c.id == id)

    def _columns(self, session: Session) -> dict[str, Any]:
        sealed = self._sealed(session)
        return {
            "expires_at": session.expires_at,
            "document": to_plain(attrs.evolve(session, grant=None, seen_at=None)),
            "sealed_grant": sealed.text if sealed else None,
            "key_id": sealed.key_id if sealed else None,
            "person_id": session.person_id,
            "seen_at": session.seen_at,
        }

    def _sealed(self, session: Session) -> Sealed | None:
        if session.grant is None:
            return None
        return seal(json.dumps(to_plain(session.grant)).encode(), self._keys, about=about(session.id))

    def _grant(self, row: sa.Row[Any]) -> PersonGrant | None:
        if row.sealed_grant is None:
            return None
        try:
            opened = unseal(Sealed(row.key_id, row.sealed_grant), self._keys, about=about(row.id))
        except SealBroken as error:
            raise SessionUnreadable(str(error)) from error
        return from_plain(PersonGrant, json.loads(opened))


def _session(row: sa.Row[Any]) -> Session:
    return attrs.evolve(from_plain(Session, row.document), seen_at=row.seen_at)


def about(session_id: str) -> tuple[str, ...]:
    """Return what a session's grant is sealed for."""
    return ("sessions", session_id)
