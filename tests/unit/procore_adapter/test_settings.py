"""Hosts come from settings, secrets stay out of sight."""

import logging

import attrs
import pytest
from tests.unit.procore_adapter.wire import (
    ACCOUNT,
    COMPANY,
    GRANT,
    ME,
    PERMISSIONS,
    PROJECT,
    SETTINGS,
    TOKEN,
    Wire,
    answer,
    me,
    ok,
    token_answer,
)

from smartapp_adapters.procore import AppCredentials, ProcoreSettings, hosts
from smartapp_domain.catalog import Module
from smartapp_domain.identity import Environment
from smartapp_domain.ids import PlatformProjectId
from smartapp_domain.ports.platform import PlatformError


@pytest.mark.parametrize(
    ("environment", "login", "api", "ours"),
    [
        ("production", "login.procore.com", "api.procore.com", Environment.PRODUCTION),
        ("sandbox", "login-sandbox.procore.com", "sandbox.procore.com", Environment.SANDBOX),
        (
            "monthly-sandbox",
            "login-sandbox-monthly.procore.com",
            "api-monthly.procore.com",
            Environment.SANDBOX,
        ),
        ("federal", "login.procoregov.com", "api.procoregov.com", Environment.PRODUCTION),
    ],
)
def test_each_environment_has_its_own_hosts(environment: str, login: str, api: str, ours: Environment) -> None:
    settings = ProcoreSettings.of(environment, SETTINGS.apps, "https://smartapp.test/cb")

    assert (settings.login_url, settings.api_url) == (f"https://{login}", f"https://{api}")
    assert settings.environment.account_environment is ours


def test_an_unknown_environment_is_told_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'staging'.*production, sandbox, monthly-sandbox, federal"):
        hosts("staging")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"api_url": "http://api.procore.com"}, "api_url must be an https"),
        ({"login_url": "login.procore.com"}, "login_url must be an https"),
        ({"redirect_uri": "ftp://localhost"}, "redirect_uri must be an https"),
        ({"apps": {Module.PLANNER: AppCredentials("id", "secret")}}, "credentials are missing for: Safety"),
        ({"timeout_s": 0}, "timeout_s must be more than 0"),
        ({"environment": "moon"}, "moon"),
    ],
)
def test_wrong_settings_are_refused_by_name(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        attrs.evolve(SETTINGS, **change)  # type: ignore[arg-type]


def test_this_machine_needs_no_certificate() -> None:
    local = attrs.evolve(SETTINGS, api_url="http://localhost:8010/", login_url="http://127.0.0.1:8010")

    assert local.api_url == "http://localhost:8010"


def test_the_address_to_sign_in_names_the_app_and_carries_the_state() -> None:
    address = Wire().sign_in().address(Module.SAFETY, "a&b=c d")

    assert address == (
        "https://login.test/oauth/authorize?response_type=code&client_id=safety-id"
        "&redirect_uri=https%3A%2F%2Fsmartapp.test%2Fcallback&state=a%26b%3Dc+d"
    )


def test_no_secret_shows_in_settings() -> None:
    assert "planner-secret" not in repr(SETTINGS)
    assert "planner-id" in repr(SETTINGS)


def test_no_secret_shows_in_logs_errors_or_addresses(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wire = Wire().on(TOKEN, token_answer("very-secret")).on(PROJECT, answer(500), answer(403, x_request_id="r-1"))

    with pytest.raises(PlatformError) as caught:
        wire.platform().project(ACCOUNT, COMPANY, Module.PLANNER, PlatformProjectId("9"))

    shown = caplog.text + repr(caught.value) + "".join(str(request.url) for request in wire.requests)
    assert "r-1" in caplog.text, "Procore's support asks for it"
    for secret in ("very-secret", "planner-secret"):
        assert secret not in shown


def test_a_cookie_of_one_person_never_reaches_the_next_request() -> None:
    wire = Wire().on(ME, ok({"id": 1, "login": "a@b.example", "name": None}, set_cookie="session=ada"))
    sign_in = wire.sign_in()

    sign_in.person(GRANT)
    sign_in.person(GRANT)

    assert all("cookie" not in request.headers for request in wire.requests)


def test_a_redirect_is_not_followed_even_by_a_client_that_would() -> None:
    wire = Wire().on(ME, answer(302, location="https://evil.test/"))
    sign_in = wire.sign_in()
    sign_in._client._http.follow_redirects = True

    with pytest.raises(PlatformError, match="it is 302"):
        sign_in.person(GRANT)

    assert len(wire.requests) == 1


def test_ids_beyond_32_bits_keep_every_digit() -> None:
    assert Wire().on(ME, me()).sign_in().person(GRANT).id == str(2**40)


@pytest.mark.parametrize(
    ("tool", "level", "admin"),
    [
        ("directory", {"id": 4, "name": "Admin"}, True),
        ("admin", {"id": 4, "name": "Admin"}, True),
        ("admin", {"id": 3, "name": "Standard"}, False),
        ("documents", {"id": 4, "name": "Admin"}, False),
        ("directory", None, False),
    ],
)
def test_admin_of_the_right_tool_makes_a_company_admin(tool: str, level: object, *, admin: bool) -> None:
    tools = [
        {"id": 1, "name": "reports", "friendly_name": "Reports", "user_access_level": {"id": 4, "name": "Admin"}},
        {"id": 2, "name": tool, "friendly_name": tool.title(), "user_access_level": level},
    ]
    wire = Wire().on(PERMISSIONS, ok({"tools": tools}))

    assert wire.sign_in().is_company_admin(GRANT, COMPANY) is admin
    assert wire.requests[0].url.params["company_id"] == "77"
    assert wire.requests[0].headers["procore-company-id"] == "77"
