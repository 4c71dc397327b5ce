import base64

import pytest
from tests.emulators.procore.support import ADA, CALLBACK, HARBOR, Emulator, read_page, returned, submit

SECRETS = {"client_id": "one", "client_secret": "secret-one"}


def test_a_fresh_browser_is_asked_who_it_is_and_returns_to_the_consent_page(emulator: Emulator) -> None:
    first = emulator.authorize()
    log_in = emulator.http.get(first.headers["location"])
    chosen = submit(emulator.http, log_in, button="Continue as Ada Example")
    consent = emulator.http.get(chosen.headers["location"])
    allowed = submit(emulator.http, consent, button="Allow")

    assert allowed.headers["location"].startswith(f"{CALLBACK}?")
    assert returned(allowed)["state"] == "s&1"
    assert emulator.exchange(returned(allowed)["code"]).status_code == 200


def test_deny_returns_to_the_app_with_access_denied(emulator: Emulator) -> None:
    emulator.sign_in(ADA)

    deny = read_page(emulator.authorize()).links["Deny"]["href"]

    assert deny.startswith(f"{CALLBACK}?error=access_denied")
    assert deny.endswith("state=s%261")


def test_tokens_last_ninety_minutes(emulator: Emulator) -> None:
    body = emulator.exchange(emulator.code()).json()
    emulator.clock.advance(5399)
    before = emulator.get("/rest/v1.0/me", body["access_token"], None)
    emulator.clock.advance(1)
    after = emulator.get("/rest/v1.0/me", body["access_token"], None)

    assert (body["expires_in"], body["token_type"]) == (5400, "bearer")
    assert body["refresh_token"]
    assert (before.status_code, after.status_code) == (200, 401)
    assert "The access token is invalid" in after.text


def test_a_refresh_kills_the_old_pair_at_once(emulator: Emulator) -> None:
    old = emulator.exchange(emulator.code()).json()

    new = emulator.refresh(old["refresh_token"]).json()
    again = emulator.refresh(old["refresh_token"])

    assert new["refresh_token"] != old["refresh_token"]
    assert emulator.get("/rest/v1.0/me", old["access_token"], None).status_code == 401
    assert emulator.get("/rest/v1.0/me", new["access_token"], None).status_code == 200
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_refused_refresh_kills_the_refresh_token_too(emulator: Emulator) -> None:
    old = emulator.exchange(emulator.code()).json()

    refused = emulator.refresh(old["refresh_token"], client_secret="wrong")
    honest = emulator.refresh(old["refresh_token"])

    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert honest.json()["error"] == "invalid_grant"


def test_a_refused_refresh_may_be_set_to_be_harmless(emulator: Emulator) -> None:
    emulator.behave(failed_refresh_kills=False)
    old = emulator.exchange(emulator.code()).json()

    emulator.refresh(old["refresh_token"], client_secret="wrong")

    assert emulator.refresh(old["refresh_token"]).status_code == 200


def test_a_refresh_token_outlives_its_access_token(emulator: Emulator) -> None:
    body = emulator.exchange(emulator.code()).json()
    emulator.clock.advance(90 * 24 * 3600)

    assert emulator.refresh(body["refresh_token"]).status_code == 200


def test_a_code_works_once(emulator: Emulator) -> None:
    code = emulator.code()

    assert emulator.exchange(code).status_code == 200
    assert emulator.exchange(code).json()["error"] == "invalid_grant"


def test_a_code_lives_ten_minutes(emulator: Emulator) -> None:
    code = emulator.code()
    emulator.clock.advance(600)

    assert emulator.exchange(code).json()["error"] == "invalid_grant"


def test_a_code_belongs_to_its_redirect_uri_and_app(emulator: Emulator) -> None:
    other_uri = emulator.exchange(emulator.code(), redirect_uri="https://app.example.com/back/")
    other_app = emulator.exchange(emulator.code(), client_id="two", client_secret="secret-two")

    assert other_uri.json()["error"] == "invalid_grant"
    assert other_app.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("uri", ["http://localhost/cb/", "https://app.example.com/back", "https://evil.example.com/"])
def test_an_unregistered_redirect_uri_is_never_redirected_to(emulator: Emulator, uri: str) -> None:
    emulator.sign_in(ADA)

    page = emulator.authorize(redirect_uri=uri)

    assert page.status_code == 400
    assert uri in page.text


def test_an_unknown_app_is_told_so_on_a_page(emulator: Emulator) -> None:
    assert emulator.authorize(client_id="nobody").status_code == 401


def test_the_implicit_flow_is_refused_at_the_app(emulator: Emulator) -> None:
    answer = emulator.authorize(response_type="token")

    assert returned(answer) == {"error": "unsupported_response_type", "state": "s&1"}


