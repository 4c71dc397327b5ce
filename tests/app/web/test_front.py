"""Form tokens of another key, HEAD and OPTIONS, and requests that make the framework stumble."""

import pytest
from tests.app.web.surfer import Surfer, words

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


@pytest.mark.parametrize("url", ["http://[", "http://[::1", "", "%", "http://x/projects?q=%ff&page=%"])
def test_any_page_a_fragment_claims_to_be_asked_from_will_do(owner: Surfer, url: str) -> None:
    headers = {"x-csrftoken": owner.token(), "hx-request": "true", "hx-current-url": url}

    answer = owner.client.post("/projects/ticks/page", data={"project": owner.ids(), "on": "1"}, headers=headers)

    assert answer.status_code == 200
    assert "4 projects, 0 Planner, 0 Safety" in words(answer)
