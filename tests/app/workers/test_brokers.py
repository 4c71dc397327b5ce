"""Addresses of brokers, and what is made of them."""

import builtins
from typing import Any

import pytest
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker

from smartapp_workers.brokers import BadBroker, make_broker


def test_without_an_address_hints_stay_in_the_process() -> None:
    assert isinstance(make_broker(None), StubBroker)


def test_rabbitmq_confirms_and_is_not_waited_for_long() -> None:
    broker = make_broker("amqp://app:secret@mq.example.com:5671/smartapp")

    assert isinstance(broker, RabbitmqBroker)
    assert broker.confirm_delivery
    assert (broker.parameters.host, broker.parameters.virtual_host) == ("mq.example.com", "smartapp")
    assert (broker.parameters.connection_attempts, broker.parameters.socket_timeout) == (1, 3)


def test_an_address_may_say_how_long_to_wait() -> None:
    broker = make_broker("amqp://mq.example.com/?socket_timeout=9")

    assert isinstance(broker, RabbitmqBroker)
    assert (broker.parameters.socket_timeout, broker.parameters.stack_timeout) == (9, 5)


def test_redis_notices_a_dead_worker_within_seconds() -> None:
    broker = make_broker("redis://:secret@cache.example.com:6380/3")

    assert isinstance(broker, RedisBroker)
    assert broker.heartbeat_timeout == 5_000
    assert broker.maintenance_chance == 100_000
    given = broker.client.connection_pool.connection_kwargs
    assert (given["host"], given["port"], given["db"], given["socket_connect_timeout"]) == (
        "cache.example.com",
        6380,
        3,
        3.0,
    )


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("kafka://mq.example.com", "must begin with amqp://"),
        ("mq.example.com", "must begin with amqp://"),
        ("amqp:///smartapp", "names no host"),
        ("redis://", "names no host"),
        ("redis://localhost:abc/0", "port that is no number"),
        ("redis://localhost/nine", "database that is no number"),
        ("redis://localhost/0?socket_timeout=abc", "parameter its client does not take"),
        ("amqp://localhost/?heartbeat=abc", "parameter its client does not take"),
        ("amqp://localhost/?heartbeat=-1", "parameter its client does not take"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_in_words(address: str, told: str) -> None:
    with pytest.raises(BadBroker, match=told):
        make_broker(address)


@pytest.mark.parametrize(("address", "client"), [("amqp://mq/", "pika"), ("redis://mq/", "redis")])
def test_a_client_that_is_not_installed_is_named_with_its_extra(
    address: str, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = "rabbitmq" if client == "pika" else "redis"
    found = builtins.__import__

    def without(name: str, *args: Any, **named: Any) -> Any:
        if name in (f"dramatiq.brokers.{extra}", f"smartapp_workers.{extra}"):
            raise ModuleNotFoundError(f"No module named {client!r}")
        return found(name, *args, **named)

    monkeypatch.setattr(builtins, "__import__", without)

    with pytest.raises(BadBroker, match=rf"pip install 'smartapp-connect\[{extra}\]'"):
        make_broker(address)
