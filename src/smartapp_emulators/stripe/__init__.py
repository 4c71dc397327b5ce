"""An emulator of the part of Stripe that sells subscriptions: API, pay page, webhooks, time. It refuses live keys."""

from pathlib import Path


def main(port: int = 8020, state: Path | None = None, clock: Path | None = None) -> None:
    """
    Serve the emulator on the loopback interface until interrupted.

    Args:
        port: 0 for any free one; the address is printed.
        state: File that keeps everything between runs; none keeps it in memory.
        clock: File of a business time shared with other programs; none keeps a clock of its own.

    Raises:
        ClockFileError, PortTaken: With a sentence fit for the command line.
    """
    from smartapp_emulators.stripe.server import run  # noqa: PLC0415 - importing the package must stay cheap

    run(port, state, clock)
