"""What carries hints between processes: nothing but this process's memory, RabbitMQ, or Redis."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import dramatiq
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware, Retries, TimeLimit

from smartapp_workers.addresses import BadBroker, extra_of

#: A broker that does not answer must not hold a sender for long: what it would be told stands in the job table.
_PATIENCE: Final[Mapping[str, Mapping[str, str]]] = {
    "rabbitmq": {
        "connection_attempts": "1",
        "socket_timeout": "3",
        "stack_timeout": "5",
        "blocked_connection_timeout": "5",
        "heartbeat": "30",
    },
    "redis": {"socket_connect_timeout": "3", "socket_timeout": "5", "health_check_interval": "30"},
}
#: Dramatiq's default of a minute, looked for on one command in a thousand, leaves a dead worker's hints for minutes.
_REDIS_HEARTBEAT_MS: Final = 5_000
_REDIS_MAINTENANCE_PER_MILLION: Final = 100_000
_REDIS_NAMESPACE: Final = "smartapp"


def in_process_broker() -> StubBroker:
    """Return a broker that lives in this process's memory; what it holds is lost with it, the job table is not."""
    return StubBroker(middleware=_middleware())


def make_broker(url: str | None) -> dramatiq.Broker:
    """
    Return a broker for an address, the one in memory without any. Nothing is connected yet.

    Raises `BadBroker` when the address is wrong or the client it needs is not installed.
    """
    if not url:
        return in_process_broker()
    extra = extra_of(url)
    address = _patient(url, _PATIENCE[extra])
    try:
        return _rabbitmq(address) if extra == "rabbitmq" else _redis(address)
    except ValueError as error:
        raise BadBroker(f"has a parameter its client does not take: {error}") from error
    except ImportError as error:
        raise BadBroker(f"needs [{extra}]. Install it: pip install 'smartapp-connect[{extra}]'") from error


def _rabbitmq(url: str) -> dramatiq.Broker:
    from smartapp_workers.rabbitmq import OwnConnections  # noqa: PLC0415 - an extra

    return OwnConnections(url, _middleware())


def _redis(url: str) -> dramatiq.Broker:
    from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415 - an extra

    return RedisBroker(  # type: ignore[no-untyped-call]  # Dramatiq leaves this one without types
        url=url,
        middleware=_middleware(),
        namespace=_REDIS_NAMESPACE,
        heartbeat_timeout=_REDIS_HEARTBEAT_MS,
        maintenance_chance=_REDIS_MAINTENANCE_PER_MILLION,
    )


def _middleware() -> list[Middleware]:
    """Return what every broker shall do alike. `Retries` only knows the `max_retries=0` of our actor."""
    return [TimeLimit(), Retries()]


def _patient(url: str, defaults: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = {**defaults, **dict(parse_qsl(parts.query))}
    return parts._replace(query=urlencode(query)).geturl()
