"""Your access: browsers that are signed in, and access tokens for programs."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.app.web.surfer import Surfer, words

from smartapp_domain.identity import Role
from smartapp_domain.ids import PlatformCompanyId, PlatformUserId
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.devices import device_words
from smartapp_http.sessions import SEEN_EVERY

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"
DAY = timedelta(days=1)


def new_token(surfer: Surfer, role: Role = Role.ADMIN, name: str = "CI", days: int = 30) -> str:
    page = surfer.post("/account/tokens", name=name, role=role.value, days=str(days))
    found = re.search(r'value="(sac_[\w-]{43})"', page.text)
    assert found is not None, words(page)
    return found.group(1)


def call(surfer: Surfer, secret: str, method: str = "GET", path: str = "/me", **more: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {secret}", **more.pop("headers", {})}
    return surfer.client.request(method, f"/api/v1{path}", headers=headers, follow_redirects=False, **more)


@pytest.fixture
def second(anybody: Callable[[], Surfer], dana: PlatformUserId) -> Surfer:
    """Dana again, in another browser."""
    surfer = anybody()
    surfer.client.headers["user-agent"] = CHROME
    surfer.sign_in(dana)
    return surfer


def test_a_program_acts_with_its_token_and_no_cookie_at_all(owner: Surfer, stranger: Surfer) -> None:
    secret = new_token(owner)

    me = call(stranger, secret).json()
    made = call(stranger, secret, "POST", "/central/projects", json={"name": "Shed"})

    assert (me["name"], me["token"], "buy" in me["rights"], "map_projects" in me["rights"]) == (
        "Dana",
        "CI",
        False,
        True,
    )
    assert made.status_code == 201
    assert "set-cookie" not in made.headers
    assert "Shed" in words(owner.get("/central"))
    assert "Dana added the project Shed (with the token “CI”)" in words(owner.get("/activity"))


@pytest.mark.parametrize("role", [Role.TEAM_MEMBER, Role.OWNER])
def test_the_role_a_program_is_told_is_the_one_that_counts_for_it(owner: Surfer, stranger: Surfer, role: Role) -> None:
    secret = new_token(owner, role)

    assert call(stranger, secret).json()["account"]["role"] == role.value
    assert [each["role"] for each in call(stranger, secret, path="/accounts").json()["accounts"]] == [role.value]


def test_a_token_knows_its_own_account_alone(
    owner: Surfer, stranger: Surfer, bench: Workbench, dana: PlatformUserId
) -> None:
    bench.world.join(dana, bench.company("88", "Harbor"), admin=True)
    secret = new_token(owner)

    assert [each["name"] for each in call(stranger, secret, path="/accounts").json()["accounts"]] == ["Company 77"]


@pytest.mark.parametrize("secret", ["", "sac_", "sac_" + "x" * 43, "ghp_x", "sac_" + "x" * 10_000, "é"])
def test_a_token_that_is_none_is_told_with_the_fix(owner: Surfer, secret: str) -> None:
    answer = (
        call(owner, secret)
        if secret.isascii()
        else owner.client.get("/api/v1/me", headers=[(b"authorization", f"Bearer {secret}".encode())])
    )

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["reason"] == "token_rejected"
    assert "Create a new one on the page Your access" in answer.json()["detail"]
    assert answer.headers["www-authenticate"] == 'Bearer realm="Smartapp Connect", error="invalid_token"'


def test_without_anything_a_program_is_told_what_to_come_with(stranger: Surfer) -> None:
    answer = stranger.client.get("/api/v1/me", headers={"authorization": "Basic ZGFuYTpwdw=="})

    assert (answer.status_code, answer.json()["reason"]) == (401, "not_signed_in")
    assert answer.headers["www-authenticate"] == 'Bearer realm="Smartapp Connect"'


def test_a_bad_token_is_not_made_good_by_a_session(owner: Surfer) -> None:
    assert owner.api("GET", "/me").status_code == 200
    assert call(owner, "sac_wrong").status_code == 401


def test_a_token_counts_for_nothing_on_a_page(owner: Surfer, stranger: Surfer) -> None:
    secret = new_token(owner, Role.OWNER)
    bearer = {"authorization": f"Bearer {secret}"}

    page = stranger.client.get("/central", headers=bearer, follow_redirects=False)
    form = owner.client.post("/central/add", headers=bearer, data={"name": "x"})

    assert page.headers["location"].startswith("/setup")
    assert form.status_code == 403  # the form token is still asked for


def test_a_token_ends_to_the_second_by_real_time(owner: Surfer, stranger: Surfer, bench: Workbench) -> None:
    secret = new_token(owner)
    bench.clock.move(400 * DAY)
    assert call(stranger, secret).status_code == 200

    stranger.real.move(30 * DAY - timedelta(seconds=1))
    before = call(stranger, secret).status_code
    stranger.real.move(timedelta(seconds=1))

    assert (before, call(stranger, secret).status_code) == (200, 401)


def test_a_revoked_token_stops_at_once(owner: Surfer, stranger: Surfer) -> None:
    secret = new_token(owner)
    id = re.search(r"/account/tokens/([^/]+)/revoke", owner.get("/account").text)
    assert id is not None

    page = owner.follow(owner.post(f"/account/tokens/{id.group(1)}/revoke"))

    assert "The token CI is revoked." in words(page)
    assert call(stranger, secret).status_code == 401
    assert owner.post(f"/account/tokens/{id.group(1)}/revoke").status_code == 404


def test_a_removed_members_token_stops_at_once(
    owner: Surfer, anybody: Callable[[], Surfer], bench: Workbench, company: PlatformCompanyId
) -> None:
    luis = anybody()
    luis.sign_in(bench.employ(company, "luis"))
    secret = new_token(luis, Role.TEAM_MEMBER)
    id = next(m["id"] for m in owner.api("GET", "/members").json()["members"] if m["name"] == "Luis")
    assert call(anybody(), secret).status_code == 200

    owner.post(f"/members/{id}/remove")

    assert call(anybody(), secret).status_code == 401


def test_the_secret_is_shown_once_and_stored_nowhere(owner: Surfer) -> None:
    secret = new_token(owner, name="Nightly")

    page = owner.get("/account").text

    assert secret not in page
    assert f"sac_…{secret[-4:]}" in page
    assert secret not in owner.get("/activity").text


def test_when_it_was_used_is_listed(owner: Surfer, stranger: Surfer) -> None:
    secret = new_token(owner)
    assert "Never Revoke" in words(owner.get("/account"))

    call(stranger, secret)
    owner.real.move(timedelta(minutes=8))

    assert "8 minutes ago Revoke" in words(owner.get("/account"))


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"name": " ", "role": "admin", "days": "30"}, 422, "The token needs a name"),
        ({"name": "x" * 90, "role": "admin", "days": "30"}, 422, "80 is the limit"),
        ({"name": "x", "role": "admin", "days": "31"}, 400, "The form is malformed"),
        ({"name": "x", "role": "king", "days": "30"}, 400, "The form is malformed"),
    ],
)
def test_what_cannot_be_a_token_is_told(owner: Surfer, fields: dict[str, str], status: int, says: str) -> None:
    page = owner.post("/account/tokens", **fields)

    assert page.status_code == status
    assert says in words(page)


def test_nobody_gets_a_token_above_themselves(owner: Surfer, give_role: Callable[[str, Role], None]) -> None:
    give_role("dana", Role.ADMIN)

    page = owner.post("/account/tokens", name="x", role="owner", days="30")

    assert page.status_code == 403
    assert "Owner is above your role, Admin." in words(page)
    assert re.findall(r'name="role" value="(\w+)"', page.text) == ["admin", "company_manager", "team_member"]


@pytest.mark.usefixtures("second")
def test_browsers_are_listed_with_what_they_are(owner: Surfer) -> None:
    page = words(owner.get("/account"))

    assert "Chrome on Windows Company 77" in page
    assert page.count("This browser") == 1


def test_one_browser_is_signed_out_from_another(owner: Surfer, second: Surfer) -> None:
    handle = re.search(r"/account/sessions/([^/]+)/end", owner.get("/account").text)
    assert handle is not None

    page = owner.follow(owner.post(f"/account/sessions/{handle.group(1)}/end"))

    assert "That browser is signed out." in words(page)
    assert second.get("/central").status_code == 303
    assert owner.get("/central").status_code == 200
    assert owner.post(f"/account/sessions/{handle.group(1)}/end").status_code == 404


def test_a_session_of_somebody_else_is_none(
    owner: Surfer, second: Surfer, anybody: Callable[[], Surfer], bench: Workbench, company: PlatformCompanyId
) -> None:
    handle = re.search(r"/account/sessions/([^/]+)/end", owner.get("/account").text)
    assert handle is not None
    luis = anybody()
    luis.sign_in(bench.employ(company, "luis"))

    assert luis.post(f"/account/sessions/{handle.group(1)}/end").status_code == 404
    assert second.get("/central").status_code == 200


@pytest.mark.parametrize(
    ("fields", "says", "status"), [({}, "signed out.", 200), ({"tokens": "1"}, "1 token revoked", 401)]
)
def test_signing_out_everywhere_leaves_this_browser_and_tokens_unless_asked(
    owner: Surfer, second: Surfer, fields: dict[str, str], says: str, status: int
) -> None:
    secret = new_token(owner)

    page = owner.follow(owner.post("/account/sign-out-everywhere", **fields))

    assert "1 other browser is signed out" in words(page)
    assert says in words(page)
    assert second.get("/central").status_code == 303
    assert owner.get("/account").status_code == 200
    assert call(second, secret).status_code == status


def test_a_sign_of_life_is_written_every_few_minutes_only(owner: Surfer, second: Surfer) -> None:
    owner.real.move(SEEN_EVERY - timedelta(seconds=1))
    second.get("/central")
    assert "4 minutes ago" in words(owner.get("/account"))

    owner.real.move(timedelta(seconds=1))
    second.get("/central")

    assert "Just now" in words(owner.get("/account"))


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        (CHROME, "Chrome on Windows"),
        (f"{CHROME} Edg/126.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on macOS"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.8.0", "curl"),
        ("", "Unknown browser"),
        ("\x07bell", "Unknown browser"),
        ("x" * 500, "x" * 60),
    ],
)
def test_a_browser_is_named_as_people_know_it(user_agent: str, said: str) -> None:
    assert device_words(user_agent) == said
