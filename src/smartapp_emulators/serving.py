"""Run an ASGI application on the loopback interface: blocking for the command line, in a thread for tests."""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import uvicorn

#: Emulators hold no secret worth protecting, and must never be reachable from another machine.
LOOPBACK = "127.0.0.1"

_START_TIMEOUT_S = 30.0


class PortTaken(OSError):
    """Another program listens on the wanted port."""


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def listen(port: int) -> socket.socket:
    """
    Bind the loopback interface.

    Args:
        port: The wanted port; 0 takes any free one.

    Raises:
        PortTaken: Somebody else has it.
    """
    # The protocol is named because asyncio turns off Nagle's delay (40 ms an answer) only on sockets that name it.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise PortTaken(f"Port {port} is in use by another program. Stop it, or choose another port.") from error
    return listener


def url_of(listener: socket.socket, host_name: str = "localhost") -> str:
    """Return the base URL of a bound socket, without a trailing slash."""
    return f"http://{host_name}:{listener.getsockname()[1]}"


def serve(
    app: Any,
    *,
    port: int,
    host_name: str = "localhost",
    on_ready: Callable[[str], None] = lambda _url: None,
) -> None:
    """
    Serve until interrupted.

    Args:
        app: An ASGI application.
        port: 0 for any free one.
        host_name: The name in the announced URL; the socket is always bound to 127.0.0.1.
        on_ready: Told the base URL once requests are answered.
    """
    listener = listen(port)
    base_url = url_of(listener, host_name)
    try:
        # Once it has shut down, the server raises the interrupt again; the command has ended as asked.
        with contextlib.suppress(KeyboardInterrupt):
            _Announcing(_config(app), lambda: on_ready(base_url)).run(sockets=[listener])
    finally:
        listener.close()


class ThreadedServer:
    """
    A server in a thread, for tests: `with ThreadedServer(app) as server: httpx.get(server.url)`.

    `url` is known before the start, so an application may be told its own address.
    """

    def __init__(self, app: Any = None, *, port: int = 0, host_name: str = "localhost") -> None:
        self.app = app
        self._listener = listen(port)
        self.url = url_of(self._listener, host_name)
        self._ready = threading.Event()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def start(self) -> Self:
        server = _Announcing(_config(self.app), self._ready.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [self._listener]}, daemon=True)
        thread.start()
        self._server, self._thread = server, thread
        if not self._ready.wait(_START_TIMEOUT_S):
            self.stop()
            raise RuntimeError(f"The server on {self.url} did not start.")
        return self

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
        self._listener.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


async def drop_connection(send: Any) -> None:
    """
    Cut the connection a request came in on, without a byte of answer.

    `send` is the callable the server itself gave to the outermost application: uvicorn's keeps its transport there.
    Without such a transport (an in-process client) the caller meets the same thing as an exception.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("The emulator dropped this connection on request.")
    transport.abort()
    await asyncio.sleep(0.01)  # lets the server notice, or it would report an unanswered request


def _config(app: Any) -> uvicorn.Config:
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        loop="asyncio",
        log_config=None,
        access_log=False,
        # The emulated clock writes `Date`; two of them would contradict each other.
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
