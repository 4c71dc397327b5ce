"""Start the emulator from a command line."""

from collections.abc import Sequence
from pathlib import Path

from smartapp_emulators.clock import MovableClock
from smartapp_emulators.procore.app import DEFAULT_SETUP_URL, create_app
from smartapp_emulators.procore.world import demo_world, load_world
from smartapp_emulators.serving import serve

DEFAULT_PORT = 8010


def main(
    port: int = DEFAULT_PORT,
    world: Path | None = None,
    state: Path | None = None,
    lenient: bool = False,  # noqa: FBT001, FBT002 - the order of the command line's options
    rate: tuple[int, int] | None = None,
    *,
    extra_redirect_uris: Sequence[str] = (),
    setup_url: str = DEFAULT_SETUP_URL,
    clock: Path | None = None,
) -> None:
    """
    Serve until interrupted.

    Args:
        port: 0 takes any free one; the address is printed.
        world: A world file; the demo world without one.
        state: Keeps everything in this file across restarts.
        lenient: See `create_app`.
        rate: See `create_app`.
        extra_redirect_uris: See `create_app`.
        setup_url: See `create_app`.
        clock: The clock file to share with other programs; a clock of its own without one.

    Raises:
        WorldError, StateFileError, ClockFileError, PortTaken: With a sentence fit for the command line.
    """
    app = create_app(
        load_world(world) if world is not None else demo_world(),
        lenient=lenient,
        rate=rate,
        state_file=state,
        extra_redirect_uris=extra_redirect_uris,
        setup_url=setup_url,
        clock=MovableClock(file=clock),
    )
    serve(app, port=port, on_ready=lambda url: print(f"Procore emulator on {url}", flush=True))  # noqa: T201 - output


def parse_rate(text: str) -> tuple[int, int]:
    """
    Read `HOURLY/SPIKE`, as in 600/25.

    Raises:
        ValueError: It is not two whole numbers above 0.
    """
    hourly, slash, spike = text.partition("/")
    if not slash or not hourly.isdigit() or not spike.isdigit() or min(int(hourly), int(spike)) < 1:
        raise ValueError(f"A rate is HOURLY/SPIKE, as in 600/25, not {text!r}.")
    return int(hourly), int(spike)
