"""The emulator as a program."""

from pathlib import Path

from smartapp_emulators.clock import MovableClock
from smartapp_emulators.serving import serve
from smartapp_emulators.stripe.app import create_app


def run(port: int, state: Path | None, clock: Path | None = None) -> None:
    """Serve until interrupted; print the address once requests are answered."""
    app = create_app(state_file=state, clock=MovableClock(file=clock))

    def announce(url: str) -> None:
        app.state.emulator.account.move_to(url)
        print(f"Stripe emulator on {url}", flush=True)  # noqa: T201 - the one line a program or a person waits for

    serve(app, port=port, on_ready=announce)
