"""The token side of OAuth: token, info, revoke. The pages of log-in and consent are in `pages`."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile

from smartapp_emulators.procore import tokens
from smartapp_emulators.procore.api.access import ApiRequest, caller_of, store_of
from smartapp_emulators.procore.api.errors import ApiError, json_answer
from smartapp_emulators.procore.state import Token
from smartapp_emulators.procore.store import Store
from smartapp_emulators.procore.world import App

#: Where a call for tokens leaves word for the journal of what it brought; never the thing itself.
GRANT = "procore_emulator_grant"
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@post("/oauth/token", status_code=200)
async def token(request: ApiRequest) -> Response[bytes]:
    store = store_of(request)
    sent = await _parameters(request)
    request.scope["state"][GRANT] = sent.get("grant_type")
    try:
        issued = _issued(store, _app(store, sent), sent)
    except ApiError:
        if store.state.behavior.failed_refresh_kills and sent.get("grant_type") == "refresh_token":
            tokens.spend_refresh_token(store, sent.get("refresh_token"))
        raise
    return json_answer(_token_body(issued), headers=_NO_STORE)


@get("/oauth/token/info", sync_to_thread=False)
def token_info(request: ApiRequest) -> Response[bytes]:
    caller = caller_of(request)
    left_s = (caller.token.expires_at - caller.store.clock.now()).total_seconds()
    return json_answer(
        {
            "resource_owner_id": caller.person.id if caller.person is not None else 0,
            "scopes": [],
            "expires_in_seconds": int(left_s),
            "application": {"uid": caller.token.client_id},
            "created_at": int(caller.token.created_at.timestamp()),
        }
    )


@post("/oauth/revoke", status_code=200)
async def revoke(request: ApiRequest) -> Response[bytes]:
    """Kill a token pair; unknown tokens answer the same, or one could probe for them."""
    store = store_of(request)
    sent = await _parameters(request)
    app = _app(store, sent)
    known = any(
        sent.get("token") in (each.access, each.refresh) and each.client_id == app.client_id
        for each in store.state.tokens
    )
    if known:
        tokens.revoke(store, sent["token"])
    return json_answer({})


def _issued(store: Store, app: App, sent: Mapping[str, str]) -> Token:
    try:
        match sent.get("grant_type"):
            case "authorization_code":
                _allowed(app, "authorization_code")
                return tokens.exchange_code(store, app, _needed(sent, "code"), _needed(sent, "redirect_uri"))
            case "refresh_token":
                return tokens.refresh(store, app, _needed(sent, "refresh_token"))
            case "client_credentials":
                _allowed(app, "client_credentials")
                return tokens.issue_for_service_account(store, app)
    except tokens.InvalidGrant as error:
        raise _oauth_error(400, "invalid_grant", str(error)) from error
    raise _oauth_error(400, "unsupported_grant_type", "The grant type is not supported by this server.")


def _allowed(app: App, grant: str) -> None:
    if grant not in app.grants:
        raise _oauth_error(400, "unauthorized_client", f"{app.name} is not set up for {grant}.")


def _app(store: Store, sent: Mapping[str, str]) -> App:
    app = store.app(sent.get("client_id"))
    if app is None or sent.get("client_secret") != app.client_secret:
        raise _oauth_error(
            401,
            "invalid_client",
            "Client authentication failed due to unknown client, no client authentication included, or wrong secret.",
        )
    return app


def _needed(sent: Mapping[str, str], name: str) -> str:
    if not sent.get(name):
        raise _oauth_error(400, "invalid_request", f"Missing required parameter: {name}.")
    return sent[name]


def _oauth_error(status: int, code: str, description: str) -> ApiError:
    return ApiError(status, {"error": code, "error_description": description})


def _token_body(issued: Token) -> dict[str, Any]:
    body = {
        "access_token": issued.access,
        "token_type": "bearer",
        "expires_in": int((issued.expires_at - issued.created_at).total_seconds()),
        "created_at": int(issued.created_at.timestamp()),
    }
    return body if issued.refresh is None else {**body, "refresh_token": issued.refresh}


async def _parameters(request: ApiRequest) -> dict[str, str]:
    """Read a form, a multipart form or JSON; HTTP Basic fills in id and secret."""
    if request.content_type[0].endswith("json"):
        body = await request.json()
        if not isinstance(body, dict):
            raise _oauth_error(400, "invalid_request", "The body must be an object.")
        sent = {str(name): str(value) for name, value in body.items() if value is not None}
    else:
        form = await request.form()
        sent = {name: value for name, value in form.multi_items() if not isinstance(value, UploadFile)}
    return {**sent, **_basic(request.headers.get("authorization", ""))}


def _basic(header: str) -> dict[str, str]:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _oauth_error(401, "invalid_client", "The Basic credentials cannot be read.") from None
    return {"client_id": client_id, "client_secret": secret}


HANDLERS = (token, token_info, revoke)
