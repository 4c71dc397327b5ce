"""The API keeps what its description says, whatever it is asked, on both databases and for whoever is signed in."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs
import pytest
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from tests.app.api.examiner import Candidate, examine
from tests.app.api.naming import NAMED
from tests.app.api.town import Town, built

from smartapp_domain.identity import Role
from smartapp_domain.testing.memory import MemoryStorage
from smartapp_http.sessions import Sessions, Visitor

#: What would take the examiner's own rights away is left to other tests: handing the ownership over.
NOT_DONE: Final = {"POST /api/v1/members/{member_id}/ownership"}


Change = Callable[[int, Any], tuple[int, Any]]


def lying(path: str, change: Change) -> Callable[[ASGIApp], ASGIApp]:
    """Return what makes an application answer something else than it says, where it would succeed at this address."""

    def around(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            start: Message | None = None

            async def changed(message: Message) -> None:
                nonlocal start
                if message["type"] == "http.response.start" and message["status"] == 200:
                    start = message
                    return
                if start is not None and message["type"] == "http.response.body":
                    status, body = change(200, json.loads(message["body"]))
                    message["body"] = json.dumps(body).encode()
                    kept = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
                    length = (b"content-length", str(len(message["body"])).encode())
                    await send({**start, "status": status, "headers": [*kept, length]})
                    start = None
                await send(message)

            await app(scope, receive, changed if scope.get("path") == path else send)

        return answer

    return around


@attrs.frozen
class AlwaysOpen:
    """Sessions that take anybody for the holder of one token."""

    real: Sessions
    secret: str

    @property
    def cookie_name(self) -> str:
        return self.real.cookie_name

    def bearer(self, _: str) -> Visitor | None:
        return self.real.bearer(self.secret)

    def visitor(self, _: str | None) -> Visitor | None:
        return self.real.bearer(self.secret)


def _candidate(town: Town, credentials: dict[str, dict[str, str]]) -> Candidate:
    def known(operation: str, name: str) -> Sequence[str]:
        kind = NAMED.get((operation, name))
        return town.acme.ids[kind] if kind and operation not in NOT_DONE else ()

    spared = frozenset({town.acme.member.id, *NOT_DONE})
    return Candidate(town.url, credentials, town.token(town.acme, Role.OWNER), spared, known, town.bench.work)


def test_a_browser_of_the_owner_finds_no_operation_that_breaks_its_description(town: Town) -> None:
    owner = town.acme.owner
    form_token = {"api_key": owner.token()}
    session = {"api_key": owner.client.cookies["smartapp_session"]}

    examined = examine(
        _candidate(town, {"session": session, "csrf": form_token, "csrf_cookie": form_token}), examples=3
    )

    assert not examined.findings, examined.told()
    succeeded = {operation for operation, answers in examined.answers.items() if any(s < 300 for s in answers)}
    assert set(examined.answers) - succeeded == NOT_DONE


@pytest.mark.parametrize("role", [Role.ADMIN, Role.TEAM_MEMBER])
def test_nor_does_a_program_with_a_token_of_fewer_rights(town: Town, role: Role) -> None:
    token = {"bearer": town.token(town.globex, role)}

    examined = examine(_candidate(town, {"token": token}), examples=2, phases=("fuzzing",))

    assert not examined.findings, examined.told()


LIES: Final[dict[str, tuple[str, Change]]] = {
    "an answer lacks a field": ("/api/v1/me", lambda status, body: (status, {**body, "email": None})),
    "a status is not documented": ("/api/v1/accounts", lambda _, body: (418, body)),
    "an answer is not what was said": ("/api/v1/members", lambda status, _: (status, {"members": "many"})),
    "something breaks": ("/api/v1/review", lambda _, body: (500, body)),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_planted_lie_is_found(lie: str) -> None:
    path, change = LIES[lie]
    with built(MemoryStorage(), lying=lying(path, change)) as town:
        token = {"bearer": town.token(town.acme, Role.OWNER)}

        examined = examine(_candidate(town, {"token": token}), examples=1, phases=("fuzzing",), only=path)

    assert {finding.operation for finding in examined.findings} == {f"GET {path}"}


def test_a_door_without_a_lock_is_found() -> None:
    with built(MemoryStorage()) as town:
        secret = town.token(town.acme, Role.OWNER)
        town.state.sessions = AlwaysOpen(town.state.sessions, secret)

        examined = examine(
            _candidate(town, {"token": {"bearer": secret}}), examples=1, phases=("fuzzing",), only="/api/v1/me"
        )

    assert any("ignored_auth" in finding.title for finding in examined.findings), examined.told()
