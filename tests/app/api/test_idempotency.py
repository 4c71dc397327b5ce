"""Writing with an `Idempotency-Key`, through the application, on both databases."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import httpx
import pytest
from tests.app.api.town import Town

from smartapp_domain.idempotency import KEPT_FOR, LEASE
from smartapp_domain.identity import Role
from smartapp_domain.ports.storage import StorageUnavailable
from smartapp_http.sessions import Sessions

NEW = "/central/projects"
SHED = {"name": "Shed"}


@pytest.fixture
def client(town: Town) -> Iterator[httpx.Client]:
    with _client(town, town.token(town.acme, Role.OWNER)) as client:
        yield client


def _client(town: Town, token: str) -> httpx.Client:
    return httpx.Client(base_url=f"{town.url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60)


def _key(text: str) -> dict[str, str]:
    return {"Idempotency-Key": text}


def _sheds(client: httpx.Client) -> int:
    return int(client.get(NEW, params={"q": "shed", "limit": 1}).json()["total"])


@contextmanager
def _later(town: Town, by: timedelta) -> Iterator[None]:
    """Let real time have passed."""
    sessions: Sessions = town.state.sessions
    site = town.state.site
    moved = attrs.evolve(sessions, now=lambda: datetime.now(UTC) + by)
    town.state.update(sessions=moved, site=attrs.evolve(site, sessions=moved))
    try:
        yield
    finally:
        town.state.update(sessions=sessions, site=site)


def test_a_repetition_is_answered_without_doing_it_again(client: httpx.Client) -> None:
    before = _sheds(client)

    first = client.post(NEW, json=SHED, headers=_key("repeat"))
    again = client.post(NEW, json=SHED, headers=_key("repeat"))

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.status_code == 201
    assert first.headers["content-type"] == again.headers["content-type"]
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    assert _sheds(client) == before + 1


def test_quotes_around_a_key_are_not_part_of_it(client: httpx.Client) -> None:
    first = client.post(NEW, json=SHED, headers=_key("bare"))

    assert client.post(NEW, json=SHED, headers=_key('"bare"')).json() == first.json()


def test_without_a_key_each_request_is_done(client: httpx.Client) -> None:
    before = _sheds(client)

    for _ in range(2):
        client.post(NEW, json=SHED)

    assert _sheds(client) == before + 2


@pytest.mark.parametrize("key", ["", "two words", '"open', 'in"side', "x" * 256, "back\\slash", '"a";b=1'])
def test_a_malformed_key_is_refused_in_words(client: httpx.Client, key: str) -> None:
    before = _sheds(client)

    answer = client.post(NEW, json=SHED, headers=_key(key))

    assert (answer.status_code, answer.json()["reason"]) == (400, "idempotency_key_malformed")
    assert _sheds(client) == before


def test_the_key_of_another_request_is_refused(client: httpx.Client) -> None:
    client.post(NEW, json=SHED, headers=_key("taken"))

    answer = client.post(NEW, json={"name": "Shed 2"}, headers=_key("taken"))

    assert (answer.status_code, answer.json()["reason"]) == (422, "idempotency_key_of_another_request")
    assert answer.headers["content-type"] == "application/problem+json"


def test_another_operation_or_member_may_use_the_same_key(town: Town, client: httpx.Client) -> None:
    ticks = {"ticks": [{"project": town.acme.ids["platform project"][4], "on": True}]}

    made = client.post(NEW, json=SHED, headers=_key("shared"))
    ticked = client.put("/ticks", json=ticks, headers=_key("shared"))
    with _client(town, town.token(town.globex, Role.OWNER)) as other:
        elsewhere = other.post(NEW, json=SHED, headers=_key("shared"))

    assert [made.status_code, ticked.status_code, elsewhere.status_code] == [201, 200, 201]
    assert elsewhere.json()["id"] != made.json()["id"]


def test_a_refusal_is_kept_as_well(town: Town, client: httpx.Client) -> None:
    target = f"/projects/{town.acme.ids['platform project'][0]}/target"

    first = client.put(target, json={"smartapp_project": None}, headers=_key("refused"))
    again = client.put(target, json={"smartapp_project": None}, headers=_key("refused"))

    assert first.status_code == 409
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"


def test_input_that_was_never_understood_uses_up_no_key(client: httpx.Client) -> None:
    assert client.post(NEW, json={"name": 7}, headers=_key("typo")).status_code == 400

    assert client.post(NEW, json=SHED, headers=_key("typo")).status_code == 201


def test_of_many_at_once_one_does_it(client: httpx.Client) -> None:
    before, together = _sheds(client), threading.Barrier(6)

    def post(_: int) -> httpx.Response:
        together.wait()
        return client.post(NEW, json=SHED, headers=_key("race"))

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(post, range(6)))

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert all(answer.headers["retry-after"] == "2" for answer in answers if answer.status_code == 409)
    assert _sheds(client) == before + 1


def test_a_day_later_the_key_is_free(town: Town, client: httpx.Client) -> None:
    client.post(NEW, json=SHED, headers=_key("daily"))

    with _later(town, KEPT_FOR + timedelta(minutes=1)):
        answer = client.post(NEW, json={"name": "Shed of the next day"}, headers=_key("daily"))

    assert answer.status_code == 201


class Killed(Exception):
    """Nobody expects it, so nobody can clean up after it."""


@attrs.define
class Torn:
    """A storage that lets a transaction commit and then fails: the answer is never stored."""

    real: Any
    commits_left: int
    error: Exception

    def reading(self, scope: Any) -> Any:
        return self.real.reading(scope)

    @contextmanager
    def transaction(self, scope: Any) -> Iterator[Any]:
        with self.real.transaction(scope) as tx:
            if not self.commits_left:
                raise self.error
            self.commits_left -= 1
            yield tx


@contextmanager
def _dying(town: Town, commits: int, error: Exception | None = None) -> Iterator[None]:
    """Let only so many commits through; everything after them fails: as in a process that dies, or with `error`."""
    site = town.state.site
    ports = attrs.evolve(site.ports, storage=Torn(site.ports.storage, commits, error or Killed()))
    town.state.update(site=attrs.evolve(site, ports=ports))
    try:
        yield
    finally:
        town.state.update(site=site)


WRITES: dict[str, tuple[str, str, Any]] = {
    "a project": ("POST", NEW, SHED),
    "ticks": ("PUT", "/ticks", {"ticks": [{"project": "{platform project}", "on": True, "product": "safety"}]}),
    "a target": ("PUT", "/projects/{platform project}/target", {"smartapp_project": None}),
    "a new link": ("POST", "/invitations/{invitation}/renewal", None),
    "a role": ("PUT", "/members/{member}/role", {"role": "super_admin"}),
    "a refresh": ("POST", "/projects/refresh", None),
    "a name": ("PUT", "/central/projects/{project}/platform-name", None),
}


@pytest.mark.parametrize("what", WRITES)
def test_whoever_died_between_doing_and_answering_is_repeated_without_doubling(
    town: Town, client: httpx.Client, what: str
) -> None:
    method, path, body = WRITES[what]
    for kind, ids in town.acme.ids.items():
        path, body = path.replace(f"{{{kind}}}", ids[-1]), _with(body, f"{{{kind}}}", ids[-1])
    before, request = _sheds(client), {"json": body, "headers": _key(f"torn {what}".replace(" ", "-"))}

    with _dying(town, commits=2):  # the claim, and the work
        assert client.request(method, path, **request).status_code == 500
    at_once = client.request(method, path, **request)
    with _later(town, LEASE):
        repeated = client.request(method, path, **request)
    replayed = client.request(method, path, **request)

    assert (at_once.status_code, at_once.json()["reason"]) == (409, "idempotency_key_still_running")
    assert repeated.is_success, repeated.text
    assert replayed.content == repeated.content
    assert _sheds(client) == before + (what == "a project")


def _with(body: Any, name: str, id: str) -> Any:
    match body:
        case dict():
            return {key: _with(value, name, id) for key, value in body.items()}
        case list():
            return [_with(value, name, id) for value in body]
    return id if body == name else body


def test_a_failure_of_ours_is_tried_again_with_the_same_key(town: Town, client: httpx.Client) -> None:
    with _dying(town, commits=1, error=StorageUnavailable("Gone.")):
        failed = client.post(NEW, json=SHED, headers=_key("failed"))
    assert (failed.status_code, failed.json()["reason"]) == (503, "busy")
    assert "Nothing was changed" not in failed.json()["detail"], "nobody knows"

    with _later(town, LEASE):
        assert client.post(NEW, json=SHED, headers=_key("failed")).status_code == 201


def test_what_is_done_is_told_as_done_though_its_answer_cannot_be_kept(town: Town, client: httpx.Client) -> None:
    before = _sheds(client)

    with _dying(town, commits=2, error=StorageUnavailable("Gone.")):  # the claim, and the work
        done = client.post(NEW, json=SHED, headers=_key("unkept"))
    with _later(town, LEASE):
        again = client.post(NEW, json=SHED, headers=_key("unkept"))

    assert (done.status_code, again.status_code) == (201, 201)
    assert done.json()["id"] == again.json()["id"]
    assert _sheds(client) == before + 1


def test_a_weaker_token_of_the_same_member_gets_no_stronger_ones_answer(town: Town, client: httpx.Client) -> None:
    wish = {"email": "replayed@example.com", "role": "owner"}

    first = client.post("/invitations", json=wish, headers=_key("stolen"))
    with _client(town, town.token(town.acme, Role.SUPER_ADMIN)) as weaker:
        replayed = weaker.post("/invitations", json=wish, headers=_key("stolen"))

    assert first.status_code == 201
    assert (replayed.status_code, replayed.json()["reason"]) == (422, "idempotency_key_of_another_request")
    assert first.json()["link"] not in replayed.text
