"""Workers inside the web process: the small installation on SQLite needs no broker and no second program."""

from datetime import timedelta

import attrs
import dramatiq
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Retries, ShutdownNotifications, TimeLimit
from dramatiq.worker import Worker

from smartapp_domain.ports import Ports
from smartapp_workers.actors import TIME_LIMIT_MS, declare_actors
from smartapp_workers.hints import DramatiqHints
from smartapp_workers.leases import LeaseKeeper
from smartapp_workers.sweeper import Sweeper

_POLL_MS = 200
_CLOSE_WITHIN_MS = 10_000


def in_process_broker() -> StubBroker:
    """
    Return a broker that lives in this process's memory; what it holds is lost with it, the job table is not.

    `Retries` is there only because actors say `max_retries=0`, which every broker then understands alike.
    """
    return StubBroker(middleware=[TimeLimit(), ShutdownNotifications(), Retries()])


@attrs.define
class EmbeddedWorkers:
    """Worker threads and a sweeper on one broker, from `start` to `close`. Can be started once."""

    broker: dramatiq.Broker
    ports: Ports
    threads: int = 4
    sweep_every_s: float = 1.0
    _worker: Worker | None = attrs.field(init=False, default=None)
    _sweeper: Sweeper | None = attrs.field(init=False, default=None)
    _keeper: LeaseKeeper | None = attrs.field(init=False, default=None)

    def start(self) -> None:
        self._keeper = LeaseKeeper(self.ports, limit=timedelta(milliseconds=TIME_LIMIT_MS))
        self._keeper.start()
        declare_actors(self.broker, self.ports, self._keeper.holding)
        # Dramatiq's own command line emits this; embedded, time limits would silently never fire without it.
        self.broker.emit_after("process_boot")
        self._worker = Worker(self.broker, worker_threads=self.threads, worker_timeout=_POLL_MS)
        self._worker.start()
        self._sweeper = Sweeper(self.ports, DramatiqHints(self.broker), every_s=self.sweep_every_s)
        self._sweeper.start()

    def close(self) -> None:
        """Finish what is under way, within ten seconds; what is cut off runs again when its lease is over."""
        if self._sweeper is not None:
            self._sweeper.close()
        if self._worker is not None:
            self._worker.stop(timeout=_CLOSE_WITHIN_MS)
        if self._keeper is not None:
            self._keeper.close()
        self.broker.close()
