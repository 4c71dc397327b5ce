"""Every way Procore says no becomes one of the port's errors, with its words, its request id and a way on."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.unit.procore_adapter.wire import (
    ACCOUNT,
    COMPANIES,
    COMPANY,
    GRANT,
    ME,
    PERMISSIONS,
    PROJECT,
    PROJECTS,
    TOKEN,
    Wire,
    answer,
    me,
    ok,
    project,
    token_answer,
)

from smartapp_domain.catalog import Module
from smartapp_domain.ids import PlatformCompanyId, PlatformProjectId
from smartapp_domain.ports.platform import (
    AccessDenied,
    AnswerUnusable,
    AppNotInstalled,
    NotFoundOnPlatform,
    PlatformError,
    PlatformUnavailable,
    RequestRejected,
    SignInRejected,
)
from smartapp_domain.ports.storage import in_transaction

NOT_CONNECTED = {"errors": ["App is not connected to this company."]}
HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


def ask_for_project(wire: Wire) -> None:
    wire.on(TOKEN, token_answer()).platform().project(ACCOUNT, COMPANY, Module.PLANNER, PlatformProjectId("9"))


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (403, NOT_CONNECTED, AppNotInstalled, "Smartapp Planner is not installed in company 77"),
        (401, NOT_CONNECTED, AppNotInstalled, "Smartapp Planner is not installed in company 77"),
        (403, {"errors": ["You lack the right"]}, AccessDenied, "You lack the right"),
        (403, None, AccessDenied, "project 9 of company 77"),
        (401, {"errors": "The access token is invalid"}, SignInRejected, "The access token is invalid"),
        (404, {"message": "Project not found", "exception": "X::Y"}, NotFoundOnPlatform, "Project not found"),
        (422, {"errors": {"time_zone": ["is unknown", "is odd"]}}, RequestRejected, "time_zone: is unknown; time_zone"),
        (400, {"errors": "just text"}, RequestRejected, "just text"),
        (
            400,
            {"code": "400", "message": "bad id", "fields": "id", "reason": "not a number"},
            RequestRejected,
            "bad id",
        ),
        (
            400,
            {"error": {"code": "BAD_REQUEST", "message": "v2 says", "details": [{"message": "no"}, "x"]}},
            RequestRejected,
            "v2 says; no",
        ),
        (400, {"error": "invalid_request", "error_description": "why"}, RequestRejected, "invalid_request; why"),
        (409, {"error": {"message": None, "details": None}}, RequestRejected, "(409)"),
        (406, [], RequestRejected, "(406)"),
        (413, HTML, RequestRejected, "(413)"),
        (404, b"Missing Procore-Company-Id header! Send it.", RequestRejected, "(404)"),
        (302, HTML, AnswerUnusable, "it is 302"),
        (408, None, PlatformUnavailable, "(408)"),
        (500, {"errors": "boom"}, PlatformUnavailable, "boom"),
        (502, HTML, PlatformUnavailable, "(502)"),
        (501, None, PlatformUnavailable, "(501)"),
    ],
)
def test_every_shape_of_no_is_understood(status: int, body: Any, kind: type[PlatformError], words: str) -> None:
    wire = Wire().on(PROJECT, answer(status, body, x_request_id="request-1"))

    with pytest.raises(PlatformError) as caught:
        ask_for_project(wire)

    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert caught.value.request_id == "request-1"
    assert caught.value.remedy.endswith(".")
    assert "<" not in str(caught.value)


def test_a_long_complaint_is_cut() -> None:
    wire = Wire().on(PROJECT, answer(422, {"errors": ["long " * 500]}))

    with pytest.raises(RequestRejected) as caught:
        ask_for_project(wire)

    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectError("refused"), "could not be reached"),
        (httpx.ReadTimeout("slow"), "did not answer in time"),
        (httpx.RemoteProtocolError("cut"), "could not be reached"),
    ],
)
def test_silence_is_an_outage(error: httpx.RequestError, words: str) -> None:
    with pytest.raises(PlatformUnavailable, match=words) as caught:
        ask_for_project(Wire().on(PROJECT, error))

    assert caught.value.retry_after_s is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"<html>",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        {"data": {"id": 9}},
        project(9, id="9"),
        project(9, id=None),
        project(9, active="yes"),
        project(9, created_at="yesterday"),
        project(9, created_at="2026-01-31T08:00:00"),
        project(9, name=None),
        project(10),
        project(9, company={"id": 78, "name": "Stranger"}),
    ],
)
def test_a_project_of_another_form_is_not_used(body: Any) -> None:
    with pytest.raises(AnswerUnusable) as caught:
        ask_for_project(Wire().on(PROJECT, ok(body)))

    assert "project 9 of company 77" in str(caught.value)


@pytest.mark.parametrize("field", ["id", "name", "active", "created_at", "company"])
def test_a_project_without_a_field_that_must_be_there_is_not_used(field: str) -> None:
    body = project(9)
    del body[field]

    with pytest.raises(AnswerUnusable, match=field):
        ask_for_project(Wire().on(PROJECT, ok(body)))


@pytest.mark.parametrize(
    ("path", "body", "call"),
    [
        (ME, {"id": 1, "name": None}, lambda wire: wire.sign_in().person(GRANT)),
        (ME, {"login": "a@b.example", "name": None}, lambda wire: wire.sign_in().person(GRANT)),
        (COMPANIES, [{"id": 1, "is_active": True}], lambda wire: wire.sign_in().companies(GRANT)),
        (COMPANIES, [{"id": 1, "name": "A"}], lambda wire: wire.sign_in().companies(GRANT)),
        (PERMISSIONS, {}, lambda wire: wire.sign_in().is_company_admin(GRANT, COMPANY)),
        (PERMISSIONS, {"tools": [{"id": 1}]}, lambda wire: wire.sign_in().is_company_admin(GRANT, COMPANY)),
    ],
)
def test_other_answers_need_their_fields_too(path: str, body: Any, call: Callable[[Wire], object]) -> None:
    with pytest.raises(AnswerUnusable):
        call(Wire().on(path, ok(body)))


def test_a_persons_refusal_tells_the_person_to_sign_in_again() -> None:
    with pytest.raises(SignInRejected) as caught:
        Wire().on(ME, answer(401, {"errors": "expired"})).sign_in().person(GRANT)

    assert caught.value.remedy == "Sign in with Procore again."


@pytest.mark.parametrize("id", ["", "../1", "1/2", "1?a=b", "١", "-1", "1\r\nX: y"])
def test_an_id_that_is_no_number_becomes_no_request(id: str) -> None:
    wire = Wire()

    with pytest.raises(NotFoundOnPlatform):
        wire.platform().project(ACCOUNT, COMPANY, Module.PLANNER, PlatformProjectId(id))
    with pytest.raises(NotFoundOnPlatform):
        wire.platform().installed(ACCOUNT, PlatformCompanyId(id))
    with pytest.raises(NotFoundOnPlatform):
        wire.sign_in().is_company_admin(GRANT, PlatformCompanyId(id))
    with pytest.raises(NotFoundOnPlatform):
        list(wire.sign_in().projects(GRANT, PlatformCompanyId(id)))

    assert wire.requests == []


def test_no_request_leaves_from_inside_a_transaction() -> None:
    wire = Wire().on(ME, me())
    token = in_transaction.set(True)

    try:
        with pytest.raises(RuntimeError, match="transaction"):
            wire.sign_in().person(GRANT)
    finally:
        in_transaction.reset(token)

    assert wire.requests == []


def test_projects_of_a_company_without_the_app_say_so() -> None:
    wire = Wire().on(TOKEN, token_answer()).on(PROJECTS, answer(403, NOT_CONNECTED))

    with pytest.raises(AppNotInstalled) as caught:
        list(wire.platform().projects(ACCOUNT, COMPANY, Module.SAFETY))

    assert "Smartapp Safety" in str(caught.value)
    assert "Smartapp Safety" in caught.value.remedy
