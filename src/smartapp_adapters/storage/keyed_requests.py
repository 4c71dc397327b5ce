"""Requests with an idempotency key. Their answers are sealed: one may hold a secret that is shown only once."""

import hashlib
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from smartapp_adapters.storage.scoping import AccountRows, AcrossAccounts, Door
from smartapp_adapters.storage.sealing import Keys, SealBroken, Sealed, seal, unseal
from smartapp_adapters.storage.tables import keyed_requests
from smartapp_domain.idempotency import KeptAnswer, KeyedRequest, RequestKey
from smartapp_domain.ids import AccountId


class SqlKeyedRequestStore:
    def __init__(self, door: Door, keys: Keys) -> None:
        self._door = door
        self._rows = AccountRows(door, keyed_requests)
        self._keys = keys

    def get(self, key: RequestKey) -> KeyedRequest | None:
        row = self._rows.first(self._rows.select().where(keyed_requests.c.id == _id(key)))
        if row is None:
            return None
        answer = self._answer(row)
        lost = row.sealed_answer is not None and answer is None
        return KeyedRequest(
            key=key,
            fingerprint=row.fingerprint,
            seed=row.seed,
            first_at=row.first_at,
            leased_until=row.first_at if lost else row.leased_until,
            answer=answer,
            version=row.version,
        )

    def put(self, request: KeyedRequest, *, replacing: int) -> None:
        sealed = self._sealed(request)
        columns = {
            "member_id": request.key.member_id,
            "route": request.key.route,
            "fingerprint": request.fingerprint,
            "seed": request.seed,
            "first_at": request.first_at,
            "leased_until": request.leased_until,
            "status": request.answer.status if request.answer else None,
            "media_type": request.answer.media_type if request.answer else None,
            "sealed_answer": sealed.text if sealed else None,
            "key_id": sealed.key_id if sealed else None,
            "version": request.version,
        }
        self._rows.put("request", {"id": _id(request.key)}, columns, replacing=replacing)

    def drop_begun_before(self, at: datetime) -> int:
        return self._rows.delete(keyed_requests.c.first_at < at)

    def accounts_with_begun_before(self, at: datetime) -> tuple[AccountId, ...]:
        rows = AcrossAccounts(self._door, keyed_requests)
        old = rows.select(keyed_requests.c.account_id).where(keyed_requests.c.first_at < at).distinct()
        return tuple(AccountId(row.account_id) for row in rows.all(old.order_by(keyed_requests.c.account_id)))

    def _sealed(self, request: KeyedRequest) -> Sealed | None:
        if request.answer is None:
            return None
        return seal(request.answer.body, self._keys, about=about(self._door.account_id, _id(request.key)))

    def _answer(self, row: sa.Row[Any]) -> KeptAnswer | None:
        if row.sealed_answer is None:
            return None
        try:
            body = unseal(Sealed(row.key_id, row.sealed_answer), self._keys, about=about(self._door.account_id, row.id))
        except SealBroken:
            return None
        return KeptAnswer(row.status, row.media_type, body)


def about(account_id: AccountId, id: str) -> tuple[str, ...]:
    """Return what the answer in this row is sealed for."""
    return ("keyed_requests", account_id, id)


def _id(key: RequestKey) -> str:
    parts = (key.member_id, key.route, key.text)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
