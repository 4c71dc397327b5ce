"""
In whose name we ask: a signed-in person, one of our apps, or a person who connected an account for good.

Rotation is the dangerous part of the last: a refresh kills the old refresh token at once, so one connection has one
refresher, and both new tokens are stored before the first of them is used.
"""

import threading
from collections import defaultdict
from datetime import timedelta

import attrs

from smartapp_adapters.procore.errors import app_name
from smartapp_adapters.procore.login import Granted, LoginHost
from smartapp_domain.catalog import Module
from smartapp_domain.ids import AccountId
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.platform import PersonGrant, PlatformError, ReconnectNeeded
from smartapp_domain.ports.storage import Stale
from smartapp_domain.ports.tokens import Tokens, TokenVault

#: A token is replaced this long before it ends, so that it does not end between our look and Procore's.
EARLY = timedelta(seconds=60)


@attrs.frozen
class PersonBearer:
    """The person at the keyboard. There is nothing to renew: signing in again is one click."""

    grant: PersonGrant

    def token(self) -> str:
        return self.grant.access_token

    def renewed(self, refused: str) -> str | None:  # noqa: ARG002 - part of the protocol
        return None

    def rejected(self, error: PlatformError) -> PlatformError:
        return error


class ServiceTokens:
    """One token per app, in memory only, fetched by one thread while the others wait for it."""

    def __init__(self, login: LoginHost, clock: Clock) -> None:
        self._login = login
        self._clock = clock
        self._held: dict[Module, Granted] = {}
        self._locks: dict[Module, threading.Lock] = {module: threading.Lock() for module in Module}

    def current(self, app: Module, *, refused: str | None = None) -> str:
        """Return a token that is neither about to end nor the refused one."""
        with self._locks[app]:
            held = self._held.get(app)
            if held is None or held.access_token == refused or held.expires_at - EARLY <= self._clock.now():
                held = self._held[app] = self._login.service_token(app)
            return held.access_token


@attrs.frozen
class ServiceBearer:
    """The app itself."""

    app: Module
    tokens: ServiceTokens

    def token(self) -> str:
        return self.tokens.current(self.app)

    def renewed(self, refused: str) -> str | None:
        return self.tokens.current(self.app, refused=refused)

    def rejected(self, error: PlatformError) -> PlatformError:
        return error


class StoredSignIns:
    """The tokens of user-level connections, kept by the vault and renewed here."""

    def __init__(self, vault: TokenVault, login: LoginHost, clock: Clock) -> None:
        self._vault = vault
        self._login = login
        self._clock = clock
        self._guard = threading.Lock()
        self._locks: defaultdict[tuple[AccountId, Module], threading.Lock] = defaultdict(threading.Lock)
        self._dead: dict[tuple[AccountId, Module], int] = {}

    def exists(self, account_id: AccountId, app: Module) -> bool:
        """Tell whether the account connected this app as a person."""
        return self._vault.load(account_id, app) is not None

    def current(self, account_id: AccountId, app: Module, *, refused: str | None = None) -> str:
        """Return a token that is neither about to end nor the refused one, or raise `ReconnectNeeded`."""
        with self._lock_of(account_id, app):
            # Read under the lock: whoever held it before us may have renewed what we were about to renew.
            tokens = self._stored(account_id, app)
            if tokens.access_token != refused and tokens.expires_at - EARLY > self._clock.now():
                return tokens.access_token
            return self._renew(account_id, app, tokens).access_token

    def _renew(self, account_id: AccountId, app: Module, old: Tokens) -> Tokens:
        if old.refresh_token is None or self._dead.get((account_id, app)) == old.version:
            raise _reconnect(app)  # Procore said so before; asking again cannot help and counts against us
        try:
            granted = self._login.refresh(app, old.refresh_token)
        except ReconnectNeeded:
            return self._renewed_elsewhere(account_id, app, old)
        fresh = Tokens(granted.access_token, granted.expires_at, granted.refresh_token, old.version + 1)
        try:
            self._vault.save(account_id, app, fresh, replacing=old.version)
        except Stale:  # somebody signed in anew meanwhile, and theirs is the connection now, or it was dropped
            return self._stored(account_id, app)
        return fresh

    def _renewed_elsewhere(self, account_id: AccountId, app: Module, old: Tokens) -> Tokens:
        """Another process may have spent the refresh token a moment ago and stored a better one."""
        newer = self._vault.load(account_id, app)
        if newer is None or newer.version == old.version:
            self._dead[account_id, app] = old.version
            raise _reconnect(app)
        return newer

    def _stored(self, account_id: AccountId, app: Module) -> Tokens:
        tokens = self._vault.load(account_id, app)
        if tokens is None:
            raise _reconnect(app)
        return tokens

    def _lock_of(self, account_id: AccountId, app: Module) -> threading.Lock:
        with self._guard:
            return self._locks[account_id, app]


@attrs.frozen
class StoredBearer:
    """A person who connected the account and let us work while away."""

    account_id: AccountId
    app: Module
    sign_ins: StoredSignIns

    def token(self) -> str:
        return self.sign_ins.current(self.account_id, self.app)

    def renewed(self, refused: str) -> str | None:
        return self.sign_ins.current(self.account_id, self.app, refused=refused)

    def rejected(self, error: PlatformError) -> PlatformError:
        return _reconnect(self.app, request_id=error.request_id)


def _reconnect(app: Module, *, request_id: str | None = None) -> ReconnectNeeded:
    return ReconnectNeeded(
        f"Procore does not accept the stored sign-in of {app_name(app)} any more.",
        remedy="Connect again by signing in with Procore.",
        request_id=request_id,
    )
