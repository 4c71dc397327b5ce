"""Signed-in browsers. What was granted for the sign-in is sealed; the rest is a plain document."""

import json
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from smartapp_adapters.storage.scoping import Door, OperatorRows
from smartapp_adapters.storage.sealing import Keys, SealBroken, Sealed, seal, unseal
from smartapp_adapters.storage.tables import sessions
from smartapp_domain.ports.platform import PersonGrant
from smartapp_domain.ports.storage import Session, SessionUnreadable
from smartapp_domain.wire import from_plain, to_plain


class SqlSessionStore:
    def __init__(self, door: Door, keys: Keys) -> None:
        self._rows = OperatorRows(door, sessions)
        self._keys = keys

    def get(self, id: str) -> Session | None:
        row = self._rows.first(self._rows.select().where(sessions.c.id == id))
        if row is None:
            return None
        return attrs.evolve(from_plain(Session, row.document), grant=self._grant(row))

    def put(self, session: Session) -> None:
        document = to_plain(attrs.evolve(session, grant=None))
        sealed = self._sealed(session)
        columns = {
            "id": session.id,
            "expires_at": session.expires_at,
            "document": document,
            "sealed_grant": sealed.text if sealed else None,
            "key_id": sealed.key_id if sealed else None,
        }
        self._rows.upsert([columns], replace=("expires_at", "document", "sealed_grant", "key_id"))

    def drop(self, id: str) -> None:
        self._rows.delete(sessions.c.id == id)

    def drop_expired(self, at: datetime) -> int:
        return self._rows.delete(sessions.c.expires_at <= at)

    def _sealed(self, session: Session) -> Sealed | None:
        if session.grant is None:
            return None
        return seal(json.dumps(to_plain(session.grant)).encode(), self._keys, about=_about(session.id))

    def _grant(self, row: sa.Row[Any]) -> PersonGrant | None:
        if row.sealed_grant is None:
            return None
        try:
            opened = unseal(Sealed(row.key_id, row.sealed_grant), self._keys, about=_about(row.id))
        except SealBroken as error:
            raise SessionUnreadable(str(error)) from error
        return from_plain(PersonGrant, json.loads(opened))


def _about(session_id: str) -> tuple[str, ...]:
    return ("sessions", session_id)
