"""A Procore made of prepared answers: what was asked is noted, nothing leaves the process, no second passes."""

from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import attrs
import httpx
import msgspec

from smartapp_adapters.procore import (
    AppCredentials,
    ProcoreEnvironment,
    ProcorePlatform,
    ProcoreSettings,
    ProcoreSignIn,
)
from smartapp_domain.catalog import Module
from smartapp_domain.connections import Connection, Tokens
from smartapp_domain.ids import AccountId, PlatformCompanyId
from smartapp_domain.ports.platform import PersonGrant
from smartapp_domain.testing.memory import MemoryTokenVault

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ACCOUNT = AccountId("account")
COMPANY = PlatformCompanyId("77")
GRANT = PersonGrant(Module.PLANNER, "person-token", NOON + timedelta(minutes=90))
SETTINGS = ProcoreSettings(
    "https://login.test",
    "https://api.test/",
    ProcoreEnvironment.SANDBOX,
    {
        Module.PLANNER: AppCredentials("planner-id", "planner-secret"),
        Module.SAFETY: AppCredentials("safety-id", "safety-secret"),
    },
    "https://smartapp.test/callback",
)

Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


@attrs.define
class Clock:
    """Stands still until somebody sleeps."""

    moment: datetime = NOON
    naps: list[float] = attrs.Factory(list)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.moment += timedelta(seconds=seconds)


class Vault(MemoryTokenVault):
    """A vault that starts with one person's tokens, and in which the test can look and meddle."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        super().__init__()
        if tokens is not None:
            self.connect(tokens)

    def connect(self, tokens: Tokens) -> None:
        """Let a person connect, as signing in does."""
        known = self.load(ACCOUNT, Module.PLANNER)
        fresh = Connection.by_person(tokens, at=NOON, replacing=known)
        self.save(ACCOUNT, Module.PLANNER, fresh, replacing=known.version if known else 0)

    @property
    def connection(self) -> Connection:
        found = self.load(ACCOUNT, Module.PLANNER)
        assert found is not None
        return found


@attrs.define
class Wire:
    """Answers each path from its own queue; the last answer of a queue is given for ever."""

    clock: Clock = attrs.Factory(Clock)
    answers: dict[str, deque[Answer]] = attrs.Factory(dict)
    requests: list[httpx.Request] = attrs.Factory(list)

    def on(self, path: str, *answers: Answer) -> "Wire":
        self.answers[path] = deque(answers)
        return self

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        queue = self.answers[request.url.path]
        answer = queue.popleft() if len(queue) > 1 else queue[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return answer(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def http(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self))

    def sign_in(self) -> ProcoreSignIn:
        return ProcoreSignIn(self.http, SETTINGS, self.clock, sleep=self.clock.sleep, jitter=lambda: 1.0)

    def platform(self, vault: Vault | None = None) -> ProcorePlatform:
        held = vault or Vault()
        return ProcorePlatform(self.http, SETTINGS, self.clock, held, sleep=self.clock.sleep, jitter=lambda: 1.0)

    def asked(self, path: str) -> list[httpx.Request]:
        return [request for request in self.requests if request.url.path == path]

    def forms(self) -> list[dict[str, str]]:
        return [dict(parse_qsl(request.content.decode())) for request in self.asked(TOKEN)]


ME = "/rest/v1.0/me"
COMPANIES = "/rest/v1.0/companies"
PROJECTS = "/rest/v1.1/projects"
PROJECT = "/rest/v1.0/projects/9"
PERMISSIONS = "/rest/v1.0/settings/permissions"
TOKEN = "/oauth/token"
REVOKE = "/oauth/revoke"


def ok(body: Any, **headers: str) -> httpx.Response:
    return answer(200, body, **headers)


def answer(status: int, body: Any = None, **headers: str) -> httpx.Response:
    """Return an answer; `x_request_id="a"` gives the header `X-Request-Id: a`."""
    content = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
    return httpx.Response(
        status, content=content, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def token_answer(access: str = "service-token", **more: Any) -> httpx.Response:
    return ok({"access_token": access, "token_type": "bearer", "expires_in": 5400, "created_at": 1780000000} | more)


def project(id: int, /, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "name": f"Project {id}",
        "display_name": f"Project {id}",
        "active": True,
        "created_at": "2026-01-31T08:00:00Z",
        "company": {"id": 77, "name": "Nordic"},
        "project_number": None,
        "unknown_tomorrow": {"deep": [1]},
    } | more


def projects(ids: Iterable[int]) -> list[dict[str, Any]]:
    return [project(id) for id in ids]


def me() -> httpx.Response:
    return ok({"id": 2**40, "login": "ada@nordic.example", "name": None})
