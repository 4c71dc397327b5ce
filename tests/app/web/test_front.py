"""Form tokens of another session or key, HEAD and OPTIONS, and requests that make the framework stumble."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from litestar.testing import TestClient
from tests.app.web.surfer import SETTINGS, Surfer, field, words

from smartapp_domain.catalog import Module
from smartapp_domain.ids import PlatformCompanyId, PlatformUserId
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.app import create_app
from smartapp_http.front import SEE_OTHER

PLACES = ("/setup", "/projects", "/central", "/help", "/api/v1/projects", "/healthz", "/static/icons.svg", "/schema")
#: Signed with a secret that is not ours, too short, and in letters no token has.
FOREIGN = ["ab" * 64, "x", "%C3%A9" * 30]


def _plant(surfer: Surfer, token: str) -> None:
    surfer.client.cookies.delete("smartapp_csrf")
    surfer.client.cookies.set("smartapp_csrf", token, domain="testserver.local", path="/")


@pytest.mark.parametrize("foreign", FOREIGN)
def test_after_a_change_of_the_key_the_next_page_brings_a_new_form_token(owner: Surfer, foreign: str) -> None:
    _plant(owner, foreign)

    owner.get("/central/add")

    assert owner.token() != foreign
    assert owner.post("/central/add", name="Old Harbor").status_code == 303


@pytest.mark.parametrize("foreign", FOREIGN)
def test_a_form_with_a_token_of_another_key_is_refused_and_the_browser_forgets_it(owner: Surfer, foreign: str) -> None:
    _plant(owner, foreign)

    answer = owner.post("/central/add", name="Old Harbor")

    assert answer.status_code == 403
    assert "Reload the page and try again." in words(answer)
    assert "smartapp_csrf" not in owner.client.cookies


def test_a_form_token_of_another_session_counts_for_nothing_even_as_the_cookie(
    owner: Surfer, anybody: Callable[[], Surfer]
) -> None:
    """Whoever can set a cookie for this browser has tokens of ours, but none of this session."""
    theirs = anybody().token()

    _plant(owner, theirs)
    assert owner.post("/central/add", name="Old Harbor").status_code == 403
    _plant(owner, theirs)
    assert owner.api("POST", "/central/projects", {"name": "Old Harbor"}).status_code == 403


def test_a_form_token_from_before_a_sign_in_is_out_of_date_after_it(stranger: Surfer, dana: PlatformUserId) -> None:
    before = stranger.token()

    stranger.sign_in(dana)
    answer = stranger.client.post("/central/add", data={"name": "Old Harbor", "_csrf_token": before})

    assert answer.status_code == 403
    assert "Reload the page and try again." in words(answer)
    assert stranger.post("/central/add", name="Old Harbor").status_code == 303


def test_the_answer_that_begins_a_session_brings_its_form_token_and_no_other(
    stranger: Surfer, dana: PlatformUserId, company: PlatformCompanyId, bench: Workbench
) -> None:
    for app in Module:
        bench.world.uninstall(company, app)
    state = stranger.start_sign_in()
    stranger.client.cookies.delete("smartapp_csrf")

    page = stranger.come_back(dana, state)

    assert [each.partition("=")[0] for each in page.headers.get_list("set-cookie")] == [
        "smartapp_session",
        "smartapp_csrf",
    ]
    assert field(page, "_csrf_token") == stranger.token()
    assert stranger.post("/companies", company=company).status_code == 409


def test_pages_that_are_open_keep_their_form_token_while_their_owner_begins_another_sign_in(owner: Surfer) -> None:
    token = owner.token()

    owner.start_sign_in()
    owner.get("/projects")

    assert owner.token() == token
    assert owner.post("/central/add", name="Old Harbor").status_code == 303


def test_a_form_without_its_token_leaves_the_good_one_alone(owner: Surfer) -> None:
    """Another site could otherwise break the forms of a page that is open."""
    token = owner.token()

    assert owner.client.post("/central/add", data={"name": "x"}).status_code == 403
    assert owner.token() == token


def test_form_tokens_no_page_of_ours_sends_are_refused_like_none(owner: Surfer) -> None:
    odd = "é" * 128
    sent = (
        owner.client.post("/sign-out", data={"_csrf_token": odd}),
        owner.client.post("/sign-out", headers={"x-csrftoken": odd.encode()}),
        owner.client.post("/sign-out", files={"_csrf_token": ("token", owner.token().encode())}),
    )

    assert [answer.status_code for answer in sent] == [403, 403, 403]
    assert owner.get("/central").status_code == 200


@pytest.mark.parametrize("path", PLACES)
def test_head_answers_like_get_without_a_body(owner: Surfer, path: str) -> None:
    got, head = owner.get(path), owner.client.head(path)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.headers["cache-control"] == got.headers["cache-control"]
    assert head.headers["x-content-type-options"] == "nosniff"


def test_head_of_an_address_for_posting_only_is_refused(owner: Surfer) -> None:
    assert owner.client.head("/projects/next").status_code == 405


@pytest.mark.parametrize("path", [*PLACES, "/projects/next", "/webhooks/stripe"])
def test_options_says_which_methods_there_are(stranger: Surfer, path: str) -> None:
    answer = stranger.client.options(path)

    assert (answer.status_code, answer.content) == (204, b"")
    assert ("GET" if path in PLACES else "POST") in answer.headers["allow"]


@pytest.mark.parametrize("name", ["%00", "css/%00", "a" * 5000, "a/" * 2000, "%ff"])
def test_a_name_no_file_can_have_is_not_found(stranger: Surfer, name: str) -> None:
    assert stranger.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"ticks":' * 50_000])
def test_a_body_nested_too_deep_is_a_bad_request(owner: Surfer, body: bytes) -> None:
    headers = {"x-csrftoken": owner.token(), "content-type": "application/json"}

    answer = owner.client.put("/api/v1/ticks", content=body, headers=headers)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def _part(sent: bytes, about: str = "", name: str = "name") -> dict[str, Any]:
    head = f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n{about}\r\n'
    return {
        "content": head.encode() + sent + b"\r\n--edge--\r\n",
        "headers": {"content-type": "multipart/form-data; boundary=edge"},
    }


NOT_TEXT = {
    "no UTF-8": _part(b"\xff"),
    "an encoding nobody knows": _part(b"x", "Content-Type: text/plain; charset=bogus\r\n"),
    "an encoding of bytes": _part(b"x", "Content-Type: text/plain; charset=base64\r\n"),
    "an encoding with NUL": _part(b"x", 'Content-Type: text/plain; charset="a\0b"\r\n'),
    "half of its encoding": _part(b"x", "Content-Type: text/plain; charset=utf-16\r\n"),
    "half a pair": _part(rb"a\ud800", "Content-Type: text/plain; charset=raw_unicode_escape\r\n"),
    "a name with NUL": _part(b"x", name="\0"),
    "NUL": _part(b"a\0b"),
    "no boundary": {"content": b"x", "headers": {"content-type": 'multipart/form-data; boundary=""'}},
}


@pytest.mark.parametrize("sent", NOT_TEXT.values(), ids=NOT_TEXT)
@pytest.mark.parametrize("path", ["/central/add", "/sign-out", "/api/v1/central/projects"])
def test_a_form_that_is_no_text_is_a_bad_request_for_strangers_too(
    stranger: Surfer, path: str, sent: dict[str, Any]
) -> None:
    answer = stranger.client.post(path, **sent)

    assert answer.status_code == 400, words(answer)
    assert "Nothing was changed." in answer.text


@pytest.mark.parametrize("sent", NOT_TEXT.values(), ids=NOT_TEXT)
def test_a_form_that_is_no_text_is_a_bad_request_with_a_form_token(owner: Surfer, sent: dict[str, Any]) -> None:
    headers = {**sent["headers"], "x-csrftoken": owner.token()}

    answer = owner.client.post("/central/add", content=sent["content"], headers=headers)

    assert answer.status_code == 400, words(answer)
    assert owner.get("/central").status_code == 200


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"name":"\xff"}', "The body is not UTF-8, which all text here is."),
        (rb'{"name":"a\u0000"}', "The body, name, contains a character that cannot be stored (U+0000)."),
        (rb'{"name":["\u0000"]}', "The body, name, contains a character that cannot be stored (U+0000)."),
        (rb'{"a\u0000":1}', "The body, the name of a field, contains a character that cannot be stored (U+0000)."),
        (rb'{"name":"\ud800"}', "Something in the request is missing or malformed."),
    ],
)
def test_json_that_is_no_text_says_where(owner: Surfer, body: bytes, told: str) -> None:
    headers = {"x-csrftoken": owner.token(), "content-type": "application/json"}

    answer = owner.client.post("/api/v1/central/projects", content=body, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(f"{told} Nothing was changed.")


@pytest.mark.parametrize("path", ["/central?q=a%00", "/api/v1/central/projects?q=%00", "/members/%00"])
def test_an_address_that_is_no_text_says_so(owner: Surfer, path: str) -> None:
    answer = owner.get(path)

    assert answer.status_code == 400
    assert "contains a character that cannot be stored (U+0000)" in answer.text


@pytest.mark.parametrize("url", ["http://[", "http://[::1", "", "%", "http://x/projects?q=%ff&page=%"])
def test_any_page_a_fragment_claims_to_be_asked_from_will_do(owner: Surfer, url: str) -> None:
    headers = {"x-csrftoken": owner.token(), "hx-request": "true", "hx-current-url": url}

    answer = owner.client.post("/projects/ticks/page", data={"project": owner.ids(), "on": "1"}, headers=headers)

    assert answer.status_code == 200
    assert "4 projects, 0 Planner, 0 Safety" in words(answer)


LOCAL = attrs.evolve(SETTINGS, base_url="http://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("host", "path", "to"),
    [
        ("localhost:8000", "/setup?app=safety", "http://127.0.0.1:8000/setup?app=safety"),
        ("[::1]:8000", "/help", "http://127.0.0.1:8000/help"),
        ("127.0.0.1:8000", "/setup", None),
        ("localhost:9000", "/setup", None),
        ("connect.example", "/setup", None),
        ("localhost:x", "/setup", None),
    ],
)
def test_pages_at_another_name_of_this_machine_lead_to_the_configured_one(host: str, path: str, to: str | None) -> None:
    with TestClient(create_app(Workbench.of().ports, LOCAL)) as client:
        answer = client.get(path, headers={"host": host, "accept": "text/html,*/*"}, follow_redirects=False)
        probe = client.get("/healthz", headers={"host": host}, follow_redirects=False)

    assert answer.headers.get("location") == to
    assert probe.status_code != SEE_OTHER
