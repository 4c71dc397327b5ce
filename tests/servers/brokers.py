"""RabbitMQ and Redis for tests: one private server of each per session, emptied for each test that asks for it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import attrs
import pika
import pika.exceptions
import pytest
import redis

from tests.servers.private import dying_with_us, free_port, missing, stop

GIVEN_RABBITMQ = "SMARTAPP_TEST_RABBITMQ"
GIVEN_REDIS = "SMARTAPP_TEST_REDIS"
_START_WITHIN_S = 90
_QUEUES = ("jobs", "jobs.DQ", "jobs.XQ")


@attrs.frozen
class BrokerServer:
    """
    A running server.

    Attributes:
        url: As `SMARTAPP_BROKER` takes it.
        empty: Drops every message it holds.

    """

    url: str
    empty: Callable[[], None]


@pytest.fixture(scope="session")
def _redis() -> Iterator[BrokerServer]:
    with ExitStack() as stack:
        url = os.environ.get(GIVEN_REDIS) or stack.enter_context(_private_redis())
        client = stack.enter_context(redis.Redis.from_url(url))
        yield BrokerServer(url, client.flushdb)


@pytest.fixture
def redis_server(_redis: BrokerServer) -> BrokerServer:
    """Return an empty Redis; one named by SMARTAPP_TEST_REDIS loses what its database holds."""
    _redis.empty()
    return _redis


@pytest.fixture(scope="session")
def _rabbitmq() -> Iterator[BrokerServer]:
    with ExitStack() as stack:
        url = os.environ.get(GIVEN_RABBITMQ) or stack.enter_context(_private_rabbitmq())
        yield BrokerServer(url, lambda: _delete_queues(url))


@pytest.fixture
def rabbitmq_server(_rabbitmq: BrokerServer) -> BrokerServer:
    """Return a RabbitMQ without our queues."""
    _rabbitmq.empty()
    return _rabbitmq


def _delete_queues(url: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        for queue in _QUEUES:
            channel.queue_delete(queue)  # unknown ones are fine


@contextmanager
def _private_redis() -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        missing("Redis", f"apt-get install redis-server, or set {GIVEN_REDIS} to redis://HOST:PORT/NUMBER.")
    port = free_port()
    options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
    with _folder("redis", "redis") as folder, _program([program, *options], folder, "redis") as server:
        with redis.Redis(port=port) as client:
            _await(client.ping, redis.ConnectionError, server, folder)
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def _private_rabbitmq() -> Iterator[str]:
    program, epmd = Path("/usr/lib/rabbitmq/bin/rabbitmq-server"), shutil.which("epmd")
    if not program.exists() or epmd is None:
        missing("RabbitMQ", f"apt-get install rabbitmq-server, or set {GIVEN_RABBITMQ} to amqp://USER:PASSWORD@HOST/.")
    port, names, talk = free_port(), free_port(), free_port()
    with _folder("rabbitmq", "rabbitmq") as folder:
        (folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{port}\n"
            "distribution.listener.interface = 127.0.0.1\n"
            "log.console.level = error\n"
        )
        environment = {
            "HOME": str(folder),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(names),
            "RABBITMQ_DIST_PORT": str(talk),
            "RABBITMQ_NODENAME": f"test{port}@localhost",
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "logs"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "none"),
        }
        # Erlang would start its own name server, which outlives everything; ours ends with us.
        name_server = [epmd, "-port", str(names), "-address", "127.0.0.1"]
        url = f"amqp://guest:guest@127.0.0.1:{port}/"
        with (
            _program(name_server, folder, "rabbitmq", environment),
            _program([str(program)], folder, "rabbitmq", environment) as server,
        ):
            refused = (pika.exceptions.AMQPConnectionError, OSError)
            _await(lambda: pika.BlockingConnection(pika.URLParameters(url)).close(), refused, server, folder)
            yield url


@contextmanager
def _folder(name: str, user: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f"smartapp-{name}-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, user, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # what a server that ends writes last may still appear


@contextmanager
def _program(
    command: list[str], folder: Path, user: str, environment: dict[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    with (folder / "log").open("ab") as told:
        process = subprocess.Popen(
            dying_with_us(command, user=user), cwd=folder, stdout=told, stderr=told, env=environment
        )
    try:
        yield process
    finally:
        stop(process, signal.SIGTERM)


def _await(
    answers: Callable[[], object],
    refused: type[Exception] | tuple[type[Exception], ...],
    server: "subprocess.Popen[bytes]",
    folder: Path,
) -> None:
    given_up = time.monotonic() + _START_WITHIN_S
    while server.poll() is None and time.monotonic() < given_up:
        try:
            answers()
        except refused:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{server.args!r} did not start:\n{(folder / 'log').read_text()}")
