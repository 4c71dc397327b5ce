"""Workers that are told to stop leave each connection to the thread that uses it, and do not wait for it for ever."""

import logging
import threading
import time
from collections.abc import Callable

import pytest
from tests.servers.brokers import BrokerServer

from smartapp_domain.testing.memory import MemoryStorage
from smartapp_domain.testing.workbench import Workbench
from smartapp_workers.brokers import make_broker
from smartapp_workers.pool import Pace, Workers
from smartapp_workers.rabbitmq import OwnConnections

pytestmark = pytest.mark.contract
#: From before the consumers have a connection until after they read from it.
MOMENTS_S = (0, 0.005, 0.01, 0.02, 0.04) * 5
with_a_server = pytest.mark.parametrize("broker_url", ["rabbitmq", "redis"], indirect=True)


def in_time(do: Callable[[], object]) -> bool:
    """Whether this ends at all."""
    doing = threading.Thread(target=do, daemon=True)
    doing.start()
    doing.join(60)
    return not doing.is_alive()


@with_a_server
def test_workers_may_be_told_to_stop_at_any_moment_of_their_start(
    broker_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    def start_and_stop(moment_s: float) -> None:
        broker = make_broker(broker_url)
        workers = Workers(broker, Workbench.of(MemoryStorage()).ports, Pace(stop_within_s=0))
        workers.start()
        time.sleep(moment_s)
        workers.close()
        broker.close()
        ended.append(moment_s)

    ended: list[float] = []
    assert in_time(lambda: [start_and_stop(each) for each in MOMENTS_S])

    assert tuple(ended) == MOMENTS_S
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == []


def test_a_connection_that_another_thread_uses_is_not_closed_under_it(rabbitmq_server: BrokerServer) -> None:
    broker = OwnConnections(rabbitmq_server.url, [], end_within_s=0)
    made, done = threading.Event(), threading.Event()

    def use() -> None:
        assert broker.channel.is_open
        made.set()
        assert done.wait(60)

    user = threading.Thread(target=use)
    user.start()
    assert made.wait(60)
    [connection] = broker.connections

    broker.close()
    was_left = connection.is_open
    done.set()
    user.join()
    broker.close()

    assert (was_left, connection.is_open) == (True, False)
