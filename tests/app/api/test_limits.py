"""Rate limits, through the application."""

from collections.abc import Iterator

import attrs
import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.app.api.town import token_of
from tests.app.web.surfer import BASE, SETTINGS, Surfer, Wire

from smartapp_domain.identity import Role
from smartapp_domain.testing.clock import MemoryClock
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.app import create_app
from smartapp_http.limits import Limits, Policy

PROBLEM = "application/problem+json"


@pytest.fixture
def bench() -> Workbench:
    return Workbench.of()


@pytest.fixture
def server(bench: Workbench) -> Iterator[TestClient[Litestar]]:
    limits = Limits(session=Policy("session", 8), address=Policy("address", 6), sign_in=Policy("sign-in", 4))
    app = create_app(bench.ports, attrs.evolve(SETTINGS, limits=limits))
    with TestClient(app, base_url=BASE, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def owner(bench: Workbench, server: TestClient[Litestar]) -> Iterator[Surfer]:
    dana = bench.employ(bench.company("77", "TOTTENVILLE HS"), "dana", admin=True)
    with httpx.Client(transport=Wire(server), base_url=BASE) as client:
        surfer = Surfer(client, bench, MemoryClock())
        surfer.sign_in(dana)
        yield surfer


def test_a_session_that_asks_too_much_is_told_how_long_to_wait(owner: Surfer) -> None:
    answers = [owner.api("GET", "/me") for _ in range(9)]
    refused = answers[-1]

    assert refused.status_code == 429
    assert refused.headers["content-type"] == PROBLEM
    assert refused.json()["reason"] == "too_many_requests"
    assert refused.json()["type"].endswith("#quota-exceeded")
    assert refused.json()["violated-policies"] == ["session"]
    assert 1 <= int(refused.headers["retry-after"]) <= 8
    assert refused.headers["ratelimit-policy"] == '"session";q=8;w=60'
    assert refused.headers["ratelimit"].startswith('"session";r=0;t=')
    assert answers[0].headers["ratelimit"] > answers[1].headers["ratelimit"]


def test_a_page_says_it_in_words(owner: Surfer) -> None:
    answers = [owner.get("/help") for _ in range(9)]

    assert answers[-1].status_code == 429
    assert "Too many requests" in answers[-1].text
    assert answers[-1].headers["content-type"].startswith("text/html")


def test_a_token_has_a_limit_of_its_own(owner: Surfer, server: TestClient[Litestar]) -> None:
    for _ in range(9):
        owner.api("GET", "/me")
    bearer = {"Authorization": f"Bearer {token_of(owner.bench, 'dana', Role.OWNER)}"}

    answers = [server.get("/api/v1/me", headers=bearer) for _ in range(9)]

    assert [answer.status_code for answer in answers] == [200] * 8 + [429]


def test_whoever_is_nobody_shares_the_limit_of_the_address(server: TestClient[Litestar]) -> None:
    tries = [{"Authorization": f"Bearer {n}"} for n in range(3)]
    tries += [{"Cookie": f"smartapp_session={n}"} for n in range(4)]

    answers = [server.get("/api/v1/me", headers=headers) for headers in tries]

    assert [answer.status_code for answer in answers] == [401] * 6 + [429]
    assert server.get("/schema").status_code == 429


def test_an_address_that_is_refused_keeps_nobody_out_who_is_signed_in(
    owner: Surfer, server: TestClient[Litestar]
) -> None:
    for _ in range(9):
        server.get("/api/v1/me")

    assert server.get("/api/v1/me").status_code == 429
    assert owner.api("GET", "/me").status_code == 200


def test_signing_in_has_a_smaller_limit(server: TestClient[Litestar]) -> None:
    answers = [server.get("/sign-in", follow_redirects=False) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [303] * 4 + [429]


def test_refused_forms_count_as_well(server: TestClient[Litestar]) -> None:
    answers = [server.post("/api/v1/projects/refresh") for _ in range(7)]

    assert [answer.status_code for answer in answers] == [401] * 6 + [429]


def test_forms_that_cannot_be_read_count_as_well(server: TestClient[Litestar]) -> None:
    body = b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--edge--\r\n'
    headers = {"content-type": "multipart/form-data; boundary=edge"}

    answers = [server.post("/sign-out", content=body, headers=headers) for _ in range(7)]

    assert [answer.status_code for answer in answers] == [400] * 6 + [429]


def test_a_form_counts_once(owner: Surfer) -> None:
    first = owner.api("GET", "/me").headers["ratelimit"]

    assert first.startswith('"session";r=')
    left = int(first.split("r=")[1].split(";")[0])
    answer = owner.post("/account/sign-out-everywhere")
    assert f"r={left - 1};" in answer.headers["ratelimit"]


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/webhooks/stripe"), ("GET", "/healthz"), ("GET", "/static/img/logo.svg")]
)
def test_notices_health_and_files_are_never_limited(server: TestClient[Litestar], method: str, path: str) -> None:
    answers = [server.request(method, path, content=b"{}" if method == "POST" else None) for _ in range(30)]

    assert {answer.status_code for answer in answers} <= {200, 400}
    assert not [answer for answer in answers if "ratelimit" in answer.headers]
