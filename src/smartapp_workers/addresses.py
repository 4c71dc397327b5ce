"""The addresses of brokers, checked without any broker's client."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

#: Which extra has the client of a scheme.
EXTRAS: Final[Mapping[str, str]] = {"amqp": "rabbitmq", "amqps": "rabbitmq", "redis": "redis", "rediss": "redis"}


class BadBroker(ValueError):
    """The address leads to no broker this installation can use; the sentence says why and never shows a password."""


def checked_address(url: str) -> str:
    """Return the address of a broker, or raise `BadBroker`."""
    parts = urlsplit(url)
    if parts.scheme not in EXTRAS:
        raise BadBroker("must begin with amqp://, amqps:// (RabbitMQ), redis:// or rediss:// (Redis)")
    if not parts.hostname:
        raise BadBroker("names no host; write amqp://USER:PASSWORD@HOST/VHOST or redis://HOST:PORT/NUMBER")
    try:
        parts.port  # noqa: B018 - to look is to check
    except ValueError as error:
        raise BadBroker("names a port that is no number from 0 to 65535") from error
    if EXTRAS[parts.scheme] == "redis" and not re.fullmatch(r"/?[0-9]*", parts.path):
        raise BadBroker("names a Redis database that is no number; write redis://HOST:PORT/NUMBER")
    return url


def extra_of(url: str) -> str:
    """Return the extra that has the client for this address: rabbitmq or redis."""
    return EXTRAS[urlsplit(checked_address(url)).scheme]
