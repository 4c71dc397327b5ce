"""What `serve` and `worker` have in common: settings, logging, signals, a clean end."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from smartapp_runtime import logs
from smartapp_runtime.hiding import secrets_of
from smartapp_runtime.parts.storage import telling_of_database
from smartapp_runtime.settings import Loaded, Settings, load
from smartapp_runtime.wiring import Parts, build
from smartapp_workers.pool import Workers

log = logging.getLogger(__name__)
_SIGNALED: Final = 128


@contextmanager
def running(
    adjust: Callable[[Settings], Settings] = lambda settings: settings, *, workers_here: bool
) -> Iterator[Parts]:
    """Build the parts, with logging configured and the database ready; give everything back at the end."""
    loaded = load(os.environ)
    logs.configure(loaded.settings.log_level, loaded.settings.log_format, secrets_of(loaded.settings))
    _tell_strangers(loaded)
    parts = build(adjust(loaded.settings), workers_here=workers_here)
    try:
        parts.prepare()
        yield parts
    finally:
        parts.close()


@contextmanager
def working(parts: Parts) -> Iterator[Workers]:
    """Let this process do jobs; what is under way at the end is finished or handed back."""
    workers = parts.workers()
    with telling_of_database():
        workers.start()
    try:
        yield workers
    finally:
        workers.close()


def told_to_stop() -> threading.Event:
    """
    Return what SIGTERM and Ctrl-C set from now on.

    The second one ends the process on the spot: whoever sends it does not want to wait for jobs, and loses nothing.
    """
    stop = threading.Event()

    def hear(number: int, _: object) -> None:
        if stop.is_set():
            os._exit(_SIGNALED + number)
        stop.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, hear)
    return stop


def _tell_strangers(loaded: Loaded) -> None:
    for sentence in loaded.unknown:
        log.warning("%s", sentence)
