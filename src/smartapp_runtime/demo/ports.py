"""The three ports of the demo: moved by variables, checked before anything starts."""

import socket
from collections.abc import Mapping

import attrs

from smartapp_runtime.demo.problems import DemoProblem

_LOOPBACK = "127.0.0.1"
_HIGHEST = 65535


@attrs.frozen
class DemoPorts:
    app: int
    procore: int
    stripe: int


def choose_ports(environment: Mapping[str, str]) -> DemoPorts:
    """Return free ports, or raise `DemoProblem` naming the variable to set; 0 takes any free one."""
    held: list[socket.socket] = []
    try:
        return DemoPorts(
            app=_port("SMARTAPP_PORT", 8000, environment, held),
            procore=_port("PROCORE_EMULATOR_PORT", 8010, environment, held),
            stripe=_port("STRIPE_EMULATOR_PORT", 8020, environment, held),
        )
    finally:
        for each in held:
            each.close()


def _port(variable: str, default: int, environment: Mapping[str, str], held: list[socket.socket]) -> int:
    given = environment.get(variable) or str(default)
    if not given.isascii() or not given.isdigit() or int(given) > _HIGHEST:
        raise DemoProblem(f"{variable} is {given!r}. Set it to a port from 1 to {_HIGHEST}, or 0 for any free one.")
    probe = socket.socket()
    held.append(probe)  # until all three are chosen, so that "any free one" is never the same twice
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((_LOOPBACK, int(given)))
        probe.listen()
    except OSError as error:
        raise DemoProblem(
            f"Port {given} is in use by another program. Stop that program, or set {variable} to another port "
            f"(0 takes any free one): {variable}=0 make demo"
        ) from error
    return int(probe.getsockname()[1])
