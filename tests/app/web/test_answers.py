"""What every answer carries, and what no answer tells."""

import logging
import re
from unittest.mock import Mock

import attrs
import pytest
from litestar.testing import TestClient
from tests.app.web.surfer import BASE, SETTINGS, Surfer, words

from smartapp_domain.ports.storage import Stale, StorageUnavailable
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.app import create_app
from smartapp_http.security import no_form_cookie

PLACES = ("/setup", "/central", "/nowhere", "/api/v1/me", "/api/v1/nowhere", "/healthz", "/schema", "/static/icons.svg")


@pytest.mark.parametrize("path", PLACES)
def test_every_answer_forbids_what_we_never_need(owner: Surfer, path: str) -> None:
    headers = owner.get(path).headers

    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "form-action": "'self' https://pay.test https://platform.test",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert re.fullmatch("[0-9a-f]{16}", headers["x-request-id"])
    assert "strict-transport-security" not in headers


def test_behind_https_browsers_are_told_to_stay_there() -> None:
    settings = attrs.evolve(SETTINGS, secure_cookies=True, base_url="https://connect.test")
    with TestClient(create_app(Workbench.of().ports, settings), base_url="https://connect.test") as client:
        answer = client.get("/sign-in", follow_redirects=False)

    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    cookies = answer.headers.get_list("set-cookie")
    assert len(cookies) == 2
    assert all("secure" in cookie.lower() for cookie in cookies)


def test_behind_https_no_neighboring_domain_can_plant_a_session_or_a_form_token() -> None:
    settings = attrs.evolve(SETTINGS, secure_cookies=True, base_url="https://connect.test")
    with TestClient(create_app(Workbench.of().ports, settings), base_url="https://connect.test") as client:
        cookies = client.get("/sign-in", follow_redirects=False).headers.get_list("set-cookie")
        token = client.cookies["__Host-smartapp_csrf"]
        own = client.post("/sign-out", headers={"x-csrftoken": token}, follow_redirects=False)
        client.cookies.clear()
        client.cookies.set("smartapp_csrf", token)
        planted = client.post("/sign-out", headers={"x-csrftoken": token}, follow_redirects=False)

    assert sorted(cookie.partition("=")[0] for cookie in cookies) == ["__Host-smartapp_csrf", "__Host-smartapp_session"]
    assert all("Path=/" in c and "Secure" in c and "domain" not in c.lower() for c in cookies)
    assert own.headers["location"] == "/signed-out"
    assert planted.headers["location"].startswith("/setup")


def test_behind_https_a_form_token_of_another_key_is_forgotten_in_words_browsers_follow() -> None:
    """They ignore a `__Host-` cookie that does not say Secure, also one that only ends it."""
    settings = attrs.evolve(SETTINGS, secure_cookies=True, base_url="https://connect.test")
    cookie = no_form_cookie(settings).to_header(header="")

    assert cookie.startswith("__Host-smartapp_csrf=")
    assert all(part in cookie for part in ("Max-Age=0", "Path=/", "Secure"))


def test_pages_are_kept_by_nobody_and_static_files_for_good(owner: Surfer) -> None:
    assert owner.get("/central").headers["cache-control"] == "no-store"
    assert owner.get("/api/v1/me").headers["cache-control"] == "no-store"
    assert owner.get("/static/icons.svg?v=1").headers["cache-control"] == "public, max-age=31536000, immutable"
    assert owner.get("/static/icons.svg").headers["cache-control"] == "public, max-age=86400"
    assert owner.get("/static/nothing.svg?v=1").headers["cache-control"] == "no-store"


def test_static_files_and_notices_set_no_cookies(stranger: Surfer) -> None:
    for path in ("/static/icons.svg", "/healthz", "/schema"):
        assert "set-cookie" not in stranger.get(path).headers


def test_no_file_outside_the_static_folder_is_served(stranger: Surfer) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd"):
        assert stranger.get(path).status_code == 404


def test_pages_ask_nobody_else_for_anything(owner: Surfer) -> None:
    for path in ("/setup", "/projects", "/central", "/help", "/manage-subscriptions"):
        assert re.findall(r'(?:src|action)="(?:https?:)?//[^"]*"|<link[^>]+href="https?:', owner.get(path).text) == []


def test_an_unknown_address_is_told_with_a_number_to_quote(owner: Surfer) -> None:
    answer = owner.get("/nowhere")

    assert answer.status_code == 404
    assert "There is nothing at this address." in words(answer)
    assert answer.headers["x-request-id"] in words(answer)


def test_what_nobody_expected_is_logged_and_never_shown(
    owner: Surfer, bench: Workbench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.world.trouble = RuntimeError("secret /etc/path")  # type: ignore[assignment]
    state = owner.start_sign_in()

    with caplog.at_level(logging.ERROR, "smartapp_http"):
        answer = owner.get(f"/sign-in/callback?code=x&state={state}")

    assert answer.status_code == 500
    assert "Something went wrong on our side" in words(answer)
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] in caplog.text
    assert "secret /etc/path" in caplog.text
    assert state not in caplog.text


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (StorageUnavailable("full"), 503, "busy"),
        (Stale("order", "1"), 409, "stale"),
        (ValueError("x"), 500, "internal_error"),
    ],
)
def test_errors_of_the_storage_become_plain_problems(
    bench: Workbench, error: Exception, status: int, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    storage = Mock(reading=Mock(side_effect=error))
    app = create_app(attrs.evolve(bench.ports, storage=storage), SETTINGS)
    with TestClient(app, base_url=BASE, raise_server_exceptions=False) as client, caplog.at_level(logging.CRITICAL):
        client.cookies.set("smartapp_session", "anything")
        page, problem = client.get("/central"), client.get("/api/v1/me")

    assert (page.status_code, problem.status_code) == (status, status)
    assert problem.json()["reason"] == reason
    assert "order" not in problem.text


def test_a_wrong_method_and_too_large_a_body_are_told(owner: Surfer) -> None:
    assert owner.client.delete("/central", headers={"x-csrftoken": owner.token()}).status_code == 405
    big = owner.client.post("/webhooks/stripe", content=b"x" * 600_000)
    assert big.status_code == 413
    assert big.json()["reason"] == "too_large"


def test_text_with_the_character_nul_is_refused_at_the_door(owner: Surfer) -> None:
    assert owner.get("/projects?q=a%00b").status_code == 400
    assert owner.get("/central/a%00b/subscription").status_code == 400
    assert owner.post("/central/add", name="a\0b").status_code == 400
    assert owner.api("POST", "/central/projects", {"name": "a\0b"}).status_code == 400
    assert owner.api("PUT", "/ticks", {"ticks": [{"project": "\0", "on": True}]}).status_code == 400


def test_we_answer_that_we_are_up(stranger: Surfer) -> None:
    assert stranger.get("/healthz").text == "ok"
