"""The judge itself: every required field and header is missed when it is gone."""

import copy
import json
from typing import Any

import httpx
import pytest
from tests.emulators.procore.support import HARBOR, TOWER, Emulator

from smartapp_emulators.procore.must_have import TABLE
from smartapp_emulators.procore.spec import described, violations

#: One call for each kind of answer in the table.
CALLS = {
    ("GET", "/oauth/token/info", ""): "/oauth/token/info",
    ("GET", "/rest/v1.0/me", ""): "/rest/v1.0/me",
    ("GET", "/rest/v1.0/companies", ""): "/rest/v1.0/companies",
    ("GET", "/rest/v1.0/companies/{company_id}/projects", ""): f"/rest/v1.0/companies/{HARBOR}/projects",
    ("GET", "/rest/v1.0/projects", ""): f"/rest/v1.0/projects?company_id={HARBOR}",
    ("GET", "/rest/v1.0/projects", "compact"): f"/rest/v1.0/projects?company_id={HARBOR}&serializer_view=compact",
    ("GET", "/rest/v1.1/projects", ""): f"/rest/v1.1/projects?company_id={HARBOR}",
    ("GET", "/rest/v1.1/projects", "ids"): f"/rest/v1.1/projects?company_id={HARBOR}&view=ids",
    ("GET", "/rest/v1.1/projects", "compact"): f"/rest/v1.1/projects?company_id={HARBOR}&view=compact",
    ("GET", "/rest/v1.1/projects", "normal"): f"/rest/v1.1/projects?company_id={HARBOR}&view=normal",
    ("GET", "/rest/v1.1/projects", "extended"): f"/rest/v1.1/projects?company_id={HARBOR}&view=extended",
    ("GET", "/rest/v1.0/projects/{id}", ""): f"/rest/v1.0/projects/{TOWER}?company_id={HARBOR}",
    ("GET", "/rest/v1.0/projects/{id}", "minimal"): f"/rest/v1.0/projects/{TOWER}?company_id={HARBOR}&view=minimal",
    ("GET", "/rest/v1.0/projects/{project_id}/tools", ""): f"/rest/v1.0/projects/{TOWER}/tools",
    ("GET", "/rest/v1.0/projects/{project_id}/locations", ""): f"/rest/v1.0/projects/{TOWER}/locations",
    ("GET", "/rest/v1.0/projects/{project_id}/locations/{location_id}", ""): (
        f"/rest/v1.0/projects/{TOWER}/locations/{{location}}"
    ),
    ("GET", "/rest/v1.0/projects/{project_id}/schedule", ""): f"/rest/v1.0/projects/{TOWER}/schedule",
    ("GET", "/rest/v1.0/settings/permissions", ""): f"/rest/v1.0/settings/permissions?company_id={HARBOR}",
    ("GET", "/rest/v1.0/app_installations", ""): f"/rest/v1.0/app_installations?company_id={HARBOR}",
    ("GET", "/rest/v1.0/app_installations/{id}", ""): "/rest/v1.0/app_installations/{installation}",
    ("GET", "/rest/v1.0/company_base_url", ""): f"/rest/v1.0/company_base_url?company_id={HARBOR}",
    **{
        ("GET", f"/rest/v1.{minor}/companies/{{company_id}}/me", ""): f"/rest/v1.{minor}/companies/{HARBOR}/me"
        for minor in range(4)
    },
}
POSTS = {
    ("POST", "/oauth/token", ""): {"grant_type": "client_credentials"},
    ("POST", "/oauth/revoke", ""): {"token": "unknown"},
}
CREATE = ("POST", "/rest/v1.0/projects/{project_id}/locations", "")


def answer_of(emulator: Emulator, key: tuple[str, str, str]) -> httpx.Response:
    installation = emulator.install()["id"]
    if key in POSTS:
        secrets = {"client_id": "one", "client_secret": "secret-one"}
        return emulator.http.post(key[1], data={**POSTS[key], **secrets})
    token = emulator.person_token()
    created = emulator.http.post(
        f"/rest/v1.0/projects/{TOWER}/locations",
        json={"location": {"node_name": "Roof"}},
        headers={"Authorization": f"Bearer {token}", "Procore-Company-Id": str(HARBOR)},
    )
    if key == CREATE:
        return created
    ids = {"{installation}": str(installation), "{location}": str(created.json()["id"])}
    path = CALLS[key]
    for name, id in ids.items():
        path = path.replace(name, id)
    return emulator.get(path, token)


def judge(answer: httpx.Response, *, body: Any = None, without_header: str = "") -> list[str]:
    headers = {name: value for name, value in answer.headers.items() if name != without_header.lower()}
    path = answer.request.url.raw_path.decode()
    sent = answer.json() if body is None else body
    return violations(answer.request.method, path, answer.status_code, headers, sent)


def without(body: Any, field: str) -> Any:
    """Return the body with one field taken out of its last item: one bad item among good ones must be found."""
    changed = copy.deepcopy(body)
    names = field.split(".")
    place = changed[-1] if isinstance(changed, list) else changed
    for name in names[:-1]:
        place = place[name.removesuffix("[]")]
        place = place[-1] if isinstance(place, list) else place
    del place[names[-1]]
    return changed


def test_every_kind_of_answer_is_called_here() -> None:
    assert {*CALLS, *POSTS, CREATE} == set(TABLE)


@pytest.mark.parametrize("key", sorted(TABLE), ids=lambda key: " ".join(key).strip())
def test_taking_any_required_field_or_header_away_is_a_violation(emulator: Emulator, key: tuple[str, str, str]) -> None:
    answer = answer_of(emulator, key)

    assert answer.status_code == (201 if key == CREATE else 200)
    assert judge(answer) == []
    for field in TABLE[key].fields:
        assert any("is missing" in each for each in judge(answer, body=without(answer.json(), field))), field
    for header in TABLE[key].headers:
        assert f"header {header} is missing" in judge(answer, without_header=header)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "text"),
        ("active", "yes"),
        ("created_at", "yesterday"),
        ("created_at", "2026-01-01T08:00:00"),
        ("name", 7),
    ],
)
def test_a_field_of_the_wrong_type_is_a_violation(emulator: Emulator, field: str, value: Any) -> None:
    emulator.install()
    answer = emulator.get(f"/rest/v1.0/projects/{TOWER}?company_id={HARBOR}", emulator.person_token())

    assert judge(answer, body={**answer.json(), field: value})


def test_an_answer_nobody_published_is_a_violation() -> None:
    rate = dict.fromkeys(("X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"), "1")

    assert violations("GET", "/rest/v9.0/dreams", 200, rate, {}) == [
        "GET /rest/v9.0/dreams is not a published operation"
    ]
    assert violations("GET", "/rest/v1.0/me", 204, rate, None)
    assert violations("GET", "/rest/v9.0/dreams", 404, {}, {"message": "no"}) == []
    assert violations("GET", "/rest/v9.0/dreams", 404, {}, {"nothing": "known"})


def test_a_refusal_for_haste_must_say_when_to_come_back() -> None:
    found = violations("GET", "/rest/v1.0/me", 429, {}, {"errors": "slow down"})

    assert "header Retry-After is missing" in found


def test_pages_for_people_are_not_judged() -> None:
    assert violations("GET", "/marketplace", 200, {}, None) == []


def test_the_description_in_the_package_is_the_published_one_and_names_its_source() -> None:
    description = described()

    assert "/rest/v1.1/projects" in description["paths"]
    assert "MIT" in description["info"]["description"]
    assert json.dumps(description).isascii()
