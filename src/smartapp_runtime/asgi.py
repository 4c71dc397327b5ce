"""The web server: our application on uvicorn."""

import socket
import threading
from collections.abc import Callable

import uvicorn

from smartapp_http.app import create_app
from smartapp_runtime.wiring import Parts


class PortTaken(OSError):
    """Another program listens there."""


def listen(host: str, port: int) -> socket.socket:
    """Bind an address, or raise `PortTaken`; port 0 takes any free one."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"{host}:{port} cannot be listened on: {error.strerror}. "
            "Stop the program that uses it, or set SMARTAPP_PORT (or SMARTAPP_HOST) to another one."
        ) from error
    return listener


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None], stop: threading.Event) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._stop = stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._stop.is_set():  # asked before uvicorn listened to signals
            self.should_exit = True
        elif self.started:
            self._on_ready()


def serve(parts: Parts, listener: socket.socket, on_ready: Callable[[], None], stop: threading.Event) -> bool:
    """
    Serve until interrupted, or not at all when `stop` is set already; False when it did not come to that.

    No access log of uvicorn's: it would write the query of the sign-in return address, which holds a code.
    """
    config = uvicorn.Config(
        create_app(parts.ports, parts.http, clock_control=parts.clock_control),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(parts.settings.trusted_proxies),
        forwarded_allow_ips=parts.settings.trusted_proxies,
        timeout_graceful_shutdown=5,
    )
    server = _Announcing(config, on_ready, stop)
    server.run(sockets=[listener])
    return server.started or stop.is_set()
