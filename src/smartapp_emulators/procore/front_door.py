"""
What happens to every request before and after the emulator answers it: journal, faults, rate limits, common headers.

It wraps the whole application, because middleware would not see unknown addresses.
"""

import asyncio
from typing import Any

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from smartapp_emulators.procore import journal, tokens
from smartapp_emulators.procore.api.oauth import GRANT
from smartapp_emulators.procore.faults import Call, take_fault
from smartapp_emulators.procore.mishandling import mishandled, send_fault
from smartapp_emulators.procore.rate import Reading, count
from smartapp_emulators.procore.state import Fault, JournalEntry, Token
from smartapp_emulators.procore.store import Store
from smartapp_emulators.serving import drop_connection

_API_PREFIX = "/rest/"
_TOO_MANY = {"errors": "You have surpassed the allowed number of requests. Wait until the limit resets."}


class FrontDoor:
    def __init__(self, inner: ASGIApp, store: Store) -> None:
        self._inner = inner
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._inner(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        entry = journal.open_entry(
            self._store,
            method=str(scope["method"]),
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            company_header=headers.get("procore-company-id"),
        )
        try:
            await self._answer(scope, receive, send, entry, self._note_caller(entry, headers))
        finally:
            entry.route = _route(scope)
            entry.grant = entry.grant or _asked_with(scope)
            journal.close_entry(self._store, entry)

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, entry: JournalEntry, token: Token | None
    ) -> None:
        fault = self._fault(entry)
        if fault is None:
            fault = Fault()
        else:
            entry.fault = fault.in_words()
        await asyncio.sleep(fault.delay_s)
        if fault.drop == "request":
            await drop_connection(send)
            return
        if fault.drop == "answer":
            await self._inner(scope, receive, _swallow)
            await drop_connection(send)
            return
        reading = self._count(entry, token)
        told = self._dressed(mishandled(send, fault), entry, reading)
        if reading is not None and reading.refused:
            await _send_json(told, 429, msgspec.json.encode(_TOO_MANY), {})
        elif fault.status is None:
            await self._inner(scope, receive, told)
        else:
            if fault.after:
                await self._inner(scope, receive, _swallow)
            await send_fault(told, fault)

    def _fault(self, entry: JournalEntry) -> Fault | None:
        call = Call(entry.method, entry.path, entry.query, entry.client_id, entry.company_header)
        return take_fault(self._store, call)

    def _note_caller(self, entry: JournalEntry, headers: dict[str, str]) -> Token | None:
        scheme, _, value = headers.get("authorization", "").partition(" ")
        token = tokens.living(self._store, value.strip()) if scheme.lower() == "bearer" else None
        if token is not None:
            entry.client_id = token.client_id
            entry.person_id = token.person_id
            entry.grant = "client_credentials" if token.person_id is None else "authorization_code"
        return token

    def _count(self, entry: JournalEntry, token: Token | None) -> Reading | None:
        if not entry.path.startswith(_API_PREFIX):
            return None
        key, state = token.client_id if token is not None else "", self._store.state
        with self._store.lock:
            return count(state.windows, key, rate=state.behavior.rate, now=self._store.clock.now())

    def _dressed(self, send: Send, entry: JournalEntry, reading: Reading | None) -> Send:
        common = {"Date": self._store.clock.http_date(), "X-Request-Id": entry.request_id}
        common.update(reading.headers() if reading is not None else {})

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
                present = {name.lower() for name, _ in message["headers"]}
                extra = [
                    (name.lower().encode(), value.encode())
                    for name, value in common.items()
                    if name.lower().encode() not in present
                ]
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        return told


async def _swallow(_message: Message) -> None:
    """Take an answer that never arrives."""


async def _send_json(send: Send, status: int, body: bytes, headers: dict[str, str]) -> None:
    sent = {"content-type": "application/json", "content-length": str(len(body))}
    sent.update({name.lower(): value for name, value in headers.items()})
    start: Any = {
        "type": "http.response.start",
        "status": status,
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }
    await send(start)
    rest: Any = {"type": "http.response.body", "body": body, "more_body": False}
    await send(rest)


def _asked_with(scope: Scope) -> str | None:
    """Return the grant type of a call for tokens."""
    left: Any = scope.get("state", {})
    found: str | None = left.get(GRANT)
    return found


def _route(scope: Scope) -> str:
    template: Any = scope.get("path_template")  # type: ignore[call-overload, unused-ignore]  # set by the router
    return template or ""
