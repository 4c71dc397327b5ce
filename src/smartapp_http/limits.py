"""
How many requests one client may send: token buckets, counted in each process by itself.

A session or token has a bucket of its own, whatever address it comes from; whoever is nobody shares one per address,
and signing in has a smaller one. The provider's notices, static files and the health check are not limited: a notice
refused is a payment not seen. Source of the headers: draft-ietf-httpapi-ratelimit-headers-10, RFC 6585 (429).
"""

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import attrs

#: Clients remembered per policy; beyond it the one that was quiet longest is forgotten, which only ever lets more in.
MOST_CLIENTS: Final = 50_000
Seconds = Callable[[], float]


@attrs.frozen
class Policy:
    """
    A bucket of `quota` requests that fills up again evenly within `window_s` seconds.

    So `quota` may come at once, and no span of time t sees more than quota + t × quota ÷ window_s of them.
    """

    name: str
    quota: int
    window_s: int = 60

    def __attrs_post_init__(self) -> None:
        if self.quota < 1 or self.window_s < 1:
            raise ValueError(f"The limit {self.name} is {self.quota} in {self.window_s} s. Give whole numbers above 0.")

    def __str__(self) -> str:
        return f'"{self.name}";q={self.quota};w={self.window_s}'


@attrs.frozen
class Limits:
    """The policies in force; None: no limit."""

    session: Policy | None = None
    address: Policy | None = None
    sign_in: Policy | None = None


@attrs.frozen
class Standing:
    """
    How a client stands after a request was counted.

    Attributes:
        remaining: Requests that would pass if they came now.
        full_in_s: Until the whole quota is there again, if nothing comes.
        retry_after_s: Zero if the request passed; else until the next one would.

    """

    policy: Policy
    remaining: int
    full_in_s: int
    retry_after_s: int

    @property
    def passed(self) -> bool:
        return self.retry_after_s == 0

    def headers(self) -> dict[str, str]:
        told = {
            "RateLimit-Policy": str(self.policy),
            "RateLimit": f'"{self.policy.name}";r={self.remaining};t={self.full_in_s}',
        }
        return told if self.passed else {**told, "Retry-After": str(self.retry_after_s)}


class Limiter:
    """
    The buckets of one policy, by client. May be used by many threads.

    A bucket is one number: when it will be full again ("generic cell rate algorithm"), so there is nothing to refill.

    Args:
        seconds: A clock that never goes back.

    """

    def __init__(self, policy: Policy, *, seconds: Seconds = time.monotonic, most_clients: int = MOST_CLIENTS) -> None:
        self.policy = policy
        self._seconds = seconds
        self._most_clients = most_clients
        self._full_at: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, client: str) -> Standing:
        """Count a request of this client; one that does not pass costs nothing."""
        policy, now = self.policy, self._seconds()
        each_s = policy.window_s / policy.quota
        with self._lock:
            full_at = max(now, self._full_at.get(client, now))
            missing_s = full_at + each_s - now
            passed = missing_s <= policy.window_s + each_s * _ROUNDING
            if passed:
                full_at += each_s
                self._remember(client, full_at)
        wait_s = 0 if passed else max(1, math.ceil(missing_s - policy.window_s))
        lacking = (full_at - now) / each_s
        remaining = max(0, math.floor(policy.quota - lacking + _ROUNDING))
        return Standing(policy, remaining, math.ceil(full_at - now), wait_s)

    def _remember(self, client: str, full_at: float) -> None:
        self._full_at[client] = full_at
        self._full_at.move_to_end(client)
        if len(self._full_at) > self._most_clients:
            self._full_at.popitem(last=False)


#: Parts of a request that adding up many small floats may be off by.
_ROUNDING: Final = 1e-6


class Limiters:
    """The limits in force, each with its buckets."""

    def __init__(self, limits: Limits, *, seconds: Seconds = time.monotonic) -> None:
        def limiter(policy: Policy | None) -> Limiter | None:
            return Limiter(policy, seconds=seconds) if policy else None

        self._session, self._address = limiter(limits.session), limiter(limits.address)
        self._sign_in = limiter(limits.sign_in)

    def count(self, *, address: str, session: str | None, signing_in: bool) -> Standing | None:
        """Count a request under the one limit that is meant for it; None when there is no such limit."""
        if signing_in:
            return self._sign_in.count(network(address)) if self._sign_in else None
        if session is not None:
            return self._session.count(session) if self._session else None
        return self._address.count(network(address)) if self._address else None


def network(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 that one customer of an IPv6 network is given."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:  # a test client's name, a socket's path
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
