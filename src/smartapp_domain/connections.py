"""
What lets us act on the platform while nobody is signed in: a pair of tokens, and who renews them when.

A refresh token can be offered once. By the platform's rules *any* offer kills it, whether or not the answer reaches us,
so that an offer is written down before it is made: whoever finds one without an outcome knows that the answer may be
lost, and does not offer the same token again. Only a person who signs in anew can help then.
"""

import enum
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

import attrs

from smartapp_domain.lifecycle import advance

#: A token is replaced this long before it ends, so that it does not end between our look and the platform's.
EARLY: Final = timedelta(seconds=60)


@attrs.frozen
class Tokens:
    """
    What one connection may act with. Never logged, never stored unsealed.

    Attributes:
        refresh_token: None where there is nothing to offer: our service account asks with its own credentials.
        version: Counts the pairs of a connection; 0 stands for none yet.

    """

    access_token: str = attrs.field(repr=False)
    expires_at: datetime
    refresh_token: str | None = attrs.field(default=None, repr=False)
    version: int = 1

    def good(self, at: datetime, refused: str | None = None) -> bool:
        """Tell whether the access token can be used at `at`; `refused` is one the platform did not accept just now."""
        return self.access_token != refused and self.expires_at > at + EARLY


_NONE_YET: Final = Tokens("", datetime.min.replace(tzinfo=UTC), version=0)


class ConnectionState(enum.Enum):
    READY = "ready"
    """Its tokens are used, and renewed when they end."""
    CLAIMED = "claimed"
    """Somebody is about to renew them; nothing has left us yet."""
    OFFERED = "offered"
    """The refresh token is on its way, or spent; what came back is not stored yet."""
    RECONNECT = "reconnect"
    """Only a person can help, by signing in with the platform again."""


class ConnectionEvent(enum.Enum):
    CLAIMED = "claimed"
    OFFERED = "offered"
    RENEWED = "renewed"
    POSTPONED = "postponed"
    """The platform took nothing from us; the same may be tried later."""
    REFUSED = "refused"
    ANSWER_LOST = "answer_lost"
    CONNECTED = "connected"
    """A person signed in and lets us work while they are away."""


S, E = ConnectionState, ConnectionEvent
#: Every legal move; an absent pair is illegal. The diagram in docs/domain.md is drawn from this.
CONNECTION_TRANSITIONS: Final[Mapping[tuple[ConnectionState, ConnectionEvent], ConnectionState]] = {
    (S.READY, E.CLAIMED): S.CLAIMED,
    (S.READY, E.REFUSED): S.RECONNECT,
    (S.READY, E.RENEWED): S.READY,  # a holder taken for dead comes back with an answer
    (S.CLAIMED, E.CLAIMED): S.CLAIMED,  # the first holder died before anything left
    (S.CLAIMED, E.OFFERED): S.OFFERED,
    (S.CLAIMED, E.RENEWED): S.READY,  # our service account, which offers nothing
    (S.CLAIMED, E.POSTPONED): S.READY,
    (S.OFFERED, E.RENEWED): S.READY,
    (S.OFFERED, E.POSTPONED): S.READY,
    (S.OFFERED, E.REFUSED): S.RECONNECT,
    (S.OFFERED, E.ANSWER_LOST): S.RECONNECT,
    (S.RECONNECT, E.RENEWED): S.READY,  # the same, after its answer had been given up
    (S.READY, E.CONNECTED): S.READY,
    (S.CLAIMED, E.CONNECTED): S.READY,
    (S.OFFERED, E.CONNECTED): S.READY,
    (S.RECONNECT, E.CONNECTED): S.READY,
}


@attrs.frozen
class Connection:
    """
    One connection: its tokens, and how their renewal stands.

    Attributes:
        version: Of the stored row; rises with every change, a claim included.
        fence: Rises with each claim; a holder whose number is old may offer nothing.
        leased_until: While somebody renews: when others stop waiting for them.
        not_before: The platform asked us to stay away until then, or nothing can come of it earlier.
        changed_at: When it came into its state.

    """

    tokens: Tokens
    changed_at: datetime
    version: int = 1
    state: ConnectionState = ConnectionState.READY
    fence: int = 0
    leased_until: datetime | None = None
    not_before: datetime | None = None

    @classmethod
    def none_yet(cls) -> Self:
        """Return what a service account starts from: no tokens, nothing stored."""
        return cls(_NONE_YET, _NONE_YET.expires_at, version=0)

    @classmethod
    def by_person(cls, tokens: Tokens, *, at: datetime, replacing: Self | None = None) -> Self:
        """Return the connection a person just made; it takes the place of any other, in whatever state."""
        if replacing is None:
            return cls(attrs.evolve(tokens, version=1), at)
        return replacing.reconnected(tokens, at=at)

    def reconnected(self, tokens: Tokens, *, at: datetime) -> Self:
        return self._after(E.CONNECTED, at, tokens=attrs.evolve(tokens, version=self.tokens.version + 1))

    def claimed(self, *, at: datetime, lease: timedelta) -> Self:
        """Return it with a new holder, who alone may go on to offer."""
        return self._after(E.CLAIMED, at, fence=self.fence + 1, leased_until=at + lease)

    def offered(self, *, at: datetime) -> Self:
        """Return it as it must be stored before the refresh token leaves us."""
        return self._after(E.OFFERED, at, leased_until=self.leased_until)

    def renewed(self, tokens: Tokens, *, at: datetime) -> Self:
        """Return it with the new pair, to be stored before either token is used."""
        return self._after(E.RENEWED, at, tokens=attrs.evolve(tokens, version=self.tokens.version + 1))

    def postponed(self, *, at: datetime, until: datetime) -> Self:
        return self._after(E.POSTPONED, at, not_before=until)

    def refused(self, *, at: datetime) -> Self:
        return self._after(E.REFUSED, at)

    def answer_lost(self, *, at: datetime) -> Self:
        return self._after(E.ANSWER_LOST, at)

    def _after(self, event: ConnectionEvent, at: datetime, **changes: Any) -> Self:
        moved: dict[str, Any] = {
            "state": advance(CONNECTION_TRANSITIONS, self.state, event),
            "version": self.version + 1,
            "changed_at": at,
            "leased_until": None,
            "not_before": None,
        }
        return attrs.evolve(self, **(moved | changes))


class Next(enum.Enum):
    """What somebody who needs a token does next."""

    USE = "use"
    RENEW = "renew"
    WAIT = "wait"
    """Somebody else renews: look again in a moment."""
    STAY_AWAY = "stay_away"
    GIVE_UP = "give_up"
    """The holder died after the offer: the answer is lost."""
    RECONNECT = "reconnect"


def next_step(connection: Connection, *, at: datetime, refused: str | None = None) -> Next:
    """
    Decide for one who needs a token at `at`.

    `refused` is an access token the platform did not accept a moment ago, however good it looks.
    """
    held = connection.leased_until is not None and connection.leased_until > at
    match connection.state:
        case ConnectionState.RECONNECT:
            return Next.RECONNECT
        case ConnectionState.CLAIMED:
            return Next.WAIT if held else Next.RENEW
        case ConnectionState.OFFERED:
            return Next.WAIT if held else Next.GIVE_UP
        case ConnectionState.READY:
            if connection.tokens.good(at, refused):
                return Next.USE
            waits = connection.not_before is not None and connection.not_before > at
            return Next.STAY_AWAY if waits else Next.RENEW
