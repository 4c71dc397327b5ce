"""RabbitMQ's broker, each of whose connections stays with the thread that made it."""

import logging
import threading
import time
from typing import Any, Final

import pika  # type: ignore[import-untyped]
from dramatiq import Broker, Middleware
from dramatiq.brokers.rabbitmq import RabbitmqBroker, _RabbitmqConsumer
from dramatiq.worker import ConsumerThread

_log: Final = logging.getLogger(__name__)
#: A consumer looks five times a second whether it shall end. One that takes longer waits for a server; so need not we.
_END_WITHIN_S: Final = 2.0


class OwnConnections(RabbitmqBroker):
    """
    Dramatiq's broker, but a thread's connection is closed by that thread, or once it has ended.

    A connection of pika bears one thread. Dramatiq closes all of them from the one that stops, while another may still
    open or read its own: now and then such a stop hung, or failed. What outlives `close` here ends with the process;
    RabbitMQ then hands out again what was not acknowledged.
    """

    def __init__(self, url: str, middleware: list[Middleware], *, end_within_s: float = _END_WITHIN_S) -> None:
        self._makers: dict[pika.BlockingConnection, threading.Thread] = {}
        self._end_within_s = end_within_s
        # Confirmed, because without it a hint written into a connection the server has closed is lost without a word.
        # Dramatiq declares queues and messages durable.
        super().__init__(url=url, middleware=[*middleware, _ClosesItsOwn()], confirm_delivery=True)

    @property
    def consumer_class(self) -> type["_Consumer"]:
        return _Consumer

    @property
    def connection(self) -> pika.BlockingConnection:
        """The connection of this thread."""
        made: pika.BlockingConnection = super().connection
        self._makers[made] = threading.current_thread()
        return made

    @connection.deleter
    def connection(self) -> None:
        self._makers.pop(getattr(self.state, "connection", None), None)
        RabbitmqBroker.connection.__delete__(self)  # type: ignore[attr-defined]  # taken for a method

    def close(self) -> None:
        """Close the connections of this thread and of those that have ended; the others get a moment to do so."""
        self._ignore_pika_logs()
        until = time.monotonic() + self._end_within_s
        for connection, maker in list(self._makers.items()):
            if not _ended(maker, until - time.monotonic()):
                _log.debug("Thread %s still uses its connection to RabbitMQ.", maker.name)
            elif connection.is_open:
                try:
                    connection.close()
                except Exception:  # noqa: BLE001 - lost, in one of many ways; it is the last we want of it
                    _log.debug("A connection to RabbitMQ could not be closed.", exc_info=True)


class _Consumer(_RabbitmqConsumer):
    def __init__(self, *given: Any, **named: Any) -> None:
        self._maker = threading.current_thread()
        super().__init__(*given, **named)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Close it, or let the thread that reads it do so at its end."""
        if self._maker is threading.current_thread():
            super().close()  # type: ignore[no-untyped-call]
        else:
            self._maker.join(_END_WITHIN_S)


class _ClosesItsOwn(Middleware):
    def before_consumer_thread_shutdown(self, broker: Broker, thread: ConsumerThread) -> None:
        assert isinstance(broker, OwnConnections)
        thread.close()
        del broker.connection


def _ended(thread: threading.Thread, within_s: float) -> bool:
    """Whether nobody but us can use what this thread made."""
    if thread is threading.current_thread():
        return True
    thread.join(max(0.0, within_s))
    return not thread.is_alive()
