"""Answers that arrive late, in pieces, in part, or as something else than they were."""

import asyncio
from typing import Any

import msgspec
from litestar.types import Message, Send

from smartapp_emulators.procore.shapes import body_of, default_shape
from smartapp_emulators.procore.state import Fault
from smartapp_emulators.serving import drop_connection

_FIRST_ERROR = 400
#: A dripping body takes this many pieces, however long it is.
_PIECES = 8


def mishandled(send: Send, fault: Fault) -> Send:
    """Return a way to send that does to an answer what the fault says."""
    if not (fault.late_s or fault.drip_s or fault.drop == "body"):
        return send
    gone = False

    async def told(message: Message) -> None:
        nonlocal gone
        if gone:
            return
        if message["type"] == "http.response.start":
            await asyncio.sleep(fault.late_s)
            await send(message)
        elif message["type"] == "http.response.body" and fault.drop == "body":
            body = message.get("body", b"")
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await asyncio.sleep(0)
            gone = True
            await drop_connection(send)
        elif message["type"] == "http.response.body" and fault.drip_s:
            await _drip(send, message, fault.drip_s)
        else:
            await send(message)

    return told


async def _drip(send: Send, message: Any, pause_s: float) -> None:
    body: bytes = message.get("body", b"")
    size = max(1, -(-len(body) // _PIECES))
    for start in range(0, len(body), size):
        await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
        await asyncio.sleep(pause_s)
    await send({"type": "http.response.body", "body": b"", "more_body": bool(message.get("more_body"))})


async def send_fault(send: Send, fault: Fault) -> None:
    """Send the status and body a fault asks for."""
    assert fault.status is not None
    media_type, body = _body(fault, fault.status)
    sent = {"content-length": str(len(body))} | ({"content-type": media_type} if media_type else {})
    sent.update({name.lower(): value for name, value in fault.headers.items()})
    headers = [(name.encode(), value.encode()) for name, value in sent.items()]
    start: Any = {"type": "http.response.start", "status": fault.status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _body(fault: Fault, status: int) -> tuple[str, bytes]:
    """Return what is sent: a JSON text goes out as plain text, so that any gateway can be played."""
    if isinstance(fault.body, str):
        return "application/json", fault.body.encode()
    if fault.body is not None:
        return "application/json", msgspec.json.encode(fault.body)
    if fault.shape is None and status < _FIRST_ERROR:
        return "application/json", b""
    return body_of(fault.shape or default_shape(status), status)
