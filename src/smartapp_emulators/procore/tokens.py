"""Codes, tokens and sessions: issued, rotated, expired and revoked."""

import secrets
from datetime import timedelta

from smartapp_emulators.procore.state import Code, Token
from smartapp_emulators.procore.store import Store
from smartapp_emulators.procore.world import App

CODE_LIFE = timedelta(minutes=10)
TOKEN_LIFE = timedelta(minutes=90)

#: Looks like the header of a signed token, but nothing behind it can be read: tokens are opaque.
_JWT_LIKE_HEADER = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzUxMiJ9"
_LONG_TOKEN_BYTES = 900
_SHORT_TOKEN_BYTES = 32


class InvalidGrant(Exception):
    """A code or refresh token that buys nothing; the text says why."""


def issue_code(store: Store, *, client_id: str, person_id: int, redirect_uri: str) -> str:
    code = secrets.token_hex(32)
    with store.changing() as state:
        now = store.clock.now()
        state.codes = {key: each for key, each in state.codes.items() if each.expires_at > now}
        state.codes[code] = Code(
            client_id=client_id, person_id=person_id, redirect_uri=redirect_uri, expires_at=now + CODE_LIFE
        )
    return code


def exchange_code(store: Store, app: App, code: str, redirect_uri: str | None) -> Token:
    """Turn a code into tokens, once; a wrong attempt by its own app spends it as well."""
    with store.changing() as state:
        found = state.codes.get(code)
        if found is None or found.client_id != app.client_id:
            raise InvalidGrant("The provided authorization code is invalid, used already, or belongs to another app.")
        del state.codes[code]
        if found.expires_at <= store.clock.now():
            raise InvalidGrant("The provided authorization code has expired.")
        if redirect_uri != found.redirect_uri:
            raise InvalidGrant("The redirect_uri differs from the one the code was issued for.")
        return _issue(store, app, person_id=found.person_id)


def refresh(store: Store, app: App, refresh_token: str) -> Token:
    """Rotate: the old pair dies at once, whether or not the answer ever arrives."""
    with store.changing() as state:
        found = next((each for each in state.tokens if each.refresh == refresh_token), None)
        if found is None or not found.refreshable or found.client_id != app.client_id:
            raise InvalidGrant("The refresh token is invalid, spent or revoked.")
        state.tokens.remove(found)
        return _issue(store, app, person_id=found.person_id)


def spend_refresh_token(store: Store, refresh_token: str | None) -> None:
    """Kill a refresh token that came with a refused call."""
    if refresh_token is None:
        return
    with store.changing() as state:
        for token in state.tokens:
            if token.refresh == refresh_token:
                token.refreshable = False


def issue_for_service_account(store: Store, app: App) -> Token:
    with store.changing():
        return _issue(store, app, person_id=None)


def issue_for_person(store: Store, app: App, person_id: int) -> Token:
    """Issue what the log-in would have issued; for tests that do not want to click."""
    with store.changing():
        return _issue(store, app, person_id=person_id)


def living(store: Store, access_token: str) -> Token | None:
    """Return the token if it can be used now."""
    with store.lock:
        found = next((each for each in store.state.tokens if each.access == access_token), None)
        return found if found is not None and found.expires_at > store.clock.now() else None


def revoke(store: Store, token: str) -> None:
    """Kill the pair an access or refresh token belongs to; an unknown token is no error."""
    with store.changing() as state:
        state.tokens = [each for each in state.tokens if token not in (each.access, each.refresh)]


def revoke_all(store: Store, *, client_id: str | None = None, person_id: int | None = None) -> int:
    """Kill every pair that fits; return how many. Nothing named: all of them."""
    with store.changing() as state:
        kept = [each for each in state.tokens if not _fits(each, client_id, person_id)]
        gone = len(state.tokens) - len(kept)
        state.tokens = kept
        return gone


def expire(store: Store, *, client_id: str | None = None, person_id: int | None = None) -> int:
    """Let access tokens run out now; refresh tokens stay good. Return how many."""
    with store.changing() as state:
        running = [
            each for each in state.tokens if _fits(each, client_id, person_id) and each.expires_at > store.clock.now()
        ]
        for token in running:
            token.expires_at = store.clock.now()
        return len(running)


def start_session(store: Store, person_id: int) -> str:
    key = secrets.token_urlsafe(24)
    with store.changing() as state:
        state.sessions[key] = person_id
    return key


def end_session(store: Store, key: str | None) -> None:
    with store.changing() as state:
        state.sessions.pop(key or "", None)


def _issue(store: Store, app: App, *, person_id: int | None) -> Token:
    now = store.clock.now()
    size = _LONG_TOKEN_BYTES if store.state.behavior.long_tokens else _SHORT_TOKEN_BYTES
    token = Token(
        access=f"{_JWT_LIKE_HEADER}.{secrets.token_urlsafe(size)}",
        client_id=app.client_id,
        created_at=now,
        expires_at=now + TOKEN_LIFE,
        person_id=person_id,
        refresh=None if person_id is None else secrets.token_hex(32),
    )
    # A service account's spent tokens are of no more use; a person's may still be refreshed.
    store.state.tokens = [each for each in store.state.tokens if each.refresh is not None or each.expires_at > now]
    store.state.tokens.append(token)
    return token


def _fits(token: Token, client_id: str | None, person_id: int | None) -> bool:
    return client_id in (None, token.client_id) and person_id in (None, token.person_id)
