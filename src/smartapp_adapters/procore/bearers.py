"""In whose name we ask: a signed-in person, one of our apps, or a person who connected an account for good."""

import attrs

from smartapp_adapters.procore.login import Granted, LoginHost
from smartapp_adapters.procore.renewals import Renewals, reconnect
from smartapp_domain.catalog import Module
from smartapp_domain.connections import Connection, Tokens
from smartapp_domain.ids import AccountId
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.platform import PersonGrant, PlatformError
from smartapp_domain.ports.storage import OPERATOR, Scope
from smartapp_domain.ports.tokens import ConnectionUnreadable, TokenVault


@attrs.frozen
class PersonBearer:
    """The person at the keyboard. There is nothing to renew: signing in again is one click."""

    grant: PersonGrant

    def token(self) -> str:
        return self.grant.access_token

    def renewed(self, refused: str) -> str | None:  # noqa: ARG002 - part of the protocol
        return None

    def rejected(self, refused: str, error: PlatformError) -> PlatformError:  # noqa: ARG002 - part of the protocol
        return error


@attrs.frozen
class ServiceSource:
    """An app asks with its own credentials, which nothing spends: asking twice costs one needless token."""

    app: Module
    login: LoginHost
    scope: Scope = OPERATOR
    spends: bool = False

    def load(self, vault: TokenVault) -> Connection:
        try:
            return vault.load(OPERATOR, self.app) or Connection.none_yet()
        except ConnectionUnreadable as error:  # sealed with a key we lack: another token is one call away
            return error.known

    def fetch(self, tokens: Tokens) -> Granted:  # noqa: ARG002 - part of the protocol
        return self.login.service_token(self.app)


@attrs.frozen
class PersonSource:
    """A person who connected the account. A renewal spends the refresh token, whether or not the answer arrives."""

    scope: AccountId
    app: Module
    login: LoginHost
    spends: bool = True

    def load(self, vault: TokenVault) -> Connection:
        connection = vault.load(self.scope, self.app)
        if connection is None:
            raise reconnect(self.app)
        return connection

    def fetch(self, tokens: Tokens) -> Granted:
        assert tokens.refresh_token is not None
        return self.login.refresh(self.app, tokens.refresh_token)


class ServiceTokens:
    """One token per app, shared by all processes through the vault and remembered here while it is good."""

    def __init__(self, renewals: Renewals, login: LoginHost, clock: Clock) -> None:
        self._renewals = renewals
        self._login = login
        self._clock = clock
        self._held: dict[Module, Tokens] = {}

    def current(self, app: Module, *, refused: str | None = None) -> str:
        """Return a token that is neither about to end nor the refused one."""
        held = self._held.get(app)
        if held is None or not held.good(self._clock.now(), refused):
            held = self._held[app] = self._renewals.current(ServiceSource(app, self._login), refused=refused)
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

    def rejected(self, refused: str, error: PlatformError) -> PlatformError:  # noqa: ARG002 - part of the protocol
        return error


@attrs.frozen
class StoredBearer:
    """A person who connected the account and let us work while away."""

    source: PersonSource
    renewals: Renewals

    def token(self) -> str:
        return self.renewals.current(self.source).access_token

    def renewed(self, refused: str) -> str | None:
        return self.renewals.current(self.source, refused=refused).access_token

    def rejected(self, refused: str, error: PlatformError) -> PlatformError:
        self.renewals.give_up(self.source, refused)
        return reconnect(self.source.app, request_id=error.request_id)
