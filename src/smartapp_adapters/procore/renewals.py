"""
Renewing tokens exactly once, however many tasks and processes find them ended at the same moment.

The lock is the stored connection itself: who wins its compare-and-set renews, the others look again until the new
pair is there. A claim and an offer are stored before Procore hears of them, and no transaction is open while it does.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from smartapp_adapters.procore.client import refuse_inside_transaction
from smartapp_adapters.procore.errors import TRY_LATER, Subject, app_name
from smartapp_adapters.procore.login import CONNECT_AGAIN, AnswerLost, Granted
from smartapp_domain.catalog import Module
from smartapp_domain.connections import Connection, ConnectionState, Next, Tokens, next_step
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.platform import PlatformError, PlatformUnavailable, ReconnectNeeded
from smartapp_domain.ports.storage import Scope, Stale, StorageUnavailable
from smartapp_domain.ports.tokens import TokenVault

logger = logging.getLogger("smartapp.procore")
T = TypeVar("T")

_LOOK_AGAIN_S = 0.1
#: Between tries to store what Procore answered when the storage is out of reach: nobody else knows it.
_STORE_PAUSES_S = (0.5, 1.0, 2.0, 4.0)
#: How long everybody stays away after a failure that names no time, so that a crowd does not fail one by one.
_HOLD_OFF = timedelta(seconds=5)


class Source(Protocol):
    """Whose tokens are renewed, and by what."""

    @property
    def scope(self) -> Scope: ...

    @property
    def app(self) -> Module: ...

    @property
    def spends(self) -> bool:
        """Tell whether a renewal spends something that cannot be spent twice."""
        ...

    def load(self, vault: TokenVault) -> Connection:
        """Return the connection as stored, or what stands for none."""
        ...

    def fetch(self, tokens: Tokens) -> Granted:
        """Ask Procore once; `ReconnectNeeded` when only a person can help, any other error when nothing was spent."""
        ...


class Renewals:
    """
    Hands out tokens that are good, renewed at most once.

    Args:
        lease: How long others wait for a holder before they take it for dead; longer than a call to Procore takes. A
            wrong guess costs nothing but time: the fence stops a slow holder's offer, and a late answer is stored.
        max_wait_s: The longest a caller is held here.

    """

    def __init__(
        self, vault: TokenVault, clock: Clock, *, lease: timedelta, max_wait_s: float, sleep: Callable[[float], None]
    ) -> None:
        self._vault = vault
        self._clock = clock
        self._lease = lease
        self._max_wait_s = max_wait_s
        self._sleep = sleep
        self._guard = threading.Lock()
        self._queues: defaultdict[tuple[Scope, Module], threading.Lock] = defaultdict(threading.Lock)

    def current(self, source: Source, *, refused: str | None = None) -> Tokens:
        """
        Return tokens that are neither about to end nor the refused ones.

        Raises:
            ReconnectNeeded: Only a person can help; the connection says so from now on, and Procore is not asked again.
            PlatformError: None could be had now.

        """
        with self._queue(source):  # one thread of this process looks after the connection, not all of them
            waited_s = 0.0
            while True:
                connection = source.load(self._vault)
                match next_step(connection, at=self._clock.now(), refused=refused):
                    case Next.USE:
                        return connection.tokens
                    case Next.RENEW:
                        # Taken as it is: Procore may answer with the very token it just refused.
                        if (fresh := self._renew(source, connection)) is not None:
                            return fresh
                    case Next.WAIT:
                        if waited_s >= self._max_wait_s:
                            raise _busy(source, self._seconds_until(connection.leased_until))
                        self._sleep(_LOOK_AGAIN_S)
                        waited_s += _LOOK_AGAIN_S
                    case Next.STAY_AWAY:
                        raise _stay_away(source, self._seconds_until(connection.not_before))
                    case Next.GIVE_UP:
                        logger.error("procore.answer_lost: %s of %s", source.app.value, source.scope)
                        self._try_save(source, connection, connection.answer_lost(at=self._clock.now()))
                    case Next.RECONNECT:
                        raise reconnect(source.app)

    def give_up(self, source: Source, refused: str) -> None:
        """Note that Procore refuses even the pair it just gave, so that nobody renews it over and over."""
        connection = source.load(self._vault)
        if connection.tokens.access_token == refused and connection.state is ConnectionState.READY:
            self._try_save(source, connection, connection.refused(at=self._clock.now()))

    def _renew(self, source: Source, connection: Connection) -> Tokens | None:
        """
        Become the holder and return the new pair, which is stored then; None when one has to look again.

        Whatever else comes of it is stored too, and errors are the caller's to see.
        """
        if source.spends and connection.tokens.refresh_token is None:
            self._try_save(source, connection, connection.refused(at=self._clock.now()))
            return None
        refuse_inside_transaction(Subject("the renewal of the sign-in", source.app))  # before anything is claimed
        mine = self._claim(source, connection)
        if mine is None:
            return None
        try:
            granted = source.fetch(mine.tokens)
        except ReconnectNeeded as error:
            if self._is_final(source, mine, error):
                raise
            return None
        except PlatformError as error:
            self._postpone(source, mine, error)
            raise
        return self._store(source, mine, Tokens(granted.access_token, granted.expires_at, granted.refresh_token))

    def _claim(self, source: Source, connection: Connection) -> Connection | None:
        """Take the connection, and say what is about to be spent before it is; None when somebody else was first."""
        if connection.state is ConnectionState.CLAIMED:
            logger.warning("procore.taken_over: %s of %s", source.app.value, source.scope)
        mine = connection.claimed(at=self._clock.now(), lease=self._lease)
        if not self._try_save(source, connection, mine):
            return None
        if not source.spends:
            return mine
        offered = mine.offered(at=self._clock.now())
        return offered if self._try_save(source, mine, offered) else None

    def _is_final(self, source: Source, mine: Connection, error: ReconnectNeeded) -> bool:
        """Look once more: a person may have signed in meanwhile. If not, note that only they can help."""
        logger.warning("procore.reconnect_needed: %s (request %s)", error, error.request_id)
        now = source.load(self._vault)
        if now.tokens.version != mine.tokens.version:
            return False
        if now.state is not ConnectionState.RECONNECT:
            at = self._clock.now()
            dead = now.answer_lost(at=at) if isinstance(error, AnswerLost) else now.refused(at=at)
            return self._try_save(source, now, dead)
        return True

    def _postpone(self, source: Source, mine: Connection, error: PlatformError) -> None:
        now, told_s = self._clock.now(), getattr(error, "retry_after_s", None)
        until = now + (_HOLD_OFF if told_s is None else timedelta(seconds=told_s))
        unspent = mine.postponed(at=now, until=until)  # left as offered, it would count as lost when the lease is over
        self._patiently(partial(self._try_save, source, mine, unspent))

    def _store(self, source: Source, mine: Connection, fresh: Tokens) -> Tokens | None:
        """Store a new pair over whatever became of the old one; only a newer pair is left alone."""
        over = mine
        while True:
            renewed = over.renewed(fresh, at=self._clock.now())
            if self._patiently(partial(self._try_save, source, over, renewed)):
                return renewed.tokens
            over = self._patiently(partial(source.load, self._vault))
            if over.tokens.version != mine.tokens.version:
                return None

    def _patiently(self, do: Callable[[], T]) -> T:
        """Do what must not be given up because the storage is out of reach for some seconds."""
        for pause_s in _STORE_PAUSES_S:
            try:
                return do()
            except StorageUnavailable:
                self._sleep(pause_s)
        return do()

    def _try_save(self, source: Source, old: Connection, new: Connection) -> bool:
        try:
            self._vault.save(source.scope, source.app, new, replacing=old.version)
        except Stale:
            return False
        return True

    def _seconds_until(self, moment: datetime | None) -> float:
        return max(0.0, (moment - self._clock.now()).total_seconds()) if moment is not None else 0.0

    @contextmanager
    def _queue(self, source: Source) -> Iterator[None]:
        with self._guard:
            queue = self._queues[source.scope, source.app]
        if not queue.acquire(timeout=self._max_wait_s):
            raise _busy(source, None)
        try:
            yield
        finally:
            queue.release()


def reconnect(app: Module, *, request_id: str | None = None) -> ReconnectNeeded:
    return ReconnectNeeded(
        f"Procore does not accept the stored sign-in of {app_name(app)} any more.",
        remedy=CONNECT_AGAIN,
        request_id=request_id,
    )


def _busy(source: Source, retry_after_s: float | None) -> PlatformUnavailable:
    return PlatformUnavailable(
        f"The sign-in of {app_name(source.app)} with Procore is being renewed and takes long.",
        remedy=TRY_LATER,
        retry_after_s=retry_after_s,
    )


def _stay_away(source: Source, retry_after_s: float) -> PlatformUnavailable:
    return PlatformUnavailable(
        f"Procore did not renew the sign-in of {app_name(source.app)} a moment ago.",
        remedy=TRY_LATER,
        retry_after_s=retry_after_s,
    )
