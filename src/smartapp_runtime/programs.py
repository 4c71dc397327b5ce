"""What `serve` and `worker` have in common: settings, logging, signals, a clean end."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from smartapp_runtime import logs
from smartapp_runtime.settings import Loaded, Settings, load, secrets_of
from smartapp_runtime.wiring import Parts, build

log = logging.getLogger(__name__)


@contextmanager
def running(adjust: Callable[[Settings], Settings] = lambda settings: settings) -> Iterator[Parts]:
    """Build the parts, with logging configured and the database ready; give everything back at the end."""
    loaded = load(os.environ)
    logs.configure(loaded.settings.log_level, loaded.settings.log_format, secrets_of(loaded.settings))
    _tell_strangers(loaded)
    end_on_sigterm()
    parts = build(adjust(loaded.settings))
    try:
        parts.prepare()
        yield parts
    finally:
        parts.close()


def _tell_strangers(loaded: Loaded) -> None:
    for sentence in loaded.unknown:
        log.warning("%s", sentence)


def end_on_sigterm() -> None:
    """Leave through the `finally` blocks: by default this signal would end the process on the spot."""

    def leave(*_: object) -> NoReturn:
        sys.exit(0)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, leave)
