"""Requests with an idempotency key, in memory."""

from datetime import datetime

from smartapp_domain.idempotency import KeyedRequest, RequestKey
from smartapp_domain.ids import AccountId
from smartapp_domain.testing.memory_state import Door, Rows, fitting


class MemoryKeyedRequests:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = Rows(door, door.state.keyed_requests)

    def get(self, key: RequestKey) -> KeyedRequest | None:
        return self._rows.find(key)

    def put(self, request: KeyedRequest, *, replacing: int) -> None:
        self._door.writing()
        fitting("request", request.key.text, self._rows.find(request.key), request, replacing)
        self._rows.put(request.key, request)

    def drop_begun_before(self, at: datetime) -> int:
        self._door.writing()
        old = [request.key for request in self._rows.all() if request.first_at < at]
        for key in old:
            self._rows.drop(key)
        return len(old)

    def accounts_with_begun_before(self, at: datetime) -> tuple[AccountId, ...]:
        self._door.operator()
        everybody = self._door.state.keyed_requests.items()
        return tuple(sorted({account_id for (account_id, _), request in everybody if request.first_at < at}))
