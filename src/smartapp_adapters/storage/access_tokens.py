"""Personal access tokens: found by the hash of their secret, which is all that is stored of it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from smartapp_adapters.storage.scoping import AccountRows, Door
from smartapp_adapters.storage.tables import access_tokens
from smartapp_domain.access_tokens import AccessToken
from smartapp_domain.identity import Role
from smartapp_domain.ids import AccountId, MemberId, TokenId
from smartapp_domain.ports.storage import NotFound, Taken


class SqlAccessTokenStore:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = AccountRows(door, access_tokens)

    def of_member(self, id: MemberId) -> tuple[AccessToken, ...]:
        mine = self._rows.select().where(access_tokens.c.member_id == id)
        found = self._rows.all(mine.order_by(access_tokens.c.created_at.desc(), access_tokens.c.id.desc()))
        return tuple(token_of(row) for row in found)

    def add(self, token: AccessToken, secret_hash: str) -> None:
        self._door.holds(token.account_id)
        added = self._rows.insert(
            {
                "id": token.id,
                "member_id": token.member_id,
                "name": token.name,
                "role": token.role.value,
                "hint": token.hint,
                "created_at": token.created_at,
                "expires_at": token.expires_at,
                "used_at": None,
                "secret_hash": secret_hash,
            }
        )
        if not added:
            raise Taken("There is a token with this id already.")

    def drop(self, member_id: MemberId, id: TokenId) -> None:
        if not self._rows.delete(access_tokens.c.id == id, access_tokens.c.member_id == member_id):
            raise NotFound("token", id)

    def drop_of_member(self, id: MemberId) -> int:
        return self._rows.delete(access_tokens.c.member_id == id)

    def used(self, id: TokenId, at: datetime) -> None:
        self._rows.update({"used_at": at}, access_tokens.c.id == id)


def token_of(row: sa.Row[Any]) -> AccessToken:
    return AccessToken(
        id=TokenId(row.id),
        account_id=AccountId(row.account_id),
        member_id=MemberId(row.member_id),
        name=row.name,
        role=Role(row.role),
        hint=row.hint,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