def test_an_out_of_band_app_gets_its_code_on_a_page(emulator: Emulator) -> None:
    emulator.sign_in(ADA)
    oob = "urn:ietf:wg:oauth:2.0:oob"

    page = submit(emulator.http, emulator.authorize(redirect_uri=oob), button="Allow")
    code = page.text.split('<code class="code">')[1].split("</code>")[0]

    assert emulator.exchange(code, redirect_uri=oob).status_code == 200


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/token/"])
@pytest.mark.parametrize("encoding", ["form", "multipart", "json", "basic"])
def test_every_body_encoding_and_basic_work(emulator: Emulator, encoding: str, path: str) -> None:
    wish = {"grant_type": "client_credentials"}

    match encoding:
        case "form":
            answer = emulator.http.post(path, data={**wish, **SECRETS})
        case "multipart":
            parts = {name: (None, value) for name, value in {**wish, **SECRETS}.items()}
            answer = emulator.http.post(path, files=parts)
        case "json":
            answer = emulator.http.post(path, json={**wish, **SECRETS})
        case _:
            header = "Basic " + base64.b64encode(b"one:secret-one").decode()
            answer = emulator.http.post(path, data=wish, headers={"Authorization": header})

    assert answer.status_code == 200
    assert "refresh_token" not in answer.json()


@pytest.mark.parametrize(
    ("sent", "status", "error"),
    [
        ({"grant_type": "client_credentials", "client_id": "one", "client_secret": "no"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "nobody"}, 401, "invalid_client"),
        ({"grant_type": "password", **SECRETS}, 400, "unsupported_grant_type"),
        ({**SECRETS}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", **SECRETS}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", **SECRETS}, 400, "invalid_request"),
        (
            {"grant_type": "client_credentials", "client_id": "two", "client_secret": "secret-two"},
            400,
            "unauthorized_client",
        ),
    ],
)
def test_wrong_token_requests_say_what_is_wrong(
    emulator: Emulator, sent: dict[str, str], status: int, error: str
) -> None:
    answer = emulator.http.post("/oauth/token", data=sent)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]


def test_a_body_that_is_no_object_is_refused(emulator: Emulator) -> None:
    assert emulator.http.post("/oauth/token", json=["grant"]).status_code == 400


def test_unreadable_basic_credentials_are_refused(emulator: Emulator) -> None:
    answer = emulator.http.post("/oauth/token", data={"grant_type": "x"}, headers={"Authorization": "Basic %%%"})

    assert answer.json()["error"] == "invalid_client"


def test_info_tells_whose_token_it_is_and_how_long_it_lasts(emulator: Emulator) -> None:
    token = emulator.exchange(emulator.code()).json()["access_token"]
    emulator.clock.advance(400)

    info = emulator.get("/oauth/token/info", token, None).json()

    assert info["resource_owner_id"] == ADA
    assert info["application"] == {"uid": "one"}
    assert info["expires_in_seconds"] == 5000


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_revoking_either_token_kills_both(emulator: Emulator, which: str) -> None:
    pair = emulator.exchange(emulator.code()).json()

    answer = emulator.http.post("/oauth/revoke", data={**SECRETS, "token": pair[which]})

    assert (answer.status_code, answer.json()) == (200, {})
    assert emulator.get("/rest/v1.0/me", pair["access_token"], None).status_code == 401
    assert emulator.refresh(pair["refresh_token"]).status_code == 400


def test_revoking_an_unknown_token_answers_the_same(emulator: Emulator) -> None:
    answer = emulator.http.post("/oauth/revoke", data={**SECRETS, "token": "nobody-knows-it"})

    assert (answer.status_code, answer.json()) == (200, {})


def test_one_app_cannot_revoke_the_tokens_of_another(emulator: Emulator) -> None:
    token = emulator.person_token()

    emulator.http.post("/oauth/revoke", data={"client_id": "two", "client_secret": "secret-two", "token": token})

    assert emulator.get("/rest/v1.0/me", token, None).status_code == 200


def test_a_signed_in_browser_can_switch_to_another_person(emulator: Emulator) -> None:
    emulator.sign_in(ADA)

    link = read_page(emulator.authorize()).links["Switch person"]["href"]
    page = emulator.http.get(link)
    back = submit(emulator.http, page, button="Continue as Ben Example")

    assert back.headers["location"].startswith("/oauth/authorize?")
    assert "ben@example.com" in emulator.http.get(back.headers["location"]).text


def test_signing_in_never_leads_to_another_site(emulator: Emulator) -> None:
    for trick in ("https://evil.example.com/", "//evil.example.com", "/\\evil.example.com"):
        answer = emulator.http.post("/login", data={"person": str(ADA), "next": trick})
        assert answer.headers["location"] == "/marketplace"


def test_a_form_sent_by_another_site_is_refused(emulator: Emulator) -> None:
    answer = emulator.http.post("/login", data={"person": str(ADA)}, headers={"Origin": "https://evil.example.com"})

    assert answer.status_code == 403


def test_a_token_of_a_person_who_left_the_world_is_worth_nothing(emulator: Emulator) -> None:
    token = emulator.person_token()
    world = emulator.store.state.world
    world.people = [each for each in world.people if each.id != ADA]

    assert emulator.get("/rest/v1.0/me", token, HARBOR).status_code == 401
