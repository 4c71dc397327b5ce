"""The bodies of failures, key by key, as section 10.4 of the platform's reference lists them."""

from typing import Any

import pytest
from tests.emulators.procore.support import Emulator

from smartapp_emulators.procore.shapes import SEEN

TEXT, NOTHING = "a text", None
#: What stands where in a body: the keys are exact, `TEXT` is any text that is not empty, the rest is literal.
BODIES: dict[str, Any] = {
    "errors_list": {"errors": [TEXT]},
    "errors_fields": {"errors": {"name": [TEXT]}},
    "errors_text": {"errors": TEXT},
    "conflict": {"errors": {"base": [TEXT]}, "error_type": "conflict", "file": NOTHING},
    "v2": {
        "error": {
            "code": TEXT,
            "message": TEXT,
            "details": [{"reason_code": TEXT, "message": TEXT, "source": TEXT}],
        }
    },
    "generic": {"code": TEXT, "message": TEXT, "fields": "", "reason": TEXT, "error": NOTHING},
    "exception": {"message": TEXT, "exception": "ActiveRecord::RecordNotFound"},
    "not_connected": {"errors": ["App is not connected to this company."]},
    "oauth": {"error": TEXT, "error_description": TEXT},
}
#: What a gateway in front of the platform answers: no JSON.
GATEWAYS = ("empty", "html")
#: A version 2 call names its failure; Section 10.4 spells the first, the others follow HTTP's own names.
V2_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
    422: "UNPROCESSABLE_ENTITY",
    429: "TOO_MANY_REQUESTS",
}
PAIRS = [(status, shape) for status, shapes in SEEN.items() for shape in shapes]


def outline(body: Any) -> Any:
    """Keep keys and kinds, put `TEXT` where a text says something of its own."""
    if isinstance(body, dict):
        return {key: outline(value) for key, value in body.items()}
    if isinstance(body, list):
        return [outline(value) for value in body]
    fixed = {"conflict", "ActiveRecord::RecordNotFound", "App is not connected to this company."}
    return TEXT if isinstance(body, str) and body and body not in fixed else body


def answered(emulator: Emulator, status: int, shape: str) -> Any:
    order = {"path": "/marketplace", "status": status, "shape": shape}
    assert emulator.http.post("/_emulator/faults", json=order).status_code == 201
    return emulator.http.get("/marketplace")


def test_every_shape_is_described_here() -> None:
    assert {shape for _, shape in PAIRS} == {*BODIES, *GATEWAYS}


@pytest.mark.parametrize(("status", "shape"), [pair for pair in PAIRS if pair[1] not in GATEWAYS])
def test_a_body_has_exactly_the_keys_and_kinds_of_its_shape(emulator: Emulator, status: int, shape: str) -> None:
    answer = answered(emulator, status, shape)

    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert outline(answer.json()) == BODIES[shape]


@pytest.mark.parametrize("status", [status for status, shape in PAIRS if shape == "v2"])
def test_version_2_names_the_status_in_its_code(emulator: Emulator, status: int) -> None:
    assert answered(emulator, status, "v2").json()["error"]["code"] == V2_CODES.get(status, "ERROR")


@pytest.mark.parametrize("status", [status for status, shape in PAIRS if shape == "generic"])
def test_the_generic_body_carries_the_status_as_text(emulator: Emulator, status: int) -> None:
    assert answered(emulator, status, "generic").json()["code"] == str(status)


@pytest.mark.parametrize(("status", "error"), [(400, "invalid_grant"), (401, "invalid_client")])
def test_the_login_host_names_what_is_wrong_with_a_grant_or_a_client(
    emulator: Emulator, status: int, error: str
) -> None:
    assert answered(emulator, status, "oauth").json()["error"] == error


@pytest.mark.parametrize(("status", "shape"), [pair for pair in PAIRS if pair[1] in GATEWAYS])
def test_a_gateway_answers_a_page_or_nothing_at_all(emulator: Emulator, status: int, shape: str) -> None:
    answer = answered(emulator, status, shape)

    if shape == "empty":
        assert (answer.content, answer.headers.get("content-type")) == (b"", None)
    else:
        assert answer.headers["content-type"] == "text/html"
        assert answer.text.startswith("<html>")
